//! `zalog audit`: held against what a script made of the values that Zato handed to its logger, and
//! against the other logs of the same servers.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use insta::assert_snapshot;
use serde_json::Value;

use crate::zalog::{Run, fixture, zalog, zalog_with_input};

/// A log that holds a life: created, edited, renamed, without security, deleted.
const LIFE: &str = "\
2026-11-23 22:01:57,100 - INFO - 1:D - zato_admin:0 - Request; service:`zato.http-soap.create`, data:`{'name': 'my channel', 'connection': 'channel', 'security_id': 5, 'method': 'GET', 'password': '******'}` cid:`a1`, \n\
2026-11-23 22:01:57,200 - INFO - 1:D - zato_admin:0 - Response; service:`zato.http-soap.create`, data:`{'zato_http_soap_create_response': {'id': 85, 'name': 'my channel'}}` cid:`a1`, \n\
2026-11-23 22:02:00,000 - INFO - 1:D - zato_admin:0 - Request; service:`zato.http-soap.edit`, data:`{'id': 85, 'name': 'new name', 'connection': 'channel', 'security_id': 'ZATO_NONE'}` cid:`a2`, \n\
2026-11-23 22:02:00,100 - INFO - 1:D - zato_admin:0 - Response; service:`zato.http-soap.edit`, data:`{'zato_http_soap_edit_response': {'id': 85, 'name': 'new name'}}` cid:`a2`, \n\
2026-11-23 22:03:00,000 - INFO - 1:D - zato_admin:0 - Request; service:`zato.http-soap.edit`, data:`{'id': 85, 'name': 'never'}` cid:`a3`, \n\
2026-11-23 22:04:00,000 - INFO - 1:D - zato_admin:0 - Request; service:`zato.http-soap.delete`, data:`{'id': 85}` cid:`a4`, \n\
2026-11-23 22:04:00,100 - INFO - 1:D - zato_admin:0 - Response; service:`zato.http-soap.delete`, data:`` cid:`a4`, \n";

fn json(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}", run.stdout))
}

#[test]
fn histories_are_those_that_the_values_tell() {
    let expected = fs::read_to_string(fixture("audit/histories.json")).unwrap();
    let expected: Value = serde_json::from_str(&expected).unwrap();
    for (folder, least) in [("3.2-live", 20), ("4.1-live", 20)] {
        let report = json(&zalog(&["audit", &fixture(folder), "--format", "json"]));
        let changes = report["changes"].as_array().unwrap();
        let mut objects = BTreeSet::new();
        for expected in expected[folder].as_array().unwrap() {
            let is_it = |change: &&Value| {
                change["cid"] == expected["cid"]
                    && change["object_type"] == expected["type"]
                    && change["action"] == expected["action"]
            };
            let change = changes.iter().find(is_it);
            let change = change.unwrap_or_else(|| panic!("missing: {expected}"));
            assert_eq!(change["outcome"], expected["outcome"], "{change}");
            if expected["outcome"] == "unanswered" {
                assert_eq!(change["changed"], serde_json::json!({}), "{change}");
                continue;
            }
            assert_eq!(change.get("object_id"), expected.get("id"), "{change}");
            assert_eq!(change.get("object_name"), expected.get("name"), "{change}");
            compare(change, expected);
            objects.insert((
                expected["type"].to_string(),
                expected.get("id").map(Value::to_string),
            ));
        }
        let verbs = ["create", "edit", "delete", "change-password"];
        let is_expected = |change: &&Value| verbs.contains(&change["action"].as_str().unwrap());
        let count = changes.iter().filter(is_expected).count();
        assert_eq!(
            count,
            expected[folder].as_array().unwrap().len(),
            "{folder}"
        );
        assert!(
            objects.len() >= least,
            "{folder}: {} objects",
            objects.len()
        );
    }
}

/// Compares the fields that have changed.
#[track_caller]
fn compare(change: &Value, expected: &Value) {
    let (changed, wanted) = (&change["changed"], &expected["changed"]);
    let names = |value: &Value| {
        value
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect::<BTreeSet<_>>()
    };
    assert_eq!(names(changed), names(wanted), "{change}");
    for (name, wanted) in wanted.as_object().unwrap() {
        let field = &changed[name];
        if wanted == "secret" {
            assert_eq!(field["is_secret"], true, "{name}: {change}");
            continue;
        }
        let is_create = expected["action"] == "create";
        let is_delete = expected["action"] == "delete";
        let before = Some(&wanted[0]).filter(|before| !is_create && **before != "?");
        let after = Some(&wanted[1]).filter(|_| !is_delete);
        assert_eq!(
            (field.get("before"), field.get("after")),
            (before, after),
            "{name}: {change}"
        );
    }
}

#[test]
fn callers_and_failures_come_from_the_other_logs() {
    let log = fixture("4.1-live");
    let (access, server) = (
        fixture("audit/access-4.1.log"),
        fixture("audit/server-4.1.log"),
    );
    let arguments = [
        "audit", &log, "--with", &access, "--with", &server, "--format", "json",
    ];
    let report = json(&zalog(&arguments));
    // Each line of the access log whose service is in the log, by an independent reading of both.
    let access_log = fs::read_to_string(&access).unwrap();
    let mut joined = 0;
    for change in report["changes"].as_array().unwrap() {
        let cid = change["cid"].as_str().unwrap();
        let line = access_log
            .lines()
            .find(|line| line.contains(&format!(" {cid}/")));
        let Some(line) = line else {
            assert_eq!(change.get("actor"), None, "{change}");
            continue;
        };
        joined += 1;
        assert_eq!(change["actor"], "127.0.0.1");
        let caller = &change["caller"];
        assert_eq!(caller["origin"], "rest");
        assert!(
            line.contains(&format!("\" {} ", caller["status"])),
            "{line}"
        );
        assert!(
            line.contains(&format!("\"{}\"", caller["channel"].as_str().unwrap())),
            "{line}"
        );
        assert!(
            line.ends_with(&format!("\"{}\"", caller["agent"].as_str().unwrap())),
            "{line}"
        );
    }
    assert!(joined > 60, "{joined}");
    let server_log = fs::read_to_string(&server).unwrap();
    let lines: Vec<&str> = server_log.lines().collect();
    let mut failed = 0;
    for group in report["failures"].as_array().unwrap() {
        if group["reason"] == "exception" {
            failed += group["calls"].as_u64().unwrap();
            let line = usize::try_from(group["traceback"]["line"].as_u64().unwrap()).unwrap();
            assert!(lines[line - 1].contains("Caught an exception"), "{group}");
        }
    }
    let expected = zalog(&["search", "outcome:unanswered", &log, "--format", "json"]).json_lines();
    let has_exception = |call: &&Value| {
        let cid = call["cid"].as_str().unwrap();
        server_log.contains(&format!("Caught an exception, cid:`{cid}`"))
    };
    assert_eq!(failed, expected.iter().filter(has_exception).count() as u64);
    assert!(failed > 5, "{failed}");
}

#[test]
fn two_workers_of_3_2_are_joined_too() {
    let (log, server) = (
        fixture("3.2-two-workers"),
        fixture("audit/server-3.2-two-workers.log"),
    );
    let report = json(&zalog(&[
        "audit", &log, "--with", &server, "--format", "json",
    ]));
    let causes: Vec<String> = report["failures"]
        .as_array()
        .unwrap()
        .iter()
        .map(|group| format!("{} {}", group["calls"], group["exception"]))
        .collect();
    assert!(
        causes
            .iter()
            .any(|cause| cause.ends_with("\"sqlalchemy.orm.exc.NoResultFound\"")),
        "{causes:?}"
    );
    let changes = report["changes"].as_array().unwrap();
    let by_rest = changes
        .iter()
        .filter(|change| change["caller"]["origin"] == "rest");
    for change in by_rest {
        assert_eq!(change["actor"], "127.0.0.1", "{change}");
        assert_eq!(
            change["caller"]["agent"], "python-requests/2.32.0",
            "{change}"
        );
    }
}

#[test]
fn the_report_is_for_people() {
    assert_snapshot!(zalog_with_input(&["audit", "-"], LIFE.as_bytes()).seen(), @r#"
    4 changes, 1 of them without an answer
    what: http-soap 4
    by: unknown 4
    findings: 1 high, 1 medium, 0 low
    1 file of 1.1 kB, 2026-11-23 22:01:57 to 2026-11-23 22:04:00
      7 records, 0 other; 1 request and 0 responses unpaired
      no gap, no step of the clock, no restart, no file missing

    findings
    high   security-off: security was switched off on http-soap my channel (-:3)
    medium created-and-deleted: http-soap new name was deleted shortly after it had been created (-:1)

    unanswered  services             why                  first at
             1  zato.http-soap.edit  no server.log tells  -:5

    caller   address  through  services  calls
    unknown  -        -               3      4

    time                 action             object                by       changed
    2026-11-23 22:01:57  create             http-soap/my channel  unknown  connection = "channel", method = "GET", name = "my channel", password (secret), 1 more
    2026-11-23 22:02:00  edit               http-soap/my channel  unknown  name "my channel" → "new name", security_id 5 → "ZATO_NONE"
    2026-11-23 22:03:00  edit (unanswered)  http-soap/new name    unknown  asked for name = "never"
    2026-11-23 22:04:00  delete             http-soap/new name    unknown  connection "channel", name "new name", password (secret), security_id "ZATO_NONE"
    ------- exit status 0 -------
    "#);
}

#[test]
fn an_object_has_a_life_and_a_state() {
    let life = |arguments: &[&str]| {
        let arguments = [&["audit", "-", "--object"], arguments].concat();
        zalog_with_input(&arguments, LIFE.as_bytes()).seen()
    };
    assert_snapshot!(life(&["http-soap/my channel"]), @r#"
    2026-11-23 22:01:57  http-soap/my channel  create by unknown (-:1)
        connection = "channel"
        method = "GET"
        name = "my channel"
        password (secret)
        security_id = 5
    2026-11-23 22:02:00  http-soap/new name  edit by unknown (-:3)
        name "my channel" → "new name"
        security_id 5 → "ZATO_NONE"
    2026-11-23 22:03:00  http-soap/new name  edit (unanswered) by unknown (-:5)
        asked for name = "never"
    2026-11-23 22:04:00  http-soap/new name  delete by unknown (-:6)
    ------- exit status 0 -------
    "#);
    assert_eq!(life(&["http-soap/my channel"]), life(&["http-soap/#85"]));
    assert_eq!(
        life(&["http-soap/my channel"]),
        life(&["http-soap/new name"])
    );
    assert_snapshot!(life(&["http-soap/#85", "--at", "2026-11-23 22:02:30"]), @r#"
    2026-11-23 22:02:00  http-soap/new name  edit by unknown (-:3)
        connection = "channel"
        name = "new name"
        password = "******"
        security_id = "ZATO_NONE"
    ------- exit status 0 -------
    "#);
    assert_snapshot!(life(&["http-soap/#85", "--at", "2026-11-23 22:05"]), @"
    ------- stderr -------
    the logs show no http-soap/#85 then
    ------- exit status 1 -------
    ");
    assert_snapshot!(life(&["http-soap/never"]), @"
    ------- stderr -------
    the logs show no http-soap/never
    ------- exit status 1 -------
    ");
    assert_snapshot!(life(&["htp-soap/never"]), @"
    ------- stderr -------
    the logs show no htp-soap/never: what was changed is of the types http-soap
    ------- exit status 1 -------
    ");
    assert_snapshot!(life(&["http-soap/#85", "--format", "csv"]), @r#"
    time,server,object,action,outcome,state,file,line
    2026-11-23T22:01:57.100,,http-soap/my channel,create,completed,"{""connection"":""channel"",""method"":""GET"",""name"":""my channel"",""password"":""******"",""security_id"":5}",'-,1
    2026-11-23T22:02:00.000,,http-soap/new name,edit,completed,"{""connection"":""channel"",""name"":""new name"",""password"":""******"",""security_id"":""ZATO_NONE""}",'-,3
    2026-11-23T22:03:00.000,,http-soap/new name,edit,unanswered,"{""connection"":""channel"",""name"":""new name"",""password"":""******"",""security_id"":""ZATO_NONE""}",'-,5
    2026-11-23T22:04:00.000,,http-soap/new name,delete,completed,,'-,6
    ------- exit status 0 -------
    "#);
}

/// The request or the response of a call, at so many minutes after ten.
fn record(minute: usize, side: &str, service: &str, cid: &str, data: &str) -> String {
    format!(
        "2026-11-23 10:{minute:02}:00,000 - INFO - 1:D - zato_admin:0 - {side}; \
         service:`zato.{service}`, data:`{data}` cid:`{cid}`, \n"
    )
}

/// A call that is answered within its minute.
fn call(minute: usize, service: &str, request: &str, response: &str) -> String {
    let cid = format!("c{minute}");
    record(minute, "Request", service, &cid, request)
        + &record(minute, "Response", service, &cid, response)
}

#[test]
fn objects_of_two_servers_have_lives_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    for (server, log) in [
        (
            "prod",
            call(
                1,
                "outgoing.sql.create",
                "{'name': 'A', 'host': 'x'}",
                "{'id': 5}",
            ),
        ),
        (
            "test",
            call(2, "outgoing.sql.create", "{'name': 'Z'}", "{'id': 9}")
                + &call(3, "outgoing.sql.delete", "{'id': 9}", ""),
        ),
    ] {
        let logs = folder.path().join(server).join("logs");
        fs::create_dir_all(&logs).unwrap();
        fs::write(logs.join("admin.log"), log).unwrap();
    }
    let logs = folder.path().to_str().unwrap();
    let life = |arguments: &[&str]| {
        let run = zalog(&[&["audit", logs, "--format", "json", "--object"], arguments].concat());
        let life = json(&run)["life"].as_array().unwrap().clone();
        let event =
            |event: &Value| format!("{} {}", event["server"], event["object"]["object_name"]);
        life.iter().map(event).collect::<Vec<_>>()
    };
    assert_eq!(life(&["outgoing.sql/A"]), ["\"prod\" \"A\""]);
    assert_eq!(
        life(&["outgoing.sql/A", "--at", "2026-11-23 12:00"]).len(),
        1
    );
    assert_eq!(life(&["outgoing.sql/Z"]).len(), 2);
}

#[test]
fn what_a_service_does_that_is_not_known_leaves_its_fields_unknown() {
    let log = [
        call(
            0,
            "scheduler.job.create",
            "{'name': 'J', 'is_active': True, 'extra': 'x'}",
            "{'id': 5}",
        ),
        call(
            10,
            "scheduler.job.set-active-status",
            "{'id': 5, 'is_active': False}",
            "",
        ),
        call(
            20,
            "scheduler.job.set-anything",
            "{'id': 5, 'extra': 'y'}",
            "",
        ),
        call(
            30,
            "scheduler.job.edit",
            "{'id': 5, 'name': 'J', 'is_active': False, 'extra': 'y'}",
            "",
        ),
    ]
    .concat();
    let run = |arguments: &[&str]| {
        let arguments = [&["audit", "-", "--object", "scheduler.job/J"], arguments].concat();
        zalog_with_input(&arguments, log.as_bytes()).seen()
    };
    assert_snapshot!(run(&[]), @r#"
    2026-11-23 10:00:00  scheduler.job/J  create by unknown (-:1)
        extra = "x"
        is_active = true
        name = "J"
    2026-11-23 10:10:00  scheduler.job/J  set-active-status by unknown (-:3)
        is_active true → false
    2026-11-23 10:20:00  scheduler.job/J  set-anything by unknown (-:5)
        asked for extra = "y"
    2026-11-23 10:30:00  scheduler.job/J  edit by unknown (-:7)
        extra = "y"
    ------- exit status 0 -------
    "#);
    assert_snapshot!(run(&["--at", "2026-11-23 10:25"]), @r#"
    2026-11-23 10:20:00  scheduler.job/J  set-anything by unknown (-:5)
        is_active = false
        name = "J"
    ------- exit status 0 -------
    "#);
    let table = zalog_with_input(&["audit", "-"], log.as_bytes()).stdout;
    assert!(table.contains("asked for extra = \"y\""), "{table}");
}

#[test]
fn what_happened_last_is_what_was_answered_last() {
    let log = [
        call(
            0,
            "outgoing.sql.create",
            "{'name': 'A', 'host': 'x'}",
            "{'id': 5}",
        ),
        record(1, "Request", "outgoing.sql.delete", "d", "{'id': 5}"),
        record(
            2,
            "Request",
            "outgoing.sql.edit",
            "e",
            "{'id': 5, 'name': 'A', 'host': 'y'}",
        ),
        record(3, "Response", "outgoing.sql.edit", "e", "{}"),
        record(4, "Response", "outgoing.sql.delete", "d", ""),
    ]
    .concat();
    for (minute, is_there) in [("02", true), ("03", true), ("04", false), ("05", false)] {
        let at = format!("2026-11-23 10:{minute}");
        let arguments = ["audit", "-", "--object", "outgoing.sql/A", "--at", &at];
        let run = zalog_with_input(&arguments, log.as_bytes());
        assert_eq!(run.status == Some(0), is_there, "{minute}: {}", run.stdout);
    }
}

#[test]
fn a_life_is_that_of_the_calls_that_are_chosen() {
    let life = |arguments: &[&str]| {
        let arguments = [&["audit", "-", "--object", "http-soap/#85"], arguments].concat();
        zalog_with_input(&arguments, LIFE.as_bytes()).stdout
    };
    let edits = life(&["--service", "*.edit"]);
    assert!(
        edits.contains("edit by") && !edits.contains("create by"),
        "{edits}"
    );
    // The name that it had is known all the same.
    assert!(edits.contains("\"my channel\" → \"new name\""), "{edits}");
    assert_eq!(life(&["--since", "2030-01-01"]), "");
}

#[test]
fn a_choice_of_calls_still_knows_what_was_before() {
    let run = zalog_with_input(
        &[
            "audit",
            "-",
            "--format",
            "json",
            "--since",
            "2026-11-23 22:02",
            "--until",
            "2026-11-23 22:02",
        ],
        LIFE.as_bytes(),
    );
    let report = json(&run);
    let changes = report["changes"].as_array().unwrap();
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0]["object_name"], "my channel");
    assert_eq!(changes[0]["changed"]["security_id"]["before"], 5);
    let run = zalog_with_input(
        &["audit", "-", "--format", "json", "--query", "verb:delete"],
        LIFE.as_bytes(),
    );
    assert_eq!(json(&run)["changes"][0]["object_name"], "new name");
}

#[test]
fn what_was_sealed_is_held_against_what_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (log, seal) = (path("admin.log"), path("seal.json"));
    fs::write(&log, LIFE).unwrap();
    let run = zalog(&["audit", &log, "--seal", &seal]);
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    let check = |expected: Option<i32>, word: &str| {
        let run = zalog(&["audit", folder.path().to_str().unwrap(), "--against", &seal]);
        assert_eq!(run.status, expected, "{}{}", run.stdout, run.stderr);
        assert!(run.stdout.contains(word), "{word}: {}", run.stdout);
    };
    check(Some(0), "as it was sealed");
    fs::write(&log, [LIFE, LIFE].concat()).unwrap();
    check(Some(0), "grown since it was sealed");
    fs::rename(&log, path("admin.log.1")).unwrap();
    fs::write(&log, LIFE.replace("a1", "b1")).unwrap();
    check(Some(0), "grown since it was sealed, now ");
    fs::remove_file(path("admin.log.1")).unwrap();
    check(Some(2), "altered since it was sealed");
    fs::write(&log, &LIFE[..LIFE.len() / 2]).unwrap();
    check(Some(2), "shortened since it was sealed");
    // The proof stays.
    let before = fs::read(&seal).unwrap();
    let run = zalog(&["audit", &log, "--against", &seal, "--seal", &seal]);
    assert_eq!(run.status, Some(2), "{}", run.stderr);
    assert!(run.stderr.contains("not written, since"), "{}", run.stderr);
    assert_eq!(fs::read(&seal).unwrap(), before);
}

#[test]
fn damage_is_told_and_none_invented() {
    let folder = tempfile::tempdir().unwrap();
    let record = |minute: u32, text: &str| {
        format!(
            "2026-11-{:02} {:02}:{:02}:00,000 - INFO - 1:D - zato_admin:0 - Request; service:`zato.x.get`, data:`{text}` cid:`c{minute}`, \n\
             2026-11-{:02} {:02}:{:02}:00,010 - INFO - 1:D - zato_admin:0 - Response; service:`zato.x.get`, data:`1` cid:`c{minute}`, \n",
            1 + minute / 1440,
            minute / 60 % 24,
            minute % 60,
            1 + minute / 1440,
            minute / 60 % 24,
            minute % 60,
        )
    };
    let write = |name: &str, minutes: std::ops::Range<u32>, text: &str| {
        let records: String = minutes.map(|minute| record(minute, text)).collect();
        fs::write(folder.path().join(name), records).unwrap();
    };
    let rules = || {
        let report = json(&zalog(&[
            "audit",
            folder.path().to_str().unwrap(),
            "--format",
            "json",
        ]));
        let findings = report["findings"].as_array().unwrap().iter();
        findings
            .map(|finding| finding["rule"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    write("admin.log.2", 0..1000, "{}");
    write("admin.log.1", 1000..2000, "{}");
    write("admin.log", 2000..3000, "{}");
    assert_eq!(rules(), [""; 0]);
    fs::remove_file(folder.path().join("admin.log.1")).unwrap();
    write("admin.log", 2000..12000, "{}");
    assert_eq!(rules(), ["missing-file", "gap"]);
    write("admin.log.1", 900..2000, "{}");
    assert_eq!(rules(), ["clock-back"]);
    write("admin.log.1", 1000..2000, "{}");
    let forged = "{'a': 'x\\n2026-11-23 10:00:00,000 - INFO - 1:D - zato_admin:0 - Request'}";
    write("admin.log", 2000..2001, forged);
    assert_eq!(rules(), ["forged-record"]);
}

#[test]
fn mistakes_are_told() {
    let log = fixture("documented");
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().to_str().unwrap().to_owned();
    let bad = folder.path().join("bad");
    fs::create_dir(&bad).unwrap();
    fs::write(
        bad.join("x.toml"),
        "[[rule]]\nid = 'x'\nseverity = 'low'\nsentence = ''\nwhen = { a = 'b' }",
    )
    .unwrap();
    let bad = bad.to_str().unwrap();
    for (arguments, expected) in [
        (
            &["--object", "http-soap"][..],
            "expected TYPE/NAME or TYPE/#ID",
        ),
        (&["--object", "/x"], "expected TYPE/NAME or TYPE/#ID"),
        (&["--at", "2026-11-23"], "--object <OBJECT>"),
        (
            &["--object", "a/b", "--at", "soon"],
            "--at `soon`: expected a time",
        ),
        (&["--with", "no/such.log"], "--with no/such.log: "),
        (&["--with", &empty], "a folder, where a log is expected"),
        (&["--rules", "no/such"], "--rules no/such: "),
        (&["--rules", &empty], "no .toml file in it"),
        (&["--rules", bad], "rule `x`: unknown field `a`"),
        (&["--against", "no/such.json"], "--against no/such.json: "),
        (&["--against", &log], "--against "),
        (
            &["--seal", "no/such/seal.json"],
            "--seal no/such/seal.json: ",
        ),
        (&["--query", "servise:x"], "unknown field 'servise'"),
        (&["--format", "xml"], "invalid value 'xml'"),
    ] {
        let run = zalog(&[&["audit", &log], arguments].concat());
        assert_eq!(run.status, Some(2), "{arguments:?}: {}", run.stderr);
        assert!(
            run.stderr.contains(expected),
            "{arguments:?}: {}",
            run.stderr
        );
    }
    let run = zalog(&["audit", &log, "--with", &fixture("documented/admin.log")]);
    assert!(
        run.stderr.contains("nothing in it tells of calls"),
        "{}",
        run.stderr
    );
}

#[test]
fn what_is_wrong_with_other_logs_is_said() {
    let log = fixture("3.2-two-workers");
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("server.log.gz");
    let packed = Command::new("gzip")
        .args(["-c", &fixture("audit/server-3.2-two-workers.log")])
        .output()
        .unwrap();
    let cut = packed.stdout.len() - 20;
    fs::write(&other, &packed.stdout[..cut]).unwrap();
    let other = other.to_str().unwrap();
    for access in [None, Some("--no-mmap")] {
        let arguments = ["audit", &log, "--with", other].into_iter().chain(access);
        let run = zalog(&arguments.collect::<Vec<&str>>());
        let message = format!("error: {other}: damaged: ");
        assert!(run.stderr.contains(&message), "{}", run.stderr);
        assert_eq!(run.status, Some(2));
    }
}

#[test]
fn all_corpora_are_audited_alike_by_one_thread_and_by_many() {
    for corpus in [
        "1.1",
        "2.0",
        "3.0",
        "3.2",
        "4.1",
        "3.2-live",
        "3.2-two-workers",
        "4.1-live",
    ] {
        let log = fixture(corpus);
        let [one, many] = ["1", "4"]
            .map(|threads| zalog(&["audit", &log, "--format", "json", "--threads", threads]));
        assert_eq!(one.stdout, many.stdout, "{corpus}");
        assert!(json(&one)["ledger"]["servers"][0]["files"][0]["records"].as_u64() > Some(0));
    }
}

#[test]
fn the_rule_of_the_readme_is_one() {
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let (_, rule) = readme.split_once("```toml\n").unwrap();
    let (rule, _) = rule.split_once("```").unwrap();
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("mine.toml"), rule).unwrap();
    let log = LIFE.replace("'method': 'GET'", "'url_path': '/a'").replace(
        "'name': 'new name', 'connection'",
        "'url_path': '/b', 'connection'",
    );
    let neighbour = folder.path().join("server.log");
    let line = |remote: &str| {
        format!(
            "2026-11-23 22:02:00,000 - INFO - 1:D - zato_rest:0 - REST cha → cid=a2; POST /x name=x; len=1; agent=a; remote-addr={remote}:1\n"
        )
    };
    let found = |remote: &str| {
        fs::write(&neighbour, line(remote)).unwrap();
        let folder = folder.path().to_str().unwrap();
        let with = neighbour.to_str().unwrap();
        let arguments = ["audit", "-", "--rules", folder, "--with", with];
        let run = zalog_with_input(&arguments, log.as_bytes());
        run.stdout.contains("my channel got another path, from")
    };
    assert!(found("192.168.0.7"));
    assert!(!found("10.0.0.7"));
}

#[test]
fn the_readme_answers_an_auditor_as_the_report_does() {
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let with = |name: &str| fixture(&format!("audit/{name}"));
    let run = zalog(&[
        "audit",
        &fixture("4.1-live"),
        "--with",
        &with("access-4.1.log"),
        "--with",
        &with("server-4.1.log"),
        "--format",
        "json",
    ]);
    let report = json(&run);
    let list = |key: &str| report[key].as_array().unwrap().clone();
    let (changes, failures) = (list("changes"), list("failures"));
    let count = |fits: &dyn Fn(&Value) -> bool| changes.iter().filter(|one| fits(one)).count();
    let done = |action: &'static str, object_type: Option<&'static str>| {
        count(&|change| {
            change["action"] == action
                && change["outcome"] == "completed"
                && object_type.is_none_or(|object_type| change["object_type"] == object_type)
        })
    };
    let asked = |action: &str| count(&|change| change["action"] == action);
    let about = |object_type: &str| count(&|change| change["object_type"] == object_type);
    let unknown = |action: &str| {
        count(&|change| change["action"] == action && change["caller"]["origin"] == "unknown")
    };
    let calls = |fits: &dyn Fn(&Value) -> bool| -> u64 {
        let failed = failures.iter().filter(|one| fits(one));
        failed.map(|one| one["calls"].as_u64().unwrap()).sum()
    };
    let because = |reason: &'static str| calls(&|failed| failed["reason"] == reason);
    let is_missing = |failed: &Value| {
        let exception = failed["exception"].as_str();
        exception.is_some_and(|exception| exception.ends_with("NoResultFound"))
    };
    let server = &report["ledger"]["servers"][0];
    let sum = |counts: &Value| -> u64 {
        let counts = counts.as_object().unwrap().values();
        counts.map(|count| count.as_u64().unwrap()).sum()
    };
    let missing = calls(&is_missing);
    for answer in [
        format!(
            "{} changes: {} times something was created, {} deleted, {} edited; {} passwords \
             changed, {} files deployed. Most are about `security.basic-auth` ({}) and \
             `http-soap` ({}).",
            changes.len(),
            asked("create"),
            asked("delete"),
            asked("edit"),
            asked("change-password"),
            asked("upload"),
            about("security.basic-auth"),
            about("http-soap"),
        ),
        format!(
            "{} from 127.0.0.1 through the REST channel `zato.api.invoke`; of the {} uploads and \
             of {} calls that were never answered",
            count(&|change| change["actor"] == "127.0.0.1"
                && change["caller"]["channel"] == "zato.api.invoke"),
            unknown("upload"),
            unknown("create"),
        ),
        format!(
            "{} objects within a few minutes (`bulk-delete`), among them {} `scheduler.job` and {} \
             `security.basic-auth`; {} more deletes failed.",
            done("delete", None),
            done("delete", Some("scheduler.job")),
            done("delete", Some("security.basic-auth")),
            asked("delete") - done("delete", None),
        ),
        format!(
            "Those of {} `security.basic-auth`, of `security.apikey/key1b` and of",
            done("change-password", Some("security.basic-auth")),
        ),
        format!(
            "{} calls have no answer: {missing} asked for what is not there (`NoResultFound`), {} \
             have other exceptions, {} have none in server.log, {} may have \
             been running when the log ended",
            calls(&|_| true),
            because("exception") - missing,
            because("no-exception"),
            because("end-of-log"),
        ),
        format!(
            "{} records, all read; no gap, no step of the clock, no restart, no file missing. {} \
             requests and {} responses have no other half",
            server["files"][0]["records"],
            sum(&server["requests_unpaired"]),
            sum(&server["responses_unpaired"]),
        ),
    ] {
        assert!(readme.contains(&answer), "{answer}");
    }
}
