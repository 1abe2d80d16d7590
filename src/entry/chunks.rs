//! Reads the records of a log on all threads, in the order of the log.

use std::collections::VecDeque;
use std::sync::mpsc::{self, Receiver, TryRecvError};

use rayon::Yield;
use rayon::prelude::*;

use super::framing::{Records, next_start};
use super::{Hinter, Hints, Record};

/// How much of a log is read at a time, in bytes. Small ones spread better over threads; in larger
/// ones less is read twice.
pub const CHUNK_SIZE: usize = 1 << 18;

/// How many chunks for each thread are given to the sink at once.
const CHUNKS_PER_THREAD: usize = 4;

/// How many such windows are read while one before them is used. With one alone, all threads wait
/// for the last of it: two threads take 7 % longer then. Records that wait take memory.
const WINDOWS_AHEAD: usize = 2;

/// The records of a part of a log, each with what was made of it in the thread that read it.
#[derive(Debug)]
pub struct Chunk<'a, T> {
    /// The records, in order.
    pub records: Vec<(Record<'a>, T)>,
    /// What may stand in their bytes.
    pub hints: Hints,
    /// Up to where the log has been read.
    pub end: usize,
}

/// Gives the records of a log to `sink`, some chunks at a time and in order: the same records as
/// [`records`](super::records) gives, whatever the size of a chunk and the number of threads. The
/// first one is that which starts at `from`.
/// `make` adds to each what can be made of it alone, and `hinter` tells what may stand in a chunk.
/// While `sink` is at work, the other threads read on.
///
/// Each chunk is read on its own from the first line that looks like a record. Where that was a
/// line inside a record, the chunk's start is read again: from the true end of the record before
/// it, up to where both readings agree.
pub fn read_in_chunks<'a, T: Send, E>(
    log: &'a [u8],
    from: usize,
    chunk_size: usize,
    make: impl Fn(&Record<'a>) -> T + Sync,
    hinter: Hinter<'_>,
    mut sink: impl FnMut(Vec<Chunk<'a, T>>) -> Result<(), E>,
) -> Result<(), E> {
    let chunk_size = chunk_size.max(1);
    let window = chunk_size.saturating_mul(CHUNKS_PER_THREAD * rayon::current_num_threads());
    let hints = |records: &[(Record<'a>, T)]| {
        let bytes = match records {
            [] => &[][..],
            [(first, _), ..] => {
                let end = records.last().map_or(0, |(last, _)| last.span.end());
                &log[first.span.offset..end]
            }
        };
        (hinter.0)(bytes)
    };
    let guess = |window_start: usize| -> Vec<(Chunk<'a, T>, Records<'a>)> {
        let window_end = window_start.saturating_add(window).min(log.len());
        let starts: Vec<usize> = (window_start..window_end).step_by(chunk_size).collect();
        let chunk = |start: usize| {
            let end = (start + chunk_size).min(window_end);
            // What most records are shorter than, so that the list seldom grows.
            let mut records = Vec::with_capacity((end - start) / 512);
            let start = next_start(log, start, end);
            let mut reader = Records::between(log, start, end);
            for record in reader.by_ref() {
                let made = make(&record);
                records.push((record, made));
            }
            let hints = hints(&records);
            let chunk = Chunk {
                records,
                hints,
                end,
            };
            (chunk, reader)
        };
        starts.into_par_iter().map(chunk).collect()
    };
    let mut at = from;
    let mut again = Records::between(log, 0, 0);
    let mut corrected = |(guessed, reader): (Chunk<'a, T>, Records<'a>)| {
        let Chunk {
            mut records,
            hints: mut told,
            end,
        } = guessed;
        let mut before = Vec::new();
        while at < end {
            let agrees = records.binary_search_by_key(&at, |(record, _)| record.span.offset);
            // What a record is may depend on how many have broken off before it in its line.
            let starts_line = at == 0 || log[at - 1] == b'\n';
            if let (Ok(agrees), true) = (agrees, starts_line) {
                records.drain(..agrees);
                break;
            }
            let record = again.only(at);
            at = record.span.end();
            before.push((record, make(&record)));
        }
        if at >= end {
            records.clear();
        } else {
            again.follow(&reader);
        }
        if !before.is_empty() {
            before.append(&mut records);
            records = before;
            told = hints(&records);
        }
        at = records.last().map_or(at, |(record, _)| record.span.end());
        Chunk {
            records,
            hints: told,
            end,
        }
    };
    let mut window_starts = (from..log.len()).step_by(window);
    rayon::in_place_scope_fifo(|scope| {
        let guess = &guess;
        let mut start_next = || {
            let start = window_starts.next()?;
            let (sender, receiver) = mpsc::sync_channel(1);
            scope.spawn_fifo(move |_| {
                // Where nobody receives any more, `sink` has failed.
                drop(sender.send(guess(start)));
            });
            Some(receiver)
        };
        let mut started: VecDeque<_> = (0..WINDOWS_AHEAD).map_while(|_| start_next()).collect();
        while let Some(first) = started.pop_front() {
            let guessed = received(&first);
            started.extend(start_next());
            sink(guessed.into_iter().map(&mut corrected).collect())?;
        }
        Ok(())
    })
}

/// Waits for what another thread sends, and does a part of the work meanwhile. What another has
/// begun it ends without this thread, which may sleep if there is nothing else to do.
fn received<T: Default>(receiver: &Receiver<T>) -> T {
    loop {
        match receiver.try_recv() {
            Ok(sent) => return sent,
            Err(TryRecvError::Empty) if rayon::yield_now() == Some(Yield::Executed) => {}
            // Nothing comes from a thread that has panicked: its panic goes on at the scope's end.
            Err(_) => return receiver.recv().unwrap_or_default(),
        }
    }
}
