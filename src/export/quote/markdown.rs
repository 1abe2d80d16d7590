//! Quotes code for Markdown.

use std::fmt::Write as _;

/// Returns `text`, which is one line, as code within a line of Markdown, also in a table.
///
/// Between backticks nothing is obeyed but backticks, and in a table bars, which no two programs
/// escape alike. Text with such is written between HTML tags, and all its punctuation as numbers,
/// which stand for text wherever they are.
pub(in crate::export) fn markdown_code(text: &str) -> String {
    let is_plain = !text.is_empty()
        && !text.contains(['`', '|', '\\', '\n'])
        && !text.starts_with(' ')
        && !text.ends_with(' ');
    if is_plain {
        return format!("`{text}`");
    }
    let mut code = "<code>".to_owned();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() || !c.is_ascii() {
            code.push(c);
        } else {
            write!(code, "&#{};", u32::from(c)).expect("memory takes all that is written");
        }
    }
    code + "</code>"
}

/// Returns `code`, in which every character is visible, as a block of Markdown. No line of it ends
/// the block: the fence is longer than any of its own.
pub(in crate::export) fn markdown_fence(language: &str, code: &str) -> String {
    let longest = code.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(3.max(longest + 1));
    let code = code.trim_end_matches('\n');
    format!("{fence}{language}\n{code}\n{fence}\n")
}
