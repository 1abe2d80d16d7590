//! The report of an audit for a person: a summary, what to look at, then the changes.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write as _};

use super::output::{Output, Paint, one_line};
use super::table::{Column, Rows, human_bytes};
use crate::audit::{
    Change, Count, FailureGroup, FieldChange, Finding, Json, LifeEvent, Places, Report,
    ServerLedger, Severity,
};
use crate::export::{number, visible_json};
use crate::view::seconds;

/// How many types, callers and groups of failures the summary names.
const MOST_NAMED: usize = 5;

/// How many findings of a rule are printed.
const MOST_OF_A_RULE: usize = 5;

/// How many changes are in a table: its columns are as wide as their cells.
const CHANGES_A_TABLE: usize = 1_000;

/// How many characters of a value are shown.
const LONGEST_VALUE: usize = 40;

/// How many fields of an object are shown that was created or deleted.
const MOST_FIELDS: usize = 4;

pub(super) fn write(report: &Report<Vec<String>>, output: &mut Output) -> io::Result<()> {
    output.page();
    write_summary(report, output)?;
    write_findings(&report.findings, output)?;
    write_failures(&report.failures, output)?;
    write_callers(report, output)?;
    write_changes(report, output)
}

fn write_summary(report: &Report<Vec<String>>, output: &mut Output) -> io::Result<()> {
    let tally = &report.tally;
    let failed = tally.total - tally.done;
    write!(output, "{}", number(tally.total, "change"))?;
    if failed > 0 {
        write!(output, ", {failed} of them without an answer")?;
    }
    writeln!(output)?;
    write_counts("what", &tally.by_type, output)?;
    write_counts("by", &tally.by_caller, output)?;
    let of = |severity: Severity| {
        let findings = report.findings.iter();
        let count = findings
            .filter(|finding| finding.severity == severity)
            .count();
        format!("{count} {}", severity.as_str())
    };
    let findings = Severity::ALL.map(of).join(", ");
    writeln!(output, "findings: {findings}")?;
    for server in &report.ledger.servers {
        write_ledger(server, output)?;
    }
    for file in &report.ledger.sealed {
        let now = file.now.as_ref().filter(|now| **now != file.file);
        let now = now.map(|now| format!(", now {now}")).unwrap_or_default();
        writeln!(
            output,
            "sealed: {}: {}{}",
            one_line(&file.file),
            file.state.as_str(),
            one_line(&now)
        )?;
    }
    Ok(())
}

/// The first of what was counted, and how many more there are.
pub(super) fn most_of(counts: &[Count], shown: impl Fn(&Count) -> String) -> String {
    let named: Vec<String> = counts.iter().take(MOST_NAMED).map(shown).collect();
    let named = named.join(", ");
    match counts.len().saturating_sub(MOST_NAMED) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

fn write_counts(title: &str, counts: &[Count], output: &mut Output) -> io::Result<()> {
    if counts.is_empty() {
        return Ok(());
    }
    let named = most_of(counts, |count| {
        format!("{} {}", one_line(&count.name), count.count)
    });
    let line = format!("{title}: {named}");
    let Some(width) = output.width() else {
        return writeln!(output, "{line}");
    };
    let options = wrapping(width).subsequent_indent("  ");
    writeln!(output, "{}", textwrap::fill(&line, options))
}

/// The ledger of a server in three lines.
fn write_ledger(server: &ServerLedger, output: &mut Output) -> io::Result<()> {
    let total = server.total();
    let name = server
        .server
        .as_deref()
        .map(|name| format!("{}: ", one_line(name)));
    let first = server.files.iter().find_map(|file| file.first.as_deref());
    let last = server
        .files
        .iter()
        .rev()
        .find_map(|file| file.last.as_deref());
    writeln!(
        output,
        "{}{} of {}, {} to {}",
        name.unwrap_or_default(),
        number(server.files.len() as u64, "file"),
        human_bytes(total.bytes),
        seconds(first),
        seconds(last)
    )?;
    let bad = [
        (total.unreadable, "unreadable"),
        (total.nameless, "nameless"),
        (total.cut_off, "cut off"),
        (total.ambiguous, "ambiguous"),
    ];
    let bad = bad.iter().filter(|(count, _)| *count > 0);
    let bad: Vec<String> = bad
        .map(|(count, name)| format!(", {count} {name}"))
        .collect();
    let bad = bad.concat();
    let requests: u64 = server.requests_unpaired.values().sum();
    let responses: u64 = server.responses_unpaired.values().sum();
    writeln!(
        output,
        "  {} records, {} other{bad}; {} and {} unpaired",
        total.records,
        total.others,
        number(requests, "request"),
        number(responses, "response")
    )?;
    let parts = [
        (server.missing.len() as u64, "missing file"),
        (server.gaps.len() as u64, "gap"),
        (server.clock_back.count, "step back of the clock"),
        (server.restarts.count, "restart"),
        (server.upgrades.count, "change of wording"),
        (
            offset_changes(&server.utc_offsets),
            "change of the UTC offset",
        ),
    ];
    let parts: Vec<String> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, name)| match *name {
            "step back of the clock" if *count > 1 => format!("{count} steps back of the clock"),
            "change of wording" if *count > 1 => format!("{count} changes of wording"),
            "change of the UTC offset" if *count > 1 => {
                format!("{count} changes of the UTC offset")
            }
            name => number(*count, name),
        })
        .collect();
    if parts.is_empty() {
        writeln!(
            output,
            "  no gap, no step of the clock, no restart, no file missing"
        )
    } else {
        writeln!(output, "  {}", parts.join(", "))
    }
}

fn offset_changes<T>(offsets: &Places<T>) -> u64 {
    offsets.count.saturating_sub(1)
}

fn write_findings(findings: &[Finding], output: &mut Output) -> io::Result<()> {
    if findings.is_empty() {
        return Ok(());
    }
    writeln!(output)?;
    output.bold_line("findings")?;
    let mut printed: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in findings {
        let of_rule = printed.entry(&finding.rule).or_default();
        *of_rule += 1;
        if *of_rule > MOST_OF_A_RULE {
            continue;
        }
        let paint = match finding.severity {
            Severity::High => Paint::Bad,
            Severity::Medium => Paint::Number,
            Severity::Low => Paint::Faint,
        };
        output.paint(paint, &format!("{:6}", finding.severity.as_str()))?;
        let place = finding.evidence.first();
        let place = place.map(|evidence| format!(" ({}:{})", evidence.at.file, evidence.at.line));
        let line = format!(
            "{}: {}{}",
            finding.rule,
            finding.sentence,
            place.unwrap_or_default()
        );
        writeln!(output, " {}", beside_severity(&one_line(&line), output))?;
    }
    for (rule, count) in printed {
        if count > MOST_OF_A_RULE {
            let more = count - MOST_OF_A_RULE;
            writeln!(
                output,
                "       {}: {more} more, with --format json",
                one_line(rule)
            )?;
        }
    }
    Ok(())
}

/// A text that goes on below itself where a terminal ends.
fn beside_severity(text: &str, output: &Output) -> String {
    const INDENT: &str = "       ";
    let Some(width) = output.width() else {
        return text.to_owned();
    };
    let options = wrapping(width.saturating_sub(INDENT.len() + 1));
    textwrap::wrap(text, options).join(&format!("\n{INDENT}"))
}

/// How a text is wrapped into so many columns.
fn wrapping(width: usize) -> textwrap::Options<'static> {
    textwrap::Options::new(width.max(24)).word_splitter(textwrap::WordSplitter::NoHyphenation)
}

fn write_failures(failures: &[FailureGroup], output: &mut Output) -> io::Result<()> {
    if failures.is_empty() {
        return Ok(());
    }
    writeln!(output)?;
    let row = |group: &FailureGroup| {
        let cause = match (&group.exception, &group.message) {
            (Some(exception), Some(message)) => shortened(&format!("{exception}: {message}"), 100),
            (_, _) => group.reason.as_str().to_owned(),
        };
        let services: Vec<&str> = group.services.keys().take(2).map(String::as_str).collect();
        let more = group.services.len().saturating_sub(2);
        let more = if more > 0 {
            format!(" +{more}")
        } else {
            String::new()
        };
        vec![
            group.calls.to_string(),
            services.join(", ") + &more,
            cause,
            format!("{}:{}", group.at.file, group.at.line),
        ]
    };
    Rows {
        columns: vec![
            Column::number("unanswered"),
            Column::text("services").shortened_to(24),
            Column::text("why").shortened_to(24),
            Column::text("first at").optional(true),
        ],
        rows: failures.iter().map(row).collect(),
    }
    .write_text(output)
}

fn write_callers(report: &Report<Vec<String>>, output: &mut Output) -> io::Result<()> {
    if report.callers.is_empty() {
        return Ok(());
    }
    writeln!(output)?;
    let row = |caller: &crate::audit::Caller| {
        let calls: u64 = caller.services.values().sum();
        vec![
            caller.origin.as_str().to_owned(),
            caller.remote.clone().unwrap_or_else(|| "-".to_owned()),
            caller
                .channel
                .clone()
                .or_else(|| caller.parent.clone())
                .unwrap_or_else(|| "-".to_owned()),
            caller.services.len().to_string(),
            calls.to_string(),
        ]
    };
    Rows {
        columns: vec![
            Column::text("caller"),
            Column::text("address"),
            Column::text("through").cut(),
            Column::number("services"),
            Column::number("calls"),
        ],
        rows: report.callers.iter().map(row).collect(),
    }
    .write_text(output)
}

fn write_changes(report: &Report<Vec<String>>, output: &mut Output) -> io::Result<()> {
    let count = report.changes.len();
    for start in (0..count).step_by(CHANGES_A_TABLE) {
        let numbers = start..count.min(start + CHANGES_A_TABLE);
        let mut rows = report.changes.range(numbers);
        let has_servers = rows.iter().any(|row| row[SERVER] != "-");
        let mut columns = vec![
            Column::text("time"),
            Column::text("server").optional(true),
            Column::text("action"),
            Column::text("object").cut().shortened_to(SHORTEST_OBJECT),
            Column::text("by").optional(true),
            Column::text("changed").shortened_to(SHORTEST_CHANGED),
        ];
        if !has_servers {
            columns.remove(SERVER);
            for row in &mut rows {
                row.remove(SERVER);
            }
        }
        writeln!(output)?;
        Rows { columns, rows }.write_text(output)?;
    }
    Ok(())
}

/// The column of changes that is left out if no server has a name.
const SERVER: usize = 1;

/// What a narrow terminal leaves of an object and of what has changed: with the time and the longest
/// action they take 80 columns.
const SHORTEST_OBJECT: usize = 20;
const SHORTEST_CHANGED: usize = 16;

/// The cells of a change.
pub(super) fn row(change: &Change<'_>) -> Vec<String> {
    vec![
        seconds(change.time.as_deref()),
        change.server.as_deref().unwrap_or("-").to_owned(),
        action(change),
        shortened(&change.object_label(), 60),
        change.caller.short(),
        what(change),
    ]
}

fn action(change: &Change<'_>) -> String {
    if change.is_done() {
        change.action.to_string()
    } else {
        format!("{} (unanswered)", change.action)
    }
}

/// What a change has changed, in a line.
fn what(change: &Change<'_>) -> String {
    if let Some(failure) = &change.failure {
        return shortened(failure, 80);
    }
    if change.changed.is_empty() && !change.requested.is_empty() {
        return asked_for(change);
    }
    let has_before = |field: &FieldChange<'_>| field.before.is_some();
    let has_both = change.changed.values().any(has_before) && change.action != "delete";
    let most = if has_both { usize::MAX } else { MOST_FIELDS };
    let fields = change.changed.iter();
    first_of(fields.map(|(name, field)| field_text(name, field)), most)
}

/// What a call asked for of which nobody knows what came of it.
fn asked_for(change: &Change<'_>) -> String {
    let fields = change.requested.iter();
    let fields = fields.map(|(name, value)| format!("{name} = {}", shown(value)));
    format!("asked for {}", first_of(fields, MOST_FIELDS))
}

/// The first so many parts, and how many more there are.
fn first_of(mut parts: impl ExactSizeIterator<Item = String>, most: usize) -> String {
    let mut first: Vec<String> = parts.by_ref().take(most).collect();
    if parts.len() > 0 {
        first.push(format!("{} more", parts.len()));
    }
    first.join(", ")
}

fn shown(value: &Json<'_>) -> String {
    shortened(&visible_json(value.as_str()), LONGEST_VALUE)
}

fn field_text(name: &str, field: &FieldChange<'_>) -> String {
    match (&field.before, &field.after) {
        _ if field.is_secret => format!("{name} (secret)"),
        (Some(before), Some(after)) => format!("{name} {} → {}", shown(before), shown(after)),
        (Some(value), None) => format!("{name} {}", shown(value)),
        (None, Some(after)) => format!("{name} = {}", shown(after)),
        (None, None) => name.to_owned(),
    }
}

/// Writes the life of an object, or what it was at a time.
pub(super) fn write_life(
    life: &[&LifeEvent],
    is_state: bool,
    output: &mut Output,
) -> io::Result<()> {
    output.page();
    let servers: BTreeSet<&Option<String>> = life.iter().map(|event| &event.server).collect();
    for event in life {
        let done = match &event.change {
            Some(change) => {
                let by = change.caller.short();
                let place = format!("{}:{}", change.at.file, change.at.line);
                format!("{} by {by} ({place})", action(change))
            }
            None => "seen in a response".to_owned(),
        };
        let line = format!(
            "{}  {}{}  {done}",
            seconds(event.time.as_deref()),
            match &event.server {
                Some(server) if servers.len() > 1 => format!("{server}  "),
                _ => String::new(),
            },
            event.object
        );
        output.bold_line(&one_line(&line))?;
        match (&event.change, &event.state) {
            (Some(change), Some(_)) if !is_state => {
                for (name, field) in &change.changed {
                    writeln!(output, "    {}", one_line(&field_text(name, field)))?;
                }
                for (name, value) in &change.requested {
                    let asked = format!("{name} = {}", shown(value));
                    writeln!(output, "    asked for {}", one_line(&asked))?;
                }
            }
            (_, Some(state)) => {
                for (name, value) in state {
                    let value = shortened(&visible_json(value.as_str()), 200);
                    writeln!(output, "    {} = {}", one_line(name), one_line(&value))?;
                }
            }
            (_, None) => {}
        }
    }
    Ok(())
}

fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
