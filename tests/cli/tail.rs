//! A live log is followed, through rotation.

use std::fs::{self, OpenOptions};
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use super::zalog::{command, zalog};

/// A program that follows a log, and what it prints. It ends with this.
struct Tail {
    child: Child,
    lines: Receiver<String>,
    messages: Receiver<String>,
}

impl Drop for Tail {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Tail {
    #[track_caller]
    fn start(arguments: &[&str]) -> Self {
        let mut child = command(&[&["tail"], arguments].concat())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = lines_of(child.stdout.take().unwrap());
        let messages = lines_of(child.stderr.take().unwrap());
        Self {
            child,
            lines,
            messages,
        }
    }

    /// The next line; it must come soon.
    #[track_caller]
    fn line(&self) -> String {
        next(&self.lines)
    }

    #[track_caller]
    fn call(&self) -> (String, String) {
        let call: Value = serde_json::from_str(&self.line()).unwrap();
        let text = |key: &str| call[key].as_str().unwrap().to_owned();
        (text("service"), text("outcome"))
    }
}

fn lines_of(output: impl Read + Send + 'static) -> Receiver<String> {
    let (send, lines) = channel();
    thread::spawn(move || {
        for line in BufReader::new(output).lines() {
            if send.send(line.unwrap()).is_err() {
                break;
            }
        }
    });
    lines
}

#[track_caller]
fn next(lines: &Receiver<String>) -> String {
    lines
        .recv_timeout(Duration::from_secs(20))
        .expect("a line is printed")
}

fn record(kind: &str, service: &str) -> String {
    format!(
        "2018-11-11 22:01:57,123 - INFO - 7:Dummy-1 - zato_admin:0 - {kind}; \
         service:`{service}`, data:`{{'name': 'CRM'}}` cid:`K-{service}`, \n"
    )
}

fn append(path: &Path, text: &str) {
    let mut file = OpenOptions::new()
        .append(true)
        .create(true)
        .open(path)
        .unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

fn pair(first: &str, second: &str) -> (String, String) {
    (first.to_owned(), second.to_owned())
}

#[test]
fn calls_are_printed_as_they_are_answered() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("admin.log");
    append(
        &log,
        &(record("Request", "old") + &record("Response", "old")),
    );
    append(&log, &record("Request", "open"));
    let tail = Tail::start(&[
        folder.path().to_str().unwrap(),
        "--format",
        "json",
        "--unanswered-after",
        "1",
    ]);
    assert_eq!(tail.call(), pair("old", "completed"));
    append(&log, &record("Response", "open"));
    assert_eq!(tail.call(), pair("open", "completed"));
    // A record may come in pieces.
    let (request, response) = (record("Request", "rotated"), record("Response", "rotated"));
    let (start, end) = response.split_at(40);
    append(&log, &(request + start));
    thread::sleep(Duration::from_millis(150));
    append(&log, end);
    fs::rename(&log, folder.path().join("admin.log.1")).unwrap();
    append(&log, &record("Request", "late"));
    assert_eq!(tail.call(), pair("rotated", "completed"));
    assert_eq!(tail.call(), pair("late", "unanswered"));
    append(&log, &record("Response", "late"));
    assert_eq!(tail.call(), pair("late", "completed"));
}

#[test]
fn as_many_old_calls_are_printed_as_are_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    for lines in 0..4_usize {
        let log = folder.path().join(lines.to_string());
        for service in ["one", "two", "three"] {
            append(
                &log,
                &(record("Request", service) + &record("Response", service)),
            );
        }
        let count = lines.to_string();
        let log_name = log.to_str().unwrap();
        let tail = Tail::start(&[log_name, "-n", &count, "--format", "json"]);
        for service in &["one", "two", "three"][3 - lines..] {
            assert_eq!(tail.call(), pair(service, "completed"));
        }
        // What comes next is no old call.
        assert!(tail.lines.recv_timeout(Duration::from_millis(700)).is_err());
        append(
            &log,
            &(record("Request", "new") + &record("Response", "new")),
        );
        assert_eq!(tail.call(), pair("new", "completed"));
    }
}

#[test]
fn a_query_chooses_and_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("admin.log");
    append(
        &log,
        &(record("Request", "a.get") + &record("Response", "a.get")),
    );
    append(
        &log,
        &(record("Request", "a.edit") + &record("Response", "a.edit")),
    );
    let tail = Tail::start(&[log.to_str().unwrap(), "kind:write crm"]);
    let shown = tail.line();
    assert!(
        shown.starts_with("2018-11-11 22:01:57.123      0ms  completed")
            && shown.ends_with("  a.edit"),
        "{shown}"
    );
    assert_eq!(tail.line(), "    request.name: CRM");
}

#[test]
fn mistakes_in_what_is_followed_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("none").display().to_string();
    for (arguments, message) in [
        (
            vec!["tail", missing.as_str()],
            "none: No such file or directory",
        ),
        (
            vec!["tail", "-"],
            "standard input can't be followed: name a file",
        ),
        (
            vec!["tail", missing.as_str(), "servise:x"],
            "did you mean 'service'?",
        ),
    ] {
        let run = zalog(&arguments);
        assert!(run.stderr.contains(message), "{}", run.stderr);
        assert_eq!(run.status, Some(2));
    }
}

#[test]
fn a_log_that_is_truncated_or_gone_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("admin.log");
    let name = log.to_str().unwrap();
    append(
        &log,
        &(record("Request", "old") + &record("Response", "old")),
    );
    let tail = Tail::start(&[name, "--format", "json"]);
    assert_eq!(tail.call(), pair("old", "completed"));
    fs::write(&log, record("Request", "a")).unwrap();
    let truncated = format!("{name}: truncated; read from its start");
    assert_eq!(next(&tail.messages), truncated);
    append(&log, &record("Response", "a"));
    assert_eq!(tail.call(), pair("a", "completed"));
    fs::remove_file(&log).unwrap();
    let gone = next(&tail.messages);
    assert!(
        gone.starts_with(&format!("{name}: No such file or directory")),
        "{gone}"
    );
    assert!(gone.ends_with("; waiting for it"), "{gone}");
    append(&log, &(record("Request", "b") + &record("Response", "b")));
    assert_eq!(tail.call(), pair("b", "completed"));
    assert!(tail.messages.try_recv().is_err());
}

#[test]
fn what_is_no_log_so_far_is_said_once() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("admin.log");
    append(&log, "Dear reader,\nthis is a letter.\n");
    let tail = Tail::start(&[log.to_str().unwrap(), "--format", "json"]);
    let expected = format!(
        "{}: no record of Zato's log in it so far; waiting for one",
        log.display()
    );
    assert_eq!(next(&tail.messages), expected);
    append(&log, &(record("Request", "a") + &record("Response", "a")));
    assert_eq!(tail.call(), pair("a", "completed"));
    assert!(tail.messages.try_recv().is_err());
    drop(tail);

    let empty = folder.path().join("empty.log");
    append(&empty, "");
    let tail = Tail::start(&[empty.to_str().unwrap(), "--format", "json"]);
    append(&empty, &(record("Request", "b") + &record("Response", "b")));
    assert_eq!(tail.call(), pair("b", "completed"));
    assert!(tail.messages.try_recv().is_err());
}
