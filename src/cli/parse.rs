//! `zalog parse`: every invocation as a JSON line.

use std::io::Write as _;

use anyhow::{Context as _, Result};
use rayon::prelude::*;
use serde_json::json;

use super::output::{Messages, NOT_WRITTEN, Output};
use super::{Status, logs};
use crate::export::compact_json;
use crate::invocation::{Batch, Diagnostic, Invocation};
use crate::view::{LineWriter, PerThread, View};

/// Print every invocation as a JSON line
///
/// An invocation is printed when its response has been read; those that never got one come last,
/// but for records that break off, which nothing can be paired with.
/// Passwords, keys and tokens are masked unless --show-secrets is given.
///
/// Example: zalog parse logs | jq -r 'select(.outcome == "unanswered") | .service'
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    logs: logs::LogArgs,
    /// Print what was not understood instead: file, line, offset, length and reason
    #[arg(long)]
    diagnostics: bool,
}

/// How many invocations a thread writes at a time: few, so that all threads are done at once.
const SHARE: usize = 16;

/// How many shares a thread writes before all are printed.
const SHARES_PER_THREAD: usize = 16;

/// How many bytes of memory for a share are kept.
const LARGEST_BUFFER: usize = 1 << 18;

pub(super) fn run(args: &Args, output: &mut Output, messages: &Messages) -> Result<Status> {
    let logs = args.logs.open(messages)?;
    let mut writing = Writing::new(&logs.view);
    let summary = logs.read(messages, |batch| {
        if args.diagnostics {
            write_diagnostics(&logs.view, &batch, output)
        } else {
            writing.write(&batch, output)
        }
    })?;
    Ok(logs.conclude(&summary, messages))
}

/// What is kept from batch to batch.
struct Writing<'v> {
    /// They know the keys that they have seen.
    writers: PerThread<LineWriter<'v>>,
    /// One for each share. Memory that is given back and taken anew costs a tenth of the time.
    buffers: Vec<Vec<u8>>,
}

impl<'v> Writing<'v> {
    fn new(view: &'v View) -> Self {
        let shares = SHARES_PER_THREAD * rayon::current_num_threads();
        Self {
            writers: PerThread::new(|| LineWriter::new(view)),
            buffers: vec![Vec::new(); shares],
        }
    }

    fn write(&mut self, batch: &Batch<'_>, output: &mut Output) -> Result<()> {
        let Self { writers, buffers } = self;
        for part in batch.invocations.chunks(SHARE * buffers.len()) {
            part.par_chunks(SHARE)
                .zip(&mut *buffers)
                .for_each(|(share, lines)| {
                    writers.with(|writer| {
                        for invocation in share {
                            writer.write(invocation, lines);
                        }
                    });
                });
            for lines in &mut *buffers {
                output.write_all(lines).context(NOT_WRITTEN)?;
                lines.clear();
                // One huge payload must not take memory for ever.
                lines.shrink_to(LARGEST_BUFFER);
            }
        }
        Ok(())
    }
}

/// Writes what was not understood, in the order of the records that show it, so that batches of
/// any size give the same.
fn write_diagnostics(view: &View, batch: &Batch<'_>, output: &mut Output) -> Result<()> {
    let undecoded: Vec<Vec<u8>> = batch
        .invocations
        .par_iter()
        .map(|invocation| {
            let mut lines = Vec::new();
            write_undecoded(view, invocation, &mut lines);
            lines
        })
        .collect();
    let mut diagnostics = batch.diagnostics.iter().peekable();
    for (invocation, lines) in batch.invocations.iter().zip(undecoded) {
        let last = invocation.response.or(invocation.request);
        let is_before = |diagnostic: &&Diagnostic<'_>| {
            last.is_some_and(|last| diagnostic.at.span.offset <= last.at.span.offset)
        };
        while let Some(diagnostic) = diagnostics.next_if(is_before) {
            write_diagnostic(diagnostic, output)?;
        }
        output.write_all(&lines).context(NOT_WRITTEN)?;
    }
    diagnostics.try_for_each(|diagnostic| write_diagnostic(diagnostic, output))
}

fn write_diagnostic(diagnostic: &Diagnostic<'_>, output: &mut Output) -> Result<()> {
    let Diagnostic { at, kind } = diagnostic;
    let line = json!({
        "file": at.file,
        "line": at.line,
        "offset": at.span.offset,
        "length": at.span.length,
        "reason": kind.to_string(),
    });
    writeln!(output, "{}", compact_json(&line)).context(NOT_WRITTEN)
}

/// What of an invocation's payloads was not understood.
fn write_undecoded(view: &View, invocation: &Invocation<'_>, out: &mut Vec<u8>) {
    use crate::entry::Direction::{Request, Response};

    for (side, direction) in [
        (&invocation.request, Request),
        (&invocation.response, Response),
    ] {
        let Some(side) = side else { continue };
        if let Some(undecoded) = view.write_payload(&side.payload, direction, &mut Vec::new()) {
            let line = json!({
                "file": side.at.file,
                "line": side.at.line,
                "offset": side.at.span.offset,
                "length": side.at.span.length,
                "service": invocation.service,
                "reason": undecoded.to_string(),
            });
            out.extend_from_slice(compact_json(&line).as_bytes());
            out.push(b'\n');
        }
    }
}
