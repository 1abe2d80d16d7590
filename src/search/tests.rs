//! Logs in, queries over them, services out.

use std::convert::Infallible;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use tempfile::TempDir;

use super::*;
use crate::invocation::{Invocation, LogReader, SourceFile};
use crate::redact::Redactor;
use crate::view::{View, write_json_line};

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

fn invocations(log: &str) -> Vec<Invocation<'_>> {
    let mut reader = LogReader::new(Some("server1"), log.len());
    let mut invocations = Vec::new();
    let file = SourceFile {
        name: "admin.log",
        bytes: log.as_bytes(),
    };
    let Ok(()) = reader.read(file, |batch| {
        invocations.extend(batch.invocations);
        Ok::<(), Infallible>(())
    });
    invocations.extend(reader.finish().1);
    invocations
}

#[track_caller]
fn add(index: &Index, view: &View, logs: &[&str]) {
    let writer = index.writer(2).unwrap();
    for log in logs {
        for invocation in invocations(log) {
            writer.add(view, &invocation).unwrap();
        }
    }
    writer.commit().unwrap();
}

/// An index of these logs, in a directory that lives as long.
#[track_caller]
fn index_of(logs: &[&str]) -> (TempDir, Index) {
    let directory = TempDir::new().unwrap();
    let (index, opened) = Index::create_or_open(directory.path()).unwrap();
    assert_eq!(opened, Opened::Created);
    add(&index, &View::default(), logs);
    (directory, index)
}

#[derive(Deserialize)]
struct Shown {
    service: String,
}

#[track_caller]
fn search(index: &Index, query: &str) -> Vec<String> {
    let hits = index.search(&query.parse().unwrap(), 100).unwrap();
    assert_eq!(hits.total, hits.hits.len());
    // A `Value` can't be nested as deeply as a line.
    let service = |hit: &Hit| serde_json::from_str::<Shown>(&hit.line).unwrap().service;
    hits.hits.iter().map(service).collect()
}

/// Checks which services each query finds, in order and with spaces between them.
#[track_caller]
fn finds(log: &str, queries: &[(&str, &str)]) {
    let (_directory, index) = index_of(&[log]);
    for (query, expected) in queries {
        assert_eq!(search(&index, query).join(" "), *expected, "{query}");
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
            ("get-list", "zato.channel.get-list"),
            ("get text", "zato.ping2"),
            ("x-ray", "zato.channel.get-list"),
            ("ray x", "zato.channel.get-list"),
            ("chan", ""),
            ("zato", "zato.none zato.ping2 zato.channel.get-list"),
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
fn words_are_found_however_they_are_escaped_in_the_log() {
    let log = call(1, "escaped-response", "{}", r#"{"city": "z\u00fcrich"}"#)
        + &call(2, "plain-request", "{'city': 'Zürich'}", "")
        + &call(3, "escaped-request", r"{u'city': u'Z\xfcrich\nX'}", "");
    finds(
        &log,
        &[
            ("ZÜRICH", "escaped-request plain-request escaped-response"),
            (r"\nX", ""),
        ],
    );
    let brackets = "2014-08-15 15:32:54,001 - INFO - 1:Dummy-2 - zato_admin:43 - cid:[K1], \
                    name:[old], SIO request:[{u'a': u'\\u017c', 'b': 'z\\xc3\\xbcrich'}]\n\
                    2014-08-15 15:32:54,002 - INFO - 1:Dummy-2 - zato_admin:50 - cid:[K1], \
                    name:[old], response:[{\"city\": \"\\u65e5\\u672c\"}]\n";
    finds(
        brackets,
        &[("ż", "old"), ("zürich", "old"), ("日本", "old")],
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
            ("service:zato.a.get*", both),
            ("service:z*a*t", "zato.a.get zato.a.get-list"),
            ("service:\"zato.a.*\"", ""),
            ("service:zato[.]a.get", ""),
            ("service:zato.(a|b).*", ""),
            ("cid:cid-zato.a.get", "zato.a.get"),
            ("cid:cid-*", both),
            ("server:server1", both),
            ("server:server?", both),
            ("server:server2", ""),
        ],
    );
}

#[test]
fn outcomes_are_told_apart() {
    let log = call(1, "both", "{}", "")
        + &record(2, "Request", "asked", "{}")
        + &record(3, "Response", "answered", "{}");
    finds(
        &log,
        &[
            ("outcome:completed", "both"),
            ("outcome:unanswered", "asked"),
            ("outcome:response-only", "answered"),
        ],
    );
}

#[test]
fn values_of_the_request_are_found_by_their_paths() {
    finds(
        &calls(&[
            "{'id': 5, 'name': 'My Channel', 'is_active': True, 'x': None}",
            "{'id': '5', 'is_active': 'True', 'x': 'null', 'a': {'b': {'c': 'deep'}}}",
            "{'id': 50, 'is_active': False, 'a.b': {'c': 'dotted'}, 'c': 'none'}",
            "{'rows': [{'id': 5}, [{'id': None, 'tags': ['red', 'dark green']}]]}",
            "[{'id': 7}, {'id': 8}]",
        ]),
        &[
            ("request.id:5", "b a"),
            ("request.id:5.0", "a"),
            ("request.id:\"5\"", "b"),
            ("request.is_active:true", "b a"),
            ("request.is_active:False", "c"),
            ("request.name:channel", "a"),
            ("request.name:\"my channel\"", "a"),
            ("request.name:\"channel my\"", ""),
            ("request.x:null", "b a"),
            ("request.x:None", "a"),
            ("request.x:\"null\"", "b"),
            ("request.a.b.c:deep", "b"),
            ("request.a.b.c:dotted", "c"),
            ("request.b.c:deep", ""),
            ("request.rows.id:5", "d"),
            ("request.rows.id:null", "d"),
            ("request.rows.tags:green", "d"),
            ("request.rows.tags:\"red dark\"", ""),
            ("request.id:8", "e"),
            ("request.nothing:5", ""),
            (
                "request.id:5 request.is_active:true outcome:completed",
                "b a",
            ),
        ],
    );
}

#[test]
fn numbers_are_found_whatever_their_size_and_form() {
    finds(
        &calls(&[
            "{'n': -9223372036854775808}",
            "{'n': 18446744073709551615}",
            "{'n': 123456789012345678901234567890L}",
            "{'n': 1.5}",
            "{'n': 1e+300}",
            "{'n': 1000.0}",
            "{'n': nan, 'm': -0.25}",
            "{'n': 123456789012345678901234567891}",
        ]),
        &[
            ("request.n:-9223372036854775808", "a"),
            ("request.n:18446744073709551615", "b"),
            ("request.n:123456789012345678901234567890", "c"),
            ("request.n:1.5", "d"),
            ("request.n:1e300", "e"),
            ("request.n:1000", "f"),
            ("request.n:1E3", "f"),
            ("request.n:NaN", "g"),
            ("request.m:-0.25", "g"),
            ("request.n:2", ""),
            ("18446744073709551615", "b"),
            ("-0.25", "g"),
        ],
    );
}

#[test]
fn masked_secrets_are_not_found() {
    let log = calls(&[
        "{'token': 'hunter2', 'uri': 'amqp://user:hunter3@host', 'n': {'PASSWORD': 'hunter4'}}",
        "cut off, password=hunter5",
    ]);
    finds(
        &log,
        &[
            ("hunter2", ""),
            ("hunter3", ""),
            ("hunter4", ""),
            ("hunter5", ""),
            ("request.token:hunter2", ""),
            ("request.n.PASSWORD:hunter4", ""),
            ("token amqp host", "a"),
        ],
    );
    let directory = TempDir::new().unwrap();
    let (index, _) = Index::create_or_open(directory.path()).unwrap();
    let shown = View {
        redactor: Redactor::Show,
        ..View::default()
    };
    add(&index, &shown, &[&log]);
    assert_eq!(search(&index, "request.token:hunter2"), ["a"]);
}

#[test]
fn nothing_on_disk_holds_a_masked_secret() {
    let log = calls(&["{'token': 'hunter2', 'name': 'shown'}"]);
    let (directory, _index) = index_of(&[&log]);
    let mut bytes = Vec::new();
    for file in fs::read_dir(directory.path().join("segments")).unwrap() {
        bytes.extend(fs::read(file.unwrap().path()).unwrap());
    }
    let holds = |word: &str| {
        bytes
            .windows(word.len())
            .any(|window| window == word.as_bytes())
    };
    assert!(holds("shown"));
    assert!(!holds("hunter"));
}

#[test]
fn words_that_are_too_long_are_left_out() {
    let (most, long) = ("y".repeat(255), "x".repeat(256));
    let log = calls(&[&format!("{{'a': 'one {long} three', 'b': '{most}'}}")]);
    let (_directory, index) = index_of(&[&log]);
    assert_eq!(search(&index, &most), ["a"]);
    assert_eq!(search(&index, &format!("request.b:{most}")), ["a"]);
    assert_eq!(search(&index, &format!("\"one {long} three\"")), ["a"]);
    assert_eq!(search(&index, "\"one three\""), [""; 0]);
    let error = index.search(&long.parse().unwrap(), 1).unwrap_err();
    assert!(matches!(error, SearchError::LongWord(_)), "{error}");
}

#[test]
fn values_under_odd_keys_are_found_by_their_words_at_least() {
    let key = "k".repeat(70_000);
    let deep = format!("{}'bottom'{}", "{'a': ".repeat(600), "}".repeat(600));
    finds(
        &calls(&[
            &format!("{{'{key}': 'long', 'x': 1}}"),
            r"{'nul\x00key': 'zero', 'x': 2}",
            &deep,
            r"{'back\\slash': 'x', 'ż Ż': 'y', '': 'z'}",
        ]),
        &[
            ("long", "a"),
            ("request.x:1", "a"),
            ("zero", "b"),
            ("request.x:2", "b"),
            ("bottom", "c"),
            (r"request.back\slash:x", "d"),
            ("z", "d"),
            ("request.nul\0key:zero", ""),
        ],
    );
}

#[test]
fn a_pattern_that_is_too_complex_is_an_error() {
    let (_directory, index) = index_of(&[&calls(&["{}"])]);
    let query = format!("service:*a{}", "?".repeat(30));
    let error = index.search(&query.parse().unwrap(), 1).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("the pattern '*a{}' is too complex", "?".repeat(30))
    );
}

#[test]
fn the_newest_come_first_and_those_without_a_time_last() {
    let documented = "INFO - name:`no.time`,\n  request:`{}`\nINFO - name:`no.time`,\n  \
                      response:`{}`\n";
    let log = call(2, "second", "{}", "") + &record(3, "Response", "third", "{}");
    let first = call(1, "first", "{}", "");
    let (_directory, index) = index_of(&[&first, &log, documented]);
    let expected = ["third", "second", "first", "no.time"];
    assert_eq!(search(&index, "service:*"), expected);

    let hits = index.search(&"service:*".parse().unwrap(), 2).unwrap();
    assert_eq!((hits.total, hits.hits.len()), (4, 2));
    assert_eq!(hits.hits[0].line, search_line(&log, "third"));
    let none = index.search(&"service:*".parse().unwrap(), 0).unwrap();
    assert_eq!(
        none,
        Hits {
            total: 4,
            hits: vec![]
        }
    );
    let all = index
        .search(&"service:*".parse().unwrap(), usize::MAX)
        .unwrap();
    assert_eq!(all.hits.len(), 4);

    let (_directory, timeless) = index_of(&[documented]);
    assert_eq!(search(&timeless, "service:*"), ["no.time"]);
}

/// The line of the call of `service`.
fn search_line(log: &str, service: &str) -> String {
    let invocations = invocations(log);
    let invocation = invocations
        .iter()
        .find(|call| call.service == service)
        .unwrap();
    let mut line = Vec::new();
    write_json_line(&View::default(), invocation, &mut line);
    String::from_utf8(line).unwrap().trim_end().to_owned()
}

#[test]
fn an_invocation_is_indexed_once() {
    let request = record(1, "Request", "x", "{'a': 'asked'}");
    let whole = request.clone() + &record(2, "Response", "x", "{'b': 'answered'}");
    let (_directory, index) = index_of(&[&request, &request]);
    assert_eq!(search(&index, "asked outcome:unanswered"), ["x"]);
    add(&index, &View::default(), &[&whole, &whole]);
    assert_eq!(search(&index, "asked"), ["x"]);
    assert_eq!(search(&index, "answered outcome:completed"), ["x"]);
    assert_eq!(search(&index, "outcome:unanswered"), [""; 0]);
}

#[test]
fn what_is_not_committed_is_not_kept() {
    let (directory, index) = index_of(&[&calls(&["{}"])]);
    let log = call(9, "late", "{}", "");
    let writer = index.writer(1).unwrap();
    writer.add(&View::default(), &invocations(&log)[0]).unwrap();
    assert_eq!(search(&index, "service:*"), ["a"]);
    drop(writer);
    let index = Index::open(directory.path()).unwrap();
    assert_eq!(search(&index, "service:*"), ["a"]);
}

#[test]
fn an_index_is_kept_between_runs() {
    let (directory, index) = index_of(&[&calls(&["{}"])]);
    drop(index);
    assert_eq!(
        search(&Index::open(directory.path()).unwrap(), "service:a"),
        ["a"]
    );
    let (index, opened) = Index::create_or_open(directory.path()).unwrap();
    assert_eq!(opened, Opened::Existing);
    assert_eq!(search(&index, "service:a"), ["a"]);
}

#[track_caller]
fn fails<T: std::fmt::Debug>(result: Result<T, SearchError>, directory: &Path, message: &str) {
    let message = message.replace("DIR", &directory.display().to_string());
    assert_eq!(result.unwrap_err().to_string(), message);
}

#[test]
fn an_index_of_another_version_is_rebuilt_when_written_to_only() {
    let (directory, _) = index_of(&[&calls(&["{}"])]);
    let path = directory.path();
    fs::write(path.join("zalog-index"), "zalog index, schema 0\n").unwrap();
    fails(
        Index::open(path),
        path,
        "the index in 'DIR' was built by another version of zalog: run `zalog index LOG...` to \
         build it again",
    );
    let (index, opened) = Index::create_or_open(path).unwrap();
    assert_eq!(opened, Opened::Rebuilt);
    assert_eq!(search(&index, "service:*"), [""; 0]);
    assert_eq!(Index::create_or_open(path).unwrap().1, Opened::Existing);
}

#[test]
fn an_index_that_was_never_completed_is_created_anew() {
    let (directory, _) = index_of(&[&calls(&["{}"])]);
    fs::remove_dir_all(directory.path().join("segments")).unwrap();
    assert!(matches!(
        Index::open(directory.path()),
        Err(SearchError::NoIndex(_))
    ));
    assert_eq!(
        Index::create_or_open(directory.path()).unwrap().1,
        Opened::Created
    );
    assert!(Index::open(directory.path()).is_ok());
}

#[test]
fn a_directory_without_an_index_is_left_alone() {
    let directory = TempDir::new().unwrap();
    let path = directory.path();
    let no_index = "no index in 'DIR': run `zalog index LOG...` to build it";
    fails(Index::open(path), path, no_index);
    fails(Index::open(&path.join("x")), &path.join("x"), no_index);
    fs::write(path.join("notes.txt"), "mine").unwrap();
    fails(Index::open(path), path, no_index);
    fails(
        Index::create_or_open(path),
        path,
        "'DIR' holds other files and no index: choose an empty directory",
    );
    let file = path.join("notes.txt");
    fails(
        Index::create_or_open(&file),
        &file,
        "can't use the directory 'DIR' for an index",
    );
    assert_eq!(fs::read_dir(path).unwrap().count(), 1);
}

#[test]
fn one_writer_locks_out_another() {
    let (directory, index) = index_of(&[]);
    let writer = index.writer(1).unwrap();
    let other = Index::open(directory.path()).unwrap();
    let locked = "another zalog is writing to the index in 'DIR'";
    fails(other.writer(1), directory.path(), locked);
    fs::write(
        directory.path().join("zalog-index"),
        "zalog index, schema 0\n",
    )
    .unwrap();
    fails(
        Index::create_or_open(directory.path()),
        directory.path(),
        locked,
    );
    drop(writer);
    assert!(other.writer(1).is_ok());
}

#[cfg(unix)]
#[test]
fn an_index_is_for_its_user_alone() {
    use std::os::unix::fs::PermissionsExt as _;

    let directory = TempDir::new().unwrap();
    let path = directory.path().join("data").join("index");
    Index::create_or_open(&path).unwrap();
    for path in [
        directory.path().join("data"),
        path.clone(),
        path.join("segments"),
    ] {
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700, "{}", path.display());
    }
}
