//! Says why an index can't be used, and which.

use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use tantivy::TantivyError;
use tantivy::directory::error::{LockError, OpenReadError};
use thiserror::Error;

/// Why something can't be put into an index or be searched for in it.
#[derive(Debug, Error)]
pub enum SearchError {
    /// There is no index in the directory, or no directory.
    #[error("no index in '{}': run `zalog index LOG...` to build it", .0.display())]
    NoIndex(PathBuf),
    /// The index was built with another schema.
    #[error(
        "the index in '{}' was built by another version of zalog: run `zalog index LOG...` to \
         build it again", .0.display()
    )]
    OtherVersion(PathBuf),
    /// The directory is in use for something else.
    #[error("'{}' holds other files and no index: choose an empty directory", .0.display())]
    NotEmpty(PathBuf),
    /// Another process, or another [`Writer`](super::Writer) of this one, has the index open.
    #[error("another zalog{holder} is writing to the index in '{}'", directory.display())]
    Locked {
        /// The directory.
        directory: PathBuf,
        /// What is known of it: ` (process 1234, since 2018-11-11 22:01:57)`.
        holder: String,
    },
    /// The directory can't be read or written.
    #[error("can't use the directory '{}' for an index", directory.display())]
    Directory {
        /// The directory.
        directory: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// The index itself can't be read or written.
    #[error("can't use the index in '{}'", directory.display())]
    Index {
        /// The directory.
        directory: PathBuf,
        /// The reason.
        source: Box<TantivyError>,
    },
    /// The files of the index are not what was written.
    #[error(
        "the index in '{}' is damaged: remove it with `zalog index --drop` and build it again with \
         `zalog index LOG...`", .0.display()
    )]
    Damaged(PathBuf),
    /// What was to be added is no line that zalog writes.
    #[error("not a line of a call: {0}")]
    Line(serde_json::Error),
}

/// How much is written to see whether more can be written.
const PROBE: usize = 1 << 20;

/// Why nothing can be written, if that is why a thread of tantivy has ended: it tells no reason.
fn writes(error: &TantivyError, directory: &Path) -> io::Result<()> {
    if let TantivyError::ErrorInThread(_) = error {
        tempfile::tempfile_in(directory)?.write_all(&vec![0; PROBE])?;
    }
    Ok(())
}

/// Whether files of an index are not what was written: they are cut off, or gone.
fn tells_damage(error: &TantivyError) -> bool {
    let is_damage = |error: &io::Error| {
        matches!(
            error.kind(),
            ErrorKind::InvalidData | ErrorKind::UnexpectedEof
        )
    };
    match error {
        TantivyError::DataCorruption(_)
        | TantivyError::OpenReadError(
            OpenReadError::FileDoesNotExist(_) | OpenReadError::IncompatibleIndex(_),
        ) => true,
        TantivyError::OpenReadError(OpenReadError::IoError { io_error, .. })
        | TantivyError::IoError(io_error) => is_damage(io_error),
        _ => false,
    }
}

impl SearchError {
    /// Turns tantivy's error about the index in `directory` into one of ours.
    pub(super) fn of_index(directory: &Path) -> impl Fn(TantivyError) -> Self + Copy {
        move |error| match error {
            TantivyError::LockFailure(LockError::LockBusy, _) => Self::Locked {
                directory: directory.to_owned(),
                holder: String::new(),
            },
            error if tells_damage(&error) => Self::Damaged(directory.to_owned()),
            source => match writes(&source, directory) {
                Err(reason) => Self::of_directory(directory)(reason),
                Ok(()) => Self::Index {
                    directory: directory.to_owned(),
                    source: Box::new(source),
                },
            },
        }
    }

    pub(super) fn of_directory(directory: &Path) -> impl Fn(io::Error) -> Self + Copy {
        move |source| Self::Directory {
            directory: directory.to_owned(),
            source,
        }
    }
}
