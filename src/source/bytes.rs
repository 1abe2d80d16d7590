//! Opens one file as bytes: a memory map where that works, else a copy of its content.

use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;

use memmap2::{Mmap, UncheckedAdvice};

use super::find::LogFile;
use super::spool::spool;

/// How the bytes of plain files are reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Access {
    /// Map the file. A file that another process truncates meanwhile ends the program.
    #[default]
    Map,
    /// Copy the file first.
    Read,
}

/// The bytes of one log, uncompressed.
#[derive(Debug)]
pub struct Source {
    data: Data,
    /// Why the bytes end before the file does: a damaged or cut-off compressed file.
    fault: Option<io::Error>,
}

/// Bytes in a map or in memory.
#[derive(Debug)]
pub(super) enum Data {
    Mapped(Mmap),
    Owned(Vec<u8>),
}

const GZIP_MAGIC: &[u8] = &[0x1f, 0x8b];
const ZSTD_MAGIC: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];

impl Source {
    /// Opens a log. Files that hold gzip or zstd, whatever their names, are decompressed; what can
    /// be had of a damaged one is kept, with its [`fault`](Self::fault).
    ///
    /// What can't be mapped as it is (standard input, pipes, what was compressed) is copied: into
    /// memory if it is small, else into a temporary file.
    pub fn open(log: &LogFile, access: Access) -> io::Result<Self> {
        let Some(path) = log.path() else {
            return Self::copied(io::stdin().lock());
        };
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        // An empty file can't be mapped, and a pipe has no size.
        let can_map = access == Access::Map && metadata.is_file() && metadata.len() > 0;
        // Some file systems have no maps.
        match can_map.then(|| map(&file)) {
            Some(Ok(map)) => Self::from_stored(Data::Mapped(map)),
            Some(Err(_)) | None => Self::copied(file),
        }
    }

    /// The bytes, from the first to the last that could be had.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.data.bytes()
    }

    /// Why the bytes end before the file does, if they do.
    #[must_use]
    pub fn fault(&self) -> Option<&io::Error> {
        self.fault.as_ref()
    }

    /// Lets the system take these bytes out of memory until they are used again.
    #[expect(
        unsafe_code,
        reason = "advice that drops pages is for the caller to vouch for"
    )]
    pub fn release(&self, range: Range<usize>) {
        if let Data::Mapped(map) = &self.data {
            // SAFETY: nothing writes through the map, so that what is dropped is in the file.
            let advised = unsafe {
                map.unchecked_advise_range(UncheckedAdvice::DontNeed, range.start, range.len())
            };
            // Memory stays in use then, and all else works.
            drop(advised);
        }
    }

    fn copied(mut reader: impl Read) -> io::Result<Self> {
        let (data, fault) = spool(&mut reader);
        match fault {
            Some(fault) => Err(fault),
            None => Self::from_stored(data),
        }
    }

    fn from_stored(data: Data) -> io::Result<Self> {
        let stored = data.bytes();
        let (data, fault) = if stored.starts_with(GZIP_MAGIC) {
            spool(&mut flate2::read::MultiGzDecoder::new(stored))
        } else if stored.starts_with(ZSTD_MAGIC) {
            spool(&mut zstd::stream::read::Decoder::with_buffer(stored)?)
        } else {
            (data, None)
        };
        Ok(Self { data, fault })
    }
}

impl Data {
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Mapped(map) => map,
            Self::Owned(content) => content,
        }
    }
}

#[expect(
    unsafe_code,
    reason = "a map is the only way to read a file without a copy of it"
)]
pub(super) fn map(file: &File) -> io::Result<Mmap> {
    // SAFETY: The map is private to this process and read-only. Its bytes may change under us when
    // another process writes into the file, which Rust's rules forbid; Zato only appends to a log
    // and rotates it by renaming, so bytes that were there at this moment stay as they are. A file
    // that is truncated all the same ends the process with SIGBUS: the README and `--no-mmap` tell
    // users so.
    unsafe { Mmap::map(file) }
}
