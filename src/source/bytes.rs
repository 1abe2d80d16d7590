//! Opens one file as bytes: a memory map where that works, else its content in memory.

use std::fs::File;
use std::io::{self, Read as _};

use memmap2::Mmap;

use super::find::LogFile;

/// How the bytes of plain files are reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Access {
    /// Map the file. A file that another process truncates meanwhile ends the program.
    #[default]
    Map,
    /// Read the file into memory first.
    Read,
}

/// The bytes of one log, uncompressed.
#[derive(Debug)]
pub struct Source {
    data: Data,
    /// Why the bytes end before the file does: a damaged or cut-off compressed file.
    fault: Option<io::Error>,
}

#[derive(Debug)]
enum Data {
    Mapped(Mmap),
    Owned(Vec<u8>),
}

const GZIP_MAGIC: &[u8] = &[0x1f, 0x8b];
const ZSTD_MAGIC: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];

impl Source {
    /// Opens a log. Files that hold gzip or zstd, whatever their names, are decompressed; what can
    /// be had of a damaged one is kept, with its [`fault`](Self::fault).
    pub fn open(log: &LogFile, access: Access) -> io::Result<Self> {
        let Some(path) = log.path() else {
            let mut content = Vec::new();
            io::stdin().lock().read_to_end(&mut content)?;
            return Ok(Self::from_stored(Data::Owned(content)));
        };
        let mut file = File::open(path)?;
        let metadata = file.metadata()?;
        // An empty file can't be mapped, and a pipe has no size.
        let can_map = access == Access::Map && metadata.is_file() && metadata.len() > 0;
        // Some file systems have no maps.
        let map = if can_map { map(&file).ok() } else { None };
        let data = if let Some(map) = map {
            Data::Mapped(map)
        } else {
            let mut content = Vec::new();
            file.read_to_end(&mut content)?;
            Data::Owned(content)
        };
        Ok(Self::from_stored(data))
    }

    /// The bytes, from the first to the last that could be had.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        match &self.data {
            Data::Mapped(map) => map,
            Data::Owned(content) => content,
        }
    }

    /// Why the bytes end before the file does, if they do.
    #[must_use]
    pub fn fault(&self) -> Option<&io::Error> {
        self.fault.as_ref()
    }

    fn from_stored(data: Data) -> Self {
        let stored = Self { data, fault: None };
        if stored.bytes().starts_with(GZIP_MAGIC) {
            decompressed(flate2::read::MultiGzDecoder::new(stored.bytes()))
        } else if stored.bytes().starts_with(ZSTD_MAGIC) {
            match zstd::stream::read::Decoder::with_buffer(stored.bytes()) {
                Ok(decoder) => decompressed(decoder),
                Err(fault) => Self {
                    data: Data::Owned(Vec::new()),
                    fault: Some(fault),
                },
            }
        } else {
            stored
        }
    }
}

impl From<Vec<u8>> for Source {
    /// Takes bytes that are in memory already, compressed or not.
    fn from(content: Vec<u8>) -> Self {
        Self::from_stored(Data::Owned(content))
    }
}

fn decompressed(mut decoder: impl io::Read) -> Source {
    let mut content = Vec::new();
    // `read_to_end` keeps what came before an error.
    let fault = decoder.read_to_end(&mut content).err();
    Source {
        data: Data::Owned(content),
        fault,
    }
}

#[expect(
    unsafe_code,
    reason = "a map is the only way to read a file without a copy of it"
)]
fn map(file: &File) -> io::Result<Mmap> {
    // SAFETY: The map is private to this process and read-only. Its bytes may change under us when
    // another process writes into the file, which Rust's rules forbid; Zato only appends to a log
    // and rotates it by renaming, so bytes that were there at this moment stay as they are. A file
    // that is truncated all the same ends the process with SIGBUS: the README and `--no-mmap` tell
    // users so.
    unsafe { Mmap::map(file) }
}
