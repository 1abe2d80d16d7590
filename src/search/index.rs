//! An index that is open.

use std::path::{Path, PathBuf};

use super::directory::{self, Opened};
use super::error::SearchError;
use super::schema::{Fields, WORDS, schema};
use super::words::Words;

/// An index of invocations, in a directory of its own.
#[derive(Debug)]
pub struct Index {
    pub(super) directory: PathBuf,
    pub(super) tantivy: tantivy::Index,
    pub(super) fields: Fields,
}

impl Index {
    /// Opens the index in `directory`. Fails if there is none.
    pub fn open(directory: &Path) -> Result<Self, SearchError> {
        let (schema, fields) = schema();
        let index = directory::open(directory, &schema)?;
        Ok(Self::new(directory, index, fields))
    }

    /// Opens the index in `directory` to write to it, or makes an empty one: where there is none
    /// and nothing else either, and in place of one with another schema. A directory that it
    /// makes is for this user alone.
    pub fn create_or_open(directory: &Path) -> Result<(Self, Opened), SearchError> {
        let (schema, fields) = schema();
        let (index, opened) = directory::create_or_open(directory, &schema)?;
        Ok((Self::new(directory, index, fields), opened))
    }

    /// Returns how many invocations are in the index.
    pub fn count(&self) -> Result<u64, SearchError> {
        let reader = self
            .tantivy
            .reader()
            .map_err(SearchError::of_index(&self.directory))?;
        Ok(reader.searcher().num_docs())
    }

    fn new(directory: &Path, tantivy: tantivy::Index, fields: Fields) -> Self {
        tantivy.tokenizers().register(WORDS, Words::default());
        Self {
            directory: directory.to_owned(),
            tantivy,
            fields,
        }
    }
}
