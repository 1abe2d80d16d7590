//! Files that are written whole or not at all.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::export::File;

/// Writes files into a folder, which is made if it is not there.
pub(super) fn write_files(folder: &Path, files: &[File]) -> Result<()> {
    let make = |folder: &Path| {
        fs::create_dir_all(folder).with_context(|| format!("failed to make {}", folder.display()))
    };
    make(folder)?;
    for file in files {
        let path = folder.join(&file.path);
        if let Some(parent) = path.parent().filter(|parent| *parent != folder) {
            make(parent)?;
        }
        write_file(&path, &file.content)?;
    }
    Ok(())
}

/// Writes beside the file and renames, so that a full disk leaves the old file as it was. Who may
/// read it stays, and a link to it. What is no file, such as a device or a pipe, is written to.
pub(super) fn write_file(path: &Path, content: &str) -> Result<()> {
    let write = || {
        let known = fs::metadata(path).ok();
        if known.as_ref().is_some_and(|known| !known.is_file()) {
            return fs::write(path, content);
        }
        let target = fs::canonicalize(path);
        let path = target.as_deref().unwrap_or(path);
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".tmp");
        let beside = path.with_file_name(name);
        let written = fs::write(&beside, content)
            .and_then(|()| match &known {
                Some(known) => fs::set_permissions(&beside, known.permissions()),
                None => Ok(()),
            })
            .and_then(|()| fs::rename(&beside, path));
        written.inspect_err(|_| drop(fs::remove_file(&beside)))
    };
    write().with_context(|| format!("failed to write {}", path.display()))
}
