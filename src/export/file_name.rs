//! Makes file names of services' names, which may hold anything.

use std::collections::HashMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use xxhash_rust::xxh3::xxh3_64;

/// The longest name that is used as it is, in bytes: file systems take 255, and an ending follows.
const LONGEST: usize = 160;

/// What a file name does not hold as it is.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');

/// Gives each service a file name of its own, on any file system.
#[derive(Debug, Default)]
pub struct FileNames {
    taken: HashMap<String, String>,
}

impl FileNames {
    /// Keeps a file name from all services.
    pub(super) fn reserve(&mut self, stem: &str) {
        // No service whose name is empty gets here: such a name is hashed.
        self.taken.insert(stem.to_lowercase(), String::new());
    }

    /// Returns a file name without its ending. What is no letter, digit, `.`, `-` or `_` is
    /// percent-encoded, and so is the first letter of a device's name; a name that is too long, or that differs from another one only in the case
    /// of its letters, gets a hash.
    pub fn stem(&mut self, service: &str) -> String {
        let mut stem = utf8_percent_encode(service, ENCODED).to_string();
        if stem.starts_with('.') {
            stem.replace_range(..1, "%2E");
        }
        if is_reserved(&stem) {
            let first = format!("%{:02X}", stem.as_bytes()[0]);
            stem.replace_range(..1, &first);
        }
        if stem.len() > LONGEST || stem.is_empty() {
            stem.truncate(LONGEST);
            stem = hashed(&stem, service);
        }
        let holder = self
            .taken
            .entry(stem.to_lowercase())
            .or_insert_with(|| service.to_owned());
        if holder == service {
            stem
        } else {
            hashed(&stem, service)
        }
    }
}

fn hashed(stem: &str, service: &str) -> String {
    format!("{stem}~{:016x}", xxh3_64(service.as_bytes()))
}

/// The names of devices on Windows, which no file can have there, whatever its ending.
fn is_reserved(stem: &str) -> bool {
    let base = stem
        .split('.')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let is_port = |device: &str| {
        base.strip_prefix(device)
            .is_some_and(|number| number.len() == 1 && number != "0")
    };
    matches!(base.as_str(), "con" | "prn" | "aux" | "nul") || is_port("com") || is_port("lpt")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_service_leaves_its_folder_or_takes_the_file_of_another() {
        let mut names = FileNames::default();
        assert_eq!(
            names.stem("zato.http-soap.get-list"),
            "zato.http-soap.get-list"
        );
        assert_eq!(names.stem("../../x"), "%2E.%2F..%2Fx");
        assert_eq!(names.stem("a b\0"), "a%20b%00");
        // Windows takes these for devices, whatever stands behind a dot.
        assert_eq!(names.stem("nul"), "%6Eul");
        assert_eq!(names.stem("COM1.txt"), "%43OM1.txt");
        assert_eq!(names.stem("").len(), "~0123456789abcdef".len());
        assert_eq!(names.stem("a.b"), "a.b");
        assert_eq!(names.stem("a.b"), "a.b");
        assert!(names.stem("A.b").starts_with("A.b~"));
        assert!(names.stem(&"x".repeat(300)).len() < 200);
        names.reserve("index");
        assert!(names.stem("Index").starts_with("Index~"));
    }
}
