//! The logs that a command reads: found, opened, read in order, and the calls that are asked for.

use std::ffi::OsString;

use anyhow::{Context as _, Result};
use globset::{Glob, GlobSet, GlobSetBuilder};
use jiff::ZonedDateTime;
use jiff::tz::TimeZone;

use super::Status;
use super::output::Messages;
use super::progress::Progress;
use super::when::{self, DayEnd};
use crate::entry::CHUNK_SIZE;
use crate::invocation::{Counts, Diagnostic, Invocation, LogReader, SourceFile};
use crate::redact::Redactor;
use crate::source::{Access, LogFile, Source, find};
use crate::view::View;

/// Which logs are read, and what of them.
#[derive(Debug, clap::Args)]
pub(super) struct LogArgs {
    /// A file, a directory, a glob, or - for standard input; NAME=LOG names the server
    #[arg(required = true, value_name = "LOG")]
    logs: Vec<OsString>,
    /// Only calls of services that fit this glob, such as 'zato.http-soap.*' (can be repeated)
    #[arg(long, value_name = "GLOB", help_heading = "Selection")]
    service: Vec<String>,
    /// Only calls since this time of the server's clock: 2018-11-11, '2018-11-11 22:00', today,
    /// yesterday; -30m, -2h, -7d and -1w count from this computer's clock
    #[arg(
        long,
        value_name = "TIME",
        allow_hyphen_values = true,
        help_heading = "Selection"
    )]
    since: Option<String>,
    /// Only calls up to this time; a date means its whole day, a minute its whole minute
    #[arg(
        long,
        value_name = "TIME",
        allow_hyphen_values = true,
        help_heading = "Selection"
    )]
    until: Option<String>,
    /// The time zone of the servers' clocks, such as Europe/Warsaw, for the UTC offset of times in
    /// JSON, and for -2h; what the CIDs of Zato 4.1 tell counts before it
    #[arg(long, value_name = "ZONE", help_heading = "Selection")]
    timezone: Option<String>,
    /// Show passwords, keys and tokens as they were logged
    #[arg(long, help_heading = "Reading")]
    show_secrets: bool,
    /// How many threads read [default: one a core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256), help_heading = "Reading")]
    threads: Option<u16>,
    /// Read files into memory instead of mapping them; needed for a log that is truncated meanwhile
    #[arg(long, help_heading = "Reading")]
    no_mmap: bool,
    /// Take anything that was not understood for an error
    #[arg(long, help_heading = "Reading")]
    strict: bool,
}

/// Logs that are open.
#[derive(Debug)]
pub(super) struct Logs {
    sets: Vec<OpenSet>,
    selection: Selection,
    /// How the invocations are to be shown.
    pub(super) view: View,
    has_trouble: bool,
    is_strict: bool,
}

#[derive(Debug)]
struct OpenSet {
    server: Option<String>,
    files: Vec<(LogFile, Source)>,
}

/// Which calls are asked for.
#[derive(Debug)]
struct Selection {
    services: Option<GlobSet>,
    since: Option<i64>,
    until: Option<i64>,
}

/// What was read of the logs.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Summary {
    counts: Counts,
    /// The invocations that were asked for.
    selected: usize,
}

impl Summary {
    pub(super) fn records(&self) -> usize {
        self.counts.records()
    }
}

impl LogArgs {
    /// Finds and opens the logs. What can't be read is said, and the rest goes on.
    pub(super) fn open(&self, messages: &Messages) -> Result<Logs> {
        if let Some(threads) = self.threads {
            rayon::ThreadPoolBuilder::new()
                .num_threads(usize::from(threads))
                .build_global()
                .context("failed to start threads")?;
        }
        let selection = self.selection()?;
        let (found, errors) = find(&self.logs);
        for error in &errors {
            messages.error(&error.to_string());
        }
        let mut has_trouble = !errors.is_empty();
        let access = if self.no_mmap {
            Access::Read
        } else {
            Access::Map
        };
        let mut sets = Vec::new();
        for set in found {
            let mut files = Vec::new();
            for file in set.files {
                match Source::open(&file, access) {
                    Ok(source) => {
                        if let Some(fault) = source.fault() {
                            has_trouble = true;
                            messages.error(&format!(
                                "{}: damaged: {fault}; read what comes before",
                                file.name()
                            ));
                        }
                        files.push((file, source));
                    }
                    Err(error) => {
                        has_trouble = true;
                        messages.error(&format!("{}: {error}", file.name()));
                    }
                }
            }
            sets.push(OpenSet {
                server: set.server,
                files,
            });
        }
        let redactor = if self.show_secrets {
            Redactor::Show
        } else {
            Redactor::Mask
        };
        let view = View {
            redactor,
            timezone: self.zone()?,
        };
        Ok(Logs {
            sets,
            selection,
            view,
            has_trouble,
            is_strict: self.strict,
        })
    }

    fn zone(&self) -> Result<Option<TimeZone>> {
        let zone = self.timezone.as_deref().map(|name| {
            TimeZone::get(name).with_context(|| {
                format!("unknown time zone `{name}`: use a name such as `Europe/Warsaw` or `UTC`")
            })
        });
        zone.transpose()
    }

    fn selection(&self) -> Result<Selection> {
        let now = match self.zone()? {
            Some(zone) => ZonedDateTime::now().with_time_zone(zone),
            None => ZonedDateTime::now(),
        };
        let moment = |flag: &str, text: &Option<String>, day_end| {
            let moment = text.as_deref().map(|text| {
                when::parse(text, day_end, &now)
                    .map_err(|reason| anyhow::anyhow!("{flag} `{text}`: {reason}"))
            });
            moment.transpose()
        };
        let mut services = GlobSetBuilder::new();
        for glob in &self.service {
            services.add(Glob::new(glob).with_context(|| format!("--service `{glob}`"))?);
        }
        Ok(Selection {
            services: if self.service.is_empty() {
                None
            } else {
                Some(services.build()?)
            },
            since: moment("--since", &self.since, DayEnd::First)?,
            until: moment("--until", &self.until, DayEnd::Last)?,
        })
    }
}

impl Selection {
    fn includes(&self, invocation: &Invocation<'_>) -> bool {
        let fits_service = self
            .services
            .as_ref()
            .is_none_or(|globs| globs.is_match(invocation.service));
        if self.since.is_none() && self.until.is_none() {
            return fits_service;
        }
        let fits_time = invocation.seen_at().is_some_and(|asctime| {
            let millis = asctime.millis();
            self.since.is_none_or(|since| millis >= since)
                && self.until.is_none_or(|until| millis <= until)
        });
        fits_service && fits_time
    }
}

/// What a command gets while the logs are read.
pub(super) struct Batch<'a> {
    /// Invocations that were asked for, in the order in which they ended.
    pub(super) invocations: Vec<Invocation<'a>>,
    /// What was not understood since the batch before.
    pub(super) diagnostics: Vec<Diagnostic<'a>>,
}

impl Logs {
    /// Whether no log could be opened.
    pub(super) fn is_empty(&self) -> bool {
        self.sets.iter().all(|set| set.files.is_empty())
    }

    /// Reads the logs, each server's from the oldest file to the newest.
    pub(super) fn read<'a>(
        &'a self,
        messages: &Messages,
        mut take: impl FnMut(Batch<'a>) -> Result<()>,
    ) -> Result<Summary> {
        let sources = || self.sets.iter().flat_map(|set| &set.files);
        let total: usize = sources().map(|(_, source)| source.bytes().len()).sum();
        let mut progress = Progress::new(total as u64, messages.is_quiet);
        let mut summary = Summary::default();
        let mut take = |summary: &mut Summary, mut batch: Batch<'a>| {
            batch
                .invocations
                .retain(|invocation| self.selection.includes(invocation));
            summary.selected += batch.invocations.len();
            take(batch)
        };
        for set in &self.sets {
            let mut reader = LogReader::new(set.server.as_deref(), CHUNK_SIZE);
            for (file, source) in &set.files {
                let file = SourceFile {
                    name: file.name(),
                    bytes: source.bytes(),
                };
                reader.read(file, |invocations, diagnostics| {
                    progress.advance(CHUNK_SIZE as u64);
                    take(
                        &mut summary,
                        Batch {
                            invocations,
                            diagnostics,
                        },
                    )
                })?;
            }
            let (counts, invocations) = reader.finish();
            summary.counts += counts;
            take(
                &mut summary,
                Batch {
                    invocations,
                    diagnostics: Vec::new(),
                },
            )?;
        }
        Ok(summary)
    }

    /// Says what could not be read, and how the command ended.
    pub(super) fn conclude(&self, summary: &Summary, messages: &Messages) -> Status {
        let mut has_trouble = self.has_trouble;
        for (file, source) in self.sets.iter().flat_map(|set| &set.files) {
            if source.bytes().is_empty() && source.fault().is_none() {
                messages.note(&format!("{}: empty", file.name()));
            }
            if !source.bytes().is_empty()
                && crate::entry::records(source.bytes()).all(is_unreadable)
            {
                has_trouble = true;
                messages.error(&format!(
                    "{}: not a log of Zato: no record in it",
                    file.name()
                ));
            }
        }
        let Counts {
            cut_off,
            ambiguous,
            unreadable,
            ..
        } = summary.counts;
        let skipped = cut_off + ambiguous + unreadable;
        if skipped > 0 || messages.is_verbose {
            let parts = [
                (cut_off, "cut off"),
                (ambiguous, "ambiguous"),
                (unreadable, "unreadable"),
            ];
            let parts: Vec<String> = parts
                .iter()
                .filter(|(count, _)| *count > 0)
                .map(|(count, name)| format!("{count} {name}"))
                .collect();
            let records = summary.records();
            messages.note(&if skipped > 0 {
                format!(
                    "read {records} records, {}: zalog parse --diagnostics",
                    parts.join(", ")
                )
            } else {
                format!("read {records} records, all understood")
            });
        }
        if has_trouble || (self.is_strict && skipped > 0) {
            Status::Trouble
        } else if summary.selected == 0 {
            messages.note(if summary.counts.calls == 0 {
                "no calls in these logs"
            } else {
                "no call fits"
            });
            Status::NothingFound
        } else {
            Status::Done
        }
    }
}

fn is_unreadable(record: crate::entry::Record<'_>) -> bool {
    record.content == crate::entry::Content::Unreadable
}
