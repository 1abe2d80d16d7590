//! Measures each stage of reading a log in bytes per second.
//!
//! The logs are generated, 32 MiB each. `ZALOG_BENCH_MIB` asks for another size, up to 1024. To
//! measure the whole program, the same logs can be written into files:
//!
//! ```text
//! cargo bench --bench pipeline -- generate 4.1 1024 admin.log
//! ```
//! writes 1 GiB as Zato 4.1 logs it; `4.1+uploads` adds requests of a megabyte. A relative path
//! starts at the package.

mod generate;

use std::convert::Infallible;
use std::env;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use anyhow::Context as _;
use divan::Bencher;
use divan::counter::BytesCount;
use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};
use zalog::entry::{CHUNK_SIZE, Direction};
use zalog::invocation::{Counts, Invocation, LogReader, Outcome, SourceFile};
use zalog::pyrepr::{Notation, Tokens, write_json};
use zalog::redact::Redactor;
use zalog::source::Kept;
use zalog::usage::{Gathering, Presentation, Statistics, Wanted};
use zalog::view::{View, write_json_line};

use generate::{Recipe, Written};

const MEBIBYTE: usize = 1 << 20;

/// The largest log in MiB that is measured.
const LARGEST: usize = 1024;

/// How many invocations a thread writes at a time, as in `zalog parse`.
const SHARE: usize = 16;

fn main() -> anyhow::Result<()> {
    // Cargo adds `--bench` to what the user gives.
    let arguments: Vec<String> = env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    if let [command, rest @ ..] = arguments.as_slice()
        && command == "generate"
    {
        return write_file(rest);
    }
    for recipe in Recipe::ALL {
        check(recipe);
    }
    divan::main();
    Ok(())
}

/// Writes a log into a file. `arguments` are its recipe, its size in MiB and the file's path.
fn write_file(arguments: &[String]) -> anyhow::Result<()> {
    let [recipe, mebibytes, path] = arguments else {
        anyhow::bail!("expected `generate VERSION MIB PATH`");
    };
    let recipe: Recipe = recipe.parse()?;
    let size = mebibytes
        .parse::<usize>()
        .with_context(|| format!("`{mebibytes}` MiB"))?
        * MEBIBYTE;
    let file = File::create(path).with_context(|| format!("failed to make {path}"))?;
    let mut file = BufWriter::new(file);
    let written = generate::write_log(recipe, size, &mut file);
    written
        .and_then(|_| file.flush())
        .with_context(|| format!("failed to write {path}"))
}

/// Asserts that a log is read as it was meant.
#[track_caller]
fn check(recipe: Recipe) {
    let mut bytes = Vec::new();
    let size = if recipe.has_uploads {
        4 * MEBIBYTE
    } else {
        MEBIBYTE
    };
    let written =
        generate::write_log(recipe, size, &mut bytes).expect("memory takes all that is written");
    let view = View::default();
    let mut statistics = Statistics::default();
    let mut undecoded = 0;
    let counts = read(&bytes, |invocations| {
        for invocation in invocations {
            statistics.add(invocation);
            let sides = [
                (invocation.request, Direction::Request),
                (invocation.response, Direction::Response),
            ];
            undecoded += sides
                .into_iter()
                .filter_map(|(side, direction)| view.payload(&side?.payload, direction).1)
                .count();
        }
    });
    let count = |outcome| usize::try_from(statistics.count(outcome)).expect("they are few");
    let found = Written {
        bytes: counts.bytes,
        calls: counts.calls,
        others: counts.others,
        invocations: usize::try_from(statistics.invocations()).expect("they are few"),
        unanswered: count(Outcome::Unanswered),
        response_only: count(Outcome::ResponseOnly),
        rest_wrappers: usize::try_from(statistics.rest_wrappers()).expect("they are few"),
    };
    assert_eq!(found, written, "{recipe}");
    let Counts {
        cut_off,
        ambiguous,
        unreadable,
        ..
    } = counts;
    assert_eq!(
        [cut_off, ambiguous, unreadable, undecoded],
        [0; 4],
        "{recipe}"
    );
}

/// The size of a log in bytes. `cargo test --benches` runs each stage once: a small one will do.
fn size() -> usize {
    static SIZE: LazyLock<usize> = LazyLock::new(|| {
        let is_measured = env::args().any(|word| word == "--bench");
        let usual = if is_measured { 32 } else { 1 };
        let mebibytes = env::var("ZALOG_BENCH_MIB").ok();
        let mebibytes = mebibytes.map(|text| text.parse().expect("ZALOG_BENCH_MIB is a number"));
        mebibytes.unwrap_or(usual).clamp(1, LARGEST) * MEBIBYTE
    });
    *SIZE
}

/// Returns a log. Only the last one is kept: several of a gibibyte may be too many for the memory.
fn log(recipe: Recipe) -> Arc<Vec<u8>> {
    static LAST: Mutex<Option<(Recipe, Arc<Vec<u8>>)>> = Mutex::new(None);

    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    match &*last {
        Some((kept, bytes)) if *kept == recipe => Arc::clone(bytes),
        _ => {
            *last = None;
            let mut bytes = Vec::with_capacity(size() + 2 * MEBIBYTE);
            generate::write_log(recipe, size(), &mut bytes)
                .expect("memory takes all that is written");
            let bytes = Arc::new(bytes);
            *last = Some((recipe, Arc::clone(&bytes)));
            bytes
        }
    }
}

fn pool(threads: usize) -> ThreadPool {
    ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .expect("the system has threads")
}

/// Reads a log and gives its invocations to `take`.
fn read(bytes: &[u8], mut take: impl FnMut(&[Invocation<'_>])) -> Counts {
    let kept = Kept::default();
    let mut reader = LogReader::new(Some("server1"), &kept, CHUNK_SIZE);
    let file = SourceFile {
        name: "server1/logs/admin.log",
        bytes,
    };
    let Ok(()) = reader.read(file, |batch| {
        take(&batch.invocations);
        Ok::<(), Infallible>(())
    });
    let (counts, unanswered) = reader.finish();
    take(&unanswered.collect::<Vec<_>>());
    counts
}

/// Measures `stage` on a log, in a pool of so many threads.
fn measure<T: Send>(
    bencher: Bencher<'_, '_>,
    threads: usize,
    recipe: Recipe,
    stage: impl Fn(&[u8]) -> T + Sync,
) {
    let (bytes, pool) = (log(recipe), pool(threads));
    bencher
        .counter(BytesCount::new(bytes.len()))
        .bench_local(|| pool.install(|| stage(&bytes)));
}

#[divan::bench(args = Recipe::ALL, sample_count = 5, sample_size = 1)]
fn framing(bencher: Bencher<'_, '_>, recipe: Recipe) {
    measure(bencher, 1, recipe, |bytes| {
        zalog::entry::records(bytes).count()
    });
}

#[divan::bench(args = Recipe::ALL, sample_count = 5, sample_size = 1)]
fn pairing(bencher: Bencher<'_, '_>, recipe: Recipe) {
    measure(bencher, 1, recipe, |bytes| {
        let mut count = 0;
        read(bytes, |invocations| count += invocations.len());
        count
    });
}

#[divan::bench(args = Recipe::ALL, consts = [1, 2], sample_count = 5, sample_size = 1)]
fn stats<const THREADS: usize>(bencher: Bencher<'_, '_>, recipe: Recipe) {
    measure(bencher, THREADS, recipe, |bytes| {
        let mut statistics = Statistics::default();
        read(bytes, |invocations| {
            for invocation in invocations {
                statistics.add(invocation);
            }
        });
        statistics.invocations()
    });
}

/// What is gathered for one example a service, for several, and for schemas.
const WANTED: [(usize, bool); 3] = [(1, false), (3, false), (3, true)];

#[divan::bench(args = Recipe::ALL, consts = [0, 1, 2], sample_count = 3, sample_size = 1)]
fn examples<const WANTED_NTH: usize>(bencher: Bencher<'_, '_>, recipe: Recipe) {
    let (examples, schemas) = WANTED[WANTED_NTH];
    measure(bencher, 1, recipe, |bytes| {
        let view = View::default();
        let wanted = Wanted {
            examples,
            failures: 0,
            schemas,
            stable_values: false,
        };
        let gathering = Gathering::new(wanted, &view);
        read(bytes, |invocations| {
            gathering.take(&invocations.iter().collect::<Vec<_>>());
        });
        gathering.finish(&Presentation::default()).0.len()
    });
}

#[divan::bench(args = Recipe::ALL, consts = [1, 2], sample_count = 3, sample_size = 1)]
fn parse<const THREADS: usize>(bencher: Bencher<'_, '_>, recipe: Recipe) {
    measure(bencher, THREADS, recipe, |bytes| {
        parsed(bytes, &View::default())
    });
}

/// What is left of `parse` when secrets are not looked for.
#[divan::bench(args = Recipe::ALL, sample_count = 3, sample_size = 1)]
fn parse_with_secrets(bencher: Bencher<'_, '_>, recipe: Recipe) {
    let view = View {
        redactor: Redactor::Show,
        timezone: None,
    };
    measure(bencher, 1, recipe, |bytes| parsed(bytes, &view));
}

/// Writes all invocations as JSON, as `zalog parse` does, and returns how many bytes they take.
fn parsed(bytes: &[u8], view: &View) -> usize {
    let mut length = 0;
    let mut buffers: Vec<Vec<u8>> = Vec::new();
    read(bytes, |invocations| {
        let shares = invocations.par_chunks(SHARE);
        let count = shares.len();
        buffers.resize_with(count.max(buffers.len()), Vec::new);
        let buffers = &mut buffers[..count];
        shares.zip(&mut *buffers).for_each(|(share, lines)| {
            lines.clear();
            for invocation in share {
                write_json_line(view, invocation, lines);
            }
        });
        length += buffers.iter().map(Vec::len).sum::<usize>();
    });
    length
}

/// What Python writes, without a log around it.
mod pyrepr {
    use super::{Bencher, BytesCount, Notation, Tokens, generate, size, write_json};

    const NOTATIONS: [generate::Notation; 3] = [
        generate::Notation::Python2,
        generate::Notation::Python3,
        generate::Notation::Json,
    ];

    fn measure<T>(
        bencher: Bencher<'_, '_>,
        notation: generate::Notation,
        mut read: impl FnMut(Tokens<'_>) -> T,
    ) {
        let values = generate::values(notation, size());
        let notation = match notation {
            generate::Notation::Python2 | generate::Notation::Python3 => Notation::Repr,
            generate::Notation::Json | generate::Notation::CompactJson => Notation::Json,
        };
        let length = values.iter().map(Vec::len).sum::<usize>();
        bencher.counter(BytesCount::new(length)).bench_local(|| {
            for value in &values {
                divan::black_box(read(Tokens::new(value, notation)));
            }
        });
    }

    #[divan::bench(args = NOTATIONS, sample_count = 5, sample_size = 1)]
    fn to_json(bencher: Bencher<'_, '_>, notation: generate::Notation) {
        let mut out = Vec::new();
        measure(bencher, notation, |tokens| {
            out.clear();
            write_json(tokens, &mut out).expect("the value is well-formed");
            out.len()
        });
    }

    #[divan::bench(args = NOTATIONS, sample_count = 5, sample_size = 1)]
    fn skip(bencher: Bencher<'_, '_>, notation: generate::Notation) {
        measure(bencher, notation, |tokens| {
            tokens.skip().expect("the value is well-formed");
        });
    }

    #[divan::bench(args = NOTATIONS, sample_count = 5, sample_size = 1)]
    fn to_tree(bencher: Bencher<'_, '_>, notation: generate::Notation) {
        measure(bencher, notation, |tokens| {
            tokens.into_value().expect("the value is well-formed")
        });
    }
}
