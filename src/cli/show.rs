//! `zalog show`: one call with all it invoked.

use std::ffi::OsString;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use clap::ArgGroup;

use super::call_text::write_tree;
use super::call_tree::CallTree;
use super::index::Directory;
use super::logs::{Logs, ReadingArgs};
use super::lookup::{Found, LogLookup, SHORTEST_ID, Target, Wanted, find_in_index};
use super::output::{Messages, NOT_WRITTEN, Output, printable};
use super::snippet::{Format, write_snippet};
use super::{Status, base_url};
use crate::search::Index;

/// Show a call with all it invoked, requests and responses in full
///
/// An ID, as the other commands print it, stands for one call with the calls below it; a CID, as
/// Zato logs it, for all calls that were made under it. The start of either is enough where nothing
/// else starts like it. Without LOG the call is looked for in the index.
/// It is looked for among the calls that --service, --since and --until ask for, and shown whole.
/// Passwords, keys and tokens are masked unless --show-secrets is given.
///
/// Examples:
///
///   zalog show b9f2b47a45ce37b2b11382e3 /opt/zato/env/*/logs
///   zalog show 9227876f --as curl
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment, group = ArgGroup::new("place").args(["logs", "index"]))]
pub(super) struct Args {
    /// The ID of a call or a CID, or the start of either
    #[arg(value_name = "ID|CID")]
    id: String,
    /// A file, a directory, a glob, or - for standard input; without any the index is asked
    #[arg(value_name = "LOG")]
    logs: Vec<OsString>,
    #[command(flatten)]
    directory: Directory,
    #[command(flatten)]
    reading: ReadingArgs,
    /// Print the records as they were logged, which needs --show-secrets; what a terminal would
    /// obey is marked on one, and printed elsewhere
    #[arg(long, conflicts_with = "snippet")]
    raw: bool,
    /// Print the call, the outermost one of a CID, as something to be used
    #[arg(long = "as", value_name = "FORMAT")]
    snippet: Option<Format>,
    /// The server that a snippet calls
    #[arg(long, value_name = "URL", requires = "snippet", default_value = base_url::DEFAULT)]
    base_url: String,
}

pub(super) fn run(args: &Args, output: &mut Output, messages: &Messages) -> Result<Status> {
    base_url::check(&args.base_url)?;
    let wanted = Wanted::new(&args.id)?;
    if args.raw && args.logs.is_empty() {
        bail!("--raw needs logs: the index keeps no records as they were logged");
    }
    if args.raw && !args.reading.shows_secrets() {
        bail!("--raw prints records as they were logged, secrets and all: it needs --show-secrets");
    }
    let mut has_read = true;
    let (found, status) = if args.logs.is_empty() {
        (in_index(args, &wanted)?, Status::Done)
    } else {
        let logs = args.reading.open(&args.logs, messages)?;
        has_read = !logs.is_empty();
        in_logs(args, &wanted, &logs, messages)?
    };
    let Some(Found { target, calls }) = found else {
        if Path::new(&args.id).exists() {
            messages.note(&format!(
                "'{}' is a file or folder: the ID or CID comes before the logs",
                args.id
            ));
        // Where there was nothing to read, that has been said.
        } else if has_read && status != Status::NothingFound {
            let hint = if args.id.len() < SHORTEST_ID {
                format!(": the start of an ID has {SHORTEST_ID} characters at the least")
            } else {
                String::new()
            };
            messages.note(&format!("no call has the ID or CID '{}'{hint}", args.id));
        }
        return Ok(status.max(Status::NothingFound));
    };
    let root = match &target {
        Target::Call { id, .. } => Some(id.as_str()),
        Target::Tree(_) => None,
    };
    let tree = CallTree::new(calls, root);
    if args.raw {
        write_records(&tree, output).context(NOT_WRITTEN)?;
    } else if let Some(format) = args.snippet {
        write_snippet(format, &args.base_url, &target, &tree, output, messages)?;
    } else {
        output.page();
        write_tree(&tree, output)?;
    }
    Ok(status)
}

fn in_index(args: &Args, wanted: &Wanted<'_>) -> Result<Option<Found>> {
    args.reading.expect_no_logs()?;
    args.reading.start_threads()?;
    find_in_index(
        wanted,
        &Index::open(&args.directory.path()?)?,
        &args.reading,
    )
}

fn in_logs(
    args: &Args,
    wanted: &Wanted<'_>,
    logs: &Logs,
    messages: &Messages,
) -> Result<(Option<Found>, Status)> {
    let mut lookup = LogLookup::new(wanted);
    let summary = logs.read_twice(
        messages,
        &mut lookup,
        LogLookup::look,
        |lookup, set, batch| lookup.take(set, batch, &logs.view, args.raw),
    )?;
    let status = logs.conclude(&summary, messages);
    Ok((lookup.found()?, status))
}

/// Writes the bytes of the records, each request before its response. What is hostile in them must
/// not reach a terminal.
fn write_records(tree: &CallTree, output: &mut Output) -> std::io::Result<()> {
    for record in tree.records() {
        if output.is_terminal() {
            let text = String::from_utf8_lossy(record);
            output.write_all(printable(&text).as_bytes())?;
        } else {
            output.write_all(record)?;
        }
        // The last record of a file may lack it.
        if !record.ends_with(b"\n") {
            writeln!(output)?;
        }
    }
    Ok(())
}
