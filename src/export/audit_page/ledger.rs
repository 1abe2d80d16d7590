//! What the report rests on: files with their hashes, and what is missing or strange in them.

use maud::{Markup, html};

use super::table::{Cell, Column, table};
use crate::audit::{At, FileEntry, Ledger, Places, SealedFile, ServerLedger};
use crate::export::quote::one_line;
use crate::export::words::number;
use crate::view::{human_bytes, seconds};

const FILES: [Column; 6] = [
    Column::text("File"),
    Column::number("Size"),
    Column::number("Records"),
    Column::text("From"),
    Column::text("To"),
    Column::text("SHA-256"),
];

pub(super) fn section(ledger: &Ledger) -> Markup {
    html! {
        @if ledger.servers.is_empty() { p { "No log was read." } }
        @for server in &ledger.servers { (server_part(server)) }
        @if !ledger.sealed.is_empty() {
            h3 { "Against the seal" }
            ul .findings { @for file in &ledger.sealed { (sealed(file)) } }
        }
    }
}

fn server_part(server: &ServerLedger) -> Markup {
    let rows: Vec<Vec<Cell>> = server.files.iter().map(file).collect();
    html! {
        @if let Some(name) = &server.server { h3 { (one_line(name)) } }
        (table("files", &FILES, &rows))
        dl .known {
            (fact("Records", &records(&server.total())))
            (fact("Calls without an answer", &reasons(server.requests_unpaired.iter().map(|(reason, count)| (reason.as_str(), *count)))))
            (fact("Answers without a request", &reasons(server.responses_unpaired.iter().map(|(reason, count)| (reason.as_str(), *count)))))
            (fact("Missing files", &listed(server.missing.iter().map(|file| one_line(file)))))
            (fact("Gaps", &gaps(server)))
            (fact("Steps back of the clock", &places(&server.clock_back, |back| (format!("from {} to {}", seconds(Some(&back.from)), seconds(Some(&back.to))), &back.at))))
            (fact("Restarts", &places(&server.restarts, |restart| (format!("{}, process {}", seconds(Some(&restart.time)), restart.pid), &restart.at))))
            (fact("Changes of wording", &places(&server.upgrades, |upgrade| (format!("{}, from {} to {}", seconds(upgrade.time.as_deref()), one_line(&upgrade.from), one_line(&upgrade.to)), &upgrade.at))))
            (fact("UTC offset", &places(&server.utc_offsets, |offset| (format!("{} from {} on", one_line(&offset.offset), seconds(offset.time.as_deref())), &offset.at))))
        }
    }
}

fn file(file: &FileEntry) -> Vec<Cell> {
    let time = |time: &Option<String>| Cell::from(&*seconds(time.as_deref()));
    vec![
        html! { code { (one_line(&file.file)) } }.into(),
        html! { (human_bytes(file.bytes)) }.into(),
        file.records.into(),
        time(&file.first),
        time(&file.last),
        html! { code .hash { (file.sha256) } }.into(),
    ]
}

fn fact(name: &str, content: &Markup) -> Markup {
    html! { div { dt { (name) } dd { (content) } } }
}

fn records(total: &FileEntry) -> Markup {
    let parts = [
        (total.calls, "of calls"),
        (total.others, "other"),
        (total.unreadable, "unreadable"),
        (total.nameless, "nameless"),
        (total.cut_off, "cut off"),
        (total.ambiguous, "ambiguous"),
    ];
    let parts = parts.iter().filter(|(count, _)| *count > 0);
    let parts: Vec<String> = parts
        .map(|(count, name)| format!("{count} {name}"))
        .collect();
    html! { (number(total.records, "record")) @if !parts.is_empty() { ": " (parts.join(", ")) } }
}

fn reasons<'r>(reasons: impl Iterator<Item = (&'r str, u64)>) -> Markup {
    listed(reasons.map(|(reason, count)| format!("{count} {reason}")))
}

fn listed(items: impl Iterator<Item = String>) -> Markup {
    let items: Vec<String> = items.collect();
    html! { @if items.is_empty() { "none" } @else { (items.join(", ")) } }
}

fn gaps(server: &ServerLedger) -> Markup {
    html! {
        @if server.gaps.is_empty() {
            "none that is unusual in this log"
            @if let Some(longest) = &server.longest_gap { "; the longest time without a record is " (longest.length()) }
        } @else {
            ul .places {
                @for gap in &server.gaps {
                    li {
                        (gap.length()) ", from " (seconds(Some(&gap.from))) " to " (seconds(Some(&gap.to))) " "
                        (place(&gap.at))
                    }
                }
            }
        }
    }
}

/// How many places stand open.
const MOST_OPEN: usize = 5;

fn places<'p, T>(places: &'p Places<T>, text: impl Fn(&'p T) -> (String, &'p At)) -> Markup {
    let list = html! {
        ul .places {
            @for one in &places.first {
                @let (text, at) = text(one);
                li { (text) " " (place(at)) }
            }
            @if places.count > places.first.len() as u64 {
                li { "and " (places.count - places.first.len() as u64) " more" }
            }
        }
    };
    html! {
        @if places.count == 0 {
            "none"
        } @else if places.first.len() > MOST_OPEN {
            details { summary { (places.count) } (list) }
        } @else {
            (list)
        }
    }
}

fn place(at: &At) -> Markup {
    html! { span .facts { "(" code { (one_line(&at.file)) ":" (at.line) } ")" } }
}

fn sealed(file: &SealedFile) -> Markup {
    let now = file.now.as_ref().filter(|now| **now != file.file);
    html! {
        li {
            code { (one_line(&file.file)) } ": "
            span class=[(!file.state.is_fine()).then_some("secret")] { (file.state.as_str()) }
            @if let Some(now) = now { ", as " code { (one_line(now)) } }
        }
    }
}
