//! Tells whether letters of a payload may not stand in its bytes as such.

use memchr::memchr2_iter;

/// What calls start with of which text or numbers are made: `datetime.datetime(2018, 11, 11)`.
const CALLS: [&[u8]; 2] = [b"date", b"time"];

/// The longest name of such a call, in bytes: `timedelta`, `datetime`.
const LONGEST_NAME: usize = 16;

/// Whether something in a payload's bytes may stand for ASCII that is not there: an escape of a
/// letter, a digit or of `-_.:` (`\x41`, `\u0041`, `\101`), or a call of which text or a number is
/// made.
pub(super) fn is_disguised(payload: &[u8]) -> bool {
    // A regular expression takes ten times as long where there are many backslashes.
    memchr2_iter(b'\\', b'(', payload).any(|at| {
        if payload[at] == b'(' {
            return is_call(&payload[at.saturating_sub(LONGEST_NAME)..at]);
        }
        let code = match &payload[at + 1..] {
            [b'0'..=b'7', ..] => return true,
            [b'x', code @ ..] => code,
            [b'u', code @ ..] => code.strip_prefix(b"00").unwrap_or_default(),
            [b'U', code @ ..] => code.strip_prefix(b"000000").unwrap_or_default(),
            _ => return false,
        };
        let digit = |at: usize| char::from(*code.get(at)?).to_digit(16);
        let byte = digit(0).zip(digit(1)).map(|(high, low)| high << 4 | low);
        byte.and_then(char::from_u32)
            .is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':'))
    })
}

/// Whether a call's name may be one of those, by what stands before its parenthesis.
fn is_call(before: &[u8]) -> bool {
    let name = before.iter().rposition(|byte| !byte.is_ascii_lowercase());
    let name = &before[name.map_or(0, |before_name| before_name + 1)..];
    CALLS
        .iter()
        .any(|call| name.windows(call.len()).any(|part| part == *call))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_of_ascii_and_calls_are_disguises() {
        for payload in [
            r"\x41",
            r"a\u0041",
            r"\U00000041",
            r"\\u005f",
            r"\u002d",
            r"\101",
            r"\0",
            r"\x7a",
            "datetime.datetime(2018, 1, 2)",
            "timedelta(1)",
            "[date(2018, 1, 2)]",
        ] {
            assert!(is_disguised(payload.as_bytes()), "{payload}");
        }
        for payload in [
            "",
            r"\",
            r"\n",
            r"\u00fc",
            r"\xfc",
            r"\u0020",
            r"\u",
            r"\u00",
            r"\x4",
            r"\U0001f600",
            "f(x)",
            "Decimal('1')",
            "(1, 2)",
            "date",
            r#"\"time\""#,
            "x41",
            "my date (x)",
        ] {
            assert!(!is_disguised(payload.as_bytes()), "{payload}");
        }
    }
}
