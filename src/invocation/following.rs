//! Joins the records of a log that is still being written.
//!
//! What has been answered is given and forgotten; the records of open calls are kept, and stand
//! before what comes next as if all had been read at once. A record that is equal, byte for byte, to
//! one that has been forgotten gets its ID.

use std::convert::Infallible;
use std::mem;
use std::time::Duration;

use super::patchwork::{Origin, Patchwork, lines};
use super::reading::{LogReader, SourceFile};
use super::{Invocation, Place};
use crate::entry::{CHUNK_SIZE, Direction, Hinter, Record, read_in_chunks, records};
use crate::source::Kept;

/// A log that is followed.
#[derive(Debug)]
pub struct Following {
    server: Option<String>,
    /// The files, of which the last one is being written.
    files: Vec<String>,
    open: Vec<OpenRecord>,
    /// Those that are too many to wait for, until they have been given as unanswered.
    surplus: Vec<OpenRecord>,
    /// How long the rest was when no end of a record was found in it.
    searched: usize,
    /// What comes behind all records that were read, and where in the last file it starts.
    rest: Vec<u8>,
    rest_offset: usize,
    rest_line: usize,
}

/// How many requests wait for their responses: all are read again with what is new. The oldest ones
/// give way, and a response that comes to one of them stands alone.
const MOST_WAITING: usize = 10_000;

/// A last record that is longer, in bytes, is only looked through again when it has doubled, or
/// reading it piece by piece would take quadratic time.
const LONG_REST: usize = 4 << 20;

/// The record of a request that has no response yet.
#[derive(Debug)]
struct OpenRecord {
    bytes: Vec<u8>,
    origin: Origin,
    /// When it was read, until it has been given as unanswered.
    read_at: Option<Duration>,
}

/// Whether more of the last record may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// It may still be written.
    NotYet,
    /// It is what it is.
    Yes,
}

impl Following {
    /// Starts before the first record of a file.
    #[must_use]
    pub fn new(server: Option<&str>, file: &str) -> Self {
        Self {
            server: server.map(str::to_owned),
            files: vec![file.to_owned()],
            open: Vec::new(),
            surplus: Vec::new(),
            searched: 0,
            rest: Vec::new(),
            rest_offset: 0,
            rest_line: 1,
        }
    }

    /// Reads what is there of a server's files, the last of which is being written, and gives `take`
    /// the invocations that it completes. The last record is left if more of it may be written, or if
    /// it is a request.
    pub fn after<E>(
        server: Option<&str>,
        files: &[SourceFile<'_>],
        mut take: impl FnMut(&[Invocation<'_>]) -> Result<(), E>,
    ) -> Result<Self, E> {
        let mut following = Self::new(server, files.first().map_or("", |file| file.name));
        let kept = Kept::default();
        let mut reader = LogReader::new(server, &kept, CHUNK_SIZE);
        for (nth, &SourceFile { name, bytes }) in files.iter().enumerate() {
            if nth > 0 {
                following.start_file(name);
            }
            let is_last = nth + 1 == files.len();
            let end = match last_start(bytes) {
                start if is_last && !is_whole_response(&bytes[start..]) => start,
                _ => bytes.len(),
            };
            let (bytes, rest) = bytes.split_at(end);
            following.rest.extend_from_slice(rest);
            following.rest_offset = bytes.len();
            following.rest_line += lines(bytes);
            reader.read(SourceFile { name, bytes }, |batch| take(&batch.invocations))?;
        }
        for request in reader.finish().1.filter_map(|call| call.request) {
            let Place { file, span, line } = request.at;
            let number = files.iter().position(|known| known.name == file);
            let bytes = number.and_then(|number| files[number].bytes.get(span.offset..span.end()));
            if let (Some(number), Some(bytes)) = (number, bytes) {
                following.open.push(OpenRecord {
                    bytes: bytes.to_vec(),
                    origin: Origin {
                        file: number,
                        offset: span.offset,
                        line,
                    },
                    // Whoever starts to follow a log now does not wait for these.
                    read_at: None,
                });
            }
        }
        following.let_go();
        Ok(following)
    }

    /// Goes on with another file. What is left of the one before must have been read.
    pub fn start_file(&mut self, file: &str) {
        self.files.push(file.to_owned());
        self.searched = 0;
        self.rest.clear();
        self.rest_offset = 0;
        self.rest_line = 1;
    }

    /// Where that is to be put which was written next.
    pub fn input(&mut self) -> &mut Vec<u8> {
        &mut self.rest
    }

    /// Whether something waits for its end to be written.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        !self.rest.is_empty()
    }

    /// Reads what was put in, and gives `take` the invocations that it completes. The last record is
    /// left for the next time unless it is settled. `now` is counted from any moment.
    pub fn read<T>(
        &mut self,
        settled: Settled,
        now: Duration,
        take: impl FnOnce(&[Invocation<'_>]) -> T,
    ) -> Option<T> {
        let end = match settled {
            Settled::Yes => self.rest.len(),
            Settled::NotYet if self.rest.len() < 2 * self.searched => 0,
            Settled::NotYet => last_start(&self.rest),
        };
        if end == 0 {
            if self.rest.len() >= 2 * self.searched.max(LONG_REST) {
                self.searched = self.rest.len();
            }
            return None;
        }
        self.searched = 0;
        let mut patchwork = Patchwork::default();
        let open = mem::take(&mut self.open);
        // Where each of them starts.
        let starts: Vec<usize> = open
            .iter()
            .map(|record| {
                let start = patchwork.len();
                patchwork.push(&record.bytes, record.origin);
                start
            })
            .collect();
        let origin = Origin {
            file: self.files.len() - 1,
            offset: self.rest_offset,
            line: self.rest_line,
        };
        patchwork.push(&self.rest[..end], origin);
        self.rest_offset += end;
        self.rest_line += lines(&self.rest[..end]);
        self.rest.drain(..end);

        let (mut answered, unanswered) = patchwork.read(self.server.as_deref());
        for request in unanswered.iter().filter_map(|call| call.request) {
            let span = request.at.span;
            let read_at = match starts.binary_search(&span.offset) {
                Ok(nth) => open[nth].read_at,
                Err(_) => Some(now),
            };
            self.open.push(OpenRecord {
                bytes: patchwork.bytes(span.offset, span.length).to_vec(),
                origin: patchwork.origin(request.at),
                read_at,
            });
        }
        patchwork.put_back(&mut answered, &self.files);
        let taken = take(&answered);
        drop(answered);
        self.let_go();
        Some(taken)
    }

    /// Stops waiting for the responses to the oldest requests, if they are too many.
    fn let_go(&mut self) {
        let surplus = self.open.len().saturating_sub(MOST_WAITING);
        let gone = self.open.drain(..surplus);
        self.surplus
            .extend(gone.filter(|record| record.read_at.is_some()));
    }

    /// Gives `take` the calls that have been open since `before` or longer, each once.
    pub fn unanswered<T>(
        &mut self,
        before: Duration,
        take: impl FnOnce(&[Invocation<'_>]) -> T,
    ) -> Option<T> {
        let mut patchwork = Patchwork::default();
        for record in self.surplus.drain(..) {
            patchwork.push(&record.bytes, record.origin);
        }
        for record in &mut self.open {
            if record.read_at.is_some_and(|read_at| read_at <= before) {
                record.read_at = None;
                patchwork.push(&record.bytes, record.origin);
            }
        }
        if patchwork.len() == 0 {
            return None;
        }
        let (_, mut unanswered) = patchwork.read(self.server.as_deref());
        patchwork.put_back(&mut unanswered, &self.files);
        Some(take(&unanswered))
    }
}

/// Whether this is a response that is surely at its end. A request is waited for: who starts to follow
/// a log wants to know whether its last call is answered.
fn is_whole_response(record: &[u8]) -> bool {
    let last = records(record).last();
    let call = last.as_ref().and_then(Record::call);
    record.ends_with(b"\n")
        && call.is_some_and(|(_, call)| {
            call.direction == Direction::Response && !call.payload.is_cut_off
        })
}

/// Where the last record of a log starts.
fn last_start(log: &[u8]) -> usize {
    let mut last = 0;
    let Ok(()) = read_in_chunks(
        log,
        0,
        CHUNK_SIZE,
        |_| (),
        Hinter::NONE,
        |chunks| {
            let records = chunks.iter().rev().find_map(|chunk| chunk.records.last());
            last = records.map_or(last, |(record, ())| record.span.offset);
            Ok::<(), Infallible>(())
        },
    );
    last
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    /// All that an invocation says, but for the calls around it.
    fn shown(invocations: &[Invocation<'_>]) -> Vec<String> {
        let text = |invocation: &Invocation<'_>| {
            let id = invocation.identity.id();
            let mut invocation = invocation.clone();
            invocation.parent = None;
            let sides = [invocation.request, invocation.response];
            let (service, server) = (invocation.service, invocation.server);
            format!(
                "{id} {service} {server:?} {:?} {sides:?}",
                invocation.outcome()
            )
        };
        invocations.iter().map(text).collect()
    }

    fn record(nth: usize, kind: &str, service: &str, cid: usize, text: &str) -> String {
        format!(
            "2018-11-11 22:01:57,{nth:03} - INFO - 7:Dummy-1 - zato_admin:0 - {kind}; \
             service:`{service}`, data:`{text}` cid:`K{cid}`, \n"
        )
    }

    #[test]
    fn requests_that_are_too_many_are_given_and_not_waited_for() {
        let mut following = Following::new(None, "admin.log");
        let mut log = String::new();
        let many = MOST_WAITING + 5;
        for nth in 0..many {
            log += &record(0, "Request", "a", nth, "{}");
        }
        following.input().extend_from_slice(log.as_bytes());
        following.read(Settled::Yes, Duration::from_secs(1), |_| ());
        assert_eq!(following.open.len(), MOST_WAITING);
        // Those that are not waited for are given at once, and each once.
        let given = following.unanswered(Duration::ZERO, |calls| calls.len());
        assert_eq!(given, Some(5));
        let given = following.unanswered(Duration::from_secs(1), |calls| calls.len());
        assert_eq!(given, Some(MOST_WAITING));
        let answers = record(0, "Response", "a", 4, "{}") + &record(0, "Response", "a", 5, "{}");
        following.input().extend_from_slice(answers.as_bytes());
        let sides = |calls: &[Invocation<'_>]| {
            let has_request = calls.iter().map(|call| call.request.is_some());
            has_request.collect::<Vec<_>>()
        };
        let read = following.read(Settled::Yes, Duration::from_secs(2), sides);
        assert_eq!(read, Some(vec![false, true]));
    }

    #[test]
    fn a_long_record_that_comes_in_pieces_is_given_when_it_is_whole() {
        let mut following = Following::new(None, "admin.log");
        let long = record(0, "Request", "a", 1, &"x".repeat(3 * LONG_REST));
        let log = long + &record(0, "Response", "a", 1, "{}") + &record(0, "Request", "a", 2, "{}");
        let mut given = 0;
        for piece in log.as_bytes().chunks(1 << 20) {
            following.input().extend_from_slice(piece);
            let read = following.read(Settled::NotYet, Duration::ZERO, |calls| calls.len());
            given += read.unwrap_or_default();
        }
        given += following
            .read(Settled::Yes, Duration::ZERO, |calls| calls.len())
            .unwrap_or_default();
        assert_eq!((given, following.open.len()), (1, 1));
    }

    proptest! {
        /// However a log comes in, and whatever of it waits, it gives what it gives as a whole, but
        /// for what is known of the calls around: those may have been answered and forgotten.
        #[test]
        fn pieces_give_what_the_whole_gives(
            steps in prop::collection::vec((0..4_u8, 0..3_usize, 0..2_usize), 1..30),
            cuts in prop::collection::vec((any::<prop::sample::Index>(), any::<bool>()), 0..12),
        ) {
            let log: String = steps
                .iter()
                .enumerate()
                .map(|(nth, (kind, cid, service))| {
                    let kind = if *kind == 0 { "Response" } else { "Request" };
                    let text = if nth % 3 == 0 { "two\nlines" } else { "{}" };
                    record(nth, kind, ["a", "b"][*service], *cid, text)
                })
                .collect();
            let mut whole = Following::new(Some("s"), "admin.log");
            whole.input().extend_from_slice(log.as_bytes());
            let mut expected = whole.read(Settled::Yes, Duration::ZERO, shown).unwrap_or_default();
            expected.extend(whole.unanswered(Duration::ZERO, shown).unwrap_or_default());

            let mut cuts: Vec<(usize, bool)> =
                cuts.iter().map(|(cut, look)| (cut.index(log.len()), *look)).collect();
            cuts.sort_unstable();
            cuts.push((log.len(), true));
            let mut pieces = Following::new(Some("s"), "admin.log");
            let mut found = Vec::new();
            let mut at = 0;
            for (cut, look) in cuts {
                pieces.input().extend_from_slice(&log.as_bytes()[at..cut]);
                at = cut;
                if look {
                    found.extend(pieces.read(Settled::NotYet, Duration::ZERO, shown).unwrap_or_default());
                }
            }
            found.extend(pieces.read(Settled::Yes, Duration::ZERO, shown).unwrap_or_default());
            found.extend(pieces.unanswered(Duration::ZERO, shown).unwrap_or_default());
            prop_assert_eq!(found, expected);
        }
    }
}
