//! Finds copies of files that are at hand, compressed or not: their records would count twice.

use std::io::{self, BufRead, BufReader, Cursor, ErrorKind, Read};
use std::sync::Arc;

use super::bytes::{Data, GZIP_MAGIC, Handle, Opened, ZSTD_MAGIC, from_start};

/// How many bytes are compared at a time. The first ones tell files apart that are no copies.
const STEP: usize = 1 << 12;

/// Returns for each file the number of the one that it is a copy of: it is compressed and holds
/// nothing but what that one, which is not compressed, starts with; or both are not compressed, and
/// it holds the same as the one before it. Pipes, and what can't be read to its end, are no copies.
pub fn copies<'o>(files: impl IntoIterator<Item = &'o Opened>) -> Vec<Option<usize>> {
    let files: Vec<&Opened> = files.into_iter().collect();
    if files.len() < 2 {
        return vec![None; files.len()];
    }
    let heads: Vec<Option<Head>> = files
        .iter()
        .map(|file| Head::of(file).ok().flatten())
        .collect();
    let original = |nth: usize| {
        let (copy, file) = (heads[nth].as_ref()?, files[nth]);
        let may_be = |other: usize| {
            let is_as_long = other < nth && files[other].size() == file.size();
            let head = heads[other].as_ref();
            (copy.is_compressed || is_as_long)
                && head.is_some_and(|head| !head.is_compressed && copy.starts(head))
        };
        (0..files.len())
            .filter(|other| may_be(*other))
            .find(|other| is_copy(file, files[*other]).unwrap_or(false))
    };
    (0..files.len()).map(original).collect()
}

/// The first bytes of a file, uncompressed.
struct Head {
    is_compressed: bool,
    bytes: Vec<u8>,
}

impl Head {
    fn of(file: &Opened) -> io::Result<Option<Self>> {
        let Some((is_compressed, reader)) = reader(file)? else {
            return Ok(None);
        };
        let mut bytes = Vec::new();
        reader.take(STEP as u64).read_to_end(&mut bytes)?;
        Ok(Some(Self {
            is_compressed,
            bytes,
        }))
    }

    fn starts(&self, original: &Self) -> bool {
        !self.bytes.is_empty() && original.bytes.starts_with(&self.bytes)
    }
}

/// The bytes of a file, uncompressed, and whether it is compressed; `None` for a pipe.
fn reader(file: &Opened) -> io::Result<Option<(bool, Box<dyn Read>)>> {
    let mut stored: Box<dyn BufRead> = match &file.handle {
        Handle::Mapped(map) => Box::new(Cursor::new(Data::Mapped(Arc::clone(map)))),
        Handle::File(file) => Box::new(BufReader::new(from_start(file)?)),
        // What a pipe has given once is gone.
        Handle::Path(_) | Handle::Stdin => return Ok(None),
    };
    let start = stored.fill_buf()?;
    let (is_gzip, is_zstd) = (start.starts_with(GZIP_MAGIC), start.starts_with(ZSTD_MAGIC));
    let bytes: Box<dyn Read> = if is_gzip {
        Box::new(flate2::bufread::MultiGzDecoder::new(stored))
    } else if is_zstd {
        Box::new(zstd::stream::read::Decoder::with_buffer(stored)?)
    } else {
        stored
    };
    Ok(Some((is_gzip || is_zstd, bytes)))
}

/// Whether a file holds nothing but what another one starts with.
fn is_copy(copy: &Opened, original: &Opened) -> io::Result<bool> {
    let (Some((_, mut copy)), Some((_, mut original))) = (reader(copy)?, reader(original)?) else {
        return Ok(false);
    };
    let (mut expected, mut found) = ([0; STEP], [0; STEP]);
    loop {
        let length = match copy.read(&mut expected) {
            Ok(0) => return Ok(true),
            Ok(length) => length,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        original.read_exact(&mut found[..length])?;
        if found[..length] != expected[..length] {
            return Ok(false);
        }
    }
}
