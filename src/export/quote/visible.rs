//! Makes all visible that a terminal, a browser or an editor would obey.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::pyrepr::{is_obeyed, is_plain};

/// Returns `text` in one line in which every character is visible: what a terminal or a browser
/// would obey is written as in JSON.
pub(in crate::export) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => line.push_str("\\n"),
            '\r' => line.push_str("\\r"),
            '\t' => line.push_str("\\t"),
            _ => push_visible(c, &mut line),
        }
    }
    line
}

/// Returns `text` with its lines, free of all else that a terminal or a browser would obey.
pub(in crate::export) fn visible_lines(text: &str) -> String {
    let is_shown = |c: char| c == '\n' || !is_obeyed(c);
    let chars = text.chars();
    chars
        .map(|c| if is_shown(c) { c } else { '\u{fffd}' })
        .collect()
}

/// Escapes what JSON may hold raw and a terminal or an editor would obey. In JSON such characters
/// stand in strings only.
#[must_use]
pub fn visible_json<'j>(json: impl Into<Cow<'j, str>>) -> Cow<'j, str> {
    let json = json.into();
    if is_plain(&json) {
        return json;
    }
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if c == '\n' {
            out.push(c);
        } else {
            push_visible(c, &mut out);
        }
    }
    Cow::Owned(out)
}

pub(super) fn push_visible(c: char, out: &mut String) {
    if is_obeyed(c) {
        write!(out, "\\u{:04x}", u32::from(c)).expect("memory takes all that is written");
    } else {
        out.push(c);
    }
}
