//! Who called, and which services.

use maud::{Markup, html};

use super::services::calls_by_service;
use super::table::{Cell, Column, table};
use crate::audit::Caller;
use crate::export::quote::one_line;

/// How many callers are shown, those with the most calls.
const MOST: usize = 500;

const COLUMNS: [Column; 5] = [
    Column::text("Caller"),
    Column::text("Address"),
    Column::text("Through"),
    Column::number("Calls"),
    Column::text("Services"),
];

pub(super) fn section(callers: &[Caller]) -> Markup {
    if callers.is_empty() {
        return html! { p { "Nobody called." } };
    }
    let calls = |caller: &Caller| -> u64 { caller.services.values().sum() };
    let mut sorted: Vec<&Caller> = callers.iter().collect();
    sorted.sort_by_cached_key(|caller| std::cmp::Reverse(calls(caller)));
    let row = |caller: &&Caller| -> Vec<Cell> {
        let text = |text: &Option<String>| one_line(text.as_deref().unwrap_or("-"));
        let through = caller.channel.clone().or_else(|| caller.parent.clone());
        vec![
            caller.origin.as_str().into(),
            html! { (text(&caller.remote)) }.into(),
            html! { (text(&through)) }.into(),
            calls(caller).into(),
            calls_by_service(&caller.services).into(),
        ]
    };
    let rows: Vec<Vec<Cell>> = sorted.iter().take(MOST).map(row).collect();
    html! {
        p .hint { "Which user it was is in none of Zato’s logs." }
        (table("sorts", &COLUMNS, &rows))
        @if sorted.len() > MOST {
            p .hint { "The " (MOST) " with the most calls of " (sorted.len()) " callers." }
        }
    }
}
