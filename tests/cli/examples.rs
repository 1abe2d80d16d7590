//! `zalog examples`: which calls are chosen, and what is written.

use std::collections::HashMap;
use std::fs;

use insta::assert_snapshot;
use serde_json::Value;

use crate::zalog::{fixture, zalog, zalog_with_input};

fn call(cid: &str, service: &str, request: &str, response: Option<&str>) -> String {
    let record = |kind: &str, payload: &str| {
        format!(
            "2018-11-11 22:01:57,123 - INFO - 1:Dummy-1 - zato_admin:0 - {kind}; \
             service:`{service}`, data:`{payload}` cid:`{cid}`, \n"
        )
    };
    let response = response
        .map(|response| record("Response", response))
        .unwrap_or_default();
    record("Request", request) + &response
}

#[test]
fn the_shortest_answered_call_that_says_something_is_chosen() {
    let log = [
        call(
            "1",
            "zato.x.get-list",
            "{'cluster_id': 1, 'more': 'text'}",
            Some("[{'id': 1}]"),
        ),
        call(
            "2",
            "zato.x.get-list",
            "{'cluster_id': 1}",
            Some("[{'id': 1, 'token': 'abc'}]"),
        ),
        call("3", "zato.x.get-list", "{'cluster_id': 1}", Some("")),
        call("4", "zato.x.get-list", "{'c': 1}", None),
        call("5", "zato.x.delete", "{'id': 1}", Some("")),
        call("6", "zato.x.edit", "{'id': 1}", None),
    ]
    .concat();
    assert_snapshot!(zalog_with_input(&["examples", "-"], log.as_bytes()).seen(), @r#"
    {
      "examples": [
        {
          "service": "zato.x.delete",
          "kind": "smallest",
          "request": {
            "id": 1
          },
          "response": null
        },
        {
          "service": "zato.x.get-list",
          "kind": "smallest",
          "request": {
            "cluster_id": 1,
            "more": "text"
          },
          "response": [
            {
              "id": 1
            }
          ]
        },
        {
          "service": "zato.x.get-list",
          "kind": "fullest",
          "request": {
            "cluster_id": 1
          },
          "response": [
            {
              "id": 1,
              "token": "******"
            }
          ]
        }
      ]
    }
    ------- stderr -------
    no example, for want of an answered call that can be read whole: zato.x.edit
    ------- exit status 0 -------
    "#);
    let curl = [
        "examples",
        "-",
        "--format",
        "curl",
        "--base-url",
        "https://zato.example.com/",
    ];
    assert_snapshot!(zalog_with_input(&curl, log.as_bytes()).seen(), @r#"
    # zato.x.delete
    curl --silent --show-error --fail-with-body --request POST \
      --user "$ZATO_USER:$ZATO_PASSWORD" \
      --header 'Content-Type: application/json' \
      --data-raw '{"id":1}' \
      https://zato.example.com/zato/api/invoke/zato.x.delete

    # The response is empty.

    # zato.x.get-list
    curl --silent --show-error --fail-with-body --request POST \
      --user "$ZATO_USER:$ZATO_PASSWORD" \
      --header 'Content-Type: application/json' \
      --data-raw '{"cluster_id":1,"more":"text"}' \
      https://zato.example.com/zato/api/invoke/zato.x.get-list

    # Response:
    # [
    #   {
    #     "id": 1
    #   }
    # ]

    # zato.x.get-list
    curl --silent --show-error --fail-with-body --request POST \
      --user "$ZATO_USER:$ZATO_PASSWORD" \
      --header 'Content-Type: application/json' \
      --data-raw '{"cluster_id":1}' \
      https://zato.example.com/zato/api/invoke/zato.x.get-list

    # Response:
    # [
    #   {
    #     "id": 1,
    #     "token": "******"
    #   }
    # ]
    ------- stderr -------
    no example, for want of an answered call that can be read whole: zato.x.edit
    ------- exit status 0 -------
    "#);
}

#[test]
fn the_same_calls_give_the_same_examples_in_any_order() {
    let folder = fixture("3.2-live");
    let files = ["admin.log.2", "admin.log.1", "admin.log"].map(|name| format!("{folder}/{name}"));
    let read = |file: &String| fs::read(file).unwrap();
    let forth: Vec<u8> = files.iter().flat_map(read).collect();
    let twice = forth.repeat(2);
    let examples = |log: &[u8]| zalog_with_input(&["examples", "-"], log).stdout;
    assert_eq!(examples(&forth), zalog(&["examples", &folder]).stdout);
    assert_eq!(examples(&forth), examples(&twice));
}

#[test]
fn each_service_gets_a_file_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("made/for/it");
    let output = output.to_str().unwrap();
    let log = fixture("4.1-live");
    let run = zalog(&[
        "examples",
        &log,
        "-o",
        output,
        "--service",
        "zato.security.*",
    ]);
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    let document: Value =
        serde_json::from_str(&zalog(&["examples", &log, "--service", "zato.security.*"]).stdout)
            .unwrap();
    let examples = document["examples"].as_array().unwrap();
    assert!(examples.len() > 5);
    let mut numbers: HashMap<&str, usize> = HashMap::new();
    for example in examples {
        let service = example["service"].as_str().unwrap();
        let number = numbers.entry(service).or_default();
        *number += 1;
        let name = match number {
            1 => format!("{output}/{service}.json"),
            _ => format!("{output}/{service}.{number}.json"),
        };
        let file: Value = serde_json::from_str(&fs::read_to_string(name).unwrap()).unwrap();
        assert_eq!(&file, example);
    }
    assert_eq!(fs::read_dir(output).unwrap().count(), examples.len());
}

#[test]
fn names_of_services_can_not_leave_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("out");
    let names = [
        "../../evil",
        "/etc/evil",
        "Evil",
        "evil",
        "nul",
        ".evil",
        "e\u{202e}vil",
    ];
    let log: String = names
        .iter()
        .map(|name| call(name, name, "{'id': 1}", Some("{'a': 1}")))
        .collect();
    for format in ["json", "curl", "http", "hurl"] {
        let arguments = [
            "examples",
            "-",
            "--format",
            format,
            "-o",
            output.to_str().unwrap(),
        ];
        let run = zalog_with_input(&arguments, log.as_bytes());
        assert_eq!(run.status, Some(0), "{}", run.stderr);
    }
    assert_eq!(fs::read_dir(&output).unwrap().count(), 4 * names.len());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}
