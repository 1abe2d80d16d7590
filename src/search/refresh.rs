//! Reads the log of a server into an index: what was appended since the last time, however its
//! files are called by now.

use rayon::prelude::*;

use super::document::parse_id;
use super::error::SearchError;
use super::state::{Checkpoint, KnownFile, KnownSet, Start, hash_before};
use super::writer::{Added, Writer};
use crate::entry::{CHUNK_SIZE, LOOKAHEAD};
use crate::invocation::{Counts, Invocation, LogReader, Side, SourceFile};
use crate::source::Kept;
use crate::view::{LineWriter, View};

/// The log of one server.
#[derive(Debug)]
pub struct ServerSet<'s> {
    /// The server's name.
    pub server: Option<&'s str>,
    /// Where its newest file is.
    pub path: &'s str,
    /// What of it is selected and how it is shown: if that changes, all is read again.
    pub how: &'s str,
    /// Its files, from the oldest to the newest.
    pub files: Vec<SourceFile<'s>>,
}

/// How far the reading is.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    /// The file with this number is read up to this byte.
    Part(usize, usize),
    /// The file with this number has been read, and so many records found in it; `None` if it was
    /// known, from its start or from where the last reading ended.
    File(usize, Option<usize>),
    /// Some calls without an answer were taken: their pages are in memory again.
    Unanswered,
}

/// What was read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Refreshed {
    /// The records.
    pub counts: Counts,
    /// The invocations that were selected.
    pub selected: usize,
}

/// The end of a log is read again the next time from so far before it, in bytes: what a record is
/// may depend on what follows it.
const TAIL: usize = 2 * LOOKAHEAD;

/// How much must stand behind a record for it to be read for good.
const SETTLED: usize = LOOKAHEAD + (1 << 16);

/// How many calls without an answer are taken at a time.
const UNANSWERED: usize = 1 << 7;

/// A call that was read, and where its records are in the last file, if they are all there.
struct Taken {
    added: Added,
    in_last: Option<usize>,
    id: Option<u64>,
}

impl Writer<'_> {
    /// Brings the index up to date with a log. Adds the invocations that are selected, as `view`
    /// shows them: what it does not mask can be found and is on disk.
    pub fn refresh(
        &mut self,
        set: &ServerSet<'_>,
        view: &View,
        is_selected: impl Fn(&Invocation<'_>) -> bool + Sync,
        mut watch: impl FnMut(Step),
    ) -> Result<Refreshed, SearchError> {
        let bytes: Vec<&[u8]> = set.files.iter().map(|file| file.bytes).collect();
        let mut previous = self.take_known(set, &bytes);
        if let Some(known) = &mut previous {
            known.rename(&set.files);
        }
        let mut start = match &previous {
            Some(known) if known.how == set.how => known.start(&bytes),
            _ => Start::Anew,
        };
        let saved = previous.as_ref().map(|known| match start {
            Start::Within(_) => known.at.saved(),
            Start::Anew | Start::Behind(_) => known.end.saved(),
        });
        let kept = Kept::default();
        let resumed = match (&saved, start) {
            (Some(saved), Start::Within(_) | Start::Behind(_)) => {
                LogReader::resume(set.server, &kept, CHUNK_SIZE, saved)
            }
            _ => None,
        };
        let mut reader = resumed.unwrap_or_else(|| {
            start = Start::Anew;
            LogReader::new(set.server, &kept, CHUNK_SIZE)
        });
        reader.remember_ids();
        let first = match start {
            Start::Anew => 0,
            Start::Within(nth) | Start::Behind(nth) => nth,
        };
        for nth in 0..first {
            watch(Step::File(nth, None));
        }
        let last = bytes.iter().rposition(|bytes| !bytes.is_empty());
        let Some(last) = last.filter(|last| *last >= first) else {
            for nth in first..bytes.len() {
                watch(Step::File(nth, Some(0)));
            }
            self.state.sets.extend(previous);
            return Ok(Refreshed::default());
        };
        let mut selected = 0;
        let mut provisional: Vec<(usize, u64)> = Vec::new();
        let last_name = set.files[last].name;
        let mut at: Option<Checkpoint> = None;
        for (nth, file) in set.files.iter().enumerate().skip(first) {
            let place = match (&saved, start) {
                (Some(saved), Start::Within(within)) if within == nth => (saved.offset, saved.line),
                _ => (0, 1),
            };
            let (base, _) = place;
            let mut fallback = None;
            if nth == last {
                let from = base.max(file.bytes.len().saturating_sub(TAIL));
                fallback = match &saved {
                    Some(saved) if base > 0 => Some(saved.clone()),
                    _ => Some(reader.save()),
                };
                reader.save_from(from);
            }
            let records_before = reader.counts().records();
            reader.read_from(*file, place, |batch| {
                let end = batch.end;
                let invocations = batch.invocations;
                selected += self.take(
                    &invocations,
                    view,
                    &is_selected,
                    last_name,
                    &mut provisional,
                )?;
                watch(Step::Part(nth, end));
                Ok::<(), SearchError>(())
            })?;
            let records = reader.counts().records() - records_before;
            watch(Step::File(nth, (base == 0).then_some(records)));
            if nth == last {
                let is_settled = |saved: &crate::invocation::Saved| {
                    saved.offset == base || saved.offset + SETTLED <= file.bytes.len()
                };
                let saved = reader.take_saved().filter(is_settled).or(fallback);
                at = saved.map(Checkpoint::from);
            }
        }
        let end = Checkpoint::from(reader.save());
        watch(Step::Unanswered);
        let (counts, mut unanswered) = reader.finish();
        loop {
            let invocations: Vec<Invocation<'_>> = unanswered.by_ref().take(UNANSWERED).collect();
            if invocations.is_empty() {
                break;
            }
            selected += self.take(
                &invocations,
                view,
                &is_selected,
                last_name,
                &mut provisional,
            )?;
            watch(Step::Unanswered);
        }
        let at = at.unwrap_or_else(|| end.clone());
        let mut files = Vec::new();
        if let Some(previous) = previous {
            // Of what was read before its record was whole, nothing is left but what was read now.
            let is_read_again = previous.how == set.how
                && !matches!(start, Start::Behind(_))
                && previous.is_whole_in(&bytes);
            if is_read_again {
                self.forget(&previous.provisional)?;
            }
            match start {
                Start::Anew => {}
                Start::Within(_) => {
                    files = previous.files;
                    files.pop();
                }
                Start::Behind(_) => files = previous.files,
            }
        }
        let read = set.files.iter().skip(first);
        let read = read.filter(|file| !file.bytes.is_empty());
        files.extend(read.map(|file| KnownFile::of(file.name, file.bytes)));
        let provisional = provisional.into_iter();
        let provisional = provisional.filter(|(offset, _)| *offset >= at.offset);
        let provisional: Vec<u64> = provisional.map(|(_, id)| id).collect();
        self.state.sets.push(KnownSet {
            server: set.server.map(ToOwned::to_owned),
            path: set.path.to_owned(),
            how: set.how.to_owned(),
            files,
            before: hash_before(bytes[last], at.offset),
            at,
            end,
            provisional,
        });
        Ok(Refreshed { counts, selected })
    }

    /// Takes out what is known of a log: one with a file of it, or else with its path.
    fn take_known(&mut self, set: &ServerSet<'_>, bytes: &[&[u8]]) -> Option<KnownSet> {
        let sets = &mut self.state.sets;
        let is_of_server = |known: &KnownSet| known.server.as_deref() == set.server;
        let by_content = sets
            .iter()
            .position(|known| is_of_server(known) && known.has_any(bytes));
        let by_path = || {
            sets.iter()
                .position(|known| is_of_server(known) && known.path == set.path)
        };
        let nth = by_content.or_else(by_path)?;
        Some(sets.remove(nth))
    }

    /// Adds those of some invocations that are selected, and puts aside the IDs of those in the end
    /// of the last file.
    fn take(
        &mut self,
        invocations: &[Invocation<'_>],
        view: &View,
        is_selected: &(impl Fn(&Invocation<'_>) -> bool + Sync),
        last: &str,
        provisional: &mut Vec<(usize, u64)>,
    ) -> Result<usize, SearchError> {
        let index = self.index();
        let is_asked_for = |invocation: &&Invocation<'_>| {
            // Its request was, if the index holds it.
            invocation.is_continued() || is_selected(invocation)
        };
        let make = |(writer, line): &mut (LineWriter<'_>, Vec<u8>), invocation: &Invocation<'_>| {
            line.clear();
            writer.write(invocation, line);
            let sides = [invocation.request, invocation.response];
            let offset = |side: Side<'_>| (side.at.file == last).then_some(side.at.span.offset);
            let in_last = if invocation.is_continued() {
                None
            } else {
                let offsets: Option<Vec<usize>> = sides.into_iter().flatten().map(offset).collect();
                offsets.and_then(|offsets| offsets.into_iter().min())
            };
            let id = in_last.and_then(|_| parse_id(&invocation.identity.id().to_string()));
            let added = if invocation.is_continued() {
                Added::Response(String::from_utf8_lossy(line.trim_ascii_end()).into_owned())
            } else {
                Added::Call(index.prepare(line)?)
            };
            Ok(Taken { added, in_last, id })
        };
        let taken: Vec<Taken> = invocations
            .par_iter()
            .filter(is_asked_for)
            .map_init(|| (LineWriter::new(view), Vec::new()), make)
            .collect::<Result<_, SearchError>>()?;
        provisional.extend(taken.iter().filter_map(|taken| taken.in_last.zip(taken.id)));
        let count = taken.len();
        self.add_all(taken.into_iter().map(|taken| taken.added))?;
        Ok(count)
    }
}
