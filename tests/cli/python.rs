//! Runs the exported Python programs, with a client that tells what it was asked to do.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use crate::zalog::{fixture, zalog, zalog_with_input};

/// Stands in for `zato-client`.
const CLIENT: &str = "
import json

class Response:
    is_ok = True

class APIClient:
    def __init__(self, address, username, password):
        self.called_with = [address, username, password]

    def invoke(self, service, request):
        response = Response()
        response.data = json.dumps(self.called_with + [service, request])
        return response
";

/// What a program asks of the client; `None` where there is no Python.
fn asked(program: &str) -> Option<Value> {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("zato")).unwrap();
    fs::write(folder.path().join("zato/client.py"), CLIENT).unwrap();
    fs::write(folder.path().join("program.py"), program).unwrap();
    let Ok(output) = Command::new("python3")
        .args(["-X", "utf8", "program.py"])
        .current_dir(folder.path())
        .env("ZATO_USER", "pub'api")
        .env("ZATO_PASSWORD", "p$w")
        .output()
    else {
        eprintln!("skipped: there is no python3 here to run the programs");
        return None;
    };
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program}\n{stderr}");
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

#[test]
fn programs_send_what_was_logged() {
    for corpus in ["3.2-live", "4.1-live"] {
        let log = fixture(corpus);
        let lines = zalog(&["parse", &log, "--show-secrets"]).json_lines();
        let calls = lines
            .iter()
            .filter(|line| line.get("request").is_some() && line.get("wraps").is_none());
        for call in calls.step_by(80) {
            let id = call["id"].as_str().unwrap();
            let program = zalog(&[
                "show",
                id,
                &log,
                "--as",
                "python",
                "--show-secrets",
                "--base-url",
                "http://h:1/",
            ]);
            assert_eq!(program.status, Some(0), "{}", program.stderr);
            let Some(asked) = asked(&program.stdout) else {
                return;
            };
            let expected = json!([
                "http://h:1",
                "pub'api",
                "p$w",
                call["service"],
                call["request"]
            ]);
            assert_eq!(asked, expected);
        }
    }
}

#[test]
fn programs_of_hostile_values_run() {
    // A comment in the first lines of a program that looks like this names its encoding.
    let service = "coding: utf_16 '\\\"{}";
    let payload = r#"{'it\'s': 'a\n\x00\x1b\\\u202e{}', 'e': "'#"}"#;
    let log = format!(
        "2018-11-11 22:01:57,123 - INFO - 1:Dummy-1 - zato_admin:0 - Request; service:`{service}`, \
         data:`{payload}` cid:`c1`, \n"
    );
    let program = zalog_with_input(&["show", "c1", "-", "--as", "python"], log.as_bytes());
    let Some(asked) = asked(&program.stdout) else {
        return;
    };
    assert_eq!(asked[3], "coding%3A%20utf_16%20%27%5C%22%7B%7D");
    assert_eq!(
        asked[4],
        json!({"it's": "a\n\0\u{1b}\\\u{202e}{}", "e": "'#"})
    );
}
