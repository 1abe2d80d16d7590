//! Writes a call for a person: what it was, when, where, and what was sent and returned.

use std::io::{self, Write as _};

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::call::Call;
use super::call_tree::CallTree;
use super::json_text::write_json;
use super::output::{NOT_WRITTEN, Output, Paint, printable_line};
use super::table::human_duration;
use crate::invocation::Outcome;
use crate::usage::Envelope;

/// Calls that are nested deeper than this stand below each other.
const DEEPEST: usize = 16;

/// Writes calls with what they invoked, which is indented.
pub(super) fn write_tree(tree: &CallTree, output: &mut Output) -> Result<()> {
    for (nth, placed) in tree.calls.iter().enumerate() {
        let call = tree.call(placed)?;
        let wrapped = tree.wrapped(&call)?;
        if nth > 0 {
            writeln!(output).context(NOT_WRITTEN)?;
        }
        write_call(&call, wrapped.as_ref(), placed.depth, output).context(NOT_WRITTEN)?;
    }
    Ok(())
}

fn write_call(
    call: &Call,
    wrapped: Option<&Call>,
    depth: usize,
    output: &mut Output,
) -> io::Result<()> {
    let indent = "  ".repeat(depth.min(DEEPEST));
    write_header(call, &indent, depth == 0, output)?;
    write_side(call, wrapped, "request", &indent, output)?;
    write_side(call, wrapped, "response", &indent, output)
}

fn write_header(call: &Call, indent: &str, is_root: bool, output: &mut Output) -> io::Result<()> {
    output.write_all(indent.as_bytes())?;
    output.paint(Paint::Title, &printable_line(call.service()))?;
    output.write_all(b"  ")?;
    let (paint, outcome) = outcome(call);
    output.paint(paint, &outcome)?;
    writeln!(output)?;

    let facts = [
        times(call),
        call.text("server").map(|server| format!("server {server}")),
        call.number("pid").map(|pid| format!("pid {pid}")),
        call.text("thread").map(|thread| format!("thread {thread}")),
    ];
    write_facts(facts.into_iter().flatten(), indent, output)?;
    let ids = [
        Some(format!("id {}", call.id())),
        // Those below have the same.
        call.text("cid")
            .filter(|_| is_root)
            .map(|cid| format!("cid {cid}")),
    ];
    write_facts(ids.into_iter().flatten(), indent, output)?;
    let parent = call.text("parent").filter(|_| is_root);
    let relations = [
        call.text("wraps")
            .map(|id| format!("wraps {id} for the REST API")),
        parent.map(|parent| format!("invoked by {parent}")),
        // That is plain where the wrapper stands above.
        (is_root && call.text("via") == Some("rest")).then(|| "through the REST API".to_owned()),
    ];
    write_facts(relations.into_iter().flatten(), indent, output)?;
    for diagnostic in call.diagnostics() {
        output.write_all(indent.as_bytes())?;
        output.paint(Paint::Bad, &printable_line(diagnostic))?;
        writeln!(output)?;
    }
    Ok(())
}

fn write_facts(
    facts: impl Iterator<Item = String>,
    indent: &str,
    output: &mut Output,
) -> io::Result<()> {
    let facts: Vec<String> = facts.map(|fact| printable_line(&fact)).collect();
    if facts.is_empty() {
        return Ok(());
    }
    writeln!(output, "{indent}{}", facts.join("  "))
}

/// What became of the call, and how long that took or why nobody knows.
fn outcome(call: &Call) -> (Paint, String) {
    let outcome = call.text("outcome").unwrap_or_default();
    if outcome != Outcome::Completed.as_str() {
        return (Paint::Bad, outcome.to_owned());
    }
    let took = match call.number("duration_ms") {
        Some(duration) => format!(" in {}", human_duration(duration)),
        None if call.text("started_at").is_some() && call.text("finished_at").is_some() => {
            ", in unknown time: the clock went back".to_owned()
        }
        None => ", in unknown time: the log has none".to_owned(),
    };
    (Paint::Good, outcome.to_owned() + &took)
}

/// When it was called and when it answered. The date is not said twice.
fn times(call: &Call) -> Option<String> {
    let plain = |time: &str| time.replacen('T', " ", 1);
    match (call.text("started_at"), call.text("finished_at")) {
        (Some(started), Some(finished)) => {
            let date = |time: &str| time.split('T').next().map(str::to_owned);
            let until = match finished.split_once('T') {
                Some((_, time)) if date(started) == date(finished) => time.to_owned(),
                _ => plain(finished),
            };
            Some(format!("{} to {until}", plain(started)))
        }
        (Some(started), None) => Some(plain(started)),
        (None, Some(finished)) => Some(format!("until {}", plain(finished))),
        (None, None) => None,
    }
}

/// Writes where the request or response stands, and what it holds.
fn write_side(
    call: &Call,
    wrapped: Option<&Call>,
    side: &str,
    indent: &str,
    output: &mut Output,
) -> io::Result<()> {
    output.write_all(indent.as_bytes())?;
    output.paint(Paint::Title, side)?;
    let gap = " ".repeat("response  ".len() - side.len());
    output.write_all(gap.as_bytes())?;
    let Some(payload) = call.payload(side) else {
        let reason = if side == "response" {
            "not in the logs: failed, still running, or in a file not read"
        } else {
            "not in the logs"
        };
        return writeln!(output, "{reason}");
    };
    if let Some(at) = call.at(&format!("{side}_at")) {
        let place = format!("{}:{}", printable_line(at.file), at.line);
        output.paint(Paint::Faint, &place)?;
    }
    if let Some(same) = wrapped.and_then(|wrapped| likeness(payload, wrapped.payload(side)?)) {
        return writeln!(output, "  {same}");
    }
    let deeper = format!("{indent}  ");
    write!(output, "\n{deeper}")?;
    write_json(payload, &deeper, output)?;
    writeln!(output)
}

/// How the payload of the REST API's wrapper can be told from that of the call that it wraps.
fn likeness(payload: &Value, wrapped: &Value) -> Option<&'static str> {
    if payload == wrapped {
        Some("as below")
    } else if payload == Envelope::FirstKey.content(wrapped) {
        Some("as below, without the envelope")
    } else {
        None
    }
}
