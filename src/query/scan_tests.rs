//! A scan, which decodes as little as it can, finds what the lines say.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::Value;

use super::*;
use crate::entry::Hints;
use crate::invocation::{Invocation, LogReader, SourceFile};
use crate::view::{View, write_json_line};

/// The logs of all versions, and some that are written to be hard.
static LOGS: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(|| {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut logs = Vec::new();
    let mut folders = vec![fixtures];
    while let Some(folder) = folders.pop() {
        let mut entries: Vec<PathBuf> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        entries.sort();
        for path in entries {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                folders.push(path);
            } else if name.starts_with("admin.log")
                && !name.ends_with("gz")
                && !name.ends_with("zst")
            {
                logs.push((path.display().to_string(), fs::read(path).unwrap()));
            }
        }
    }
    logs.push(("disguises".to_owned(), DISGUISED.as_bytes().to_vec()));
    assert!(logs.len() > 5, "the fixtures are there");
    logs
});

/// Letters and numbers that do not stand in the log as such.
const DISGUISED: &str = r#"2018-11-11 22:01:57,123 - INFO - 7:Dummy-1 - zato_admin:0 - Request; service:`a`, data:`{'a': 'z\xfcrich', u'b': u'z\u00fcrich', 'c': '\x41bc', 'd': '\101bc', 'e': 1e2, 'f': 123L, 'g': datetime.datetime(2018, 11, 11, 2, 3), 'h': inf, 'i': '\x5fund_er', 'j': datetime.timedelta(1, 5), 'k': 'na\x6de'}` cid:`K1`, 
2018-11-11 22:01:57,124 - INFO - 7:Dummy-1 - zato_admin:0 - Response; service:`a`, data:`{"a": "z\u00fcrich", "\u0041bc": [1.0E+2, NaN, "\u004a\u006fe"], "x": "{\"y\": \"\\u0041\"}"}` cid:`K1`, 
"#;

static INVOCATIONS: LazyLock<Vec<Invocation<'static>>> = LazyLock::new(|| {
    let mut invocations = Vec::new();
    for (name, bytes) in LOGS.iter() {
        let kept = Box::leak(Box::default());
        let mut reader = LogReader::new(Some("server1"), kept, bytes.len());
        let Ok(()) = reader.read(SourceFile { name, bytes }, |batch| {
            invocations.extend(batch.invocations);
            Ok::<(), Infallible>(())
        });
        invocations.extend(reader.finish().1);
    }
    invocations
});

/// A part of a log of so many bytes, with the records that start in it, is hinted at once.
const PART: usize = 1 << 14;

/// Where the records end that start in each part of a log.
static PARTS: LazyLock<BTreeMap<(&str, usize), usize>> = LazyLock::new(|| {
    let mut parts = BTreeMap::new();
    let sides = INVOCATIONS
        .iter()
        .flat_map(|call| [call.request, call.response]);
    for at in sides.flatten().map(|side| side.at) {
        let end = parts.entry((at.file, at.span.offset / PART)).or_insert(0);
        *end = at.span.end().max(*end);
    }
    parts
});

/// The invocations as a reader gives them who has asked `scan` for hints.
fn hinted(scan: &Scan<'_>) -> Vec<Invocation<'static>> {
    let hints: BTreeMap<(&str, usize), Hints> = PARTS
        .iter()
        .map(|(&(file, part), &end)| {
            let (_, bytes) = LOGS.iter().find(|(name, _)| name == file).unwrap();
            ((file, part), scan.hints(&bytes[part * PART..end]))
        })
        .collect();
    let mut invocations = INVOCATIONS.clone();
    for call in &mut invocations {
        for side in [&mut call.request, &mut call.response]
            .into_iter()
            .flatten()
        {
            side.hints = hints[&(side.at.file, side.at.span.offset / PART)];
        }
    }
    invocations
}

static LINES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let line = |invocation: &Invocation<'_>| {
        let mut line = Vec::new();
        write_json_line(&View::default(), invocation, &mut line);
        String::from_utf8(line).unwrap()
    };
    INVOCATIONS.iter().map(line).collect()
});

/// Paths into payloads with the values that stand there, as they are written in queries.
static VALUES: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    let mut values = Vec::new();
    for line in LINES.iter() {
        let line = Line::read(line).unwrap();
        for (side, payload) in [("request", line.request), ("response", line.response)] {
            let value = payload.and_then(|json| serde_json::from_str(json).ok());
            add_values(side, &value.unwrap_or(Value::Null), &mut values);
        }
    }
    values
});

fn add_values(path: &str, value: &Value, values: &mut Vec<(String, String)>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| add_values(path, item, values)),
        Value::Object(entries) => {
            for (key, value) in entries {
                values.push((path.to_owned(), format!("{key:?}")));
                if !key.contains(['"', '\\']) {
                    add_values(&format!("{path}.\"{key}\""), value, values);
                }
            }
        }
        Value::String(text) => {
            let text = text.replace('\\', r"\\").replace('"', "\\\"");
            let short: String = text.chars().take(60).collect();
            values.push((
                path.to_owned(),
                format!("\"{}\"", short.trim_end_matches('\\')),
            ));
            let word = text
                .split(|c: char| !c.is_alphanumeric())
                .max_by_key(|word| word.len());
            if let Some(word) = word.filter(|word| !word.is_empty() && word.len() < LONGEST_WORD) {
                values.push((path.to_owned(), word.to_owned()));
                let start: String = word.chars().take(3).collect();
                values.push((path.to_owned(), format!("{start}*")));
                values.push((path.to_owned(), format!("/{}/", regex::escape(word))));
            }
        }
        scalar => {
            values.push((path.to_owned(), scalar.to_string()));
            values.push((path.to_owned(), format!("/{scalar}/")));
        }
    }
}

/// A path with some of its steps left open.
fn loosened(path: &str, how: u8, nth: usize) -> String {
    let steps: Vec<&str> = path.split('.').collect();
    let nth = 1 + nth % steps.len().max(2).saturating_sub(1);
    match how {
        0 | 1 => path.to_owned(),
        2 => replaced(&steps, nth, "*"),
        3 => replaced(&steps, nth, "**"),
        _ => format!("{}.**", steps[0]),
    }
}

fn replaced(steps: &[&str], nth: usize, with: &str) -> String {
    let mut steps = steps.to_vec();
    if let Some(step) = steps.get_mut(nth) {
        *step = with;
    }
    steps.join(".")
}

fn clause() -> impl Strategy<Value = String> {
    let value =
        (any::<Index>(), 0..5_u8, any::<usize>(), 0..7_u8).prop_map(|(index, how, nth, form)| {
            let (path, value) = index.get(&VALUES);
            match form {
                0 => value.clone(),
                1 => format!("has:{path}"),
                2 => format!("{path}:({value} OR name)"),
                3 => format!("request.**:(NOT {value})"),
                _ => format!("{}:{value}", loosened(path, how, nth)),
            }
        });
    let service = any::<Index>().prop_map(|index| {
        let service = index.get(&INVOCATIONS).service;
        format!(
            "service:\"{}\"",
            service.replace('\\', r"\\").replace('"', "\\\"")
        )
    });
    let other = select(vec![
        "kind:write",
        "kind:read",
        "verb:create",
        "outcome:unanswered",
        "outcome:completed",
        "duration:>100ms",
        "size:>1kb",
        "service:*.get-list",
        "cid:*a*",
        "server:server1",
        "zürich",
        "name",
        "is_active",
        "request.is_active:true",
        "has:response",
        "request:1",
        "response.**.id:>5",
        "started:>2018-01-01",
        "abc",
        "100",
        "request.e:100",
        "infinity",
        "86405",
        "joe",
        "\"02 03\"",
        "/Zur|zür/",
        "response.**.name:*",
        "under",
        "request.i:_und_er",
        "response.x:y",
        "nan",
    ]);
    prop_oneof![6 => value, 1 => service, 3 => other.prop_map(str::to_owned)]
}

/// Queries about what the logs hold.
fn query() -> impl Strategy<Value = String> {
    let negated =
        (clause(), any::<bool>()).prop_map(
            |(clause, not)| {
                if not { format!("-{clause}") } else { clause }
            },
        );
    // So many that they are looked for together.
    let many = prop::collection::vec(clause(), 17..24).prop_map(|parts| parts.join(" OR "));
    let joined = negated.prop_recursive(3, 12, 4, |inner| {
        let joined =
            |with: &'static str| move |parts: Vec<String>| format!("({})", parts.join(with));
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(joined(" ")),
            prop::collection::vec(inner.clone(), 1..4).prop_map(joined(" OR ")),
            inner.prop_map(|inner| format!("NOT {inner}")),
        ]
    });
    prop_oneof![5 => joined, 1 => many]
}

#[track_caller]
fn finds_what_the_lines_say(text: &str) -> bool {
    // Some values hold nothing that can be searched for.
    let Ok(query) = text.parse::<Query>() else {
        return false;
    };
    let now = || "2018-11-12T10:00:00".parse().unwrap();
    let (view, matcher) = (View::default(), Matcher::new(&query, now));
    let scan = Scan::new(&query, now, &view);
    let numbers = |hits: &[&Invocation<'_>], all: &[Invocation<'_>]| -> Vec<usize> {
        let number = |hit: &&Invocation<'_>| {
            let start = all.as_ptr().addr();
            (std::ptr::from_ref(*hit).addr() - start) / size_of::<Invocation<'_>>()
        };
        hits.iter().map(number).collect()
    };
    let hits = scan.hits(&INVOCATIONS);
    let found = numbers(&hits, &INVOCATIONS);
    let hinted = hinted(&scan);
    assert_eq!(
        numbers(&scan.hits(&hinted), &hinted),
        found,
        "hints for {text}"
    );
    let mut scratch = Scratch::default();
    let expected: Vec<usize> = (0..LINES.len())
        .filter(|nth| {
            let line = Line::read(&LINES[*nth]).unwrap();
            matcher.fits_line(&line, &mut scratch)
        })
        .collect();
    assert_eq!(found, expected, "{text}");
    for path in ["request.id", "response.**.name"] {
        let by = Grouping::Value(path.parse().unwrap());
        let mut groups = Groups::new(by.clone());
        groups.take(&scan, &hits);
        let mut counts = BTreeMap::new();
        for nth in &found {
            for key in by.keys(&Line::read(&LINES[*nth]).unwrap()) {
                *counts.entry(key).or_insert(0_u64) += 1;
            }
        }
        let mut expected: Vec<Group> = counts.into_iter().collect();
        sort_groups(&by, &mut expected);
        assert_eq!(groups.finish(), expected, "{text} by {path}");
    }
    !found.is_empty()
}

#[test]
fn the_facts_of_an_invocation_are_those_of_its_line() {
    for (invocation, line) in INVOCATIONS.iter().zip(LINES.iter()) {
        assert_eq!(
            Line::read(line).unwrap().facts,
            Facts::of(invocation),
            "{line}"
        );
    }
}

#[test]
fn what_is_disguised_is_found() {
    for query in [
        "zürich",
        "request.c:abc",
        "request.d:abc",
        "request.e:100",
        "request.f:123",
        "02",
        "11 02",
        "infinity",
        "response.x:u0041",
        "request.x:1 OR response.Abc:100",
        "joe",
        "nan",
        "request.j:86405",
        "request.name:* OR request.k:name",
        "response.Abc:100.0",
        "request.i:/_und_/",
    ] {
        assert!(finds_what_the_lines_say(query), "{query} finds nothing");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn a_scan_finds_what_the_lines_say(query in query()) {
        finds_what_the_lines_say(&query);
    }
}
