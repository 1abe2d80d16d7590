//! Calls without an answer, in groups by their cause.

use maud::{Markup, html};

use super::services::calls_by_service;
use super::table::{Cell, Column, table};
use crate::audit::FailureGroup;
use crate::export::quote::one_line;
use crate::view::seconds;

/// How many groups are shown, the largest.
const MOST: usize = 200;

const COLUMNS: [Column; 4] = [
    Column::text("Why"),
    Column::number("Calls"),
    Column::text("Services"),
    Column::text("Where"),
];

pub(super) fn section(failures: &[FailureGroup]) -> Markup {
    if failures.is_empty() {
        return html! { p { "Every call in these logs was answered." } };
    }
    let rows: Vec<Vec<Cell>> = failures.iter().take(MOST).map(row).collect();
    html! {
        (table("", &COLUMNS, &rows))
        @if failures.len() > MOST {
            p .hint { "The " (MOST) " largest of " (failures.len()) " groups." }
        }
    }
}

fn row(group: &FailureGroup) -> Vec<Cell> {
    let why = html! {
        @if let Some(exception) = &group.exception {
            code { (one_line(exception)) }
            @if let Some(message) = &group.message { span .note .message { (one_line(message)) } }
        } @else {
            (group.reason.as_str())
        }
    };
    let place = html! {
        code { (one_line(&group.at.file)) ":" (group.at.line) }
        @if let Some(at) = &group.traceback {
            span .note { "exception at " code { (one_line(&at.file)) ":" (at.line) } }
        }
        span .note {
            (seconds(group.first.as_deref()))
            @if group.last != group.first { " to " (seconds(group.last.as_deref())) }
        }
    };
    vec![
        why.into(),
        group.calls.into(),
        calls_by_service(&group.services).into(),
        place.into(),
    ]
}
