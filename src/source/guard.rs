//! Maps files so that the program lives on where another one truncates them.
//!
//! Who reads a mapped page that is no longer in its file gets `SIGBUS`, which ends a program. Here
//! such a page is replaced by zeros, and [`GuardedMap::lost`] tells that it was. Zeros are
//! text, and no record: what stood before them is read as ever.

use std::fs::File;
use std::io;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use memmap2::Mmap;

use super::identity::Identity;

#[cfg(unix)]
use super::watch::{self, Watch};

/// What another program has done to a file while it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// It was truncated: only what stood before this byte was surely read.
    Behind(usize),
    /// It was truncated and written anew: what was read may be of both.
    WrittenAnew,
    /// It was written to, and is no longer than it was: what was read may be of both.
    WrittenInto,
}

/// The path of a mapped log that has been written to since it was mapped, with nothing in it that a
/// terminal obeys. Servers append to their logs: that something was written is no fault by itself.
#[must_use]
pub fn changed_map() -> Option<&'static str> {
    #[cfg(unix)]
    return watch::changed_map();
    #[cfg(not(unix))]
    None
}

/// Has a fault of memory, while a mapped log is one that was changed, end the program: with this exit
/// status, and `error: `, the log's path and these words as a line on standard error, since nothing can
/// be given back from there.
#[cfg_attr(
    not(unix),
    expect(unused_variables, reason = "there are no signals there")
)]
pub fn end_on_changed_map(words: &'static str, status: u8) {
    #[cfg(unix)]
    watch::end_on_changed_map(words, status);
}

/// A map of a file whose pages may be lost.
#[derive(Debug)]
pub(super) struct GuardedMap {
    /// It ends before the pages are given back, as what stands first is dropped first.
    #[cfg(unix)]
    watch: Watch,
    map: Mmap,
    file: Option<Known>,
    /// What it started with.
    head: Vec<u8>,
}

/// Where a file was, and what it was when it was mapped.
#[derive(Debug)]
struct Known {
    path: PathBuf,
    identity: Identity,
    /// `None` where the system does not tell.
    modified: Option<SystemTime>,
}

/// How much of a file's start is remembered, in bytes: no two times of records are alike in it.
const HEAD: usize = 256;

impl GuardedMap {
    /// Maps a file. `path` is where it was found, if anybody else can find it.
    #[expect(
        unsafe_code,
        reason = "a map is the only way to read a file without a copy of it"
    )]
    pub(super) fn new(file: &File, path: Option<&Path>) -> io::Result<Self> {
        // SAFETY: The map is read-only. Of a file without a name nobody else can change the bytes.
        // Those of a log may change under us when another process writes into the file, which
        // Rust's rules forbid; Zato only appends to a log and rotates it by renaming, so bytes that
        // were there at this moment stay as they are. What is truncated all the same becomes zeros,
        // which are valid in any text.
        let map = unsafe { Mmap::map(file) }?;
        // What was appended before now is in the map, or makes the file longer than it.
        let metadata = path.zip(file.metadata().ok());
        Ok(Self {
            #[cfg(unix)]
            watch: Watch::start(&map, file, path),
            head: map[..map.len().min(HEAD)].to_vec(),
            map,
            file: metadata.map(|(path, metadata)| Known {
                path: path.to_owned(),
                identity: Identity::of(&metadata),
                modified: metadata.modified().ok(),
            }),
        })
    }

    /// What of the file is lost: its end when it was found to be shorter than it was when it was
    /// mapped, for what stood behind may have been read as zeros; or what stood anywhere in it.
    pub(super) fn lost(&self) -> Option<Lost> {
        let now = self.file.as_ref().and_then(|known| {
            let metadata = known.path.metadata().ok()?;
            // After a rotation another file is there.
            let is_same = Identity::of(&metadata) == known.identity;
            is_same.then(|| (metadata.len(), metadata.modified().ok() != known.modified))
        });
        let length = now.map(|(length, _)| usize::try_from(length).unwrap_or(usize::MAX));
        let end = length.filter(|&end| end < self.map.len());
        #[cfg(unix)]
        let end = end.into_iter().chain(self.watch.lost_from()).min();
        if let Some(end) = end {
            return Some(Lost::Behind(end));
        }
        if self.map[..self.head.len()] != self.head {
            return Some(Lost::WrittenAnew);
        }
        // Whoever appends makes it longer.
        let is_changed = now.is_some_and(|(_, is_newer)| is_newer);
        (is_changed && length == Some(self.map.len())).then_some(Lost::WrittenInto)
    }

    pub(super) fn map(&self) -> &Mmap {
        &self.map
    }
}

impl Deref for GuardedMap {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.map
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs::{self, FileTimes};

    use super::*;

    #[test]
    fn what_is_truncated_reads_as_zeros_and_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("admin.log");
        let size = 1 << 20;
        fs::write(&path, vec![b'x'; size]).unwrap();
        let file = File::options().read(true).write(true).open(&path).unwrap();
        let whole = GuardedMap::new(&file, Some(&path)).unwrap();
        let unnamed = GuardedMap::new(&file, None).unwrap();
        assert_eq!((whole[size - 1], whole.lost()), (b'x', None));
        file.set_len(100_000).unwrap();
        assert_eq!(whole.lost(), Some(Lost::Behind(100_000)));
        assert_eq!(unnamed.lost(), None);
        for map in [&whole, &unnamed] {
            assert_eq!((map[99_999], map[size - 1], map[size / 2]), (b'x', 0, 0));
            assert!(map[..100_000].iter().all(|byte| *byte == b'x'));
            assert!(map[100_000..].iter().all(|byte| *byte == 0));
        }
        assert_eq!(whole.lost(), Some(Lost::Behind(100_000)));
        // It was asked for the last page first, and for the first page that is gone later.
        assert!(matches!(
            unnamed.lost(),
            Some(Lost::Behind(100_000..175_536))
        ));
        drop(whole);
        // What was used for it is used for another map.
        fs::write(&path, vec![b'y'; size]).unwrap();
        let other = GuardedMap::new(&File::open(&path).unwrap(), Some(&path)).unwrap();
        assert_eq!((other[size - 1], other.lost()), (b'y', None));
    }

    #[test]
    fn a_file_that_was_written_anew_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("admin.log");
        fs::write(&path, vec![b'x'; 10_000]).unwrap();
        let map = GuardedMap::new(&File::open(&path).unwrap(), Some(&path)).unwrap();
        fs::write(&path, vec![b'y'; 20_000]).unwrap();
        assert_eq!(map.lost(), Some(Lost::WrittenAnew));
    }

    #[test]
    fn a_file_that_was_written_into_is_told_and_one_that_grew_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("admin.log");
        fs::write(&path, vec![b'x'; 10_000]).unwrap();
        let file = File::options().read(true).write(true).open(&path).unwrap();
        let map = GuardedMap::new(&file, Some(&path)).unwrap();
        let other = FileTimes::new().set_modified(SystemTime::UNIX_EPOCH);
        file.set_times(other).unwrap();
        assert_eq!(map.lost(), Some(Lost::WrittenInto));
        file.set_len(10_001).unwrap();
        assert_eq!(map.lost(), None);
    }

    #[test]
    fn a_file_that_was_renamed_is_not_taken_for_its_successor() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("admin.log");
        fs::write(&path, vec![b'x'; 10_000]).unwrap();
        let map = GuardedMap::new(&File::open(&path).unwrap(), Some(&path)).unwrap();
        fs::rename(&path, folder.path().join("admin.log.1")).unwrap();
        fs::write(&path, "short").unwrap();
        assert_eq!(map.lost(), None);
    }
}
