//! Masks secrets that stand inside text: by their form, by a name beside them in any notation, and
//! all of these in base64.

use std::ops::Range;

use super::MASK;
use super::elements::contents_of_secret_elements;
use super::encoded::{MAX_BASE64_DEPTH, SHORTEST_BASE64, secrets_in_base64};
use super::forms::secrets_by_form;
use super::hints::Hints;
use super::named::values_of_secret_names;

/// Returns `text` with its secrets masked, or `None` if it holds none.
#[must_use]
pub fn mask_text(text: &str) -> Option<String> {
    mask_hinted(text, &Hints::find(text))
}

/// [`mask_text`] for a text whose hints are known.
pub(super) fn mask_hinted(text: &str, hints: &Hints) -> Option<String> {
    if hints.is_empty() && text.len() < SHORTEST_BASE64 {
        return None;
    }
    mask_to_depth(text, hints, MAX_BASE64_DEPTH)
}

pub(super) fn mask_to_depth(text: &str, hints: &Hints, depth: usize) -> Option<String> {
    let mut secrets: Vec<Range<usize>> = Vec::new();
    if !hints.is_empty() {
        secrets_by_form(text, hints, &mut secrets);
    }
    if !hints.names.is_empty() {
        values_of_secret_names(text, &hints.names, &mut secrets);
        contents_of_secret_elements(text, &mut secrets);
    }
    let mut masks: Vec<(Range<usize>, String)> = secrets
        .into_iter()
        .map(|secret| (secret, MASK.to_owned()))
        .collect();
    if text.len() >= SHORTEST_BASE64 {
        masks.extend(secrets_in_base64(text, depth));
    }
    if masks.is_empty() {
        None
    } else {
        Some(replace(text, masks))
    }
}

/// Puts the masks into the text. Of two that overlap, the one that starts first counts up to the
/// end of both.
fn replace(text: &str, mut masks: Vec<(Range<usize>, String)>) -> String {
    masks.sort_by_key(|(range, _)| (range.start, std::cmp::Reverse(range.end)));
    let mut masked = String::with_capacity(text.len());
    let mut at = 0;
    for (range, mask) in masks {
        if range.start >= at {
            masked.push_str(&text[at..range.start]);
            masked.push_str(&mask);
        }
        at = at.max(range.end);
    }
    masked.push_str(&text[at..]);
    masked
}
