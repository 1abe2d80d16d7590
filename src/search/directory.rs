//! The directory of an index: a file that names the schema's version, and tantivy's files in a
//! directory of their own, so that an index can be rebuilt without touching anything else.
//!
//! The file is written first: a directory with the file alone is an index that is still to be
//! created, and one without the file belongs to somebody else.

use std::fs::{self, DirBuilder};
use std::io;
use std::path::Path;

use tantivy::Directory as _;
use tantivy::directory::{INDEX_WRITER_LOCK, MmapDirectory};
use tantivy::schema::Schema;

use super::error::SearchError;
use super::schema::{VERSION, settings};

/// What was found in the directory of an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opened {
    /// The index was there.
    Existing,
    /// There was none: it is new and empty.
    Created,
    /// There was one with another schema: it is gone, and the index is new and empty.
    Rebuilt,
}

/// The file that names the version.
const VERSION_FILE: &str = "zalog-index";

/// What stands in it before the version.
const VERSION_LABEL: &str = "zalog index, schema ";

/// The directory of tantivy's files.
const SEGMENTS: &str = "segments";

#[derive(PartialEq, Eq)]
enum Found {
    Nothing,
    OtherFiles,
    OtherVersion,
    ThisVersion,
}

/// Opens the index in `directory`, if there is one and it has this schema.
pub(super) fn open(directory: &Path, schema: &Schema) -> Result<tantivy::Index, SearchError> {
    match look(directory)? {
        Found::Nothing | Found::OtherFiles => Err(SearchError::NoIndex(directory.to_owned())),
        Found::OtherVersion => Err(SearchError::OtherVersion(directory.to_owned())),
        Found::ThisVersion => {
            let index = open_segments(directory)?
                .ok_or_else(|| SearchError::NoIndex(directory.to_owned()))?;
            if index.schema() == *schema {
                Ok(index)
            } else {
                Err(SearchError::OtherVersion(directory.to_owned()))
            }
        }
    }
}

/// Opens the index in `directory`, or makes one there.
pub(super) fn create_or_open(
    directory: &Path,
    schema: &Schema,
) -> Result<(tantivy::Index, Opened), SearchError> {
    let is_new = match look(directory)? {
        Found::Nothing => true,
        Found::OtherFiles => return Err(SearchError::NotEmpty(directory.to_owned())),
        Found::OtherVersion => false,
        Found::ThisVersion => match open_segments(directory)? {
            Some(index) if index.schema() == *schema => return Ok((index, Opened::Existing)),
            Some(_) => false,
            None => true,
        },
    };
    if !is_new {
        remove_segments(directory)?;
    }
    let index = create(directory, schema)?;
    Ok((
        index,
        if is_new {
            Opened::Created
        } else {
            Opened::Rebuilt
        },
    ))
}

fn look(directory: &Path) -> Result<Found, SearchError> {
    let failed = SearchError::of_directory(directory);
    match fs::read(directory.join(VERSION_FILE)) {
        Ok(content) if content == version_line().as_bytes() => Ok(Found::ThisVersion),
        Ok(content) if content.starts_with(VERSION_LABEL.as_bytes()) => Ok(Found::OtherVersion),
        Ok(_) => Ok(Found::OtherFiles),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            match fs::read_dir(directory).map(|mut entries| entries.next().is_some()) {
                Ok(true) => Ok(Found::OtherFiles),
                Ok(false) => Ok(Found::Nothing),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Found::Nothing),
                Err(error) => Err(failed(error)),
            }
        }
        Err(error) => Err(failed(error)),
    }
}

fn version_line() -> String {
    format!("{VERSION_LABEL}{VERSION}\n")
}

/// Opens tantivy's index, unless it was never created.
fn open_segments(directory: &Path) -> Result<Option<tantivy::Index>, SearchError> {
    let failed = SearchError::of_index(directory);
    let path = directory.join(SEGMENTS);
    if !path.is_dir() {
        return Ok(None);
    }
    let segments = MmapDirectory::open(path).map_err(|error| failed(error.into()))?;
    if !tantivy::Index::exists(&segments).map_err(|error| failed(error.into()))? {
        return Ok(None);
    }
    tantivy::Index::open(segments).map(Some).map_err(failed)
}

/// Removes tantivy's files, unless somebody is writing to them.
fn remove_segments(directory: &Path) -> Result<(), SearchError> {
    let path = directory.join(SEGMENTS);
    if !path.is_dir() {
        return Ok(());
    }
    let failed = SearchError::of_index(directory);
    let segments = MmapDirectory::open(&path).map_err(|error| failed(error.into()))?;
    let _lock = segments
        .acquire_lock(&INDEX_WRITER_LOCK)
        .map_err(|error| failed(error.into()))?;
    fs::remove_dir_all(&path).map_err(SearchError::of_directory(directory))
}

fn create(directory: &Path, schema: &Schema) -> Result<tantivy::Index, SearchError> {
    let failed = SearchError::of_directory(directory);
    private_directory(directory).map_err(failed)?;
    fs::write(directory.join(VERSION_FILE), version_line()).map_err(failed)?;
    let path = directory.join(SEGMENTS);
    private_directory(&path).map_err(failed)?;
    tantivy::Index::builder()
        .schema(schema.clone())
        .settings(settings())
        .create_in_dir(path)
        .map_err(SearchError::of_index(directory))
}

/// Makes a directory, and those above it, that no other user can look into: logs hold what is
/// nobody else's business. One that is there already stays as it is.
fn private_directory(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}
