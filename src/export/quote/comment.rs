//! Writes text as comments.

use super::visible::visible_lines;

/// Returns `text` as comment lines of a shell script or of Python, free of all that a terminal would
/// obey.
pub(in crate::export) fn comment(text: &str) -> String {
    let mut comment = String::with_capacity(text.len() + text.len() / 16);
    for line in text.split('\n') {
        comment.push_str(if line.is_empty() { "#" } else { "# " });
        comment.push_str(&visible_lines(line));
        comment.push('\n');
    }
    comment
}

/// Returns `text` as comment lines of a `.http` file. Editors take a comment that starts with `@`
/// for an order, such as to wait or to read a file.
pub(in crate::export) fn request_comment(text: &str) -> String {
    let defused = text.split('\n').map(|line| {
        if line.trim_start().starts_with('@') {
            format!("\\{}", line.trim_start())
        } else {
            line.to_owned()
        }
    });
    comment(&defused.collect::<Vec<_>>().join("\n"))
}
