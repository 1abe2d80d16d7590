//! Bytes as records and calls: nothing is lost, and how they are read changes nothing.
#![no_main]

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io::Cursor;

use libfuzzer_sys::fuzz_target;
use serde_json::value::RawValue;
use zalog::entry::{Hinter, Record, Window, read_in_chunks, records};
use zalog::invocation::{Counts, LogReader, SourceFile};
use zalog::source::{Kept, Stream};
use zalog::view::{View, write_json_line};

fuzz_target!(|data: &[u8]| {
    let [chunk, step, log @ ..] = data else {
        return;
    };
    let (chunk_size, step) = (1 + usize::from(*chunk), 1 + 37 * usize::from(*step));
    let whole: Vec<Record<'_>> = records(log).collect();
    is_a_partition(log, &whole);
    assert_eq!(in_chunks(log, chunk_size), whole);
    assert_eq!(in_windows(log, step), whole);
    let (counts, calls, places) = calls(log, log.len().max(1));
    says_what_the_records_say(counts, &places, &whole);
    assert_eq!(
        self::calls(log, chunk_size),
        (counts, calls.clone(), places)
    );
    // A stream may be compressed: its bytes are others then.
    if !log.starts_with(&[0x1f, 0x8b]) && !log.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        assert_eq!(calls_of_stream(log, step), (counts, calls));
    }
});

fn is_a_partition(log: &[u8], records: &[Record<'_>]) {
    let mut at = 0;
    for record in records {
        assert_eq!(record.span.offset, at);
        assert!(record.span.length > 0);
        at = record.span.end();
        let lines = log[record.span.offset..at]
            .iter()
            .filter(|&&byte| byte == b'\n');
        assert_eq!(record.lines, lines.count());
        if let Some((_, call)) = record.call() {
            let inside = call.payload.text.as_ptr().addr() - log.as_ptr().addr();
            assert!(record.span.offset < inside && inside + call.payload.text.len() <= at);
        }
    }
    assert_eq!(at, log.len());
}

fn in_chunks(log: &[u8], chunk_size: usize) -> Vec<Record<'_>> {
    let mut read = Vec::new();
    let Ok(()) = read_in_chunks(
        log,
        0,
        chunk_size,
        |_| (),
        Hinter::NONE,
        |chunks| {
            let records = chunks.into_iter().flat_map(|chunk| chunk.records);
            read.extend(records.map(|(record, ())| record));
            Ok::<_, Infallible>(())
        },
    );
    read
}

fn in_windows(log: &[u8], step: usize) -> Vec<Record<'_>> {
    let mut read = Vec::new();
    let (mut at, mut torn, mut end) = (0, 0, 0);
    while end < log.len() {
        end = (end + step).min(log.len());
        let offset = usize::saturating_sub(at, 1);
        let window = Window {
            bytes: &log[offset..end],
            offset,
            at,
            torn,
            is_last: end == log.len(),
        };
        let mut settled = window.records();
        for (record, text) in settled.by_ref() {
            assert_eq!(text, &log[record.span.offset..record.span.end()]);
            read.push(record);
        }
        (at, torn) = (settled.at(), settled.torn());
    }
    read
}

/// What was counted, what the calls are, and how often each record is one side of a call or has a
/// diagnostic.
type Calls = (Counts, Vec<String>, BTreeMap<usize, (usize, usize)>);

fn calls(log: &[u8], chunk_size: usize) -> Calls {
    let (kept, view) = (Kept::default(), View::default());
    let mut reader = LogReader::new(Some("s"), &kept, chunk_size);
    let mut calls = Vec::new();
    let mut places = BTreeMap::<_, (usize, usize)>::new();
    let file = SourceFile {
        name: "admin.log",
        bytes: log,
    };
    let mut invocations = Vec::new();
    let Ok(()) = reader.read(file, |batch| {
        invocations.extend(batch.invocations);
        for diagnostic in batch.diagnostics {
            places.entry(diagnostic.at.span.offset).or_default().1 += 1;
        }
        Ok::<_, Infallible>(())
    });
    let (counts, unanswered) = reader.finish();
    for call in invocations.into_iter().chain(unanswered) {
        calls.push(format!("{call:?}"));
        for side in [call.request, call.response].into_iter().flatten() {
            places.entry(side.at.span.offset).or_default().0 += 1;
        }
        let mut line = Vec::new();
        write_json_line(&view, &call, &mut line);
        assert!(serde_json::from_slice::<&RawValue>(&line).is_ok());
        assert_eq!(
            line.iter().position(|&byte| byte == b'\n'),
            Some(line.len() - 1)
        );
    }
    (counts, calls, places)
}

/// Each record of a call is one side of one call, and what can't be read has one diagnostic.
fn says_what_the_records_say(
    counts: Counts,
    places: &BTreeMap<usize, (usize, usize)>,
    records: &[Record<'_>],
) {
    assert_eq!(counts.records() + counts.unreadable, records.len());
    let diagnostics = counts.unreadable + counts.nameless + counts.cut_off + counts.ambiguous;
    let told: usize = places.values().map(|(_, told)| told).sum();
    assert_eq!(told, diagnostics);
    let mut sides = 0;
    for record in records {
        let (in_calls, told) = places.get(&record.span.offset).copied().unwrap_or_default();
        assert_eq!(in_calls, usize::from(record.call().is_some()));
        assert!(told <= 1);
        sides += in_calls;
    }
    assert_eq!(sides, counts.calls);
}

fn calls_of_stream(log: &[u8], step: usize) -> (Counts, Vec<String>) {
    let kept = Kept::default();
    let mut reader = LogReader::new(Some("s"), &kept, 64);
    let mut calls = Vec::new();
    let mut stream = Stream::of(Cursor::new(log.to_vec()), step).unwrap();
    let Ok(()) = reader.follow("admin.log", &mut stream, |batch| {
        calls.extend(batch.invocations.iter().map(|call| format!("{call:?}")));
        Ok::<_, Infallible>(())
    });
    let (counts, unanswered) = reader.finish();
    calls.extend(unanswered.map(|call| format!("{call:?}")));
    (counts, calls)
}
