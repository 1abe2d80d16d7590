//! The pager, on a terminal that `script` of util-linux makes.

use std::process::{Command, Stdio};

use crate::zalog::fixture;

/// What a terminal of 80 columns and 12 rows shows of a command line in which `$ZALOG` is the
/// program and `$LOG` a log; `None` where no terminal can be had.
fn on_a_terminal(command: &str, pager: &str) -> Option<String> {
    let version = Command::new("script").arg("--version").output();
    if !version.is_ok_and(|output| output.stdout.starts_with(b"script from util-linux")) {
        eprintln!("skipped: there is no `script` of util-linux here to make a terminal");
        return None;
    }
    let command = format!("stty rows 12 cols 80; {command}; echo status $?");
    let output = Command::new("script")
        .args(["-qc", &command, "/dev/null"])
        .env("ZALOG", env!("CARGO_BIN_EXE_zalog"))
        .env("LOG", fixture("3.2-live"))
        .env("PAGER", pager)
        .env("SHELL", "/bin/sh")
        .env_remove("LESS")
        .env_remove("NO_COLOR")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    Some(String::from_utf8(output.stdout).unwrap().replace('\r', ""))
}

const SHOW: &str = r#""$ZALOG" show b9f2b47a45ce37b2b11382e3 "$LOG""#;

#[test]
fn long_output_is_shown_in_the_pager() {
    // It ends early, as a user does.
    let pager = "echo LESS=$LESS; head -n 1";
    let Some(seen) = on_a_terminal(SHOW, pager) else {
        return;
    };
    assert_eq!(
        seen,
        "LESS=FRX\n\x1b[1mpub.zato.service.service-invoker\x1b[0m  \x1b[32mcompleted in 133ms\x1b[0m\nstatus 0\n"
    );
    let seen = on_a_terminal(r#""$ZALOG" stats "$LOG""#, pager).unwrap();
    assert!(seen.starts_with("LESS=FRX\n2026"), "{seen}");
}

#[test]
fn output_is_printed_where_a_pager_is_not_wanted_or_not_needed() {
    let pager = "echo PAGED; cat";
    let commands = [
        format!("{SHOW} --no-pager"),
        format!("{SHOW} | cat"),
        r#""$ZALOG" stats "$LOG" --service zato.security.get-list"#.to_owned(),
        r#""$ZALOG" parse "$LOG" --service 'zato.security.*' | tail -n 30"#.to_owned(),
        format!("{SHOW} --as json"),
    ];
    for command in &commands {
        let Some(seen) = on_a_terminal(command, pager) else {
            return;
        };
        assert!(!seen.contains("PAGED"), "{command}: {seen}");
        assert!(seen.ends_with("\nstatus 0\n"), "{command}: {seen}");
    }
    for no_pager in ["", "cat"] {
        let seen = on_a_terminal(SHOW, no_pager).unwrap();
        assert!(seen.starts_with("\x1b[1mpub.zato"), "{seen}");
    }
}

#[test]
fn output_is_printed_where_the_pager_cant_be_started() {
    let Some(seen) = on_a_terminal(SHOW, "no-such-pager-anywhere -x") else {
        return;
    };
    assert!(seen.contains("not found\n\x1b[1mpub.zato"), "{seen}");
    assert!(seen.ends_with("}\x1b[0m\nstatus 0\n"), "{seen}");
}

#[test]
fn raw_records_leave_the_terminal_alone() {
    let command = r#"printf "2018-11-11 22:01:57,123 - INFO - 1:D - zato_admin:0 - Request; service:\`a.b\`, data:\`{'a': '\033[31m'}\` cid:\`c1\`, \n" > log; "$ZALOG" show c1 log --raw --show-secrets"#;
    let folder = tempfile::tempdir().unwrap();
    let command = format!("cd '{}'; {command}", folder.path().display());
    let Some(seen) = on_a_terminal(&command, "cat") else {
        return;
    };
    assert!(
        seen.contains("'\u{fffd}[31m'") && !seen.contains('\x1b'),
        "{seen}"
    );
}

#[test]
fn wide_characters_are_cut_where_the_terminal_ends() {
    let name = "漢".repeat(60);
    let log = format!(
        "printf \"2018-11-11 22:01:57,123 - INFO - 1:D - zato_admin:0 - Request; \
         service:\\`{name}\\`, data:\\`{{'a': '{name}'}}\\` cid:\\`c1\\`, \\n\" > log"
    );
    let folder = tempfile::tempdir().unwrap();
    let search = r#""$ZALOG" search 漢* log --color never"#;
    let command = format!("cd '{}'; {log}; {search}", folder.path().display());
    let Some(seen) = on_a_terminal(&command, "cat") else {
        return;
    };
    insta::assert_snapshot!(seen, @"
    time                 service                  outcome     took  id
    2018-11-11 22:01:57  …漢漢漢漢漢漢漢漢漢漢漢  unanswered        c73b03cf0c2b011f
        request.a: 漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢
    status 0
    ");
}
