//! What the ledger takes of each record, and what it knows of each file.

use serde::Serialize;

use super::{At, ClockBack, ServerLedger, Upgrade};
use crate::entry::{Asctime, Direction, Wording};
use crate::invocation::{RecordKind, RecordNote};

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

impl FileEntry {
    fn take(&mut self, record: &RecordNote) {
        self.count(record.kind);
        if let Some((time, ..)) = record.header {
            if self.first.is_none() {
                self.first = Some(time.to_string());
            }
            self.last_time = Some(time);
        }
    }

    fn count(&mut self, kind: RecordKind) {
        match kind {
            RecordKind::Call => self.calls += 1,
            RecordKind::CutOff => {
                self.calls += 1;
                self.cut_off += 1;
            }
            RecordKind::Ambiguous => {
                self.calls += 1;
                self.ambiguous += 1;
            }
            RecordKind::Other => self.others += 1,
            RecordKind::Nameless => self.nameless += 1,
            RecordKind::Unreadable => {
                self.unreadable += 1;
                return;
            }
        }
        self.records += 1;
    }
}

impl ServerLedger {
    /// Takes the next records of a file, in order.
    pub fn take(&mut self, file: &str, records: &[RecordNote]) {
        if records.is_empty() {
            return;
        }
        let number = self.file_number(file);
        for record in records {
            let at = || At {
                file: file.to_owned(),
                line: record.line as u64,
            };
            if let Some((time, process, lineno)) = record.header {
                self.note_time(time, at);
                self.note_process(process, (number, record.offset), time, at);
                if let Some((direction, wording)) = record.call {
                    self.note_wording(direction, (wording, lineno), time, at);
                }
            }
            if let Some(entry) = self.files.get_mut(number) {
                entry.take(record);
            }
        }
    }

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
