//! Puts invocations into an index.

use std::collections::HashMap;
use std::fmt;
use std::path::Path;

use tantivy::indexer::UserOperation;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocSet as _, IndexWriter, Searcher, TERMINATED, TantivyError, Term};

use super::document::{CallDocument, StoredLine, Summary, document, summary};
use super::error::SearchError;
use super::hits::unreadable;
use super::index::Index;
use super::schema::Fields;
use crate::query::Line;

/// How much each thread keeps in memory before it writes a segment. Tantivy wants 15 MB at least.
const BYTES_PER_THREAD: usize = 100_000_000;

/// Tantivy takes no more threads.
const MOST_THREADS: usize = 8;

/// Writes to an index, which is locked for all other writers meanwhile. Nothing is found before
/// [`commit`](Self::commit), and nothing is kept without it.
pub struct Writer<'i> {
    directory: &'i Path,
    fields: Fields,
    tantivy: IndexWriter<CallDocument>,
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
                directory: &self.directory,
                fields: self.fields,
                tantivy,
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
        let mut operations = Vec::new();
        for prepared in all {
            self.add_one(prepared, &mut operations)
                .map_err(SearchError::of_index(self.directory))?;
        }
        self.tantivy
            .run(operations)
            .map_err(SearchError::of_index(self.directory))?;
        Ok(())
    }

    /// Makes all that was added part of the index, and closes it for writing.
    pub fn commit(mut self) -> Result<(), SearchError> {
        let failed = SearchError::of_index(self.directory);
        self.tantivy.commit().map_err(failed)?;
        self.tantivy.wait_merging_threads().map_err(failed)
    }

    fn add_one(
        &mut self,
        prepared: Prepared,
        operations: &mut Vec<UserOperation<CallDocument>>,
    ) -> tantivy::Result<()> {
        let Prepared { document, summary } = prepared;
        let delete = |id| UserOperation::Delete(Term::from_field_u64(self.fields.id, id));
        match self.seen.get(&summary.id) {
            Some(is_completed) if *is_completed || !summary.is_completed => return Ok(()),
            Some(_) => operations.push(delete(summary.id)),
            None => {
                for known in self.known(&summary)? {
                    let is_same = known.summary.id == summary.id;
                    let knows_more = known.summary.is_completed && !summary.is_completed;
                    if knows_more || (is_same && known.line == document.line()) {
                        self.seen.insert(summary.id, known.summary.is_completed);
                        return Ok(());
                    }
                    operations.push(delete(known.summary.id));
                }
            }
        }
        self.seen.insert(summary.id, summary.is_completed);
        operations.push(UserOperation::Add(document));
        Ok(())
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
