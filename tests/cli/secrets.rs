//! Planted secrets never come out.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zalog::export::Format;

use crate::zalog::{zalog, zalog_with_input};

/// Every secret of the planted log has this in it, and nothing else does.
const CANARY: &str = "hunter2";

/// Requests and responses with secrets of every kind that is known to stand in these logs.
fn planted() -> String {
    let base64 = STANDARD.encode(planted_json());
    let mut dicts: Vec<String> = [
        "password",
        "PASSWORD",
        "newPassword",
        "secret",
        "secret_key",
        "token",
        "api_key",
        "ApiKey",
        "auth_token",
        "auth_data",
        "totp_key",
        "tls_pem_passphrase",
        "Authorization",
    ]
    .iter()
    .flat_map(|key| {
        [
            format!("{{'{key}': '{CANARY}', 'name': 'x'}}"),
            format!("{{'a': [{{'b': ({{u'{key}': u'{CANARY}'}}, 1)}}]}}"),
            format!("{{'{key}': ['{CANARY}', {{'x': '{CANARY}'}}]}}"),
            format!("{{'opaque': '{{\"{key}\": \"{CANARY}\", \"n\": 1}}'}}"),
            format!("{{'text': '{key} = {CANARY}'}}"),
            format!("{{'xml': '<a><{key}>{CANARY}</{key}></a>'}}"),
            // Not a Python value, and cut off.
            format!("{{'{key}': '{CANARY}', 'b': }}"),
            format!("{{'{key}': '{CANARY}', !"),
        ]
    })
    .collect();
    dicts.extend([
        format!("{{'value': '-----BEGIN RSA PRIVATE KEY-----\\n{CANARY}\\n-----END RSA PRIVATE KEY-----\\n'}}"),
        format!("{{'value': '-----BEGIN PRIVATE KEY-----\\n{CANARY}'}}"),
        format!("{{'address': 'amqp://user:{CANARY}@host/vhost'}}"),
        format!("{{'address': ['https://u:p@{CANARY}@h/x?y=z']}}"),
        format!("{{'url': 'https://h/x?token={CANARY}&y=1'}}"),
        format!("{{'headers': 'Authorization: Basic {}'}}", STANDARD.encode(format!("user:{CANARY}"))),
        format!("{{'headers': 'X: Bearer {CANARY}.abc.def'}}"),
        format!("{{'id': 1, 'payload': '{base64}'}}"),
        format!("{{'id': 1, 'payload': '{}'}}", STANDARD.encode(&base64)),
        format!("{{'amqp://user:{CANARY}@host': 1}}"),
    ]);
    let mut log = String::new();
    for (nth, dict) in dicts.iter().enumerate() {
        let record = |kind: &str, payload: &str, end: &str| {
            format!(
                "2018-11-11 22:01:57,{:03} - INFO - 1:Dummy-1 - zato_admin:0 - {kind}; \
                 service:`zato.x.get-{nth}`, data:`{payload}{end}",
                nth % 1000
            )
        };
        let end = format!("` cid:`{nth:x}`, \n");
        log += &record("Request", dict, &end);
        log += &record("Response", dict, &end);
        log += &record("Response", &format!("plain text {dict}"), &end);
        // A record that breaks off behind its secret.
        log += &record("Request", dict, "\n");
    }
    log
}

/// Whether a text holds the canary, in clear or in one of the forms in which it was planted.
fn has_secret(text: &[u8]) -> bool {
    let json = planted_json();
    let forms = [
        CANARY.to_owned(),
        STANDARD.encode(&json),
        STANDARD.encode(STANDARD.encode(&json)),
        STANDARD.encode(format!("user:{CANARY}")),
    ];
    let text = String::from_utf8_lossy(text);
    forms.iter().any(|form| text.contains(form))
}

fn planted_json() -> String {
    format!(r#"{{"name": "x", "auth_data": {{"key": "{CANARY}"}}, "a": 1}}"#)
}

fn files(folder: &Path) -> Vec<u8> {
    let mut content = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        content.extend(if path.is_dir() {
            files(&path)
        } else {
            fs::read(path).unwrap()
        });
    }
    content
}

#[test]
fn no_output_holds_a_planted_secret() {
    let log = planted();
    assert!(log.matches(CANARY).count() > 400);
    no_export_holds_a_planted_secret(&log);
    let folder = tempfile::tempdir().unwrap();
    let folder_name = folder.path().to_str().unwrap();
    for arguments in [
        &["parse", "-"][..],
        &["parse", "-", "--diagnostics"],
        &["stats", "-", "--format", "json"],
        &["examples", "-"],
        &["examples", "-", "--format", "curl"],
        &["examples", "-", "--format", "json", "-o", folder_name],
        &["examples", "-", "--format", "curl", "-o", folder_name],
    ] {
        let run = zalog_with_input(arguments, log.as_bytes());
        for line in run.stdout.lines().chain(run.stderr.lines()) {
            assert!(!has_secret(line.as_bytes()), "{arguments:?}: {line}");
        }
    }
    for nth in (0..100).step_by(9) {
        for format in [
            &["--as", "json"][..],
            &["--as", "python"],
            &["--as", "curl"],
            &[],
        ] {
            let cid = format!("{nth:x}");
            let run = zalog_with_input(&[&["show", &cid, "-"], format].concat(), log.as_bytes());
            assert!(run.stdout.contains("zato.x.get"), "{}", run.seen());
            assert!(!has_secret(run.stdout.as_bytes()), "{}", run.stdout);
        }
    }
    assert!(fs::read_dir(folder.path()).unwrap().count() > 100);
    assert!(!has_secret(&files(folder.path())));
    let shown = zalog_with_input(&["parse", "-", "--show-secrets"], log.as_bytes());
    assert!(has_secret(shown.stdout.as_bytes()));
}

/// Every format of examples and every command around them, printed and as files.
#[track_caller]
fn no_export_holds_a_planted_secret(log: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("admin.log");
    fs::write(&path, log).unwrap();
    let path = path.to_str().unwrap();
    let mut runs: Vec<Vec<&str>> = Vec::new();
    for format in Format::ALL {
        let plain = vec!["examples", path, "--failures", "--format", format.as_str()];
        runs.push([&plain[..], &["--stable-values"]].concat());
        runs.push(plain);
    }
    runs.extend([
        vec!["examples", path, "--max-items", "0", "--max-text", "0"],
        vec!["recipes", path, "--format", "json", "--limit", "0"],
        vec!["recipes", path, "--format", "sh", "--limit", "0"],
        vec!["recipes", path, "--format", "python", "--limit", "0"],
        vec!["coverage", path, "--catalogue", "4.1", "--format", "json"],
        vec!["drift", path, "-", "--format", "json"],
        vec!["drift", path, "-", "--format", "markdown"],
    ]);
    let other = log.replace("'name': 'x'", "'name': 1");
    for arguments in runs {
        let run = zalog_with_input(&arguments, other.as_bytes());
        assert_ne!(run.status, Some(2), "{arguments:?}: {}", run.stderr);
        for line in run.stdout.lines().chain(run.stderr.lines()) {
            assert!(!has_secret(line.as_bytes()), "{arguments:?}: {line}");
        }
    }
    let output = folder.path().join("out");
    let mut all = vec![
        "examples",
        path,
        "-o",
        output.to_str().unwrap(),
        "--failures",
    ];
    all.extend(
        Format::ALL
            .iter()
            .flat_map(|format| ["--format", format.as_str()]),
    );
    let run = zalog(&all);
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    assert!(!has_secret(&files(&output)));
}

#[test]
fn nothing_in_the_index_holds_a_planted_secret() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("admin.log");
    fs::write(&log, planted()).unwrap();
    let index = folder.path().join("index");
    let index_name = index.to_str().unwrap();
    let run = zalog(&["index", log.to_str().unwrap(), "--index", index_name]);
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    assert!(!has_secret(&files(&index)));
    let found = zalog(&["search", CANARY, "--index", index_name]);
    assert_eq!((found.status, found.stdout.as_str()), (Some(1), ""));
}
