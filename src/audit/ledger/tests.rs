use super::*;
use crate::entry::CHUNK_SIZE;
use crate::invocation::{LogReader, SourceFile};
use crate::source::Kept;

/// A log with a call a minute, in which the events of `edit` come to pass.
fn log(minutes: u32, edit: impl Fn(u32) -> Option<String>) -> String {
    let record = |minute: u32| {
        let (day, hour, minute_of_hour) = (1 + minute / 1440, minute / 60 % 24, minute % 60);
        edit(minute).unwrap_or_else(|| {
            record_at(
                &format!("2026-11-{day:02} {hour:02}:{minute_of_hour:02}:00,000"),
                1,
                0,
            )
        })
    };
    (0..minutes).map(record).collect()
}

fn record_at(asctime: &str, pid: u32, lineno: u32) -> String {
    format!(
        "{asctime} - INFO - {pid}:D - zato_admin:{lineno} - Request; service:`zato.x.get`, data:`{{}}` cid:`a`, \n"
    )
}

fn ledger(files: &[(&str, &str)]) -> ServerLedger {
    let sizes: Vec<(&str, u64)> = files
        .iter()
        .map(|(name, text)| (*name, text.len() as u64))
        .collect();
    let mut ledger = ServerLedger::new(Some("server1"), &sizes);
    let kept = Kept::default();
    let mut reader = LogReader::new(Some("server1"), &kept, CHUNK_SIZE);
    reader.tell_records();
    for (name, text) in files {
        let bytes = text.as_bytes();
        let read = reader.read::<()>(SourceFile { name, bytes }, |batch| {
            ledger.take(batch.file, &batch.records);
            Ok(())
        });
        read.unwrap();
    }
    let hashes = files
        .iter()
        .map(|(_, text)| sha256(text.as_bytes(), &mut [], |_| ()));
    ledger.finish(hashes);
    ledger
}

/// What is wrong, in words.
fn trouble(ledger: &ServerLedger) -> Vec<String> {
    let mut trouble: Vec<String> = ledger
        .missing
        .iter()
        .map(|file| format!("missing {file}"))
        .collect();
    trouble.extend(
        ledger
            .gaps
            .iter()
            .map(|gap| format!("gap {} line {}", gap.length(), gap.at.line)),
    );
    let back = ledger.clock_back.first.iter();
    trouble.extend(back.map(|back| format!("back to {} line {}", back.to, back.at.line)));
    let restarts = ledger.restarts.first.iter();
    trouble.extend(
        restarts.map(|restart| format!("restart {} line {}", restart.pid, restart.at.line)),
    );
    let upgrades = ledger.upgrades.first.iter();
    trouble.extend(
        upgrades.map(|upgrade| format!("upgrade to {} line {}", upgrade.to, upgrade.at.line)),
    );
    trouble
}

#[test]
fn a_whole_log_has_no_trouble() {
    let text = log(3000, |_| None);
    let ledger = ledger(&[("admin.log", &text)]);
    assert_eq!(trouble(&ledger), [""; 0]);
    let file = &ledger.files[0];
    assert_eq!((file.records, file.calls, file.unreadable), (3000, 3000, 0));
    assert_eq!(file.first.as_deref(), Some("2026-11-01T00:00:00.000"));
    assert_eq!(file.last.as_deref(), Some("2026-11-03T01:59:00.000"));
}

#[test]
fn lines_that_were_cut_out_leave_a_gap() {
    let text = log(3000, |minute| {
        (1000..1100).contains(&minute).then(String::new)
    });
    assert_eq!(
        trouble(&ledger(&[("admin.log", &text)])),
        ["gap 1h41m line 1001"]
    );
}

#[test]
fn quiet_nights_are_the_rhythm_of_a_log() {
    let text = log(8 * 1440, |minute| (minute / 60 % 24 < 8).then(String::new));
    assert_eq!(trouble(&ledger(&[("admin.log", &text)])), [""; 0]);
    let text = log(20 * 1440, |minute| {
        let is_quiet = minute / 60 % 24 < 8 || (9 * 1440..14 * 1440).contains(&minute);
        is_quiet.then(String::new)
    });
    let trouble = trouble(&ledger(&[("admin.log", &text)]));
    assert_eq!(trouble, ["gap 5d08h line 8641"]);
}

#[test]
fn a_clock_that_was_put_back_is_told_once() {
    let text = log(200, |minute| {
        (minute >= 100).then(|| {
            let minute = minute - 70;
            record_at(
                &format!("2026-11-01 {:02}:{:02}:00,000", minute / 60, minute % 60),
                1,
                0,
            )
        })
    });
    let ledger = ledger(&[("admin.log", &text)]);
    assert_eq!(
        trouble(&ledger),
        ["back to 2026-11-01T00:30:00.000 line 101"]
    );
}

#[test]
fn processes_that_write_side_by_side_are_no_restart() {
    let text = log(100, |minute| {
        Some(record_at(
            &format!("2026-11-01 01:{:02}:00,000", minute % 60),
            1 + minute % 2,
            0,
        ))
    });
    assert_eq!(ledger(&[("admin.log", &text)]).restarts.count, 0);
}

#[test]
fn a_restart_and_an_upgrade_are_told_where_they_are() {
    let text = log(100, |minute| {
        let (pid, lineno) = if minute < 50 { (1, 0) } else { (2, 21) };
        Some(record_at(
            &format!("2026-11-01 {:02}:{:02}:00,000", minute / 60, minute % 60),
            pid,
            lineno,
        ))
    });
    assert_eq!(
        trouble(&ledger(&[("admin.log", &text)])),
        [
            "restart 2 line 51",
            "upgrade to request service-data, line 21 line 51"
        ]
    );
}

#[test]
fn a_file_of_the_rotation_that_is_not_there_is_missed() {
    let text = log(50, |_| None);
    let ledger = ledger(&[("a/admin.log.2", &text), ("a/admin.log", "")]);
    assert_eq!(ledger.missing, ["a/admin.log.1"]);
}

fn sealed(seal: &Seal, files: &[(&str, &str)]) -> Vec<(String, &'static str, Option<String>)> {
    let hashed: Vec<_> = files
        .iter()
        .map(|(name, text)| {
            let mut checkpoints = seal.checkpoints();
            sha256(text.as_bytes(), &mut checkpoints, |_| ());
            HashedFile {
                file: (*name).to_owned(),
                bytes: text.len() as u64,
                starts: checkpoints,
            }
        })
        .collect();
    let sealed = seal.check(&hashed).into_iter();
    sealed
        .map(|file| (file.file, file.state.as_str(), file.now))
        .collect()
}

#[test]
fn a_seal_tells_what_has_become_of_files() {
    let (old, more) = (
        log(50, |_| None),
        log(40, |minute| Some(format!("{minute}\n"))),
    );
    let new = more[..more.len() - 20].to_owned();
    let mut all = Ledger::default();
    all.add(ledger(&[("admin.log.1", &old), ("admin.log", &new)]));
    let text = serde_json::to_vec(&Seal::of(&all)).unwrap();
    let seal = Seal::read(&text).unwrap();
    let states = |files: &[(&str, &str)]| {
        let sealed = sealed(&seal, files);
        sealed
            .into_iter()
            .map(|(_, state, _)| state)
            .collect::<Vec<_>>()
    };
    let (same, grown) = ("as it was sealed", "grown since it was sealed");
    assert_eq!(
        states(&[("admin.log.1", &old), ("admin.log", &new)]),
        [same, same]
    );
    assert_eq!(
        states(&[("admin.log.1", &old), ("admin.log", &more)]),
        [same, grown]
    );
    // After a rotation.
    let files = [
        ("admin.log.2", old.as_str()),
        ("admin.log.1", &more),
        ("admin.log", ""),
    ];
    assert_eq!(states(&files), [same, grown]);
    // What stands in the place of a missing file is another one that was sealed.
    assert_eq!(states(&[("admin.log.1", &new)]), ["missing", same]);
    let altered = new.replacen("12", "21", 1);
    assert_eq!(
        states(&[("admin.log.1", &old), ("admin.log", &altered)]),
        [same, "altered since it was sealed"]
    );
    assert_eq!(
        states(&[("admin.log.1", &old[..500]), ("x.log", "")]),
        ["shortened since it was sealed", "missing"]
    );
    assert!(Seal::read(b"{}").is_err());
    assert!(Seal::read(br#"{"zalog_seal": 2, "files": []}"#).is_err());
}

#[test]
fn the_hash_is_the_one_that_sha256sum_prints() {
    let mut checkpoints = vec![Checkpoint {
        length: 0,
        sha256: None,
    }];
    let hash = sha256(b"abc", &mut checkpoints, |_| ());
    assert_eq!(
        hash,
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(checkpoints[0].sha256.as_deref(), Some(empty));
}
