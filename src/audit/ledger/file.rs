//! Reads one file for the ledger.

use serde::Serialize;

use super::hashing::Hashing;
use super::{At, ClockBack, ServerLedger, Upgrade};
use crate::entry::{
    Asctime, CHUNK_SIZE, Content, Direction, Hinter, Message, Record, Wording, read_in_chunks,
};

/// What is known of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FileEntry {
    /// The file, as given or found.
    pub file: String,
    /// How many bytes it holds, uncompressed.
    pub bytes: u64,
    /// The SHA-256 of these bytes.
    pub sha256: String,
    /// The time of its first record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<String>,
    /// The time of its last record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<String>,
    /// All records that could be read, whole or in part.
    pub records: u64,
    /// Requests and responses.
    pub calls: u64,
    /// Records with another message.
    pub others: u64,
    /// Pieces that are no records.
    pub unreadable: u64,
    /// Requests and responses without a name that can be read.
    pub nameless: u64,
    /// Records that break off.
    pub cut_off: u64,
    /// Records whose end can be read in more than one way.
    pub ambiguous: u64,
    #[serde(skip)]
    pub(super) last_time: Option<Asctime>,
}

/// What is remembered from record to record, and from file to file.
#[derive(Debug, Default)]
pub(super) struct Reading {
    pub(super) first: Option<Asctime>,
    pub(super) last: Option<Asctime>,
    /// How requests and responses were worded, with the line of Zato's source.
    signatures: [Option<(Wording, u32)>; 2],
}

/// A clock that goes back by less is one of several processes that write at the same time.
const BACK_MS: i64 = 1_000;

/// What a thread takes of a record.
#[derive(Clone, Copy, Debug)]
struct Note {
    kind: Kind,
    header: Option<(Asctime, u32, u32)>,
    call: Option<(Direction, Wording)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Call,
    CutOff,
    Ambiguous,
    Other,
    Nameless,
    Unreadable,
}

/// Reads a file, which has a number among those of its server, and hashes it on the way.
pub(super) fn read(
    ledger: &mut ServerLedger,
    (name, number): (&str, usize),
    log: &[u8],
    mut hashing: Hashing<'_, '_>,
    mut behind: impl FnMut(usize),
) -> FileEntry {
    let mut entry = FileEntry {
        file: name.to_owned(),
        bytes: log.len() as u64,
        ..FileEntry::default()
    };
    let mut line = 1;
    let done = read_in_chunks(log, 0, CHUNK_SIZE, note, Hinter::NONE, |chunks| {
        for (record, note) in chunks.iter().flat_map(|chunk| &chunk.records) {
            entry.count(note.kind);
            if let Some((time, process, lineno)) = note.header {
                let at = || At {
                    file: name.to_owned(),
                    line,
                };
                ledger.note_time(time, at);
                ledger.note_process(process, (number, record.span.offset), time, at);
                if let Some((direction, wording)) = note.call {
                    ledger.note_wording(direction, (wording, lineno), time, at);
                }
                if entry.first.is_none() {
                    entry.first = Some(time.to_string());
                }
                entry.last_time = Some(time);
            }
            line += record.lines as u64;
        }
        if let Some(chunk) = chunks.last() {
            hashing.go_to(chunk.end);
            behind(chunk.end);
        }
        Ok::<(), std::convert::Infallible>(())
    });
    match done {
        Ok(()) => {}
        Err(never) => match never {},
    }
    entry.sha256 = hashing.finish();
    entry.last = entry.last_time.map(|time| time.to_string());
    entry
}

fn note(record: &Record<'_>) -> Note {
    let (kind, call) = match &record.content {
        Content::Unreadable => (Kind::Unreadable, None),
        Content::Entry(entry) => match &entry.message {
            Message::Nameless => (Kind::Nameless, None),
            Message::Other => (Kind::Other, None),
            Message::Call(call) => {
                let kind = if call.payload.is_cut_off {
                    Kind::CutOff
                } else if call.is_ambiguous {
                    Kind::Ambiguous
                } else {
                    Kind::Call
                };
                (kind, Some((call.direction, call.payload.wording)))
            }
        },
    };
    let header = match &record.content {
        Content::Unreadable => None,
        Content::Entry(entry) => entry.header.as_ref(),
    };
    Note {
        kind,
        header: header.map(|header| (header.asctime, header.process, header.lineno)),
        call,
    }
}

impl FileEntry {
    fn count(&mut self, kind: Kind) {
        match kind {
            Kind::Call => self.calls += 1,
            Kind::CutOff => {
                self.calls += 1;
                self.cut_off += 1;
            }
            Kind::Ambiguous => {
                self.calls += 1;
                self.ambiguous += 1;
            }
            Kind::Other => self.others += 1,
            Kind::Nameless => self.nameless += 1,
            Kind::Unreadable => {
                self.unreadable += 1;
                return;
            }
        }
        self.records += 1;
    }
}

impl ServerLedger {
    fn note_time(&mut self, time: Asctime, at: impl Fn() -> At) {
        self.reading.first.get_or_insert(time);
        if let Some(last) = self.reading.last.replace(time) {
            if last.millis_since(time) > BACK_MS {
                self.clock_back.add(ClockBack {
                    from: last.to_string(),
                    to: time.to_string(),
                    at: at(),
                });
            }
            self.time_gaps.add(last, time, at);
        }
    }

    fn note_wording(
        &mut self,
        direction: Direction,
        signature: (Wording, u32),
        time: Asctime,
        at: impl FnOnce() -> At,
    ) {
        let nth = match direction {
            Direction::Request => 0,
            Direction::Response => 1,
        };
        let before = self.reading.signatures[nth].replace(signature);
        if let Some(before) = before
            && before != signature
        {
            let worded = |(wording, line): (Wording, u32)| {
                format!("{} {}, line {line}", direction.as_str(), wording.as_str())
            };
            self.upgrades.add(Upgrade {
                time: Some(time.to_string()),
                from: worded(before),
                to: worded(signature),
                at: at(),
            });
        }
    }
}
