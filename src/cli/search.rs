//! `zalog search`: find calls in the index.

use std::io::Write as _;

use anyhow::{Context as _, Result};
use clap::ValueEnum;
use serde::Deserialize;

use super::Status;
use super::index::Directory;
use super::output::{Messages, Output};
use super::table::{Column, Rows, human_duration};
use crate::pyrepr::{Notation, Tokens, from_tokens};
use crate::query::{Query, SortBy};
use crate::search::{Hits, Index, Page};

/// Find calls in the index that zalog index has made, the newest first
///
/// All parts of the query must fit:
///
///   CRM "my channel"           words and phrases in the service's name, the request or the response
///   service:zato.http-soap.*   the service's name; * and ? stand for what differs
///   cid:a1b2*  server:server1  the correlation ID; the server
///   id:67962f8bfc199219        one call
///   outcome:unanswered         or completed, response-only
///   request.name:CRM           a value in the request, at any depth: request.security.id:12
///
/// Example: zalog search 'service:*.delete outcome:completed'
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    /// What to find
    query: String,
    #[command(flatten)]
    directory: Directory,
    /// Print so many calls at the most
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: usize,
    /// How to print them
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Table,
    /// A JSON line each, as zalog parse prints it
    Json,
}

/// What the table shows of a call.
#[derive(Debug, Deserialize)]
struct Row {
    id: String,
    service: String,
    server: Option<String>,
    outcome: String,
    started_at: Option<String>,
    finished_at: Option<String>,
    duration_ms: Option<u64>,
}

pub(super) fn run(args: &Args, output: &mut Output, messages: &Messages) -> Result<Status> {
    let query: Query = args
        .query
        .parse()
        .with_context(|| format!("query `{}`", args.query))?;
    let now = || jiff::ZonedDateTime::now().datetime();
    let page = Page {
        sort_by: SortBy::Started,
        offset: 0,
        limit: args.limit,
    };
    let hits = Index::open(&args.directory.path()?)?.search(&query, &now, page)?;
    if hits.total == 0 {
        messages.note("no call fits");
        return Ok(Status::NothingFound);
    }
    match args.format {
        Format::Table => write_table(&hits, output)?,
        Format::Json => {
            for line in &hits.lines {
                writeln!(output, "{line}").context("failed to write to standard output")?;
            }
        }
    }
    if hits.total > hits.lines.len() {
        let (shown, total) = (hits.lines.len(), hits.total);
        messages.note(&format!("{shown} of {total} calls: --limit shows more"));
    }
    Ok(Status::Done)
}

fn write_table(hits: &Hits, output: &mut Output) -> Result<()> {
    let mut columns = vec![
        Column::text("time"),
        Column::text("service"),
        Column::text("outcome"),
        Column::number("took"),
        Column::text("id").optional(true),
        Column::text("server").optional(true),
    ];
    let rows = hits.lines.iter().map(|line| {
        let tokens = Tokens::new(line.as_bytes(), Notation::Json);
        let row: Row = from_tokens(tokens).context("a call in the index can't be read")?;
        let time = row.started_at.or(row.finished_at).unwrap_or_default();
        Ok(vec![
            // To the second: `2018-11-11T22:01:57`.
            time.chars()
                .take(19)
                .map(|c| if c == 'T' { ' ' } else { c })
                .collect(),
            row.service,
            row.outcome,
            row.duration_ms.map(human_duration).unwrap_or_default(),
            row.id,
            row.server.unwrap_or_default(),
        ])
    });
    let mut rows: Vec<Vec<String>> = rows.collect::<Result<_>>()?;
    if rows
        .iter()
        .all(|row| row.last().is_some_and(String::is_empty))
    {
        columns.pop();
        for row in &mut rows {
            row.pop();
        }
    }
    Rows { columns, rows }
        .write_text(output)
        .context("failed to write to standard output")
}
