//! Finds what looks like a record inside a payload: text that someone sent so that a reader of the
//! log takes it for a record of the server.

use memchr::{memchr_iter, memmem};

use crate::entry::Asctime;

/// The level of each record of a call, behind its time. In `server.log` there may be a colour before
/// it.
const LEVEL: &[u8] = b"INFO";

/// What stands between a time and the level.
const DASH: &[u8] = b" - ";

/// How many bytes may stand between the dash and the level.
const LONGEST_COLOUR: usize = 16;

/// How many lines of a payload stand before the one that looks like a record; `None` if none does.
/// In a repr, which has no line breaks, `\n` stands for one.
pub(super) fn forged_line(payload: &[u8]) -> Option<u64> {
    let mut levels = memmem::find_iter(payload, LEVEL);
    let start = levels.find_map(|level| {
        let earliest = level.saturating_sub(DASH.len() + LONGEST_COLOUR);
        let dash = earliest + memmem::rfind(&payload[earliest..level], DASH)?;
        let start = dash.checked_sub(Asctime::LENGTH)?;
        let before = &payload[..start];
        let is_start = before.ends_with(b"\n") || before.ends_with(b"\\n");
        let is_record = is_start && Asctime::at_start_of(&payload[start..]).is_some();
        is_record.then_some(start)
    })?;
    Some(memchr_iter(b'\n', &payload[..start]).count() as u64)
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
            ("INFO of 2018-11-11 22:01:57,123 - x".to_owned(), None),
            (
                "\n2018-11-11 22:01:57,123 - \u{1b}[1;37mINFO\u{1b}[0m - x".to_owned(),
                Some(1),
            ),
            (format!("INFO - INFO\n{RECORD}"), Some(1)),
            (String::new(), None),
        ] {
            assert_eq!(forged_line(payload.as_bytes()), expected, "{payload}");
        }
    }
}
