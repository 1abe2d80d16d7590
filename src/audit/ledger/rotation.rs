//! Tells which files of a rotated log are missing: `admin.log.1` and `admin.log.3` without
//! `admin.log.2`.

use std::collections::{BTreeMap, BTreeSet};

use super::FileEntry;

/// The files that should stand between others, or before the oldest, and are not there.
pub(super) fn missing(files: &[&str]) -> Vec<String> {
    let mut by_log: BTreeMap<&str, BTreeSet<u32>> = BTreeMap::new();
    for file in files {
        let (log, index) = split(file);
        by_log.entry(log).or_default().insert(index);
    }
    let mut missing = Vec::new();
    for (log, indexes) in by_log {
        let (Some(first), Some(last)) = (indexes.first(), indexes.last()) else {
            continue;
        };
        // Zato keeps ten: a name with a greater number is another's, such as a date.
        let range = *first..(*last).min(first.saturating_add(MOST_FILES));
        let absent = range.filter(|index| !indexes.contains(index));
        missing.extend(absent.map(|index| format!("{log}.{index}")));
    }
    missing
}

const MOST_FILES: u32 = 1_000;

/// Whether the file that was written next to this one is missing.
pub(super) fn is_followed_by_gap(files: &[FileEntry], number: usize) -> bool {
    let Some(file) = files.get(number) else {
        return false;
    };
    let (log, index) = split(&file.file);
    match files.get(number + 1) {
        Some(next) => {
            let (next_log, next_index) = split(&next.file);
            log == next_log && next_index + 1 < index
        }
        None => index > 0,
    }
}

/// The log that a file is of, and its number: `admin.log` is 0.
fn split(file: &str) -> (&str, u32) {
    let plain = [".gz", ".zst"]
        .iter()
        .find_map(|suffix| file.strip_suffix(suffix));
    let plain = plain.unwrap_or(file);
    let index = |(log, index)| -> Option<(&str, u32)> {
        let index: &str = index;
        Some((log, index.parse().ok()?))
    };
    plain.rsplit_once('.').and_then(index).unwrap_or((plain, 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_between_others_is_missed() {
        for (files, expected) in [
            (
                vec!["a/admin.log.3.gz", "a/admin.log.1", "a/admin.log"],
                vec!["a/admin.log.2"],
            ),
            (vec!["a/admin.log.1", "a/admin.log"], vec![]),
            (vec!["a/admin.log.2", "a/admin.log"], vec!["a/admin.log.1"]),
            (vec!["admin.log.2"], vec![]),
            (vec!["-"], vec![]),
        ] {
            assert_eq!(missing(&files), expected, "{files:?}");
        }
    }
}
