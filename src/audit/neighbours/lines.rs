//! Cuts a neighbouring log into records: a line that starts with a time starts one, and so does
//! each line of an access log that has no times at its start.

use memchr::{memchr, memmem};

use crate::entry::Asctime;

/// A record of a neighbouring log.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record<'a> {
    /// Its first line, from 1.
    pub(super) line: u64,
    /// When it was written, if it says so at its start.
    pub(super) asctime: Option<Asctime>,
    /// What stands behind its header: all of it, where there is no header.
    pub(super) message: &'a str,
}

/// A longer record is cut: no more of a traceback is looked at.
const LONGEST: usize = 1 << 16;

/// Returns the records of a log.
pub(super) fn records(log: &[u8]) -> impl Iterator<Item = Record<'_>> {
    let (mut at, mut line) = (0, 1);
    std::iter::from_fn(move || {
        let start = at;
        if start >= log.len() {
            return None;
        }
        let first_line = line;
        let asctime = Asctime::at_start_of(&log[start..]);
        loop {
            at = memchr(b'\n', &log[at..]).map_or(log.len(), |end| at + end + 1);
            line += 1;
            let is_next = asctime.is_none() || Asctime::at_start_of(&log[at..]).is_some();
            if at >= log.len() || is_next {
                break;
            }
        }
        Some(Record {
            line: first_line,
            asctime,
            message: message(&log[start..at]),
        })
    })
}

/// What stands behind the header, as text up to the first byte that is none.
fn message(record: &[u8]) -> &str {
    let record = &record[..record.len().min(LONGEST)];
    let text = match std::str::from_utf8(record) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&record[..error.valid_up_to()]).unwrap_or_default(),
    };
    if Asctime::at_start_of(record).is_none() {
        return text;
    }
    // `ASCTIME - LEVEL - PID:THREAD - [SERVICE - CID - ]LOGGER:LINENO - MESSAGE`, and no dash
    // stands between spaces in the parts before the message, but in those of 4.1.
    let first_line = text.lines().next().unwrap_or_default();
    let mut behind = 0;
    for nth in 0..6 {
        let Some(dash) = memmem::find(&first_line.as_bytes()[behind..], b" - ") else {
            break;
        };
        let part = &first_line[behind..behind + dash];
        behind += dash + 3;
        if nth >= 3 && is_origin(part) {
            return text.get(behind..).unwrap_or_default();
        }
    }
    text
}

/// `zato_rest:21`
fn is_origin(part: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    part.rsplit_once(':')
        .is_some_and(|(logger, line)| !logger.is_empty() && is_number(line))
}
