//! Copies what can only be read from start to end to where it can be read as bytes: into memory
//! while it is small, then into a temporary file, so that memory does not grow with it.

use std::fs::File;
use std::io::{self, Read, Seek as _, Write as _};
use std::sync::Arc;

use super::bytes::Data;
use super::guard::GuardedMap;

/// How many bytes are kept in memory.
const IN_MEMORY: usize = 4 << 20;

/// How many bytes are read at a time: what a core's cache holds.
const STEP: usize = 1 << 18;

/// Reads all that `reader` gives. An error ends it, and what came before is kept.
pub(super) fn spool(reader: &mut impl Read) -> (Data, Option<io::Error>) {
    let mut content = Vec::new();
    let fault = reader
        .by_ref()
        .take(IN_MEMORY as u64)
        .read_to_end(&mut content)
        .err();
    if fault.is_some() || content.len() < IN_MEMORY {
        return (Data::Owned(content), fault);
    }
    let (mut file, fault) = match spool_into_file(content, reader) {
        Ok((file, fault)) => (file, fault),
        // No room on the disk: memory has to do.
        Err(mut content) => {
            let fault = reader.read_to_end(&mut content).err();
            return (Data::Owned(content), fault);
        }
    };
    if let Ok(map) = GuardedMap::new(&file, None) {
        (Data::Mapped(Arc::new(map)), fault)
    } else {
        let mut content = Vec::new();
        let read_again = file.rewind().and_then(|()| file.read_to_end(&mut content));
        (Data::Owned(content), fault.or(read_again.err()))
    }
}

/// Writes `content` and what `reader` gives into a file that nobody else can open. Where no file
/// can be written, gives back what has been read.
fn spool_into_file(
    mut content: Vec<u8>,
    reader: &mut impl Read,
) -> Result<(File, Option<io::Error>), Vec<u8>> {
    let Ok(mut file) = tempfile::tempfile() else {
        return Err(content);
    };
    let mut in_file = 0;
    let mut fault = None;
    while !content.is_empty() {
        if file.write_all(&content).is_err() {
            let mut all = Vec::new();
            let read_back = file
                .rewind()
                .and_then(|()| (&file).take(in_file).read_to_end(&mut all));
            if let Err(error) = read_back {
                return Ok((file, Some(error)));
            }
            all.append(&mut content);
            return Err(all);
        }
        in_file += content.len() as u64;
        content.clear();
        fault = reader
            .by_ref()
            .take(STEP as u64)
            .read_to_end(&mut content)
            .err();
        if fault.is_some() {
            break;
        }
    }
    let written = file.write_all(&content);
    Ok((file, fault.or(written.err())))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives so many bytes, then an error.
    struct Broken(usize);

    impl Read for Broken {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let length = self.0.min(buffer.len());
            self.0 -= length;
            buffer[..length].fill(b'x');
            if length == 0 {
                return Err(io::Error::other("broken"));
            }
            Ok(length)
        }
    }

    #[test]
    fn all_bytes_are_kept_in_memory_and_in_a_file() {
        for length in [
            0,
            1,
            IN_MEMORY - 1,
            IN_MEMORY,
            IN_MEMORY + 1,
            IN_MEMORY + 3 * STEP + 5,
        ] {
            let bytes: Vec<u8> = (0..=250).cycle().take(length).collect();
            let (data, fault) = spool(&mut &bytes[..]);
            assert!(fault.is_none());
            assert!(data.bytes() == bytes, "{length}");
            assert_eq!(matches!(data, Data::Mapped(_)), length >= IN_MEMORY);
        }
    }

    #[test]
    fn what_comes_before_an_error_is_kept() {
        for length in [0, 5, IN_MEMORY, IN_MEMORY + STEP + 5] {
            let (data, fault) = spool(&mut Broken(length));
            assert_eq!(data.bytes().len(), length);
            assert_eq!(fault.unwrap().to_string(), "broken");
        }
    }
}
