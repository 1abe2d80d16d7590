//! Looks for what every text with a secret in clear has in it, fast and in any case.

use std::ops::Range;

use crate::pyrepr::SEPARATORS;

/// What marks a secret: first the parts of names, one of which stands in each name of a secret.
const HINTS: [&str; 12] = [
    "pass", "pwd", "secret", "token", "key", "auth", "cred", "cookie", "jwt", "pw", "bearer",
    "basic",
];

/// How many of [`HINTS`] are parts of names.
const NAMES: usize = 10;

/// Which of [`HINTS`] tells a secret only at the end of a name: `bindpw`.
const LAST_IN_NAME: usize = 9;

/// The hints in a text.
#[derive(Debug, Default)]
pub(super) struct Hints {
    /// Where the parts of names stand.
    pub(super) names: Vec<Range<usize>>,
    pub(super) bearer: bool,
    pub(super) basic: bool,
    pub(super) url: bool,
}

impl Hints {
    pub(super) fn is_empty(&self) -> bool {
        let Self {
            names,
            bearer,
            basic,
            url,
        } = self;
        names.is_empty() && ![bearer, basic, url].into_iter().any(|hint| *hint)
    }

    pub(super) fn find(text: &str) -> Self {
        let mut hints = Self::default();
        // What a secret is told by stands before one of these, or before white space of any kind.
        // Most texts are words without any.
        let may_separate = |byte: u8| SEPARATORS.contains(&byte) || !byte.is_ascii_graphic();
        if !may_name_secret(text) || !text.bytes().any(may_separate) {
            return hints;
        }
        hints.url = text.contains('@') || (text.contains('%') && text.contains("%40"));
        let bytes = text.as_bytes();
        let mut next = 0;
        let (pairs, _) = bytes.as_chunks();
        for (nth, _) in pairs.iter().enumerate().filter(|(_, pair)| is_told(**pair)) {
            let pair = 2 * nth;
            let mut at = next.max(pair.saturating_sub(LAST_PAIR));
            while at <= pair {
                at += match hint_at(bytes, at) {
                    Some(hint) => {
                        let range = at..at + HINTS[hint].len();
                        let length = range.len();
                        match hint {
                            ..NAMES => hints.names.push(range),
                            NAMES => hints.bearer = true,
                            _ => hints.basic = true,
                        }
                        length
                    }
                    None => 1,
                };
            }
            next = at;
        }
        hints
    }
}

/// Which of the hints stands at this place.
fn hint_at(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = &bytes[at..];
    let starts = match *rest {
        [a, b, c, d, ..] => start(a, b, c) & STARTS[3][usize::from(d)],
        [a, b, c] => start(a, b, c) & STARTS[3][0],
        _ => 0,
    };
    let hint = starts.trailing_zeros() as usize;
    let letters = HINTS.get(hint)?.as_bytes();
    let (found, behind) = rest.split_at_checked(letters.len())?;
    let is_there = found.eq_ignore_ascii_case(letters)
        && (hint != LAST_IN_NAME || behind.first().is_some_and(|&byte| may_follow_name(byte)));
    is_there.then_some(hint)
}

/// Whether this may stand behind `pw` in the name of a secret, or behind such a name.
const fn may_follow_name(byte: u8) -> bool {
    byte.is_ascii_digit()
        || matches!(
            byte,
            b'=' | b':'
                | b'"'
                | b'\''
                | b'`'
                | b' '
                | b'\t'
                | b'\\'
                | b'%'
                | b'&'
                | b'<'
                | b'>'
                | b'['
                | b']'
                | b'('
                | b')'
        )
}

/// Whether a text may have a hint that tells a secret: a URL has none without an `@`, or `%2F%2F`
/// where it is encoded. Looks at every second place only, for one of [`PAIRS`]: to look at each took 5 % of `zalog parse`.
#[inline]
pub(super) fn may_name_secret(text: &str) -> bool {
    let (pairs, _) = text.as_bytes().as_chunks();
    pairs.iter().copied().any(is_told) || text.as_bytes().last_chunk().copied().is_some_and(is_told)
}

#[inline]
fn is_told([a, b]: [u8; 2]) -> bool {
    let pair = usize::from(a) << 8 | usize::from(b);
    TOLD_BY_PAIR[pair / 64] >> (pair % 64) & 1 != 0
}

/// How many letters of a hint stand before one of its [`PAIRS`] at most.
const LAST_PAIR: usize = 3;

/// For each of [`HINTS`] two pairs of its letters: the first an even number of letters
/// from its start, the second an odd one. Wherever a hint stands, one of both is at an even place
/// of the text, or the second letter of `pw` with what follows it. They are the rarest there are.
const PAIRS: [[&[u8; 2]; 2]; HINTS.len()] = [
    [b"ss", b"as"],
    [b"pw", b"wd"],
    [b"cr", b"ec"],
    [b"ke", b"ok"],
    [b"ke", b"ey"],
    [b"au", b"ut"],
    [b"cr", b"re"],
    [b"ok", b"ki"],
    [b"jw", b"wt"],
    [b"pw", b"w="],
    [b"be", b"ea"],
    [b"ba", b"ic"],
];

/// A bit for each pair of bytes: whether it is one of [`PAIRS`] in any case, a `w` at the end of a name,
/// has an `@`, or is a part of `%2F%2F`, one `%2` of which is at an even place.
static TOLD_BY_PAIR: [u64; 1 << 10] = {
    let mut told = [0; 1 << 10];
    let mut nth = 0;
    while nth < 2 * PAIRS.len() {
        let [a, b] = *PAIRS[nth / 2][nth % 2];
        let mut case = 0;
        while case < 4 {
            let a = if case % 2 == 0 {
                a
            } else {
                a.to_ascii_uppercase()
            };
            let b = if case / 2 == 0 {
                b
            } else {
                b.to_ascii_uppercase()
            };
            let pair = (a as usize) << 8 | b as usize;
            told[pair / 64] |= 1 << (pair % 64);
            case += 1;
        }
        nth += 1;
    }
    let encoded = (b'%' as usize) << 8 | b'2' as usize;
    told[encoded / 64] |= 1 << (encoded % 64);
    let mut other = 0;
    while other < 256 {
        let (first, second) = ((b'@' as usize) << 8 | other, other << 8 | b'@' as usize);
        told[first / 64] |= 1 << (first % 64);
        told[second / 64] |= 1 << (second % 64);
        #[expect(clippy::cast_possible_truncation, reason = "it is less than 256")]
        if may_follow_name(other as u8) {
            let (lower, upper) = ((b'w' as usize) << 8 | other, (b'W' as usize) << 8 | other);
            told[lower / 64] |= 1 << (lower % 64);
            told[upper / 64] |= 1 << (upper % 64);
        }
        other += 1;
    }
    told
};

/// Returns which of the hints have these as their first letters, a bit for each.
#[inline]
fn start(a: u8, b: u8, c: u8) -> u16 {
    let [firsts, seconds, thirds, _] = &STARTS;
    firsts[usize::from(a)] & seconds[usize::from(b)] & thirds[usize::from(c)]
}

/// How many letters of a hint are looked at first.
const START: usize = 4;

/// Which hints have a byte as their first, second, third or fourth letter, a bit for each. Shorter
/// hints have any behind their last.
static STARTS: [[u16; 256]; START] = {
    let mut starts = [[0; 256]; START];
    let mut nth = 0;
    while nth < HINTS.len() {
        let hint = HINTS[nth].as_bytes();
        let mut at = 0;
        while at < START {
            if at < hint.len() {
                starts[at][hint[at] as usize] |= 1 << nth;
                starts[at][hint[at].to_ascii_uppercase() as usize] |= 1 << nth;
            } else {
                let mut other = 0;
                while other < 256 {
                    starts[at][other] |= 1 << nth;
                    other += 1;
                }
            }
            at += 1;
        }
        nth += 1;
    }
    starts
};

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
    use proptest::prelude::*;

    use super::*;

    /// The plain way to find hints.
    static AUTOMATON: LazyLock<AhoCorasick> = LazyLock::new(|| {
        AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .kind(Some(AhoCorasickKind::DFA))
            .match_kind(MatchKind::LeftmostFirst)
            .build(HINTS)
            .expect("the hints are fixed and few")
    });

    /// A hint with some letters in upper case.
    fn in_cases(hint: &str, cases: u16) -> String {
        let in_case = |(at, letter): (usize, char)| match cases >> at & 1 {
            0 => letter,
            _ => letter.to_ascii_uppercase(),
        };
        hint.chars().enumerate().map(in_case).collect()
    }

    #[test]
    fn usual_names_have_no_pair_of_a_hint() {
        for name in ["is_active", "cluster_id", "hostname", "x", ""] {
            assert!(!may_name_secret(name), "{name}");
        }
    }

    proptest! {
        #[test]
        fn hints_are_found_as_by_the_automaton(
            parts in prop::collection::vec(
                (0..HINTS.len(), 0..4_usize, any::<u16>(), "[a-zA-Z@/: \u{17c}-]{0,3}"),
                0..9,
            ),
        ) {
            let mut text = "=".to_owned();
            for (nth, left_out, cases, between) in parts {
                let hint = in_cases(&HINTS[nth][left_out.saturating_sub(1).min(2)..], cases);
                text += &hint;
                text += &between;
            }
            let ends_name = |hint: &aho_corasick::Match| {
                let behind = text.as_bytes().get(hint.end());
                hint.pattern().as_usize() != LAST_IN_NAME
                    || behind.is_some_and(|&byte| may_follow_name(byte))
            };
            let found: Vec<_> = AUTOMATON.find_iter(&text).filter(ends_name).collect();
            let has = |nth: usize| found.iter().any(|hint| hint.pattern().as_usize() == nth);
            let names = found.iter().filter(|hint| hint.pattern().as_usize() < NAMES);
            let names: Vec<_> = names.map(aho_corasick::Match::range).collect();
            let hints = Hints::find(&text);
            prop_assert_eq!(hints.names, names, "{}", text);
            prop_assert_eq!((hints.bearer, hints.basic), (has(10), has(11)), "{}", text);
            prop_assert_eq!(hints.url, text.contains('@'), "{}", text);
        }

        #[test]
        fn pairs_tell_all_that_tells_secrets(
            before in "[ -~]{0,9}",
            nth in 0..=HINTS.len(),
            cases in any::<u16>(),
            after in "[ -~]{0,9}",
        ) {
            prop_assume!(
                nth != LAST_IN_NAME || after.bytes().next().is_none_or(may_follow_name)
            );
            let hint = in_cases(HINTS.get(nth).unwrap_or(&"%2F%2F"), cases);
            let text = format!("{before}{hint}{after}");
            prop_assert!(may_name_secret(&text), "{text}");
        }
    }
}
