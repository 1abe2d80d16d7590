//! What a page says of a service.

use maud::{Markup, html};

use super::highlight::json;
use super::name::name;
use super::table::field_table;
use crate::export::fields::FieldTable;
use crate::export::format::Settings;
use crate::export::quote::one_line;
use crate::export::shown_example::{Block, ShownExample};
use crate::export::words::{MASKED, calls, effect, purpose};
use crate::usage::Service;

/// Where on a page a service stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'p> {
    /// Makes its anchors different from those of others on the same page.
    pub(super) prefix: &'p str,
    /// The level of its headings.
    pub(super) level: Level,
}

/// The level of headings.
#[derive(Clone, Copy, Debug)]
pub(super) enum Level {
    Second,
    Third,
    Fourth,
}

/// Returns all but the name of a service.
pub(super) fn service_section(service: &Service, place: Place<'_>, settings: &Settings) -> Markup {
    let Place { prefix, level } = place;
    let sides = [
        ("Request", "request", &service.request),
        ("Response", "response", &service.response),
    ];
    html! {
        @if let Some(purpose) = purpose(&service.name) {
            p .purpose {
                (purpose.start) " " (name(purpose.object))
                @if let Some(key) = purpose.found_by { ", found by its " (name(key)) }
                "."
            }
        }
        p .counts {
            @if let Some(effect) = effect(&service.name) {
                span class={"effect " (effect)} { (effect) } " "
            }
            (calls(service))
        }
        nav .jump aria-label={"Parts of " (one_line(&service.name))} {
            @for (title, anchor, _) in sides {
                a href={"#" (escaped(prefix)) (anchor)} { (title) }
            }
            a href={"#" (escaped(prefix)) "examples"} { "Examples" }
        }
        div .columns {
            div {
                @for (title, anchor, schema) in sides {
                    section id={(prefix) (anchor)} {
                        (level.heading("side", title))
                        @let table = FieldTable::of(schema);
                        (field_table(&table))
                        @if anchor == "request" && !table.rows.is_empty() {
                            p .hint { "What was always sent is likely to be required." }
                        }
                    }
                }
            }
            section .examples id={(prefix) "examples"} {
                (level.heading("side", "Examples"))
                @if service.examples.is_empty() {
                    p { "None: no answered call of it can be read whole." }
                } @else {
                    p .hint {
                        "The code takes the user and the password from "
                        code { "$ZATO_USER" } " and " code { "$ZATO_PASSWORD" } "."
                    }
                }
                @for (nth, example) in service.examples.iter().enumerate() {
                    @let anchor = format!("{prefix}example-{}", nth + 1);
                    (example_article(&ShownExample::new(example, settings), &anchor, level.below()))
                }
            }
        }
    }
}

impl Level {
    fn heading(self, class: &str, text: &str) -> Markup {
        match self {
            Self::Second => html! { h2 class=(class) { (text) } },
            Self::Third => html! { h3 class=(class) { (text) } },
            Self::Fourth => html! { h4 class=(class) { (text) } },
        }
    }

    fn below(self) -> Self {
        match self {
            Self::Second => Self::Third,
            Self::Third | Self::Fourth => Self::Fourth,
        }
    }
}

/// An anchor within an address: its `%` stands for itself.
fn escaped(prefix: &str) -> String {
    prefix.replace('%', "%25")
}

fn example_article(example: &ShownExample, anchor: &str, level: Level) -> Markup {
    html! {
        article id=(anchor) {
            (level.heading("kind", example.title))
            @if !example.masked.is_empty() {
                p .masked {
                    (MASKED) ": "
                    @for (nth, path) in example.masked.iter().enumerate() {
                        @if nth > 0 { ", " }
                        (name(path))
                    }
                }
            }
            @if let Some(length) = example.too_long {
                p .hint {
                    "The request is " (length) " bytes long, too long for code on a page. "
                    code { "zalog examples --format curl" } " writes it whole."
                }
            }
            @if !example.snippets.is_empty() {
                div .tabs {
                    @for (nth, snippet) in example.snippets.iter().enumerate() {
                        (code_block(snippet, &format!("{anchor}-code-{}", nth + 1)))
                    }
                }
            }
            (code_block(&example.request, &format!("{anchor}-request")))
            @match &example.response {
                Ok(block) => (code_block(block, &format!("{anchor}-response"))),
                Err(reason) => p .hint { (reason) },
            }
        }
    }
}

fn code_block(block: &Block, anchor: &str) -> Markup {
    html! {
        div .code id=(anchor) data-label=(block.label) {
            p .label {
                (block.label)
                @if !block.cuts.is_empty() {
                    span .cuts {
                        " in part: "
                        @for (nth, cut) in block.cuts.iter().enumerate() {
                            @if nth > 0 { ", " }
                            (one_line(cut))
                        }
                    }
                }
            }
            // What scrolls can be reached by the keyboard.
            pre tabindex="0" {
                code data-language=(block.language) {
                    @if block.language == "json" { (json(&block.code)) } @else { (block.code) }
                }
            }
        }
    }
}
