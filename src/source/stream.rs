//! Reads what can't be mapped as it is, such as a compressed log, window by window: the memory that
//! it takes does not grow with it.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::bytes::{Data, GZIP_MAGIC, Handle, Opened, ZSTD_MAGIC, from_start, is_zstd};
use super::guard::Lost;
use super::parts::{Part, Parts, ROOM, Rest};
use super::spool::spool;

/// How many bytes are read at a time: with fewer, threads wait for each other more often; more do not
/// stay in a core's cache.
const STEP: usize = 1 << 20;

/// How long a window becomes before the rest of its log is copied: there is a record in it that is
/// longer.
const LONGEST: usize = 4 << 20;

/// The bytes of one log, uncompressed, from start to end.
#[derive(Debug)]
pub struct Stream {
    parts: Parts,
    /// How many bytes of the file have been read, as it is stored.
    place: Arc<AtomicUsize>,
    /// How many bytes the file had, if that is known.
    size: Option<usize>,
    is_compressed: bool,
    /// Why the bytes end before the file does: a damaged or cut-off compressed file.
    fault: Option<io::Error>,
}

/// The bytes of a log that are in memory.
#[derive(Debug)]
pub struct Loaded {
    data: Data,
    start: usize,
    end: usize,
    offset: usize,
    is_last: bool,
}

impl Stream {
    /// Opens a log. Files that hold gzip or zstd, whatever their names, are decompressed; what can be
    /// had of a damaged one is given, and then its [`fault`](Self::fault).
    pub fn new(opened: &Opened) -> io::Result<Self> {
        match &opened.handle {
            Handle::Mapped(map) => Self::of(Cursor::new(Data::Mapped(Arc::clone(map))), STEP),
            Handle::File(file) => {
                let stream = Self::of(BufReader::new(from_start(file)?), STEP)?;
                let size = usize::try_from(opened.size()).ok();
                Ok(Self { size, ..stream })
            }
            Handle::Path(path) => Self::of(BufReader::new(File::open(path)?), STEP),
            Handle::Stdin => Self::of(BufReader::new(io::stdin()), STEP),
        }
    }

    /// Reads bytes as they are stored, `step` of the uncompressed ones at a time.
    pub fn of(mut stored: impl BufRead + Send + 'static, step: usize) -> io::Result<Self> {
        // A pipe may give them one by one.
        let mut first = Vec::new();
        let longest = GZIP_MAGIC.len().max(ZSTD_MAGIC.len());
        stored
            .by_ref()
            .take(longest as u64)
            .read_to_end(&mut first)?;
        let is_gzip = first.starts_with(GZIP_MAGIC);
        let is_zstd = is_zstd(&first);
        let place = Arc::default();
        let stored = Counted {
            reader: Cursor::new(first).chain(stored),
            place: Arc::clone(&place),
        };
        let bytes: Box<dyn Read + Send> = if is_gzip {
            Box::new(flate2::bufread::MultiGzDecoder::new(stored))
        } else if is_zstd {
            Box::new(Pieces(zstd::stream::read::Decoder::with_buffer(stored)?))
        } else {
            Box::new(stored)
        };
        Ok(Self {
            parts: Parts::here(bytes, step),
            place,
            size: None,
            is_compressed: is_gzip || is_zstd,
            fault: None,
        })
    }

    /// Goes on reading in another thread, some bytes ahead.
    pub fn ahead(self) -> io::Result<Self> {
        let parts = self.parts.ahead()?;
        Ok(Self { parts, ..self })
    }

    /// Counts, while this is read, the bytes of the file as it is stored.
    #[must_use]
    pub fn place(&self) -> Arc<AtomicUsize> {
        Arc::clone(&self.place)
    }

    /// Why the bytes end before the file does, if they do.
    #[must_use]
    pub fn fault(&self) -> Option<&io::Error> {
        self.fault.as_ref()
    }

    /// What another program has done to the file since it was opened, when it has been read.
    #[must_use]
    pub fn lost(&self) -> Option<Lost> {
        let place = self.place.load(Ordering::Relaxed);
        // What unpacks a file needs not read all of it, and notices if something is missing.
        let is_cut = !self.is_compressed && self.size.is_some_and(|size| place < size);
        is_cut.then_some(Lost::Behind(place))
    }

    /// Gives the first bytes.
    pub fn first(&mut self) -> Loaded {
        let part = self.parts.next();
        self.loaded(0, ROOM, part)
    }

    /// Gives those of a window from `at` in the log on, with those behind them.
    pub fn next(&mut self, window: Loaded, at: usize) -> Loaded {
        let mut part = self.parts.next();
        let left = &window.bytes()[at - window.offset..];
        if left.len() <= ROOM {
            let start = ROOM - left.len();
            part.memory[start..ROOM].copy_from_slice(left);
            if let Data::Owned(memory) = window.data {
                self.parts.reuse(memory);
            }
            return self.loaded(at, start, part);
        }
        let length = left.len() + part.bytes().len();
        let (data, is_last) = if part.is_last || length <= LONGEST {
            self.fault = part.fault.take();
            let data = Data::Owned([left, part.bytes()].concat());
            (data, part.is_last)
        } else {
            let parts = &mut self.parts;
            let (data, fault) = spool(&mut left.chain(Rest {
                parts,
                part,
                at: ROOM,
            }));
            self.fault = fault;
            (data, true)
        };
        Loaded {
            start: 0,
            end: data.bytes().len(),
            data,
            offset: at,
            is_last,
        }
    }

    fn loaded(&mut self, offset: usize, start: usize, part: Part) -> Loaded {
        self.fault = part.fault;
        Loaded {
            data: Data::Owned(part.memory),
            start,
            end: part.end,
            offset,
            is_last: part.is_last,
        }
    }
}

impl Loaded {
    /// The bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.data.bytes()[self.start..self.end]
    }

    /// Where in the log they start.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// Whether the log ends with them.
    #[must_use]
    pub fn is_last(&self) -> bool {
        self.is_last
    }
}

/// Reads a block of zstd at a time. Where there is room for all of a frame, its decoder reads it at
/// once, and gives nothing of one that is damaged.
struct Pieces<R>(R);

impl<R: Read> Read for Pieces<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = buffer.len().min(1 << 16);
        self.0.read(&mut buffer[..length])
    }
}

/// Counts the bytes that are read.
struct Counted<R> {
    reader: R,
    place: Arc<AtomicUsize>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.reader.read(buffer)?;
        self.place.fetch_add(length, Ordering::Relaxed);
        Ok(length)
    }
}

impl<R: BufRead> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.reader.fill_buf()
    }

    fn consume(&mut self, length: usize) {
        self.place.fetch_add(length, Ordering::Relaxed);
        self.reader.consume(length);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bytes that all windows give, where each leaves so many.
    fn all(stored: Vec<u8>, left: usize) -> (Vec<u8>, Stream) {
        let mut stream = Stream::of(Cursor::new(stored), STEP).unwrap();
        if left.is_multiple_of(2) {
            stream = stream.ahead().unwrap();
        }
        let mut window = stream.first();
        let mut bytes = Vec::new();
        loop {
            assert_eq!(window.offset(), bytes.len());
            let length = window.bytes().len();
            if window.is_last() {
                bytes.extend(window.bytes());
                return (bytes, stream);
            }
            let at = length.saturating_sub(left);
            bytes.extend(&window.bytes()[..at]);
            window = stream.next(window, bytes.len());
        }
    }

    #[test]
    fn windows_join_whatever_they_leave() {
        for length in [0, 1, 5, STEP, STEP + 1, 6 * STEP + 5] {
            let bytes: Vec<u8> = (0..=250).cycle().take(length).collect();
            for left in [0, 1, ROOM, ROOM + 1, 2 * STEP, usize::MAX] {
                let (read, stream) = all(bytes.clone(), left);
                assert!(read == bytes, "{length} {left}");
                assert_eq!(stream.place().load(Ordering::Relaxed), length);
                assert!(stream.fault().is_none());
            }
        }
    }

    #[test]
    fn what_comes_before_damage_is_given() {
        // What can't be compressed, so that half of it is half of the bytes.
        let noise = (0..12 * STEP as u64).map(|nth| nth.wrapping_mul(nth ^ 0x9e37_79b9_7f4a_7c15));
        let bytes: Vec<u8> = noise.map(|noise| noise.to_le_bytes()[7]).collect();
        let compressed = zstd::encode_all(&bytes[..], 1).unwrap();
        let (whole, stream) = all(compressed.clone(), 5);
        assert!(whole == bytes && stream.fault().is_none());
        for left in [5, 6, usize::MAX - 1, usize::MAX] {
            let (part, stream) = all(compressed[..compressed.len() / 2].to_vec(), left);
            assert!(bytes.starts_with(&part));
            assert!(part.len() > LONGEST);
            assert!(stream.fault().is_some());
        }
        // All of it fits into one step.
        let mut compressed = zstd::encode_all(&bytes[..STEP / 2], 1).unwrap();
        let place = compressed.len() - 1000;
        compressed.truncate(place);
        let (part, stream) = all(compressed, 5);
        assert!(bytes.starts_with(&part) && part.len() > STEP / 8);
        assert!(stream.fault().is_some());
    }

    #[test]
    fn frames_that_are_skipped_may_stand_first() {
        let text = b"2018-11-11".repeat(10);
        let frame = zstd::encode_all(&text[..], 1).unwrap();
        // As pzstd writes them: the magic number, the size of what is skipped, and that.
        let skipped = [&[0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0][..], b"abcd"].concat();
        let (read, stream) = all([skipped, frame].concat(), 5);
        assert!(read == text && stream.fault().is_none());
    }
}
