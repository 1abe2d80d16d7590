//! Prints why a call is shown: what was searched for, in its context.

use std::io::{self, Write as _};

use super::output::{Output, one_line};
use super::width::{start, width};
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
    let columns = output.width().unwrap_or(usize::MAX);
    let mut room = columns.saturating_sub(width(&line));
    let mut push = |text: &str, is_found: bool| {
        let text = one_line(text);
        let text = start(&text, room);
        room = room.saturating_sub(width(text));
        if is_found {
            line.push_str(&output.highlighted(text));
        } else {
            line.push_str(text);
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
