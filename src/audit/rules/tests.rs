//! Each rule fires on its case and stays silent on its neighbour.

use crate::audit::{Auditor, Neighbours, Report, Rules, ServerLedger};
use crate::entry::{CHUNK_SIZE, LOOKAHEAD};
use crate::invocation::{Batch, LogReader, SourceFile};
use crate::source::Kept;
use crate::view::View;

/// A call in a log: when, of which service, with what, and what came back, if anything did.
type Call<'c> = (&'c str, &'c str, &'c str, Option<&'c str>);

fn log(calls: &[Call<'_>]) -> String {
    let records = calls
        .iter()
        .enumerate()
        .map(|(nth, (time, service, request, response))| {
            let record = |direction: &str, payload: &str| {
                let header = format!("{time},000 - INFO - 1:D - zato_admin:0");
                format!(
                    "{header} - {direction}; service:`{service}`, data:`{payload}` cid:`c{nth}`, \n"
                )
            };
            let response = response.map(|response| record("Response", response));
            record("Request", request) + &response.unwrap_or_default()
        });
    records.collect()
}

pub(in super::super) fn audit(log: &str, neighbours: &str, rules: &Rules) -> Report {
    let view = View::default();
    let mut known = Neighbours::default();
    known.read("server.log", neighbours.as_bytes());
    known.finish();
    let mut auditor = Auditor::new(&view, &known, rules, None, |change| {
        change.clone().into_owned()
    });
    let files = [("admin.log", log.len() as u64)];
    auditor.start_server(ServerLedger::new(Some("server1"), &files));
    let file = SourceFile {
        name: "admin.log",
        bytes: log.as_bytes(),
    };
    let kept = Kept::default();
    let mut reader = LogReader::new(Some("server1"), &kept, CHUNK_SIZE);
    reader.tell_records();
    let read = reader.read::<()>(file, |batch| {
        auditor.expect(&batch, |_| true);
        Ok(())
    });
    read.unwrap();
    let (_, unanswered) = reader.finish();
    let unanswered = Batch {
        invocations: unanswered.collect(),
        ..Batch::default()
    };
    auditor.expect(&unanswered, |_| true);
    auditor.conclude([String::new()]);
    let mut reader = LogReader::new(Some("server1"), &kept, CHUNK_SIZE);
    let read = reader.read::<()>(file, |batch| {
        auditor.take(&batch.invocations, |_| true);
        Ok(())
    });
    read.unwrap();
    auditor.finish()
}

/// The findings of one rule: the count and the sentence of each.
#[track_caller]
fn found(rule: &str, calls: &[Call<'_>]) -> Vec<String> {
    found_with(rule, calls, "", &Rules::built_in())
}

fn found_with(rule: &str, calls: &[Call<'_>], neighbours: &str, rules: &Rules) -> Vec<String> {
    let findings = audit(&log(calls), neighbours, rules).findings.into_iter();
    let of_rule = findings.filter(|finding| finding.rule == rule);
    let shown = of_rule.map(|finding| {
        let line = finding
            .evidence
            .first()
            .map_or(0, |evidence| evidence.at.line);
        format!("{} at {line}: {}", finding.count, finding.sentence)
    });
    shown.collect()
}

const NONE: [&str; 0] = [];

#[test]
fn one_of_several_fields_that_changed_is_enough() {
    let edit = [
        (
            "2026-11-23 10:00:00",
            "zato.http-soap.create",
            "{'id': 1, 'name': 'a', 'host': 'x'}",
            Some(""),
        ),
        (
            "2026-11-23 10:01:00",
            "zato.http-soap.edit",
            "{'id': 1, 'name': 'b', 'host': 'y'}",
            Some(""),
        ),
        (
            "2026-11-23 10:02:00",
            "zato.http-soap.edit",
            "{'id': 1, 'name': 'b', 'host': 'z'}",
            Some(""),
        ),
    ];
    for (changed, expected) in [
        ("'name'", 1),
        ("'host'", 2),
        ("['name', 'port']", 1),
        ("'nam'", 0),
        ("{ not = 'name' }", 1),
        ("{ not = 'port' }", 2),
        ("{ known = true }", 2),
    ] {
        let mut rules = Rules::default();
        let text = format!(
            "[[rule]]\nid = 'x'\nseverity = 'low'\nsentence = '{{changed}}'\n\
             when = {{ action = 'edit', changed = {changed} }}"
        );
        rules.add(&text).unwrap();
        assert_eq!(
            found_with("x", &edit, "", &rules).len(),
            expected,
            "{changed}"
        );
    }
}

#[test]
fn what_nobody_wants_is_not_said() {
    let secret = [(
        "2026-11-23 10:00:00",
        "my.get",
        "{}",
        Some("{'token': 'abc'}"),
    )];
    let mut rules = Rules::built_in();
    assert_eq!(found_with("secret-in-clear", &secret, "", &rules).len(), 1);
    let disable = |id: &str| format!("[[rule]]\nid = '{id}'\nenabled = false");
    rules.add(&disable("secret-in-clear")).unwrap();
    assert_eq!(found_with("secret-in-clear", &secret, "", &rules), NONE);
    let unknown = rules.add(&disable("no-such")).unwrap_err().to_string();
    assert!(
        unknown.starts_with("rule `no-such`: there is none to be disabled: "),
        "{unknown}"
    );
    assert!(unknown.contains("bulk-delete, "), "{unknown}");
}

#[test]
fn deletes_in_bulk() {
    let deletes = |times: [&'static str; 5]| {
        times.map(|time| (time, "zato.http-soap.delete", "{'id': 1}", Some("")))
    };
    let close = ["10:00:00", "10:01:00", "10:02:00", "10:03:00", "10:05:00"];
    let far = ["10:00:00", "10:01:00", "10:02:00", "10:03:00", "10:05:01"];
    let on_day = |times: [&'static str; 5]| {
        times.map(|time| -> &'static str { Box::leak(format!("2026-11-23 {time}").into()) })
    };
    assert_eq!(
        found("bulk-delete", &deletes(on_day(close))),
        ["5 at 1: 5 objects were deleted in a short time, from unknown"]
    );
    assert_eq!(found("bulk-delete", &deletes(on_day(far))), NONE);
    let failed =
        deletes(on_day(close)).map(|(time, service, request, _)| (time, service, request, None));
    assert_eq!(found("bulk-delete", &failed), NONE);
}

#[test]
fn passwords_outside_office_hours() {
    let at = |time| {
        [(
            time,
            "zato.security.basic-auth.change-password",
            "{'id': 1}",
            Some("{'id': 1}"),
        )]
    };
    let rule = "password-out-of-hours";
    assert_eq!(found(rule, &at("2026-11-23 10:00:00")), NONE);
    assert_eq!(found(rule, &at("2026-11-23 03:00:00")).len(), 1);
    assert_eq!(found(rule, &at("2026-11-28 10:00:00")).len(), 1);
}

#[test]
fn created_and_deleted() {
    let calls = |delete: &'static str, id| {
        [
            (
                "2026-11-23 10:00:00",
                "zato.http-soap.create",
                "{'name': 'x'}",
                Some("{'id': 7}"),
            ),
            (delete, "zato.http-soap.delete", id, Some("")),
        ]
    };
    let rule = "created-and-deleted";
    assert_eq!(
        found(rule, &calls("2026-11-23 10:59:00", "{'id': 7}")),
        ["2 at 1: http-soap x was deleted shortly after it had been created"]
    );
    assert_eq!(
        found(rule, &calls("2026-11-23 11:01:00", "{'id': 7}")),
        NONE
    );
    assert_eq!(
        found(rule, &calls("2026-11-23 10:59:00", "{'id': 8}")),
        NONE
    );
}

#[test]
fn edited_and_reverted() {
    let edit = |time, request| (time, "zato.outgoing.sql.edit", request, Some("{'id': 1}"));
    let calls = |last: &'static str, time| {
        [
            (
                "2026-11-23 10:00:00",
                "zato.outgoing.sql.get-list",
                "{}",
                Some("[{'id': 1, 'name': 'db', 'host': 'a'}]"),
            ),
            edit(
                "2026-11-23 10:01:00",
                "{'id': 1, 'name': 'db', 'host': 'b'}",
            ),
            edit(time, last),
        ]
    };
    let back = "{'id': 1, 'name': 'db', 'host': 'a'}";
    let rule = "edited-and-reverted";
    assert_eq!(
        found(rule, &calls(back, "2026-11-23 12:00:00")),
        ["2 at 3: host of outgoing.sql db was changed to `b` and soon back to `a`"]
    );
    assert_eq!(found(rule, &calls(back, "2026-11-25 12:00:00")), NONE);
    let on = "{'id': 1, 'name': 'db', 'host': 'c'}";
    assert_eq!(found(rule, &calls(on, "2026-11-23 12:00:00")), NONE);
}

#[test]
fn uploads_of_code() {
    let call = |service, response| {
        [(
            "2026-11-23 10:00:00",
            service,
            "{'payload_name': 'a.py'}",
            response,
        )]
    };
    let rule = "code-upload";
    assert_eq!(
        found(rule, &call("zato.hot-deploy.create", Some("{}"))),
        ["1 at 1: a.py was deployed on the server"]
    );
    assert_eq!(
        found(rule, &call("zato.service.upload-package", Some(""))).len(),
        1
    );
    assert_eq!(found(rule, &call("zato.hot-deploy.create", None)), NONE);
    assert_eq!(
        found(rule, &call("zato.http-soap.create", Some("{}"))),
        NONE
    );
}

#[test]
fn security_switched_off() {
    let list = |security: &'static str| {
        (
            "2026-11-23 10:00:00",
            "zato.http-soap.get-list",
            "{}",
            Some(security),
        )
    };
    let edit = |time, request| (time, "zato.http-soap.edit", request, Some("{'id': 1}"));
    let secured = list("[{'id': 1, 'name': 'x', 'security_id': 5}]");
    let off = edit(
        "2026-11-23 10:01:00",
        "{'id': 1, 'security_id': 'ZATO_NONE'}",
    );
    let on = edit("2026-11-23 10:30:00", "{'id': 1, 'security_id': 5}");
    let late = edit("2026-11-23 11:30:00", "{'id': 1, 'security_id': 5}");
    let open = list("[{'id': 1, 'name': 'x', 'security_id': None}]");
    assert_eq!(
        found("security-off", &[secured, off]),
        ["1 at 3: security was switched off on http-soap x"]
    );
    assert_eq!(found("security-off", &[open, off]), NONE);
    assert_eq!(found("security-off", &[secured, on]), NONE);
    // What it was before is unknown.
    assert_eq!(found("security-off", &[off]), NONE);
    assert_eq!(found("security-left-off", &[secured, off, on, late]), NONE);
    assert_eq!(found("security-left-off", &[secured, off, late]).len(), 1);
    // The log ends before the hour does: nobody knows.
    assert_eq!(found("security-left-off", &[secured, off]), NONE);
}

#[test]
fn channels_without_security() {
    let create = |request| {
        [(
            "2026-11-23 10:00:00",
            "zato.http-soap.create",
            request,
            Some("{'id': 1}"),
        )]
    };
    let rule = "channel-without-security";
    assert_eq!(
        found(
            rule,
            &create("{'name': 'x', 'connection': 'channel', 'security_id': 'ZATO_NONE'}")
        ),
        ["1 at 1: channel x was created without security"]
    );
    assert_eq!(
        found(
            rule,
            &create("{'name': 'x', 'connection': 'channel', 'security_id': 3}")
        ),
        NONE
    );
    assert_eq!(
        found(
            rule,
            &create("{'name': 'x', 'connection': 'outgoing', 'security_id': ''}")
        ),
        NONE
    );
}

fn rest_line(nth: usize, address: &str) -> String {
    format!(
        "2026-11-23 10:00:00,000 - INFO - 1:D - zato_rest:0 - REST cha → cid=c{nth}; POST /zato/api/invoke/x name=/zato/api/invoke/{{service_name}}; len=1; agent=a; remote-addr={address}:1\n"
    )
}

#[test]
fn addresses_that_have_not_called_before() {
    let calls = [
        "2026-11-23 10:00:00",
        "2026-11-24 09:59:00",
        "2026-11-24 10:00:00",
        "2026-11-24 11:00:00",
    ]
    .map(|time| (time, "zato.x.get", "{}", Some("{}")));
    let addresses = ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.3"];
    let lines = addresses.iter().enumerate();
    let lines: String = lines
        .map(|(nth, address)| rest_line(nth, address))
        .collect();
    assert_eq!(
        found_with("new-address", &calls, &lines, &Rules::built_in()),
        ["1 at 5: 10.0.0.3 has not called before: zato.x.get"]
    );
    assert_eq!(found("new-address", &calls), NONE);
}

#[test]
fn services_that_were_not_called_before() {
    let call = |time, service| (time, service, "{}", Some("{}"));
    let calls = [
        call("2026-11-23 10:00:00", "zato.a.get"),
        call("2026-11-23 11:00:00", "zato.b.get"),
        call("2026-11-24 11:00:00", "zato.b.get"),
        call("2026-11-24 11:01:00", "zato.c.get"),
        call("2026-11-24 11:02:00", "my.service"),
    ];
    assert_eq!(
        found("new-service", &calls),
        ["1 at 7: zato.c.get was called for the first time"]
    );
}

#[test]
fn failures_and_then_a_success() {
    let at = |minute: u32, response| -> Call<'static> {
        let time = Box::leak(format!("2026-11-23 10:{minute:02}:00").into_boxed_str());
        (time, "zato.x.get", "{}", response)
    };
    let exception = |nth| {
        format!(
            "2026-11-23 10:00:00,000 - INFO - 1:D - zato_rest:0 - Caught an exception, cid:`c{nth}`, status_code:`400`, `T\nValueError: no\n`\n"
        )
    };
    let exceptions = [0, 1, 2].map(exception).concat();
    let rule = "failures-then-success";
    let calls = [at(0, None), at(1, None), at(2, None), at(3, Some("1"))];
    let rules = Rules::built_in();
    assert_eq!(
        found_with(rule, &calls, &exceptions, &rules),
        ["4 at 1: zato.x.get failed several times and then went through, from unknown"]
    );
    // Calls that were cut off have not failed.
    assert_eq!(found_with(rule, &calls, "", &rules), NONE);
    let two = [at(0, None), at(1, None), at(3, Some("1"))];
    assert_eq!(found_with(rule, &two, &exceptions, &rules), NONE);
    let late = [at(0, None), at(1, None), at(2, None), at(11, Some("1"))];
    assert_eq!(found_with(rule, &late, &exceptions, &rules), NONE);
}

#[test]
fn slow_calls() {
    let text = |end: &str| {
        format!(
            "2026-11-23 10:00:00,000 - INFO - 1:D - zato_admin:0 - Request; service:`zato.x.get`, data:`{{}}` cid:`c`, \n\
             2026-11-23 {end} - INFO - 1:D - zato_admin:0 - Response; service:`zato.x.get`, data:`1` cid:`c`, \n"
        )
    };
    let slow = |end| {
        let findings = audit(&text(end), "", &Rules::built_in()).findings;
        findings
            .into_iter()
            .map(|finding| finding.sentence)
            .collect::<Vec<_>>()
    };
    assert_eq!(slow("10:00:10,001"), ["zato.x.get took 10001 ms"]);
    assert_eq!(slow("10:00:10,000"), NONE);
}

#[test]
fn forged_records_and_secrets_in_clear() {
    let forged =
        "{'name': 'x\\n2026-11-23 10:00:00,000 - INFO - 1:D - zato_admin:0 - Request; service:'}";
    let calls = [
        (
            "2026-11-23 10:00:00",
            "zato.x.get",
            forged,
            Some("{'rows': [{'secret': 'hunter2'}]}"),
        ),
        (
            "2026-11-23 10:00:01",
            "zato.y.get",
            "{'password': '******'}",
            Some("{'token_ttl': 5}"),
        ),
    ];
    assert_eq!(
        found("forged-record", &calls),
        ["1 at 1: the request of zato.x.get holds text that looks like a record of its own"]
    );
    let secrets = found("secret-in-clear", &calls);
    assert_eq!(
        secrets,
        ["1 at 2: a secret is in clear in the response of zato.x.get: `rows[].secret`"]
    );
}

#[test]
fn responses_that_belong_to_no_request_while_one_of_their_thread_waits() {
    let record = |second: u8, thread: &str, kind: &str, service: &str, data: &str, cid: &str| {
        format!(
            "2026-11-23 10:00:{second:02},000 - INFO - 1:{thread} - zato_admin:0 - \
             {kind}; service:`{service}`, data:`{data}` cid:`{cid}`, \n"
        )
    };
    let deleted = |end: &str| {
        let request = record(2, "D", "Request", "zato.y.delete", "{'id': 1}", "c");
        let response = record(2, "D", "Response", "zato.y.delete", "{}", "c");
        request + response.trim_end_matches(end)
    };
    let whole = format!("text` cid:`b`, \n{}", deleted(""));
    // What closes the record closes the last one in it.
    let open = format!("text\n{}", deleted("` cid:`c`, \n"));
    let asked = |thread: &str| record(1, thread, "Request", "zato.x.get", "{}", "a");
    let answered = |text: &str| record(2, "D", "Response", "zato.x.get", text, "a");
    let next = record(3, "D", "Request", "zato.z.get", "{}", "d")
        + &record(3, "D", "Response", "zato.z.get", "{}", "d");
    let other = |cid: &str| record(2, "D", "Response", "zato.x.get", "text", cid);
    let foreign = |(service, line, fate): (&str, usize, &str)| {
        format!(
            "the response of {service} belongs to no request, while that of its thread, at \
             admin.log:{line}, {fate}: text in a response may pass for records here"
        )
    };
    // It opens a record of its own service at its end, which its own closing delimiter closes.
    let answer = record(2, "D", "Response", "zato.x.get", "bye", "a");
    let hidden = format!(
        "text` cid:`b`, \n{}{}",
        deleted(""),
        &answer[..answer.len() - "` cid:`a`, \n".len()]
    );
    for (log, expected) in [
        (
            asked("D") + &answered(&whole),
            Some(("zato.x.get", 1, "has none")),
        ),
        (
            asked("D") + &answered(&open),
            Some(("zato.y.delete", 1, "has none")),
        ),
        (
            asked("D") + &answered(&hidden),
            Some(("zato.x.get", 1, "is answered behind it")),
        ),
        (asked("D") + &answered("text\nmore"), None),
        // Another thread may have lost its request.
        (asked("E") + &other("b"), None),
        // The latest that waits is the nearest.
        (
            asked("D").replace("`a`", "`e`") + &asked("D") + &other("b"),
            Some(("zato.x.get", 2, "has none")),
        ),
        // What waits must have waited then.
        (other("b") + &asked("D"), None),
        // A thread that has done so much since does not wait.
        (
            asked("D") + &next.repeat(LOOKAHEAD / next.len() + 1) + &other("b"),
            None,
        ),
        // In 4.1, requests without input are not logged.
        (asked("D") + &other("20261123-100000-0000-abcdef01"), None),
    ] {
        let log = log + &next;
        let findings = audit(&log, "", &Rules::built_in()).findings;
        let rules = findings.into_iter();
        let sentences: Vec<String> = rules
            .filter(|finding| finding.rule == "foreign-response")
            .map(|finding| finding.sentence)
            .collect();
        let expected: Vec<String> = expected.map(foreign).into_iter().collect();
        assert_eq!(sentences, expected, "{log}");
    }
}

#[test]
fn rules_of_the_user_are_added_and_take_the_place_of_others() {
    let calls = [(
        "2026-11-23 10:00:00",
        "zato.hot-deploy.create",
        "{'payload_name': 'a.py'}",
        Some("{}"),
    )];
    let mut rules = Rules::built_in();
    rules
        .add(
            r#"
            [[rule]]
            id = "code-upload"
            enabled = false

            [[rule]]
            id = "any"
            severity = "low"
            sentence = "{verb} {object} {nothing} {parent}"
            when = { service = "zato.*", status = { known = false } }
            "#,
        )
        .unwrap();
    assert_eq!(found_with("code-upload", &calls, "", &rules), NONE);
    assert_eq!(
        found_with("any", &calls, "", &rules),
        ["1 at 1: create hot-deploy/a.py {nothing} unknown"]
    );
}

#[test]
fn what_is_wrong_with_a_rule_is_told() {
    let rule = |text: &str| format!("[[rule]]\nid = 'x'\nseverity = 'low'\nsentence = 's'\n{text}");
    for (text, expected) in [
        (
            rule("when = { colour = 'red' }"),
            "rule `x`: unknown field `colour`: the fields are server, ",
        ),
        (rule(""), "rule `x`: `when` is missing"),
        (
            rule("when = { service = 'x' }\nsteps = []"),
            "rule `x`: `steps` is missing",
        ),
        (
            rule("when = { service = 'x' }\nfollowed_by = { service = 'y' }"),
            "rule `x`: `within` is missing",
        ),
        (
            rule("when = { service = 'x' }\nreverts = '1d'\ncount = { of = 1, within = '1d' }"),
            "rule `x`: only one of `count`",
        ),
        (
            rule("when = { service = 'x' }\nreverts = '1 day'"),
            "not rules: TOML parse error at line 6",
        ),
        (
            "[[rule]]\nid = 'x'\nwhen = {}".to_owned(),
            "rule `x`: `severity` is missing",
        ),
        (
            "rules = 1".to_owned(),
            "not rules: TOML parse error at line 1",
        ),
    ] {
        let error = Rules::default().add(&text).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    }
}
