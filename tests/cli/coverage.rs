//! `zalog coverage`: services with and without examples, and fields.

use insta::assert_snapshot;
use serde_json::Value;

use crate::zalog::{fixture, zalog, zalog_with_input};

#[test]
fn services_and_fields_that_were_never_seen_are_named() {
    let run = zalog(&[
        "coverage",
        &fixture("4.1-live"),
        "--catalogue",
        "4.1",
        "--service",
        "zato.http-soap.*",
        "--service",
        "demo.*",
    ]);
    assert_snapshot!(run.seen(), @"
    7 of 16 services of Zato 4.1 have an example (43.8 %), 0 more were called, 9 never

    service                                      state         calls
    demo.ping                                    example           2
    zato.http-soap.create                        example           5
        never seen: service_id? soap_action? soap_version? and 23 more
    zato.http-soap.delete                        example           2
        never seen: name? connection? should_raise_if_missing?
        not declared: cluster_id
    zato.http-soap.edit                          example           4
        never seen: service_id? method? soap_action? and 31 more
    zato.http-soap.get                           example           4
        never seen: name?
    zato.http-soap.get-list                      example          16
        never seen: include_wrapper? data_format? needs_security_group_names?
    zato.http-soap.invoke-channel                never-called      0
    zato.http-soap.invoke-outconn                never-called      0
    zato.http-soap.ping                          example           2
        never seen: ping_path?
    zato.http-soap.process-scheduled-request     never-called      0
    zato.http-soap.rate-limiting.clear-counters  never-called      0
    zato.http-soap.rate-limiting.get             never-called      0
    zato.http-soap.rate-limiting.save            never-called      0
    zato.http-soap.response-cache.clear          never-called      0
    zato.http-soap.response-cache.get            never-called      0
    zato.http-soap.response-cache.save           never-called      0
    ------- exit status 0 -------
    ");
}

#[test]
fn every_service_of_the_version_is_counted_once() {
    let log = fixture("3.2-live");
    let arguments = ["coverage", &log, "--catalogue", "3.2", "--invokers"];
    let run = zalog(&[&arguments[..], &["--format", "json"]].concat());
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    let services = document["services"].as_array().unwrap();
    let states = document["services_by_state"].as_object().unwrap();
    let counted: u64 = states.values().map(|count| count.as_u64().unwrap()).sum();
    assert_eq!(counted, services.len() as u64);
    assert_eq!(counted - states["unknown"].as_u64().unwrap(), 570);
    let examples = zalog(&["examples", &log, "--per-service", "1", "--invokers"]);
    let examples: Value = serde_json::from_str(&examples.stdout).unwrap();
    let with_example: Vec<&Value> = examples["examples"]
        .as_array()
        .unwrap()
        .iter()
        .map(|example| &example["service"])
        .collect();
    for service in services {
        let has_example = with_example.contains(&&service["service"]);
        assert!(service["state"] != "example" || has_example, "{service}");
        assert!(service["state"] != "called" || !has_example, "{service}");
    }
    let csv = zalog(&[&arguments[..], &["--format", "csv"]].concat());
    assert_eq!(csv.stdout.lines().count(), services.len() + 1);
    let missing = zalog(
        &[
            &arguments[..],
            &["--format", "csv", "--missing", "--called"],
        ]
        .concat(),
    );
    assert_eq!(
        missing.stdout.lines().count() as u64,
        states["called"].as_u64().unwrap() + 1
    );
}

#[test]
fn a_limit_can_be_set() {
    let log = fixture("4.1-live");
    let with_limit = |percent: &str| {
        zalog(&[
            "coverage",
            &log,
            "--catalogue",
            "4.1",
            "--called",
            "--fail-under",
            percent,
        ])
    };
    assert_eq!(with_limit("1").status, Some(0));
    let failed = with_limit("90");
    assert_eq!(failed.status, Some(1));
    assert!(
        failed.stderr.contains(" % is under 90 %"),
        "{}",
        failed.stderr
    );
}

#[test]
fn what_is_declared_by_a_model_is_not_said_to_be_undeclared() {
    let log = "2018-11-11 22:01:57,123 - INFO - 1:Dummy-1 - zato_admin:0 - Request; \
               service:`zato.common.create-objects`, data:`{'a': 1}` cid:`1`, \n\
               2018-11-11 22:01:57,123 - INFO - 1:Dummy-1 - zato_admin:0 - Request; \
               service:`zato.email.imap.ping`, data:`{'=a|b': 1}` cid:`2`, \n";
    let run = zalog_with_input(
        &[
            "coverage",
            "-",
            "--catalogue",
            "4.1",
            "--called",
            "--format",
            "csv",
        ],
        log.as_bytes(),
    );
    assert_snapshot!(run.seen(), @"
    service,state,calls,never_seen,not_declared
    zato.common.create-objects,called,1,,
    zato.email.imap.ping,called,1,id,'=a|b
    ------- exit status 0 -------
    ");
}

#[test]
fn logs_that_cant_be_read_cover_nothing() {
    let run = zalog(&["coverage", "/nowhere", "--catalogue", "4.1"]);
    assert_snapshot!(run.seen(), @"
    ------- stderr -------
    error: /nowhere: No such file or directory (os error 2)
    ------- exit status 2 -------
    ");
}
