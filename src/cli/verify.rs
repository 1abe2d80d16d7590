//! `zalog verify`: makes the calls of examples again on a live server.

use std::collections::HashMap;
use std::env;
use std::fs;
use std::io::{self, IsTerminal as _, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use clap::ValueEnum;
use indicatif::ProgressBar;
use serde_json::{Value, json};

use super::globs::globs;
use super::output::{Messages, NOT_WRITTEN, Output};
use super::table::{Column, Rows, human_duration};
use super::{Status, base_url};
use crate::export::indented_json;
use crate::verify::{Credentials, NotExamples, Recorded, Server, Skipped, Verdict, read_examples};

/// Make the calls of examples again on a live server, and compare what comes back
///
/// An example runs if the server answers with the same fields of the same types; values are not
/// compared. Only services that read are called, such as get, get-list and ping; a request in which
/// a secret is masked is not sent. Set `$ZATO_USER` and `$ZATO_PASSWORD` before.
///
/// Exit status: 0 all that were to be tried run, 1 one differs or fails, or none was tried, or the
/// time was over before all were, 2 an error.
///
/// Example: zalog verify examples.json --base-url $URL
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// What zalog examples --format json, openapi or openapi-json wrote: a file, a folder, or - for
    /// standard input
    #[arg(required = true, value_name = "EXAMPLES")]
    examples: Vec<PathBuf>,
    /// The server that is called
    #[arg(long, value_name = "URL")]
    base_url: String,
    /// Call services that may change something, too
    #[arg(long)]
    allow_writes: bool,
    /// Only examples of services that fit this glob (can be repeated)
    #[arg(long, value_name = "GLOB")]
    service: Vec<String>,
    /// How many seconds a call may take
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..))]
    timeout: u32,
    /// How many seconds all calls may take; what could not be called by then was not tried
    #[arg(long, value_name = "SECONDS", default_value_t = 600, value_parser = clap::value_parser!(u32).range(1..))]
    max_time: u32,
    /// How many calls are made at the same time
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=256))]
    concurrency: u16,
    /// How to print it
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Table,
    /// One document
    Json,
}

/// An example with what became of it.
struct Verified {
    service: String,
    /// Which of its service's examples it is, from 1.
    number: usize,
    verdict: Verdict,
    took: Option<Duration>,
}

pub(super) fn run(args: &Args, output: &mut Output, messages: &Messages) -> Result<Status> {
    base_url::check(&args.base_url)?;
    let services = globs("--service", &args.service)?;
    let mut examples = Vec::new();
    for path in &args.examples {
        read(path, messages, &mut examples)?;
    }
    examples.retain(|example| {
        services
            .as_ref()
            .is_none_or(|globs| globs.is_match(&example.service))
    });
    if examples.is_empty() {
        messages.note("no examples here");
        return Ok(Status::NothingFound);
    }
    let is_tried = |example: &Recorded| example.reason_to_skip(args.allow_writes).is_none();
    let tried = examples.iter().filter(|example| is_tried(example)).count();
    let server = if tried > 0 {
        Some(args.server()?)
    } else {
        None
    };
    let verified = verify_all(args, &examples, server.as_ref(), messages);
    match args.format {
        Format::Table => write_table(&verified, output),
        Format::Json => write_json(&verified, output),
    }
    .context(NOT_WRITTEN)?;
    if tried == 0 {
        messages.note("no example was tried: --allow-writes tries those that may change something");
    }
    let all_run = verified.iter().all(|verified| verified.verdict.is_fine());
    Ok(if all_run && tried > 0 {
        Status::Done
    } else {
        Status::NothingFound
    })
}

impl Args {
    fn server(&self) -> Result<Server> {
        let variable = |name: &str| {
            env::var(name)
                .ok()
                .with_context(|| format!("${name} is not set: who calls the server"))
        };
        let credentials = Credentials {
            user: variable("ZATO_USER")?,
            password: variable("ZATO_PASSWORD")?,
        };
        let timeout = Duration::from_secs(self.timeout.into());
        Ok(Server::new(&self.base_url, &credentials, timeout))
    }
}

/// Reads a file, or the files of a folder and those below, by name. A folder may hold more than
/// examples: what is something else is told.
fn read(path: &Path, messages: &Messages, examples: &mut Vec<Recorded>) -> Result<()> {
    let name = path.display();
    if path == Path::new("-") {
        let mut text = String::new();
        io::stdin()
            .read_to_string(&mut text)
            .context("standard input")?;
        examples.extend(read_examples(&text).context("standard input")?);
        return Ok(());
    }
    if !path.is_dir() {
        examples.extend(read_file(path)?.with_context(|| name.to_string())?);
        return Ok(());
    }
    let entries = fs::read_dir(path).with_context(|| name.to_string())?;
    let paths: io::Result<Vec<PathBuf>> = entries.map(|entry| Ok(entry?.path())).collect();
    let mut paths = paths.with_context(|| name.to_string())?;
    paths.sort_unstable();
    for path in paths {
        if path.is_dir() {
            read(&path, messages, examples)?;
        } else if may_hold_examples(&path) {
            match read_file(&path)? {
                Ok(read) => examples.extend(read),
                Err(NotExamples::Other) => {
                    messages.note(&format!("{}: {}", path.display(), NotExamples::Other));
                }
                Err(unreadable) => {
                    return Err(unreadable).with_context(|| path.display().to_string());
                }
            }
        }
    }
    Ok(())
}

fn read_file(path: &Path) -> Result<Result<Vec<Recorded>, NotExamples>> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    Ok(read_examples(&text))
}

fn may_hold_examples(path: &Path) -> bool {
    let is_of_a_kind = path
        .extension()
        .is_some_and(|ending| ["json", "yaml", "yml"].iter().any(|known| ending == *known));
    // Bodies of snippets stand in files of their own.
    is_of_a_kind && !path.to_string_lossy().ends_with(".body.json")
}

/// Makes so many calls at a time as are asked for; what comes back is in the order of the examples.
fn verify_all(
    args: &Args,
    examples: &[Recorded],
    server: Option<&Server>,
    messages: &Messages,
) -> Vec<Verified> {
    let end = Instant::now() + Duration::from_secs(args.max_time.into());
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, Verdict, Option<Duration>)>> = Mutex::default();
    let is_watched = !messages.is_quiet && io::stderr().is_terminal();
    let bar = if is_watched {
        ProgressBar::new(examples.len() as u64)
    } else {
        ProgressBar::hidden()
    };
    let work = || {
        while let Some(nth) = Some(next.fetch_add(1, Ordering::Relaxed))
            && let Some(example) = examples.get(nth)
        {
            let reason = example.reason_to_skip(args.allow_writes);
            let (verdict, took) = if let Some(reason) = reason {
                (Verdict::Skipped(reason), None)
            } else {
                // There is one as soon as one example is tried.
                let Some(server) = server else { continue };
                let started = Instant::now();
                let left = end.saturating_duration_since(started);
                if left.is_zero() {
                    (Verdict::Skipped(Skipped::NoTime), None)
                } else {
                    (server.verify(example, left), Some(started.elapsed()))
                }
            };
            bar.inc(1);
            let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
            done.push((nth, verdict, took));
        }
    };
    thread::scope(|scope| {
        for _ in 0..usize::from(args.concurrency).min(examples.len()) {
            scope.spawn(work);
        }
    });
    bar.finish_and_clear();
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_unstable_by_key(|(nth, ..)| *nth);
    let mut numbers: HashMap<&str, usize> = HashMap::new();
    let done = done.into_iter().map(|(nth, verdict, took)| {
        let service = examples[nth].service.as_str();
        let number = numbers.entry(service).or_default();
        *number += 1;
        Verified {
            service: service.to_owned(),
            number: *number,
            verdict,
            took,
        }
    });
    done.collect()
}

fn write_table(verified: &[Verified], output: &mut Output) -> io::Result<()> {
    output.page();
    let rows = verified.iter().map(|verified| {
        let took = verified
            .took
            .map(|took| u64::try_from(took.as_millis()).unwrap_or(u64::MAX));
        vec![
            verified.service.clone(),
            verified.number.to_string(),
            verified.verdict.as_str().to_owned(),
            took.map_or_else(String::new, human_duration),
            details(&verified.verdict).join("; "),
        ]
    });
    Rows {
        columns: vec![
            Column::text("service"),
            Column::number("example"),
            Column::text("verdict"),
            Column::number("took"),
            Column::text("details"),
        ],
        rows: rows.collect(),
    }
    .write_text(output)?;
    let counts = ["runs", "differs", "fails", "skipped"].map(|name| {
        let of_name = verified
            .iter()
            .filter(|verified| verified.verdict.as_str() == name);
        format!("{} {name}", of_name.count())
    });
    writeln!(output, "\n{}", counts.join(", "))
}

/// What there is to say, in words.
fn details(verdict: &Verdict) -> Vec<String> {
    match verdict {
        Verdict::Runs => Vec::new(),
        Verdict::Differs(found) => {
            let found = found.iter().map(|difference| {
                let place = if difference.path.is_empty() {
                    "all of it"
                } else {
                    &difference.path
                };
                let types = |types: Option<&[&str]>| types.map(|types| types.join(" or "));
                match (
                    types(difference.change.old_types()),
                    types(difference.change.new_types()),
                ) {
                    (Some(old), Some(new)) => format!("{place}: {new} instead of {old}"),
                    (None, _) => format!("{place}: new"),
                    (_, None) => format!("{place}: gone"),
                }
            });
            found.collect()
        }
        Verdict::Fails(reason) => vec![reason.clone()],
        Verdict::Skipped(skipped) => vec![skipped.as_str().to_owned()],
    }
}

fn write_json(verified: &[Verified], output: &mut Output) -> io::Result<()> {
    let examples = verified.iter().map(|verified| {
        let mut object = json!({
            "service": verified.service,
            "example": verified.number,
            "verdict": verified.verdict.as_str(),
        });
        if let Some(took) = verified.took {
            object["took_ms"] = u64::try_from(took.as_millis()).unwrap_or(u64::MAX).into();
        }
        let details = details(&verified.verdict);
        if !details.is_empty() {
            object["details"] = details.into();
        }
        object
    });
    let document = json!({"examples": examples.collect::<Vec<Value>>()});
    writeln!(output, "{}", indented_json(&document))
}
