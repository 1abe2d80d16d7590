//! `zalog parse`: the JSON of an invocation, and the ways in which logs are given.

use std::fs;
use std::io::Write as _;

use insta::assert_snapshot;
use serde_json::Value;

use crate::zalog::{fixture, zalog, zalog_with_input};

const NESTED: &str = "\
2026-11-23 19:13:00,834 - INFO - 28:Dummy-7 - my.outer - 20261123-181300-2024-a35d8d189a27bcf3a - zato_admin:21 - Request; service:`my.outer`, data:`{'id': 12345678901234567890123}` cid:`20261123-181300-2024-a35d8d189a27bcf3a`, \n\
2026-11-23 19:13:00,850 - INFO - 28:Dummy-7 - my.inner - 20261123-181300-2024-a35d8d189a27bcf3a - zato_admin:21 - Request; service:`my.inner`, data:`{'x': [nan, None, ('a', b'b')]}` cid:`20261123-181300-2024-a35d8d189a27bcf3a`, \n\
2026-11-23 19:13:00,851 - INFO - 28:Dummy-7 - my.inner - 20261123-181300-2024-a35d8d189a27bcf3a - zato_admin:21 - Response; service:`my.inner`, data:`` cid:`20261123-181300-2024-a35d8d189a27bcf3a`, \n\
2026-11-23 19:13:01,034 - INFO - 28:Dummy-7 - my.outer - 20261123-181300-2024-a35d8d189a27bcf3a - zato_admin:21 - Response; service:`my.outer`, data:`plain text` cid:`20261123-181300-2024-a35d8d189a27bcf3a`, \n";

#[test]
fn an_invocation_is_a_json_line() {
    let run = zalog_with_input(&["parse", "-"], NESTED.as_bytes());
    assert_snapshot!(run.seen(), @r#"
    {"id":"3b55cc3161ee70a6","service":"my.inner","cid":"20261123-181300-2024-a35d8d189a27bcf3a","outcome":"completed","started_at":"2026-11-23T19:13:00.850+01:00","finished_at":"2026-11-23T19:13:00.851+01:00","duration_ms":1,"pid":28,"thread":"Dummy-7","parent":"a66929c22b0bb574","request":{"x":["NaN",null,["a","b"]]},"response":null,"request_at":{"file":"-","offset":229,"length":229,"line":2},"response_at":{"file":"-","offset":458,"length":199,"line":3}}
    {"id":"a66929c22b0bb574","service":"my.outer","cid":"20261123-181300-2024-a35d8d189a27bcf3a","outcome":"completed","started_at":"2026-11-23T19:13:00.834+01:00","finished_at":"2026-11-23T19:13:01.034+01:00","duration_ms":200,"pid":28,"thread":"Dummy-7","request":{"id":12345678901234567890123},"response":"plain text","request_at":{"file":"-","offset":0,"length":229,"line":1},"response_at":{"file":"-","offset":657,"length":209,"line":4}}
    ------- exit status 0 -------
    "#);
}

#[test]
fn a_call_through_the_rest_api_is_told_from_its_wrapper() {
    let lines = zalog(&["parse", &fixture("3.2-live")]).json_lines();
    let wrapper = lines
        .iter()
        .find(|line| line.get("wraps").is_some())
        .unwrap();
    let call = lines
        .iter()
        .find(|line| line["id"] == wrapper["wraps"])
        .unwrap();
    assert_eq!(wrapper["service"], "pub.zato.service.service-invoker");
    assert_eq!(
        (&call["via"], &call["parent"]),
        (&"rest".into(), &wrapper["id"])
    );
    assert_eq!(call["request"], wrapper["request"]);
}

#[test]
fn ids_are_the_same_in_a_set_and_alone_and_after_a_rotation() {
    let folder = fixture("3.2-live");
    let ids = |lines: Vec<Value>| -> Vec<String> {
        let mut ids: Vec<String> = lines
            .iter()
            .filter(|line| line.get("request").is_some())
            .map(|line| line["id"].as_str().unwrap().to_owned())
            .collect();
        ids.sort();
        ids
    };
    let in_set = ids(zalog(&["parse", &folder]).json_lines());
    let mut unique = in_set.clone();
    unique.dedup();
    assert_eq!(unique.len(), in_set.len());
    let files = ["admin.log.2", "admin.log.1", "admin.log"].map(|name| format!("{folder}/{name}"));
    let alone = files
        .iter()
        .flat_map(|file| zalog(&["parse", file]).json_lines())
        .collect();
    assert_eq!(ids(alone), in_set);
    let joined: Vec<u8> = files
        .iter()
        .flat_map(|file| fs::read(file).unwrap())
        .collect();
    assert_eq!(
        ids(zalog_with_input(&["parse", "-"], &joined).json_lines()),
        in_set
    );
}

#[test]
fn one_thread_and_many_give_the_same_bytes() {
    // Files larger than a chunk, of all kinds.
    let folder = tempfile::tempdir().unwrap();
    let mut log = Vec::new();
    for corpus in [
        "2.0/admin.log",
        "3.0/admin.log",
        "3.2/admin.log",
        "4.1/admin.log",
    ] {
        log.extend(fs::read(fixture(corpus)).unwrap());
        log.extend(b"what is no record\n");
        // A request that breaks off.
        log.extend(&fs::read(fixture("3.2/admin.log")).unwrap()[..150]);
        log.push(b'\n');
    }
    let path = folder.path().join("admin.log");
    fs::write(&path, log.repeat(4)).unwrap();
    let path = path.to_str().unwrap();
    for command in [
        &["parse"][..],
        &["parse", "--diagnostics"],
        &["stats", "--format", "json"],
        &["examples"],
    ] {
        let run = |threads: &str| zalog(&[command, &["--threads", threads, path]].concat());
        let one = run("1");
        assert!(one.stdout.len() > 1_000);
        for threads in ["2", "7"] {
            let many = run(threads);
            assert!(
                one.stdout == many.stdout && one.stderr == many.stderr,
                "{command:?}"
            );
        }
    }
}

/// In memory, and too large for that: then copies are kept in files, and pages are let go.
#[test]
fn logs_are_read_alike_however_they_come() {
    let folder = tempfile::tempdir().unwrap();
    for copies in [1, 30] {
        let log = fs::read(fixture("4.1-live/admin.log"))
            .unwrap()
            .repeat(copies);
        let plain = folder.path().join("admin.log");
        let plain = plain.to_str().unwrap();
        fs::write(plain, &log).unwrap();
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(&log).unwrap();
        let archives = [
            ("1.gz", gzip.finish().unwrap()),
            ("2.zst", zstd::stream::encode_all(&log[..], 1).unwrap()),
        ];
        let command = ["stats", "--format", "csv"];
        let run = |more: &[&str]| zalog(&[&command[..], more].concat()).stdout;
        let mapped = run(&[plain]);
        assert_eq!(run(&["--no-mmap", plain]), mapped);
        assert_eq!(
            zalog_with_input(&["stats", "--format", "csv", "-"], &log).stdout,
            mapped
        );
        for (name, content) in archives {
            let path = folder.path().join(name);
            fs::write(&path, content).unwrap();
            assert_eq!(run(&[path.to_str().unwrap()]), mapped, "{name}");
        }
        let calls: usize = mapped
            .lines()
            .skip(1)
            .map(|row| row.split(',').nth(1).unwrap().parse::<usize>().unwrap())
            .sum();
        assert_eq!(calls, 163 * copies);
    }
}

#[test]
fn calls_can_be_selected_by_service_and_time() {
    let log = fixture("3.2-live");
    let all = zalog(&["parse", &log]).json_lines();
    let count = |arguments: &[&str]| {
        let run = zalog(&[&["parse", &log], arguments].concat());
        assert_eq!(run.status, Some(i32::from(run.stdout.is_empty())));
        run.json_lines().len()
    };
    let named = |line: &&Value| {
        line["service"]
            .as_str()
            .unwrap()
            .starts_with("zato.http-soap.")
    };
    assert_eq!(
        count(&["--service", "zato.http-soap.*"]),
        all.iter().filter(named).count()
    );
    assert_eq!(count(&["--service", "*.create", "--service", "nothing"]), {
        all.iter()
            .filter(|line| line["service"].as_str().unwrap().ends_with(".create"))
            .count()
    });
    assert_eq!(
        count(&["--since", "2026-11-23", "--until", "2026-11-23"]),
        all.len()
    );
    assert_eq!(count(&["--until", "2026-11-22"]), 0);
    let noon = "2026-11-23 18:00";
    assert_eq!(
        count(&["--since", noon]) + count(&["--until", "2026-11-23 17:59:59.999"]),
        all.len()
    );
}

#[test]
fn servers_are_told_by_their_paths_and_times_by_the_zone() {
    let folder = tempfile::tempdir().unwrap();
    for server in ["server1", "server2"] {
        let logs = folder.path().join(server).join("logs");
        fs::create_dir_all(&logs).unwrap();
        fs::write(
            logs.join("admin.log"),
            NESTED.replace("2026-11-23 19:13", "2018-07-01 12:00"),
        )
        .unwrap();
    }
    let named = format!(
        "prod={}",
        folder.path().join("server2/logs/admin.log").display()
    );
    let one = folder.path().join("server1");
    let run = zalog(&[
        "parse",
        one.to_str().unwrap(),
        &named,
        "--timezone",
        "Europe/Warsaw",
    ]);
    let lines = run.json_lines();
    let servers: Vec<&str> = lines
        .iter()
        .map(|line| line["server"].as_str().unwrap())
        .collect();
    assert_eq!(servers, ["server1", "server1", "prod", "prod"]);
    assert_eq!(lines[0]["started_at"], "2018-07-01T12:00:00.850+02:00");
    let whole = zalog(&["parse", folder.path().to_str().unwrap()]).json_lines();
    assert_eq!(whole.len(), 4);
    assert_eq!(whole[3]["server"], "server2");
}
