//! Puts invocations into an index.

use std::fmt;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use tantivy::indexer::UserOperation;
use tantivy::{IndexWriter, Term};

use super::document::document;
use super::error::SearchError;
use super::index::Index;
use super::schema::Fields;
use crate::invocation::Invocation;
use crate::view::View;

/// How much each thread keeps in memory before it writes a segment. Tantivy wants 15 MB at least.
const BYTES_PER_THREAD: usize = 50_000_000;

/// Tantivy takes no more threads.
const MOST_THREADS: usize = 8;

/// Writes to an index, which is locked for all other writers meanwhile. Nothing is found before
/// [`commit`](Self::commit), and nothing is kept without it.
pub struct Writer<'i> {
    directory: &'i Path,
    fields: Fields,
    /// Deletes must reach tantivy in order: one thread at a time.
    tantivy: Mutex<IndexWriter>,
}

impl Index {
    /// Opens the index for writing, by so many threads. Fails if it is open for writing already.
    pub fn writer(&self, threads: usize) -> Result<Writer<'_>, SearchError> {
        let threads = threads.clamp(1, MOST_THREADS);
        let tantivy = self
            .tantivy
            .writer_with_num_threads(threads, threads * BYTES_PER_THREAD)
            .map_err(SearchError::of_index(&self.directory))?;
        Ok(Writer {
            directory: &self.directory,
            fields: self.fields,
            tantivy: Mutex::new(tantivy),
        })
    }
}

impl Writer<'_> {
    /// Adds an invocation as `view` shows it, in place of the one with the same ID. Many threads
    /// can add at once. What `view` does not mask can be found and is on disk.
    pub fn add(&self, view: &View, invocation: &Invocation<'_>) -> Result<(), SearchError> {
        let id = invocation.identity.id().to_string();
        let document = document(&self.fields, view, invocation, &id);
        let earlier = Term::from_field_text(self.fields.id, &id);
        let operations = [UserOperation::Delete(earlier), UserOperation::Add(document)];
        // Tantivy's writer is whole after a panic elsewhere: it fails by itself if it is not.
        let tantivy = self.tantivy.lock().unwrap_or_else(PoisonError::into_inner);
        tantivy
            .run(operations)
            .map_err(SearchError::of_index(self.directory))?;
        Ok(())
    }

    /// Makes all that was added part of the index, and closes it for writing.
    pub fn commit(self) -> Result<(), SearchError> {
        let failed = SearchError::of_index(self.directory);
        let mut tantivy = self
            .tantivy
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        tantivy.commit().map_err(failed)?;
        tantivy.wait_merging_threads().map_err(failed)
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
