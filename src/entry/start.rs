//! Reads a record up to its payload.

use nom::Parser;
use nom::bytes::complete::tag;
use nom::sequence::terminated;

use super::framing::skip_byte_order_mark;
use super::header::{Header, header, level};
use super::wording::{Opened, opening};

/// How many bytes of a record may stand before its payload. What is longer is no call of Zato's.
pub const LONGEST_START: usize = 4096;

/// What nearly all records need: checking 4 KiB of each to be UTF-8 would double the time that
/// `zalog stats` takes.
const USUAL_START: usize = 256;

/// Returns the header of a call's record, and the service that is called.
#[must_use]
pub fn called(record: &[u8]) -> Option<(Option<Header<'_>>, &str)> {
    let at = skip_byte_order_mark(record, 0);
    let Start { header, call, .. } = Start::read(record, at)?;
    call.map(|(opened, _)| (header, opened.service))
}

/// What stands before a payload, or before another message.
#[derive(Clone, Copy)]
pub(super) struct Start<'a> {
    /// The `documented` wording has none.
    pub(super) header: Option<Header<'a>>,
    /// Where the message starts.
    pub(super) message_at: usize,
    /// The message up to its payload, and where that starts, if this is a call.
    pub(super) call: Option<(Opened<'a>, usize)>,
}

impl<'a> Start<'a> {
    /// Reads the record that starts at `at`; `None` if none does.
    pub(super) fn read(log: &'a [u8], at: usize) -> Option<Self> {
        let usual = Self::in_text(text_at(log, at, USUAL_START), at);
        match usual {
            Some(Self { call: Some(_), .. }) => usual,
            _ if log.len() - at > USUAL_START => Self::in_text(text_at(log, at, LONGEST_START), at),
            _ => usual,
        }
    }

    fn in_text(text: &'a str, at: usize) -> Option<Self> {
        let (message, header) = match header(text) {
            Ok((message, header)) => (message, Some(header)),
            Err(_) => (documented(text)?, None),
        };
        let context_cid = header
            .and_then(|header| header.context)
            .map(|context| context.cid);
        let opened = opening(message, header.is_some(), context_cid).ok();
        let place = |rest: &str| at + text.len() - rest.len();
        Some(Self {
            header,
            message_at: place(message),
            call: opened.map(|(rest, opened)| (opened, place(rest))),
        })
    }
}

/// What stands behind `INFO - ` in the `documented` wording, which has no other header.
fn documented(text: &str) -> Option<&str> {
    let is_level = text.as_bytes().first().is_some_and(u8::is_ascii_uppercase);
    let (message, _) = terminated(level, tag(" - "))
        .parse(text)
        .ok()
        .filter(|_| is_level)?;
    message.starts_with("name:`").then_some(message)
}

/// Whether a record in the `documented` wording starts here.
pub(super) fn starts_documented(input: &[u8]) -> bool {
    const LONGEST: usize = 64;
    input.first().is_some_and(u8::is_ascii_uppercase)
        && documented(text_at(input, 0, LONGEST)).is_some()
}

/// The text at `at`, as far as it is text: `longest` bytes at the most.
fn text_at(log: &[u8], at: usize, longest: usize) -> &str {
    let bytes = &log[at..log.len().min(at + longest)];
    match simdutf8::basic::from_utf8(bytes) {
        Ok(text) => text,
        Err(_) => bytes.utf8_chunks().next().map_or("", |chunk| chunk.valid()),
    }
}
