//! Inputs that are made to be slow or large to read: what is done with them is bounded. How time and memory
//! grow with them is measured by `benches/peers/growth.py`.

use std::fmt::Write as _;
use std::fs;

use serde_json::Value;

use crate::zalog::{Run, fixture, zalog, zalog_with_input};

const START: &str = "2026-11-23 18:13:07,123 - INFO - 7:Dummy-1 - zato_admin:21 - ";

fn record(kind: &str, service: &str, payload: &str, cid: &str) -> String {
    format!("{START}{kind}; service:`{service}`, data:`{payload}` cid:`{cid}`, \n")
}

fn pair(payload: &str) -> String {
    record("Request", "a.b", "{'id': 1}", "c") + &record("Response", "a.b", payload, "c")
}

/// The services that `zalog stats --format json` tells.
#[track_caller]
fn services(run: &Run) -> Vec<Value> {
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    document["services"].as_array().unwrap().clone()
}

#[test]
fn services_beyond_the_limit_are_counted_as_one() {
    let mut log = String::new();
    for nth in 0..100_003 {
        log += &record("Request", &format!("s{nth}"), "{}", "c");
    }
    let run = zalog_with_input(&["stats", "-", "--format", "json"], log.as_bytes());
    let told = services(&run);
    assert_eq!(told.len(), 100_001);
    let others = told
        .iter()
        .find(|service| service["service"] == "(other services)");
    assert_eq!(others.unwrap()["calls"], 3);
    let note = "only the first 100000 services are told apart";
    assert!(run.stderr.contains(note), "{}", run.stderr);
}

#[test]
fn services_beyond_the_limit_are_the_same_in_any_order() {
    let mut records: Vec<String> = (0..100_003)
        .map(|nth| record("Request", &format!("s{nth:06}"), "{}", "c"))
        .collect();
    let args = ["coverage", "-", "--catalogue", "4.1", "--format", "csv"];
    let first = zalog_with_input(&args, records.concat().as_bytes());
    records.reverse();
    let second = zalog_with_input(&args, records.concat().as_bytes());
    for run in [&first, &second] {
        let note = "only the first 100000 services by name are looked at: 3 calls of others";
        assert!(run.stderr.contains(note), "{}", run.stderr);
        let has = |service: &str| run.stdout.contains(service);
        assert!(has("s099999") && !has("s100000"));
    }
    assert!(first.stdout == second.stdout);
}

#[test]
fn a_payload_that_is_too_large_is_no_example_and_nothing_else_is_lost() {
    const MOST: usize = 8_000_000;
    for (bytes, is_example) in [(MOST, true), (MOST + 1, false)] {
        let payload = format!("['{}']", "x".repeat(bytes - 4));
        let log = pair(&payload) + &pair("{'ok': 1}").replace("a.b", "a.c");
        let run = zalog_with_input(&["examples", "-"], log.as_bytes());
        assert_eq!(run.stdout.contains("\"a.b\""), is_example, "{}", run.stderr);
        assert_eq!(run.stderr.contains("is not over 8 MB: a.b"), !is_example);
        assert!(run.stdout.contains("\"a.c\""));
        let run = zalog_with_input(&["parse", "-"], log.as_bytes());
        assert!(run.stdout.contains(&"x".repeat(bytes - 4)));
    }
}

#[test]
fn nesting_costs_its_depth_only() {
    const DEPTH: usize = 50_000;
    // What is no JSON and no repr that zalog knows by name is text from its start.
    for (opening, inner, closing, expected) in [
        ("[", "1", "]", 512),
        ("(", "1", ",)", 512),
        ("{\"a\":", "null", "}", 512),
        ("{'a': ", "None", "}", 512),
        ("set(", "[1]", ")", 1),
        ("[", "1", "", 1),
    ] {
        let payload = opening.repeat(DEPTH) + inner + &closing.repeat(DEPTH);
        let log = pair(&payload);
        let run = zalog_with_input(&["parse", "-"], log.as_bytes());
        assert_eq!(run.status, Some(0), "{opening}: {}", run.stderr);
        // The call itself is one level.
        assert_eq!(depth(&run.stdout) - 1, expected, "{opening}");
        let is_told = run.stdout.contains("nested too deeply");
        assert_eq!(is_told, expected > 1, "{opening}");
    }
}

#[test]
fn an_audit_compares_what_is_nested_as_deeply_as_can_be() {
    const SECRET: &str = "hunter2";
    // Around the limits of JSON readers, and around ours.
    for depth in [120, 130, 500, 511, 512, 700] {
        let deep = |inner: &str| format!("{}{inner}{}", "[".repeat(depth), "]".repeat(depth));
        let inner = format!("{{'password': '{SECRET}'}}");
        let (service, answer) = ("zato.http-soap.edit", "{'id': 1, 'name': 'a'}");
        let mut log = String::new();
        for (nth, value) in [deep(&inner), deep("1"), deep("1"), deep("2")]
            .iter()
            .enumerate()
        {
            let asked = format!("{{'id': 1, 'name': 'a', 'x': {value}, 'password': '{SECRET}'}}");
            log += &record("Request", service, &asked, &format!("c{nth}"));
            log += &record("Response", service, answer, &format!("c{nth}"));
        }
        let object = ["--object", "http-soap/a"];
        for args in [
            &["--format", "json"][..],
            &["--format", "csv"],
            &["--html", "-"],
            &[object[0], object[1], "--format", "json"],
            &[object[0], object[1], "--format", "csv"],
            &[],
        ] {
            let run = zalog_with_input(&[&["audit", "-"], args].concat(), log.as_bytes());
            assert_eq!(run.status, Some(0), "{depth} {args:?}: {}", run.stderr);
            assert!(!run.seen().contains(SECRET), "{depth} {args:?}");
        }
        let run = zalog_with_input(&["audit", "-"], log.as_bytes());
        assert!(run.stdout.starts_with("4 changes\n"), "{}", run.stdout);
        // The third is the same as the second.
        assert_eq!(run.stdout.matches("x [[[").count(), 2, "{}", run.stdout);
    }
}

/// How deep the values of a JSON text are inside one another.
fn depth(json: &str) -> usize {
    let (mut depth, mut deepest) = (0, 0);
    let (mut is_text, mut is_escaped) = (false, false);
    for byte in json.bytes() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => is_text = !is_text,
            b'[' | b'{' if !is_text => depth += 1,
            b']' | b'}' if !is_text => depth -= 1,
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

#[test]
fn a_long_line_is_one_record() {
    const LENGTH: usize = 8 << 20;
    for log in [
        pair(&format!("'{}'", "x".repeat(LENGTH))),
        pair(&format!("[{}]", "'xy', ".repeat(LENGTH / 6))),
        pair(&"x ".repeat(LENGTH / 2)),
        pair("") + &"x".repeat(LENGTH),
    ] {
        let run = zalog_with_input(&["stats", "--format", "json", "-"], log.as_bytes());
        assert_eq!(services(&run)[0]["calls"], 1, "{}", run.stderr);
    }
}

#[test]
fn equal_records_are_as_many_calls_as_there_are() {
    const COUNT: usize = 5_000;
    let (request, response) = (
        record("Request", "a.b", "{'id': 1}", "c"),
        record("Response", "a.b", "{'id': 1}", "c"),
    );
    // Of one CID and one service, one behind the other, inside one another, and never answered.
    for (log, completed, unanswered) in [
        ((request.clone() + &response).repeat(COUNT), COUNT, 0),
        (request.repeat(COUNT) + &response.repeat(COUNT), COUNT, 0),
        (request.repeat(COUNT), 0, COUNT),
        (request.repeat(COUNT) + &response, 1, COUNT - 1),
    ] {
        let run = zalog_with_input(&["stats", "--format", "json", "-"], log.as_bytes());
        let service = &services(&run)[0];
        assert_eq!(service["calls"], completed + unanswered);
        assert_eq!(service["unanswered"], unanswered);
    }
}

#[test]
fn calls_of_one_cid_that_are_inside_one_another_are_answered_from_the_innermost() {
    const COUNT: usize = 2_000;
    let mut log = String::new();
    for nth in 0..COUNT {
        log += &record("Request", "a.b", &format!("{{'id': {nth}}}"), "c");
    }
    for nth in (0..COUNT).rev() {
        log += &record("Response", "a.b", &format!("{{'id': {nth}}}"), "c");
    }
    let run = zalog_with_input(&["parse", "-"], log.as_bytes());
    let calls = run.json_lines();
    assert_eq!(calls.len(), COUNT);
    assert!(calls.iter().all(|call| call["request"] == call["response"]));
}

#[test]
fn headers_in_a_payload_beyond_the_limit_break_it_off() {
    const COUNT: usize = 20_000;
    // As many as zalog passes by are a part of the text.
    for (count, is_whole) in [(1_000, true), (COUNT, false)] {
        let mut payload = String::from("a log:");
        for nth in 0..count {
            write!(payload, "\n{START}message {nth}").unwrap();
        }
        let log = pair(&payload);
        let run = zalog_with_input(&["parse", "-"], log.as_bytes());
        let calls = run.json_lines();
        // What has lost its end has lost its CID, and is the response of no request.
        assert_eq!(calls.len(), if is_whole { 1 } else { 2 });
        assert_eq!(calls[0]["response"] == payload.as_str(), is_whole);
        assert_eq!(run.stderr.contains("cut off"), !is_whole, "{}", run.stderr);
    }
}

#[test]
fn services_that_are_all_different_are_counted() {
    const COUNT: usize = 2_000;
    let mut log = String::new();
    for nth in 0..COUNT {
        let (service, cid) = (format!("zato.s{nth}.create"), format!("{nth:x}"));
        log += &record("Request", &service, "{'id': 1}", &cid);
        log += &record("Response", &service, "{'id': 1}", &cid);
    }
    let run = zalog_with_input(&["stats", "--format", "json", "-"], log.as_bytes());
    assert_eq!(services(&run).len(), COUNT);
    let run = zalog_with_input(&["audit", "--format", "csv", "-"], log.as_bytes());
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    assert_eq!(run.stdout.lines().count(), COUNT + 1);
}

#[test]
fn queries_may_be_long_but_not_deep() {
    let log = fixture("3.2-live/admin.log");
    let count = |query: &str| zalog(&["search", query, "--count", &log]);
    let one = count("request.name:CRM OR id").stdout;
    let words: Vec<String> = (0..4_990).map(|nth| format!("nowhere{nth}")).collect();
    let long = format!("request.name:CRM OR id OR {}", words.join(" OR "));
    let run = count(&long);
    assert_eq!((run.status, &run.stdout), (Some(0), &one), "{}", run.stderr);
    let values: Vec<String> = (0..4_990)
        .map(|nth| format!("request.x{nth}:{nth}"))
        .collect();
    let run = count(&format!(
        "request.name:CRM OR id OR {}",
        values.join(" OR ")
    ));
    assert_eq!((run.status, &run.stdout), (Some(0), &one), "{}", run.stderr);
    let all = vec!["id"; 5_000].join(" ");
    assert_eq!(count(&all).stdout, count("id").stdout);

    let inside = |depth: usize| "(".repeat(depth) + "id" + &")".repeat(depth);
    assert_eq!(count(&inside(100)).stdout, count("id").stdout);
    for query in [
        inside(101),
        inside(50_000),
        "NOT ".repeat(25_000) + "id",
        "(a OR NOT ".repeat(5_000) + "id" + &")".repeat(5_000),
    ] {
        let run = count(&query);
        assert_eq!(run.status, Some(2));
        let message = "more than 100 parentheses or NOTs inside one another";
        assert!(run.stderr.contains(message), "{}", run.stderr);
        // The message quotes a part of the query only.
        assert!(run.stderr.len() < 1_000, "{}", run.stderr);
    }
}

#[test]
fn rules_may_be_many() {
    const COUNT: usize = 500;
    let folder = tempfile::tempdir().unwrap();
    let mut rules = String::new();
    for nth in 0..COUNT {
        writeln!(
            rules,
            "[[rule]]\nid = \"rule-{nth}\"\nseverity = \"low\"\nsentence = \"Rule {nth}\"\n\
             when = {{ service = \"zato.s{nth}.create\" }}\n"
        )
        .unwrap();
    }
    fs::write(folder.path().join("many.toml"), rules).unwrap();
    let service = format!("zato.s{}.create", COUNT - 1);
    let log =
        record("Request", &service, "{'id': 1}", "c") + &record("Response", &service, "", "c");
    let rules = folder.path().to_str().unwrap();
    let arguments = ["audit", "--rules", rules, "--format", "json", "-"];
    let run = zalog_with_input(&arguments, log.as_bytes());
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    assert!(
        run.stdout.contains(&format!("rule-{}", COUNT - 1)),
        "{}",
        run.stdout
    );
}
