//! Holds what the commands tell of one log against each other: they count the same calls.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use crate::zalog::{fixture, zalog};

fn json(arguments: &[&str]) -> Value {
    let run = zalog(arguments);
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}", run.stderr))
}

fn ids(arguments: &[&str]) -> Vec<String> {
    let calls = zalog(arguments).json_lines();
    let ids = calls.iter().map(|call| call["id"].as_str().unwrap());
    ids.map(ToOwned::to_owned).collect()
}

fn sum(counts: &Value) -> u64 {
    let counts = counts.as_object().unwrap().values();
    counts.map(|count| count.as_u64().unwrap()).sum()
}

#[track_caller]
fn all_commands_agree(name: &str, log: &str) {
    let parsed = ids(&["parse", log]);
    let stats = json(&["stats", log, "--format", "json"]);
    assert_eq!(stats["invocations"], parsed.len(), "stats of {name}");

    let folder = tempfile::tempdir().unwrap();
    let index = folder.path().join("index");
    let index = index.to_str().unwrap();
    let run = zalog(&["index", log, "--index", index]);
    let expected = format!("indexed {} calls", parsed.len());
    assert!(run.stderr.starts_with(&expected), "{name}: {}", run.stderr);
    let all: BTreeSet<String> = parsed.iter().cloned().collect();
    assert_eq!(all.len(), parsed.len(), "{name}: an ID is there twice");
    let any = ["--limit", "1000000", "--format", "json"];
    for search in [
        ["search", "*", "--index", index],
        ["search", "*", log, "--no-pager"],
    ] {
        let found = ids(&[&search[..], &any].concat());
        assert_eq!(found.len(), parsed.len(), "{search:?}");
        assert_eq!(
            found.into_iter().collect::<BTreeSet<_>>(),
            all,
            "{search:?}"
        );
    }

    let ledger = &json(&["audit", log, "--format", "json"])["ledger"]["servers"];
    let servers = ledger.as_array().unwrap();
    let files = || {
        servers
            .iter()
            .flat_map(|server| server["files"].as_array().unwrap())
    };
    let in_files = |key: &str| files().map(|file| file[key].as_u64().unwrap()).sum::<u64>();
    let unpaired = |key: &str| servers.iter().map(|server| sum(&server[key])).sum::<u64>();
    let outcomes = &stats["outcomes"];
    let of = |outcome: &str| outcomes[outcome].as_u64().unwrap();
    assert_eq!(stats["records"], in_files("records"), "records of {name}");
    assert_eq!(
        of("unanswered"),
        unpaired("requests_unpaired"),
        "requests of {name}"
    );
    assert_eq!(
        of("response-only"),
        unpaired("responses_unpaired"),
        "responses of {name}"
    );
    let calls = 2 * of("completed") + of("unanswered") + of("response-only");
    assert_eq!(calls, in_files("calls"), "records of calls of {name}");
}

#[test]
fn all_commands_count_the_same_calls() {
    for name in [
        "1.1",
        "2.0",
        "3.0",
        "3.2",
        "3.2-live",
        "3.2-two-workers",
        "4.1",
        "4.1-live",
        "documented",
    ] {
        all_commands_agree(name, &fixture(name));
    }
}

#[test]
fn equal_calls_are_counted_however_many_there_are() {
    let record = |kind: &str| {
        format!(
            "2018-11-11 22:01:57,123 - INFO - 7:Dummy-1 - zato_admin:21 - {kind}; \
             service:`zato.ping`, data:`` cid:`K0000000000000000000000000`, \n"
        )
    };
    let of_one_time = (record("Request") + &record("Response")).repeat(300);
    let without_times = fs::read_to_string(fixture("documented/admin.log"))
        .unwrap()
        .repeat(100);
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in [("one time", of_one_time), ("no times", without_times)] {
        let log = folder.path().join(name);
        fs::write(&log, content).unwrap();
        all_commands_agree(name, log.to_str().unwrap());
    }
}
