//! Measures the index: how fast it is built beside tantivy alone, how large it is, and how long
//! queries take.
//!
//! ```text
//! cargo bench --bench pipeline -- generate 3.2 1024 admin.log
//! cargo bench --bench index -- admin.log
//! ```
//! builds an index of the log in a temporary folder; with the folder of an index behind the log's
//! path, queries are asked of that one and nothing is built; behind it, the name of the only query to
//! be asked. A relative path starts at the package.

#![expect(clippy::print_stdout, reason = "a benchmark prints what it measures")]

use std::env;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use tantivy::schema::{
    FAST, IndexRecordOption, STRING, SchemaBuilder, TextFieldIndexing, TextOptions,
};
use tantivy::store::{Compressor, ZstdCompressor};
use tantivy::{IndexSettings, TantivyDocument};
use zalog::entry::CHUNK_SIZE;
use zalog::invocation::{LogReader, SourceFile};
use zalog::query::{GroupBy, Grouping, Order, Page, Query};
use zalog::search::{Index, Lock, Prepared, ServerSet, Writer};
use zalog::source::Kept;
use zalog::view::{LineWriter, View};

/// How often each query is asked.
const ROUNDS: usize = 200;

/// How many documents are made before tantivy gets them.
const PREPARED: usize = 4096;

const THREADS: usize = 2;

fn main() -> Result<()> {
    // Cargo adds `--bench` to what the user gives.
    let arguments: Vec<String> = env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    match arguments.as_slice() {
        [log] => {
            let folder = tempfile::tempdir()?;
            build(Path::new(log), folder.path())?;
            ask(&folder.path().join("index"), None)
        }
        [_, index] => ask(Path::new(index), None),
        [_, index, only] => ask(Path::new(index), Some(only)),
        _ => {
            println!("cargo bench --bench index -- LOG [INDEX [QUERY]]");
            Ok(())
        }
    }
}

fn build(log: &Path, folder: &Path) -> Result<()> {
    let bytes = fs::read(log).with_context(|| log.display().to_string())?;
    let file = SourceFile {
        name: "admin.log",
        bytes: &bytes,
    };
    let started = Instant::now();
    let lock = Lock::acquire(&folder.join("index"), "a benchmark", Err)?;
    let (index, _) = Index::create_or_open(&lock)?;
    let mut writer = index.writer(THREADS)?;
    let set = ServerSet {
        server: None,
        path: "admin.log",
        how: "",
        files: vec![file],
    };
    writer.refresh(&set, &View::default(), |_| true, |_| {})?;
    writer.commit()?;
    let whole = started.elapsed();
    let description = index.describe()?;

    let (alone, calls) = tantivy_alone(file, &folder.join("alone"))?;
    let plain = plain_tantivy(file, &folder.join("plain"))?;
    println!(
        "build          {:6.1} MB/s of log, {} calls",
        rate(bytes.len(), whole),
        description.calls
    );
    println!(
        "tantivy alone  {:6.1} MB/s of log, {calls} documents that were made before",
        rate(bytes.len(), alone)
    );
    println!(
        "plain tantivy  {:6.1} MB/s of log, lines that were made before, its own words",
        rate(bytes.len(), plain)
    );
    println!(
        "size           {:6.1} % of the log",
        percent(description.bytes, bytes.len())
    );
    Ok(())
}

/// How long tantivy takes for the same documents, without the time in which they are made.
fn tantivy_alone(file: SourceFile<'_>, directory: &Path) -> Result<(Duration, usize)> {
    let lock = Lock::acquire(directory, "a benchmark", Err)?;
    let (index, _) = Index::create_or_open(&lock)?;
    let mut writer = index.writer(THREADS)?;
    let view = View::default();
    let mut lines = LineWriter::new(&view);
    let mut line = Vec::new();
    let mut prepared: Vec<Prepared> = Vec::new();
    let (mut spent, mut calls) = (Duration::ZERO, 0);
    let mut give = |writer: &mut Writer<'_>, prepared: &mut Vec<Prepared>| -> Result<()> {
        calls += prepared.len();
        let started = Instant::now();
        writer.add(prepared.drain(..))?;
        // What tantivy's threads have not done by now counts as well.
        writer.settle();
        spent += started.elapsed();
        Ok(())
    };
    let kept = Kept::default();
    let mut reader = LogReader::new(None, &kept, CHUNK_SIZE);
    reader.read(file, |batch| {
        for invocation in &batch.invocations {
            line.clear();
            lines.write(invocation, &mut line);
            prepared.push(index.prepare(&line)?);
            if prepared.len() == PREPARED {
                give(&mut writer, &mut prepared)?;
            }
        }
        Ok::<(), anyhow::Error>(())
    })?;
    give(&mut writer, &mut prepared)?;
    let started = Instant::now();
    writer.commit()?;
    Ok((spent + started.elapsed(), calls))
}

/// How long tantivy takes as it comes: the same columns, and the line as a text whose words it
/// takes apart itself.
fn plain_tantivy(file: SourceFile<'_>, directory: &Path) -> Result<Duration> {
    fs::create_dir(directory)?;
    let mut schema = SchemaBuilder::new();
    let words = TextFieldIndexing::default()
        .set_tokenizer("default")
        .set_index_option(IndexRecordOption::WithFreqsAndPositions);
    let line = schema.add_text_field(
        "line",
        TextOptions::default()
            .set_stored()
            .set_indexing_options(words),
    );
    let names = ["id", "service", "cid", "server", "outcome", "thread"]
        .map(|name| (name, schema.add_text_field(name, STRING | FAST)));
    let numbers = ["duration_ms", "pid"].map(|name| (name, schema.add_u64_field(name, FAST)));
    let settings = IndexSettings {
        docstore_compression: Compressor::Zstd(ZstdCompressor {
            compression_level: Some(1),
        }),
        ..IndexSettings::default()
    };
    let index = tantivy::Index::builder()
        .schema(schema.build())
        .settings(settings)
        .create_in_dir(directory)?;
    let mut writer = index.writer_with_num_threads(THREADS, THREADS * 80_000_000)?;
    let view = View::default();
    let mut lines = LineWriter::new(&view);
    let mut prepared: Vec<TantivyDocument> = Vec::new();
    let kept = Kept::default();
    let mut reader = LogReader::new(None, &kept, CHUNK_SIZE);
    let mut text = Vec::new();
    reader.read(file, |batch| {
        for invocation in &batch.invocations {
            text.clear();
            lines.write(invocation, &mut text);
            let text = std::str::from_utf8(&text)?;
            let facts: serde_json::Value = serde_json::from_str(text)?;
            let mut document = TantivyDocument::default();
            for (name, field) in names {
                if let Some(name) = facts[name].as_str() {
                    document.add_text(field, name);
                }
            }
            for (name, field) in numbers {
                if let Some(number) = facts[name].as_u64() {
                    document.add_u64(field, number);
                }
            }
            document.add_text(line, text);
            prepared.push(document);
        }
        Ok::<(), anyhow::Error>(())
    })?;
    let started = Instant::now();
    for document in prepared {
        writer.add_document(document)?;
    }
    writer.commit()?;
    Ok(started.elapsed())
}

fn ask(directory: &Path, only: Option<&str>) -> Result<()> {
    let is_asked = |name| only.is_none_or(|only| only == name);
    let index = Index::open(directory)?;
    println!("{} calls", index.count()?);
    let now = || jiff::civil::DateTime::constant(2018, 11, 12, 0, 0, 0, 0);
    let page = Page {
        sort_by: Order::default(),
        offset: 0,
        limit: 20,
    };
    for (name, text) in [
        ("term", "service:zato.http-soap.create"),
        ("field", "request.id:12"),
        ("range", "duration:50..60"),
        ("slow ones", "duration:>100ms"),
        (
            "time",
            "started:\"2023-12-31 23:58:10\"..\"2023-12-31 23:59:00\"",
        ),
        ("two words", "channel name"),
        ("phrase", "\"is active\""),
        ("everything", "*"),
        ("not", "NOT kind:read"),
    ] {
        if !is_asked(name) {
            continue;
        }
        let query: Query = text.parse()?;
        let mut total = 0;
        let times = measure(|| {
            total = index.search(&query, &now, page)?.total;
            Ok(())
        })?;
        println!("{name:<14} {times}   {total} hits of {text}");
    }
    let query: Query = "*".parse()?;
    for (name, by) in [("by service", GroupBy::Service), ("by hour", GroupBy::Hour)] {
        if !is_asked(name) {
            continue;
        }
        let by = Grouping::Fact(by);
        let mut total = 0;
        let times = measure(|| {
            total = index.groups(&query, &now, &by)?.len();
            Ok(())
        })?;
        println!("{name:<14} {times}   {total} groups of all");
    }
    Ok(())
}

/// The median and the 99th of 100.
fn measure(mut ask: impl FnMut() -> Result<()>) -> Result<String> {
    let mut times = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let started = Instant::now();
        ask()?;
        times.push(started.elapsed());
    }
    times.sort_unstable();
    let millis = |time: Duration| time.as_secs_f64() * 1e3;
    let (p50, p99) = (times[ROUNDS / 2], times[ROUNDS * 99 / 100]);
    Ok(format!(
        "p50 {:7.3} ms  p99 {:7.3} ms",
        millis(p50),
        millis(p99)
    ))
}

#[expect(clippy::cast_precision_loss, reason = "it is printed with one digit")]
fn rate(bytes: usize, time: Duration) -> f64 {
    bytes as f64 / 1e6 / time.as_secs_f64()
}

#[expect(clippy::cast_precision_loss, reason = "it is printed with one digit")]
fn percent(part: u64, whole: usize) -> f64 {
    part as f64 * 100.0 / whole as f64
}
