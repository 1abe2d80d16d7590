//! Files that are written whole or not at all.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

/// Writes beside the file and renames, so that a full disk leaves the old file as it was. Who may
/// read it stays, and a link to it.
pub(super) fn write_file(path: &Path, content: &str) -> Result<()> {
    let write = || {
        let known = fs::canonicalize(path);
        let path = known.as_deref().unwrap_or(path);
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".tmp");
        let beside = path.with_file_name(name);
        let written = fs::write(&beside, content)
            .and_then(|()| match fs::metadata(path) {
                Ok(known) => fs::set_permissions(&beside, known.permissions()),
                Err(_) => Ok(()),
            })
            .and_then(|()| fs::rename(&beside, path));
        written.inspect_err(|_| drop(fs::remove_file(&beside)))
    };
    write().with_context(|| format!("failed to write {}", path.display()))
}
