//! Lets one process write to an index at a time. Readers need no lock: they see the last commit.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use fs4::fs_std::FileExt as _;

use super::directory;
use super::error::SearchError;

/// The file that is locked. It names who holds it.
pub(super) const LOCK_FILE: &str = "lock";

/// The right to write to an index, until it is dropped or its process ends in whatever way.
#[derive(Debug)]
pub struct Lock {
    directory: PathBuf,
    file: File,
}

impl Lock {
    /// Takes the lock of the index in `directory`, which is made if there is nothing. If another
    /// process has it, `wait` gets the error that says so, and gives it back or none to wait.
    /// `holder` says to others who holds it.
    pub fn acquire(
        directory: &Path,
        holder: &str,
        wait: impl FnOnce(SearchError) -> Result<(), SearchError>,
    ) -> Result<Self, SearchError> {
        directory::prepare(directory)?;
        let failed = SearchError::of_directory(directory);
        let path = directory.join(LOCK_FILE);
        let mut file = open(&path).map_err(failed)?;
        if !file.try_lock_exclusive().map_err(failed)? {
            let holder = fs::read_to_string(&path).map_err(failed)?;
            wait(SearchError::Locked {
                directory: directory.to_owned(),
                holder: if holder.is_empty() {
                    holder
                } else {
                    format!(" ({holder})")
                },
            })?;
            file.lock_exclusive().map_err(failed)?;
        }
        file.set_len(0).map_err(failed)?;
        file.write_all(holder.as_bytes()).map_err(failed)?;
        Ok(Self {
            directory: directory.to_owned(),
            file,
        })
    }

    /// Removes the index.
    pub fn drop_index(self) -> Result<(), SearchError> {
        directory::drop_index(&self.directory)
    }

    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Who looks at the file now finds no holder; if that fails, it is locked by nobody all the
        // same.
        drop(self.file.set_len(0));
    }
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
