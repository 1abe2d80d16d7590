//! The changes: the filter, and the first of them. The script makes the same of the others.

use maud::{Markup, html};

use super::shown_change::{FACTS, ShownChange};
use crate::view::seconds;

pub(super) fn section(first: &[ShownChange], all: usize) -> Markup {
    if all == 0 {
        return html! { p { "No call in these logs was to change anything." } };
    }
    html! {
        // Without a script it could not do anything.
        form .filter .changes-filter #filters hidden {
            label .wide { "Filter" input #words type="search" placeholder="http-soap my channel" autocomplete="off" spellcheck="false"; }
            @for (id, label) in [("server", "Server"), ("type", "Type"), ("action", "Action"), ("outcome", "Outcome"), ("who", "Who")] {
                label { (label) select id=(id) { option value="" { "all" } } }
            }
            label { "From" input #from type="datetime-local" step="1"; }
            label { "To" input #to type="datetime-local" step="1"; }
            label { "Order" select #order { option value="" { "oldest first" } option value="newest" { "newest first" } } }
            button #clear .button type="reset" { "Clear" }
        }
        p .hint #shown role="status" {
            @if first.len() < all {
                "The first " (first.len()) " of " (all) " changes. The others need JavaScript, or the forms of output for programs."
            }
        }
        ol .list #list { @for change in first { (entry(change)) } }
        nav .pager #pager aria-label="Pages of changes" hidden {
            button .button #previous type="button" { "Previous" }
            span #page {}
            button .button #next type="button" { "Next" }
        }
    }
}

/// One change: a line, behind which all that is known of it can be opened.
fn entry(change: &ShownChange) -> Markup {
    html! {
        li {
            details {
                summary {
                    span .time { (seconds(change.time.as_deref())) }
                    span class=(if change.is_done() { "action" } else { "action failed" }) { (change.action) }
                    span .object {
                        code { (change.object_type) }
                        @if let Some(object) = &change.object { " " b { (object) } }
                    }
                    span .who { (change.who) }
                    span .what { (change.what()) }
                }
                div .more {
                    @if !change.fields.is_empty() { (diff(change)) }
                    @if !change.requested.is_empty() { (requested(&change.requested)) }
                    (facts(change))
                }
            }
        }
    }
}

fn diff(change: &ShownChange) -> Markup {
    // Where one side is the same in all rows, the other gets its room.
    let class = match &*change.action {
        "create" => "diff made",
        "delete" => "diff unmade",
        _ => "diff",
    };
    html! {
        table class=(class) {
            thead { tr { th scope="col" { "Field" } th scope="col" { "Before" } th scope="col" { "After" } } }
            tbody {
                @for field in &change.fields {
                    tr {
                        th scope="row" {
                            (field.name)
                            @if field.is_secret { " " span .secret { "secret" } }
                        }
                        td .before { div .value { (field.before) } }
                        td .after { div .value { (field.after) } }
                    }
                }
            }
        }
    }
}

fn requested(fields: &[(String, String)]) -> Markup {
    html! {
        table .diff {
            thead { tr { th scope="col" { "Field" } th scope="col" { "Asked for; the log does not tell what came of it" } } }
            tbody {
                @for (name, value) in fields {
                    tr { th scope="row" { (name) } td .after { div .value { (value) } } }
                }
            }
        }
    }
}

fn facts(change: &ShownChange) -> Markup {
    let known = FACTS.iter().zip(&change.facts);
    html! {
        dl .known {
            div { dt { "Outcome" } dd { (change.outcome) } }
            @if let Some(server) = &change.server { div { dt { "Server" } dd { (server) } } }
            @for (name, fact) in known {
                @if let Some(fact) = fact { div { dt { (name) } dd { (fact) } } }
            }
        }
    }
}
