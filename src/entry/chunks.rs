//! Reads the records of a log on all threads, in the order of the log.

use rayon::prelude::*;

use super::Record;
use super::framing::{Records, next_start};

/// How much of a log one thread reads at a time, in bytes.
pub const CHUNK_SIZE: usize = 1 << 20;

/// Gives the records of a log to `sink`, many at a time and in order: the same records as
/// [`records`](super::records) gives, whatever the size of a chunk and the number of threads.
///
/// Each chunk is read on its own from the first line that looks like a record. Where that was a
/// line inside a record, the chunk's start is read again: from the true end of the record before
/// it, up to where both readings agree.
pub fn read_in_chunks<'a, E>(
    log: &'a [u8],
    chunk_size: usize,
    mut sink: impl FnMut(Vec<Record<'a>>) -> Result<(), E>,
) -> Result<(), E> {
    let chunk_size = chunk_size.max(1);
    let window = chunk_size
        .saturating_mul(rayon::current_num_threads())
        .max(1);
    let mut at = 0;
    for window_start in (0..log.len()).step_by(window) {
        let window_end = (window_start + window).min(log.len());
        if window_end <= at {
            // A record that is longer than the window.
            continue;
        }
        let chunk_starts: Vec<usize> = (window_start..window_end).step_by(chunk_size).collect();
        let chunks: Vec<(usize, Vec<Record<'_>>)> = chunk_starts
            .into_par_iter()
            .map(|start| {
                let end = (start + chunk_size).min(log.len());
                (
                    end,
                    Records::between(log, next_start(log, start, end), end).collect(),
                )
            })
            .collect();
        for (end, guessed) in chunks {
            let mut records = Vec::with_capacity(guessed.len());
            while at < end {
                if let Ok(agrees) = guessed.binary_search_by_key(&at, |record| record.span.offset) {
                    records.extend_from_slice(&guessed[agrees..]);
                } else {
                    records.extend(Records::between(log, at, at + 1));
                }
                at = records.last().map_or(end, |record| record.span.end());
            }
            sink(records)?;
        }
    }
    Ok(())
}
