//! `zalog examples`: which calls are chosen, and what is written.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use insta::assert_snapshot;
use serde_json::Value;
use zalog::export::Format;

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
fn a_service_of_4_1_without_input_has_an_example() {
    let record = |side: &str, service: &str, nth: usize, data: &str| {
        let cid = format!("20261123-18162{nth}-7092-512cfd523aca38b0a");
        format!(
            "2026-11-23 18:16:2{nth},000 - INFO - 1:D - {service} - {cid} - zato_admin:0 - {side}; \
             service:`{service}`, data:`{data}` cid:`{cid}`, \n"
        )
    };
    let log = [
        record("Response", "my.no-input", 1, "{'x': 1}"),
        // The request of the second of these is missing.
        record("Request", "my.input", 2, "{'id': 1}"),
        record("Response", "my.input", 2, "{'x': 2}"),
        record("Response", "my.input", 3, "{'x': 3, 'y': 4}"),
    ]
    .concat();
    let run = zalog_with_input(&["examples", "-"], log.as_bytes());
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    let examples = document["examples"].as_array().unwrap();
    let requests = examples
        .iter()
        .map(|example| format!("{} {}", example["service"], example["request"]));
    assert_eq!(
        requests.collect::<Vec<_>>(),
        [r#""my.input" {"id":1}"#, r#""my.no-input" {}"#]
    );
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
    no example, for want of an answered call with its request that can be read whole and is not over 8 MB: zato.x.edit
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
    no example, for want of an answered call with its request that can be read whole and is not over 8 MB: zato.x.edit
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

/// All files below a folder, by path.
fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(tree(&path));
        } else {
            files.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
    files
}

#[test]
fn every_format_is_the_same_in_any_order_and_on_any_number_of_threads() {
    let log = fixture("3.2-live");
    let files = ["admin.log", "admin.log.1", "admin.log.2"].map(|name| format!("{log}/{name}"));
    let [first, second, third] = &files;
    let folder = tempfile::tempdir().unwrap();
    let whole = folder.path().join("admin.log");
    let in_order = [third, second, first].map(|file| fs::read(file).unwrap());
    fs::write(&whole, in_order.concat()).unwrap();
    let whole = whole.to_str().unwrap();
    let output = folder.path().join("out");
    let mut known: Option<BTreeMap<PathBuf, Vec<u8>>> = None;
    for (logs, threads) in [
        (&[log.as_str()][..], "1"),
        (&[log.as_str()], "4"),
        (&[third, first, second], "2"),
        (&[first, second, third], "3"),
        (&[whole], "2"),
    ] {
        let mut arguments = [&["examples", "-o", output.to_str().unwrap()], logs].concat();
        arguments.extend(["--threads", threads, "--failures"]);
        arguments.extend(
            Format::ALL
                .iter()
                .flat_map(|format| ["--format", format.as_str()]),
        );
        let run = zalog(&arguments);
        assert_eq!(run.status, Some(0), "{}", run.stderr);
        let made = tree(&output);
        assert!(made.len() > 500, "{}", made.len());
        fs::remove_dir_all(&output).unwrap();
        let known = known.get_or_insert_with(|| made.clone());
        for (path, content) in &made {
            assert!(
                known.get(path) == Some(content),
                "{logs:?}: {}",
                path.display()
            );
        }
        assert_eq!(known.len(), made.len(), "{logs:?}");
    }
}

#[test]
fn where_nothing_is_found_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("out");
    for format in Format::ALL {
        let run = zalog(&[
            "examples",
            &fixture("4.1-live"),
            "--service",
            "nothing",
            "--format",
            format.as_str(),
            "-o",
            output.to_str().unwrap(),
        ]);
        assert_eq!(run.status, Some(1), "{}", run.stderr);
        assert!(!output.exists(), "{}", format.as_str());
    }
    let device = zalog(&["examples", &fixture("4.1-live"), "-o", "/dev/null"]);
    assert_snapshot!(device.seen(), @"
    ------- stderr -------
    error: -o `/dev/null`: a file, where a folder is needed
    ------- exit status 2 -------
    ");
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

/// Two servers on two days: the same calls with other ids, dates, CIDs and hosts.
#[test]
fn stable_values_make_the_same_files_of_the_same_kind_of_traffic() {
    let log = |id: usize, day: &str, cid: &str, host: &str| {
        let create = |nth: usize, more: &str| {
            call(
                &format!("{cid}{nth}"),
                "zato.x.create",
                &format!(
                    "{{'cluster_id': {id}, 'host': '{host}', 'start_date': '{day} 10:00:00'{more}}}"
                ),
                Some(&format!(
                    "{{'id': {}, 'name': 'x', 'cid': '{cid}{nth}'}}",
                    id + nth
                )),
            )
        };
        let edit = |nth: usize| {
            call(
                &format!("{cid}e{nth}"),
                "zato.x.edit",
                &format!("{{'id': {}, 'url': 'https://{host}:8080/a'}}", id + nth),
                Some(&format!(
                    "{{'id': {}, 'last_mod': '{day}T11:00:0{nth}.123456'}}",
                    id + nth
                )),
            )
        };
        let calls = [
            create(1, ""),
            create(2, ", 'is_active': True"),
            edit(1),
            edit(2),
        ];
        calls.concat()
    };
    let one = log(9, "2018-11-11", "9227876f04d5e0e1a", "db1");
    let other = log(
        1234,
        "2026-01-02",
        "0a27876f04d5e0e1a77",
        "db-main.corp.internal",
    );
    for format in [
        "json", "curl", "python", "httpie", "http", "hurl", "postman",
    ] {
        let arguments = ["examples", "-", "--format", format];
        let plain = |log: &str| zalog_with_input(&arguments, log.as_bytes()).stdout;
        assert_ne!(plain(&one), plain(&other));
        let stable = |log: &str| {
            let arguments = [&arguments[..], &["--stable-values"]].concat();
            zalog_with_input(&arguments, log.as_bytes()).stdout
        };
        assert!(stable(&one).contains("server1.example.com"));
        assert_eq!(stable(&one), stable(&other));
    }
}

/// Stand-ins are of the type and at the place of what they stand for.
#[test]
fn stable_values_leave_the_shape_of_examples() {
    fn same_shape(one: &Value, other: &Value, path: &str) {
        match (one, other) {
            (Value::Array(one), Value::Array(other)) => {
                assert_eq!(one.len(), other.len(), "{path}");
                for (one, other) in one.iter().zip(other) {
                    same_shape(one, other, path);
                }
            }
            (Value::Object(one), Value::Object(other)) => {
                assert!(one.keys().eq(other.keys()), "{path}");
                for (key, value) in one {
                    same_shape(value, &other[key], &format!("{path}.{key}"));
                }
            }
            (Value::Number(one), Value::Number(other)) => {
                assert_eq!(one.is_f64(), other.is_f64(), "{path}: {one} {other}");
            }
            (Value::String(_), Value::String(_)) => {}
            _ => assert_eq!(one, other, "{path}"),
        }
    }
    for fixture_name in ["3.2-live", "4.1-live"] {
        let log = fixture(fixture_name);
        // With one example of a service, and only one call of it, there is no choice.
        let examples = |more: &[&str]| {
            let arguments = [&["examples", &log, "--max-text", "0"], more].concat();
            let run = zalog(&arguments);
            let document: Value = serde_json::from_str(&run.stdout).expect(&run.stderr);
            let examples = document["examples"].as_array().unwrap().clone();
            let mut by_service: HashMap<String, Vec<Value>> = HashMap::new();
            for example in examples {
                let service = example["service"].as_str().unwrap().to_owned();
                by_service.entry(service).or_default().push(example);
            }
            by_service
        };
        let stats = zalog(&["stats", &log, "--format", "json"]).stdout;
        let stats: Value = serde_json::from_str(&stats).unwrap();
        let (plain, stable) = (examples(&[]), examples(&["--stable-values"]));
        assert_eq!(plain.len(), stable.len());
        let mut compared = 0;
        for service in stats["services"].as_array().unwrap() {
            let name = service["service"].as_str().unwrap();
            if service["calls"] == 1
                && let (Some(plain), Some(stable)) = (plain.get(name), stable.get(name))
            {
                same_shape(
                    &Value::from(plain.clone()),
                    &Value::from(stable.clone()),
                    name,
                );
                compared += 1;
            }
        }
        assert!(compared > 3, "{fixture_name}: {compared}");
    }
}
