//! The evidence ledger: what the report rests on, and what is missing.
//!
//! Of each file: its hash, its records by kind, the first and the last time, and where the time, the
//! process or the wording of records is not what the ones before let expect.

mod file;
mod gaps;
mod hashing;
mod rotation;
mod seal;

#[cfg(test)]
mod tests;

pub use file::FileEntry;
pub use gaps::Gap;
pub use hashing::{Checkpoint, sha256};
pub use seal::{HashedFile, Seal, SealError, SealState, SealedFile};

use std::collections::BTreeMap;

use serde::Serialize;

use super::change::At;
use super::digest::Unanswered;
use super::failures::Reason;
use super::neighbours::Neighbours;
use super::rules::{Engine, Evidence, Severity};
use crate::entry::Asctime;
use crate::invocation::{Place, UtcOffset};
use file::Reading;
use gaps::Gaps;

/// How many places of a kind are kept. Others are counted.
const MOST_PLACES: usize = 100;

/// A request so many milliseconds before the end of a log may have been running then; the request of
/// a response so soon after the start may stand before it.
pub(super) const NEAR_END_MS: i64 = 60_000;

/// What the report rests on.
#[derive(Debug, Default, Serialize)]
pub struct Ledger {
    /// The servers, in the order in which they were read.
    pub servers: Vec<ServerLedger>,
    /// What became of files that were sealed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sealed: Vec<SealedFile>,
}

/// What is known of the log of one server.
#[derive(Debug, Default, Serialize)]
pub struct ServerLedger {
    /// The server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// Its files, from the oldest to the newest.
    pub files: Vec<FileEntry>,
    /// Files of the rotation that should be there and are not.
    pub missing: Vec<String>,
    /// Requests without a response, and why.
    pub requests_unpaired: BTreeMap<Reason, u64>,
    /// Responses without a request, and why.
    pub responses_unpaired: BTreeMap<UnpairedResponse, u64>,
    /// Times without a record that are longer than is usual in this log.
    pub gaps: Vec<Gap>,
    /// The longest time without a record, whether it is usual or not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longest_gap: Option<Gap>,
    /// Records that are older than the one before.
    pub clock_back: Places<ClockBack>,
    /// New processes that have come when all before them were gone.
    pub restarts: Places<Restart>,
    /// Records that are worded otherwise than the ones before: another version of Zato.
    pub upgrades: Places<Upgrade>,
    /// The server's UTC offset, where CIDs tell it, and its changes.
    pub utc_offsets: Places<OffsetFrom>,
    #[serde(skip)]
    processes: BTreeMap<u32, ProcessSpan>,
    #[serde(skip)]
    reading: Reading,
    #[serde(skip)]
    time_gaps: Gaps,
    #[serde(skip)]
    last_offset: Option<UtcOffset>,
    #[serde(skip)]
    last_file: (String, usize),
}

/// Why a response has no request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnpairedResponse {
    /// Zato 4.1 logs no request where the input is empty.
    NoInput,
    /// The log starts just before it.
    StartOfLog,
    /// The log does not tell.
    Unknown,
}

impl UnpairedResponse {
    /// The reason in words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoInput => "called without input",
            Self::StartOfLog => "cut off by the start of the log",
            Self::Unknown => "the log does not tell",
        }
    }
}

/// Places of a kind: the first ones, and how many there are.
#[derive(Clone, Debug, Serialize)]
pub struct Places<T> {
    /// How many there are.
    pub count: u64,
    /// The first of them.
    pub first: Vec<T>,
}

impl<T> Default for Places<T> {
    fn default() -> Self {
        Self {
            count: 0,
            first: Vec::new(),
        }
    }
}

impl<T> Places<T> {
    fn add(&mut self, place: T) {
        self.count += 1;
        if self.first.len() < MOST_PLACES {
            self.first.push(place);
        }
    }
}

/// A record that is older than the one before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClockBack {
    /// The time of the record before.
    pub from: String,
    /// Its own time.
    pub to: String,
    /// Where it stands.
    #[serde(flatten)]
    pub at: At,
}

/// A process that has come when all before it were gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Restart {
    /// The time of its first record.
    pub time: String,
    /// Its ID.
    pub pid: u32,
    /// Where that record stands.
    #[serde(flatten)]
    pub at: At,
}

/// A record that is worded otherwise than the ones before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Upgrade {
    /// When it was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// How records of this kind were worded before, with the line of Zato's source.
    pub from: String,
    /// How they are worded from here on.
    pub to: String,
    /// Where it stands.
    #[serde(flatten)]
    pub at: At,
}

/// From when on the server's clock was so far ahead of UTC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OffsetFrom {
    /// `+01:00`
    pub offset: String,
    /// The time of the call that shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// Where it stands.
    #[serde(flatten)]
    pub at: At,
}

/// The records of a process.
#[derive(Clone, Debug)]
struct ProcessSpan {
    first: (usize, usize),
    last: (usize, usize),
    first_time: Asctime,
    at: At,
}

impl ServerLedger {
    /// Starts the ledger of a server whose log has these files of so many bytes, from the oldest to
    /// the newest.
    #[must_use]
    pub fn new(server: Option<&str>, files: &[(&str, u64)]) -> Self {
        let names: Vec<&str> = files.iter().map(|(name, _)| *name).collect();
        let entries = files.iter().map(|(name, bytes)| FileEntry {
            file: (*name).to_owned(),
            bytes: *bytes,
            ..FileEntry::default()
        });
        Self {
            server: server.map(ToOwned::to_owned),
            missing: rotation::missing(&names),
            files: entries.collect(),
            ..Self::default()
        }
    }

    /// Concludes what all records together show. `hashes` are those of the files, in their order.
    pub fn finish(&mut self, hashes: impl IntoIterator<Item = String>) {
        for (file, sha256) in self.files.iter_mut().zip(hashes) {
            file.sha256 = sha256;
            file.last = file.last_time.map(|time| time.to_string());
        }
        let gaps = std::mem::take(&mut self.time_gaps);
        self.longest_gap = gaps.longest().cloned();
        let span = self.reading.first.zip(self.reading.last);
        let span = span.map_or(0, |(first, last)| last.millis_since(first));
        self.gaps = gaps.beyond_rhythm(span);
        let mut processes: Vec<(&u32, &ProcessSpan)> = self.processes.iter().collect();
        processes.sort_by_key(|(_, span)| span.first);
        let mut all_until: Option<(usize, usize)> = None;
        for (pid, span) in processes {
            if all_until.is_some_and(|until| until < span.first) {
                self.restarts.add(Restart {
                    time: span.first_time.to_string(),
                    pid: *pid,
                    at: span.at.clone(),
                });
            }
            all_until = all_until.max(Some(span.last));
        }
    }

    /// The number of a file.
    pub(super) fn file_number(&mut self, name: &str) -> usize {
        if self.last_file.0 != name {
            let number = self.files.iter().position(|file| file.file == name);
            self.last_file = (name.to_owned(), number.unwrap_or_default());
        }
        self.last_file.1
    }

    /// The time of the first record.
    pub(super) fn first(&self) -> Option<Asctime> {
        self.reading.first
    }

    /// Why a call has no answer that the server's other logs know nothing of.
    pub(super) fn reason(&self, call: &Unanswered, neighbours: &Neighbours) -> Reason {
        let place = (call.file, call.offset);
        let process = call
            .process
            .and_then(|process| self.processes.get(&process));
        let is_last_of_process = process.is_some_and(|process| process.last <= place);
        let before_end = call.time().zip(self.reading.last);
        let before_end = before_end.map(|(time, last)| last.millis_since(time));
        if before_end.is_some_and(|before_end| before_end.abs() <= NEAR_END_MS) {
            Reason::EndOfLog
        } else if rotation::is_followed_by_gap(&self.files, call.file) && self.is_last_in_file(call)
        {
            Reason::MissingFile
        } else if is_last_of_process && self.processes.len() > 1 {
            Reason::ProcessEnded
        } else if call.time().is_some_and(|time| neighbours.covers(time)) {
            Reason::NoException
        } else {
            Reason::Unknown
        }
    }

    /// Whether the file ends soon after a call.
    fn is_last_in_file(&self, call: &Unanswered) -> bool {
        let end = self.files.get(call.file).and_then(|file| file.last_time);
        let after = end
            .zip(call.time())
            .map(|(end, time)| end.millis_since(time));
        after.is_some_and(|after| after <= NEAR_END_MS)
    }

    pub(super) fn note_request(&mut self, reason: Reason) {
        *self.requests_unpaired.entry(reason).or_default() += 1;
    }

    pub(super) fn note_response(&mut self, reason: UnpairedResponse) {
        *self.responses_unpaired.entry(reason).or_default() += 1;
    }

    /// Notes what the CID of a call tells of the server's clock.
    pub(super) fn note_offset(
        &mut self,
        offset: UtcOffset,
        time: Option<Asctime>,
        place: Place<'_>,
    ) {
        if self.last_offset == Some(offset) {
            return;
        }
        self.last_offset = Some(offset);
        self.utc_offsets.add(OffsetFrom {
            offset: offset.to_string(),
            time: time.map(|time| time.to_string()),
            at: At {
                file: place.file.to_owned(),
                line: place.line as u64,
            },
        });
    }

    fn note_process(
        &mut self,
        pid: u32,
        place: (usize, usize),
        time: Asctime,
        at: impl FnOnce() -> At,
    ) {
        if let Some(span) = self.processes.get_mut(&pid) {
            span.last = place;
            return;
        }
        let span = ProcessSpan {
            first: place,
            last: place,
            first_time: time,
            at: at(),
        };
        self.processes.insert(pid, span);
    }

    /// How many records of each kind there are in all files.
    #[must_use]
    pub fn total(&self) -> FileEntry {
        let mut total = FileEntry::default();
        for file in &self.files {
            total.bytes += file.bytes;
            total.records += file.records;
            total.calls += file.calls;
            total.others += file.others;
            total.unreadable += file.unreadable;
            total.nameless += file.nameless;
            total.cut_off += file.cut_off;
            total.ambiguous += file.ambiguous;
        }
        total
    }
}

impl Ledger {
    pub(super) fn add(&mut self, server: ServerLedger) {
        self.servers.push(server);
    }

    /// Says what in the logs is a finding.
    pub(super) fn report(&self, engine: &mut Engine) {
        for server in &self.servers {
            let evidence = |at: &At, time: Option<&String>| Evidence {
                time: time.cloned(),
                server: server.server.clone(),
                at: at.clone(),
            };
            for missing in &server.missing {
                let sentence = format!("{missing} is missing: what it held is not in this report");
                engine.say("missing-file", Severity::High, sentence, Vec::new());
            }
            for gap in &server.gaps {
                let sentence = format!(
                    "nothing was logged for {}, from {} to {}, which is unusual in this log",
                    gap.length(),
                    gap.from,
                    gap.to
                );
                let evidence = vec![evidence(&gap.at, Some(&gap.to))];
                engine.say("gap", Severity::Medium, sentence, evidence);
            }
            for back in &server.clock_back.first {
                let sentence = format!("the clock went back from {} to {}", back.from, back.to);
                let evidence = vec![evidence(&back.at, Some(&back.to))];
                engine.say("clock-back", Severity::Medium, sentence, evidence);
            }
            for offset in server.utc_offsets.first.iter().skip(1) {
                let sentence = format!("the server's UTC offset has become {}", offset.offset);
                let evidence = vec![evidence(&offset.at, offset.time.as_ref())];
                engine.say("utc-offset", Severity::Low, sentence, evidence);
            }
        }
    }
}
