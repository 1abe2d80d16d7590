//! `zalog stats`, in its three formats.

use insta::assert_snapshot;

use crate::zalog::{fixture, zalog, zalog_with_input};

const LOG: &str = "\
2018-11-11 22:01:57,100 - INFO - 1:Dummy-1 - zato_admin:0 - Request; service:`zato.x.get`, data:`{}` cid:`a`, \n\
2018-11-11 22:01:57,200 - INFO - 1:Dummy-1 - zato_admin:0 - Response; service:`zato.x.get`, data:`[1, 2]` cid:`a`, \n\
2018-11-11 22:01:58,000 - INFO - 1:Dummy-2 - zato_admin:0 - Request; service:`zato.x.get`, data:`{}` cid:`b`, \n\
2018-11-11 22:02:02,500 - INFO - 1:Dummy-2 - zato_admin:0 - Response; service:`zato.x.get`, data:`` cid:`b`, \n\
2018-11-11 22:03:00,000 - INFO - 1:Dummy-3 - zato_admin:0 - Request; service:`=evil`, data:`{}` cid:`c`, \n\
2018-11-11 22:03:01,000 - INFO - 1:Dummy-3 - zato_admin:0 - Something else\n";

#[test]
fn the_table_is_for_people() {
    assert_snapshot!(zalog_with_input(&["stats", "-"], LOG.as_bytes()).seen(), @"
    2018-11-11 22:01:57 to 2018-11-11 22:03:00
    read 6 records: 3 calls of 2 services, 2 completed, 1 unanswered

    service     calls  unans.  median   p95  longest  bytes  first seen           last seen
    zato.x.get      2       0   100ms  4.5s     4.5s   10 B  2018-11-11 22:01:57  2018-11-11 22:02:02
    =evil           1       1       -     -        -    2 B  2018-11-11 22:03:00  2018-11-11 22:03:00
    ------- exit status 0 -------
    ");
}

#[test]
fn csv_is_safe_in_a_spreadsheet() {
    let run = zalog_with_input(
        &["stats", "-", "--format", "csv", "--sort", "service"],
        LOG.as_bytes(),
    );
    assert_snapshot!(run.seen(), @"
    service,calls,unanswered,median_ms,p95_ms,longest_ms,bytes,first_seen,last_seen
    '=evil,1,1,,,,2,2018-11-11T22:03:00.000,2018-11-11T22:03:00.000
    zato.x.get,2,0,100,4500,4500,10,2018-11-11T22:01:57.100,2018-11-11T22:02:02.500
    ------- exit status 0 -------
    ");
}

#[test]
fn json_holds_all_of_it() {
    let run = zalog_with_input(&["stats", "-", "--format", "json"], LOG.as_bytes());
    assert_snapshot!(run.seen(), @r#"
    {
      "first_seen": "2018-11-11T22:01:57.100",
      "last_seen": "2018-11-11T22:03:00.000",
      "records": 6,
      "invocations": 3,
      "outcomes": {
        "completed": 2,
        "unanswered": 1,
        "response-only": 0
      },
      "rest_wrappers": 0,
      "services": [
        {
          "service": "zato.x.get",
          "calls": 2,
          "unanswered": 0,
          "median_ms": 100,
          "p95_ms": 4500,
          "longest_ms": 4500,
          "bytes": 10,
          "first_seen": "2018-11-11T22:01:57.100",
          "last_seen": "2018-11-11T22:02:02.500"
        },
        {
          "service": "=evil",
          "calls": 1,
          "unanswered": 1,
          "median_ms": null,
          "p95_ms": null,
          "longest_ms": null,
          "bytes": 2,
          "first_seen": "2018-11-11T22:03:00.000",
          "last_seen": "2018-11-11T22:03:00.000"
        }
      ]
    }
    ------- exit status 0 -------
    "#);
}

#[test]
fn it_counts_what_parse_prints() {
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
        let run = zalog(&["stats", &log, "--format", "json"]);
        let stats: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        let lines = zalog(&["parse", &log]).json_lines();
        assert_eq!(stats["invocations"], lines.len(), "{corpus}");
        let wrappers = lines
            .iter()
            .filter(|line| line.get("wraps").is_some())
            .count();
        assert_eq!(stats["rest_wrappers"], wrappers, "{corpus}");
    }
}
