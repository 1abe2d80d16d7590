//! The report of an audit as one JSON document.

use std::io::{self, Write as _};

use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::output::Output;
use crate::audit::{Change, LifeEvent, Report, tree};
use crate::export::{indented_json, visible_json};

/// Writes the report. Changes are written as they come, each on its line: they may be many.
pub(super) fn write(report: &Report<Box<RawValue>>, output: &mut Output) -> io::Result<()> {
    write!(output, "{{\n  \"changes\": [")?;
    for (nth, change) in report.changes.iter().enumerate() {
        output.write_all(if nth == 0 { b"\n    " } else { b",\n    " })?;
        output.write_all(change.get().as_bytes())?;
    }
    output.write_all(if report.changes.is_empty() {
        b"]"
    } else {
        b"\n  ]"
    })?;
    let rest = json!({
        "summary": value(&report.tally)?,
        "findings": value(&report.findings)?,
        "failures": value(&report.failures)?,
        "callers": value(&report.callers)?,
        "ledger": value(&report.ledger)?,
    });
    let rest = indented_json(&rest);
    // Behind the brace that opens it.
    writeln!(output, ",{}", &rest[1..])
}

/// A change as it is written.
pub(super) fn text(change: &Change<'_>) -> Box<RawValue> {
    RawValue::from_string(visible(change)).expect("it has been written as JSON")
}

/// A part of a report as compact JSON, nested as deeply as payloads may be.
pub(super) fn visible(part: &impl serde::Serialize) -> String {
    let json = serde_json::to_string(part).expect("keys are text, so that it has a JSON form");
    visible_json(json).into_owned()
}

/// Writes the life of an object.
pub(super) fn write_life(life: &[&LifeEvent], output: &mut Output) -> io::Result<()> {
    let document = json!({ "life": value(&life)? });
    writeln!(output, "{}", indented_json(&document))
}

fn value(part: &impl serde::Serialize) -> io::Result<Value> {
    Ok(tree(&serde_json::to_string(part)?))
}
