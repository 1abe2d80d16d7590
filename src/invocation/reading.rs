//! Reads the files of one server and gives its invocations in order.

use std::fmt;

use super::pairing::Pairing;
use super::{Invocation, Place};
use crate::entry::{Content, Message, Record, read_in_chunks};

/// A file's bytes and its name.
#[derive(Clone, Copy, Debug)]
pub struct SourceFile<'a> {
    /// The file, as given or found.
    pub name: &'a str,
    /// What it holds, uncompressed.
    pub bytes: &'a [u8],
}

/// How many records of each kind were read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All bytes.
    pub bytes: usize,
    /// Requests and responses.
    pub calls: usize,
    /// Records with another message.
    pub others: usize,
    /// Records that break off.
    pub cut_off: usize,
    /// Records whose end can be read in more than one way.
    pub ambiguous: usize,
    /// Pieces of the log that are no records.
    pub unreadable: usize,
}

impl Counts {
    /// All records that could be read, whole or in part.
    #[must_use]
    pub fn records(&self) -> usize {
        self.calls + self.others
    }
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, more: Self) {
        let Self {
            bytes,
            calls,
            others,
            cut_off,
            ambiguous,
            unreadable,
        } = more;
        self.bytes += bytes;
        self.calls += calls;
        self.others += others;
        self.cut_off += cut_off;
        self.ambiguous += ambiguous;
        self.unreadable += unreadable;
    }
}

/// Something in a log that was not understood, or not surely.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Diagnostic<'a> {
    /// Where it stands.
    pub at: Place<'a>,
    /// What it is.
    pub kind: DiagnosticKind,
}

/// The kinds of [`Diagnostic`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiagnosticKind {
    /// Bytes that stand where a record should start and are none.
    Unreadable,
    /// A record that breaks off before its closing delimiter.
    CutOff,
    /// A record whose end can be read in more than one way.
    Ambiguous,
}

impl fmt::Display for DiagnosticKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Unreadable => "not a record of Zato's log",
            Self::CutOff => "record breaks off before its closing delimiter",
            Self::Ambiguous => "text in this record looks like a record of its own",
        })
    }
}

/// Reads the files of one server.
#[derive(Debug)]
pub struct LogReader<'a> {
    server: Option<&'a str>,
    chunk_size: usize,
    pairing: Pairing<'a>,
    counts: Counts,
}

impl<'a> LogReader<'a> {
    /// Starts before the first file of a server's log.
    #[must_use]
    pub fn new(server: Option<&'a str>, chunk_size: usize) -> Self {
        Self {
            server,
            chunk_size,
            pairing: Pairing::default(),
            counts: Counts::default(),
        }
    }

    /// Reads the next file. `sink` gets the invocations that its records complete, many at a time
    /// and in the order of those records, with what was not understood on the way.
    pub fn read<E>(
        &mut self,
        file: SourceFile<'a>,
        mut sink: impl FnMut(Vec<Invocation<'a>>, Vec<Diagnostic<'a>>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.counts.bytes += file.bytes.len();
        let mut line = 1;
        read_in_chunks(file.bytes, self.chunk_size, |records| {
            let mut completed = Vec::new();
            let mut diagnostics = Vec::new();
            for record in records {
                let at = Place {
                    file: file.name,
                    span: record.span,
                    line,
                };
                line += record.lines;
                let diagnostic = self.take(file.bytes, record, at, &mut completed);
                diagnostics.extend(diagnostic.map(|kind| Diagnostic { at, kind }));
            }
            sink(completed, diagnostics)
        })
    }

    /// Returns what was read, and the calls that were never answered.
    #[must_use]
    pub fn finish(self) -> (Counts, Vec<Invocation<'a>>) {
        (self.counts, self.pairing.unanswered())
    }

    fn take(
        &mut self,
        bytes: &'a [u8],
        record: Record<'a>,
        at: Place<'a>,
        completed: &mut Vec<Invocation<'a>>,
    ) -> Option<DiagnosticKind> {
        let Content::Entry(entry) = record.content else {
            self.counts.unreadable += 1;
            return Some(DiagnosticKind::Unreadable);
        };
        let Message::Call(call) = entry.message else {
            self.counts.others += 1;
            return None;
        };
        self.counts.calls += 1;
        let record = &bytes[record.span.offset..record.span.end()];
        let invocation = self
            .pairing
            .take(self.server, entry.header, call, at, record);
        if let Some(invocation) = invocation {
            completed.push(invocation);
        }
        if call.payload.is_cut_off {
            self.counts.cut_off += 1;
            Some(DiagnosticKind::CutOff)
        } else if call.is_ambiguous {
            self.counts.ambiguous += 1;
            Some(DiagnosticKind::Ambiguous)
        } else {
            None
        }
    }
}
