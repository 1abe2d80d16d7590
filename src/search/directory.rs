//! The directory of an index: a file that names the schema's version, and tantivy's files in a
//! directory of their own, so that an index can be rebuilt without touching anything else.
//!
//! The file is written first: a directory with the file alone is an index that is still to be
//! created, and one without the file belongs to somebody else.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Write as _};
use std::path::Path;

use tantivy::directory::MmapDirectory;
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
    /// There was one of another version: it was made anew of what it held.
    Rebuilt,
}

/// The file that names the version.
const VERSION_FILE: &str = "zalog-index";

/// What stands in it before the version.
const VERSION_LABEL: &str = "zalog index, schema ";

/// The directory of tantivy's files.
const SEGMENTS: &str = "segments";

/// The same of another version, and of this one while it is made.
const OLD_SEGMENTS: &str = "segments.old";
const NEW_SEGMENTS: &str = "segments.new";

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

/// Opens the index in `directory`, which is [prepared](prepare), or makes one there. One of another
/// version is made anew of its own lines, since their logs may be gone.
pub(super) fn create_or_open(
    directory: &Path,
    schema: &Schema,
    refill: impl FnOnce(&tantivy::Index, &tantivy::Index) -> Result<(), SearchError>,
) -> Result<(tantivy::Index, Opened), SearchError> {
    let failed = SearchError::of_directory(directory);
    let path = |name: &str| directory.join(name);
    let is_this_version = look(directory)? == Found::ThisVersion;
    if !path(SEGMENTS).exists() && path(OLD_SEGMENTS).exists() {
        // Stopped between the two renames below.
        fs::rename(path(OLD_SEGMENTS), path(SEGMENTS)).map_err(failed)?;
    }
    let is_other = match open_segments(directory)? {
        Some(index) if is_this_version && index.schema() == *schema => {
            return Ok((index, Opened::Existing));
        }
        Some(old) => {
            remove(&path(NEW_SEGMENTS)).map_err(failed)?;
            let new = create(directory, NEW_SEGMENTS, schema)?;
            refill(&old, &new)?;
            drop((old, new));
            remove(&path(OLD_SEGMENTS)).map_err(failed)?;
            fs::rename(path(SEGMENTS), path(OLD_SEGMENTS)).map_err(failed)?;
            fs::rename(path(NEW_SEGMENTS), path(SEGMENTS)).map_err(failed)?;
            true
        }
        None => {
            remove(&path(SEGMENTS)).map_err(failed)?;
            create(directory, SEGMENTS, schema)?;
            false
        }
    };
    write_version(directory).map_err(failed)?;
    remove(&path(OLD_SEGMENTS)).map_err(failed)?;
    let index = open_segments(directory)?;
    let index = index.ok_or_else(|| SearchError::NoIndex(directory.to_owned()))?;
    let opened = if is_other {
        Opened::Rebuilt
    } else {
        Opened::Created
    };
    Ok((index, opened))
}

/// Makes sure that `directory` is there and that it is for an index.
pub(super) fn prepare(directory: &Path) -> Result<(), SearchError> {
    let failed = SearchError::of_directory(directory);
    match look(directory)? {
        Found::OtherFiles => return Err(SearchError::NotEmpty(directory.to_owned())),
        Found::Nothing => {
            private_directory(directory).map_err(failed)?;
            write_version(directory).map_err(failed)?;
        }
        Found::OtherVersion | Found::ThisVersion => {}
    }
    Ok(())
}

/// Fails if there is no index in `directory`.
pub(super) fn exists(directory: &Path) -> Result<(), SearchError> {
    match look(directory)? {
        Found::Nothing | Found::OtherFiles => Err(SearchError::NoIndex(directory.to_owned())),
        Found::OtherVersion | Found::ThisVersion => Ok(()),
    }
}

/// Removes the index in `directory`, and the directory.
pub(super) fn drop_index(directory: &Path) -> Result<(), SearchError> {
    let failed = SearchError::of_directory(directory);
    match look(directory)? {
        Found::Nothing | Found::OtherFiles => Err(SearchError::NoIndex(directory.to_owned())),
        Found::OtherVersion | Found::ThisVersion => {
            for name in [SEGMENTS, OLD_SEGMENTS, NEW_SEGMENTS] {
                remove(&directory.join(name)).map_err(failed)?;
            }
            super::state::State::remove_others(directory, "").map_err(failed)?;
            fs::remove_file(directory.join(VERSION_FILE)).map_err(failed)?;
            fs::remove_file(directory.join(super::lock::LOCK_FILE)).map_err(failed)?;
            // What else is there is not ours.
            drop(fs::remove_dir(directory));
            Ok(())
        }
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Tells what is in `directory`. The version is the first file of an index, so that another
/// process that makes one at this moment has no other file there without it: the files are looked at
/// before it, and it may still be empty.
fn look(directory: &Path) -> Result<Found, SearchError> {
    let failed = SearchError::of_directory(directory);
    let has_files = match fs::read_dir(directory) {
        Ok(mut entries) => entries.next().is_some(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => false,
        Err(error) => return Err(failed(error)),
    };
    match fs::read(directory.join(VERSION_FILE)) {
        Ok(content) if content == version_line().as_bytes() => Ok(Found::ThisVersion),
        Ok(content) if content.starts_with(VERSION_LABEL.as_bytes()) => Ok(Found::OtherVersion),
        Ok(content) if content.is_empty() => Ok(Found::Nothing),
        Ok(_) => Ok(Found::OtherFiles),
        Err(error) if error.kind() == io::ErrorKind::NotFound && has_files => Ok(Found::OtherFiles),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Found::Nothing),
        Err(error) => Err(failed(error)),
    }
}

fn write_version(directory: &Path) -> io::Result<()> {
    private_file(&directory.join(VERSION_FILE))?.write_all(version_line().as_bytes())
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

fn create(directory: &Path, name: &str, schema: &Schema) -> Result<tantivy::Index, SearchError> {
    let path = directory.join(name);
    private_directory(&path).map_err(SearchError::of_directory(directory))?;
    tantivy::Index::builder()
        .schema(schema.clone())
        .settings(settings())
        .create_in_dir(path)
        .map_err(SearchError::of_index(directory))
}

/// Makes a file that no other user can look into.
pub(super) fn private_file(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
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
