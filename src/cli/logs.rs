//! The logs that a command reads: found, opened set by set, read in order, and the calls that are
//! asked for.

use std::ffi::OsString;
use std::ops::Bound::{Included, Unbounded};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, Result, bail};
use globset::{Glob, GlobSet};
use jiff::ZonedDateTime;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::Status;
use super::globs::globs;
use super::open_set::{OpenSet, ServerLog};
use super::output::Messages;
use super::progress::Progress;
use crate::entry::Hinter;
use crate::invocation::{Batch, Counts, Invocation};
use crate::query::{Clause, Moment, Name, NameField, Node, Query, Range, TimeField};
use crate::redact::Redactor;
use crate::source::{Access, Opened, find, is_same_file};
use crate::view::View;

/// Which logs are read, and what of them.
#[derive(Debug, clap::Args)]
pub(super) struct LogArgs {
    /// A file, a directory, a glob, or - for standard input; NAME=LOG names the server
    #[arg(required = true, value_name = "LOG")]
    logs: Vec<OsString>,
    #[command(flatten)]
    reading: ReadingArgs,
}

/// What of logs is read, and how.
#[derive(Debug, clap::Args)]
pub(super) struct ReadingArgs {
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
    /// Read files instead of mapping them; what is truncated meanwhile is read then
    #[arg(long, help_heading = "Reading")]
    no_mmap: bool,
    /// Take anything that was not understood for an error
    #[arg(long, help_heading = "Reading")]
    strict: bool,
}

/// Logs that were found.
#[derive(Debug)]
pub(super) struct Logs {
    pub(super) sets: Vec<ServerLog>,
    pub(super) selection: Selection,
    /// How the invocations are to be shown.
    pub(super) view: View,
    has_trouble: bool,
    is_strict: bool,
}

impl Logs {
    /// Fails if what would be written here is one of the logs.
    pub(super) fn spare(&self, path: &Path, option: &str) -> Result<()> {
        let files = self.sets.iter().flat_map(|set| &set.files);
        spare(path, option, files.filter_map(|(file, _)| file.path()))
    }
}

/// Fails if what would be written here is one of these logs.
pub(super) fn spare<'p>(
    path: &Path,
    option: &str,
    mut logs: impl Iterator<Item = &'p Path>,
) -> Result<()> {
    if path.exists() && logs.any(|log| is_same_file(path, log)) {
        bail!("{option} {}: a log that is read here", path.display());
    }
    Ok(())
}

/// Which calls are asked for.
#[derive(Debug)]
pub(super) struct Selection {
    services: Option<GlobSet>,
    since: Option<i64>,
    until: Option<i64>,
}

/// What was read of the logs.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Summary {
    pub(super) counts: Counts,
    /// The invocations that were asked for.
    pub(super) selected: usize,
    pub(super) has_trouble: bool,
}

impl Summary {
    /// So many of the invocations that were read are asked for.
    pub(super) fn select(&mut self, count: u64) {
        self.selected = usize::try_from(count).unwrap_or(usize::MAX);
    }

    pub(super) fn records(&self) -> usize {
        self.counts.records()
    }
}

impl LogArgs {
    /// How files are to be read.
    pub(super) fn access(&self) -> Access {
        self.reading.access()
    }

    /// Finds the logs. What can't be opened is said, and the rest goes on.
    pub(super) fn open(&self, messages: &Messages) -> Result<Logs> {
        self.reading.open(&self.logs, messages)
    }

    /// The time of the servers' clocks.
    pub(super) fn now(&self) -> Result<impl Fn() -> DateTime + use<>> {
        self.reading.now()
    }

    /// Finds the logs for one who takes records that come twice for the same.
    pub(super) fn open_with_copies(&self, messages: &Messages) -> Result<Logs> {
        self.reading.open_with_copies(&self.logs, messages)
    }

    /// What is asked of the logs, in words. A time that moves on with the clock stays the same.
    pub(super) fn how(&self, logs: &Logs) -> String {
        self.reading.how(logs)
    }
}

impl ReadingArgs {
    /// Finds these logs. What can't be opened is said, and the rest goes on. A copy of a file that
    /// is there too is left out.
    pub(super) fn open(&self, logs: &[OsString], messages: &Messages) -> Result<Logs> {
        let mut logs = self.open_with_copies(logs, messages)?;
        for set in &mut logs.sets {
            set.leave_out_copies(messages);
        }
        Ok(logs)
    }

    fn access(&self) -> Access {
        if self.no_mmap {
            Access::Read
        } else {
            Access::Map
        }
    }

    fn open_with_copies(&self, logs: &[OsString], messages: &Messages) -> Result<Logs> {
        self.start_threads()?;
        let selection = self.selection()?;
        let (found, errors) = find(logs);
        for error in &errors {
            messages.error(&error.to_string());
        }
        let mut has_trouble = !errors.is_empty();
        let access = self.access();
        let mut sets = Vec::new();
        for set in found {
            let mut files = Vec::new();
            for file in set.files {
                match Opened::new(&file, access) {
                    Ok(opened) => files.push((file, opened)),
                    Err(error) => {
                        has_trouble = true;
                        messages.error(&format!("{}: {error}", file.name()));
                    }
                }
            }
            sets.push(ServerLog {
                server: set.server,
                files,
            });
        }
        let view = self.view()?;
        Ok(Logs {
            sets,
            selection,
            view,
            has_trouble,
            is_strict: self.strict,
        })
    }

    /// How calls are to be shown.
    pub(super) fn view(&self) -> Result<View> {
        let redactor = if self.show_secrets {
            Redactor::Show
        } else {
            Redactor::Mask
        };
        let timezone = self.zone()?;
        Ok(View { redactor, timezone })
    }

    /// Starts as many threads as are asked for, unless they run already.
    pub(super) fn start_threads(&self) -> Result<()> {
        static STARTED: AtomicBool = AtomicBool::new(false);
        if STARTED.swap(true, Ordering::Relaxed) {
            return Ok(());
        }
        // The thread that reads what others have framed is one of them.
        rayon::ThreadPoolBuilder::new()
            .num_threads(self.threads.map_or(0, usize::from))
            .use_current_thread()
            .build_global()
            .context("failed to start threads")
    }

    /// The time of the servers' clocks.
    pub(super) fn now(&self) -> Result<impl Fn() -> DateTime + use<>> {
        let zone = self.zone()?;
        // The computer's time zone is looked up for those only who need it: it takes a millisecond.
        Ok(move || {
            let now = ZonedDateTime::now();
            let now = match &zone {
                Some(zone) => now.with_time_zone(zone.clone()),
                None => now,
            };
            now.datetime()
        })
    }

    /// What `query` and these arguments ask for together.
    pub(super) fn narrowed(&self, query: Query) -> Result<Query> {
        let mut all = vec![query.root];
        let services = self.service.iter().map(|glob| {
            let glob = Glob::new(glob).with_context(|| format!("--service `{glob}`"))?;
            // The crate writes it for bytes.
            let regex = format!("(?s){}", glob.regex().trim_start_matches("(?-u)"));
            let name = Name::Regex(regex);
            Ok(Node::Clause(Clause::Name(NameField::Service, name)))
        });
        let services: Vec<Node> = services.collect::<Result<_>>()?;
        if !services.is_empty() {
            all.push(Node::Any(services));
        }
        let mut from = |flag: &str, text: &Option<String>, range: fn(Moment) -> Range<Moment>| {
            if let Some(moment) = moment(flag, text.as_deref())? {
                all.push(Node::Clause(Clause::Time(
                    TimeField::Started,
                    range(moment),
                )));
            }
            anyhow::Ok(())
        };
        from("--since", &self.since, |since| (Included(since), Unbounded))?;
        from("--until", &self.until, |until| (Unbounded, Included(until)))?;
        Ok(Query {
            root: Node::All(all),
        })
    }

    /// Whether only some calls are asked for.
    pub(super) fn is_narrow(&self) -> bool {
        !self.service.is_empty() || self.since.is_some() || self.until.is_some()
    }

    /// Whether secrets are shown.
    pub(super) fn shows_secrets(&self) -> bool {
        self.show_secrets
    }

    /// Fails when something is asked for that makes no sense without logs: an index gives back what
    /// it holds.
    pub(super) fn expect_no_logs(&self) -> Result<()> {
        let flags = [
            ("--timezone", self.timezone.is_some()),
            ("--show-secrets", self.show_secrets),
            ("--no-mmap", self.no_mmap),
            ("--strict", self.strict),
        ];
        match flags.iter().find(|(_, is_given)| *is_given) {
            Some((flag, _)) => bail!(
                "{flag} has a meaning only where logs are read: name them, since the index gives \
                 back what it holds"
            ),
            None => Ok(()),
        }
    }

    /// What is asked of these logs, in words.
    fn how(&self, logs: &Logs) -> String {
        let secrets = if self.show_secrets {
            "secrets shown"
        } else {
            "secrets masked"
        };
        let mut how = vec![secrets.to_owned()];
        how.extend(self.service.iter().map(|glob| format!("service {glob}")));
        how.extend(self.since.iter().map(|since| format!("since {since}")));
        let until = self.until.as_ref().zip(logs.selection.until);
        how.extend(until.map(|(until, millis)| format!("until {until} ({millis})")));
        how.extend(self.timezone.iter().map(|zone| format!("timezone {zone}")));
        how.join(", ")
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
        let now = self.now()?;
        let since = moment("--since", self.since.as_deref())?;
        let until = moment("--until", self.until.as_deref())?;
        Ok(Selection {
            services: globs("--service", &self.service)?,
            since: since.map(|since| since.milliseconds(&now).0),
            until: until.map(|until| until.milliseconds(&now).1),
        })
    }
}

fn moment(flag: &str, text: Option<&str>) -> Result<Option<Moment>> {
    let moment = text.map(|text| {
        let moment = text.parse::<Moment>();
        moment.with_context(|| format!("{flag} `{text}`"))
    });
    moment.transpose()
}

impl Selection {
    /// Leaves in a batch what is asked for.
    fn narrow(&self, batch: &mut Batch<'_>) {
        batch
            .invocations
            .retain(|invocation| self.includes(invocation));
    }

    /// Takes away which services are asked for, so that the calls around theirs are read too.
    pub(super) fn take_services(&mut self) -> Self {
        Self {
            services: self.services.take(),
            since: None,
            until: None,
        }
    }

    /// Whether calls of this service are asked for.
    pub(super) fn includes_service(&self, service: &str) -> bool {
        let globs = self.services.as_ref();
        globs.is_none_or(|globs| globs.is_match(service))
    }

    pub(super) fn includes(&self, invocation: &Invocation<'_>) -> bool {
        let fits_service = self.includes_service(invocation.service);
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

impl Logs {
    /// Whether no log was found.
    pub(super) fn is_empty(&self) -> bool {
        self.sets.iter().all(|set| set.files.is_empty())
    }

    /// The progress of reading all of them.
    pub(super) fn progress(&self, messages: &Messages) -> Progress {
        let files = self.sets.iter().flat_map(|set| &set.files);
        let size = files.map(|(_, opened)| opened.size()).sum();
        Progress::new(size, messages.is_quiet)
    }

    /// Reads the logs, each server's from the oldest file to the newest. `take` gets what was asked
    /// for.
    pub(super) fn read(
        &self,
        messages: &Messages,
        take: impl FnMut(Batch<'_>) -> Result<()>,
    ) -> Result<Summary> {
        self.read_for(Hinter::NONE, messages, take)
    }

    /// Reads the logs for one who looks for something in them, which `hinter` tells of.
    pub(super) fn read_for(
        &self,
        hinter: Hinter<'_>,
        messages: &Messages,
        mut take: impl FnMut(Batch<'_>) -> Result<()>,
    ) -> Result<Summary> {
        self.read_servers(hinter, messages, &mut (), |(), batch| take(batch), |()| {})
    }

    /// Reads the logs, and calls `end` behind those of each server. Both work on the same `state`.
    pub(super) fn read_servers<T>(
        &self,
        hinter: Hinter<'_>,
        messages: &Messages,
        state: &mut T,
        mut take: impl FnMut(&mut T, Batch<'_>) -> Result<()>,
        end: impl Fn(&mut T),
    ) -> Result<Summary> {
        let mut progress = self.progress(messages);
        let mut summary = Summary::default();
        for set in &self.sets {
            let set = OpenSet::read(set, messages);
            let mut selected = 0;
            let (counts, has_trouble) =
                set.give(&mut progress, messages, hinter, |mut batch| {
                    self.selection.narrow(&mut batch);
                    selected += batch.invocations.len();
                    take(state, batch)
                })?;
            end(state);
            summary.counts += counts;
            summary.selected += selected;
            summary.has_trouble |= has_trouble;
        }
        Ok(summary)
    }

    /// Reads the logs. `look` gets what was asked for; where it has found something, the logs of that
    /// server are read once more, and `take` gets all that is in them. Both work on the same `state`.
    pub(super) fn read_twice<T>(
        &self,
        messages: &Messages,
        state: &mut T,
        look: impl Fn(&mut T, &Batch<'_>) -> bool,
        take: impl Fn(&mut T, &OpenSet<'_>, &Batch<'_>) -> Result<()>,
    ) -> Result<Summary> {
        let mut progress = self.progress(messages);
        let mut summary = Summary::default();
        for set in &self.sets {
            let set = OpenSet::read_whole(set, messages);
            let mut has_found = false;
            let (counts, has_trouble) =
                set.give(&mut progress, messages, Hinter::NONE, |mut batch| {
                    self.selection.narrow(&mut batch);
                    summary.selected += batch.invocations.len();
                    has_found |= look(state, &batch);
                    Ok(())
                })?;
            summary.counts += counts;
            summary.has_trouble |= has_trouble;
            if has_found {
                let (mut no_progress, unheard) = (Progress::new(0, true), Messages::unheard());
                set.give(&mut no_progress, &unheard, Hinter::NONE, |batch| {
                    take(state, &set, &batch)
                })?;
            }
        }
        Ok(summary)
    }

    /// Says what could not be read, and how the command ended.
    pub(super) fn conclude(&self, summary: &Summary, messages: &Messages) -> Status {
        let has_trouble = self.has_trouble || summary.has_trouble;
        let Counts {
            nameless,
            cut_off,
            ambiguous,
            unreadable,
            ..
        } = summary.counts;
        let skipped = nameless + cut_off + ambiguous + unreadable;
        if skipped > 0 || messages.is_verbose {
            let parts = [
                (cut_off, "cut off"),
                (ambiguous, "ambiguous"),
                (nameless, "nameless"),
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
