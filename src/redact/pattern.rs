//! Compiles the patterns of this module.

use regex::Regex;

/// Returns a pattern that stands in the code.
pub(super) fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is fixed and tested")
}
