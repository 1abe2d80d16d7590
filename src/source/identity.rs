//! Tells files apart, whatever their names.

use std::fs::{self, Metadata};
use std::path::Path;

/// What tells a file from all others of this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Identity {
    device: u64,
    inode: u64,
}

/// Whether both are the same file, by whatever names and links.
#[must_use]
pub fn is_same_file(one: &Path, other: &Path) -> bool {
    let identity = |path: &Path| {
        fs::metadata(path)
            .ok()
            .map(|metadata| Identity::of(&metadata))
    };
    identity(one).is_some_and(|one| identity(other) == Some(one))
}

impl Identity {
    #[cfg(unix)]
    pub(super) fn of(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt as _;
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
        }
    }

    /// Elsewhere a file is known by when it was made.
    #[cfg(not(unix))]
    pub(super) fn of(metadata: &Metadata) -> Self {
        let made = metadata.created().ok();
        let since = made.and_then(|made| made.duration_since(std::time::UNIX_EPOCH).ok());
        Self {
            device: 0,
            inode: since.map_or(0, |since| since.as_nanos() as u64),
        }
    }
}
