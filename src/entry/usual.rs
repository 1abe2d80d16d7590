//! Reads the header that nearly all records have, eight bytes at a time.
//!
//! The grammar is in `header`: what is read here it reads too, and to the same end, but with three
//! times the instructions. What is not read here is left to it.

use std::ops::Range;

use super::asctime::Asctime;
use super::header::{Context, Header, LONGEST_NAME};

const DASH: &[u8; 3] = b" - ";

/// Reads a header with the dash behind it, if its level is `INFO`, without colours, and its fields
/// hold no spaces.
#[inline]
pub(super) fn usual_header(text: &str) -> Option<(&str, Header<'_>)> {
    const LEVEL: Range<usize> = 26..30;

    let bytes = text.as_bytes();
    let asctime = Asctime::at_start_of(bytes)?;
    if bytes.get(Asctime::LENGTH..LEVEL.end + DASH.len()) != Some(b" - INFO - ") {
        return None;
    }
    let (process, colon) = number(bytes, LEVEL.end + DASH.len())?;
    let thread_name = field(bytes, colon + 1)?;
    if thread_name.len() > LONGEST_NAME {
        return None;
    }
    let first = field(bytes, thread_name.end + DASH.len())?;
    let second = word(bytes, first.end + DASH.len())?;
    let (context, origin) = if is_dash(bytes, second.end) {
        let origin = field(bytes, second.end + DASH.len())?;
        let (service, cid) = (text.get(first)?, text.get(second)?);
        (Some(Context { service, cid }), origin)
    } else {
        (None, first)
    };
    let lineno_at = lineno_at(&bytes[origin.clone()])? + origin.start;
    let (lineno, end) = number(bytes, lineno_at)?;
    if bytes[colon] != b':' || end != origin.end {
        return None;
    }
    let header = Header {
        asctime,
        level: text.get(LEVEL)?,
        process,
        thread_name: text.get(thread_name)?,
        context,
        logger: text.get(origin.start..lineno_at - 1)?,
        lineno,
    };
    Some((text.get(end + DASH.len()..)?, header))
}

/// Where a word at `at` stands that a dash follows.
fn field(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    word(bytes, at).filter(|word| is_dash(bytes, word.end))
}

/// Where a word at `at` stands, up to a space; `None` if it is empty, or if a byte follows that is
/// no space and yet less than one.
fn word(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = ONES << 7;

    let mut end = at;
    loop {
        let eight = u64::from_le_bytes(*bytes.get(end..)?.first_chunk()?);
        // Sets the high bit of the first byte that is a space or less, if there is one; what is
        // borrowed there can only set others behind it.
        let up_to_space = eight.wrapping_sub(ONES * (u64::from(b' ') + 1)) & !eight & HIGH;
        if up_to_space != 0 {
            end += up_to_space.trailing_zeros() as usize / 8;
            let is_word = end > at && bytes.get(end) == Some(&b' ');
            return is_word.then_some(at..end);
        }
        end += 8;
    }
}

fn is_dash(bytes: &[u8], at: usize) -> bool {
    bytes.get(at..at + DASH.len()) == Some(DASH)
}

/// A number at `at`, and where it ends: no more digits than surely fit into 32 bits.
fn number(bytes: &[u8], at: usize) -> Option<(u32, usize)> {
    const MOST_DIGITS: usize = 9;

    let mut number = 0;
    let mut end = at;
    while let Some(digit @ b'0'..=b'9') = bytes.get(end)
        && end - at < MOST_DIGITS
    {
        number = number * 10 + u32::from(digit - b'0');
        end += 1;
    }
    (end > at).then_some((number, end))
}

/// Where in `LOGGER:LINENO` the number stands, if there is a logger.
fn lineno_at(origin: &[u8]) -> Option<usize> {
    let colon = origin.iter().rposition(|byte| *byte == b':')?;
    (colon > 0).then_some(colon + 1)
}
