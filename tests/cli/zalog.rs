//! Runs the built program, and finds the fixtures.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

/// A file or folder of the fixtures.
pub(crate) fn fixture(name: &str) -> String {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "fixtures", name]
        .iter()
        .collect();
    path.to_str()
        .expect("the project's path is text")
        .to_owned()
}

/// What a run of the program gave.
pub(crate) struct Run {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) status: Option<i32>,
}

impl Run {
    /// All that a user sees, as one text, with the fixtures' folder as `fixtures`.
    pub(crate) fn seen(&self) -> String {
        let status = self
            .status
            .map_or_else(|| "killed".to_owned(), |status| status.to_string());
        let stderr = if self.stderr.is_empty() {
            String::new()
        } else {
            format!("------- stderr -------\n{}", self.stderr)
        };
        let seen = format!(
            "{}{stderr}------- exit status {status} -------",
            self.stdout
        );
        seen.replace(&fixture(""), "fixtures/")
    }

    /// Standard output as lines of JSON.
    #[track_caller]
    pub(crate) fn json_lines(&self) -> Vec<serde_json::Value> {
        let parse =
            |line: &str| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
        self.stdout.lines().map(parse).collect()
    }
}

/// Runs the program.
pub(crate) fn zalog(arguments: &[&str]) -> Run {
    zalog_with_input(arguments, b"")
}

/// Runs the program with something on its standard input.
#[track_caller]
pub(crate) fn zalog_with_input(arguments: &[&str], input: &[u8]) -> Run {
    let mut child = command(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program is built");
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let feed = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let Output {
        status,
        stdout,
        stderr,
    } = child.wait_with_output().unwrap();
    feed.join().unwrap();
    Run {
        stdout: String::from_utf8(stdout).unwrap(),
        stderr: String::from_utf8(stderr).unwrap(),
        status: status.code(),
    }
}

/// The program with its arguments, in a tame environment.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zalog"));
    command.args(arguments).env_remove("NO_COLOR");
    command
}
