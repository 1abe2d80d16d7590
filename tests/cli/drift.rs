//! `zalog drift`: what differs between two sets of logs.

use insta::assert_snapshot;
use serde_json::Value;

use crate::zalog::{fixture, zalog, zalog_with_input};

fn log(calls: &[(&str, &str, &str)]) -> String {
    let record = |kind: &str, service: &str, payload: &str| {
        format!(
            "2018-11-11 22:01:57,123 - INFO - 1:Dummy-1 - zato_admin:0 - {kind}; \
             service:`{service}`, data:`{payload}` cid:`1`, \n"
        )
    };
    let calls = calls.iter().map(|(service, request, response)| {
        record("Request", service, request) + &record("Response", service, response)
    });
    calls.collect()
}

#[test]
fn services_and_fields_that_came_or_went_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let old = folder.path().join("old.log");
    let calls = [
        ("my.gone", "{'a': 1}", "{}"),
        ("my.same", "{'a': 1}", "{'id': 1, 'name': None}"),
        ("my.service", "{'id': 1, 'gone': 'x'}", "[{'is_ok': True}]"),
        (
            "my.service",
            "{'id': 2}",
            "[{'is_ok': True, 'n': 1}, {'n': 1.5}]",
        ),
    ];
    std::fs::write(&old, log(&calls)).unwrap();
    let new = log(&[
        ("my.<new>|", "{}", "{}"),
        ("my.same", "{'a': 2}", "{'id': 1, 'name': 'x'}"),
        (
            "my.service",
            "{'id': '1', 'came\\x1b|': None}",
            "[{'is_ok': 'yes', 'n': 2}]",
        ),
    ]);
    let run = |arguments: &[&str]| {
        let logs = ["drift", old.to_str().unwrap(), "-"];
        zalog_with_input(&[&logs, arguments].concat(), new.as_bytes())
    };
    assert_snapshot!(run(&[]).seen(), @"
    1 services came, 1 went, 1 changed

    service and field   change  old (calls)  new (calls)
    my.<new>|           came                 1
    my.gone             went    1
    my.service
      request.came�|    came    - (2)        null (1)
      request.gone      went    string (2)   - (1)
      request.id        types   integer (2)  string (1)
      response.*.is_ok  types   boolean (2)  string (1)
    ------- exit status 0 -------
    ");
    assert_snapshot!(run(&["--format", "markdown", "--exit-code"]).seen(), @"
    # Drift

    ## Services that came

    * <code>my&#46;&#60;new&#62;&#124;</code> (1 call)

    ## Services that went

    * `my.gone` (1 call)

    ## Services that changed

    ### `my.service`

    Compared: 2 old requests with 1 new ones, 2 old responses with 1 new ones.

    | field | change | old | new |
    |---|---|---|---|
    | <code>request&#46;came&#92;u001b&#124;</code> | came | - | null |
    | `request.gone` | went | string | - |
    | `request.id` | types | integer | string |
    | `response.*.is_ok` | types | boolean | string |
    ------- exit status 1 -------
    ");
    let document: Value = serde_json::from_str(&run(&["--format", "json"]).stdout).unwrap();
    assert_eq!(document["came"][0]["service"], "my.<new>|");
    let differences = document["changed"][0]["differences"].as_array().unwrap();
    assert_eq!(differences.len(), 4);
    assert_eq!(differences[0]["path"], "request.came\u{1b}|");
}

#[test]
fn a_log_does_not_drift_from_itself() {
    let log = fixture("3.2-live");
    let run = zalog(&["drift", &log, &log, "--exit-code"]);
    assert_snapshot!(run.seen(), @"
    0 services came, 0 went, 0 changed
    ------- exit status 0 -------
    ");
}

#[test]
fn a_set_that_cant_be_read_is_not_compared() {
    let log = fixture("3.2-live");
    let run = zalog(&["drift", &log, "/nowhere"]);
    assert_snapshot!(run.seen(), @"
    ------- stderr -------
    error: /nowhere: No such file or directory (os error 2)
    ------- exit status 2 -------
    ");
    let run = zalog(&["drift", "-", "-"]);
    assert_snapshot!(run.seen(), @"
    ------- stderr -------
    error: OLD and NEW are both standard input, which can be read once
    ------- exit status 2 -------
    ");
}
