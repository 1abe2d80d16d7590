//! `zalog verify`: examples of recorded calls, against a server that answers as the real one did.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread;

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::recorded::{RecordedCall, recorded_calls, replaying_server};
use crate::server::serve;
use crate::zalog::{Run, command, fixture, zalog, zalog_with_input};

/// The log that the recorded calls have written.
fn log(calls: &[RecordedCall]) -> String {
    calls.iter().map(|call| call.log.as_str()).collect()
}

fn verify(examples: &str, url: &str, more: &[&str]) -> Run {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("examples.json");
    fs::write(&file, examples).unwrap();
    let mut command = command(&["verify", file.to_str().unwrap(), "--base-url", url]);
    let output = command
        .args(more)
        .env("ZATO_USER", "pubapi")
        .env("ZATO_PASSWORD", "secret")
        .env("NO_PROXY", "*")
        .output()
        .unwrap();
    Run {
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        status: output.status.code(),
    }
}

/// How many examples got which verdict.
fn verdicts(run: &Run) -> BTreeMap<String, usize> {
    let document: Value = serde_json::from_str(&run.stdout).expect(&run.stderr);
    let mut counts = BTreeMap::new();
    for example in document["examples"].as_array().unwrap() {
        let verdict = example["verdict"].as_str().unwrap().to_owned();
        *counts.entry(verdict).or_default() += 1;
    }
    counts
}

#[track_caller]
fn examples_run_on_the_server_they_come_from(name: &str, format: &str) -> BTreeMap<String, usize> {
    let calls = recorded_calls(name);
    // What is sent with GET, or as no JSON, has no form as an example that is posted.
    let posted = |call: &RecordedCall| call.method == "POST" && call.request.is_some();
    let calls: Vec<RecordedCall> = calls.into_iter().filter(posted).collect();
    let arguments = ["examples", "-", "--format", format];
    let examples = zalog_with_input(&arguments, log(&calls).as_bytes());
    let url = replaying_server(calls);
    let run = verify(
        &examples.stdout,
        &url,
        &["--format", "json", "--allow-writes", "--concurrency", "8"],
    );
    assert_eq!(run.status, Some(0), "{}{}", run.stdout, run.stderr);
    verdicts(&run)
}

#[test]
fn examples_of_3_2_run_on_the_server_they_come_from() {
    let verdicts = examples_run_on_the_server_they_come_from("rest-3.2.jsonl", "json");
    assert!(verdicts["runs"] > 30, "{verdicts:?}");
}

#[test]
fn examples_of_4_1_run_on_the_server_they_come_from() {
    let verdicts = examples_run_on_the_server_they_come_from("rest-4.1.jsonl", "json");
    assert!(verdicts["runs"] > 20, "{verdicts:?}");
}

#[test]
fn examples_of_an_openapi_document_run_as_well() {
    for (name, least) in [("rest-3.2.jsonl", 30), ("rest-4.1.jsonl", 20)] {
        let verdicts = examples_run_on_the_server_they_come_from(name, "openapi");
        assert!(verdicts["runs"] > least, "{verdicts:?}");
    }
}

/// What a client receives is what the example shows, to the letter of its JSON.
#[test]
fn responses_are_what_clients_received() {
    for name in ["rest-3.2.jsonl", "rest-4.1.jsonl"] {
        let mut compared = 0;
        for call in recorded_calls(name) {
            let arguments = [
                "examples",
                "-",
                "--max-items",
                "0",
                "--max-text",
                "0",
                "--show-secrets",
            ];
            let run = zalog_with_input(&arguments, call.log.as_bytes());
            let Ok(document) = serde_json::from_str::<Value>(&run.stdout) else {
                continue;
            };
            let mut examples = document["examples"].as_array().unwrap().iter();
            let Some(example) = examples.find(|example| example["service"] == *call.service) else {
                continue;
            };
            let received: Value = match serde_json::from_str(&call.response) {
                Ok(received) => received,
                Err(_) => json!(call.response),
            };
            let is_nothing =
                |value: &Value| [json!(null), json!(""), json!([]), json!({})].contains(value);
            let shown = &example["response"];
            if call.status == 200 {
                assert!(
                    *shown == received || (is_nothing(shown) && is_nothing(&received)),
                    "{name} {}: {shown}\n{received}",
                    call.service
                );
                compared += 1;
            }
        }
        assert!(compared > 40, "{name}: {compared}");
    }
}

fn call(service: &str, request: Value, status: u64, response: &str) -> RecordedCall {
    RecordedCall {
        service: service.to_owned(),
        method: "POST".to_owned(),
        request: Some(request),
        status,
        response: response.to_owned(),
        log: String::new(),
    }
}

#[test]
fn what_differs_or_fails_is_told() {
    let url = replaying_server(vec![
        call(
            "zato.x.get",
            json!({"id": 1}),
            200,
            r#"{"id": "1", "name": "x"}"#,
        ),
        call("zato.x.ping", json!({}), 500, "it \u{1b}[31m broke"),
        call(
            "zato.x.get-list",
            json!({}),
            200,
            r#"[{"id": 1}, {"id": 2}, {"id": 3, "n": 1}]"#,
        ),
    ]);
    let examples = json!({"examples": [
        {"service": "zato.x.get", "kind": "smallest", "request": {"id": 1}, "response": {"id": 1, "is_ok": true}},
        {"service": "zato.x.get", "kind": "fullest", "request": {"id": 2}, "response": {"id": 2}},
        {"service": "zato.x.ping", "kind": "smallest", "request": {}, "response": "pong"},
        {"service": "zato.x.get-list", "kind": "smallest", "request": {}, "response": [{"id": 1}],
         "cut": [{"path": "", "shown": 1, "items": 5}]},
        {"service": "zato.x.delete", "kind": "smallest", "request": {"id": 1}, "response": null},
        {"service": "zato.x.get", "kind": "failure", "request": {"id": 3}},
        {"service": "zato.x.get", "kind": "variant", "request": {"password": "******"}, "response": {}},
    ]});
    let run = verify(&examples.to_string(), &url, &[]);
    let seen = run.seen();
    // How long each took is not the same every time.
    let seen = regex::Regex::new(r" +\d+ms *")
        .unwrap()
        .replace_all(&seen, "  …  ");
    assert_snapshot!(seen, @"
    service          example  verdict  took  details
    zato.x.get             1  differs  …  id: string instead of integer; is_ok: gone; name: new
    zato.x.get             2  fails  …  404 Not Found: no such call was recorded
    zato.x.ping            1  fails  …  500 Internal Server Error: it �[31m broke
    zato.x.get-list        1  runs  …  
    zato.x.delete          1  skipped        may change something
    zato.x.get             3  skipped        got no response when it was recorded
    zato.x.get             4  skipped        a secret in its request is masked

    1 runs, 1 differs, 2 fails, 3 skipped
    ------- exit status 1 -------
    ");
}

#[test]
fn a_server_that_is_not_there_or_does_not_answer_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = format!("http://{}", listener.local_addr().unwrap());
    let example = json!({"service": "zato.x.get", "request": {}, "response": {}}).to_string();
    let run = verify(&example, &silent, &["--timeout", "1"]);
    assert_eq!(run.status, Some(1));
    assert!(run.stdout.contains("timeout"), "{}", run.stdout);
    drop(listener);
    let run = verify(&example, &silent, &[]);
    assert_eq!(run.status, Some(1));
    assert!(run.stdout.contains("refused"), "{}", run.stdout);
}

/// Answers every connection with these bytes, and then with `more` until the client goes.
fn answering(head: &str, more: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let head = head.to_owned();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = [0; 4096];
            assert!(stream.read(&mut request).unwrap() > 0);
            let mut is_there = stream.write_all(head.as_bytes()).is_ok();
            while is_there && !more.is_empty() {
                is_there = stream.write_all(more).is_ok();
            }
        }
    });
    url
}

#[test]
fn an_endless_body_ends_at_a_limit() {
    let head = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n[";
    let url = answering(head, &[b' '; 1 << 12]);
    let example = json!({"service": "zato.x.get", "request": {}, "response": {}}).to_string();
    let run = verify(&example, &url, &["--timeout", "60"]);
    assert_eq!(run.status, Some(1));
    assert!(
        run.stdout.contains("fails") && run.stdout.contains("limit"),
        "{}",
        run.stdout
    );
}

/// What stands behind a redirect is not asked, and so it never gets the password.
#[test]
fn a_redirect_is_not_followed() {
    let (other, requests) = serve(|_| (200, "{}".to_owned()));
    let head = format!(
        "HTTP/1.1 307 Temporary Redirect\r\nLocation: {other}/x\r\nContent-Length: 0\r\n\
         Connection: close\r\n\r\n"
    );
    let example = json!({"service": "zato.x.get", "request": {}, "response": {}}).to_string();
    let run = verify(&example, &answering(&head, b""), &[]);
    assert_eq!(run.status, Some(1));
    assert!(
        run.stdout.contains("307 Temporary Redirect"),
        "{}",
        run.stdout
    );
    assert_eq!(requests.try_iter().count(), 0);
}

#[test]
fn what_has_no_time_left_is_not_tried() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = format!("http://{}", listener.local_addr().unwrap());
    let example = json!({"service": "zato.x.get", "request": {}, "response": {}});
    let examples = json!({"examples": [example, example, example]}).to_string();
    let limits = ["--max-time", "1", "--concurrency", "1", "--format", "json"];
    let run = verify(&examples, &silent, &limits);
    assert_eq!(run.status, Some(1));
    let verdicts = verdicts(&run);
    assert_eq!((verdicts["fails"], verdicts["skipped"]), (1, 2));
    assert!(run.stdout.contains("no time was left for it"));
}

/// A server may repeat what it was sent, or tell what it knows.
#[test]
fn secrets_of_a_server_are_not_shown() {
    let failure = r#"token=hunter2 {"password": "hunter2"}"#;
    let url = replaying_server(vec![
        call("zato.x.get", json!({}), 500, failure),
        call(
            "zato.x.ping",
            json!({}),
            200,
            r#"{"amqp://u:hunter2@h": 1}"#,
        ),
    ]);
    let examples = json!({"examples": [
        {"service": "zato.x.get", "request": {}, "response": {}},
        {"service": "zato.x.ping", "request": {}, "response": {"a": 1}},
    ]});
    let run = verify(&examples.to_string(), &url, &["--format", "json"]);
    assert!(
        run.stdout.contains("500") && run.stdout.contains("amqp"),
        "{}",
        run.stdout
    );
    assert!(!run.stdout.contains("hunter2"), "{}", run.stdout);
}

/// A folder of several formats, as zalog examples writes it.
#[test]
fn in_a_folder_what_is_no_example_is_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let name = folder.path().to_str().unwrap();
    let mut arguments = vec!["examples".to_owned(), fixture("4.1-live")];
    arguments.extend(["-o", name, "--service", "zato.http-soap.delete"].map(str::to_owned));
    for format in ["openapi", "json", "curl", "postman", "overlay"] {
        arguments.extend(["--format", format].map(str::to_owned));
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    assert_eq!(zalog(&arguments).status, Some(0));
    let run = zalog(&["verify", name, "--base-url", "http://h"]);
    // They write, and so none is tried.
    assert_eq!(run.status, Some(1), "{}", run.stderr);
    assert_eq!(run.stdout.matches("may change something").count(), 2);
    assert_eq!(run.stderr.matches("neither examples").count(), 2);
    fs::write(folder.path().join("cut.json"), "{\"service\": ").unwrap();
    let run = zalog(&["verify", name, "--base-url", "http://h"]);
    assert_eq!(run.status, Some(2), "{}", run.stderr);
}

#[test]
fn mistakes_are_named() {
    let example = json!({"service": "zato.x.get", "request": {}, "response": {}}).to_string();
    let none = verify("{\"openapi\": 1}", "http://h", &[]).stderr;
    assert_snapshot!(none.rsplit('/').next().unwrap(), @"examples.json: neither examples of `zalog examples --format json` nor an OpenAPI document");
    assert_snapshot!(verify(&example, "h", &[]).seen(), @"
    ------- stderr -------
    error: --base-url `h`: expected a URL such as `https://zato.example.com:17010`
    ------- exit status 2 -------
    ");
    let mut without_user = command(&["verify", "-", "--base-url", "http://h"]);
    without_user
        .env_remove("ZATO_USER")
        .env_remove("ZATO_PASSWORD");
    without_user.stdin(std::process::Stdio::piped());
    without_user.stderr(std::process::Stdio::piped());
    let mut child = without_user.spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), example.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_snapshot!(String::from_utf8(output.stderr).unwrap(), @"error: $ZATO_USER is not set: who calls the server");
}
