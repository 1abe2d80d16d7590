//! Paths of values in payloads, as they are shown: keys, and `*` for the items of a list, with a dot
//! between them.

/// Returns the path of what stands under a key, or as `*` in a list, of what is at `path`, which is
/// empty for the whole payload.
#[must_use]
pub fn below(path: &str, key: &str) -> String {
    let dot = if path.is_empty() { "" } else { "." };
    format!("{path}{dot}{key}")
}
