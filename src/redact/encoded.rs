//! Looks for secrets in the base64 that stands inside text.

use std::borrow::Cow;
use std::ops::Range;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};

use super::MASK;
use super::hints::Hints;
use super::text::mask_to_depth;
use crate::pyrepr::bytes_to_text;

/// Base64 inside base64 is looked into this often; what is deeper is masked whole.
pub(super) const MAX_BASE64_DEPTH: usize = 3;

/// The shortest base64 that is looked into, in bytes: a shorter one stands for nine bytes at most,
/// which hardly hold a name and a secret.
pub(super) const SHORTEST_BASE64: usize = 16;

/// What is left of [`SHORTEST_BASE64`] without padding.
const FEWEST_DIGITS: usize = SHORTEST_BASE64 - 2;

/// Base64 with its padding or without, or what there is of it where a log breaks off.
const ANY_END: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// What each byte counts as a digit: of the usual alphabet or of that for URLs.
static DIGITS: [u8; 256] = digits();

/// Stands in [`DIGITS`] for bytes that are none.
const NO_DIGIT: u8 = u8::MAX;

const fn digits() -> [u8; 256] {
    let alphabets = [
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
    ];
    let mut digits = [NO_DIGIT; 256];
    let mut value = 0;
    while value < 64 {
        digits[alphabets[0][value as usize] as usize] = value;
        digits[alphabets[1][value as usize] as usize] = value;
        value += 1;
    }
    digits
}

/// Finds base64 that holds secrets, with what may stand in its place. Base64 is looked into to this
/// `depth`.
pub(super) fn secrets_in_base64(
    text: &str,
    depth: usize,
) -> impl Iterator<Item = (Range<usize>, String)> {
    let mut at = 0;
    let runs = std::iter::from_fn(move || {
        let run = next_run(text.as_bytes(), at)?;
        at = run.end;
        Some(run)
    });
    runs.filter_map(move |run| {
        if run.len() < SHORTEST_BASE64 || !may_start_like_text(&text[run.clone()]) {
            return None;
        }
        let base64 = standard_alphabet(&text.as_bytes()[run.clone()]);
        if !starts_like_text(&base64) {
            return None;
        }
        // A digit alone is less than a byte.
        let whole = base64.len() - usize::from(base64.len() % 4 == 1);
        let decoded = ANY_END.decode(&base64[..whole]).ok()?;
        let text = bytes_to_text(&decoded);
        let masked = depth
            .checked_sub(1)
            .map(|depth| mask_to_depth(&text, &Hints::find(&text), depth));
        let mask = match (masked, std::str::from_utf8(&decoded)) {
            (Some(None), _) => return None,
            (Some(Some(masked)), Ok(_)) => STANDARD.encode(masked),
            // Too deep to look into, or in an encoding that is only guessed.
            (None, _) | (Some(Some(_)), Err(_)) => MASK.to_owned(),
        };
        Some((run, mask))
    })
}

/// Whether there is anything in a text that is as long as base64 that is looked into.
#[inline]
pub(super) fn may_hold_base64(text: &str) -> bool {
    text.len() >= SHORTEST_BASE64 && next_run(text.as_bytes(), 0).is_some()
}

fn is_digit(byte: u8) -> bool {
    DIGITS[usize::from(byte)] != NO_DIGIT
}

/// The next run of digits that is long enough, with its padding and with the line breaks that
/// Python 2 puts behind each 76 digits. `from` is no place inside a run.
fn next_run(bytes: &[u8], from: usize) -> Option<Range<usize>> {
    let mut start = from;
    // No run that is long enough starts before a byte that is no digit: looking for one from the
    // end passes over most of the text.
    while let Some(other) = bytes
        .get(start..start + FEWEST_DIGITS)?
        .iter()
        .rposition(|&byte| !is_digit(byte))
    {
        start += other + 1;
    }
    let count = |from: usize| {
        bytes[from..]
            .iter()
            .take_while(|&&byte| is_digit(byte))
            .count()
    };
    let mut end = start;
    loop {
        let line = count(end);
        end += line;
        let goes_on = line == 76 && bytes[end..].first() == Some(&b'\n');
        if !goes_on || !bytes.get(end + 1).is_some_and(|&byte| is_digit(byte)) {
            break;
        }
        end += 1;
    }
    let padding = bytes[end..]
        .iter()
        .take(2)
        .take_while(|&&byte| byte == b'=');
    Some(start..end + padding.count())
}

/// Base64 without line breaks, in the alphabet that most write.
fn standard_alphabet(base64: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr3(b'-', b'_', b'\n', base64).is_none() {
        return Cow::Borrowed(base64);
    }
    let mut digits = base64.to_vec();
    digits.retain(|&digit| digit != b'\n');
    for digit in &mut digits {
        match digit {
            b'-' => *digit = b'+',
            b'_' => *digit = b'/',
            _ => {}
        }
    }
    Cow::Owned(digits)
}

/// Whether the first bytes of what may be base64 are text: words and paths, which fit the alphabet
/// too, mostly give control characters.
fn starts_like_text(base64: &[u8]) -> bool {
    let mut start = [0; SHORTEST_BASE64 / 4 * 3];
    let decoded = base64
        .get(..SHORTEST_BASE64)
        .map(|digits| STANDARD.decode_slice(digits, &mut start));
    matches!(decoded, Some(Ok(length)) if start[..length].iter().copied().all(is_text))
}

/// [`starts_like_text`] for fewer digits, in any alphabet. It sorts out most words, in a tenth of
/// the time.
fn may_start_like_text(run: &str) -> bool {
    let (groups, _) = run.as_bytes()[..FEWEST_DIGITS].as_chunks::<4>();
    groups.iter().all(|group| {
        let [a, b, c, d] = group.map(|digit| u32::from(DIGITS[usize::from(digit)]));
        let [_, bytes @ ..] = (a << 18 | b << 12 | c << 6 | d).to_be_bytes();
        bytes.into_iter().all(is_text)
    })
}

fn is_text(byte: u8) -> bool {
    byte >= 0x20 || matches!(byte, b'\n' | b'\r' | b'\t')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The plain way to find what [`next_run`] finds.
    fn runs_one_by_one(bytes: &[u8]) -> Vec<Range<usize>> {
        let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/-_".contains(byte);
        let mut runs = Vec::new();
        let mut at = 0;
        while let Some(start) = bytes[at..].iter().position(is_digit) {
            let start = at + start;
            at = start;
            loop {
                let line = bytes[at..].iter().take_while(|byte| is_digit(byte)).count();
                at += line;
                let goes_on = line == 76 && bytes.get(at) == Some(&b'\n');
                if !goes_on || !bytes.get(at + 1).is_some_and(is_digit) {
                    break;
                }
                at += 1;
            }
            for _ in 0..2 {
                at += usize::from(bytes.get(at) == Some(&b'='));
            }
            runs.push(start..at);
        }
        runs
    }

    #[track_caller]
    fn finds_the_same_runs(text: &str) {
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(run) = next_run(text.as_bytes(), at) {
            at = run.end;
            found.push(run);
        }
        let is_long = |run: &Range<usize>| run.len() >= SHORTEST_BASE64;
        found.retain(is_long);
        let mut expected = runs_one_by_one(text.as_bytes());
        expected.retain(is_long);
        assert_eq!(found, expected, "{text}");
        for run in found {
            let run = &text[run];
            assert!(
                may_start_like_text(run) || !starts_like_text(&standard_alphabet(run.as_bytes())),
                "{run}"
            );
        }
    }

    #[test]
    fn what_decodes_to_control_characters_does_not_start_like_text() {
        for run in ["GetListOfServices", "use_shared_reply"] {
            assert!(!may_start_like_text(run), "{run}");
        }
        for run in ["/opt/zato/env/server1", "use_shared_reply"] {
            assert!(
                !starts_like_text(&standard_alphabet(run.as_bytes())),
                "{run}"
            );
        }
        assert!(may_start_like_text("dG9rZW49YWJjZGVm"));
        assert!(starts_like_text(b"dG9rZW49YWJjZGVm"));
    }

    proptest! {
        #[test]
        fn runs_are_found_as_if_looked_for_one_by_one(
            parts in prop::collection::vec(
                ("[A-Za-z0-9+/_-]{0,20}|[a-z]{76}|[QWZY][A-Za-z0-9]{15,24}", "[ =.\n\u{17c}]{0,3}"),
                0..6,
            ),
        ) {
            let text: String = parts.into_iter().flat_map(|(digits, rest)| [digits, rest]).collect();
            finds_the_same_runs(&text);
        }
    }
}
