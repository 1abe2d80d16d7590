//! Runs the examples of every format with the tools that they are for, against a server that
//! records what it gets: each must send exactly what was logged.
//!
//! A tool that is not installed is skipped, and said to be.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::mpsc::Receiver;

use percent_encoding::percent_decode_str;
use proptest::prelude::*;
use serde_json::{Value, json};
use zalog::export::{Format, Settings};
use zalog::usage::{Example, Schema, Service};

use crate::server::{Request, serve};
use crate::zalog::{fixture, zalog, zalog_with_input};

const USER: &str = "pub'api";
const PASSWORD: &str = "p$w \"x\"";
/// Base64 of both, with a colon between them.
const AUTHORIZATION: &str = "Basic cHViJ2FwaTpwJHcgIngi";

/// Runs a command as a user would who has set the variables. What it prints is shown if it fails.
#[track_caller]
fn succeed(command: &mut Command) {
    let output = command
        .env("ZATO_USER", USER)
        .env("ZATO_PASSWORD", PASSWORD)
        .env("no_proxy", "*")
        .output()
        .unwrap();
    let (stdout, stderr) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    let shown = |text: &str| text.chars().take(4000).collect::<String>();
    assert!(
        output.status.success(),
        "{command:?}\n{}\n{}",
        shown(&stdout),
        shown(&stderr)
    );
}

fn has(tool: &str) -> bool {
    let has = Command::new(tool).arg("--version").output().is_ok();
    if !has {
        eprintln!("skipped: there is no {tool} here to run the snippets");
    }
    has
}

/// Whether this shell is here. Not all tell their version.
fn has_shell(shell: &str) -> bool {
    let has = Command::new(shell).args(["-c", "exit 0"]).output().is_ok();
    if !has {
        eprintln!("skipped: there is no {shell} here to run the snippets");
    }
    has
}

/// The file that runs when this program is called, whatever links lead to it.
fn program(name: &str) -> Option<PathBuf> {
    let folders = env::var_os("PATH")?;
    let files = env::split_paths(&folders).map(|folder| folder.join(name));
    let file = files.into_iter().find(|file| file.is_file())?;
    file.canonicalize().ok()
}

/// Where examples are written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Into {
    /// A file each, with long bodies beside them.
    Files,
    /// One text, with long bodies in it.
    Text,
}

/// Exports the examples of a log in one format, has them run, and compares what the server gets
/// with what was logged.
#[track_caller]
fn examples_send_what_was_logged(
    log: &str,
    format: &str,
    ending: &str,
    into: Into,
    run: &dyn Fn(&[PathBuf]),
) {
    let shared = ["examples", log, "--show-secrets", "--per-service", "3"];
    let document = zalog(&shared);
    let document: Value = serde_json::from_str(&document.stdout).expect(&document.stderr);
    let examples = document["examples"].as_array().unwrap().clone();
    assert!(examples.len() > 20, "{}", examples.len());
    let mut expected: Vec<String> = examples
        .iter()
        .map(|example| call(example["service"].as_str().unwrap(), &example["request"]))
        .collect();

    let (url, requests) = answering_server(examples);
    let folder = tempfile::tempdir().unwrap();
    let mut arguments = shared.to_vec();
    arguments.extend(["--format", format, "--base-url", &url]);
    if into == Into::Files {
        arguments.extend(["-o", folder.path().to_str().unwrap()]);
    }
    let exported = zalog(&arguments);
    assert_eq!(exported.status, Some(0), "{}", exported.stderr);
    if into == Into::Text {
        fs::write(folder.path().join(format!("all{ending}")), &exported.stdout).unwrap();
    }
    let mut files: Vec<PathBuf> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_str().unwrap().ends_with(ending))
        .collect();
    files.sort_unstable();
    run(&files);

    let mut sent: Vec<String> = requests.try_iter().map(|request| sent(&request)).collect();
    sent.sort_unstable();
    expected.sort_unstable();
    let short = |call: Option<&String>| call.map(|call| call.chars().take(300).collect::<String>());
    let differing =
        (0..sent.len().max(expected.len())).find(|&nth| sent.get(nth) != expected.get(nth));
    if let Some(nth) = differing {
        panic!(
            "{format}: sent {:?}\nlogged {:?}",
            short(sent.get(nth)),
            short(expected.get(nth))
        );
    }
}

/// A server that answers each call with the response of its example.
fn answering_server(examples: Vec<Value>) -> (String, Receiver<Request>) {
    serve(move |request| {
        let sent = sent(request);
        let example = examples.iter().find(|example| {
            call(example["service"].as_str().unwrap(), &example["request"]) == sent
        });
        match example {
            Some(example) => (200, example["response"].to_string()),
            None => (404, "\"no such call was logged\"".to_owned()),
        }
    })
}

/// What was sent, as text that can be compared.
fn sent(request: &Request) -> String {
    let service = request
        .path
        .strip_prefix("/zato/api/invoke/")
        .map(|name| percent_decode_str(name).decode_utf8().unwrap());
    let body: Result<Value, _> = serde_json::from_slice(&request.body);
    match (service, body) {
        (Some(service), Ok(body))
            if request.method == "POST"
                && request.authorization.as_deref() == Some(AUTHORIZATION) =>
        {
            call(&service, &body)
        }
        _ => format!(
            "{} {} as {:?}: {}",
            request.method,
            request.path,
            request.authorization,
            String::from_utf8_lossy(&request.body)
        ),
    }
}

fn call(service: &str, request: &Value) -> String {
    format!("{service} {}", with_plain_floats(request))
}

/// Floats in one notation: `1e300` and `1e+300` are the same.
fn with_plain_floats(value: &Value) -> Value {
    match value {
        Value::Number(number) if number.to_string().contains(['.', 'e', 'E']) => {
            number.as_f64().map_or(Value::Null, Value::from)
        }
        Value::Array(list) => list.iter().map(with_plain_floats).collect(),
        Value::Object(dict) => dict
            .iter()
            .map(|(key, value)| (key.clone(), with_plain_floats(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

/// The logs whose examples are run: those of real servers, and one of hostile values.
fn with_each_log(mut run: impl FnMut(&str, Into)) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("admin.log");
    fs::write(&path, hostile_log()).unwrap();
    let hostile = path.to_str().unwrap();
    run(hostile, Into::Files);
    run(hostile, Into::Text);
    run(&fixture("3.2-live"), Into::Files);
    run(&fixture("4.1-live"), Into::Files);
}

const HOSTILE_VALUES: [&str; 31] = [
    "it's",
    "\"quoted\"",
    "line\nline",
    "`id`",
    "```",
    "````\n```\n",
    "$HOME $(id)",
    "!!",
    "@/etc/passwd",
    "@import ./x",
    "\0",
    "\\",
    "\\\\{{x}}",
    "' ; echo x #",
    "%s %2F",
    "JSON",
    "\nJSON\n",
    "ż😀\u{202e}\u{2028}",
    "-d",
    "\x1b[31m",
    "{{x}}",
    "{{{{{x}}}}}",
    "{{$guid}} {{$processEnv HOME}}",
    "{{",
    "{",
    "}}",
    "{% x %} > {% y %}",
    "\n### x\nGET /\n",
    "\n@x = 1\n# @name x\n?? status == 1\n",
    "\r\n\r\nHTTP 500\n[Asserts]\n",
    "<%= x %> ${x} #{x} $[x] %{x}",
];

const HOSTILE_SERVICES: [&str; 9] = [
    "my service/../x?y#z",
    "ż{{x}}",
    "@name x",
    "it's \"$HOME\"",
    ":a",
    "a:b@c",
    "%41",
    "my.[1]{2}",
    "coding: utf_16 \\",
];

fn hostile_log() -> String {
    let mut log = String::new();
    let mut log_call = |service: &str, request: &str, response: &str| {
        let cid = format!("{:024x}", log.len());
        for (kind, payload) in [("Request", request), ("Response", response)] {
            let record = format!(
                "2018-11-11 22:01:57,123 - INFO - 1:Dummy-1 - zato_admin:0 - {kind}; \
                 service:`{service}`, data:`{payload}` cid:`{cid}`, \n"
            );
            log.push_str(&record);
        }
    };
    for (nth, value) in HOSTILE_VALUES.iter().enumerate() {
        let value = repr(value);
        let service = format!("my.service-{nth}");
        log_call(
            &service,
            &format!("{{'name': {value}, {value}: ['@', {value}]}}"),
            &format!("{{'a': [{{{value}: {value}, 'x': 1}}], {value}: {{{value}: 1.5}}}}"),
        );
        log_call(
            &format!("my.text-{nth}"),
            &format!("{{'name': {value}}}"),
            &format!("{{{value}: {value}}}"),
        );
    }
    for service in HOSTILE_SERVICES {
        log_call(service, "{'id': 1}", "{'a': 1}");
    }
    let numbers = "{'a': 1e300, 'b': -0.5, 'c': 123456789012345678901234567890, 'd': {}, 'e': []}";
    log_call("my.numbers", numbers, numbers);
    log_call("my.list", "[1, -2, None]", "[[], [1]]");
    log_call("my.negative", "-1", "1");
    log_call("my.nothing", "{}", "{'a': None}");
    let long = repr(&"it's 1 MB {{x}} ".repeat(65_536));
    log_call("my.upload", &format!("{{'payload': {long}}}"), "{'a': 1}");
    log
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

/// Runs scripts, each in a shell of its own, from another folder than the one they stand in.
fn in_shell(shell: &str, scripts: &[PathBuf]) -> Command {
    let mut driver = Command::new("sh");
    driver
        .args([
            "-c",
            "for script do \"$0\" \"$script\" || exit; done",
            shell,
        ])
        .args(scripts)
        .current_dir("/");
    driver
}

/// A format, the ending of its files, and what runs them.
type Tool = (Format, &'static str, fn(&[PathBuf]));

const TOOLS: [Tool; 5] = [
    (Format::Curl, ".sh", run_curl),
    (Format::Httpie, ".sh", run_httpie),
    (Format::Hurl, ".hurl", run_hurl),
    (Format::Postman, ".json", run_newman),
    (Format::Http, ".http", run_httpyac),
];

/// Whether the tool that runs examples of this format is here.
fn has_tool(format: Format) -> bool {
    match format {
        Format::Curl => has("curl"),
        Format::Httpie => has("http"),
        Format::Hurl => has("hurl"),
        Format::Postman => has("newman"),
        Format::Http => has("httpyac"),
        _ => false,
    }
}

fn run_curl(scripts: &[PathBuf]) {
    succeed(&mut in_shell("sh", scripts));
}

/// Stands before HTTPie, which takes long to start: keeps what it was given for one start of it.
const KEEPER: &str = r#"#!/bin/sh
call="$CALLS/$(ls "$CALLS" | wc -l)"
mkdir "$call"
printf '%s\0' "$@" >"$call/argv"
case " $* " in *' --ignore-stdin '*) : ;; *) cat ;; esac >"$call/stdin"
"#;

fn run_httpie(scripts: &[PathBuf]) {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    let keeper = folder.path().join("http");
    fs::write(&keeper, KEEPER).unwrap();
    fs::set_permissions(&keeper, fs::Permissions::from_mode(0o755)).unwrap();
    let calls = folder.path().join("calls");
    fs::create_dir(&calls).unwrap();
    let path = env::var("PATH").unwrap();
    let path = format!("{}:{path}", folder.path().display());
    let mut shell = in_shell("sh", scripts);
    succeed(shell.env("CALLS", &calls).env("PATH", path));
    let python = python_of("http").expect("HTTPie is a program in Python");
    succeed(
        Command::new(python)
            .arg(helper("run_httpie.py"))
            .arg(&calls),
    );
}

fn run_hurl(files: &[PathBuf]) {
    succeed(hurl().arg("--test").args(files));
}

fn run_newman(files: &[PathBuf]) {
    let [collection] = files else {
        panic!("{files:?}")
    };
    succeed(
        Command::new("newman")
            .arg("run")
            .arg(collection)
            .args(["--env-var", &format!("user={USER}")])
            .args(["--env-var", &format!("password={PASSWORD}")])
            .args(["--reporters", "json", "--reporter-json-export", "/dev/null"]),
    );
}

fn run_httpyac(files: &[PathBuf]) {
    succeed(
        Command::new("httpyac")
            .current_dir(files[0].parent().unwrap())
            .arg("send")
            .args(files.iter().map(|file| file.file_name().unwrap()))
            .args(["--all", "--output", "none", "--var"])
            .arg(format!("ZATO_USER={USER}"))
            .arg(format!("ZATO_PASSWORD={PASSWORD}")),
    );
}

/// Runs the programs with the real zato-client.
fn run_python(programs: &[PathBuf]) {
    succeed(
        Command::new("python3")
            .args(["-X", "utf8"])
            .arg(helper("run_programs.py"))
            .args(programs),
    );
}

fn helper(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests/cli", name]
        .iter()
        .collect()
}

#[track_caller]
fn all_logs_run(format: Format) {
    if !has_tool(format) {
        return;
    }
    let tool = TOOLS.iter().find(|tool| tool.0 == format);
    let &(_, ending, run) = tool.expect("a tool for it");
    with_each_log(|log, into| {
        examples_send_what_was_logged(log, format.as_str(), ending, into, &run);
    });
}

#[test]
fn curl_runs_in_every_shell() {
    if !has("curl") {
        return;
    }
    // On many systems `sh` is one of the others.
    let programs = ["sh", "bash", "dash"].map(|shell| (shell, program(shell)));
    for (nth, (shell, program)) in programs.iter().enumerate() {
        let is_another = programs[nth + 1..]
            .iter()
            .all(|(_, other)| other != program);
        if is_another && has_shell(shell) {
            with_each_log(|log, into| {
                examples_send_what_was_logged(log, "curl", ".sh", into, &|scripts| {
                    succeed(&mut in_shell(shell, scripts));
                });
            });
        }
    }
}

#[test]
fn httpie_sends_what_the_shell_gives_it() {
    all_logs_run(Format::Httpie);
}

#[test]
fn hurl_finds_the_shape_that_was_logged() {
    all_logs_run(Format::Hurl);
}

#[test]
fn newman_runs_the_collection() {
    all_logs_run(Format::Postman);
}

#[test]
fn httpyac_sends_http_files() {
    all_logs_run(Format::Http);
}

#[test]
fn httpie_runs_as_it_is() {
    if !has("http") {
        return;
    }
    let (url, requests) = serve(|_| (200, "{}".to_owned()));
    let folder = tempfile::tempdir().unwrap();
    let log = hostile_log();
    let run = zalog_with_input(
        &[
            "examples",
            "-",
            "--format",
            "httpie",
            "--base-url",
            &url,
            "-o",
            folder.path().to_str().unwrap(),
            "--service",
            "my.{service-0,upload}",
        ],
        log.as_bytes(),
    );
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    let scripts = ["my.service-0.sh", "my.upload.sh"].map(|name| folder.path().join(name));
    succeed(&mut in_shell("sh", &scripts));
    let sent: Vec<Request> = requests.try_iter().collect();
    assert_eq!(sent.len(), 2);
    for request in &sent {
        assert_eq!(request.authorization.as_deref(), Some(AUTHORIZATION));
        assert_eq!(request.content_type.as_deref(), Some("application/json"));
    }
    assert!(sent[1].body.len() > 1 << 20);
}

/// The Python that a program written in it runs with.
fn python_of(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let script = env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())?;
    let text = fs::read_to_string(script).ok()?;
    let line = text.lines().next()?.strip_prefix("#!")?;
    let python = line.split(' ').next()?;
    python.contains("python").then(|| PathBuf::from(python))
}

fn hurl() -> Command {
    let mut hurl = Command::new("hurl");
    // Before Hurl 7 the names are shorter.
    for prefix in ["HURL_", "HURL_VARIABLE_"] {
        hurl.env(format!("{prefix}ZATO_USER"), USER);
        hurl.env(format!("{prefix}ZATO_PASSWORD"), PASSWORD);
    }
    hurl
}

#[test]
fn hurl_fails_when_the_shape_is_another() {
    if !has("hurl") {
        return;
    }
    let log = "2018-11-11 22:01:57,123 - INFO - 1:Dummy-1 - zato_admin:0 - Request; service:`my.x`, \
         data:`{'id': 1}` cid:`abc`, \n\
         2018-11-11 22:01:57,125 - INFO - 1:Dummy-1 - zato_admin:0 - Response; service:`my.x`, \
         data:`{'rows': [{'id': 1, 'it\\'s': 1.5, 'name': 'x'}]}` cid:`abc`, \n";
    for (status, response, is_same) in [
        (
            200,
            json!({"rows": [{"id": 2, "it's": 2, "name": ""}]}),
            true,
        ),
        (
            500,
            json!({"rows": [{"id": 2, "it's": 2, "name": ""}]}),
            false,
        ),
        (
            200,
            json!({"rows": [{"id": "2", "it's": 2, "name": ""}]}),
            false,
        ),
        (200, json!({"rows": [{"id": 2, "name": ""}]}), false),
        (200, json!({"rows": {"id": 2}}), false),
    ] {
        let text = response.to_string();
        let (url, _requests) = serve(move |_| (status, response.to_string()));
        let arguments = ["examples", "-", "--format", "hurl", "--base-url", &url];
        let run = zalog_with_input(&arguments, log.as_bytes());
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x.hurl");
        fs::write(&file, run.stdout).unwrap();
        let output = hurl().arg("--test").arg(file).output().unwrap();
        assert_eq!(output.status.success(), is_same, "{status} {text}");
    }
}

#[test]
fn python_programs_run_with_zato_client() {
    let finds_client = "import importlib.util as i, sys; \
         sys.exit(i.find_spec('zato') is None or i.find_spec('zato.client') is None)";
    let found = Command::new("python3").args(["-c", finds_client]).status();
    if !found.is_ok_and(|status| status.success()) {
        eprintln!("skipped: there is no zato-client here to run the programs");
        return;
    }
    with_each_log(|log, into| {
        // One text of all programs is no program.
        if into == Into::Files {
            examples_send_what_was_logged(log, "python", ".py", into, &run_python);
        }
    });
}

/// Values of JSON, with what is escaped, ends a string, or is obeyed in any of the languages.
fn values() -> impl Strategy<Value = Value> {
    let text = "([a\"'\\\\\n\r\t\0\u{1b}\u{7f}\u{85}\u{2028}\u{202e}{}ż😀$#@`<>%/!?=&;:]|[{]{2}|`{3}|###|\n@|\n#)\
                {0,12}";
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1e300..1e300).prop_map(|float: f64| Value::from(float)),
        text.prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 16, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(text, inner, 0..6)
                .prop_map(|dict| Value::Object(dict.into_iter().collect())),
        ]
    })
}

proptest! {
    // Every tool is started for each.
    #![proptest_config(ProptestConfig::with_cases(2))]

    #[test]
    fn any_value_arrives(
        calls in prop::collection::vec(("[ -~ż😀\u{202e}]{1,12}", values(), values()), 60),
    ) {
        let calls: Vec<(String, Value, Value)> = (0..)
            .zip(calls)
            .map(|(nth, (service, request, response))| {
                (format!("{service}{nth}"), request, response)
            })
            .collect();
        for (format, ending, run) in TOOLS {
            if has_tool(format) {
                calls_arrive(&calls, format, ending, run);
            }
        }
    }
}

#[track_caller]
fn calls_arrive(
    calls: &[(String, Value, Value)],
    format: Format,
    ending: &str,
    run: fn(&[PathBuf]),
) {
    let services: Vec<Service> = calls
        .iter()
        .map(|(name, request, response)| Service {
            name: name.clone(),
            calls: 1,
            unanswered: 0,
            examples: vec![Example::of_call(
                name,
                request.clone(),
                Some(response.clone()),
            )],
            request: Schema::default(),
            response: Schema::default(),
        })
        .collect();
    let answers = calls
        .iter()
        .map(|(service, request, response)| {
            json!({"service": service, "request": request, "response": response})
        })
        .collect();
    let (base_url, requests) = answering_server(answers);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(format!("all{ending}"));
    fs::write(&file, format.text(&services, &Settings { base_url })).unwrap();
    run(&[file]);
    let mut arrived: Vec<String> = requests.try_iter().map(|request| sent(&request)).collect();
    let mut expected: Vec<String> = calls
        .iter()
        .map(|(service, request, _)| call(service, request))
        .collect();
    arrived.sort_unstable();
    expected.sort_unstable();
    assert_eq!(arrived, expected, "{}", format.as_str());
}
