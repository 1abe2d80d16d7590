//! `zalog man` and `zalog completions`.

use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::zalog::zalog;

/// Gives `input` to a program; `None` where there is no such program.
fn run(program: &str, arguments: &[&str], input: &str) -> Option<String> {
    let child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut child) = child else {
        eprintln!("skipped: there is no {program} here");
        return None;
    };
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input.as_bytes()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && stderr.is_empty(),
        "{program}: {stderr}"
    );
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn the_manual_page_has_all_commands_and_flags() {
    let run_of_man = zalog(&["man"]);
    assert_eq!(
        (run_of_man.status, run_of_man.stderr.as_str()),
        (Some(0), "")
    );
    let page = run_of_man.stdout;
    assert!(page.contains(".TH ZALOG 1 "));
    let help = zalog(&["--help"]).stdout;
    let commands = help.split("Commands:\n").nth(1).unwrap().lines();
    let commands: Vec<&str> = commands
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.strip_prefix("  ")?.split(' ').next())
        .filter(|command| !command.is_empty() && *command != "help")
        .collect();
    assert!(commands.len() >= 6, "{commands:?}");
    for command in commands {
        assert!(
            page.contains(&format!(".SH \"zalog {command}\"\n")),
            "{command}"
        );
        let help = zalog(&[command, "--help"]).stdout;
        for flag in help
            .split_whitespace()
            .filter(|word| word.starts_with("--"))
        {
            let flag = flag
                .trim_matches(|c: char| !c.is_ascii_lowercase())
                .replace('-', r"\-");
            assert!(page.contains(&flag), "{command}: {flag}");
        }
    }
    // What all commands share is told once.
    assert_eq!(page.matches(r"\fB\-\-show\-secrets\fR").count(), 1);
    if let Some(plain) = run("groff", &["-man", "-ww", "-Tutf8"], &page) {
        assert!(plain.contains("zalog show"));
    }
}

#[test]
fn shells_can_read_their_completions() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = zalog(&["completions", shell]).stdout;
        assert!(script.contains("show-secrets"), "{shell}");
        if ["bash", "zsh", "fish"].contains(&shell) {
            run(shell, &["-n"], &script);
        }
    }
    let unknown = zalog(&["completions", "cmd"]);
    assert_eq!(unknown.status, Some(2));
    assert!(
        unknown
            .stderr
            .contains("possible values: bash, elvish, fish, powershell, zsh")
    );
}
