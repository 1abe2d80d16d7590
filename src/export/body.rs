//! Where the body of a request stands: in the snippet itself, or in a file beside it.

use super::quote::compact_json;
use crate::usage::Example;

/// A body up to this length in bytes is given as an argument. Linux takes 128 KiB an argument.
pub(super) const LONGEST_ARGUMENT: usize = 100_000;

/// A snippet, and the body that is too long to stand in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snippet {
    /// The snippet's own text.
    pub script: String,
    /// What belongs into the file that the snippet names.
    pub body: Option<String>,
}

/// Where a body stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place<'n> {
    /// In the snippet, as short as it is.
    Inside,
    /// In a file of this name beside the snippet.
    Beside(&'n str),
    /// In the snippet, as long as it is, for want of a file.
    Below,
}

/// Returns the body that an example sends, as compact JSON, and where it stands if a file of the
/// name `file` can be had.
pub(super) fn body<'n>(example: &Example, file: Option<&'n str>) -> (String, Place<'n>) {
    let body = compact_json(&example.request);
    let place = match file {
        _ if body.len() <= LONGEST_ARGUMENT => Place::Inside,
        Some(name) => Place::Beside(name),
        None => Place::Below,
    };
    (body, place)
}
