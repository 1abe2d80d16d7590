//! An index that is open.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use rayon::prelude::*;
use tantivy::index::SegmentId;
use tantivy::schema::Value as _;
use tantivy::{DocId, Opstamp, Searcher, TantivyDocument};

use super::damage::reading;
use super::directory::{self, Opened};
use super::error::SearchError;
use super::lock::Lock;
use super::schema::{Fields, WORDS, schema};
use super::state::State;
use super::words::Words;

/// How many lines of an index of another version are made documents again, together and by one
/// thread.
const REFILLED: usize = 4096;
const REFILLED_BY_ONE: usize = 256;

/// An index of invocations, in a directory of its own.
#[derive(Debug)]
pub struct Index {
    pub(super) directory: PathBuf,
    pub(super) tantivy: tantivy::Index,
    pub(super) fields: Fields,
    /// The commit that was looked at last, and what it holds.
    pub(super) latest: Mutex<Option<(Commit, Searcher)>>,
}

/// What tells a commit from others: its stamp and its segments.
pub(super) type Commit = (Opstamp, Vec<SegmentId>);

impl Index {
    /// Opens the index in `directory`. Fails if there is none.
    pub fn open(directory: &Path) -> Result<Self, SearchError> {
        let (schema, fields) = schema();
        let index = directory::open(directory, &schema)?;
        Ok(Self::new(directory, index, fields))
    }

    /// Fails if there is no index in `directory`, of whatever version.
    pub fn exists(directory: &Path) -> Result<(), SearchError> {
        directory::exists(directory)
    }

    /// Opens the index in a directory to write to it, or makes an empty one: where there is none and
    /// nothing else either. One of another version is made anew of what it holds. A directory
    /// that this makes is for this user alone.
    pub fn create_or_open(lock: &Lock) -> Result<(Self, Opened), SearchError> {
        let directory = lock.directory();
        let (schema, fields) = schema();
        let refill = |old: &tantivy::Index, new: &tantivy::Index| {
            let index = Self::new(directory, new.clone(), fields);
            index.refill(old)
        };
        let (index, opened) = directory::create_or_open(directory, &schema, refill)?;
        Ok((Self::new(directory, index, fields), opened))
    }

    /// Adds all lines of an index of another version.
    fn refill(&self, old: &tantivy::Index) -> Result<(), SearchError> {
        let failed = SearchError::of_index(&self.directory);
        let reader = old.reader().map_err(failed)?;
        let Ok(line) = old.schema().get_field("line") else {
            return Ok(());
        };
        let mut writer = self.writer(rayon::current_num_threads())?;
        for segment in reader.searcher().segment_readers() {
            let ids: Vec<DocId> = segment.doc_ids_alive().collect();
            for ids in ids.chunks(REFILLED) {
                let prepared = ids.par_chunks(REFILLED_BY_ONE).map(|ids| {
                    let store = segment.get_store_reader(1)?;
                    let prepared = ids.iter().map(|id| {
                        let document: TantivyDocument = store.get(*id)?;
                        let text = document.get_first(line).and_then(|value| value.as_str());
                        // What no version of this program has written is no loss.
                        Ok(text.and_then(|text| self.prepare(text.as_bytes()).ok()))
                    });
                    prepared.collect::<tantivy::Result<Vec<_>>>()
                });
                let prepared: Vec<_> = prepared.collect::<tantivy::Result<_>>().map_err(failed)?;
                writer.add(prepared.into_iter().flatten().flatten())?;
            }
        }
        writer.commit()
    }

    /// Returns how many invocations are in the index.
    pub fn count(&self) -> Result<u64, SearchError> {
        reading(&self.directory, || Ok(self.searcher()?.num_docs()))
    }

    /// What the index knows of logs; nothing if what it has written of that can't be read.
    pub(super) fn state(&self) -> tantivy::Result<State> {
        let name = self.tantivy.load_metas()?.payload;
        let state = name.and_then(|name| State::read(&self.directory, &name));
        Ok(state.unwrap_or_default())
    }

    /// The file in which that is, if it can't be read.
    pub(super) fn damaged_state(&self) -> tantivy::Result<Option<PathBuf>> {
        let name = self.tantivy.load_metas()?.payload;
        let damaged = name.filter(|name| State::read(&self.directory, name).is_none());
        Ok(damaged.map(|name| self.directory.join(name)))
    }

    fn new(directory: &Path, tantivy: tantivy::Index, fields: Fields) -> Self {
        tantivy.tokenizers().register(WORDS, Words::default());
        Self {
            directory: directory.to_owned(),
            tantivy,
            fields,
            latest: Mutex::default(),
        }
    }
}
