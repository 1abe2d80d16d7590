//! Files that are written whole or not at all.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use anyhow::{Context as _, Result};
use tempfile::NamedTempFile;

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

/// Writes beside the file and renames, as [`write_file`] does, but piece by piece, and so that only
/// the user may read it. What is no file, such as a pipe, is written to as it is.
pub(super) fn write_private_file(
    path: &Path,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<()> {
    let write = || -> io::Result<()> {
        let known = fs::canonicalize(path);
        let path = known.as_deref().unwrap_or(path);
        if fs::metadata(path).is_ok_and(|there| !there.is_file()) {
            let mut out = BufWriter::new(fs::OpenOptions::new().write(true).open(path)?);
            content(&mut out)?;
            return out.flush();
        }
        let folder = path.parent().filter(|folder| *folder != Path::new(""));
        let folder = folder.unwrap_or(Path::new("."));
        // Says what is wrong with the folder without the name of a file that nobody has asked for.
        fs::metadata(folder)?;
        // Such a file is the user's alone, and gone when something goes wrong.
        let mut beside = NamedTempFile::new_in(folder)?;
        let mut out = BufWriter::new(&mut beside);
        content(&mut out)?;
        out.flush()?;
        drop(out);
        beside.persist(path)?;
        Ok(())
    };
    write().with_context(|| format!("failed to write {}", path.display()))
}
