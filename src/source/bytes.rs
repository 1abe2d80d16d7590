//! Opens one file as bytes: a memory map where that works, else a copy of its content.

use std::fs::{self, File};
use std::io::{self, Read, Seek as _};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use memmap2::UncheckedAdvice;

use super::find::LogFile;
use super::guard::{GuardedMap, Lost};
use super::spool::spool;

/// How the bytes of plain files are reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Access {
    /// Map the file. What another process truncates meanwhile is lost.
    #[default]
    Map,
    /// Read the file.
    Read,
}

/// A log that is at hand: a file stays what it is, whatever becomes of its name.
#[derive(Debug)]
pub struct Opened {
    pub(super) handle: Handle,
    size: u64,
}

#[derive(Debug)]
pub(super) enum Handle {
    Mapped(Arc<GuardedMap>),
    /// A file that is to be copied.
    File(File),
    /// A pipe.
    Path(PathBuf),
    Stdin,
}

impl Opened {
    /// Opens a log.
    pub fn new(log: &LogFile, access: Access) -> io::Result<Self> {
        let Some(path) = log.path() else {
            return Ok(Self {
                handle: Handle::Stdin,
                size: 0,
            });
        };
        let metadata = fs::metadata(path)?;
        let size = metadata.len();
        if !metadata.is_file() {
            // A pipe that is opened and closed is gone for its writer.
            let handle = Handle::Path(path.to_owned());
            return Ok(Self { handle, size });
        }
        let file = File::open(path)?;
        // An empty file can't be mapped, and some file systems have no maps.
        let can_map = access == Access::Map && size > 0;
        let handle = match can_map.then(|| GuardedMap::new(&file, Some(path))) {
            Some(Ok(map)) => Handle::Mapped(Arc::new(map)),
            Some(Err(_)) | None => Handle::File(file),
        };
        Ok(Self { handle, size })
    }

    /// Whether it has to be copied or decompressed to be read.
    #[must_use]
    pub fn is_streamed(&self) -> bool {
        match &self.handle {
            Handle::Mapped(map) => is_compressed(map),
            Handle::File(_) | Handle::Path(_) | Handle::Stdin => true,
        }
    }

    /// Returns how many bytes the file has, as it is stored; 0 where that is not known.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }
}

/// The bytes of one log, uncompressed.
#[derive(Debug)]
pub struct Source {
    data: Data,
    /// Why the bytes end before the file does: a damaged or cut-off compressed file.
    fault: Option<io::Error>,
    /// Whether the bytes were compressed.
    is_unpacked: bool,
    /// Where a file ended when it was copied, if it was longer before.
    cut_at: Option<usize>,
}

/// Bytes in a map or in memory.
#[derive(Debug)]
pub(super) enum Data {
    Mapped(Arc<GuardedMap>),
    Owned(Vec<u8>),
}

pub(super) const GZIP_MAGIC: &[u8] = &[0x1f, 0x8b];
pub(super) const ZSTD_MAGIC: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];

impl Source {
    /// Reads a log that was opened. Files that hold gzip or zstd, whatever their names, are
    /// decompressed; what can be had of a damaged one is kept, with its [`fault`](Self::fault).
    ///
    /// What can't be mapped as it is (standard input, pipes, what was compressed) is copied: into
    /// memory if it is small, else into a temporary file.
    pub fn read(opened: &Opened) -> io::Result<Self> {
        match &opened.handle {
            Handle::Mapped(map) => Self::from_stored(Data::Mapped(Arc::clone(map))),
            Handle::File(file) => {
                let source = Self::copied(from_start(file)?)?;
                Ok(source.cut_if_below(opened.size))
            }
            Handle::Path(path) => Self::copied(File::open(path)?),
            Handle::Stdin => Self::copied(io::stdin().lock()),
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

    /// What another program has done to the file since it was opened.
    #[must_use]
    pub fn lost(&self) -> Option<Lost> {
        match &self.data {
            Data::Mapped(map) => map.lost(),
            Data::Owned(_) => None,
        }
        .or(self.cut_at.map(Lost::Behind))
    }

    /// Lets the system take these bytes out of memory until they are used again.
    #[expect(
        unsafe_code,
        reason = "advice that drops pages is unsafe where they were written to"
    )]
    pub fn release(&self, range: Range<usize>) {
        if let Data::Mapped(map) = &self.data {
            let end = range.end.min(map.len());
            let start = range.start.min(end);
            // SAFETY: the range is inside the map, and nothing writes through the map, so that what
            // is dropped is in the file.
            let advised = unsafe {
                map.map()
                    .unchecked_advise_range(UncheckedAdvice::DontNeed, start, end - start)
            };
            // Memory stays in use then, and all else works.
            drop(advised);
        }
    }

    /// What was copied of a plain file that had so many bytes: fewer, if it was truncated meanwhile.
    fn cut_if_below(mut self, size: u64) -> Self {
        let length = self.bytes().len();
        let is_plain = !self.is_unpacked;
        self.cut_at = Some(length).filter(|length| is_plain && (*length as u64) < size);
        self
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
        let is_unpacked = is_compressed(stored);
        let (data, fault) = if stored.starts_with(GZIP_MAGIC) {
            spool(&mut flate2::read::MultiGzDecoder::new(stored))
        } else if is_zstd(stored) {
            spool(&mut zstd::stream::read::Decoder::with_buffer(stored)?)
        } else {
            (data, None)
        };
        Ok(Self {
            data,
            fault,
            is_unpacked,
            cut_at: None,
        })
    }
}

fn is_compressed(stored: &[u8]) -> bool {
    stored.starts_with(GZIP_MAGIC) || is_zstd(stored)
}

/// Whether a frame of zstd starts here, or one that its decoders skip, which pzstd writes first
/// (RFC 8878, 3.1.2).
pub(super) fn is_zstd(stored: &[u8]) -> bool {
    stored.starts_with(ZSTD_MAGIC) || matches!(stored, [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..])
}

/// The same file, to be read from its start.
pub(super) fn from_start(file: &File) -> io::Result<File> {
    let mut file = file.try_clone()?;
    file.rewind()?;
    Ok(file)
}

impl Data {
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Mapped(map) => map,
            Self::Owned(content) => content,
        }
    }
}

impl AsRef<[u8]> for Data {
    fn as_ref(&self) -> &[u8] {
        self.bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_let_go_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path: PathBuf = folder.path().join("admin.log");
        let content: Vec<u8> = (0..=250).cycle().take(100_000).collect();
        fs::write(&path, &content).unwrap();
        let opened = Opened::new(&LogFile::from(path), Access::Map).unwrap();
        let source = Source::read(&opened).unwrap();
        for range in [
            0..100_000,
            5_000..9_000,
            99_999..200_000,
            200_000..300_000,
            0..0,
        ] {
            source.release(range);
            assert!(source.bytes() == content);
        }
    }
}
