//! Writes the steps of a JSONPath.

use super::visible::push_visible;

/// Returns the step of a JSONPath (RFC 9535) to the member of this name, as short as it can be.
pub(in crate::export) fn json_path_member(name: &str) -> String {
    if is_word(name) {
        format!(".{name}")
    } else {
        json_path_step(name)
    }
}

/// Returns the step of a JSONPath (RFC 9535) to the member of this name, in the form that every name
/// has.
pub(in crate::export) fn json_path_step(name: &str) -> String {
    let mut step = "['".to_owned();
    for c in name.chars() {
        match c {
            '\'' | '\\' => step.extend(['\\', c]),
            _ => push_visible(c, &mut step),
        }
    }
    step + "']"
}

/// Whether JSONPath and jq take a name as it is, behind a dot.
pub(super) fn is_word(name: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    !name.starts_with(|c: char| c.is_ascii_digit()) && !name.is_empty() && name.bytes().all(is_part)
}
