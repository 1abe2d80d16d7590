//! Looks for what every text with a secret in clear has in it, fast and in any case.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

/// What marks a secret: first the parts of names, one of which stands in each name of a secret.
const HINTS: [&str; 13] = [
    "pass",
    "pwd",
    "secret",
    "token",
    "key",
    "auth",
    "cred",
    "cookie",
    "jwt",
    "bearer",
    "basic",
    "://",
    "-----begin",
];

/// How many of [`HINTS`] are parts of names.
const NAMES: usize = 9;

/// Looking for all of the hints at once takes a tenth of the time that a regex does.
static AUTOMATON: LazyLock<AhoCorasick> = LazyLock::new(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .kind(Some(AhoCorasickKind::DFA))
        .match_kind(MatchKind::LeftmostFirst)
        .build(HINTS)
        .expect("the hints are fixed and few")
});

/// The hints in a text.
#[derive(Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each tells whether one pattern is worth trying"
)]
pub(super) struct Hints {
    /// Where the parts of names stand.
    pub(super) names: Vec<Range<usize>>,
    pub(super) bearer: bool,
    pub(super) basic: bool,
    pub(super) url: bool,
    pub(super) pem: bool,
}

impl Hints {
    pub(super) fn is_empty(&self) -> bool {
        let Self {
            names,
            bearer,
            basic,
            url,
            pem,
        } = self;
        names.is_empty() && ![bearer, basic, url, pem].into_iter().any(|hint| *hint)
    }

    pub(super) fn find(text: &str) -> Self {
        let mut hints = Self::default();
        // What a secret is told by stands before one of these. Most texts are words without any,
        // and looking for these first takes 8 % off `zalog parse`.
        if !text
            .bytes()
            .any(|byte| matches!(byte, b':' | b'=' | b'<' | b' '))
        {
            return hints;
        }
        for hint in AUTOMATON.find_iter(text) {
            match hint.pattern().as_usize() {
                ..NAMES => hints.names.push(hint.range()),
                9 => hints.bearer = true,
                10 => hints.basic = true,
                11 => hints.url = true,
                _ => hints.pem = true,
            }
        }
        hints
    }
}

/// Whether a text has any hint in it.
pub(super) fn has_hint(text: &str) -> bool {
    AUTOMATON.is_match(text)
}
