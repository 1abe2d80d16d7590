//! `zalog verify`: makes the calls of examples again on a live server.

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
use globset::{Glob, GlobSet, GlobSetBuilder};
use indicatif::ProgressBar;
use serde_json::{Value, json};

use super::output::{Messages, NOT_WRITTEN, Output};
use super::table::{Column, Rows, human_duration};
use super::{Status, base_url};
use crate::export::indented_json;
use crate::verify::{Credentials, Recorded, Server, Verdict, read_examples};

/// Make the calls of examples again on a live server, and compare what comes back
///
/// An example runs if the server answers with the same fields of the same types; values are not
/// compared. Only services that read are called, such as get, get-list and ping; a request in which
/// a secret is masked is not sent. Set `$ZATO_USER` and `$ZATO_PASSWORD` before.
///
/// Exit status: 0 all that were tried run, 1 one differs or fails or none was tried, 2 an error.
///
/// Example: zalog verify examples.json --base-url $URL
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// What zalog examples --format json or openapi wrote: a file, a folder, or - for standard input
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
    let services = args.services()?;
    let mut examples = Vec::new();
    for path in &args.examples {
        read(path, &mut examples)?;
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
    let all_run = verified
        .iter()
        .all(|verified| matches!(verified.verdict, Verdict::Runs | Verdict::Skipped(_)));
    Ok(if all_run && tried > 0 {
        Status::Done
    } else {
        Status::NothingFound
    })
}

impl Args {
    fn services(&self) -> Result<Option<GlobSet>> {
        let mut globs = GlobSetBuilder::new();
        for glob in &self.service {
            globs.add(Glob::new(glob).with_context(|| format!("--service `{glob}`"))?);
        }
        Ok(if self.service.is_empty() {
            None
        } else {
            Some(globs.build()?)
        })
    }

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

/// Reads a file, or all JSON files of a folder and those below, by name.
fn read(path: &Path, examples: &mut Vec<Recorded>) -> Result<()> {
    let name = path.display();
    if path == Path::new("-") {
        let mut text = String::new();
        io::stdin()
            .read_to_string(&mut text)
            .context("standard input")?;
        examples.extend(read_examples(&text).context("standard input")?);
        return Ok(());
    }
    if path.is_dir() {
        let entries = fs::read_dir(path).with_context(|| name.to_string())?;
        let paths: io::Result<Vec<PathBuf>> = entries.map(|entry| Ok(entry?.path())).collect();
        let mut paths = paths.with_context(|| name.to_string())?;
        paths.sort_unstable();
        let is_json = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "json");
        // Bodies of curl snippets stand in files of their own.
        let is_body = |path: &PathBuf| path.to_string_lossy().ends_with(".body.json");
        paths.retain(|path| path.is_dir() || (is_json(path) && !is_body(path)));
        return paths.iter().try_for_each(|path| read(path, examples));
    }
    let text = fs::read_to_string(path).with_context(|| name.to_string())?;
    let read = read_examples(&text).with_context(|| name.to_string())?;
    examples.extend(read);
    Ok(())
}

/// Makes so many calls at a time as are asked for; what comes back is in the order of the examples.
fn verify_all(
    args: &Args,
    examples: &[Recorded],
    server: Option<&Server>,
    messages: &Messages,
) -> Vec<Verified> {
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
                (server.verify(example), Some(started.elapsed()))
            };
            bar.inc(1);
            let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
            done.push((nth, verdict, took));
        }
    };
    thread::scope(|scope| {
        for _ in 0..args.concurrency {
            scope.spawn(work);
        }
    });
    bar.finish_and_clear();
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_unstable_by_key(|(nth, ..)| *nth);
    let done = done.into_iter().map(|(nth, verdict, took)| {
        let service = &examples[nth].service;
        let before = examples[..nth].iter();
        Verified {
            number: 1 + before.filter(|example| example.service == *service).count(),
            service: service.clone(),
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
