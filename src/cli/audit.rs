//! `zalog audit`: what administrators changed, and what is missing from the evidence.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use clap::ValueEnum;
use rayon::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::choice::{Choice, ChoiceArgs};
use super::logs::{LogArgs, Logs, Summary, spare};
use super::open_set::{OpenFile, OpenSet, Trail, say_fault, say_lost};
use super::output::{Messages, NOT_WRITTEN, Output};
use super::progress::Progress;
use super::written::write_private_file;
use super::{Status, audit_csv, audit_json, audit_text};
use crate::audit::{
    Auditor, Change, Checkpoint, HashedFile, Ledger, LifeEvent, Neighbours, ObjectQuery, Report,
    Rules, Seal, ServerLedger, sha256,
};
use crate::entry::Hinter;
use crate::export::AuditPage;
use crate::invocation::{Batch, Invocation};
use crate::query::Moment;
use crate::source::{LogFile, Opened, Source};
use crate::usage::{Statistics, Traffic};

/// Show what administrators changed: who, when, from what to what; findings; what is missing
///
/// Each call of a service that changes something is one line: what was done to which object, which
/// fields changed, who called, and what became of it. What an object was before is known from what
/// the log itself shows of it; what is unknown is never guessed. Other logs of the same server tell
/// who called, and why calls failed. Which user it was is in none of Zato's logs.
///
/// Examples:
///   zalog audit logs --with logs/server.log --with logs/access.log
///   zalog audit logs --object 'http-soap/my channel' --at '2018-11-11 22:00'
///   zalog audit logs --html audit.html
///   zalog audit logs --seal seal.json, and later: zalog audit logs --against seal.json
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    #[command(flatten)]
    logs: LogArgs,
    #[command(flatten)]
    choice: ChoiceArgs,
    /// Join what a server.log or an access log of the server tells, by CID (can be repeated)
    #[arg(long, value_name = "LOG")]
    with: Vec<PathBuf>,
    /// Show the life of one object: TYPE/NAME, by any name that it has had, or TYPE/#ID
    #[arg(long, value_name = "OBJECT")]
    object: Option<ObjectQuery>,
    /// Show the state of the object at this time only: '2018-11-11 22:00'
    #[arg(
        long,
        value_name = "TIME",
        requires = "object",
        allow_hyphen_values = true
    )]
    at: Option<String>,
    /// Add the rules of all .toml files in this folder; one with the ID of another takes its place
    /// (can be repeated)
    #[arg(long, value_name = "DIR")]
    rules: Vec<PathBuf>,
    /// Write what the logs hold into this file, with hashes, for --against
    #[arg(long, value_name = "FILE")]
    seal: Option<PathBuf>,
    /// Tell whether files that were sealed have been altered or shortened since
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,
    /// How to print it
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    format: Format,
    /// Write all of it as a web page into this file, which only you may read, and print nothing; `-`
    /// is standard output
    #[arg(long, value_name = "FILE", conflicts_with_all = ["object", "at", "format"])]
    html: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people: a summary, then the changes in the order of time
    Table,
    /// One document
    Json,
    /// One row a change
    Csv,
}

pub(super) fn run(args: &Args, output: &mut Output, messages: &Messages) -> Result<Status> {
    if let Some(path) = &args.html {
        return run_page(args, path, output, messages);
    }
    match args.format {
        Format::Table => run_as(args, audit_text::row, audit_text::write, output, messages),
        Format::Json => run_as(args, audit_json::text, audit_json::write, output, messages),
        Format::Csv => run_as(args, audit_csv::row, audit_csv::write, output, messages),
    }
}

/// Writes a page.
fn run_page(args: &Args, path: &Path, output: &mut Output, messages: &Messages) -> Result<Status> {
    let mut measured = Measured::default();
    let audited = audit(
        args,
        |change| change.clone().into_owned(),
        Some(&mut measured),
        messages,
    )?;
    let page = AuditPage {
        report: &audited.report,
        statistics: &measured.statistics,
        traffic: &measured.traffic,
    };
    write_page(&page, path, output, messages)?;
    Ok(audited.status)
}

/// Prints a report, of which changes are kept as `kept` makes them for `write`.
fn run_as<C: Serialize + DeserializeOwned>(
    args: &Args,
    kept: fn(&Change<'_>) -> C,
    write: fn(&Report<C>, &mut Output) -> io::Result<()>,
    output: &mut Output,
    messages: &Messages,
) -> Result<Status> {
    let at = args.at()?;
    let Audited { report, status } = audit(args, kept, None, messages)?;
    let (Some(life), Some(object)) = (&report.life, &args.object) else {
        write(&report, output).context(NOT_WRITTEN)?;
        return Ok(status);
    };
    let life = match at {
        Some(at) => state_at(life, at),
        None => life.iter().collect(),
    };
    args.print_life(&life, output).context(NOT_WRITTEN)?;
    if life.is_empty() {
        let then = if at.is_some() { " then" } else { "" };
        let types = changed_types(&report, object);
        messages.note(&format!("the logs show no {object}{then}{types}"));
        return Ok(status.max(Status::NothingFound));
    }
    Ok(status)
}

/// A report, and what became of reading the logs.
struct Audited<C> {
    report: Report<C>,
    status: Status,
}

/// Reads the logs, and makes the report. Other statuses than [`Status::Done`] have been explained.
fn audit<C: Serialize + DeserializeOwned>(
    args: &Args,
    kept: fn(&Change<'_>) -> C,
    mut measured: Option<&mut Measured>,
    messages: &Messages,
) -> Result<Audited<C>> {
    let rules = args.rules()?;
    let seal = args.against.as_deref().map(read_seal).transpose()?;
    let logs = args.logs.open(messages)?;
    args.spare_inputs(&logs)?;
    let choice = args.choice.choice(args.logs.now()?, &logs.view)?;
    let (neighbours, has_trouble) = args.neighbours(messages)?;
    let object = args.object.clone();
    let mut auditor = Auditor::new(&logs.view, &neighbours, &rules, object, kept);
    let mut summary = Summary {
        has_trouble,
        ..Summary::default()
    };
    let mut progress = logs.progress(messages);
    let mut hashed = Vec::new();
    let asked = Asked {
        logs: &logs,
        choice: &choice,
        messages,
    };
    for set in &logs.sets {
        let set = OpenSet::read_whole(set, messages);
        hashed.extend(asked.look_ahead(&set, &mut auditor, seal.as_ref())?);
        asked.read(
            &set,
            &mut auditor,
            measured.as_deref_mut(),
            &mut summary,
            &mut progress,
        )?;
    }
    let mut report = auditor.finish();
    if let Some(seal) = &seal {
        report.ledger.sealed = seal.check(&hashed);
    }
    let is_sealed = report.ledger.sealed.iter().all(|file| file.state.is_fine());
    match &args.seal {
        // The old seal is the proof of it.
        Some(path) if !is_sealed => messages.error(&format!(
            "--seal {}: not written, since the files are not as they were sealed; leave out --against \
             to seal them as they are",
            path.display()
        )),
        Some(path) => write_seal(&report.ledger, path)?,
        None => {}
    }
    let status = logs.conclude(&summary, messages);
    for file in &report.ledger.sealed {
        if !file.state.is_fine() {
            messages.error(&format!("{}: {}", file.file, file.state.as_str()));
        }
    }
    let status = if is_sealed { status } else { Status::Trouble };
    Ok(Audited { report, status })
}

/// What a page shows besides the report.
#[derive(Debug, Default)]
struct Measured {
    statistics: Statistics,
    traffic: Traffic,
}

fn write_page(
    page: &AuditPage<'_>,
    path: &Path,
    output: &mut Output,
    messages: &Messages,
) -> Result<()> {
    if path == Path::new("-") {
        return page.write(output).context(NOT_WRITTEN);
    }
    write_private_file(path, |out| page.write(out))?;
    messages.note(&format!("wrote {}", path.display()));
    Ok(())
}

/// What is asked for, and who is told of it.
#[derive(Clone, Copy)]
struct Asked<'a> {
    logs: &'a Logs,
    choice: &'a Choice<'a>,
    messages: &'a Messages,
}

impl Asked<'_> {
    /// Reads the log of a server for the first time: its records and the calls without an answer, and
    /// hashes its files meanwhile.
    fn look_ahead(
        self,
        set: &OpenSet<'_>,
        auditor: &mut Auditor<'_, impl Serialize + DeserializeOwned>,
        seal: Option<&Seal>,
    ) -> Result<Vec<HashedFile>> {
        let files = set.files.iter();
        let files: Vec<(&str, u64)> = files
            .map(|file| (file.file.name(), file.bytes().len() as u64))
            .collect();
        auditor.start_server(ServerLedger::new(set.server, &files));
        let hash = |file: &OpenFile<'_>| {
            let mut checkpoints = seal.map(Seal::checkpoints).unwrap_or_default();
            let hash = hash(file, &mut checkpoints);
            let hashed = HashedFile {
                file: file.file.name().to_owned(),
                bytes: file.bytes().len() as u64,
                starts: checkpoints,
            };
            (hash, hashed)
        };
        let (files, mut hashes) = (&set.files, Vec::new());
        rayon::in_place_scope(|scope| {
            scope.spawn(|_| hashes = files.par_iter().map(hash).collect());
            set.give_records(|batch| {
                auditor.expect(&batch, |invocation| self.is_chosen(invocation));
                Ok(())
            })
        })?;
        let (hashes, hashed): (Vec<String>, Vec<HashedFile>) = hashes.into_iter().unzip();
        auditor.conclude(hashes);
        Ok(hashed)
    }

    /// Reads all calls of a server.
    fn read(
        self,
        set: &OpenSet<'_>,
        auditor: &mut Auditor<'_, impl Serialize + DeserializeOwned>,
        mut measured: Option<&mut Measured>,
        summary: &mut Summary,
        progress: &mut Progress,
    ) -> Result<()> {
        let take = |batch: Batch<'_>| {
            let mut chosen = self.choice.of(&batch.invocations).into_iter().peekable();
            auditor.take(&batch.invocations, |invocation| {
                let is_hit = chosen
                    .next_if(|hit| std::ptr::eq(*hit, invocation))
                    .is_some();
                let is_chosen = is_hit && self.logs.selection.includes(invocation);
                summary.selected += usize::from(is_chosen);
                if let Some(measured) = measured.as_deref_mut().filter(|_| is_chosen) {
                    measured.statistics.add(invocation);
                    measured.traffic.add(invocation);
                }
                is_chosen
            });
            Ok(())
        };
        let (counts, has_trouble) = set.give(progress, self.messages, Hinter::NONE, take)?;
        summary.counts += counts;
        summary.has_trouble |= has_trouble;
        Ok(())
    }

    fn is_chosen(self, invocation: &Invocation<'_>) -> bool {
        self.logs.selection.includes(invocation)
            && !self.choice.of(std::slice::from_ref(invocation)).is_empty()
    }
}

/// The hash of a file, whose pages are let go behind the reader.
fn hash(file: &OpenFile<'_>, checkpoints: &mut [Checkpoint]) -> String {
    let mut trail = Trail::default();
    let hash = sha256(file.bytes(), checkpoints, |end| {
        trail.follow(end, |bytes| file.release(bytes));
    });
    file.release(0..file.bytes().len());
    hash
}

impl Args {
    fn print_life(&self, life: &[&LifeEvent], output: &mut Output) -> io::Result<()> {
        match self.format {
            Format::Table => audit_text::write_life(life, self.at.is_some(), output),
            Format::Json => audit_json::write_life(life, output),
            Format::Csv => audit_csv::write_life(life, output),
        }
    }

    /// Fails if something would be written over what is read here, or over what is written here too.
    fn spare_inputs(&self, logs: &Logs) -> Result<()> {
        let outputs = [("--html", &self.html), ("--seal", &self.seal)];
        for (option, path) in outputs {
            let Some(path) = path else { continue };
            logs.spare(path, option)?;
            spare(path, option, self.with.iter().map(PathBuf::as_path))?;
        }
        if self.html.is_some() && self.html == self.seal {
            bail!("--html and --seal need a file each");
        }
        Ok(())
    }

    fn rules(&self) -> Result<Rules> {
        let mut rules = Rules::built_in();
        for folder in &self.rules {
            let context = || format!("--rules {}", folder.display());
            let entries = fs::read_dir(folder).with_context(context)?;
            let paths = entries.map(|entry| Ok(entry?.path()));
            let mut paths: Vec<PathBuf> = paths.collect::<io::Result<_>>().with_context(context)?;
            paths.retain(|path| {
                path.extension()
                    .is_some_and(|extension| extension == "toml")
            });
            if paths.is_empty() {
                bail!("--rules {}: no .toml file in it", folder.display());
            }
            paths.sort();
            for path in &paths {
                let context = || path.display().to_string();
                let text = fs::read_to_string(path).with_context(context)?;
                rules.add(&text).with_context(context)?;
            }
        }
        Ok(rules)
    }

    /// The end of the time that is asked for.
    fn at(&self) -> Result<Option<i64>> {
        let Some(text) = &self.at else {
            return Ok(None);
        };
        let moment: Moment = text.parse().with_context(|| format!("--at `{text}`"))?;
        Ok(Some(moment.milliseconds(self.logs.now()?).1))
    }

    /// Reads the other logs. Returns too whether something was wrong with one, which has been said.
    fn neighbours(&self, messages: &Messages) -> Result<(Neighbours, bool)> {
        let mut neighbours = Neighbours::default();
        let mut has_trouble = false;
        for path in &self.with {
            let context = || format!("--with {}", path.display());
            if path.is_dir() {
                bail!(
                    "--with {}: a folder, where a log is expected",
                    path.display()
                );
            }
            let file = LogFile::from(path.clone());
            let opened = Opened::new(&file, self.logs.access()).with_context(context)?;
            let source = Source::read(&opened).with_context(context)?;
            let told = neighbours.read(file.name(), source.bytes());
            has_trouble |= say_fault(&file, source.fault(), messages)
                | say_lost(&file, source.lost(), messages);
            if told == crate::audit::Told::default() {
                messages.note(&format!(
                    "{}: nothing in it tells of calls: expected a server.log, http_access.log or \
                     access.log of Zato",
                    file.name()
                ));
            }
        }
        neighbours.finish();
        Ok((neighbours, has_trouble))
    }
}

/// The types of what was changed most, for someone who asks for an object of another one.
fn changed_types<C>(report: &Report<C>, object: &ObjectQuery) -> String {
    let types = &report.tally.by_type;
    let is_known = types.iter().any(|count| count.name == object.object_type());
    if is_known || types.is_empty() {
        return String::new();
    }
    let named = audit_text::most_of(types, |count| count.name.clone());
    format!(": what was changed is of the types {named}")
}

/// The last that is known at a time of each object that is there then.
fn state_at(life: &[LifeEvent], at: i64) -> Vec<&LifeEvent> {
    let mut last: Vec<&LifeEvent> = Vec::new();
    for event in life
        .iter()
        .filter(|event| event.millis.is_some_and(|millis| millis <= at))
    {
        last.retain(|other| other.incarnation != event.incarnation);
        last.push(event);
    }
    last.retain(|event| event.state.is_some());
    last
}

fn write_seal(ledger: &Ledger, path: &Path) -> Result<()> {
    let seal = serde_json::to_value(Seal::of(ledger))?;
    let text = crate::export::indented_json(&seal);
    write_private_file(path, |out| writeln!(out, "{text}"))
        .with_context(|| format!("--seal {}", path.display()))
}

fn read_seal(path: &Path) -> Result<Seal> {
    let context = || format!("--against {}", path.display());
    let text = fs::read(path).with_context(context)?;
    Seal::read(&text).with_context(context)
}
