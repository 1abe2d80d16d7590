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
        if run.len() < SHORTEST_BASE64 {
            return None;
        }
        if let Some(token) = fernet_token(text, &run) {
            return Some((token, MASK.to_owned()));
        }
        let mut starts = starts(&text.as_bytes()[run.clone()]).take(MOST_STARTS);
        starts.find_map(|start| secret_in(text, run.start + start..run.end, depth))
    })
}

/// The shortest token of Fernet, in digits.
const SHORTEST_FERNET: usize = 100;

/// What Fernet has encrypted, as Zato does with sessions of its SSO: version 128 and a time in 64 bits
/// come first.
fn fernet_token(text: &str, run: &Range<usize>) -> Option<Range<usize>> {
    if run.len() < SHORTEST_FERNET {
        return None;
    }
    let start = run.start + text[run.clone()].find("gAAAAA")?;
    (run.end - start >= SHORTEST_FERNET).then_some(start..run.end)
}

/// At how many places of a run base64 may start that are looked at.
const MOST_STARTS: usize = 4;

/// Where base64 may start in a run of digits: with it; behind what only looks like digits, such as a
/// path; and, where a log has lost what stood before or an escape such as `\n` did, a digit or two
/// later.
fn starts(run: &[u8]) -> impl Iterator<Item = usize> {
    let is_prefix = |at: usize| at < 4 || matches!(run[at - 1], b'/' | b'-' | b'_' | b'+');
    let others = 1..run.len().saturating_sub(FEWEST_DIGITS);
    let others = others.filter(move |&at| is_prefix(at) && starts_like(&run[at..], is_ascii_text));
    starts_like(run, is_text)
        .then_some(0)
        .into_iter()
        .chain(others)
}

/// The base64 that this run of digits is, if there is a secret in it.
fn secret_in(text: &str, run: Range<usize>, depth: usize) -> Option<(Range<usize>, String)> {
    let decoded = decoded(&text.as_bytes()[run.clone()])?;
    let inside = bytes_to_text(&decoded);
    let is_header = inside.starts_with("{\"") && inside.contains("\"alg\"");
    if let Some(token) = signed_token(text, &run).filter(|_| is_header) {
        return Some(token);
    }
    let masked = depth
        .checked_sub(1)
        .map(|depth| mask_to_depth(&inside, &Hints::find(&inside), depth));
    let mask = match (masked, std::str::from_utf8(&decoded)) {
        (Some(None), _) => return None,
        (Some(Some(masked)), Ok(_)) => STANDARD.encode(masked),
        // Too deep to look into, or in an encoding that is only guessed.
        (None, _) | (Some(Some(_)), Err(_)) => MASK.to_owned(),
    };
    Some((run, mask))
}

/// The JSON Web Token that starts with this header: whoever has it is let in.
fn signed_token(text: &str, header: &Range<usize>) -> Option<(Range<usize>, String)> {
    let mut end = header.end;
    for _ in 0..MOST_TOKEN_PARTS {
        let Some(part) = text[end..].strip_prefix('.') else {
            break;
        };
        let digits = part.bytes().take_while(|&byte| is_digit(byte));
        end += 1 + digits.count();
    }
    (end > header.end + 1).then(|| (header.start..end, MASK.to_owned()))
}

/// How many parts a token has behind its header: one that is signed has two (RFC 7515), one that is
/// encrypted four (RFC 7516).
const MOST_TOKEN_PARTS: usize = 4;

/// What base64 in any alphabet stands for, or as much of it as there is.
pub(super) fn decoded(base64: &[u8]) -> Option<Vec<u8>> {
    let digits = standard_alphabet(base64);
    // A digit alone is less than a byte.
    let whole = digits.len() - usize::from(digits.len() % 4 == 1);
    ANY_END.decode(&digits[..whole]).ok()
}

/// Whether there is anything in a text that is as long as base64 that is looked into.
#[inline]
pub(super) fn may_hold_base64(text: &str) -> bool {
    text.len() >= SHORTEST_BASE64 && next_run(text.as_bytes(), 0).is_some()
}

fn is_digit(byte: u8) -> bool {
    DIGITS[usize::from(byte)] != NO_DIGIT
}

/// The next run of digits that is long enough, with its padding and with the line breaks that stand
/// behind each 60 to 76 digits. `from` is no place inside a run.
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
    let mut end = start;
    loop {
        let rest = &bytes[end..];
        let line = rest.iter().take_while(|&&byte| is_digit(byte)).count();
        end += line;
        let space = line_break(&bytes[end..]);
        let goes_on = line >= SHORTEST_LINE && space > 0;
        if !goes_on || !bytes.get(end + space).is_some_and(|&byte| is_digit(byte)) {
            break;
        }
        end += space;
    }
    let padding = bytes[end..]
        .iter()
        .take(2)
        .take_while(|&&byte| byte == b'=');
    Some(start..end + padding.count())
}

/// The shortest line of base64 that goes on in the next: PEM has 64 digits in one, Python and MIME 76.
const SHORTEST_LINE: usize = 60;

/// How long the line break is that stands first, with the indentation behind it; 0 if none does. In a
/// literal it is escaped.
fn line_break(bytes: &[u8]) -> usize {
    let escape = |bytes: &[u8], raw: u8, letter: u8| match bytes {
        [first, ..] if *first == raw => 1,
        [b'\\', ..] => {
            let backslashes = bytes.iter().take_while(|&&byte| byte == b'\\').count();
            if bytes.get(backslashes) == Some(&letter) {
                backslashes + 1
            } else {
                0
            }
        }
        _ => 0,
    };
    let carriage_return = escape(bytes, b'\r', b'r');
    let newline = escape(&bytes[carriage_return..], b'\n', b'n');
    if newline == 0 {
        return 0;
    }
    let end = carriage_return + newline;
    let is_space = |byte: &&u8| matches!(byte, b' ' | b'\t');
    end + bytes[end..].iter().take_while(is_space).count()
}

/// Base64 without line breaks, in the alphabet that most write.
fn standard_alphabet(base64: &[u8]) -> Cow<'_, [u8]> {
    let is_usual = |&byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    if base64.iter().all(is_usual) {
        return Cow::Borrowed(base64);
    }
    let mut digits = Vec::with_capacity(base64.len());
    let mut at = 0;
    while let Some(&byte) = base64.get(at) {
        match byte {
            b'-' => digits.push(b'+'),
            b'_' => digits.push(b'/'),
            b'=' => digits.push(byte),
            _ if is_digit(byte) => digits.push(byte),
            _ => at += line_break(&base64[at..]).saturating_sub(1),
        }
        at += 1;
    }
    Cow::Owned(digits)
}

/// Whether the first digits of what may be base64 stand for such bytes. Words and paths, which fit the
/// alphabet too, mostly give control characters.
fn starts_like(run: &[u8], is_text: fn(u8) -> bool) -> bool {
    let (groups, _) = run[..run.len().min(SHORTEST_BASE64)].as_chunks::<4>();
    let groups = groups
        .iter()
        .take_while(|group| group.iter().all(|&digit| is_digit(digit)));
    groups
        .map(|group| bytes_of(*group))
        .all(|bytes| bytes.into_iter().all(is_text))
}

/// The bytes that four digits stand for.
fn bytes_of(digits: [u8; 4]) -> [u8; 3] {
    let [a, b, c, d] = digits.map(|digit| u32::from(DIGITS[usize::from(digit)]));
    let [_, bytes @ ..] = (a << 18 | b << 12 | c << 6 | d).to_be_bytes();
    bytes
}

fn is_text(byte: u8) -> bool {
    byte >= 0x20 || matches!(byte, b'\n' | b'\r' | b'\t')
}

fn is_ascii_text(byte: u8) -> bool {
    byte < 0x7f && is_text(byte)
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;
    use regex::Regex;

    use super::*;

    static LINE_BREAK: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"^(?:\r|\\+r)?(?:\n|\\+n)[ \t]*").unwrap());

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
                let rest = std::str::from_utf8(&bytes[at..]).unwrap();
                let space = LINE_BREAK.find(rest).map_or(0, |space| space.len());
                let goes_on = bytes.get(at + space).is_some_and(is_digit);
                if space == 0 || line < 60 || !goes_on {
                    break;
                }
                at += space;
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
    }

    #[test]
    fn what_decodes_to_control_characters_does_not_start_like_text() {
        for run in ["GetListOfServices", "use_shared_reply"] {
            assert!(!starts_like(run.as_bytes(), is_text), "{run}");
        }
        assert!(starts_like(b"dG9rZW49YWJjZGVm", is_text));
        assert!(starts_like(b"dG9rZW49YWJjZGVm", is_ascii_text));
        // Latin-1.
        assert!(starts_like(b"6W5hbWU9eCwgdG9r", is_text));
        assert!(!starts_like(b"6W5hbWU9eCwgdG9r", is_ascii_text));
    }

    #[test]
    fn base64_may_start_behind_what_looks_like_it() {
        let starts_of = |run: &str| starts(run.as_bytes()).collect::<Vec<_>>();
        let base64 = "eyJwYXNzd29yZCI6ICJodW50ZXIxMjMifQ";
        assert_eq!(starts_of(base64)[0], 0);
        for prefix in ["n", "v2", "state-", "/opt/x/", "%2F"] {
            let at = prefix.trim_start_matches('%').len();
            let run = format!("{}{base64}", prefix.trim_start_matches('%'));
            assert!(starts_of(&run).contains(&at), "{prefix}");
            assert!(starts_of(&run).len() < 4, "{prefix}");
        }
    }

    proptest! {
        #[test]
        fn runs_are_found_as_if_looked_for_one_by_one(
            parts in prop::collection::vec(
                (
                    "[A-Za-z0-9+/_-]{0,20}|[a-z]{76}|[a-z]{59,64}|[QWZY][A-Za-z0-9]{15,24}",
                    "[ =.\n\u{17c}]{0,3}|\r\n|\n  |\\\\n|\\\\\\\\r\\\\\\\\n",
                ),
                0..6,
            ),
        ) {
            let text: String = parts.into_iter().flat_map(|(digits, rest)| [digits, rest]).collect();
            finds_the_same_runs(&text);
        }
    }
}
