//! Prints why a call is shown: what was searched for, in its context.

use std::io::{self, Write as _};

use super::output::{Output, one_line};
use crate::query::Excerpt;

/// Writes a line below a call, no wider than the terminal.
pub(super) fn write_excerpt(excerpt: &Excerpt, output: &mut Output) -> io::Result<()> {
    let Excerpt {
        place,
        is_key,
        text,
        found,
    } = excerpt;
    let between = if *is_key { "." } else { ": " };
    let mut line = format!("    {}{between}", one_line(place));
    let mut at = 0;
    let width = output.width().unwrap_or(usize::MAX);
    let mut room = width.saturating_sub(line.chars().count());
    let mut push = |text: &str, is_found: bool| {
        let text: String = one_line(text).chars().take(room).collect();
        room -= text.chars().count();
        if is_found {
            line.push_str(&output.highlighted(&text));
        } else {
            line.push_str(&text);
        }
    };
    for range in found {
        push(&text[at..range.start], false);
        push(&text[range.clone()], true);
        at = range.end;
    }
    push(&text[at..], false);
    writeln!(output, "{line}")
}
