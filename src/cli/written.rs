//! Files that are written whole or not at all, and that nobody but the user may read until the user
//! lets others: they hold what logs hold.

use std::fs::{self, DirBuilder, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use anyhow::{Context as _, Result};
use tempfile::Builder;

use super::logs::Logs;
use crate::export;
use crate::source::Unfinished;

/// Writes files into a folder, which is made if it is not there. Fails before it writes any if one
/// would take the place of a log.
pub(super) fn write_files(folder: &Path, files: &[export::File], logs: &Logs) -> Result<()> {
    for file in files {
        logs.spare(&folder.join(&file.path), "-o")?;
    }
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
    write_beside(path, Readers::AsBefore, |out| {
        out.write_all(content.as_bytes())
    })
}

/// Writes beside the file and renames, as [`write_file`] does, but piece by piece, and so that only
/// the user may read it. What is no file, such as a pipe, is written to as it is.
pub(super) fn write_private_file(
    path: &Path,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<()> {
    write_beside(path, Readers::User, content)
}

/// Who may read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Readers {
    /// Those who may read the file that was there; if there was none, the user alone.
    AsBefore,
    User,
}

fn write_beside(
    path: &Path,
    readers: Readers,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<()> {
    let write = || -> io::Result<()> {
        let known = fs::canonicalize(path);
        let path = known.as_deref().unwrap_or(path);
        let there = fs::metadata(path).ok();
        if there.as_ref().is_some_and(|there| !there.is_file()) {
            let mut out = BufWriter::new(File::options().write(true).open(path)?);
            content(&mut out)?;
            return out.flush();
        }
        let folder = path.parent().filter(|folder| *folder != Path::new(""));
        let folder = folder.unwrap_or(Path::new("."));
        // What goes wrong here is told without the name of a file that nobody has asked for.
        let mut unfinished = None;
        // It is gone when something goes wrong, be it a signal.
        let mut beside = Builder::new().make_in(folder, |beside| {
            drop(unfinished.take());
            unfinished = Some(Unfinished::watch(beside));
            create(beside)
        })?;
        if let (Some(there), Readers::AsBefore) = (there, readers) {
            fs::set_permissions(beside.path(), there.permissions())?;
        }
        let mut out = BufWriter::new(beside.as_file_mut());
        content(&mut out)?;
        out.flush()?;
        drop(out);
        beside.persist(path)?;
        drop(unfinished);
        Ok(())
    };
    write().with_context(|| format!("failed to write {}", path.display()))
}

/// Makes a file that was not there, which is the user's alone.
fn create(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
