//! `zalog stats`: what is in these logs.

use std::borrow::Cow;
use std::io::Write as _;

use anyhow::{Context as _, Result};
use clap::ValueEnum;
use serde_json::{Value, json};

use super::output::{Messages, NOT_WRITTEN, Output};
use super::table::{Column, Rows, human_bytes, human_duration, write_csv};
use super::{Status, logs};
use crate::entry::Asctime;
use crate::export::{indented_json, number};
use crate::invocation::Outcome;
use crate::usage::{MOST_SERVICES, OTHER_SERVICES, ServiceStatistics, Statistics};

/// Show what is in these logs: time span, services, calls, failures, latency
///
/// A call is unanswered when its response is not in the logs: it failed, was still running, or its
/// response is in a file that is not here.
///
/// Example: zalog stats /opt/zato/env/*/logs --sort p95
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    logs: logs::LogArgs,
    /// How to print it
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    format: Format,
    /// By which column the services are sorted: names from A to Z, numbers from the largest
    #[arg(long, value_name = "COLUMN", default_value = "calls")]
    sort: Sort,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Table,
    /// One document
    Json,
    /// One row a service
    Csv,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Sort {
    Service,
    Calls,
    Unanswered,
    Median,
    P95,
    Longest,
    Bytes,
    First,
    Last,
}

type Row<'s> = (&'s str, &'s ServiceStatistics);

pub(super) fn run(args: &Args, output: &mut Output, messages: &Messages) -> Result<Status> {
    let logs = args.logs.open(messages)?;
    let mut statistics = Statistics::default();
    let summary = logs.read(messages, |batch| {
        batch
            .invocations
            .iter()
            .for_each(|invocation| statistics.add(invocation));
        Ok(())
    })?;
    let status = logs.conclude(&summary, messages);
    if statistics.has_others() {
        messages.note(&format!(
            "only the first {MOST_SERVICES} services are told apart: all others are counted as \
             {OTHER_SERVICES}"
        ));
    }
    let mut services: Vec<Row<'_>> = statistics.services();
    sort(&mut services, args.sort);
    match args.format {
        Format::Table if statistics.invocations() == 0 => Ok(()),
        Format::Table => write_table(&statistics, &services, args.sort, summary.records(), output),
        Format::Json => write_json(&statistics, &services, summary.records(), output),
        Format::Csv => write_rows(&services, output),
    }
    .context(NOT_WRITTEN)?;
    Ok(status)
}

/// Sorts stably: services that are equal in the column stay in the order of their names.
fn sort(services: &mut [Row<'_>], column: Sort) {
    use std::cmp::Reverse;

    match column {
        Sort::Service => {}
        Sort::Calls => services.sort_by_key(|(_, service)| Reverse(service.calls)),
        Sort::Unanswered => services.sort_by_key(|(_, service)| Reverse(service.unanswered)),
        Sort::Median => {
            services.sort_by_cached_key(|(_, service)| Reverse(service.durations.percentile(50)));
        }
        Sort::P95 => {
            services.sort_by_cached_key(|(_, service)| Reverse(service.durations.percentile(95)));
        }
        Sort::Longest => {
            services.sort_by_cached_key(|(_, service)| Reverse(service.durations.longest()));
        }
        Sort::Bytes => services.sort_by_key(|(_, service)| Reverse(service.bytes)),
        Sort::First => services.sort_by_key(|(_, service)| service.first_seen),
        Sort::Last => services.sort_by_key(|(_, service)| Reverse(service.last_seen)),
    }
}

fn write_table(
    statistics: &Statistics,
    services: &[Row<'_>],
    sort: Sort,
    records: usize,
    output: &mut Output,
) -> std::io::Result<()> {
    output.page();
    if let Some((first, last)) = statistics.span() {
        writeln!(output, "{} to {}", seconds(first), seconds(last))?;
    }
    let outcomes: Vec<String> = Outcome::ALL
        .into_iter()
        .map(|outcome| (statistics.count(outcome), outcome))
        .filter(|(count, outcome)| *count > 0 || *outcome != Outcome::ResponseOnly)
        .map(|(count, outcome)| format!("{count} {}", outcome.as_str()))
        .collect();
    let invocations = statistics.invocations();
    let (calls, of) = (
        number(invocations, "call"),
        number(services.len() as u64, "service"),
    );
    writeln!(
        output,
        "read {records} records: {calls} of {of}, {}",
        outcomes.join(", ")
    )?;
    if statistics.rest_wrappers() > 0 {
        let wrappers = statistics.rest_wrappers();
        writeln!(
            output,
            "{wrappers} of them only wrap another call for the REST API, and are left out below"
        )?;
    }
    writeln!(output)?;
    let columns = vec![
        Column::text("service"),
        Column::number("calls"),
        Column::number("unans."),
        Column::number("median"),
        Column::number("p95"),
        Column::number("longest"),
        Column::number("bytes").optional(sort != Sort::Bytes),
        Column::text("first seen").optional(sort != Sort::First),
        Column::text("last seen").optional(sort != Sort::Last),
    ];
    let duration = |ms: Option<u64>| ms.map_or_else(|| "-".to_owned(), human_duration);
    let time = |asctime: Option<Asctime>| asctime.map_or_else(|| "-".to_owned(), seconds);
    let rows = services.iter().map(|(name, service)| {
        vec![
            (*name).to_owned(),
            service.calls.to_string(),
            service.unanswered.to_string(),
            duration(service.durations.percentile(50)),
            duration(service.durations.percentile(95)),
            duration(service.durations.longest()),
            human_bytes(service.bytes),
            time(service.first_seen),
            time(service.last_seen),
        ]
    });
    Rows {
        columns,
        rows: rows.collect(),
    }
    .write_text(output)
}

/// A time for a person, without the fraction of its second.
fn seconds(asctime: Asctime) -> String {
    let text = asctime.to_string();
    text.split('.').next().unwrap_or_default().replace('T', " ")
}

fn write_json(
    statistics: &Statistics,
    services: &[Row<'_>],
    records: usize,
    output: &mut Output,
) -> std::io::Result<()> {
    let time = |asctime: Asctime| asctime.to_string();
    let outcomes: serde_json::Map<String, Value> = Outcome::ALL
        .into_iter()
        .map(|outcome| {
            (
                outcome.as_str().to_owned(),
                statistics.count(outcome).into(),
            )
        })
        .collect();
    let services: Vec<Value> = services
        .iter()
        .map(|(name, service)| {
            json!({
                "service": name,
                "calls": service.calls,
                "unanswered": service.unanswered,
                "median_ms": service.durations.percentile(50),
                "p95_ms": service.durations.percentile(95),
                "longest_ms": service.durations.longest(),
                "bytes": service.bytes,
                "first_seen": service.first_seen.map(time),
                "last_seen": service.last_seen.map(time),
            })
        })
        .collect();
    let document = json!({
        "first_seen": statistics.span().map(|(first, _)| time(first)),
        "last_seen": statistics.span().map(|(_, last)| time(last)),
        "records": records,
        "invocations": statistics.invocations(),
        "outcomes": outcomes,
        "rest_wrappers": statistics.rest_wrappers(),
        "services": services,
    });
    writeln!(output, "{}", indented_json(&document))
}

fn write_rows(services: &[Row<'_>], output: &mut Output) -> std::io::Result<()> {
    let header = [
        "service",
        "calls",
        "unanswered",
        "median_ms",
        "p95_ms",
        "longest_ms",
        "bytes",
        "first_seen",
        "last_seen",
    ];
    let number = |number: Option<u64>| {
        Cow::Owned(number.map(|number| number.to_string()).unwrap_or_default())
    };
    let time = |asctime: Option<Asctime>| {
        Cow::Owned(
            asctime
                .map(|asctime| asctime.to_string())
                .unwrap_or_default(),
        )
    };
    let rows = services.iter().map(|(name, service)| {
        vec![
            Cow::Borrowed(*name),
            number(Some(service.calls)),
            number(Some(service.unanswered)),
            number(service.durations.percentile(50)),
            number(service.durations.percentile(95)),
            number(service.durations.longest()),
            number(Some(service.bytes)),
            time(service.first_seen),
            time(service.last_seen),
        ]
    });
    write_csv(
        output,
        std::iter::once(header.map(Cow::Borrowed).to_vec()).chain(rows),
    )
}
