//! Holds `pyrepr` against `ast.literal_eval` of Python 3, for thousands of values.

use std::process::{Command, Stdio};

use serde_json::Value;
use zalog::pyrepr::{Notation, Tokens};

/// Prints, for each value of a fixed seed, a JSON array of its repr and of its value.
const GENERATOR: &str = include_str!("oracle.py");

#[test]
fn reads_what_literal_eval_reads() {
    let python = Command::new("python3")
        .args(["-c", GENERATOR])
        .stderr(Stdio::inherit())
        .output();
    let Ok(python) = python else {
        eprintln!("skipped: there is no python3 here to compare with");
        return;
    };
    let output = String::from_utf8(python.stdout).unwrap();
    assert!(python.status.success() && output.lines().count() > 5_000);
    for line in output.lines() {
        let mut pair: Vec<Value> = serde_json::from_str(line).unwrap();
        let (expected, repr) = (pair.remove(1), pair.remove(0));
        let repr = repr.as_str().unwrap();
        let found = Tokens::new(repr.as_bytes(), Notation::Repr).into_value();
        let found = found.unwrap_or_else(|error| panic!("{error}: {repr}"));
        assert!(is_same(&found, &expected), "{repr}\n{found}\n{expected}");
    }
}

/// Equality, but for the order in a set, which Python's run chooses, and the notation of floats.
fn is_same(found: &Value, expected: &Value) -> bool {
    match (found, expected) {
        (Value::Array(_), Value::Array(set)) if set == &["set"] => true,
        (Value::Number(found), Value::Number(expected)) => {
            let is_float = expected.to_string().contains(['.', 'e']);
            if is_float {
                found.as_f64() == expected.as_f64()
            } else {
                found == expected
            }
        }
        (Value::Array(found), Value::Array(expected)) => {
            found.len() == expected.len() && found.iter().zip(expected).all(|(a, b)| is_same(a, b))
        }
        (Value::Object(found), Value::Object(expected)) => {
            found.len() == expected.len()
                && found
                    .iter()
                    .all(|(key, value)| is_same(value, &expected[key]))
        }
        _ => found == expected,
    }
}
