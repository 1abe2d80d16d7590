//! Logs in, queries over them, invocations out: the same as a scan finds.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::civil::DateTime;
use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::invocation::{LogReader, SourceFile};
use crate::query::{
    GroupBy, Grouping, Line, Matcher, Order, Page, Query, Scratch, SortBy, sort_groups,
};
use crate::redact::Redactor;
use crate::source::Kept;
use crate::view::{LineWriter, View};

/// A record as Zato 3.2 writes it, in a second of one minute.
fn record(second: usize, kind: &str, service: &str, payload: &str) -> String {
    format!(
        "2018-11-11 22:01:{second:02},000 - INFO - 7:Dummy-1 - zato_admin:0 - {kind}; \
         service:`{service}`, data:`{payload}` cid:`cid-{service}`, \n"
    )
}

/// A call that is answered within its second.
fn call(second: usize, service: &str, request: &str, response: &str) -> String {
    record(second, "Request", service, request) + &record(second, "Response", service, response)
}

/// Calls with these requests, of the services `a`, `b`, `c` and so on.
fn calls(requests: &[&str]) -> String {
    let services = ('a'..='z').map(String::from);
    let calls = services.zip(requests).enumerate();
    calls
        .map(|(nth, (service, request))| call(nth, &service, request, ""))
        .collect()
}

/// The lines of a log.
fn lines(view: &View, log: &[u8]) -> Vec<String> {
    let kept = Kept::default();
    let mut reader = LogReader::new(Some("server1"), &kept, log.len());
    let mut writer = LineWriter::new(view);
    let mut lines = Vec::new();
    let file = SourceFile {
        name: "admin.log",
        bytes: log,
    };
    let mut write = |invocation: &_| {
        let mut line = Vec::new();
        writer.write(invocation, &mut line);
        lines.push(String::from_utf8(line).unwrap().trim_end().to_owned());
    };
    let Ok(()) = reader.read(file, |batch| {
        batch.invocations.iter().for_each(&mut write);
        Ok::<(), Infallible>(())
    });
    reader.finish().1.for_each(|invocation| write(&invocation));
    lines
}

#[track_caller]
fn add(index: &Index, lines: &[String]) {
    let mut writer = index.writer(2).unwrap();
    let prepared = lines.iter().map(|line| index.prepare(line.as_bytes()));
    let prepared: Vec<Prepared> = prepared.collect::<Result<_, _>>().unwrap();
    writer.add(prepared).unwrap();
    writer.commit().unwrap();
}

/// An index of these lines, in a directory that lives as long.
#[track_caller]
fn index_of(lines: &[String]) -> (TempDir, Index) {
    let directory = TempDir::new().unwrap();
    let (index, opened) = create(directory.path());
    assert_eq!(opened, Opened::Created);
    add(&index, lines);
    (directory, index)
}

#[track_caller]
fn create(directory: &Path) -> (Index, Opened) {
    let lock = Lock::acquire(directory, "a test", Err).unwrap();
    Index::create_or_open(&lock).unwrap()
}

fn now() -> DateTime {
    "2018-11-12T00:00:00".parse().unwrap()
}

/// The first `limit` of all that fits.
fn page(limit: usize) -> Page {
    Page {
        sort_by: Order::new(SortBy::Started),
        offset: 0,
        limit,
    }
}

/// The services that a query finds.
#[track_caller]
fn services(index: &Index, query: &str) -> Vec<String> {
    let hits = index
        .search(&query.parse().unwrap(), &now, page(usize::MAX))
        .unwrap();
    assert_eq!(hits.total, hits.lines.len());
    let service = |line: &String| Line::read(line).unwrap().facts.service.into_owned();
    hits.lines.iter().map(service).collect()
}

/// What a plain look at each line finds.
fn scan<'l>(lines: &'l [String], query: &Query, sort_by: Order) -> Vec<&'l str> {
    let matcher = Matcher::new(query, now);
    let mut scratch = Scratch::default();
    let lines = lines.iter().filter_map(|line| {
        let read = Line::read(line).unwrap();
        let fits = matcher.fits_line(&read, &mut scratch);
        fits.then(|| (sort_by.rank(&read, &matcher), line.as_str()))
    });
    let mut lines: Vec<_> = lines.collect();
    lines.sort_unstable();
    lines.into_iter().map(|(_, line)| line).collect()
}

/// Checks that the index finds the same as a scan: all, some, and in groups.
#[track_caller]
fn agrees(index: &Index, lines: &[String], text: &str) {
    let query: Query = text.parse().unwrap();
    let orders = SortBy::ALL
        .into_iter()
        .flat_map(|by| [false, true].map(|is_reversed| Order { by, is_reversed }));
    for sort_by in orders {
        let expected = scan(lines, &query, sort_by);
        let mut page = Page {
            sort_by,
            ..page(usize::MAX)
        };
        let hits = index.search(&query, &now, page).unwrap();
        assert_eq!(hits.lines, expected, "{text}");
        (page.offset, page.limit) = (2, 3);
        let hits = index.search(&query, &now, page).unwrap();
        assert_eq!(hits.total, expected.len(), "{text}");
        let some: Vec<&str> = expected.iter().skip(2).take(3).copied().collect();
        assert_eq!(hits.lines, some, "{text}");
    }
    let values = ["request.id", "request.**", "response.*.name"];
    let values = values.map(|path| Grouping::Value(path.parse().unwrap()));
    for by in GroupBy::ALL.map(Grouping::Fact).into_iter().chain(values) {
        let mut expected = std::collections::BTreeMap::new();
        for line in scan(lines, &query, Order::default()) {
            let read = Line::read(line).unwrap();
            for key in by.keys(&read) {
                *expected.entry(key).or_insert(0_u64) += 1;
            }
        }
        let mut expected: Vec<_> = expected.into_iter().collect();
        sort_groups(&by, &mut expected);
        assert_eq!(index.groups(&query, &now, &by).unwrap(), expected, "{text}");
    }
}

/// Checks which services each query finds, in order and with spaces between them.
#[track_caller]
fn finds(log: &str, queries: &[(&str, &str)]) {
    let lines = lines(&View::default(), log.as_bytes());
    let (_directory, index) = index_of(&lines);
    for (query, expected) in queries {
        assert_eq!(services(&index, query).join(" "), *expected, "{query}");
        agrees(&index, &lines, query);
    }
}

#[test]
fn words_stand_in_the_service_the_request_or_the_response() {
    let log = call(
        1,
        "zato.channel.get-list",
        "{'name': 'My Channel.1'}",
        "{'a': ['x-ray']}",
    ) + &call(2, "zato.ping2", "{'channel': 1}", "plain get text")
        + &call(3, "zato.none", "{}", "");
    finds(
        &log,
        &[
            ("channel", "zato.ping2 zato.channel.get-list"),
            ("CHANNEL zato", "zato.ping2 zato.channel.get-list"),
            ("channel.1", "zato.channel.get-list"),
            ("\"my channel\"", "zato.channel.get-list"),
            ("\"channel my\"", ""),
            ("\"get text\"", "zato.ping2"),
            ("x-ray", "zato.channel.get-list"),
            ("chan", ""),
            ("chan*", "zato.ping2 zato.channel.get-list"),
            ("*han*", "zato.ping2 zato.channel.get-list"),
            ("plain.*.text", "zato.ping2"),
            ("NOT channel", "zato.none"),
            ("NOT plain.*.text", "zato.none zato.channel.get-list"),
            ("none OR plain.*.text", "zato.none zato.ping2"),
            ("/x-r/", "zato.channel.get-list"),
            ("/[Pp]lain g/", "zato.ping2"),
            ("NOT /x-r/ zato", "zato.none zato.ping2"),
            ("*", "zato.none zato.ping2 zato.channel.get-list"),
            ("NOT *", ""),
        ],
    );
}

#[test]
fn a_phrase_ends_with_its_text() {
    finds(
        &calls(&["{'name': 'one', 'b': 'two three'}", "{'a': ['one', 'two']}"]),
        &[
            ("\"two three\"", "a"),
            ("\"one two\"", ""),
            ("\"name one\"", ""),
        ],
    );
}

#[test]
fn names_are_matched_whole_or_by_a_pattern() {
    let log = call(1, "zato.a.get-list", "{}", "") + &call(2, "zato.a.get", "{}", "");
    let both = "zato.a.get zato.a.get-list";
    finds(
        &log,
        &[
            ("service:zato.a.get", "zato.a.get"),
            ("service:zato.a.GET", ""),
            ("service:zato.a.*", both),
            ("service:*list", "zato.a.get-list"),
            ("service:zato?a?get", "zato.a.get"),
            ("service:\"zato.a.*\"", ""),
            ("service:/a.get$/", "zato.a.get"),
            ("NOT service:/a.get$/", "zato.a.get-list"),
            ("verb:get*", both),
            ("kind:read", both),
            ("cid:cid-zato.a.get", "zato.a.get"),
            ("cid:cid-*", both),
            ("server:server?", both),
            ("server:server2", ""),
            ("id:*", both),
            ("id:x*", ""),
            ("id:12345", ""),
            ("parent:*", ""),
            ("pid:7", both),
            ("pid:8", ""),
        ],
    );
}

#[test]
fn a_name_that_is_too_long_for_the_index_is_found() {
    let (long, other) = ("x".repeat(70_000), "x".repeat(70_001));
    let log = call(1, &long, "{}", "") + &call(2, "short", "{}", "");
    let lines = lines(&View::default(), log.as_bytes());
    let (_directory, index) = index_of(&lines);
    for query in ["*", "x*", "*s*", "?????", "/xx/"] {
        agrees(&index, &lines, &format!("service:{query}"));
    }
    for name in [long, other] {
        agrees(&index, &lines, &format!("service:{name}"));
        agrees(&index, &lines, &format!("NOT service:{name}"));
    }
}

#[test]
fn values_are_found_by_their_paths() {
    let payloads = [
        "{'id': 5, 'name': 'My Channel', 'is_active': True, 'x': None}",
        "{'id': '5', 'is_active': 'True', 'x': 'null', 'a': {'b': {'c': 'deep'}}}",
        "{'id': 50, 'is_active': False, 'a.b': {'c': 'dotted'}, 'c': 'none'}",
        "{'rows': [{'id': 5}, [{'id': None, 'tags': ['red', 'dark green']}]], '0': 1}",
        "[{'id': 7}, {'id': 8.50}]",
        "{'n': 18446744073709551615, 'm': 1e+300, 'id': 5.0}",
        "plain text",
    ];
    let requests = calls(&payloads);
    let responses: String = payloads
        .iter()
        .zip('a'..)
        .map(|(payload, service)| call(0, &service.to_string(), "{}", payload))
        .collect();
    for (log, side) in [(requests, "request"), (responses, "response")] {
        let lines = lines(&View::default(), log.as_bytes());
        let (_directory, index) = index_of(&lines);
        for test in [
            ".id:5",
            ".id:5.0",
            ".id:\"5\"",
            ".id:8.5",
            ".id:>5",
            ".id:5..8",
            ".id:/5/",
            ".is_active:true",
            ".is_active:False",
            ".is_active:/rue/",
            ".name:channel",
            ".name:\"my channel\"",
            ".name:\"channel my\"",
            ".name:chan*",
            ".name:*.channel",
            ".x:null",
            ".x:\"null\"",
            ".x:None",
            ".a.b.c:deep",
            ".a.b.c:dotted",
            ".b.c:deep",
            ".rows.id:5",
            ".rows.0.id:5",
            ".rows.1.id:5",
            ".0:1",
            ".0.id:7",
            ".*.id:5",
            ".**.id:5",
            ".**.c:d*",
            ".rows.id:null",
            ".rows.tags:green",
            ".rows.tags:\"red dark\"",
            ".n:18446744073709551615",
            ".m:1e300",
            ".nothing:5",
            ":text",
            ":\"plain text\"",
        ] {
            agrees(&index, &lines, &format!("{side}{test}"));
            agrees(&index, &lines, &format!("NOT {side}{test}"));
        }
        for path in ["", ".id", ".rows", ".rows.1", ".a.b", ".*", ".**.c", ".z"] {
            agrees(&index, &lines, &format!("has:{side}{path}"));
        }
    }
}

#[test]
fn masked_secrets_are_not_found_and_not_on_disk() {
    let log = calls(&[
        "{'token': 'hunter2', 'uri': 'amqp://user:hunter3@host', 'n': {'PASSWORD': 'hunter4'}}",
        "cut off, password=hunter5",
    ]);
    let (directory, index) = index_of(&lines(&View::default(), log.as_bytes()));
    for query in [
        "hunter2",
        "hunter3",
        "hunter4",
        "hunter5",
        "request.token:hunter2",
        "request.n.PASSWORD:hunter4",
    ] {
        assert_eq!(services(&index, query), [""; 0], "{query}");
    }
    assert_eq!(services(&index, "token amqp host"), ["a"]);
    let mut bytes = Vec::new();
    for file in fs::read_dir(directory.path().join("segments")).unwrap() {
        bytes.extend(fs::read(file.unwrap().path()).unwrap());
    }
    assert!(!bytes.windows(6).any(|window| window == b"hunter"));

    let shown = View {
        redactor: Redactor::Show,
        ..View::default()
    };
    let (_directory, index) = index_of(&lines(&shown, log.as_bytes()));
    assert_eq!(services(&index, "request.token:hunter2"), ["a"]);
}

#[test]
fn words_that_are_too_long_take_their_place() {
    let (most, long) = ("y".repeat(255), "x".repeat(256));
    let log = calls(&[&format!("{{'a': 'one {long} three', 'b': '{most}'}}")]);
    finds(
        &log,
        &[
            (&most, "a"),
            (&format!("request.b:{most}"), "a"),
            ("one.*.three", "a"),
            ("request.a:one.*.three", "a"),
            ("\"one three\"", ""),
            ("xxx*", ""),
            ("yyy*", "a"),
            ("/xxx/", "a"),
        ],
    );
}

#[test]
fn odd_keys_are_no_obstacle() {
    let key = "k".repeat(70_000);
    let deep = format!("{}'bottom'{}", "{'a': ".repeat(600), "}".repeat(600));
    let log = calls(&[
        &format!("{{'{key}': 'long', 'x': 1}}"),
        r"{'nul\x00key': 'zero', 'x': 2}",
        &deep,
        r"{'back\\slash': 'x', 'ż Ż': 'y', '': 'z'}",
    ]);
    finds(
        &log,
        &[
            ("long", "a"),
            ("request.x:1", "a"),
            ("request.*:long", "a"),
            ("zero", "b"),
            ("request.x:2", "b"),
            ("bottom", "c"),
            ("request.**:bottom", "c"),
            (r"request.back\slash:x", "d"),
            ("z", "d"),
            ("request.\"ż Ż\":y", "d"),
        ],
    );
}

#[test]
fn those_without_a_time_come_last() {
    let documented = "INFO - name:`no.time`,\n  request:`{}`\nINFO - name:`no.time`,\n  \
                      response:`{}`\n";
    let log = call(1, "first", "{}", "") + &record(3, "Response", "third", "{}") + documented;
    finds(&log, &[("service:*", "third first no.time")]);
}

#[test]
fn an_invocation_is_indexed_once() {
    let request = record(1, "Request", "x", "{'a': 'asked'}");
    let response = record(2, "Response", "x", "{'b': 'answered'}");
    let view = View::default();
    let asked = lines(&view, request.as_bytes());
    let whole = lines(&view, (request + &response).as_bytes());
    let (_directory, index) = index_of(&[asked.clone(), asked.clone()].concat());
    assert_eq!(services(&index, "asked outcome:unanswered"), ["x"]);
    add(&index, &[whole.clone(), asked.clone(), whole].concat());
    assert_eq!(services(&index, "*"), ["x"]);
    assert_eq!(services(&index, "answered outcome:completed"), ["x"]);
    add(&index, &asked);
    assert_eq!(services(&index, "*"), ["x"]);
    assert_eq!(services(&index, "answered outcome:completed"), ["x"]);
}

#[test]
fn what_is_not_committed_is_not_kept() {
    let lines = lines(&View::default(), calls(&["{}", "{}"]).as_bytes());
    let (directory, index) = index_of(&lines[..1]);
    let mut writer = index.writer(1).unwrap();
    writer
        .add([index.prepare(lines[1].as_bytes()).unwrap()])
        .unwrap();
    assert_eq!(services(&index, "*"), ["a"]);
    drop(writer);
    let index = Index::open(directory.path()).unwrap();
    assert_eq!(services(&index, "*"), ["a"]);
}

/// All logs of the corpora.
fn logs() -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut logs: Vec<PathBuf> = Vec::new();
    let mut folders = vec![root];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                folders.push(path);
            } else if name.contains(".log") && !name.ends_with("gz") && !name.ends_with("zst") {
                logs.push(path);
            }
        }
    }
    logs.sort();
    logs.iter().map(|log| fs::read(log).unwrap()).collect()
}

/// All lines of the corpora.
fn corpora() -> Vec<String> {
    let logs = logs();
    let all = logs.iter().flat_map(|log| lines(&View::default(), log));
    let mut seen = BTreeSet::new();
    all.filter(|line| seen.insert(Line::read(line).unwrap().facts.id().into_owned()))
        .collect()
}

/// Conditions about what is in some line.
fn conditions(lines: &[String]) -> Vec<String> {
    let mut conditions = BTreeSet::new();
    for line in lines.iter().step_by(7) {
        let read = Line::read(line).unwrap();
        let facts = &read.facts;
        conditions.insert(format!("service:{}", facts.service));
        let (start, end) = facts.service.split_at(facts.service.len() / 2);
        conditions.insert(format!("service:{start}*"));
        conditions.insert(format!("service:*{end}"));
        conditions.insert(format!("id:{}", facts.id()));
        conditions.insert(format!("id:{}*", &facts.id()[..2]));
        conditions.extend(facts.parent().map(|parent| format!("parent:{parent}")));
        conditions.extend(facts.cid.as_ref().map(|cid| format!("cid:\"{cid}\"")));
        conditions.extend(
            facts
                .thread
                .as_ref()
                .map(|name| format!("thread:\"{name}\"")),
        );
        conditions.extend(facts.process.map(|process| format!("pid:{process}")));
        conditions.extend(
            facts
                .duration
                .map(|duration| format!("duration:>{duration}")),
        );
        conditions.insert(format!("size:<={}", facts.size));
        let times = [("started", facts.started), ("finished", facts.finished)];
        for (field, time) in times {
            conditions.extend(time.and_then(|time| {
                let day = GroupBy::Day.time_key(time)?;
                Some(format!("{field}:{day}"))
            }));
        }
        let sides = [("request", read.request), ("response", read.response)];
        for (side, json) in sides {
            let Some(json) = json else { continue };
            // Deeper than a tree can be.
            let Ok(value) = serde_json::from_str::<serde_json::Value>(json) else {
                continue;
            };
            values(&value, side, 0, &mut conditions);
        }
    }
    conditions
        .into_iter()
        .filter(|condition| condition.parse::<Query>().is_ok())
        .collect()
}

fn values(value: &serde_json::Value, path: &str, depth: usize, out: &mut BTreeSet<String>) {
    use serde_json::Value;

    out.insert(format!("has:{path}"));
    match value {
        Value::Null | Value::Bool(_) => {
            out.insert(format!("{path}:{value}"));
        }
        Value::Number(number) => {
            out.insert(format!("{path}:{number}"));
            out.insert(format!("{path}:>={number}"));
            out.insert(number.to_string());
        }
        Value::String(text) => {
            let plain = |c: char| !matches!(c, '"' | '\\' | '/');
            let text: String = text.chars().filter(|c| plain(*c)).take(20).collect();
            out.insert(format!("\"{text}\""));
            out.insert(format!("{path}:\"{text}\""));
            out.insert(format!("/{}/", regex::escape(&text)));
            let word: String = text.chars().take_while(|c| c.is_alphanumeric()).collect();
            out.insert(format!("{path}:{word}*"));
            out.insert(format!("**{word}"));
            out.insert(format!("{path}:/{word}/"));
            out.insert(format!("{path}:(\"{text}\" OR NOT {word}*)"));
        }
        Value::Array(items) => {
            for (nth, item) in items.iter().take(2).enumerate() {
                let below = [
                    path.to_owned(),
                    format!("{path}.{nth}"),
                    format!("{path}.*"),
                ];
                values(item, &below[(nth + depth) % 3], depth + 1, out);
            }
        }
        Value::Object(entries) => {
            for (nth, (key, value)) in entries.iter().enumerate().take(5) {
                let step = match (nth + depth) % 5 {
                    3 => "*".to_owned(),
                    4 => "**".to_owned(),
                    _ => format!("\"{}\"", key.replace(['"', '\\'], "")),
                };
                values(value, &format!("{path}.{step}"), depth + 1, out);
            }
        }
    }
}

/// The `T` of a time is no part of a word, but of what a regular expression may ask for.
#[test]
fn a_regular_expression_may_go_over_the_middle_of_a_time() {
    let lines = corpora();
    let (_directory, index) = index_of(&lines);
    for text in [
        "/01-20T18:29/",
        "/T18/",
        "/20T/",
        "/T/",
        "/0T1/",
        "/start_date/",
        "request.start_date:/T18:29/",
    ] {
        let query: Query = text.parse().unwrap();
        let expected = scan(&lines, &query, Order::default());
        assert!(!expected.is_empty(), "{text}");
        let hits = index.search(&query, &now, page(usize::MAX)).unwrap();
        assert_eq!(hits.lines, expected, "{text}");
    }
}

/// The index finds what a scan does, whatever is asked.
#[test]
fn scan_and_index_find_the_same() {
    let lines = corpora();
    let (_directory, index) = index_of(&lines);
    let conditions = conditions(&lines);
    assert!(conditions.len() > 200, "{}", conditions.len());
    let one = prop::sample::select(conditions);
    let query = one.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|query| format!("NOT ({query})")),
            prop::collection::vec(inner.clone(), 2..4).prop_map(|all| all.join(" ")),
            prop::collection::vec(inner, 2..4).prop_map(|all| format!("({})", all.join(" OR "))),
        ]
    });
    let config = ProptestConfig {
        failure_persistence: None,
        cases: 60,
        max_shrink_iters: 20,
        ..ProptestConfig::default()
    };
    proptest!(config, |(text in query)| {
        let query: Query = text.parse().unwrap();
        let is_reversed = text.len() % 2 == 0;
        let sort_by = Order { is_reversed, ..Order::default() };
        let expected = scan(&lines, &query, sort_by);
        let hits = index.search(&query, &now, Page { sort_by, ..page(usize::MAX) }).unwrap();
        prop_assert_eq!(hits.lines, expected);
    });
}

/// Refreshes an index with the files of a server, as `zalog index` does.
fn refresh(directory: &Path, files: &[(String, &[u8])]) -> usize {
    let (index, _) = create(directory);
    let mut writer = index.writer(1).unwrap();
    let files = files.iter().map(|(name, bytes)| SourceFile { name, bytes });
    let set = ServerSet {
        server: Some("server1"),
        path: "admin.log",
        how: "",
        files: files.collect(),
    };
    let refreshed = writer
        .refresh(&set, &View::default(), |_| true, |_| {})
        .unwrap();
    writer.commit().unwrap();
    refreshed.counts.bytes
}

/// All lines of an index, in order, without the names of their files: they change.
fn lines_in(directory: &Path) -> Vec<String> {
    let index = Index::open(directory).unwrap();
    let hits = index
        .search(&"*".parse().unwrap(), &now, page(usize::MAX))
        .unwrap();
    let (faults, calls) = index.verify().unwrap();
    assert_eq!((faults, calls), (vec![], hits.total as u64));
    let name = regex::Regex::new(r#""file":"admin\.log(\.\d+)?""#).unwrap();
    let lines = hits.lines.iter();
    lines
        .map(|line| name.replace_all(line, "\"file\":\"\"").into_owned())
        .collect()
}

/// The files of a log that was rotated at these places, as they are when `length` bytes of it are
/// written, but for the oldest ones, which are gone.
fn rotated<'l>(
    log: &'l [u8],
    rotations: &[usize],
    length: usize,
    gone: usize,
) -> Vec<(String, &'l [u8])> {
    let mut bounds: Vec<usize> = rotations
        .iter()
        .copied()
        .filter(|at| *at < length)
        .collect();
    bounds.insert(0, 0);
    bounds.push(length);
    let files: Vec<&[u8]> = bounds
        .windows(2)
        .map(|pair| &log[pair[0]..pair[1]])
        .collect();
    let newest = files.len() - 1;
    let files = files.into_iter().enumerate().map(|(nth, bytes)| {
        let name = match newest - nth {
            0 => "admin.log".to_owned(),
            age => format!("admin.log.{age}"),
        };
        (name, bytes)
    });
    files.skip(gone).collect()
}

/// The start of each record that has a header.
fn boundaries(log: &[u8]) -> Vec<usize> {
    let records = crate::entry::records(log);
    records.map(|record| record.span.offset).collect()
}

/// An index that was refreshed while its log grew is the one that is built of the whole log.
#[track_caller]
fn grows_to_the_same(log: &[u8], cuts: &[usize], rotations: &[usize], gone_at: Option<usize>) {
    let directory = TempDir::new().unwrap();
    let mut all = cuts.to_vec();
    all.push(log.len());
    for (nth, cut) in all.iter().enumerate() {
        // What is gone was in the index before.
        let before = rotations.iter().filter(|at| nth > 0 && **at < all[nth - 1]);
        let gone = match gone_at {
            Some(at) if nth >= at => before.count(),
            _ => 0,
        };
        let files = rotated(log, rotations, *cut, gone);
        refresh(directory.path(), &files);
    }
    let fresh = TempDir::new().unwrap();
    refresh(fresh.path(), &rotated(log, rotations, log.len(), 0));
    let (found, expected) = (lines_in(directory.path()), lines_in(fresh.path()));
    let missing: Vec<_> = expected
        .iter()
        .filter(|line| !found.contains(line))
        .collect();
    let more: Vec<_> = found
        .iter()
        .filter(|line| !expected.contains(line))
        .collect();
    assert!(
        found == expected,
        "cuts {cuts:?}, rotations {rotations:?}, gone {gone_at:?}\n\
         missing: {missing:#?}\nmore: {more:#?}"
    );
}

#[test]
fn a_log_that_grows_is_the_same_as_one_that_is_there() {
    let logs: Vec<Vec<u8>> = logs()
        .into_iter()
        .filter(|log| (1_000..300_000).contains(&log.len()))
        .collect();
    let steps = (
        0..logs.len(),
        prop::collection::vec(0.0..1.0_f64, 1..4),
        prop::collection::vec(0.0..1.0_f64, 0..3),
    );
    let config = ProptestConfig {
        failure_persistence: None,
        cases: 12,
        max_shrink_iters: 30,
        ..ProptestConfig::default()
    };
    proptest!(config, |((nth, cuts, rotations) in steps)| {
        let log = &logs[nth];
        let boundaries = boundaries(log);
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a part of a length is a length"
        )]
        let part = |of: usize, part: f64| (of as f64 * part) as usize;
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| part(log.len(), *cut)).collect();
        let mut rotations: Vec<usize> = rotations
            .iter()
            .map(|at| boundaries[part(boundaries.len(), *at)])
            .filter(|at| *at > 0)
            .collect();
        cuts.sort_unstable();
        rotations.sort_unstable();
        rotations.dedup();
        grows_to_the_same(log, &cuts, &rotations, None);
    });
}

/// Calls that stay open for long, and more log than is read again.
fn long_log() -> Vec<u8> {
    let filler = "x".repeat(9_000);
    let mut log = String::new();
    for nth in 0..600 {
        let service = format!("s{nth}");
        if nth % 50 == 7 {
            log += &record(
                nth % 60,
                "Request",
                &format!("slow{nth}"),
                "{'token': 'hunter2'}",
            );
        }
        log += &call(nth % 60, &service, &format!("{{'n': {nth}}}"), &filler);
        if nth % 50 == 6 && nth > 50 {
            log += &record(
                nth % 60,
                "Response",
                &format!("slow{}", nth - 49),
                "{'a': 'late'}",
            );
        }
    }
    log.into_bytes()
}

#[test]
fn only_what_was_appended_is_read_and_late_responses_complete_calls() {
    let log = long_log();
    let boundaries = boundaries(&log);
    let at = |part: usize| boundaries[boundaries.len() * part / 10];
    for (rotations, gone) in [
        (vec![], None),
        (vec![at(4)], None),
        (vec![at(4), at(8)], Some(1)),
        (vec![at(6)], Some(2)),
    ] {
        grows_to_the_same(&log, &[at(5), at(9), at(9) + 77], &rotations, gone);
    }
    let directory = TempDir::new().unwrap();
    let files = |length: usize| [("admin.log".to_owned(), &log[..length])];
    assert_eq!(refresh(directory.path(), &files(at(9))), at(9));
    let read = refresh(directory.path(), &files(log.len()));
    assert!(read < 3 << 20, "{read}");
    let more = [
        ("other.log".to_owned(), &log[..0]),
        files(log.len())[0].clone(),
    ];
    assert!(refresh(directory.path(), &more) < 3 << 20);
    for entry in fs::read_dir(directory.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = fs::read(path).unwrap();
            assert!(!bytes.windows(6).any(|window| window == b"hunter"));
        }
    }
}

#[test]
fn files_may_come_in_any_order() {
    let log = long_log();
    let boundaries = boundaries(&log);
    let files = rotated(&log, &[boundaries[boundaries.len() / 2]], log.len(), 0);
    let directory = TempDir::new().unwrap();
    refresh(directory.path(), &files[1..]);
    refresh(directory.path(), &files);
    refresh(directory.path(), &files[..1]);
    let fresh = TempDir::new().unwrap();
    refresh(fresh.path(), &files);
    assert!(lines_in(directory.path()) == lines_in(fresh.path()));
}

#[test]
fn an_index_of_another_version_is_made_anew_of_what_it_holds() {
    let lines = lines(&View::default(), &long_log()[..400_000]);
    let (directory, index) = index_of(&lines);
    let before = lines_in(directory.path());
    drop(index);
    fs::write(
        directory.path().join("zalog-index"),
        "zalog index, schema 1\n",
    )
    .unwrap();
    let error = Index::open(directory.path()).unwrap_err();
    assert!(matches!(error, SearchError::OtherVersion(_)), "{error}");
    let (_, opened) = create(directory.path());
    assert_eq!(opened, Opened::Rebuilt);
    assert_eq!(lines_in(directory.path()), before);
}

#[test]
fn one_writes_at_a_time() {
    let directory = TempDir::new().unwrap();
    let first = Lock::acquire(directory.path(), "process 1", Err).unwrap();
    let error = Lock::acquire(directory.path(), "process 2", Err).unwrap_err();
    let directory_name = directory.path().display();
    assert_eq!(
        error.to_string(),
        format!("another zalog (process 1) is writing to the index in '{directory_name}'")
    );
    drop(first);
    let second = Lock::acquire(directory.path(), "process 2", Err).unwrap();
    second.drop_index().unwrap();
    assert!(!directory.path().exists());
}

/// One that looked at the files of an index before they were all there took it for something else.
#[test]
fn an_index_can_be_made_by_many_at_once() {
    let folder = tempfile::tempdir().unwrap();
    for round in 0..100 {
        let directory = folder.path().join(round.to_string());
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| drop(Lock::acquire(&directory, "", |_| Ok(())).unwrap()));
            }
        });
    }
}
