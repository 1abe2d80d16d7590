//! `zalog index`: keep the calls of logs for searching.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::ValueEnum;
use directories::ProjectDirs;
use serde::Serialize;
use serde_json::json;

use super::open_set::{OpenFile, OpenSet, Trail, say_lost};
use super::output::{Messages, NOT_WRITTEN, Output};
use super::progress::Progress;
use super::table::{Column, Rows, human_bytes};
use super::{Status, logs};
use crate::export::compact_json;
use crate::invocation::{Invocation, SourceFile};
use crate::query::GroupBy;
use crate::search::{Index, Lock, Opened, Refreshed, SearchError, ServerSet, Step, Writer};
use crate::source::{LogFile, Source};

/// Put the calls of these logs into an index, to be found with zalog search
///
/// The index keeps what was sent and returned, so that calls can be found when their logs are gone.
/// Passwords, keys and tokens are masked before, unless --show-secrets is given. The next run reads
/// only what was appended, also when the logs were rotated or compressed meanwhile: it can be run
/// as often as you like. A call that is in the index already is not doubled, and one that had no
/// response yet is completed. A run that is stopped leaves the index as it was before.
///
/// Example: zalog index /opt/zato/env/*/logs
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    logs: logs::LogArgs,
    #[command(flatten)]
    directory: Directory,
    /// Fail if another zalog is writing to the index, instead of waiting for it
    #[arg(long)]
    no_wait: bool,
    #[command(flatten)]
    instead: Instead,
    /// How to print the list, or what --verify found
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "table",
        requires = "told"
    )]
    format: Format,
}

/// What is done without logs.
#[derive(Debug, clap::Args)]
struct Instead {
    /// Say what is in the index
    #[arg(long, group = "told", conflicts_with_all = ["logs", "verify", "drop"])]
    list: bool,
    /// Look at every byte of the index: status 2 if something is damaged
    #[arg(long, group = "told", conflicts_with_all = ["logs", "drop"])]
    verify: bool,
    /// Remove the index
    #[arg(long, conflicts_with = "logs")]
    drop: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Table,
    /// A JSON object
    Json,
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

pub(super) fn run(args: &Args, output: &mut Output, messages: &Messages) -> Result<Status> {
    let directory = args.directory.path()?;
    if args.instead.list {
        return list(&directory, args.format, output);
    }
    if args.instead.verify {
        return verify(&directory, args.format, output, messages);
    }
    if args.instead.drop {
        Index::exists(&directory)?;
        lock(args, &directory, messages)?.drop_index()?;
        messages.note(&format!("removed the index in {}", directory.display()));
        return Ok(Status::Done);
    }
    let logs = args.logs.open_with_copies(messages)?;
    if logs.is_empty() {
        // Without a log there is no reason to make an index.
        return Ok(Status::Trouble);
    }
    let lock = lock(args, &directory, messages)?;
    let (index, opened) = Index::create_or_open(&lock)?;
    if opened == Opened::Rebuilt {
        messages.note(&format!(
            "the index in {} was made by another version of zalog: made it anew of what it held",
            directory.display()
        ));
    }
    let before = index.count()?;
    let mut writer = index.writer(rayon::current_num_threads())?;
    let mut progress = logs.progress(messages);
    let mut summary = logs::Summary::default();
    let how = args.logs.how(&logs);
    for set in &logs.sets {
        let set = OpenSet::read_whole(set, messages);
        let (refreshed, has_trouble) =
            refresh(&mut writer, &set, &how, &logs, &mut progress, messages)?;
        summary.counts += refreshed.counts;
        summary.selected += refreshed.selected;
        summary.has_trouble |= has_trouble || set.has_trouble;
        let is_lost = |open: &OpenFile<'_>| {
            let source = open.source.as_ref();
            let lost = source.and_then(Source::lost);
            say_lost(open.file, lost, messages)
        };
        if set.files.iter().any(is_lost) {
            anyhow::bail!("the index is left as it was: try again");
        }
    }
    writer.commit()?;
    let (count, directory) = (index.count()?, directory.display());
    let added = count.saturating_sub(before);
    messages.note(&format!(
        "indexed {added} calls; the index in {directory} holds {count}"
    ));
    if summary.counts.bytes == 0 && !summary.has_trouble && count > 0 {
        // All was read before.
        return Ok(Status::Done);
    }
    Ok(logs.conclude(&summary, messages))
}

/// Takes the lock of the index, or waits for it.
fn lock(args: &Args, directory: &Path, messages: &Messages) -> Result<Lock> {
    let now = jiff::ZonedDateTime::now().strftime("%Y-%m-%d %H:%M:%S");
    let holder = format!("process {}, since {now}", std::process::id());
    let wait = |error: SearchError| {
        if args.no_wait {
            return Err(error);
        }
        messages.note(&format!("{error}; waiting"));
        Ok(())
    };
    Ok(Lock::acquire(directory, &holder, wait)?)
}

/// Brings the index up to date with one server's log. Returns whether something is no log.
fn refresh(
    writer: &mut Writer<'_>,
    set: &OpenSet<'_>,
    how: &str,
    logs: &logs::Logs,
    progress: &mut Progress,
    messages: &Messages,
) -> Result<(Refreshed, bool)> {
    let files = set.files.iter().map(|open| SourceFile {
        name: open.file.name(),
        bytes: open.bytes(),
    });
    let newest = set.files.last().map(|open| path_of(open.file));
    let server_set = ServerSet {
        server: set.server,
        path: newest.as_deref().unwrap_or_default(),
        how,
        files: files.collect(),
    };
    let mut has_trouble = false;
    let mut trail = Trail::default();
    let is_selected = |invocation: &Invocation<'_>| logs.selection.includes(invocation);
    let refreshed = writer.refresh(&server_set, &logs.view, is_selected, |step| match step {
        Step::Part(nth, end) => {
            let open = &set.files[nth];
            progress.advance_in_file(open.opened.size(), end, open.bytes().len());
            trail.follow(end, |bytes| open.release(bytes));
        }
        Step::File(nth, records) => {
            let open = &set.files[nth];
            let name = open.file.name();
            let is_faulty = open
                .source
                .as_ref()
                .is_some_and(|source| source.fault().is_some());
            trail = Trail::default();
            progress.finish_file(open.opened.size());
            if open.bytes().is_empty() && !is_faulty {
                messages.note(&format!("{name}: empty"));
            } else if !open.bytes().is_empty() && records == Some(0) {
                has_trouble = true;
                messages.error(&format!("{name}: not a log of Zato: no record in it"));
            }
        }
        Step::Unanswered => {
            for open in &set.files {
                open.release(0..open.bytes().len());
            }
        }
    })?;
    Ok((refreshed, has_trouble))
}

/// Where a log is, whatever way there was taken.
fn path_of(file: &LogFile) -> String {
    let path = file.path().and_then(|path| path.canonicalize().ok());
    path.map_or_else(
        || file.name().to_owned(),
        |path| path.to_string_lossy().into_owned(),
    )
}

/// What `--list --format json` prints.
#[derive(Serialize)]
struct Listed<'a> {
    index: String,
    schema: u32,
    calls: u64,
    bytes: u64,
    first: Option<String>,
    last: Option<String>,
    logs: Vec<ListedLog<'a>>,
}

#[derive(Serialize)]
struct ListedLog<'a> {
    server: Option<&'a str>,
    file: &'a str,
    bytes: u64,
    read: u64,
    how: &'a str,
}

fn list(directory: &Path, format: Format, output: &mut Output) -> Result<Status> {
    let description = Index::open(directory)?.describe()?;
    let day = |millis: i64| GroupBy::Day.time_key(millis);
    let logs = description.logs.iter().map(|log| ListedLog {
        server: log.server.as_deref(),
        file: &log.file,
        bytes: log.bytes,
        read: log.read,
        how: &log.how,
    });
    let listed = Listed {
        index: directory.display().to_string(),
        schema: description.schema,
        calls: description.calls,
        bytes: description.bytes,
        first: description.span.and_then(|(first, _)| day(first)),
        last: description.span.and_then(|(_, last)| day(last)),
        logs: logs.collect(),
    };
    if format == Format::Json {
        let json = compact_json(&serde_json::to_value(&listed)?);
        writeln!(output, "{json}").context(NOT_WRITTEN)?;
        return Ok(Status::Done);
    }
    let span = match (&listed.first, &listed.last) {
        (Some(first), Some(last)) => format!(" from {first} to {last}"),
        _ => String::new(),
    };
    let Listed {
        calls,
        bytes,
        schema,
        index,
        ..
    } = &listed;
    writeln!(
        output,
        "{index}: {calls} calls{span}, {}, schema {schema}",
        human_bytes(*bytes)
    )
    .context(NOT_WRITTEN)?;
    let columns = vec![
        Column::text("server"),
        Column::text("file"),
        Column::number("bytes"),
        Column::text("how"),
    ];
    let rows = listed.logs.iter().map(|log| {
        vec![
            log.server.unwrap_or_default().to_owned(),
            log.file.to_owned(),
            human_bytes(log.bytes),
            log.how.to_owned(),
        ]
    });
    let rows = rows.collect();
    Rows { columns, rows }
        .write_text(output)
        .context(NOT_WRITTEN)?;
    Ok(Status::Done)
}

fn verify(
    directory: &Path,
    format: Format,
    output: &mut Output,
    messages: &Messages,
) -> Result<Status> {
    let (faults, calls) = Index::open(directory)?.verify()?;
    if format == Format::Json {
        let index = directory.display().to_string();
        let found = json!({ "index": index, "calls": calls, "faults": faults });
        writeln!(output, "{}", compact_json(&found)).context(NOT_WRITTEN)?;
        return Ok(if faults.is_empty() {
            Status::Done
        } else {
            Status::Trouble
        });
    }
    if faults.is_empty() {
        messages.note(&format!("{calls} calls, all well"));
        return Ok(Status::Done);
    }
    for fault in &faults {
        messages.error(fault);
    }
    messages.note(
        "remove the index with `zalog index --drop` and build it again with `zalog index LOG...`",
    );
    Ok(Status::Trouble)
}
