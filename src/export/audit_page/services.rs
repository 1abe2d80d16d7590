//! How often each service was called, and how long it took.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::table::{Cell, Column, table};
use crate::export::html::name;
use crate::export::words::number;
use crate::usage::{ServiceStatistics, Statistics};
use crate::view::human_duration;

/// How many services are shown, the most called.
const MOST: usize = 1_000;

const COLUMNS: [Column; 6] = [
    Column::text("Service"),
    Column::number("Calls"),
    Column::number("Failed"),
    Column::number("Median"),
    Column::number("p95"),
    Column::number("Longest"),
];

pub(super) fn section(statistics: &Statistics) -> Markup {
    let mut services = statistics.services();
    if services.is_empty() {
        return html! { p { "No service was called." } };
    }
    services.sort_by_key(|(_, service)| std::cmp::Reverse(service.calls));
    let rows: Vec<Vec<Cell>> = services
        .iter()
        .take(MOST)
        .map(|(name, service)| row(name, service))
        .collect();
    html! {
        p .hint { "Failed are calls without an answer. Times are from request to response; 95 of 100 calls took no longer than p95." }
        (table("sorts", &COLUMNS, &rows))
        @if services.len() > MOST {
            p .hint { "The " (MOST) " most called of " (services.len()) " services." }
        }
    }
}

fn row(service: &str, statistics: &ServiceStatistics) -> Vec<Cell> {
    let duration = |ms: Option<u64>| Cell {
        shown: html! { @match ms { Some(ms) => (human_duration(ms)), None => "-" } },
        value: Some(ms.map_or(0, |ms| ms + 1)),
    };
    let durations = &statistics.durations;
    vec![
        name(service).into(),
        statistics.calls.into(),
        statistics.unanswered.into(),
        duration(durations.percentile(50)),
        duration(durations.percentile(95)),
        duration(durations.longest()),
    ]
}

/// How many services of a list stand open.
const MOST_OPEN: usize = 2;

/// Returns services with how many calls each got, the most called first; many can be opened.
pub(super) fn calls_by_service(services: &BTreeMap<String, u64>) -> Markup {
    let mut services: Vec<(&str, u64)> = services
        .iter()
        .map(|(name, calls)| (&**name, *calls))
        .collect();
    services.sort_by_key(|(_, calls)| std::cmp::Reverse(*calls));
    let list = html! {
        ul .services {
            @for (service, calls) in &services {
                li { (name(service)) " " span .facts { (calls) } }
            }
        }
    };
    html! {
        @if services.len() > MOST_OPEN {
            details {
                summary { (number(services.len() as u64, "service")) }
                (list)
            }
        } @else {
            (list)
        }
    }
}
