//! Names and paths as code.

use maud::{Markup, html};

use crate::export::quote::one_line;

/// A name that may be broken at its dots.
pub(in crate::export) fn name(text: &str) -> Markup {
    let text = one_line(text);
    html! {
        code {
            @for (nth, part) in text.split('.').enumerate() {
                @if nth > 0 { "." wbr; }
                (part)
            }
        }
    }
}
