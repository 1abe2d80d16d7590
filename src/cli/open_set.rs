//! Reads the files of one server: opened together, read in order, their pages let go behind the
//! reader.

use std::io;
use std::ops::Range;
use std::sync::atomic::Ordering;

use anyhow::Result;
use rayon::prelude::*;

use super::output::Messages;
use super::progress::Progress;
use crate::entry::{CHUNK_SIZE, Hinter};
use crate::invocation::{Batch, Counts, Invocation, LogReader, Place, SourceFile};
use crate::source::{Kept, LogFile, Lost, Opened, Source, Stream, copies};

/// How far behind the place of reading the pages of a log are kept in memory, in bytes: most calls
/// are answered before.
const KEPT: usize = 4 << 20;

/// How many calls without an answer are shown at a time. Each brings some pages of its log back
/// into memory.
const UNANSWERED: usize = 1 << 7;

/// Lets the pages of a file go, [`KEPT`] bytes behind its reader.
#[derive(Debug, Default)]
pub(super) struct Trail {
    released: usize,
}

impl Trail {
    /// The reader has come to `end`.
    pub(super) fn follow(&mut self, end: usize, release: impl FnOnce(Range<usize>)) {
        let behind = end.saturating_sub(KEPT);
        if behind.saturating_sub(self.released) >= KEPT {
            release(self.released..behind);
            self.released = behind;
        }
    }
}

/// The files of one server, from the oldest to the newest. All are opened at the start, so that none
/// is missed that is renamed meanwhile.
#[derive(Debug)]
pub(super) struct ServerLog {
    pub(super) server: Option<String>,
    pub(super) files: Vec<(LogFile, Opened)>,
}

impl ServerLog {
    /// Leaves out copies of files that are there too, and says so.
    pub(super) fn leave_out_copies(&mut self, messages: &Messages) {
        let originals = copies(self.files.iter().map(|(_, opened)| opened));
        let name = |nth: usize| self.files[nth].0.name().to_owned();
        let originals: Vec<Option<String>> =
            originals.into_iter().map(|nth| nth.map(name)).collect();
        let mut originals = originals.into_iter();
        self.files.retain(|(copy, _)| {
            let original = originals.next().flatten();
            if let Some(original) = &original {
                let copy = copy.name();
                messages.note(&format!("{copy}: {original} holds all of it: read once"));
            }
            original.is_none()
        });
    }
}

/// The bytes of one server's files.
#[derive(Debug)]
pub(super) struct OpenSet<'s> {
    pub(super) server: Option<&'s str>,
    pub(super) files: Vec<OpenFile<'s>>,
    kept: Kept,
    pub(super) has_trouble: bool,
}

#[derive(Debug)]
pub(super) struct OpenFile<'s> {
    pub(super) file: &'s LogFile,
    pub(super) opened: &'s Opened,
    /// `None` for what is read while it is decompressed.
    pub(super) source: Option<Source>,
}

impl OpenFile<'_> {
    /// All bytes of the file. Nothing of one that is read while it is decompressed.
    pub(super) fn bytes(&self) -> &[u8] {
        self.source.as_ref().map_or(&[], Source::bytes)
    }

    /// Lets the system take these bytes out of memory until they are used again.
    pub(super) fn release(&self, bytes: Range<usize>) {
        if let Some(source) = &self.source {
            source.release(bytes);
        }
    }
}

impl<'s> OpenSet<'s> {
    /// Makes the bytes of the files accessible. What can't be read, or not to its end, is said.
    ///
    /// A file that is compressed is read while one more thread decompresses it. Where there are several
    /// files and threads are left, all are decompressed first, each by a thread.
    pub(super) fn read(set: &'s ServerLog, messages: &Messages) -> Self {
        let streamed = set.files.iter().filter(|(_, opened)| opened.is_streamed());
        let is_followed = streamed.count() == 1 || rayon::current_num_threads() <= 2;
        Self::open(set, is_followed, messages)
    }

    /// Makes the bytes of the files accessible, all of them, so that they can be read again.
    pub(super) fn read_whole(set: &'s ServerLog, messages: &Messages) -> Self {
        Self::open(set, false, messages)
    }

    /// Makes the bytes of the files accessible, but for those that are compressed if these are
    /// followed.
    fn open(set: &'s ServerLog, is_followed: bool, messages: &Messages) -> Self {
        let sources: Vec<io::Result<Option<Source>>> = set
            .files
            .par_iter()
            .map(|(_, opened)| {
                let is_whole = !(is_followed && opened.is_streamed());
                is_whole.then(|| Source::read(opened)).transpose()
            })
            .collect();
        let mut open = Self {
            server: set.server.as_deref(),
            files: Vec::with_capacity(sources.len()),
            kept: Kept::default(),
            has_trouble: false,
        };
        for ((file, opened), source) in set.files.iter().zip(sources) {
            match source {
                Ok(source) => {
                    let fault = source.as_ref().and_then(Source::fault);
                    open.has_trouble |= say_fault(file, fault, messages);
                    open.files.push(OpenFile {
                        file,
                        opened,
                        source,
                    });
                }
                Err(error) => {
                    open.has_trouble = true;
                    messages.error(&format!("{}: {error}", file.name()));
                }
            }
        }
        open
    }

    /// The bytes of a record, as they were logged. Nothing of a file that is followed.
    pub(super) fn record(&self, at: Place<'_>) -> &[u8] {
        let file = self.files.iter().find(|file| file.file.name() == at.file);
        let bytes = file.and_then(|file| {
            let bytes = file.source.as_ref()?.bytes();
            bytes.get(at.span.offset..at.span.end())
        });
        bytes.unwrap_or_default()
    }

    /// Gives `take` what the files hold. Returns what was read, and whether something could not be.
    pub(super) fn give(
        &self,
        progress: &mut Progress,
        messages: &Messages,
        hinter: Hinter<'_>,
        take: impl FnMut(Batch<'_>) -> Result<()>,
    ) -> Result<(Counts, bool)> {
        let mut reader = LogReader::new(self.server, &self.kept, CHUNK_SIZE);
        reader.look_for(hinter);
        self.give_to(reader, progress, messages, take)
    }

    /// Gives `take` what the files hold, with all their records, and says nothing of it.
    pub(super) fn give_records(&self, take: impl FnMut(Batch<'_>) -> Result<()>) -> Result<()> {
        let mut reader = LogReader::new(self.server, &self.kept, CHUNK_SIZE);
        reader.tell_records();
        let (mut progress, messages) = (Progress::new(0, true), Messages::unheard());
        self.give_to(reader, &mut progress, &messages, take)?;
        Ok(())
    }

    fn give_to<'r>(
        &'r self,
        mut reader: LogReader<'r>,
        progress: &mut Progress,
        messages: &Messages,
        mut take: impl FnMut(Batch<'_>) -> Result<()>,
    ) -> Result<(Counts, bool)> {
        let mut has_trouble = self.has_trouble;
        for OpenFile {
            file,
            opened,
            source,
        } in &self.files
        {
            let name = file.name();
            let before = reader.counts();
            let is_faulty = match source {
                Some(source) => {
                    read_whole(&mut reader, name, source, |batch| {
                        let end = batch.end;
                        take(batch)?;
                        progress.advance_in_file(opened.size(), end, source.bytes().len());
                        Ok(())
                    })?;
                    source.fault().is_some() | say_lost(file, source.lost(), messages)
                }
                None => match stream(opened) {
                    Ok(mut stream) => {
                        let place = stream.place();
                        reader.follow(name, &mut stream, |batch| {
                            take(batch)?;
                            progress.advance_to(place.load(Ordering::Relaxed));
                            Ok::<(), anyhow::Error>(())
                        })?;
                        say_fault(file, stream.fault(), messages)
                            | say_lost(file, stream.lost(), messages)
                    }
                    Err(error) => {
                        messages.error(&format!("{name}: {error}"));
                        true
                    }
                },
            };
            has_trouble |= is_faulty;
            progress.finish_file(opened.size());
            let counts = reader.counts();
            let is_empty = counts.bytes == before.bytes;
            if is_empty && !is_faulty {
                messages.note(&format!("{name}: empty"));
            } else if !is_empty && counts.records() == before.records() {
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
            for source in self.files.iter().filter_map(|file| file.source.as_ref()) {
                source.release(0..source.bytes().len());
            }
        }
    }
}

/// Opens a file that is read while it is decompressed: by another thread, if there may be one.
fn stream(opened: &Opened) -> io::Result<Stream> {
    let stream = Stream::new(opened)?;
    if rayon::current_num_threads() > 1 {
        stream.ahead()
    } else {
        Ok(stream)
    }
}

/// Reads a file that is at hand, and lets its pages go behind the reader.
fn read_whole<'a>(
    reader: &mut LogReader<'a>,
    name: &'a str,
    source: &'a Source,
    mut take: impl FnMut(Batch<'_>) -> Result<()>,
) -> Result<()> {
    let bytes = source.bytes();
    let mut trail = Trail::default();
    reader.read(SourceFile { name, bytes }, |batch| {
        let end = batch.end;
        take(batch)?;
        trail.follow(end, |bytes| source.release(bytes));
        Ok(())
    })
}

/// Says what another program has done to a file while it was read, if anything. Returns whether it
/// has.
pub(super) fn say_lost(file: &LogFile, lost: Option<Lost>, messages: &Messages) -> bool {
    let name = file.name();
    match lost {
        None => {}
        Some(Lost::Behind(place)) => messages.error(&format!(
            "{name}: truncated by another program while it was read: only what stood before byte \
             {place} was surely read"
        )),
        Some(Lost::WrittenAnew) => messages.error(&format!(
            "{name}: truncated by another program and written anew while it was read: what was read \
             may be of both"
        )),
        Some(Lost::WrittenInto) => messages.error(&format!(
            "{name}: written to by another program while it was read, and not appended to: what was \
             read may be of both"
        )),
    }
    lost.is_some()
}

/// Says why not all of a file could be read, if so. Returns whether it is so.
pub(super) fn say_fault(file: &LogFile, fault: Option<&io::Error>, messages: &Messages) -> bool {
    if let Some(fault) = fault {
        let name = file.name();
        messages.error(&format!("{name}: damaged: {fault}; read what comes before"));
    }
    fault.is_some()
}
