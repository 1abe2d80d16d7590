//! Reads the files of one server: opened together, read in order, their pages let go behind the
//! reader.

use std::io;

use anyhow::Result;
use rayon::prelude::*;

use super::output::Messages;
use super::progress::Progress;
use crate::entry::CHUNK_SIZE;
use crate::invocation::{Batch, Counts, Invocation, LogReader, SourceFile};
use crate::source::{LogFile, Opened, Source};

/// How far behind the place of reading the pages of a log are kept in memory, in bytes: most calls
/// are answered before.
const KEPT: usize = 4 << 20;

/// How many calls without an answer are shown at a time. Each brings some pages of its log back
/// into memory.
const UNANSWERED: usize = 1 << 7;

/// The files of one server, from the oldest to the newest. All are opened at the start, so that none
/// is missed that is renamed meanwhile.
#[derive(Debug)]
pub(super) struct ServerLog {
    pub(super) server: Option<String>,
    pub(super) files: Vec<(LogFile, Opened)>,
}

/// The bytes of one server's files.
#[derive(Debug)]
pub(super) struct OpenSet<'s> {
    server: Option<&'s str>,
    /// Each with its size as it is stored.
    files: Vec<(&'s LogFile, u64, Source)>,
    has_trouble: bool,
}

impl<'s> OpenSet<'s> {
    /// Makes the bytes of the files accessible, several at once where they are compressed. What can't
    /// be read, or not to its end, is said.
    pub(super) fn read(set: &'s ServerLog, messages: &Messages) -> Self {
        let sources: Vec<io::Result<Source>> = set
            .files
            .par_iter()
            .map(|(_, opened)| Source::read(opened))
            .collect();
        let mut open = Self {
            server: set.server.as_deref(),
            files: Vec::with_capacity(sources.len()),
            has_trouble: false,
        };
        for ((file, opened), source) in set.files.iter().zip(sources) {
            let trouble = match &source {
                Ok(source) => source
                    .fault()
                    .map(|fault| format!("damaged: {fault}; read what comes before")),
                Err(error) => Some(error.to_string()),
            };
            if let Some(trouble) = trouble {
                open.has_trouble = true;
                messages.error(&format!("{}: {trouble}", file.name()));
            }
            open.files
                .extend(source.ok().map(|source| (file, opened.size(), source)));
        }
        open
    }

    /// Gives `take` what the files hold. Returns what was read, and whether something could not be.
    pub(super) fn give(
        &self,
        progress: &mut Progress,
        messages: &Messages,
        mut take: impl FnMut(Batch<'_>) -> Result<()>,
    ) -> Result<(Counts, bool)> {
        let mut has_trouble = self.has_trouble;
        let mut reader = LogReader::new(self.server, CHUNK_SIZE);
        for (file, size, source) in &self.files {
            let (name, bytes) = (file.name(), source.bytes());
            let records_before = reader.counts().records();
            let mut released = 0;
            reader.read(SourceFile { name, bytes }, |batch| {
                let end = batch.end;
                take(batch)?;
                progress.advance_in_file(*size, end, bytes.len());
                let behind = end.saturating_sub(KEPT);
                if behind - released >= KEPT {
                    source.release(released..behind);
                    released = behind;
                }
                Ok::<(), anyhow::Error>(())
            })?;
            progress.finish_file(*size);
            if bytes.is_empty() && source.fault().is_none() {
                messages.note(&format!("{name}: empty"));
            } else if !bytes.is_empty() && reader.counts().records() == records_before {
                has_trouble = true;
                messages.error(&format!("{name}: not a log of Zato: no record in it"));
            }
        }
        let (counts, mut unanswered) = reader.finish();
        loop {
            let invocations: Vec<Invocation<'_>> = unanswered.by_ref().take(UNANSWERED).collect();
            if invocations.is_empty() {
                return Ok((counts, has_trouble));
            }
            take(Batch {
                invocations,
                ..Batch::default()
            })?;
            for (_, _, source) in &self.files {
                source.release(0..source.bytes().len());
            }
        }
    }
}
