//! Holds `zalog parse` against the truth of each corpus: every record is found and none invented,
//! with its service, CID, process, thread, partner and value.

use std::collections::HashMap;
use std::fs;

use serde_json::Value;

use crate::zalog::{fixture, zalog};

/// A record's place: its file's name and its offset.
type Place = (String, u64);

#[track_caller]
fn agrees_with_truth(corpus: &str) {
    let folder = fixture(corpus);
    let truth: Vec<Value> = fs::read_to_string(format!("{folder}/truth.jsonl"))
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let calls: Vec<&Value> = truth
        .iter()
        .filter(|record| record["kind"] != "other")
        .collect();
    let partners = partners(&calls);

    let run = zalog(&["parse", "--show-secrets", &folder]);
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    let mut found: HashMap<(Place, &str), Value> = HashMap::new();
    for invocation in run.json_lines() {
        for side in ["request", "response"] {
            if let Some(place) = place_of(&invocation[format!("{side}_at")]) {
                assert!(found.insert((place, side), invocation.clone()).is_none());
            }
        }
    }
    assert_eq!(found.len(), calls.len(), "records found in {corpus}");

    for call in calls {
        let place = place_of(call).unwrap();
        let kind = call["kind"].as_str().unwrap();
        let context = format!("{corpus}: {kind} at {place:?}");
        let invocation = found
            .get(&(place.clone(), kind))
            .unwrap_or_else(|| panic!("{context} was not found"));
        for key in ["service", "cid", "pid", "thread"] {
            assert_eq!(invocation[key], call[key], "{key} of the {context}");
        }
        let other = if kind == "request" {
            "response_at"
        } else {
            "request_at"
        };
        assert_eq!(
            place_of(&invocation[other]).as_ref(),
            partners.get(&place),
            "partner of the {context}"
        );
        if let Some(value) = call.get("value") {
            assert!(
                is_same(&invocation[kind], value),
                "value of the {context}: {} is not {value}",
                invocation[kind]
            );
        }
    }
}

/// Pairs records by the rule of the log: the latest unanswered request of the same process, CID
/// and service.
fn partners(calls: &[&Value]) -> HashMap<Place, Place> {
    let mut open: HashMap<[String; 3], Vec<Place>> = HashMap::new();
    let mut partners = HashMap::new();
    for call in calls {
        let key = ["pid", "cid", "service"].map(|key| call[key].to_string());
        let place = place_of(call).unwrap();
        let stack = open.entry(key).or_default();
        if call["kind"] == "request" {
            stack.push(place);
        } else if let Some(request) = stack.pop() {
            partners.insert(request.clone(), place.clone());
            partners.insert(place, request);
        }
    }
    partners
}

fn place_of(value: &Value) -> Option<Place> {
    let file = value.get("file")?.as_str()?;
    let name = file.rsplit('/').next()?.to_owned();
    Some((name, value.get("offset")?.as_u64()?))
}

/// Equality of values, with floats compared as numbers and an empty text as good as none.
fn is_same(found: &Value, expected: &Value) -> bool {
    match (found, expected) {
        (Value::Number(found), Value::Number(expected)) => {
            found == expected || found.as_f64() == expected.as_f64()
        }
        (Value::Array(found), Value::Array(expected)) => {
            found.len() == expected.len() && found.iter().zip(expected).all(|(a, b)| is_same(a, b))
        }
        (Value::Object(found), Value::Object(expected)) => {
            found.len() == expected.len()
                && expected
                    .iter()
                    .all(|(key, value)| found.get(key).is_some_and(|other| is_same(other, value)))
        }
        (Value::Null, Value::String(text)) => text.is_empty(),
        _ => found == expected,
    }
}

#[test]
fn zato_1_1() {
    agrees_with_truth("1.1");
}

#[test]
fn zato_2_0() {
    agrees_with_truth("2.0");
}

#[test]
fn zato_3_0() {
    agrees_with_truth("3.0");
}

#[test]
fn zato_3_2() {
    agrees_with_truth("3.2");
}

#[test]
fn zato_3_2_live() {
    agrees_with_truth("3.2-live");
}

#[test]
fn zato_3_2_with_two_workers() {
    agrees_with_truth("3.2-two-workers");
}

#[test]
fn zato_4_1() {
    agrees_with_truth("4.1");
}

#[test]
fn zato_4_1_live() {
    agrees_with_truth("4.1-live");
}
