//! Runs the exported curl snippets in a real shell with the real curl, against a server that
//! records what it gets.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::{Receiver, channel};

use serde_json::{Value, json};

use crate::zalog::{fixture, zalog};

/// What a client has sent.
#[derive(Debug)]
struct Request {
    line: String,
    authorization: Option<String>,
    body: Vec<u8>,
}

/// Starts a server that answers all requests alike; returns its URL and what it gets.
fn recording_server() -> (String, Receiver<Request>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            if sender.send(answer(stream.unwrap())).is_err() {
                break;
            }
        }
    });
    (url, receiver)
}

fn answer(stream: TcpStream) -> Request {
    let mut reader = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let header = |name: &str| {
        lines.iter().find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then(|| value.to_owned())
        })
    };
    if header("Expect").is_some() {
        reader
            .get_mut()
            .write_all(b"HTTP/1.1 100 Continue\r\n\r\n")
            .unwrap();
    }
    let length = header("Content-Length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let response = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";
    reader.get_mut().write_all(response).unwrap();
    Request {
        authorization: header("Authorization"),
        body,
        line: lines.remove(0),
    }
}

fn has_curl() -> bool {
    let has_curl = Command::new("curl").arg("--version").output().is_ok();
    if !has_curl {
        eprintln!("skipped: there is no curl here to run the snippets");
    }
    has_curl
}

/// Runs a script as a user would, from another folder than the one it stands in.
#[track_caller]
fn run(script: &Path) {
    let output = Command::new("sh")
        .arg(script)
        .current_dir("/")
        .env("ZATO_USER", "pub'api")
        .env("ZATO_PASSWORD", "p$w \"x\"")
        .env("no_proxy", "*")
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {stderr}", script.display());
    assert_eq!(output.stdout, b"{}", "{}", script.display());
}

/// Exports the logs' examples, runs each and checks that a server gets what the log has.
#[track_caller]
fn snippets_send_what_was_logged(log: &str, at_least: usize) {
    if !has_curl() {
        return;
    }
    let logged: Vec<(String, Value)> = zalog(&["parse", "--show-secrets", log])
        .json_lines()
        .into_iter()
        .map(|mut invocation| {
            let service = invocation["service"].as_str().unwrap().to_owned();
            (service, invocation["request"].take())
        })
        .collect();
    let (url, requests) = recording_server();
    let folder = tempfile::tempdir().unwrap();
    let folder_name = folder.path().to_str().unwrap();
    let arguments = [
        "examples",
        log,
        "--format",
        "curl",
        "--show-secrets",
        "--base-url",
        &url,
    ];
    let exported = zalog(&[&arguments[..], &["-o", folder_name]].concat());
    assert_eq!(exported.status, Some(0), "{}", exported.stderr);

    let mut scripts = 0;
    for entry in fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "sh") {
            continue;
        }
        scripts += 1;
        run(&path);
        let request = requests.recv().unwrap();
        let (method, rest) = request.line.split_once(' ').unwrap();
        let (target, _) = rest.split_once(' ').unwrap();
        let service = target.strip_prefix("/zato/api/invoke/").expect(target);
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        assert_eq!(method, "POST");
        // Base64 of `pub'api:p$w "x"`.
        assert_eq!(
            request.authorization.as_deref(),
            Some("Basic cHViJ2FwaTpwJHcgIngi")
        );
        assert!(
            logged
                .iter()
                .any(|(name, request)| name == service && *request == body),
            "no call of {service} was logged with {body}"
        );
    }
    assert!(scripts >= at_least, "{scripts} snippets");
}

#[test]
fn snippets_of_zato_3_2_run() {
    snippets_send_what_was_logged(&fixture("3.2-live"), 40);
}

#[test]
fn snippets_of_zato_4_1_run() {
    snippets_send_what_was_logged(&fixture("4.1-live"), 40);
}

#[test]
fn snippets_of_hostile_values_run() {
    let values = [
        "it's",
        "\"quoted\"",
        "line\nline",
        "`id`",
        "$HOME $(id)",
        "!!",
        "@/etc/passwd",
        "\0",
        "\\",
        "' ; echo x #",
        "%s",
        "JSON",
        "\nJSON\n",
        "ż😀\u{202e}",
        "-d",
        "\x1b[31m",
    ];
    let mut log = String::new();
    let mut log_call = |nth: usize, value: &str| {
        let cid = format!("{nth:024x}");
        let call = |kind: &str, payload: &str| {
            format!(
                "2018-11-11 22:01:57,123 - INFO - 1:Dummy-1 - zato_admin:0 - {kind}; \
                 service:`my.service-{nth}`, data:`{payload}` cid:`{cid}`, \n"
            )
        };
        let request = format!("{{'name': {0}, {0}: ['@', {0}]}}", repr(value));
        let _infallible = write!(
            log,
            "{}{}",
            call("Request", &request),
            call("Response", "{'a': 1}")
        );
    };
    values
        .iter()
        .enumerate()
        .for_each(|(nth, value)| log_call(nth, value));
    log_call(values.len(), &"it's 1 MB ".repeat(100_000));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("admin.log");
    fs::write(&path, log).unwrap();
    snippets_send_what_was_logged(path.to_str().unwrap(), values.len() + 1);
}

/// A string as Python 3 prints it, for the characters used here.
fn repr(text: &str) -> String {
    let inside: String = text
        .chars()
        .map(|c| match c {
            '\'' | '\\' => format!("\\{c}"),
            c if c.is_control() => format!("\\x{:02x}", u32::from(c)),
            c => c.to_string(),
        })
        .collect();
    format!("'{inside}'")
}

#[test]
fn a_long_body_is_fed_from_the_script_when_there_is_no_folder() {
    if !has_curl() {
        return;
    }
    let payload = "x'$\n".repeat(50_000);
    let log = format!(
        "2018-11-11 22:01:57,123 - INFO - 1:Dummy-1 - zato_admin:0 - Request; service:`my.upload`, \
         data:`{{'payload': {}}}` cid:`abc`, \n\
         2018-11-11 22:01:57,125 - INFO - 1:Dummy-1 - zato_admin:0 - Response; service:`my.upload`, \
         data:`{{'id': 1}}` cid:`abc`, \n",
        repr(&payload)
    );
    let (url, requests) = recording_server();
    let run_zalog = crate::zalog::zalog_with_input(
        &["examples", "-", "--format", "curl", "--base-url", &url],
        log.as_bytes(),
    );
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("upload.sh");
    fs::write(&script, run_zalog.stdout).unwrap();
    run(&script);
    let body: Value = serde_json::from_slice(&requests.recv().unwrap().body).unwrap();
    assert_eq!(body, json!({ "payload": payload }));
}
