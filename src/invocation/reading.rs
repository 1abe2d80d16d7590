//! Reads the files of one server and gives its invocations in order.

use std::fmt;

use super::keys::{KeyMaker, Keys};
use super::pairing::{CallRecord, Pairing, PairingIn};
use super::saved::Saved;
use super::{Invocation, Place, RecordKind, RecordNote};
use crate::entry::{CHUNK_SIZE, Hinter, Hints, Record, Span, Window, read_in_chunks};
use crate::source::{Kept, Spill, Stream};

/// A file's bytes and its name.
#[derive(Clone, Copy, Debug)]
pub struct SourceFile<'a> {
    /// The file, as given or found.
    pub name: &'a str,
    /// What it holds, uncompressed.
    pub bytes: &'a [u8],
}

/// How many records of each kind were read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All bytes.
    pub bytes: usize,
    /// Requests and responses.
    pub calls: usize,
    /// Records with another message.
    pub others: usize,
    /// Requests and responses without a name that can be read.
    pub nameless: usize,
    /// Records that break off.
    pub cut_off: usize,
    /// Records whose end can be read in more than one way.
    pub ambiguous: usize,
    /// Pieces of the log that are no records.
    pub unreadable: usize,
}

impl Counts {
    /// All records that could be read, whole or in part.
    #[must_use]
    pub fn records(&self) -> usize {
        self.calls + self.others + self.nameless
    }

    /// Counts one more record. Returns what is wrong with it, if anything is.
    fn add(&mut self, record: &Record<'_>) -> Option<DiagnosticKind> {
        match RecordKind::of(record) {
            RecordKind::Call => {
                self.calls += 1;
                None
            }
            RecordKind::CutOff => {
                self.calls += 1;
                self.cut_off += 1;
                Some(DiagnosticKind::CutOff)
            }
            RecordKind::Ambiguous => {
                self.calls += 1;
                self.ambiguous += 1;
                Some(DiagnosticKind::Ambiguous)
            }
            RecordKind::Other => {
                self.others += 1;
                None
            }
            RecordKind::Nameless => {
                self.nameless += 1;
                Some(DiagnosticKind::Nameless)
            }
            RecordKind::Unreadable => {
                self.unreadable += 1;
                Some(DiagnosticKind::Unreadable)
            }
        }
    }
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, more: Self) {
        let Self {
            bytes,
            calls,
            others,
            nameless,
            cut_off,
            ambiguous,
            unreadable,
        } = more;
        self.bytes += bytes;
        self.calls += calls;
        self.others += others;
        self.nameless += nameless;
        self.cut_off += cut_off;
        self.ambiguous += ambiguous;
        self.unreadable += unreadable;
    }
}

/// Something in a log that was not understood, or not surely.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Diagnostic<'a> {
    /// Where it stands.
    pub at: Place<'a>,
    /// What it is.
    pub kind: DiagnosticKind,
}

/// The kinds of [`Diagnostic`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiagnosticKind {
    /// Bytes that stand where a record should start and are none.
    Unreadable,
    /// A request or response whose service or CID can't be read.
    Nameless,
    /// A record that breaks off before its closing delimiter.
    CutOff,
    /// A record whose end can be read in more than one way.
    Ambiguous,
}

impl fmt::Display for DiagnosticKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Unreadable => "not a record of Zato's log",
            Self::Nameless => "the service's name or the CID in this record can't be read",
            Self::CutOff => "record breaks off before its closing delimiter",
            Self::Ambiguous => "text in this record looks like a record of its own",
        })
    }
}

/// What a part of a log has given.
#[derive(Debug, Default)]
pub struct Batch<'a> {
    /// The invocations that its records complete, in the order of those records.
    pub invocations: Vec<Invocation<'a>>,
    /// What was not understood in it.
    pub diagnostics: Vec<Diagnostic<'a>>,
    /// All its records, if the reader tells of them.
    pub records: Vec<RecordNote>,
    /// The file, as given or found; nothing of the calls that are known only when all has been read.
    pub file: &'a str,
    /// Up to where the file has been read, in bytes.
    pub end: usize,
}

/// After so many records, open calls that are kept in a file are taken out of memory. Each page
/// that is used again costs a microsecond.
const RELEASE_AFTER: usize = 1 << 18;

/// Reads the files of one server.
#[derive(Debug)]
pub struct LogReader<'a> {
    chunk_size: usize,
    hinter: Hinter<'a>,
    pairing: Pairing<'a>,
    key_maker: KeyMaker,
    counts: Counts,
    save_from: Option<usize>,
    saved: Option<Saved>,
    tells_records: bool,
}

impl<'a> LogReader<'a> {
    /// Starts before the first file of a server's log. `kept` gets what of streams has to outlive
    /// them.
    #[must_use]
    pub fn new(server: Option<&'a str>, kept: &'a Kept, chunk_size: usize) -> Self {
        Self {
            chunk_size,
            hinter: Hinter::NONE,
            pairing: Pairing::new(server, kept),
            key_maker: KeyMaker::default(),
            counts: Counts::default(),
            save_from: None,
            saved: None,
            tells_records: false,
        }
    }

    /// Goes on from what another reader has saved, in the same file or in the one that follows. Of
    /// calls whose requests were read before, only what their responses tell is given.
    /// `None` if this version can't read what was saved.
    #[must_use]
    pub fn resume(
        server: Option<&'a str>,
        kept: &'a Kept,
        chunk_size: usize,
        saved: &'a Saved,
    ) -> Option<Self> {
        let check = |seed| KeyMaker::with_seed(seed).check();
        let (pairing, seed) = Pairing::resume(server, kept, &saved.bytes, check)?;
        Some(Self {
            pairing,
            key_maker: KeyMaker::with_seed(seed),
            ..Self::new(server, kept, chunk_size)
        })
    }

    /// Has `hinter` tell what may stand in the records of the files that are read next, for those
    /// who look for something in them. Of a stream nothing is told.
    pub fn look_for(&mut self, hinter: Hinter<'a>) {
        self.hinter = hinter;
    }

    /// Has batches tell of all records, not of calls alone.
    pub fn tell_records(&mut self) {
        self.tells_records = true;
    }

    /// Prepares for saving the state: records that were read need not be read again for it.
    pub fn remember_ids(&mut self) {
        self.pairing.remember_ids();
    }

    /// Has the state saved before the first record of the next file that starts at `offset` or
    /// behind it.
    pub fn save_from(&mut self, offset: usize) {
        self.save_from = Some(offset);
    }

    /// What was saved: nothing if no record starts there.
    pub fn take_saved(&mut self) -> Option<Saved> {
        self.save_from = None;
        self.saved.take()
    }

    /// The state between two files, to go on with the one that follows.
    #[must_use]
    pub fn save(&self) -> Saved {
        let KeyMaker { seed, .. } = self.key_maker;
        Saved {
            offset: 0,
            line: 1,
            bytes: self.pairing.save(self.key_maker.check(), seed),
        }
    }

    /// Reads the next file, and gives `sink` what it holds, part by part.
    pub fn read<E>(
        &mut self,
        file: SourceFile<'a>,
        sink: impl FnMut(Batch<'a>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.read_from(file, (0, 1), sink)
    }

    /// Reads the rest of a file, from a record on that starts at an offset and in a line.
    pub fn read_from<E>(
        &mut self,
        file: SourceFile<'a>,
        (from, line): (usize, usize),
        mut sink: impl FnMut(Batch<'a>) -> Result<(), E>,
    ) -> Result<(), E> {
        let SourceFile { name, bytes } = file;
        let Self {
            key_maker,
            save_from,
            saved,
            tells_records,
            ..
        } = self;
        self.counts.bytes += bytes.len().saturating_sub(from);
        self.pairing.start_file(file);
        let mut pairing = self.pairing.whole();
        let mut progress = Progress::new(name, &mut self.counts);
        progress.line = line;
        progress.tells_records = *tells_records;
        let make = |record: &Record<'a>| key_maker.keys(record);
        read_in_chunks(bytes, from, self.chunk_size, make, self.hinter, |chunks| {
            let count: usize = chunks.iter().map(|chunk| chunk.records.len()).sum();
            let mut batch = Batch {
                invocations: Vec::with_capacity(count / 2),
                file: name,
                records: Vec::with_capacity(if *tells_records { count } else { 0 }),
                diagnostics: Vec::new(),
                end: chunks.last().map_or(0, |chunk| chunk.end),
            };
            progress.release(&mut pairing);
            let records = chunks.iter().flat_map(|chunk| {
                let records = chunk.records.iter();
                records.map(|(record, keys)| (record, keys, chunk.hints))
            });
            for (record, keys, hints) in records {
                let Span { offset, length } = record.span;
                if save_from.is_some_and(|from| offset >= from) {
                    *save_from = None;
                    *saved = Some(Saved {
                        offset,
                        line: progress.line,
                        bytes: pairing.save(key_maker.check(), key_maker.seed),
                    });
                }
                let text = &bytes[offset..offset + length];
                progress.take(&mut pairing, &mut batch, (record, text, *keys), hints);
            }
            sink(batch)
        })?;
        pairing.leave();
        Ok(())
    }

    /// Reads the next file, whose bytes come from `stream`, and gives `sink` what it holds, part by
    /// part.
    pub fn follow<E>(
        &mut self,
        name: &'a str,
        stream: &mut Stream,
        mut sink: impl FnMut(Batch<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.pairing.start_file(SourceFile { name, bytes: &[] });
        let mut progress = Progress::new(name, &mut self.counts);
        progress.tells_records = self.tells_records;
        let mut loaded = stream.first();
        loop {
            let window = Window {
                bytes: loaded.bytes(),
                offset: loaded.offset(),
                at: progress.at,
                torn: progress.torn,
                is_last: loaded.is_last(),
            };
            progress.window(&mut self.pairing, &self.key_maker, window, &mut sink)?;
            if loaded.is_last() {
                self.counts.bytes += loaded.offset() + loaded.bytes().len();
                return Ok(());
            }
            // With the byte before it, the next record does not look like the start of a log.
            loaded = stream.next(loaded, progress.at.saturating_sub(1));
        }
    }

    /// Returns what has been read so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Returns what was read, and the calls that were never answered.
    #[must_use]
    pub fn finish(self) -> (Counts, Unanswered<'a>) {
        let unanswered = Unanswered {
            places: self.pairing.unanswered(),
            pairing: self.pairing,
            next: 0,
        };
        (self.counts, unanswered)
    }
}

/// How far a file has been read.
#[derive(Debug)]
struct Progress<'c, 'a> {
    file: &'a str,
    counts: &'c mut Counts,
    /// Where the next record of a stream starts.
    at: usize,
    /// How many records have broken off in its line.
    torn: usize,
    /// The line that the next record starts in, from 1.
    line: usize,
    records_since_release: usize,
    tells_records: bool,
}

impl<'c, 'a> Progress<'c, 'a> {
    fn new(file: &'a str, counts: &'c mut Counts) -> Self {
        Self {
            file,
            counts,
            at: 0,
            torn: 0,
            line: 1,
            records_since_release: 0,
            tells_records: false,
        }
    }

    /// Reads what can be read of a window.
    fn window<'w, E>(
        &mut self,
        pairing: &mut Pairing<'a>,
        key_maker: &KeyMaker,
        window: Window<'w>,
        mut sink: impl FnMut(Batch<'w>) -> Result<(), E>,
    ) -> Result<(), E>
    where
        'a: 'w,
    {
        let mut pairing = pairing.window(window.bytes, window.offset);
        let mut records = window.records();
        let empty = || Batch {
            file: self.file,
            ..Batch::default()
        };
        let mut batch = empty();
        let mut batch_start = window.offset;
        for (record, text) in records.by_ref() {
            let keys = key_maker.keys(&record);
            let end = record.span.end();
            let record = (&record, text, keys);
            self.take(&mut pairing, &mut batch, record, Hints::UNKNOWN);
            batch.end = end;
            if batch.end - batch_start > CHUNK_SIZE {
                batch_start = batch.end;
                self.release(&mut pairing);
                sink(std::mem::replace(&mut batch, empty()))?;
            }
        }
        sink(batch)?;
        pairing.leave();
        (self.at, self.torn) = (records.at(), records.torn());
        Ok(())
    }

    /// Takes the next record, with its bytes and its keys.
    fn take<'w>(
        &mut self,
        pairing: &mut PairingIn<'_, 'w>,
        batch: &mut Batch<'w>,
        (record, text, keys): (&Record<'w>, &'w [u8], Option<Keys>),
        hints: Hints,
    ) where
        'a: 'w,
    {
        let line = self.line;
        if self.tells_records {
            batch.records.push(RecordNote::new(record, line));
        }
        if let Some(((header, call), keys)) = record.call().zip(keys) {
            let record = CallRecord {
                record,
                text,
                header,
                call,
                keys,
                hints,
                line,
            };
            batch.invocations.extend(pairing.take(&record));
        }
        if let Some(kind) = self.counts.add(record) {
            let (file, span) = (self.file, record.span);
            let at = Place { file, span, line };
            batch.diagnostics.push(Diagnostic { at, kind });
        }
        self.line += record.lines;
        self.records_since_release += 1;
    }

    fn release(&mut self, pairing: &mut PairingIn<'_, '_>) {
        if self.records_since_release > RELEASE_AFTER {
            self.records_since_release = 0;
            pairing.release();
        }
    }
}

/// The calls that were never answered, in the order of their requests.
#[derive(Debug)]
pub struct Unanswered<'a> {
    pairing: Pairing<'a>,
    places: Spill<u32>,
    next: usize,
}

impl<'a> Iterator for Unanswered<'a> {
    type Item = Invocation<'a>;

    fn next(&mut self) -> Option<Invocation<'a>> {
        loop {
            let place = *self.places.get(self.next)?;
            self.next += 1;
            if self.next.is_multiple_of(RELEASE_AFTER) {
                self.places.release();
                self.pairing.release();
            }
            // A log that was written over meanwhile may have another record there.
            if let Some(invocation) = self.pairing.unanswered_at(place) {
                return Some(invocation);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_add_up() {
        let one = Counts {
            bytes: 1,
            calls: 2,
            others: 3,
            nameless: 4,
            cut_off: 5,
            ambiguous: 6,
            unreadable: 7,
        };
        assert_eq!(one.records(), 9);
        let mut sum = one;
        sum += one;
        let twice = Counts {
            bytes: 2,
            calls: 4,
            others: 6,
            nameless: 8,
            cut_off: 10,
            ambiguous: 12,
            unreadable: 14,
        };
        assert_eq!(sum, twice);
    }

    #[test]
    fn diagnostics_are_said_in_words() {
        for (kind, word) in [
            (DiagnosticKind::Unreadable, "not a record"),
            (DiagnosticKind::Nameless, "can't be read"),
            (DiagnosticKind::CutOff, "breaks off"),
            (DiagnosticKind::Ambiguous, "looks like a record of its own"),
        ] {
            assert!(kind.to_string().contains(word), "{kind}");
        }
    }

    #[test]
    fn each_kind_of_record_is_counted_and_named() {
        const H: &str = "2018-11-11 22:01:57,123 - INFO - 1:D - zato_admin:0 - ";
        let quoted = H.replace("1:D", "9:D") + "Request; service:`q`, data:`{}` cid:`q`, \n";
        let log = format!(
            "no record\n{H}Request; service:`s`, data:`{{}}` cid:`c`, \n{H}another message\n\
             {H}cid:[c], name:[], request:[{{}}]\n\
             {H}Response; service:`s`, data:`a\n{quoted}b\n{quoted}c` cid:`c`, \n\
             {H}Request; service:`s`, data:`{{'a': 1\n"
        );
        let kept = Kept::default();
        let mut reader = LogReader::new(None, &kept, CHUNK_SIZE);
        let file = SourceFile {
            name: "admin.log",
            bytes: log.as_bytes(),
        };
        let mut told = Vec::new();
        let read = reader.read::<()>(file, |batch| {
            told.extend(batch.diagnostics.iter().map(|one| (one.kind, one.at.line)));
            Ok(())
        });
        read.unwrap();
        let expected = Counts {
            bytes: log.len(),
            calls: 3,
            others: 1,
            nameless: 1,
            cut_off: 1,
            ambiguous: 1,
            unreadable: 1,
        };
        assert_eq!(reader.counts(), expected);
        let unreadable = (DiagnosticKind::Unreadable, 1);
        let nameless = (DiagnosticKind::Nameless, 4);
        let (ambiguous, cut_off) = ((DiagnosticKind::Ambiguous, 5), (DiagnosticKind::CutOff, 10));
        assert_eq!(told, [unreadable, nameless, ambiguous, cut_off]);
    }
}
