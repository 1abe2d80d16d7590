//! `zalog search`: find calls, in logs or in the index.

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::path::Path;

use anyhow::{Context as _, Result};
use clap::builder::PossibleValue;
use clap::{ArgGroup, ValueEnum};
use jiff::civil::DateTime;
use serde_json::{Map, Value};

use super::Status;
use super::columns::{Field, human_time};
use super::excerpts::write_excerpt;
use super::groups::{GroupingParser, NamedGrouping, write_groups};
use super::index::Directory;
use super::logs::ReadingArgs;
use super::output::{Messages, NOT_WRITTEN, Output, one_line};
use super::table::{Column, Rows, human_duration, write_csv};
use crate::entry::Hinter;
use crate::query::{
    AskedNames, Best, Group, Groups, Line, Matcher, Order, Page, Query, Scan, SortBy, UnknownName,
};
use crate::search::Index;

/// Find calls in these logs, or without LOG in the index of zalog index
///
/// What a query is made of:
///   CRM "my channel"         words and phrases: in the service's name, in a
///                            request or a response
///   cha*  /time ?out/        a word with any ending; a regular expression
///   service:zato.channel.*   the service's name; * and ? stand for what differs
///   verb:delete  kind:write  its last part; what such services do: read, write
///                            or other
///   request.name:CRM         a value in the request; response.name in the
///                            response; CRM anywhere in it with request:CRM
///   response.*.id:204        * is one key, ** any number; lists are gone through
///   request.is_active:true   also null, numbers, "only text", /regex/, >5, 1..10
///   has:request.password     it is there, whatever it is
///   outcome:unanswered       or completed, response-only
///   duration:>500ms          also >=, <, <=, 1s..2s, and 500ms alone; without a
///                            unit it is milliseconds
///   size:>100kb              of the call's records; without a unit it is bytes
///   started:2018-11-11       also 2018-11-11..2018-11-12, yesterday, >-2h,
///                            >="2018-11-11 22:00",
///                            "2018-11-11 22:00".."2018-11-12 06:00"; where the
///                            request is not in the log, its response counts
///   finished:2018-11-11      likewise, when the response was logged
///   cid:a1b2*  server:server1  pid:4321  thread:Dummy-1  id:  parent:
///
/// All parts must fit, and * alone is every call; OR, NOT, a minus for NOT, and
/// parentheses make other queries of them, also of the values of a field:
/// verb:(create OR edit). Words are compared without regard to case, all else
/// letter by letter. Secrets are masked before.
///
/// Examples: zalog search 'verb:delete started:yesterday' logs
///           zalog search 'kind:write -verb:create' logs --group-by service
#[derive(Debug, clap::Args)]
#[expect(clippy::doc_markdown, reason = "this is printed as it stands")]
#[command(verbatim_doc_comment, group = ArgGroup::new("place").args(["logs", "index"]))]
pub(super) struct Args {
    /// What to find
    #[arg(allow_hyphen_values = true)]
    query: String,
    /// A file, a directory, a glob, or - for standard input; without any the index is searched
    #[arg(value_name = "LOG")]
    logs: Vec<OsString>,
    #[command(flatten)]
    directory: Directory,
    #[command(flatten)]
    reading: ReadingArgs,
    /// What comes first: the newest calls, the longest, the largest, or those that fit best
    #[arg(
        long,
        value_name = "BY",
        default_value = "started",
        help_heading = "Hits"
    )]
    sort: SortBy,
    /// Turn the order round: the oldest, the shortest or the smallest first
    #[arg(long, help_heading = "Hits")]
    reverse: bool,
    /// Print so many calls at the most
    #[arg(
        long,
        value_name = "N",
        default_value_t = 20,
        value_parser = clap::value_parser!(u32).range(1..),
        help_heading = "Hits"
    )]
    limit: u32,
    /// Print all calls
    #[arg(long, conflicts_with = "limit", help_heading = "Hits")]
    all: bool,
    /// Pass over the first calls
    #[arg(long, value_name = "N", default_value_t = 0, help_heading = "Hits")]
    offset: usize,
    /// Print only how many calls there are
    #[arg(long, conflicts_with_all = ["group_by", "fields"], help_heading = "Hits")]
    count: bool,
    /// Count the calls of each group
    #[arg(
        long,
        value_name = "BY",
        value_parser = GroupingParser,
        conflicts_with_all = ["fields", "sort", "reverse", "limit", "all", "offset"],
        help_heading = "Hits"
    )]
    group_by: Option<NamedGrouping>,
    /// The columns, such as time,service,request.name
    #[arg(
        long,
        value_name = "FIELD,…",
        value_delimiter = ',',
        help_heading = "Hits"
    )]
    fields: Vec<Field>,
    /// How to print them
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "table",
        help_heading = "Hits"
    )]
    format: Format,
}

/// How hits are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    Table,
    /// A JSON line each, as zalog parse prints it
    Json,
    /// For spreadsheets
    Csv,
}

impl ValueEnum for SortBy {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let help = match self {
            Self::Started => "The newest first",
            Self::Duration => "The longest first",
            Self::Size => "The largest first",
            Self::Score => "Those first in which the words stand most often",
        };
        Some(PossibleValue::new(self.as_str()).help(help))
    }
}

/// What was found.
enum Found {
    /// How many calls, and the lines of those that were asked for.
    Calls(usize, Vec<String>),
    Groups(Vec<Group>),
    /// With the names that were asked for and that nothing has.
    Nothing(Vec<UnknownName>),
}

impl Found {
    fn total(&self) -> u64 {
        match self {
            Self::Calls(total, _) => *total as u64,
            Self::Groups(groups) => groups.iter().map(|(_, count)| count).sum(),
            Self::Nothing(_) => 0,
        }
    }
}

pub(super) fn run(args: &Args, output: &mut Output, messages: &Messages) -> Result<Status> {
    if args.query.starts_with("--") {
        anyhow::bail!(
            "unexpected argument `{}`: zalog search --help names all",
            args.query
        );
    }
    let query = read_query(&args.query)?;
    if args.logs.is_empty() && is_path(&args.query) {
        anyhow::bail!(
            "`{0}` is a log and no query: zalog search QUERY {0}",
            args.query
        );
    }
    let now = args.reading.now()?;
    let (found, status) = if args.logs.is_empty() {
        (in_index(args, &query, &now)?, Status::Done)
    } else {
        in_logs(args, &query, &now, messages)?
    };
    let total = found.total();
    if args.count {
        writeln!(output, "{total}").context(NOT_WRITTEN)?;
    }
    if total == 0 {
        if args.logs.is_empty() {
            messages.note("no call fits");
        }
        if let Found::Nothing(names) = &found {
            let place = match () {
                () if args.logs.is_empty() => "the index",
                () if args.reading.is_narrow() => "what was searched",
                () => "these logs",
            };
            for name in names {
                messages.note(&one_line(&name.said_of(place)));
            }
        }
        return Ok(status.max(Status::NothingFound));
    }
    if args.format == Format::Table {
        output.page();
    }
    match found {
        Found::Calls(..) if args.count => {}
        Found::Nothing(_) => {}
        Found::Calls(total, lines) => {
            write_calls(args, &Matcher::new(&query, &now), &lines, output)?;
            // What is said of a table stands below it.
            output.flush().context(NOT_WRITTEN)?;
            let last = args.offset + lines.len();
            if total > lines.len() {
                messages.note(&match lines.len() {
                    0 => format!(
                        "{total} calls fit, and none behind --offset {}",
                        args.offset
                    ),
                    shown if args.offset == 0 => {
                        format!("{shown} of {total} calls: --limit or --all shows more")
                    }
                    _ => format!("calls {} to {last} of {total}", args.offset + 1),
                });
            }
        }
        Found::Groups(groups) => {
            if let Some(by) = &args.group_by {
                write_groups(by, args.format, &groups, output).context(NOT_WRITTEN)?;
            }
        }
    }
    Ok(status)
}

/// Reads a query.
pub(super) fn read_query(text: &str) -> Result<Query> {
    let shown = || {
        let start: String = text.chars().take(LONGEST_SHOWN).collect();
        let more = if start.len() < text.len() { "…" } else { "" };
        format!("query `{start}{more}`")
    };
    text.parse().with_context(shown)
}

/// How many characters of a query are repeated in an error.
const LONGEST_SHOWN: usize = 200;

/// Whether this is a file or a folder, and no regular expression such as `/./`.
pub(super) fn is_path(text: &str) -> bool {
    let is_regex = text.len() > 1 && text.starts_with('/') && text.ends_with('/');
    !is_regex && Path::new(text).exists()
}

impl Args {
    fn page(&self) -> Page {
        Page {
            sort_by: Order {
                by: self.sort,
                is_reversed: self.reverse,
            },
            offset: self.offset,
            limit: match () {
                () if self.count => 0,
                () if self.all => usize::MAX,
                () => self.limit as usize,
            },
        }
    }
}

fn in_index(args: &Args, query: &Query, now: &dyn Fn() -> DateTime) -> Result<Found> {
    args.reading.expect_no_logs()?;
    let index = Index::open(&args.directory.path()?)?;
    args.reading.start_threads()?;
    let narrowed = args.reading.narrowed(query.clone())?;
    let found = if let Some(by) = &args.group_by {
        Found::Groups(index.groups(&narrowed, now, &by.grouping)?)
    } else {
        let hits = index.search(&narrowed, now, args.page())?;
        Found::Calls(hits.total, hits.lines)
    };
    if found.total() == 0
        && let Some(mut names) = AskedNames::of(query)
    {
        index.learn(&mut names)?;
        return Ok(Found::Nothing(names.unknown()));
    }
    Ok(found)
}

fn in_logs(
    args: &Args,
    query: &Query,
    now: &dyn Fn() -> DateTime,
    messages: &Messages,
) -> Result<(Found, Status)> {
    let logs = args.reading.open(&args.logs, messages)?;
    let scan = Scan::new(query, now, &logs.view);
    let mut best = Best::new(args.page());
    let groups = args.group_by.as_ref();
    let mut groups = groups.map(|by| Groups::new(by.grouping.clone()));
    let mut names = AskedNames::of(query);
    let hints = |bytes: &[u8]| scan.hints(bytes);
    let mut summary = logs.read_for(Hinter(&hints), messages, |batch| {
        let hits = scan.hits(&batch.invocations);
        names = names.take().filter(|_| hits.is_empty());
        if let Some(names) = &mut names {
            names.learn(&batch.invocations);
        }
        match &mut groups {
            Some(groups) => groups.take(&scan, &hits),
            None => best.take(&scan, &hits),
        }
        Ok(())
    })?;
    let found = if let Some(groups) = groups {
        Found::Groups(groups.finish())
    } else {
        let (total, lines) = best.finish();
        Found::Calls(total, lines)
    };
    summary.select(found.total());
    let found = match names {
        Some(names) => Found::Nothing(names.unknown()),
        None => found,
    };
    Ok((found, logs.conclude(&summary, messages)))
}

fn write_calls(
    args: &Args,
    matcher: &Matcher,
    lines: &[String],
    output: &mut Output,
) -> Result<()> {
    if args.format == Format::Json && args.fields.is_empty() {
        for line in lines {
            writeln!(output, "{line}").context(NOT_WRITTEN)?;
        }
        return Ok(());
    }
    let calls = lines.iter().map(|line| Line::read(line));
    let calls: Vec<Line<'_>> = calls
        .collect::<Result<_, _>>()
        .context("a call in the index can't be read")?;
    match args.format {
        Format::Table if args.fields.is_empty() => write_hits(&calls, matcher, output),
        Format::Table => {
            let rows = calls.iter().map(|line| {
                let cells = args.fields.iter().map(|field| field.text(line, true));
                cells.collect()
            });
            let rows = Rows {
                columns: args.fields.iter().map(Field::column).collect(),
                rows: rows.collect(),
            };
            rows.write_text(output)
        }
        Format::Json => calls.iter().try_for_each(|line| {
            let fields = args.fields.iter();
            let object: Map<String, Value> = fields
                .map(|field| (field.name.clone(), field.value(line)))
                .collect();
            writeln!(output, "{}", Value::Object(object))
        }),
        Format::Csv => {
            let default = "id,service,server,cid,outcome,started_at,duration_ms,request,response";
            let fields = match args.fields.as_slice() {
                [] => default
                    .split(',')
                    .map(str::parse)
                    .collect::<Result<_, _>>()?,
                fields => fields.to_vec(),
            };
            let titles = fields.iter().map(|field| field.name.clone().into());
            let rows = calls.iter().map(|line| {
                let cells = fields.iter().map(|field| field.text(line, false).into());
                cells.collect()
            });
            write_csv(output, std::iter::once(titles.collect()).chain(rows))
        }
    }
    .context(NOT_WRITTEN)
}

/// How many places where something was found are shown of a call.
const EXCERPTS: usize = 2;

/// Writes a table of calls, and below each what was found in it.
fn write_hits(calls: &[Line<'_>], matcher: &Matcher, output: &mut Output) -> io::Result<()> {
    let all_completed = calls
        .iter()
        .all(|line| line.facts.outcome == crate::invocation::Outcome::Completed);
    let has_servers = calls.iter().any(|line| line.facts.server.is_some());
    let mut columns = vec![
        Column::text("time"),
        Column::text("service").cut(),
        Column::text("outcome").optional(all_completed),
        Column::number("took"),
        Column::text("id"),
    ];
    if has_servers {
        columns.push(Column::text("server").optional(true));
    }
    let rows = calls.iter().map(|Line { facts, .. }| {
        let mut row = vec![
            facts.started.map(human_time).unwrap_or_default(),
            facts.service.clone().into_owned(),
            facts.outcome.as_str().to_owned(),
            facts.duration.map(human_duration).unwrap_or_default(),
            facts.id().into_owned(),
        ];
        if has_servers {
            row.push(facts.server.clone().unwrap_or_default().into_owned());
        }
        row
    });
    let rows = Rows {
        columns,
        rows: rows.collect(),
    };
    rows.write_text_with(output, |output, nth| {
        let excerpts = matcher.excerpts(&calls[nth], EXCERPTS);
        excerpts
            .iter()
            .try_for_each(|excerpt| write_excerpt(excerpt, output))
    })
}
