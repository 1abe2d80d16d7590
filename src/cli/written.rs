//! Files that are written whole or not at all, and that nobody but the user may read until the user
//! lets others: they hold what logs hold.

use std::fs::{self, DirBuilder, Permissions};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use anyhow::{Context as _, Result};
use tempfile::NamedTempFile;

use crate::export::File;

/// Writes files into a folder, which is made if it is not there.
pub(super) fn write_files(folder: &Path, files: &[File]) -> Result<()> {
    make_folder(folder)?;
    for file in files {
        let path = folder.join(&file.path);
        if let Some(parent) = path.parent().filter(|parent| *parent != folder) {
            make_folder(parent)?;
        }
        write_file(&path, &file.content)?;
    }
    Ok(())
}

/// Makes a folder, and those above it, for the user alone. One that is there stays as it is.
fn make_folder(folder: &Path) -> Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let made = builder.create(folder);
    made.with_context(|| format!("failed to make {}", folder.display()))
}

/// Writes beside the file and renames, so that a full disk leaves the old file as it was. Who may
/// read it stays, and a link to it. What is no file, such as a device or a pipe, is written to.
pub(super) fn write_file(path: &Path, content: &str) -> Result<()> {
    let known = fs::metadata(path).ok();
    let permissions = known.map(|known| known.permissions());
    let write = write_beside(path, permissions, |out| out.write_all(content.as_bytes()));
    write.with_context(|| format!("failed to write {}", path.display()))
}

/// Writes beside the file and renames, as [`write_file`] does, but piece by piece, and so that only
/// the user may read it. What is no file, such as a pipe, is written to as it is.
pub(super) fn write_private_file(
    path: &Path,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<()> {
    let write = write_beside(path, None, content);
    write.with_context(|| format!("failed to write {}", path.display()))
}

fn write_beside(
    path: &Path,
    permissions: Option<Permissions>,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
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
    if let Some(permissions) = permissions {
        beside.as_file().set_permissions(permissions)?;
    }
    beside.persist(path)?;
    Ok(())
}
