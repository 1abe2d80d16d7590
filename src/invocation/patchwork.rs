//! Reads records together that stand apart from each other.

use std::convert::Infallible;

use super::reading::{LogReader, SourceFile};
use super::{Invocation, Place, Side};
use crate::entry::CHUNK_SIZE;
use crate::source::Kept;

/// Records from several places, as if they stood behind one another.
#[derive(Debug, Default)]
pub(super) struct Patchwork {
    log: Vec<u8>,
    lines: usize,
    parts: Vec<Part>,
    kept: Kept,
}

/// Where some bytes come from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Origin {
    /// The number of the file.
    pub(super) file: usize,
    /// Their first byte in it.
    pub(super) offset: usize,
    /// The line in it that they start in, from 1.
    pub(super) line: usize,
}

#[derive(Debug)]
struct Part {
    start: usize,
    /// How many lines are before it.
    lines: usize,
    origin: Origin,
}

impl Patchwork {
    /// Adds whole records.
    pub(super) fn push(&mut self, records: &[u8], origin: Origin) {
        self.parts.push(Part {
            start: self.log.len(),
            lines: self.lines,
            origin,
        });
        self.log.extend_from_slice(records);
        self.lines += lines(records);
    }

    /// How many bytes there are.
    pub(super) fn len(&self) -> usize {
        self.log.len()
    }

    /// Some of the bytes.
    pub(super) fn bytes(&self, start: usize, length: usize) -> &[u8] {
        &self.log[start..start + length]
    }

    /// Reads the records. Returns the calls that have an answer, and those that have none; what they
    /// say of their places is about the patchwork.
    pub(super) fn read<'p>(
        &'p self,
        server: Option<&'p str>,
    ) -> (Vec<Invocation<'p>>, Vec<Invocation<'p>>) {
        let mut reader = LogReader::new(server, &self.kept, CHUNK_SIZE);
        let mut answered = Vec::new();
        let file = SourceFile {
            name: "",
            bytes: &self.log,
        };
        let Ok(()) = reader.read(file, |batch| {
            answered.extend(batch.invocations);
            Ok::<(), Infallible>(())
        });
        (answered, reader.finish().1.collect())
    }

    /// Where a place in the patchwork comes from.
    pub(super) fn origin(&self, place: Place<'_>) -> Origin {
        let behind = self
            .parts
            .partition_point(|part| part.start <= place.span.offset);
        let part = &self.parts[behind.saturating_sub(1)];
        Origin {
            file: part.origin.file,
            offset: place.span.offset - part.start + part.origin.offset,
            line: place.line - 1 - part.lines + part.origin.line,
        }
    }

    /// Says of invocations where in these files they come from.
    pub(super) fn put_back<'p>(&self, invocations: &mut [Invocation<'p>], files: &'p [String]) {
        let put_back = |side: &mut Option<Side<'p>>| {
            if let Some(side) = side {
                let origin = self.origin(side.at);
                side.at.file = &files[origin.file];
                side.at.span.offset = origin.offset;
                side.at.line = origin.line;
            }
        };
        for invocation in invocations {
            put_back(&mut invocation.request);
            put_back(&mut invocation.response);
        }
    }
}

/// How many lines some bytes end.
pub(super) fn lines(bytes: &[u8]) -> usize {
    memchr::memchr_iter(b'\n', bytes).count()
}
