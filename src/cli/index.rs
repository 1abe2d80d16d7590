//! `zalog index`: keep the invocations of logs for searching.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use directories::ProjectDirs;
use rayon::prelude::*;

use super::output::Messages;
use super::{Status, logs};
use crate::invocation::Invocation;
use crate::search::{Index, Opened, Prepared};
use crate::view::LineWriter;

/// Put the calls of these logs into an index, to be found with zalog search
///
/// The index keeps what was sent and returned, so that calls can be found when their logs are gone.
/// Passwords, keys and tokens are masked before, unless --show-secrets is given. A call that is in
/// the index already is replaced, not doubled; give all files of a rotated log together, since a
/// call whose request and response are read apart is two.
///
/// Example: zalog index /opt/zato/env/*/logs
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    logs: logs::LogArgs,
    #[command(flatten)]
    directory: Directory,
}

/// Where an index is.
#[derive(Debug, clap::Args)]
pub(super) struct Directory {
    /// The index's folder [default: zalog/index in the user's data folder]
    #[arg(long, value_name = "DIR")]
    index: Option<PathBuf>,
}

impl Directory {
    pub(super) fn path(&self) -> Result<PathBuf> {
        match &self.index {
            Some(path) => Ok(path.clone()),
            None => ProjectDirs::from("", "", "zalog")
                .map(|folders| folders.data_dir().join("index"))
                .context("this user has no home folder: say where the index is with --index DIR"),
        }
    }
}

pub(super) fn run(args: &Args, messages: &Messages) -> Result<Status> {
    let directory = args.directory.path()?;
    let logs = args.logs.open(messages)?;
    if logs.is_empty() {
        // Without a log there is no reason to make an index.
        return Ok(Status::Trouble);
    }
    let (index, opened) = Index::create_or_open(&directory)?;
    if opened == Opened::Rebuilt {
        messages.note(&format!(
            "the index in {} was made by another version of zalog, and starts anew",
            directory.display()
        ));
    }
    let mut writer = index.writer(rayon::current_num_threads())?;
    let mut added = 0;
    let summary = logs.read(messages, |batch| {
        added += batch.invocations.len();
        let prepare = |line_writer: &mut (LineWriter<'_>, Vec<u8>), invocation: &Invocation<'_>| {
            let (line_writer, line) = line_writer;
            line.clear();
            line_writer.write(invocation, line);
            index.prepare(line)
        };
        let prepared: Vec<Prepared> = batch
            .invocations
            .par_iter()
            .map_init(|| (LineWriter::new(&logs.view), Vec::new()), prepare)
            .collect::<Result<_, _>>()?;
        Ok(writer.add(prepared)?)
    })?;
    writer.commit()?;
    let (count, directory) = (index.count()?, directory.display());
    messages.note(&format!(
        "indexed {added} calls; the index in {directory} holds {count}"
    ));
    Ok(logs.conclude(&summary, messages))
}
