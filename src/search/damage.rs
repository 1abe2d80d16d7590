//! Makes an error of what tantivy does with a damaged file: it panics at some of them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::error::SearchError;

/// How many readings of an index are going on.
static READING: AtomicUsize = AtomicUsize::new(0);

/// Whether an index is being read, so that a panic becomes an error and needs no words of its own.
#[must_use]
pub fn is_reading_index() -> bool {
    READING.load(Ordering::Relaxed) > 0
}

/// Reads the index in `directory`.
pub(super) fn reading<T>(
    directory: &Path,
    read: impl FnOnce() -> tantivy::Result<T>,
) -> Result<T, SearchError> {
    READING.fetch_add(1, Ordering::Relaxed);
    // What is read is only looked at: nothing is left half done.
    let read = catch_unwind(AssertUnwindSafe(read));
    READING.fetch_sub(1, Ordering::Relaxed);
    match read {
        Ok(read) => read.map_err(SearchError::of_index(directory)),
        Err(_) => Err(SearchError::Damaged(directory.to_owned())),
    }
}
