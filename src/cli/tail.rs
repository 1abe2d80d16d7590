//! `zalog tail`: follow a live log.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::ffi::OsString;
use std::io::Write as _;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use clap::ValueEnum;

use super::Status;
use super::columns::precise_time;
use super::excerpts::write_excerpt;
use super::logs::ReadingArgs;
use super::output::{Messages, Output, one_line};
use super::search::{is_path, read_query};
use super::table::human_duration;
use crate::entry::{Content, records};
use crate::invocation::{Following, Invocation, Settled, SourceFile};
use crate::query::{Line, Scan};
use crate::source::{Access, Follow, Followed, Opened, Source, find};

/// Follow a live log: print each call when it is answered
///
/// The log is followed through rotation. A call that has no answer after a minute is printed as
/// unanswered, and again if its answer comes later.
///
/// Examples: zalog tail logs
///           zalog tail logs 'kind:write OR duration:>2s'
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    /// A file, or a directory with an admin.log; NAME=LOG names the server
    log: OsString,
    /// Only calls that fit; zalog search --help tells how to write it
    #[arg(
        default_value = "*",
        hide_default_value = true,
        allow_hyphen_values = true
    )]
    query: String,
    /// Start with so many calls that have been answered already
    #[arg(
        long,
        short = 'n',
        value_name = "N",
        default_value_t = 10,
        help_heading = "Hits"
    )]
    lines: usize,
    /// Print a call without an answer after so many seconds
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 60,
        help_heading = "Hits"
    )]
    unanswered_after: u64,
    /// How to print calls
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "text",
        help_heading = "Hits"
    )]
    format: Format,
    #[command(flatten)]
    reading: ReadingArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// A JSON line each, as zalog parse prints it
    Json,
}

/// How often the file is looked at.
const INTERVAL: Duration = Duration::from_millis(100);

/// After so long without more bytes, it is said if the file is gone: a rotation takes less.
const GONE_AFTER: Duration = Duration::from_secs(3);

/// After so long without more bytes, the last record is what it is.
const SETTLES_AFTER: Duration = Duration::from_millis(300);

pub(super) fn run(args: &Args, output: &mut Output, messages: &Messages) -> Result<Status> {
    // Whoever comes from `zalog search` writes the query first.
    let log_text = args.log.to_string_lossy();
    let (log, query) = if is_path(&args.query) && !is_path(&log_text) {
        (OsString::from(&args.query), &*log_text)
    } else {
        (args.log.clone(), args.query.as_str())
    };
    let query = read_query(query)?;
    let query = args.reading.narrowed(query)?;
    let view = args.reading.view()?;
    args.reading.start_threads()?;
    let scan = Scan::new(&query, args.reading.now()?, &view);
    let mut print = |lines: &[String]| -> Result<()> {
        for line in lines {
            match args.format {
                Format::Json => writeln!(output, "{line}")?,
                Format::Text => write_call(line, &scan, output)?,
            }
        }
        output.flush()?;
        Ok(())
    };
    let found = |invocations: &[Invocation<'_>]| scan.lines(&scan.hits(invocations));

    let (mut sets, errors) = find(std::slice::from_ref(&log));
    if let Some(error) = errors.first() {
        anyhow::bail!("{error}");
    }
    if sets.len() > 1 {
        anyhow::bail!("several servers' logs are here: tail follows one");
    }
    let set = sets.pop().context("no log here")?;
    let live = set.files.last().context("no log here")?;
    let path = live
        .path()
        .context("standard input can't be followed: name a file")?;
    // Requests that are answered from now on may stand in the file before.
    let before = set.files.len().saturating_sub(2);
    let mut sources = Vec::new();
    for file in &set.files[before..] {
        let opened = Opened::new(file, Access::Read);
        let source = opened.and_then(|opened| Source::read(&opened));
        let source = source.with_context(|| file.name().to_owned())?;
        if let Some(fault) = source.fault() {
            messages.error(&format!("{}: damaged: {fault}", file.name()));
        }
        sources.push((file.name(), source));
    }
    let files: Vec<SourceFile<'_>> = sources
        .iter()
        .map(|(name, source)| SourceFile {
            name,
            bytes: source.bytes(),
        })
        .collect();
    let mut newest = VecDeque::new();
    let Ok(mut following) = Following::after(set.server.as_deref(), &files, |answered| {
        let hits = scan.hits(answered);
        let last = hits.len().saturating_sub(args.lines);
        newest.extend(scan.lines(&hits[last..]));
        let surplus = newest.len().saturating_sub(args.lines);
        newest.drain(..surplus);
        Ok::<(), Infallible>(())
    });
    let is_empty = files.iter().all(|file| file.bytes.is_empty());
    if !is_empty && !files.iter().any(|file| has_record(file.bytes)) {
        let name = live.name();
        messages.note(&format!(
            "{name}: no record of Zato's log in it so far; waiting for one"
        ));
    }
    let at = files.last().map_or(0, |file| file.bytes.len() as u64);
    drop(sources);
    print(newest.make_contiguous())?;

    let mut follow = Follow::new(path, at).with_context(|| live.name().to_owned())?;
    let started = Instant::now();
    let mut changed = started;
    let mut is_gone = false;
    loop {
        let followed = follow
            .read(following.input())
            .with_context(|| live.name().to_owned())?;
        let now = started.elapsed();
        let settled = match followed {
            Followed::Bytes => {
                changed = Instant::now();
                Settled::NotYet
            }
            Followed::Nothing if changed.elapsed() < SETTLES_AFTER => Settled::NotYet,
            Followed::Nothing | Followed::NextFile | Followed::Truncated => Settled::Yes,
        };
        if let Some(lines) = following.read(settled, now, found) {
            print(&lines)?;
        }
        let patience = Duration::from_secs(args.unanswered_after);
        let before = now.checked_sub(patience);
        if let Some(lines) = before.and_then(|before| following.unanswered(before, found)) {
            print(&lines)?;
        }
        match followed {
            Followed::Bytes => {}
            Followed::NextFile => following.start_file(live.name()),
            Followed::Truncated => {
                let name = live.name();
                messages.note(&format!("{name}: truncated; read from its start"));
                following.start_file(name);
            }
            Followed::Nothing if changed.elapsed() < GONE_AFTER => thread::sleep(INTERVAL),
            Followed::Nothing => {
                match follow.is_there() {
                    Err(error) if !is_gone => {
                        messages.note(&format!("{}: {error}; waiting for it", live.name()));
                        is_gone = true;
                    }
                    Err(_) => {}
                    Ok(()) => is_gone = false,
                }
                thread::sleep(INTERVAL);
            }
        }
    }
}

/// Whether a file is a log, as far as it has been written.
fn has_record(bytes: &[u8]) -> bool {
    records(bytes).any(|record| record.content != Content::Unreadable)
}

/// Writes a call in a line, and below what was found in it.
fn write_call(line: &str, scan: &Scan<'_>, output: &mut Output) -> Result<()> {
    let line = Line::read(line)?;
    let facts = &line.facts;
    let time = facts.started.map(precise_time).unwrap_or_default();
    let took = facts.duration.map(human_duration).unwrap_or_default();
    let (outcome, id) = (facts.outcome.as_str(), facts.id());
    let service = one_line(&facts.service);
    writeln!(
        output,
        "{time:23}  {took:>7}  {outcome:10}  {id}  {service}"
    )?;
    for excerpt in scan.matcher().excerpts(&line, 2) {
        write_excerpt(&excerpt, output)?;
    }
    Ok(())
}
