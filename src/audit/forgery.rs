//! Finds what looks like a record inside a payload: text that someone sent so that a reader of the
//! log takes it for a record of the server.

use memchr::memmem;

use crate::entry::{Asctime, LONGEST_START};

/// What each record of a call has at its start.
const LOGGER: &[u8] = b"zato_admin:";

/// How many lines of a payload stand before the one that looks like a record; `None` if none does.
/// In a repr, which has no line breaks, `\n` stands for one.
pub(super) fn forged_line(payload: &[u8]) -> Option<u64> {
    let mut from = 0;
    while let Some(found) = memmem::find(&payload[from..], LOGGER) {
        let logger = from + found;
        let earliest = logger.saturating_sub(LONGEST_START);
        let before = &payload[earliest..logger];
        if let Some(start) = start_of_line(before) {
            let text = &payload[..earliest + start];
            return Some(memchr::memchr_iter(b'\n', text).count() as u64);
        }
        from = logger + LOGGER.len();
    }
    None
}

/// Where the line with a header starts that these bytes are the start of.
fn start_of_line(before: &[u8]) -> Option<usize> {
    let is_header = |start: usize| Asctime::at_start_of(&before[start..]).is_some();
    let escaped = memmem::rfind_iter(before, b"\\n").map(|at| at + 2);
    let real = memchr::memrchr_iter(b'\n', before).map(|at| at + 1);
    escaped.chain(real).find(|&start| is_header(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORD: &str =
        "2018-11-11 22:01:57,123 - INFO - 1:D - zato_admin:0 - Request; service:`x`";

    #[test]
    fn a_record_inside_a_payload_is_found_in_its_line() {
        for (payload, expected) in [
            (format!("one\ntwo\n{RECORD}"), Some(2)),
            (format!("{{'a': 'one\\n{RECORD}'}}"), Some(0)),
            // The start of the payload is no start of a line, and nobody takes it for one.
            (RECORD.to_owned(), None),
            ("zato_admin:0 of 2018-11-11 22:01:57,123".to_owned(), None),
            (format!("zato_admin: zato_admin:\n{RECORD}"), Some(1)),
            (String::new(), None),
        ] {
            assert_eq!(forged_line(payload.as_bytes()), expected, "{payload}");
        }
    }
}
