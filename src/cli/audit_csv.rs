//! The changes that an audit has found as CSV.

use std::borrow::Cow;
use std::io;

use super::audit_json::visible;
use super::output::Output;
use super::table::write_csv;
use crate::audit::{Change, LifeEvent, Report};

const COLUMNS: [&str; 22] = [
    "time",
    "server",
    "actor",
    "effective_actor",
    "origin",
    "channel",
    "agent",
    "status",
    "object_type",
    "object_id",
    "object_name",
    "action",
    "outcome",
    "changed",
    "requested",
    "failure",
    "cid",
    "service",
    "duration_ms",
    "call",
    "file",
    "line",
];

/// Writes a row for each change.
pub(super) fn write(report: &Report<Vec<String>>, output: &mut Output) -> io::Result<()> {
    let head = COLUMNS.iter().copied().map(Cow::Borrowed).collect();
    let rows = report.changes.iter();
    let rows = rows.map(|row| row.into_iter().map(Cow::Owned).collect());
    write_csv(output, std::iter::once(head).chain(rows))
}

/// Writes a row for each change of an object, and for each time that a response shows it.
pub(super) fn write_life(life: &[&LifeEvent], output: &mut Output) -> io::Result<()> {
    let columns = [
        "time", "server", "object", "action", "outcome", "state", "file", "line",
    ];
    let head = columns.into_iter().map(Cow::Borrowed).collect();
    let rows = life.iter().map(|event| {
        let change = event.change.as_ref();
        let state = event.state.as_ref().map(visible).unwrap_or_default();
        let place = change.map(|change| (change.at.file.clone(), change.at.line.to_string()));
        let (file, line) = place.unwrap_or_default();
        let cells = [
            event.time.clone().unwrap_or_default(),
            event.server.clone().unwrap_or_default(),
            event.object.to_string(),
            change.map_or_else(|| "seen".to_owned(), |change| change.action.to_string()),
            change
                .map_or("", |change| change.outcome.as_str())
                .to_owned(),
            state,
            file,
            line,
        ];
        cells.into_iter().map(Cow::Owned).collect()
    });
    write_csv(output, std::iter::once(head).chain(rows))
}

/// The cells of a change.
pub(super) fn row(change: &Change<'_>) -> Vec<String> {
    let text = |text: &Option<Cow<'_, str>>| text.as_deref().unwrap_or_default().to_owned();
    let caller = &change.caller;
    let number = |number: Option<i64>| number.map(|number| number.to_string()).unwrap_or_default();
    let map = |is_empty: bool, text: String| if is_empty { String::new() } else { text };
    let cells = [
        text(&change.time),
        text(&change.server),
        text(&change.actor),
        text(&change.effective_actor),
        caller.origin.as_str().to_owned(),
        caller.channel.as_deref().unwrap_or_default().to_owned(),
        caller.agent.as_deref().unwrap_or_default().to_owned(),
        number(caller.status.map(i64::from)),
        change.object_type.to_string(),
        text(&change.object_id),
        text(&change.object_name),
        change.action.to_string(),
        change.outcome.as_str().to_owned(),
        map(change.changed.is_empty(), visible(&change.changed)),
        map(change.requested.is_empty(), visible(&change.requested)),
        text(&change.failure),
        text(&change.cid),
        change.service.to_string(),
        number(change.duration_ms),
        change.call.to_string(),
        change.at.file.clone(),
        change.at.line.to_string(),
    ];
    cells.into()
}
