//! What a reader of calls tells of each record besides.

use crate::entry::{Asctime, Content, Direction, Message, Record, Wording};

/// What a record is, and where it stands.
#[derive(Clone, Copy, Debug)]
pub struct RecordNote {
    /// What it is.
    pub kind: RecordKind,
    /// Its time, its process and the line of Zato's source that wrote it, if it has a header.
    pub header: Option<(Asctime, u32, u32)>,
    /// Of a call, which side of it this is, and how it is worded.
    pub call: Option<(Direction, Wording)>,
    /// Where it starts in its file, in bytes.
    pub offset: usize,
    /// The line that it starts in, from 1.
    pub line: usize,
}

/// What a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordKind {
    /// A request or a response.
    Call,
    /// One that breaks off.
    CutOff,
    /// One whose end can be read in more than one way.
    Ambiguous,
    /// A record with another message.
    Other,
    /// A request or a response without a name that can be read.
    Nameless,
    /// A piece of the log that is no record.
    Unreadable,
}

impl RecordKind {
    /// What this record is.
    pub(super) fn of(record: &Record<'_>) -> Self {
        match &record.content {
            Content::Unreadable => Self::Unreadable,
            Content::Entry(entry) => match &entry.message {
                Message::Nameless => Self::Nameless,
                Message::Other => Self::Other,
                Message::Call(call) if call.payload.is_cut_off => Self::CutOff,
                Message::Call(call) if call.is_ambiguous => Self::Ambiguous,
                Message::Call(_) => Self::Call,
            },
        }
    }
}

impl RecordNote {
    /// Notes a record that starts in this line.
    pub(super) fn new(record: &Record<'_>, line: usize) -> Self {
        let header = match &record.content {
            Content::Unreadable => None,
            Content::Entry(entry) => entry.header.as_ref(),
        };
        let call = record.call();
        Self {
            kind: RecordKind::of(record),
            header: header.map(|header| (header.asctime, header.process, header.lineno)),
            call: call.map(|(_, call)| (call.direction, call.payload.wording)),
            offset: record.span.offset,
            line,
        }
    }
}
