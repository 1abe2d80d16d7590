//! Says what is in an index, and whether it is whole.

use std::collections::HashSet;
use std::fs;

use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet as _, TantivyError, Term};

use super::damage::reading;
use super::document::{StoredLine, summary};
use super::error::SearchError;
use super::index::Index;
use super::schema::{STARTED, VERSION};
use crate::query::Line;

/// What is in an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// The version of its schema.
    pub schema: u32,
    /// How many invocations it holds.
    pub calls: u64,
    /// How many bytes it takes on disk.
    pub bytes: u64,
    /// When the first and the last of its invocations started: milliseconds since 1970-01-01
    /// 00:00:00 of the servers' clocks.
    pub span: Option<(i64, i64)>,
    /// The logs that it was made of.
    pub logs: Vec<DescribedLog>,
}

/// A file of a log in an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DescribedLog {
    /// The server that wrote it.
    pub server: Option<String>,
    /// The file's name when it was read.
    pub file: String,
    /// How many bytes it had then, uncompressed.
    pub bytes: u64,
    /// How many of them need not be read again.
    pub read: u64,
    /// What of it is in the index, and how it is shown.
    pub how: String,
}

impl Index {
    /// Says what is in the index.
    pub fn describe(&self) -> Result<Description, SearchError> {
        let look = || -> Result<_, TantivyError> {
            let searcher = self.searcher()?;
            let mut span: Option<(i64, i64)> = None;
            for segment in searcher.segment_readers() {
                let started = segment.fast_fields().i64(STARTED)?;
                for id in segment.doc_ids_alive() {
                    if let Some(time) = started.first(id) {
                        let (first, last) = span.unwrap_or((time, time));
                        span = Some((first.min(time), last.max(time)));
                    }
                }
            }
            Ok((searcher.num_docs(), span))
        };
        let (calls, span) = reading(&self.directory, look)?;
        let mut logs = Vec::new();
        for set in reading(&self.directory, || self.state())?.sets {
            let last = set.files.len().saturating_sub(1);
            for (nth, file) in set.files.into_iter().enumerate() {
                logs.push(DescribedLog {
                    server: set.server.clone(),
                    file: file.name,
                    bytes: file.length as u64,
                    read: if nth == last {
                        set.at.offset as u64
                    } else {
                        file.length as u64
                    },
                    how: set.how.clone(),
                });
            }
        }
        let size = || -> std::io::Result<u64> {
            let mut size = 0;
            let mut folders = vec![self.directory.clone()];
            while let Some(folder) = folders.pop() {
                for entry in fs::read_dir(folder)? {
                    let entry = entry?;
                    let metadata = entry.metadata()?;
                    if metadata.is_dir() {
                        folders.push(entry.path());
                    } else {
                        size += metadata.len();
                    }
                }
            }
            Ok(size)
        };
        Ok(Description {
            schema: VERSION,
            calls,
            bytes: size().map_err(SearchError::of_directory(&self.directory))?,
            span,
            logs,
        })
    }

    /// Looks at every byte of the index. Returns what is wrong with it, and how many invocations are
    /// well.
    pub fn verify(&self) -> Result<(Vec<String>, u64), SearchError> {
        let damaged = reading(&self.directory, || self.tantivy.validate_checksum())?;
        let state = reading(&self.directory, || self.damaged_state())?;
        let mut faults: Vec<String> = damaged
            .iter()
            .chain(&state)
            .map(|path| format!("{}: the file is damaged", path.display()))
            .collect();
        if !faults.is_empty() {
            // Lengths that a damaged file tells may be any: nothing is read by them.
            faults.sort();
            return Ok((faults, 0));
        }
        let mut seen = HashSet::new();
        let mut look = || -> Result<(), TantivyError> {
            let searcher = self.searcher()?;
            for (nth, segment) in searcher.segment_readers().iter().enumerate() {
                let store = segment.get_store_reader(1)?;
                let ids = segment.inverted_index(self.fields.id)?;
                let is_found = |doc: DocId, id: u64| -> tantivy::Result<bool> {
                    let id = Term::from_field_u64(self.fields.id, id);
                    let places = ids.read_postings(&id, IndexRecordOption::Basic)?;
                    Ok(places
                        .is_some_and(|mut places| places.doc() == doc || places.seek(doc) == doc))
                };
                for doc in segment.doc_ids_alive() {
                    let read = store
                        .get(doc)
                        .map(|StoredLine(line)| Line::read(&line).and_then(|line| summary(&line)));
                    match read {
                        // A file may be whole, and that of another index.
                        Ok(Ok(call)) if !is_found(doc, call.id)? => {
                            faults.push(format!("{:016x}: is not found by its ID", call.id));
                        }
                        Ok(Ok(call)) if seen.insert(call.id) => {}
                        Ok(Ok(call)) => faults.push(format!("{:016x}: is there twice", call.id)),
                        Ok(Err(error)) => faults.push(format!("call {nth}.{doc}: {error}")),
                        Err(error) => faults.push(format!("call {nth}.{doc}: {error}")),
                    }
                }
            }
            Ok(())
        };
        if let Err(error) = reading(&self.directory, &mut look) {
            faults.push(error.to_string());
        }
        Ok((faults, seen.len() as u64))
    }
}
