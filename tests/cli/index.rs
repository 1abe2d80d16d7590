//! `zalog index`: run again and again, stopped, by two at once.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use insta::assert_snapshot;

use crate::zalog::{command, fixture, zalog};

/// A log of so many calls, each with a page of text.
fn log_of(calls: usize) -> Vec<u8> {
    let mut log = Vec::new();
    for nth in 0..calls {
        let page = format!("word{nth} ").repeat(200);
        for (kind, payload) in [("Request", "{'id': 1}"), ("Response", page.as_str())] {
            writeln!(
                log,
                "2018-11-11 22:{:02}:{:02},{:03} - INFO - 7:Dummy-1 - zato_admin:0 - {kind}; \
                 service:`zato.s{}`, data:`{payload}` cid:`c{nth}`, ",
                nth / 60_000,
                nth / 1000 % 60,
                nth % 1000,
                nth % 7
            )
            .unwrap();
        }
    }
    log
}

/// All that an index holds, but for the names of files.
#[track_caller]
fn held(index: &str) -> Vec<String> {
    let run = zalog(&[
        "search", "*", "--index", index, "--format", "json", "--limit", "1000000",
    ]);
    assert!(
        run.status.is_some_and(|status| status < 2),
        "{}",
        run.stderr
    );
    let mut lines: Vec<String> = run.json_lines().into_iter().map(without_files).collect();
    lines.sort();
    lines
}

fn without_files(mut line: serde_json::Value) -> String {
    for place in ["request_at", "response_at"] {
        if let Some(place) = line.get_mut(place) {
            place["file"] = "".into();
        }
    }
    line.to_string()
}

#[track_caller]
fn index(log: &str, index: &str) {
    let run = zalog(&["index", log, "--index", index]);
    assert_eq!(run.status, Some(0), "{}", run.stderr);
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn what_was_appended_rotated_and_compressed_is_read_once() {
    let folder = tempfile::tempdir().unwrap();
    let (logs, directory) = (folder.path().join("logs"), folder.path().join("index"));
    fs::create_dir(&logs).unwrap();
    let (all, live) = (log_of(300), logs.join("admin.log"));
    let (first, second) = all.split_at(all.len() / 2 + 50);
    fs::write(&live, first).unwrap();
    index(text(&logs), text(&directory));
    // The file goes on after its first reading, and is rotated then.
    let record = second
        .windows(5)
        .position(|text| text == b"\n2018")
        .unwrap()
        + 1;
    let (rest, newer) = second.split_at(record);
    File::options()
        .append(true)
        .open(&live)
        .unwrap()
        .write_all(rest)
        .unwrap();
    let mut compressed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    compressed.write_all(&fs::read(&live).unwrap()).unwrap();
    fs::write(logs.join("admin.log.1.gz"), compressed.finish().unwrap()).unwrap();
    fs::write(&live, newer).unwrap();
    index(text(&logs), text(&directory));
    let list = zalog(&["index", "--list", "--index", text(&directory)]).stdout;
    assert!(list.contains("admin.log.1.gz"), "{list}");
    let expected = zalog(&["parse", text(&logs)]).json_lines();
    let mut expected: Vec<String> = expected.into_iter().map(without_files).collect();
    expected.sort();
    assert_eq!(held(text(&directory)), expected);
    fs::remove_file(logs.join("admin.log.1.gz")).unwrap();
    index(text(&logs), text(&directory));
    assert_eq!(held(text(&directory)), expected);
    let again = zalog(&["index", text(&logs), "--index", text(&directory)]);
    assert_eq!(again.status, Some(0));
    assert!(
        again.stderr.starts_with("indexed 0 calls"),
        "{}",
        again.stderr
    );
}

#[test]
fn an_index_that_was_killed_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("admin.log");
    let all = log_of(3_000);
    fs::write(&log, &all).unwrap();
    let directory = folder.path().join("index");
    let mut killed = 0;
    for round in 0..30 {
        let length = all.len() * (round + 1) / 30;
        fs::write(&log, &all[..length]).unwrap();
        let arguments = ["index", text(&log), "--index", text(&directory)];
        let mut child = command(&arguments).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(
            u64::try_from(round * 7 % 41).unwrap() * 4,
        ));
        killed += usize::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
    }
    assert!(killed > 0);
    index(text(&log), text(&directory));
    let verified = zalog(&["index", "--verify", "--index", text(&directory)]);
    assert_eq!(verified.status, Some(0), "{}", verified.stderr);
    let fresh = folder.path().join("fresh");
    index(text(&log), text(&fresh));
    assert_eq!(held(text(&directory)), held(text(&fresh)));
}

#[test]
fn two_writers_take_turns() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("admin.log");
    fs::write(&log, log_of(500)).unwrap();
    let directory = folder.path().join("index");
    let arguments = ["index", text(&log), "--index", text(&directory)];
    let writers: Vec<_> = (0..3)
        .map(|_| command(&arguments).stderr(Stdio::piped()).spawn().unwrap())
        .collect();
    for writer in writers {
        let output = writer.wait_with_output().unwrap();
        assert_eq!(
            output.status.code(),
            Some(0),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    assert_eq!(held(text(&directory)).len(), 500);

    // Whoever holds the lock is named.
    let lock = File::options()
        .read(true)
        .write(true)
        .open(directory.join("lock"))
        .unwrap();
    fs4::fs_std::FileExt::lock_exclusive(&lock).unwrap();
    (&lock).write_all(b"process 1234, since noon").unwrap();
    let seen = zalog(&[&arguments[..], &["--no-wait"]].concat())
        .seen()
        .replace(text(&directory), "INDEX");
    assert_snapshot!(seen, @"
    ------- stderr -------
    error: another zalog (process 1234, since noon) is writing to the index in 'INDEX'
    ------- exit status 2 -------
    ");
    // Readers need no lock.
    assert_eq!(held(text(&directory)).len(), 500);
}

#[test]
fn an_index_is_looked_after() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("index");
    let seen = |arguments: &[&str]| {
        let arguments = [&["index", "--index", text(&directory)], arguments].concat();
        zalog(&arguments).seen().replace(text(&directory), "INDEX")
    };
    let nothing = "------- stderr -------\nerror: no index in 'INDEX': run `zalog index LOG...` to \
                   build it\n------- exit status 2 -------";
    for flag in ["--list", "--verify", "--drop"] {
        assert_eq!(seen(&[flag]), nothing, "{flag}");
    }
    assert!(seen(&[]).contains("required"), "{}", seen(&[]));
    index(&fixture("3.2-live"), text(&directory));
    let list = seen(&["--list"]);
    assert!(list.contains("secrets masked"), "{list}");
    let json: serde_json::Value = {
        let arguments = ["index", "--list", "--format", "json", "--index"];
        zalog(&[&arguments[..], &[text(&directory)]].concat()).json_lines()[0].clone()
    };
    assert_eq!(json["calls"], held(text(&directory)).len());
    assert!(seen(&["--verify"]).contains("all well"));
    assert!(seen(&["--verify", "--format", "json"]).contains("\"faults\":[]"));

    let find = |folder: &Path, fits: &dyn Fn(&Path) -> bool| {
        let mut paths = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path());
        paths.find(|path| fits(path)).unwrap()
    };
    let store = find(&directory.join("segments"), &|path| {
        path.extension().is_some_and(|end| end == "store")
    });
    let state = find(&directory, &|path| {
        path.file_name()
            .unwrap()
            .to_string_lossy()
            .starts_with("state-")
    });
    // Near the start of a store stand lengths, of which any may be told then.
    for (path, hundredth) in [(&store, 50), (&store, 2), (&state, 50)] {
        let whole = fs::read(path).unwrap();
        let mut bytes = whole.clone();
        bytes[whole.len() * hundredth / 100] ^= 1;
        fs::write(path, bytes).unwrap();
        let damaged = seen(&["--verify"]);
        assert!(damaged.contains("the file is damaged"), "{damaged}");
        assert!(damaged.contains("exit status 2"), "{damaged}");
        fs::write(path, whole).unwrap();
    }
    assert!(seen(&["--verify"]).contains("all well"));
    // A file that is cut off, or gone, is told by whoever goes on with it.
    let whole = fs::read(&store).unwrap();
    for is_gone in [false, true] {
        if is_gone {
            fs::remove_file(&store).unwrap();
        } else {
            fs::write(&store, &whole[..whole.len() / 2]).unwrap();
        }
        let log = fixture("4.1-live");
        for damaged in [seen(&[&log]), seen(&["--verify"])] {
            assert!(damaged.contains("damaged"), "{damaged}");
            assert!(damaged.contains("exit status 2"), "{damaged}");
        }
    }
    // So are bytes that were put in.
    let (before, behind) = whole.split_at(500);
    fs::write(&store, [before, b"0000", behind].concat()).unwrap();
    let damaged = seen(&[&fixture("4.1-live")]);
    assert!(damaged.contains("is damaged"), "{damaged}");
    fs::write(&store, whole).unwrap();
    assert!(seen(&["--verify"]).contains("all well"));
    // A file that is whole, but one of another index.
    let other = folder.path().join("another");
    index(&fixture("4.1-live"), text(&other));
    let terms = |index: &Path| {
        find(&index.join("segments"), &|path| {
            path.extension().is_some_and(|end| end == "term")
        })
    };
    let own = fs::read(terms(&directory)).unwrap();
    fs::write(terms(&directory), fs::read(terms(&other)).unwrap()).unwrap();
    let damaged = seen(&["--verify"]);
    assert!(damaged.contains("exit status 2"), "{damaged}");
    fs::write(terms(&directory), own).unwrap();
    assert!(seen(&["--verify"]).contains("all well"));

    assert_eq!(
        seen(&["--drop"]),
        "------- stderr -------\nremoved the index in INDEX\n------- exit status 0 -------"
    );
    assert!(!directory.exists());
    let other = folder.path().join("other");
    fs::create_dir(&other).unwrap();
    fs::write(other.join("precious"), "x").unwrap();
    let run = zalog(&["index", "--drop", "--index", text(&other)]);
    assert_eq!(run.status, Some(2));
    assert!(other.join("precious").exists());
}
