//! `zalog show`.

use std::fs;
use std::path::Path;

use insta::assert_snapshot;
use serde_json::Value;

use crate::zalog::{Run, fixture, zalog, zalog_with_input};

/// A record of Zato 3.2.
fn record(thread: u32, kind: &str, service: &str, cid: &str, payload: &str) -> String {
    format!(
        "2018-11-11 22:01:57,123 - INFO - 7:Dummy-{thread} - zato_admin:0 - {kind}; \
         service:`{service}`, data:`{payload}` cid:`{cid}`, \n"
    )
}

fn index_of(log: &str, folder: &Path) -> String {
    let index = folder.join("index").to_str().unwrap().to_owned();
    let run = zalog(&["index", log, "--index", &index]);
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    index
}

#[test]
fn a_cid_shows_its_calls_with_what_they_invoked() {
    let call = |kind, service, payload| record(1, kind, service, "c1", payload);
    let log = [
        call("Request", "my.outer", "{'a': 1}"),
        call("Request", "my.first", "{}"),
        call("Response", "my.first", ""),
        record(2, "Request", "my.other", "c2", "{}"),
        call("Request", "my.second", "{}"),
        call("Request", "my.innermost", "{}"),
        call("Response", "my.innermost", "[]"),
        call("Response", "my.outer", "{}"),
    ];
    let run = zalog_with_input(&["show", "c1", "-"], log.concat().as_bytes());
    assert_snapshot!(run.seen(), @r#"
    my.outer  completed in 0ms
    2018-11-11 22:01:57.123 to 22:01:57.123  pid 7  thread Dummy-1
    id b738a0ce1f73269b  cid c1
    request   -:1
      {
        "a": 1
      }
    response  -:8
      {}

      my.first  completed in 0ms
      2018-11-11 22:01:57.123 to 22:01:57.123  pid 7  thread Dummy-1
      id bd29adeede6e5ca6
      request   -:2
        {}
      response  -:3
        null

      my.second  unanswered
      2018-11-11 22:01:57.123  pid 7  thread Dummy-1
      id 602d2bd4a99c11fa
      request   -:5
        {}
      response  not in the logs: failed, still running, or in a file not read

        my.innermost  completed in 0ms
        2018-11-11 22:01:57.123 to 22:01:57.123  pid 7  thread Dummy-1
        id 173c91f052205096
        request   -:6
          {}
        response  -:7
          []
    ------- exit status 0 -------
    "#);
}

#[test]
fn calls_through_the_rest_api_are_shown_once() {
    let run = zalog(&["show", "b9f2b47a45ce37b2b11382e3", &fixture("3.2-live")]);
    assert_snapshot!(run.seen(), @r#"
    pub.zato.service.service-invoker  completed in 133ms
    2026-11-23 18:01:17.827 to 18:01:17.960  pid 22091  thread Dummy-104
    id a8fd617a46e92bc1  cid b9f2b47a45ce37b2b11382e3
    wraps 9227876f04d5e0e1 for the REST API
    request   fixtures/3.2-live/admin.log.1:79  as below
    response  fixtures/3.2-live/admin.log.1:82  as below, without the envelope

      zato.security.basic-auth.change-password  completed in 72ms
      2026-11-23 18:01:17.840 to 18:01:17.912  pid 22091  thread Dummy-104
      id 9227876f04d5e0e1
      request   fixtures/3.2-live/admin.log.1:80
        {
          "id": 14,
          "password1": "******",
          "password2": "******",
          "password": "******",
          "type_": "basic_auth"
        }
      response  fixtures/3.2-live/admin.log.1:81
        {
          "zato_security_basic_auth_change_password_response": {
            "id": 14
          }
        }
    ------- exit status 0 -------
    "#);
}

#[test]
fn an_id_shows_a_call_with_what_it_invoked() {
    let run = zalog(&["show", "9227876F04D5E0E1", &fixture("3.2-live")]);
    assert_snapshot!(run.seen(), @r#"
    zato.security.basic-auth.change-password  completed in 72ms
    2026-11-23 18:01:17.840 to 18:01:17.912  pid 22091  thread Dummy-104
    id 9227876f04d5e0e1  cid b9f2b47a45ce37b2b11382e3
    invoked by a8fd617a46e92bc1  through the REST API
    request   fixtures/3.2-live/admin.log.1:80
      {
        "id": 14,
        "password1": "******",
        "password2": "******",
        "password": "******",
        "type_": "basic_auth"
      }
    response  fixtures/3.2-live/admin.log.1:81
      {
        "zato_security_basic_auth_change_password_response": {
          "id": 14
        }
      }
    ------- exit status 0 -------
    "#);
}

#[test]
fn what_is_not_in_the_logs_is_said() {
    let log = record(1, "Request", "my.asks", "c1", "{}")
        + &record(1, "Response", "my.answers", "c1", "plain\n\x1b[31mtext")
        + "2018-11-11 22:01:57,123 - INFO - 7:D - zato_admin:0 - Request; service:`my.breaks-off`, data:`{'a': [1,";
    let run = zalog_with_input(&["show", "c1", "server1=-"], log.as_bytes());
    assert_snapshot!(run.seen(), @r#"
    my.asks  unanswered
    2018-11-11 22:01:57.123  server server1  pid 7  thread Dummy-1
    id cb421d4924b4788f  cid c1
    request   -:1
      {}
    response  not in the logs: failed, still running, or in a file not read

      my.answers  response-only
      until 2018-11-11 22:01:57.123  server server1  pid 7  thread Dummy-1
      id 790c7d8cfcf238b1
      request   not in the logs
      response  -:2
        "plain\n\u001b[31mtext"
    ------- stderr -------
    read 3 records, 1 cut off: zalog parse --diagnostics
    ------- exit status 0 -------
    "#);
}

#[test]
fn logs_and_index_show_the_same() {
    let folder = tempfile::tempdir().unwrap();
    for corpus in ["2.0", "3.2-live", "4.1-live"] {
        let log = fixture(corpus);
        let folder = folder.path().join(corpus);
        fs::create_dir(&folder).unwrap();
        let index = index_of(&log, &folder);
        let lines = zalog(&["parse", &log]).json_lines();
        for line in lines.iter().step_by(61) {
            for key in ["id", "cid"] {
                let text = line[key].as_str().unwrap();
                let from_logs = zalog(&["show", text, &log, "-q"]);
                let from_index = zalog(&["show", text, "--index", &index]);
                assert_eq!(from_logs.seen(), from_index.seen(), "{corpus} {text}");
                assert_eq!(from_logs.status, Some(0));
            }
        }
    }
}

#[test]
fn every_call_is_shown_under_its_cid() {
    let log = fixture("2.0");
    for line in zalog(&["parse", &log]).json_lines().iter().step_by(97) {
        let run = zalog(&["show", line["cid"].as_str().unwrap(), &log]);
        let id = format!("id {}", line["id"].as_str().unwrap());
        assert!(run.stdout.contains(&id), "{id}\n{}", run.stdout);
    }
}

#[test]
fn the_start_of_an_id_or_a_cid_is_enough() {
    let log = fixture("3.2-live");
    let whole = zalog(&["show", "b9f2b47a45ce37b2b11382e3", &log]);
    assert_eq!(zalog(&["show", "b9f2b47a", &log]).stdout, whole.stdout);
    let whole = zalog(&["show", "9227876f04d5e0e1", &log]);
    assert_eq!(zalog(&["show", "92278", &log]).stdout, whole.stdout);
    let folder = tempfile::tempdir().unwrap();
    let index = index_of(&log, folder.path());
    let from_index = zalog(&["show", "92278", "--index", &index]);
    assert_eq!(from_index.stdout, whole.stdout);
    for place in [
        &[&fixture("4.1-live")[..]][..],
        &["--index", &index_of(&fixture("4.1-live"), folder.path())],
    ] {
        let run = zalog(&[&["show", "20261123-18162"], place].concat());
        assert_eq!(run.status, Some(2), "{}", run.seen());
        assert!(run.stderr.starts_with("error: `20261123-18162` is the start of several: give more of it\n  CID 20261123-18162"), "{}", run.stderr);
        assert!(run.stderr.ends_with("\n  and more\n"), "{}", run.stderr);
    }
}

#[test]
fn a_selection_narrows_what_is_looked_for() {
    let log = &fixture("3.2-live");
    let folder = tempfile::tempdir().unwrap();
    let index = &index_of(log, folder.path());
    let whole = zalog(&["show", "b9f2b47a", log]);
    for place in [&[&**log][..], &["--index", index]] {
        let show = |more: &[&str]| zalog(&[&["show", "b9f2b47a"], place, more].concat());
        assert_eq!(
            show(&["--service", "*.change-password"]).seen(),
            whole.seen()
        );
        assert_eq!(show(&["--since", "2026-11-23 18:01"]).seen(), whole.seen());
        assert_eq!(show(&["--service", "*.delete"]).status, Some(1));
        assert_eq!(show(&["--until", "2026-11-23 18:00"]).status, Some(1));
    }
}

#[test]
fn what_is_not_found_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let index = index_of(&fixture("4.1-live"), folder.path());
    assert_snapshot!(zalog(&["show", "b9f2b47a", &fixture("4.1-live")]).seen(), @"
    ------- stderr -------
    no call has the ID or CID 'b9f2b47a'
    ------- exit status 1 -------
    ");
    assert_snapshot!(zalog(&["show", "b9f2b47a", "--index", &index]).seen(), @"
    ------- stderr -------
    no call has the ID or CID 'b9f2b47a'
    ------- exit status 1 -------
    ");
    assert_snapshot!(zalog_with_input(&["show", "x\u{1b}[31m\"*?", "-"], b"").seen(), @"
    ------- stderr -------
    -: empty
    no calls in these logs
    ------- exit status 1 -------
    ");
    assert_snapshot!(zalog(&["show", "\"a*", "--index", &index]).seen(), @r#"
    ------- stderr -------
    no call has the ID or CID '"a*': the start of an ID has 4 characters at the least
    ------- exit status 1 -------
    "#);
    assert_snapshot!(zalog(&["show", " ", "--index", &index]).seen(), @"
    ------- stderr -------
    error: ID ` `: give the ID of a call, or a CID, or the start of either
    ------- exit status 2 -------
    ");
}

#[test]
fn mistakes_are_named() {
    let log = &fixture("4.1-live");
    let folder = tempfile::tempdir().unwrap();
    let index = &index_of(log, folder.path());
    let seen = |arguments: &[&str]| zalog(&[&["show"], arguments].concat()).seen();
    assert_snapshot!(seen(&["x", log, "--raw"]), @"
    ------- stderr -------
    error: --raw prints records as they were logged, secrets and all: it needs --show-secrets
    ------- exit status 2 -------
    ");
    assert_snapshot!(seen(&["x", "--index", index, "--raw", "--show-secrets"]), @"
    ------- stderr -------
    error: --raw needs logs: the index keeps no records as they were logged
    ------- exit status 2 -------
    ");
    assert_snapshot!(seen(&["x", "--index", index, "--no-mmap"]), @"
    ------- stderr -------
    error: --no-mmap has a meaning only where logs are read: name them, since the index gives back what it holds
    ------- exit status 2 -------
    ");
    assert_snapshot!(seen(&["x", log, "--as", "curl", "--base-url", "zato"]), @"
    ------- stderr -------
    error: --base-url `zato`: expected a URL such as `https://zato.example.com:17010`
    ------- exit status 2 -------
    ");
    assert_snapshot!(seen(&["x", log, "--base-url", "http://h"]), @"
    ------- stderr -------
    error: the following required arguments were not provided:
      --as <FORMAT>

    Usage: zalog show --as <FORMAT> --base-url <URL> <ID|CID> <LOG>...

    For more information, try '--help'.
    ------- exit status 2 -------
    ");
    assert_snapshot!(seen(&["x", log, "--index", index]), @"
    ------- stderr -------
    error: the argument '[LOG]...' cannot be used with '--index <DIR>'

    Usage: zalog show <ID|CID> <LOG>...

    For more information, try '--help'.
    ------- exit status 2 -------
    ");
    assert_snapshot!(seen(&["x", log, "--as", "curl", "--raw"]), @"
    ------- stderr -------
    error: the argument '--as <FORMAT>' cannot be used with '--raw'

    Usage: zalog show --as <FORMAT> <ID|CID> <LOG>...

    For more information, try '--help'.
    ------- exit status 2 -------
    ");
    assert_snapshot!(seen(&["x", "no-such-log"]), @"
    ------- stderr -------
    error: no-such-log: No such file or directory (os error 2)
    ------- exit status 2 -------
    ");
    let swapped = seen(&[log, "c1"]);
    assert_snapshot!(swapped, @"
    ------- stderr -------
    error: c1: No such file or directory (os error 2)
    'fixtures/4.1-live' is a file or folder: the ID or CID comes before the logs
    ------- exit status 2 -------
    ");
    assert_snapshot!(seen(&[]), @"
    ------- stderr -------
    error: the following required arguments were not provided:
      <ID|CID>

    Usage: zalog show <ID|CID> [LOG]...

    For more information, try '--help'.
    ------- exit status 2 -------
    ");
}

#[test]
fn raw_records_are_as_they_were_logged() {
    let hostile = record(
        1,
        "Request",
        "my.inner",
        "c1",
        "{'password': '\x1b[31mhunter2'}",
    );
    let outer = record(1, "Request", "my.outer", "c1", "{}");
    let inner_response = record(1, "Response", "my.inner", "c1", "\u{202e}");
    let outer_response = record(1, "Response", "my.outer", "c1", "x\ny");
    let other = record(2, "Request", "my.other", "c2", "{}");
    let last = outer_response.trim_end();
    let log = [&other, &outer, &hostile, &inner_response, last].concat();
    let run = zalog_with_input(
        &["show", "c1", "-", "--raw", "--show-secrets"],
        log.as_bytes(),
    );
    let expected = [
        outer,
        outer_response.trim_end().to_owned() + "\n",
        hostile,
        inner_response,
    ]
    .concat();
    assert_eq!(run.stdout, expected);
}

/// The one call that a snippet is of, as JSON.
fn snippet(text: &str, log: &str) -> (Run, Value) {
    let run = zalog(&["show", text, log, "--as", "json"]);
    let value = serde_json::from_str(&run.stdout).unwrap_or_else(|e| panic!("{e}: {}", run.seen()));
    (run, value)
}

#[test]
fn a_snippet_is_of_the_outermost_call() {
    let log = fixture("3.2-live");
    let lines = zalog(&["parse", &log]).json_lines();
    let line = |id: &str| lines.iter().find(|line| line["id"] == id).unwrap();
    let (run, value) = snippet("b9f2b47a45ce37b2b11382e3", &log);
    assert_eq!(&value, line("9227876f04d5e0e1"));
    assert_eq!(
        run.stderr,
        "the outermost of 2 calls: 9227876f04d5e0e1, zato.security.basic-auth.change-password\n"
    );
    // A wrapper is shown to who asks for it.
    let (run, value) = snippet("a8fd617a46e92bc1", &log);
    assert_eq!(
        (&value, run.stderr.as_str()),
        (line("a8fd617a46e92bc1"), "")
    );
    let curl = zalog(&[
        "show",
        "a8fd617a46e92bc1",
        &log,
        "--as",
        "curl",
        "--base-url",
        "https://h/",
    ]);
    assert_snapshot!(curl.seen(), @r#"
    # zato.security.basic-auth.change-password
    # Masked here, to be filled in before it runs: password1, password2, password
    curl --silent --show-error --fail-with-body --request POST \
      --user "$ZATO_USER:$ZATO_PASSWORD" \
      --header 'Content-Type: application/json' \
      --data-raw '{"id":14,"password1":"******","password2":"******","password":"******","type_":"basic_auth"}' \
      https://h/zato/api/invoke/zato.security.basic-auth.change-password

    # Response:
    # {
    #   "id": 14
    # }
    ------- stderr -------
    the outermost of 2 calls: 9227876f04d5e0e1, zato.security.basic-auth.change-password
    ------- exit status 0 -------
    "#);
    let unanswered = zalog(&["show", "df64fbc9bdc8f848", &log, "--as", "python"]);
    assert_snapshot!(unanswered.seen(), @"
    import json
    import os

    from zato.client import APIClient  # pip install zato-client

    # zato.security.jwt.delete
    client = APIClient('http://localhost:17010', os.environ['ZATO_USER'], os.environ['ZATO_PASSWORD'])


    def invoke(service, request):
        try:
            response = client.invoke(service, request)
        except json.JSONDecodeError as answer:
            return answer.doc  # Text, or nothing at all.
        if not response.is_ok:
            raise SystemExit(response.details)
        return response.data


    request = {
        'id': 1,
    }
    print(invoke('zato.security.jwt.delete', request))

    # The response is not in the log.
    ------- exit status 0 -------
    ");
    let response = record(1, "Response", "my.answers", "c1", "1");
    let run = zalog_with_input(&["show", "c1", "-", "--as", "curl"], response.as_bytes());
    assert_snapshot!(run.seen(), @"
    ------- stderr -------
    error: call 61a5cd065cc6905e: its request is not in the logs, so that it can't be made again
    ------- exit status 2 -------
    ");
}

#[test]
fn colours_come_with_the_flag() {
    let log = record(
        1,
        "Request",
        "my.service",
        "c1",
        "{'a': [1, 'b\x1b[31m', None, {}]}",
    );
    let run = zalog_with_input(&["show", "c1", "-", "--color", "always"], log.as_bytes());
    assert_snapshot!(run.seen().replace('\x1b', "ESC"), @r#"
    ESC[1mmy.serviceESC[0m  ESC[31munansweredESC[0m
    2018-11-11 22:01:57.123  pid 7  thread Dummy-1
    id 1411857f938043a5  cid c1
    ESC[1mrequestESC[0m   ESC[2m-:1ESC[0m
      ESC[2m{ESC[0m
        ESC[36m"a"ESC[0mESC[2m:ESC[0m ESC[2m[ESC[0m
          ESC[33m1ESC[0mESC[2m,ESC[0m
          ESC[32m"b\u001b[31m"ESC[0mESC[2m,ESC[0m
          ESC[35mnullESC[0mESC[2m,ESC[0m
          ESC[2m{}ESC[0m
        ESC[2m]ESC[0m
      ESC[2m}ESC[0m
    ESC[1mresponseESC[0m  not in the logs: failed, still running, or in a file not read
    ------- exit status 0 -------
    "#);
}
