//! Puts invocations into an index.

use std::collections::HashMap;
use std::fmt;
use std::path::Path;

use tantivy::indexer::UserOperation;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocSet as _, IndexWriter, Searcher, TERMINATED, TantivyError, Term};

use super::document::{CallDocument, StoredLine, Summary, document, parse_id, summary};
use super::error::SearchError;
use super::hits::unreadable;
use super::in_flight::InFlight;
use super::index::Index;
use super::merge::merge;
use super::schema::Fields;
use super::state::State;
use crate::query::Line;

/// How much each thread keeps in memory before it writes a segment. Tantivy wants 15 MB at least.
const BYTES_PER_THREAD: usize = 80_000_000;

/// Tantivy takes no more threads.
const MOST_THREADS: usize = 8;

/// Writes to an index, which is locked for all other writers meanwhile. Nothing is found before
/// [`commit`](Self::commit), and nothing is kept without it.
pub struct Writer<'i> {
    index: &'i Index,
    directory: &'i Path,
    fields: Fields,
    /// What the index knows of logs.
    pub(super) state: State,
    tantivy: IndexWriter<CallDocument>,
    in_flight: InFlight,
    /// What the index held at first, if it held anything.
    before: Option<Searcher>,
    /// The IDs that were added or found to be in the index, and whether the call was completed.
    seen: HashMap<u64, bool>,
}

/// A line that is ready to be added.
#[derive(Debug)]
pub struct Prepared {
    document: CallDocument,
    summary: Summary,
}

/// What was read of a call.
pub(super) enum Added {
    /// All of it.
    Call(Prepared),
    /// The line of its response: its request was read another time.
    Response(String),
}

/// An invocation that the index holds.
struct Known {
    summary: Summary,
    line: String,
}

impl Index {
    /// Makes a line ready to be added: many threads can do this at once. Fails if it is none of
    /// [`write_json_line`](crate::view::write_json_line).
    pub fn prepare(&self, line: &[u8]) -> Result<Prepared, SearchError> {
        let prepare = || -> Result<Prepared, serde_json::Error> {
            let text = str::from_utf8(line.trim_ascii_end()).map_err(serde::de::Error::custom)?;
            let line = Line::read(text)?;
            let summary = summary(&line)?;
            let document = document(&self.fields, text.to_owned(), &line, &summary);
            Ok(Prepared { document, summary })
        };
        prepare().map_err(SearchError::Line)
    }

    /// Opens the index for writing, by so many threads. Fails if it is open for writing already.
    pub fn writer(&self, threads: usize) -> Result<Writer<'_>, SearchError> {
        let threads = threads.clamp(1, MOST_THREADS);
        let open = || {
            let tantivy = self
                .tantivy
                .writer_with_num_threads(threads, threads * BYTES_PER_THREAD)?;
            let before = self.searcher()?;
            Ok(Writer {
                index: self,
                state: self.state()?,
                directory: &self.directory,
                fields: self.fields,
                tantivy,
                in_flight: InFlight::default(),
                before: (before.num_docs() > 0).then_some(before),
                seen: HashMap::new(),
            })
        };
        open().map_err(SearchError::of_index(&self.directory))
    }
}

impl Writer<'_> {
    /// Adds invocations, unless the index knows as much of them already. One that is partial there,
    /// since its request or its response was not read, or not to its end, gives way.
    pub fn add(&mut self, all: impl IntoIterator<Item = Prepared>) -> Result<(), SearchError> {
        self.add_all(all.into_iter().map(Added::Call))
    }

    pub(super) fn add_all(
        &mut self,
        all: impl IntoIterator<Item = Added>,
    ) -> Result<(), SearchError> {
        let failed = SearchError::of_index(self.directory);
        for added in all {
            let prepared = match added {
                Added::Call(prepared) => Some(prepared),
                Added::Response(line) => self.completed(&line)?,
            };
            let Some(prepared) = prepared else { continue };
            let operations = self.operations(prepared).map_err(failed)?;
            if !operations.is_empty() {
                self.tantivy.run(operations).map_err(failed)?;
            }
        }
        Ok(())
    }

    /// Waits until nothing waits for tantivy's threads.
    pub fn settle(&self) {
        self.in_flight.settle();
    }

    /// Takes these out of the index, unless they were seen by now.
    pub(super) fn forget(&mut self, ids: &[u64]) -> Result<(), SearchError> {
        let gone = ids.iter().filter(|id| !self.seen.contains_key(id));
        let gone = gone.map(|id| UserOperation::Delete(Term::from_field_u64(self.fields.id, *id)));
        let gone: Vec<UserOperation<CallDocument>> = gone.collect();
        self.tantivy
            .run(gone)
            .map_err(SearchError::of_index(self.directory))?;
        Ok(())
    }

    /// Makes all that was added part of the index, and closes it for writing.
    pub fn commit(mut self) -> Result<(), SearchError> {
        let failed = SearchError::of_index(self.directory);
        let failed_in_directory = SearchError::of_directory(self.directory);
        let name = self
            .state
            .write(self.directory)
            .map_err(failed_in_directory)?;
        let mut commit = self.tantivy.prepare_commit().map_err(failed)?;
        commit.set_payload(&name);
        commit.commit().map_err(failed)?;
        State::remove_others(self.directory, &name).map_err(failed_in_directory)?;
        self.tantivy.wait_merging_threads().map_err(failed)
    }

    pub(super) fn index(&self) -> &Index {
        self.index
    }

    /// Joins a response with the request that the index holds. `None` if it holds none, since it was
    /// not asked for.
    fn completed(&self, response: &str) -> Result<Option<Prepared>, SearchError> {
        let id = Line::read(response)
            .ok()
            .and_then(|line| parse_id(&line.facts.id()));
        let Some(id) = id else { return Ok(None) };
        let known = self
            .known_by(self.fields.id, id)
            .map_err(SearchError::of_index(self.directory))?;
        let Some(known) = known.into_iter().next() else {
            return Ok(None);
        };
        let line = merge(&known.line, response).map_err(SearchError::Line)?;
        self.index.prepare(line.as_bytes()).map(Some)
    }

    /// What has to be done to add an invocation.
    fn operations(
        &mut self,
        prepared: Prepared,
    ) -> tantivy::Result<Vec<UserOperation<CallDocument>>> {
        let Prepared {
            mut document,
            summary,
        } = prepared;
        let delete = |id| UserOperation::Delete(Term::from_field_u64(self.fields.id, id));
        let mut operations = Vec::with_capacity(1);
        match self.seen.get(&summary.id) {
            Some(is_completed) if *is_completed || !summary.is_completed => return Ok(operations),
            Some(_) => operations.push(delete(summary.id)),
            None => {
                for known in self.known(&summary)? {
                    let is_same = known.summary.id == summary.id;
                    let knows_more = known.summary.is_completed && !summary.is_completed;
                    if knows_more || (is_same && known.line == document.line()) {
                        self.seen.insert(summary.id, known.summary.is_completed);
                        return Ok(Vec::new());
                    }
                    operations.push(delete(known.summary.id));
                }
            }
        }
        self.seen.insert(summary.id, summary.is_completed);
        document.ticket = Some(self.in_flight.enter(document.bytes()));
        operations.push(UserOperation::Add(document));
        Ok(operations)
    }

    /// What the index held at first of the same records.
    fn known(&self, summary: &Summary) -> tantivy::Result<Vec<Known>> {
        let mut known = self.known_by(self.fields.id, summary.id)?;
        for record in &summary.records {
            for other in self.known_by(self.fields.records, *record)? {
                if known
                    .iter()
                    .all(|known| known.summary.id != other.summary.id)
                {
                    known.push(other);
                }
            }
        }
        Ok(known)
    }

    fn known_by(&self, field: Field, number: u64) -> tantivy::Result<Vec<Known>> {
        let mut known = Vec::new();
        let segments = self.before.iter().flat_map(Searcher::segment_readers);
        for segment in segments {
            let term = Term::from_field_u64(field, number);
            let index = segment.inverted_index(field)?;
            let Some(mut postings) = index.read_postings(&term, IndexRecordOption::Basic)? else {
                continue;
            };
            while postings.doc() != TERMINATED {
                let id = postings.doc();
                if segment
                    .alive_bitset()
                    .is_none_or(|alive| alive.is_alive(id))
                {
                    let StoredLine(line) = segment.get_store_reader(1)?.get(id)?;
                    let read = Line::read(&line).and_then(|line| summary(&line));
                    let summary = read.map_err(|_| TantivyError::from(unreadable()))?;
                    known.push(Known { summary, line });
                }
                postings.advance();
            }
        }
        Ok(known)
    }
}

impl fmt::Debug for Writer<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Writer")
            .field("directory", &self.directory)
            .finish_non_exhaustive()
    }
}
