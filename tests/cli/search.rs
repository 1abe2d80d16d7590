//! `zalog index` and `zalog search`.

use std::path::Path;

use insta::assert_snapshot;
use serde_json::Value;

use crate::zalog::{Run, fixture, zalog};

/// An index of the fixtures of both live servers.
fn indexed(folder: &Path) -> String {
    let index = folder.join("index").to_str().unwrap().to_owned();
    let run = zalog(&[
        "index",
        &fixture("3.2-live"),
        &fixture("4.1-live"),
        "--index",
        &index,
    ]);
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    index
}

fn search(index: &str, query: &str) -> Run {
    zalog(&[
        "search", query, "--index", index, "--format", "json", "--limit", "1000",
    ])
}

/// Whether a line that `parse` prints fits a query.
type Fits<'f> = Box<dyn Fn(&Value) -> bool + 'f>;

#[test]
fn queries_find_what_parse_prints() {
    let folder = tempfile::tempdir().unwrap();
    let index = indexed(folder.path());
    let all: Vec<Value> = ["3.2-live", "4.1-live"]
        .iter()
        .flat_map(|corpus| zalog(&["parse", &fixture(corpus)]).json_lines())
        .collect();
    let text = |line: &Value, key: &str| line[key].as_str().unwrap_or_default().to_owned();
    let cid = text(&all[0], "cid");
    let cases: [(&str, Fits<'_>); 7] = [
        (
            "service:zato.http-soap.create",
            Box::new(|l| l["service"] == "zato.http-soap.create"),
        ),
        (
            "service:*.delete",
            Box::new(|l| text(l, "service").ends_with(".delete")),
        ),
        (
            "outcome:unanswered",
            Box::new(|l| l["outcome"] == "unanswered"),
        ),
        ("request.id:6", Box::new(|l| l["request"]["id"] == 6)),
        (
            "request.is_active:false",
            Box::new(|l| l["request"]["is_active"] == false),
        ),
        (
            "request.cache_expiry:null",
            Box::new(|l| l["request"].get("cache_expiry").is_some_and(Value::is_null)),
        ),
        (
            &format!("cid:{cid}"),
            Box::new(|l| l["cid"] == cid.as_str()),
        ),
    ];
    for (query, fits) in cases {
        let mut expected: Vec<&Value> = all.iter().filter(|line| fits(line)).collect();
        let run = search(&index, query);
        let mut found = run.json_lines();
        assert_eq!(
            run.status,
            Some(i32::from(expected.is_empty())),
            "{query}: {}",
            run.stderr
        );
        expected.sort_by_key(|line| text(line, "id"));
        found.sort_by_key(|line| text(line, "id"));
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{query}");
    }
    let words = search(&index, "\"edited 6\"").json_lines();
    assert!(!words.is_empty());
    assert!(
        words
            .iter()
            .all(|line| line.to_string().contains("edited 6"))
    );
}

#[test]
fn what_is_indexed_twice_is_found_once() {
    let folder = tempfile::tempdir().unwrap();
    let index = indexed(folder.path());
    let count = search(&index, "service:*").json_lines().len();
    assert_eq!(indexed(folder.path()), index);
    assert_eq!(search(&index, "service:*").json_lines().len(), count);
}

#[test]
fn mistakes_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let index = indexed(folder.path());
    let seen = |query: &str| zalog(&["search", query, "--index", &index]).seen();
    assert_snapshot!(seen("servise:zato.ping"), @"
    ------- stderr -------
    error: query `servise:zato.ping`: column 1: unknown field 'servise': did you mean 'service'?
    ------- exit status 2 -------
    ");
    assert_snapshot!(seen("outcome:failed"), @"
    ------- stderr -------
    error: query `outcome:failed`: column 9: unknown outcome 'failed': it is one of completed, unanswered, response-only
    ------- exit status 2 -------
    ");
    assert_snapshot!(seen("\"no end"), @r#"
    ------- stderr -------
    error: query `"no end`: column 1: quote is never closed
    ------- exit status 2 -------
    "#);
    assert_snapshot!(seen(""), @"
    ------- stderr -------
    error: query ``: column 1: empty query
    ------- exit status 2 -------
    ");
    assert_snapshot!(seen("service:zato.http-soap.creat"), @"
    ------- stderr -------
    no call fits
    no service 'zato.http-soap.creat' in the index: did you mean 'zato.http-soap.create'?
    ------- exit status 1 -------
    ");
    assert_snapshot!(seen("server:x verb:creat"), @"
    ------- stderr -------
    no call fits
    no server 'x' in the index
    no verb 'creat' in the index: did you mean 'create'?
    ------- exit status 1 -------
    ");
    assert_snapshot!(seen("nothinghasthisinit"), @"
    ------- stderr -------
    no call fits
    ------- exit status 1 -------
    ");
    let nowhere = folder.path().join("nowhere");
    let nowhere = nowhere.to_str().unwrap();
    let seen = zalog(&["search", "x", "--index", nowhere])
        .seen()
        .replace(nowhere, "NOWHERE");
    assert_snapshot!(seen, @"
    ------- stderr -------
    error: no index in 'NOWHERE': run `zalog index LOG...` to build it
    ------- exit status 2 -------
    ");
}
