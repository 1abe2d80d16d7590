//! What is no log, or only a part of one: a clear message, the right status, and all that can be
//! read is read.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use insta::assert_snapshot;

use crate::zalog::{command, fixture, zalog, zalog_with_input};

/// Runs in an empty folder with the files given, and names them without their folder.
#[track_caller]
fn seen_with(files: &[(&str, &[u8])], arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    let root = folder.path().to_str().unwrap();
    let arguments: Vec<String> = arguments
        .iter()
        .map(|word| word.replace("ROOT", root))
        .collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    zalog(&arguments).seen().replace(root, "ROOT")
}

const RECORDS: &str = "2018-11-11 22:01:57,123 - INFO - 1:Dummy-1 - zato_admin:0 - Request; \
    service:`zato.x.get`, data:`{'id': 1}` cid:`abc`, \n\
    2018-11-11 22:01:57,125 - INFO - 1:Dummy-1 - zato_admin:0 - Response; \
    service:`zato.x.get`, data:`{'name': 'CRM'}` cid:`abc`, \n";

#[test]
fn an_empty_file_holds_no_calls() {
    assert_snapshot!(seen_with(&[("admin.log", b"")], &["stats", "ROOT/admin.log"]), @"
    ------- stderr -------
    ROOT/admin.log: empty
    no calls in these logs
    ------- exit status 1 -------
    ");
}

#[test]
fn a_file_that_is_no_log_is_named() {
    let text = b"Dear reader,\nthis is a letter.\n";
    assert_snapshot!(seen_with(&[("letter.txt", text)], &["parse", "ROOT/letter.txt"]), @"
    ------- stderr -------
    error: ROOT/letter.txt: not a log of Zato: no record in it
    read 0 records, 1 unreadable: zalog parse --diagnostics
    ------- exit status 2 -------
    ");
    let binary: Vec<u8> = (0..=255).cycle().take(10_000).collect();
    assert_snapshot!(seen_with(&[("picture.png", &binary)], &["stats", "ROOT/picture.png"]), @"
    ------- stderr -------
    error: ROOT/picture.png: not a log of Zato: no record in it
    read 0 records, 1 unreadable: zalog parse --diagnostics
    ------- exit status 2 -------
    ");
}

#[test]
fn what_can_be_read_is_read_beside_what_can_not() {
    let files = [("admin.log", RECORDS.as_bytes()), ("empty/readme.txt", b"")];
    let arguments = [
        "parse",
        "ROOT/missing.log",
        "ROOT/admin.log",
        "ROOT/empty",
        "ROOT/*.gz",
    ];
    assert_snapshot!(seen_with(&files, &arguments), @r#"
    {"id":"8e063bccdbc5ba99","service":"zato.x.get","cid":"abc","outcome":"completed","started_at":"2018-11-11T22:01:57.123","finished_at":"2018-11-11T22:01:57.125","duration_ms":2,"pid":1,"thread":"Dummy-1","request":{"id":1},"response":{"name":"CRM"},"request_at":{"file":"ROOT/admin.log","offset":0,"length":120,"line":1},"response_at":{"file":"ROOT/admin.log","offset":120,"length":127,"line":2}}
    ------- stderr -------
    error: ROOT/missing.log: No such file or directory (os error 2)
    error: ROOT/empty: no admin.log here, nor in `logs` below, nor in the folders below
    error: ROOT/*.gz: no file fits this pattern
    ------- exit status 2 -------
    "#);
}

#[test]
fn a_file_without_permission_is_named() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("admin.log");
    fs::write(&path, RECORDS).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    if File::open(&path).is_ok() {
        eprintln!("skipped: this user may read everything");
        return;
    }
    let run = zalog(&["stats", path.to_str().unwrap()]);
    assert_eq!(run.status, Some(2));
    assert!(run.stderr.contains("Permission denied"), "{}", run.stderr);
}

#[test]
fn a_log_that_is_cut_in_a_record_is_read_up_to_there() {
    let cut = &RECORDS[..RECORDS.len() - 20];
    let seen = seen_with(
        &[("admin.log", cut.as_bytes())],
        &["parse", "ROOT/admin.log"],
    );
    assert_snapshot!(seen, @r#"
    {"id":"31f49b7d40a15ef3","service":"zato.x.get","outcome":"response-only","finished_at":"2018-11-11T22:01:57.125","pid":1,"thread":"Dummy-1","response":{},"response_at":{"file":"ROOT/admin.log","offset":120,"length":107,"line":2},"diagnostics":["response: cut off, read up to byte 9"]}
    {"id":"8e063bccdbc5ba99","service":"zato.x.get","cid":"abc","outcome":"unanswered","started_at":"2018-11-11T22:01:57.123","pid":1,"thread":"Dummy-1","request":{"id":1},"request_at":{"file":"ROOT/admin.log","offset":0,"length":120,"line":1}}
    ------- stderr -------
    read 2 records, 1 cut off: zalog parse --diagnostics
    ------- exit status 0 -------
    "#);
}

#[test]
fn a_record_that_breaks_off_costs_only_itself() {
    let start = RECORDS.split_once('}').unwrap().0;
    let torn = |with: &str| format!("{start}{with}{}", RECORDS.replace("abc", "def"));
    for with in ["", "\n"] {
        let log = torn(with);
        let run = zalog_with_input(&["parse", "-"], log.as_bytes());
        let lines = run.json_lines();
        assert_eq!(lines.len(), 2, "{}", run.stdout);
        assert_eq!(lines[0]["outcome"], "unanswered");
        assert_eq!(lines[0]["request"], serde_json::json!({"id": 1}));
        assert_eq!(lines[1]["outcome"], "completed");
        assert_eq!(lines[1]["cid"], "def");
        assert_eq!(
            run.stderr,
            "read 3 records, 1 cut off: zalog parse --diagnostics\n"
        );
    }
}

#[test]
fn diagnostics_are_listed_with_their_places() {
    let log = format!("no record\n{}", &RECORDS[..RECORDS.len() - 20]);
    let files = [("admin.log", log.as_bytes())];
    assert_snapshot!(seen_with(&files, &["parse", "--diagnostics", "ROOT/admin.log"]), @r#"
    {"file":"ROOT/admin.log","line":1,"offset":0,"length":10,"reason":"not a record of Zato's log"}
    {"file":"ROOT/admin.log","line":3,"offset":130,"length":107,"reason":"record breaks off before its closing delimiter"}
    {"file":"ROOT/admin.log","line":3,"offset":130,"length":107,"service":"zato.x.get","reason":"cut off, read up to byte 9"}
    ------- stderr -------
    read 2 records, 1 cut off, 1 unreadable: zalog parse --diagnostics
    ------- exit status 0 -------
    "#);
    assert_snapshot!(seen_with(&files, &["stats", "--strict", "--quiet", "ROOT/admin.log"]), @"
    2018-11-11 22:01:57 to 2018-11-11 22:01:57
    read 2 records: 2 calls of 1 service, 0 completed, 1 unanswered, 1 response-only

    service     calls  unans.  median  p95  longest  bytes  first seen           last seen
    zato.x.get      2       1       -    -        -   18 B  2018-11-11 22:01:57  2018-11-11 22:01:57
    ------- exit status 2 -------
    ");
}

#[test]
fn a_call_whose_name_is_no_text_is_not_understood() {
    let mut log = RECORDS.as_bytes().to_vec();
    log.extend(
        RECORDS
            .bytes()
            .map(|byte| if byte == b'x' { 0xff } else { byte }),
    );
    log.extend(RECORDS.replace("zato.x.get", "").bytes());
    let files = [("admin.log", log.as_slice())];
    assert_snapshot!(seen_with(&files, &["parse", "--diagnostics", "ROOT/admin.log"]), @r#"
    {"file":"ROOT/admin.log","line":3,"offset":247,"length":120,"reason":"the service's name or the CID in this record can't be read"}
    {"file":"ROOT/admin.log","line":4,"offset":367,"length":127,"reason":"the service's name or the CID in this record can't be read"}
    {"file":"ROOT/admin.log","line":5,"offset":494,"length":110,"reason":"the service's name or the CID in this record can't be read"}
    {"file":"ROOT/admin.log","line":6,"offset":604,"length":117,"reason":"the service's name or the CID in this record can't be read"}
    ------- stderr -------
    read 6 records, 4 nameless: zalog parse --diagnostics
    ------- exit status 0 -------
    "#);
    assert_snapshot!(seen_with(&files, &["stats", "--strict", "-v", "ROOT/admin.log"]), @"
    2018-11-11 22:01:57 to 2018-11-11 22:01:57
    read 6 records: 1 call of 1 service, 1 completed, 0 unanswered

    service     calls  unans.  median  p95  longest  bytes  first seen           last seen
    zato.x.get      1       0     2ms  2ms      2ms   24 B  2018-11-11 22:01:57  2018-11-11 22:01:57
    ------- stderr -------
    read 6 records, 4 nameless: zalog parse --diagnostics
    ------- exit status 2 -------
    ");
}

#[test]
fn a_damaged_archive_is_read_up_to_its_damage() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(RECORDS.repeat(5_000).as_bytes()).unwrap();
    let archive = encoder.finish().unwrap();
    let files = [("admin.log.1.gz", &archive[..archive.len() / 2])];
    let seen = seen_with(&files, &["parse", "ROOT"]);
    assert!(seen.contains("admin.log.1.gz: damaged: "), "{seen}");
    assert!(seen.ends_with("------- exit status 2 -------"));
    assert!(seen.lines().count() > 1_000);
}

#[test]
fn a_copy_is_read_once() {
    let gzip = |text: &str| {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(text.as_bytes()).unwrap();
        gzip.finish().unwrap()
    };
    let log = RECORDS.repeat(500);
    let other = log.replace("'CRM'", "'ERP'");
    let copy = gzip(&log);
    // What has been written since the copy was made.
    let grown = format!("{log}{}", RECORDS.replace("abc", "def"));
    let (before, behind) = log.rsplit_once("CRM").unwrap();
    let changed = format!("{before}ERP{behind}");
    for (files, calls) in [
        (&[("a.log", log.as_bytes()), ("a.log.gz", &copy)][..], 500),
        (&[("a.log", grown.as_bytes()), ("a.log.gz", &copy)], 501),
        (&[("a.log.1", log.as_bytes()), ("a.log.2.gz", &copy)], 500),
        (
            &[
                ("a.log", log.as_bytes()),
                ("a.log.zst", &zstd::encode_all(log.as_bytes(), 1).unwrap()),
            ],
            500,
        ),
        (
            &[("a.log", log.as_bytes()), ("a.log.1.gz", &gzip(&other))],
            1000,
        ),
        (
            &[("a.log", changed.as_bytes()), ("a.log.1.gz", &copy)],
            1000,
        ),
        (&[("a.log", b""), ("a.log.1.gz", &gzip(""))], 0),
        (
            &[("a.log.1", log.as_bytes()), ("a.log", log.as_bytes())],
            500,
        ),
        (
            &[("a.log.1", log.as_bytes()), ("a.log", other.as_bytes())],
            1000,
        ),
        // What is longer goes on where the other ends.
        (
            &[("a.log.1", log.as_bytes()), ("a.log", grown.as_bytes())],
            1001,
        ),
        (
            &[
                ("a.log", log.as_bytes()),
                ("a.log.1.gz", &copy),
                ("a.log.2.gz", &copy),
            ],
            500,
        ),
    ] {
        for flag in ["--strict", "--no-mmap"] {
            let arguments = ["search", "*", "--count", flag, "ROOT/a.log*"];
            let seen = seen_with(files, &arguments);
            let (plain, compressed) = (files[0].0, files[1].0);
            let said = format!("ROOT/{compressed}: ROOT/{plain} holds all of it: read once\n");
            assert!(seen.starts_with(&format!("{calls}\n")), "{seen}");
            assert_eq!(seen.contains(&said), (500..1000).contains(&calls), "{seen}");
        }
    }
}

#[test]
fn wrong_arguments_say_what_is_right() {
    let log = fixture("3.2-live");
    for (arguments, message) in [
        (&["stats"][..], "<LOG>..."),
        (
            &["stats", &log, "--format", "xml"],
            "[possible values: table, json, csv]",
        ),
        (
            &["stats", &log, "--service", "zato.{"],
            "--service `zato.{`",
        ),
        (
            &["stats", &log, "--since", "soon"],
            "--since `soon`: expected a time such as `2018-11-11`",
        ),
        (
            &["stats", &log, "--until", "2018-11-11T22:00:00+01:00"],
            "times are those of the server's clock: leave out the UTC offset",
        ),
        (
            &["stats", &log, "--timezone", "Mars"],
            "unknown time zone `Mars`: use a name such as",
        ),
        (&["stats", &log, "--threads", "0"], "--threads"),
        (
            &["examples", &log, "--base-url", "zato"],
            "--base-url `zato`: expected a URL such as",
        ),
        (
            &["examples", &log, "--base-url", "ftp://u:hunter2@h"],
            "--base-url `ftp://u:******@h`: expected a URL such as",
        ),
        (
            &["examples", &log, "--base-url", "http://h?x=1"],
            "--base-url `http://h?x=1`: expected a URL such as",
        ),
        (
            &["examples", &log, "--base-url", "https://u:hun/ter2@h"],
            "--base-url: leave out what stands before the `@`",
        ),
        (
            &[
                "show",
                "x",
                &log,
                "--as",
                "curl",
                "--base-url",
                "http://u@h",
            ],
            "--base-url: leave out what stands before the `@`",
        ),
        (
            &["exmaples", &log],
            "a similar subcommand exists: 'examples'",
        ),
    ] {
        let run = zalog(arguments);
        assert_eq!(run.status, Some(2), "{arguments:?}");
        assert!(
            run.stderr.contains(message),
            "{arguments:?}: {}",
            run.stderr
        );
        assert_eq!(run.stdout, "", "{arguments:?}");
    }
}

#[test]
fn a_closed_pipe_is_a_normal_end() {
    let mut child = command(&["parse", &fixture("1.1/server.log")])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(!String::from_utf8_lossy(&output.stderr).contains("error"));
}

#[test]
fn output_to_a_full_disk_is_an_error() {
    let full = Path::new("/dev/full");
    if !full.exists() {
        eprintln!("skipped: there is no /dev/full here");
        return;
    }
    let output = Command::new(env!("CARGO_BIN_EXE_zalog"))
        .args(["stats", &fixture("3.2-live")])
        .stdout(File::options().write(true).open(full).unwrap())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("failed to write to standard output"));
}

/// Where a program reads a mapped page that another one has cut off, the system ends it, unless it is
/// prepared for that.
#[test]
fn a_log_that_is_truncated_while_it_is_read_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("admin.log");
    let log = fs::read(fixture("4.1-live/admin.log")).unwrap();
    fs::write(&path, log.repeat((24 << 20) / log.len())).unwrap();
    for threads in ["1", "2"] {
        let file = File::options().write(true).open(&path).unwrap();
        let size = file.metadata().unwrap().len();
        let mut child = command(&["parse", "--threads", threads, path.to_str().unwrap()])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = child.stdout.take().unwrap();
        // A full pipe keeps it from reading on.
        stdout.read_exact(&mut [0]).unwrap();
        file.set_len(1 << 20).unwrap();
        let drained = std::thread::spawn(move || io::copy(&mut stdout, &mut io::sink()));
        let output = child.wait_with_output().unwrap();
        drained.join().unwrap().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(
            stderr.contains("truncated by another program while it was read"),
            "{stderr}"
        );
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        file.set_len(size).unwrap();
    }
}
