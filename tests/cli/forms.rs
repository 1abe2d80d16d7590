//! Every command in every form in which it prints or writes: what must hold of all of them is
//! tested with this table.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use regex::Regex;
use tempfile::TempDir;

use crate::zalog::{Run, command, zalog};

/// What a form is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// For people, on a terminal too.
    Text,
    Json,
    JsonLines,
    Csv,
    Html,
    Markdown,
    Yaml,
    Shell,
    Python,
    /// Files, told by their endings.
    Files,
    /// Other formats of requests, whose tools `snippets.rs` runs.
    Requests,
    /// Records as they were logged, for other programs.
    Raw,
}

/// What of a log a form repeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tells {
    /// Values of payloads: with `--show-secrets`, secrets too.
    Values,
    /// Values as an index holds them: it takes no `--show-secrets`, but for being made.
    Kept,
    /// Names, numbers and places only, or values that are compressed.
    Names,
    /// Nothing of a log, or it has no `--show-secrets`.
    Nothing,
}

/// A command with its arguments, what it writes in, and what it tells. `{…}` stands for what
/// [`Stage`] has, and `{out}` for a path where nothing is.
pub(crate) type Form = (&'static str, Kind, Tells);

/// All forms. Those that search are there once with a log and once with an index.
pub(crate) const FORMS: [Form; 107] = {
    use Kind::{
        Csv, Files, Html, Json, JsonLines, Markdown, Python, Raw, Requests, Shell, Text, Yaml,
    };
    use Tells::{Kept, Names, Nothing, Values};
    [
        ("stats {log}", Text, Names),
        ("stats {log} -v", Text, Names),
        ("stats {log} --format json", Json, Names),
        ("stats {log} --format csv", Csv, Names),
        ("parse {log}", JsonLines, Values),
        ("parse {log} --no-mmap -v", JsonLines, Values),
        ("parse {log} --diagnostics", Text, Names),
        ("search * {log} --all", Text, Names),
        ("search * {log} --all --format json", JsonLines, Values),
        ("search * {log} --all --format csv", Csv, Names),
        ("search request:* {log} --all", Text, Values),
        (FIELDS_TABLE, Text, Values),
        (FIELDS_CSV, Csv, Values),
        ("search * {log} --group-by service", Text, Names),
        ("search * {log} --group-by service --format csv", Csv, Names),
        ("search * {log} --group-by request.password", Text, Values),
        (
            "search * {log} --group-by request.password --format csv",
            Csv,
            Values,
        ),
        (
            "search * {log} --group-by request.password --format json",
            JsonLines,
            Values,
        ),
        ("search * {log} --group-by response.token", Text, Values),
        ("search password {log} --all", Text, Values),
        ("search has:request.password {log} --all", Text, Values),
        ("search * {log} --count", Text, Nothing),
        ("search * --index {index} --all", Text, Nothing),
        (
            "search * --index {index} --all --format json",
            JsonLines,
            Kept,
        ),
        ("search * --index {index} --all --format csv", Csv, Kept),
        ("search password --index {index} --all", Text, Kept),
        (
            "search * --index {index} --all --fields id,request.password,response",
            Text,
            Kept,
        ),
        (
            "search * --index {index} --group-by request.password",
            Text,
            Kept,
        ),
        ("show rich {log}", Text, Values),
        ("show torn {log}", Text, Values),
        ("show rich {log} --as json", Json, Values),
        ("show rich {log} --as python", Python, Values),
        ("show rich {log} --as curl", Shell, Values),
        ("show rich --index {index}", Text, Kept),
        ("show rich --index {index} --as json", Json, Kept),
        ("show rich --index {index} --as python", Python, Kept),
        ("show rich --index {index} --as curl", Shell, Kept),
        ("show rich {log} --raw", Raw, Values),
        ("examples {log} --failures -v", Json, Values),
        (
            "examples {log} --failures --format json --max-items 0 --max-text 0",
            Json,
            Values,
        ),
        ("examples {log} --failures --stable-values", Json, Values),
        ("examples {log} --failures --format curl", Shell, Values),
        ("examples {log} --failures --format python", Python, Values),
        ("examples {log} --failures --format httpie", Shell, Values),
        ("examples {log} --failures --format http", Requests, Values),
        ("examples {log} --failures --format hurl", Requests, Values),
        ("examples {log} --failures --format postman", Json, Values),
        (
            "examples {log} --failures --format markdown",
            Markdown,
            Values,
        ),
        ("examples {log} --failures --format html", Html, Values),
        ("examples {log} --failures --format openapi", Yaml, Values),
        (
            "examples {log} --failures --format openapi-json",
            Json,
            Values,
        ),
        ("examples {log} --failures --format overlay", Yaml, Values),
        (
            "examples {log} --failures --format openapi --stable-values",
            Yaml,
            Values,
        ),
        (ALL_FILES, Files, Values),
        (
            "examples {log} --format curl -o {out}/made/for/it",
            Files,
            Values,
        ),
        (
            "examples {log} --format openapi -o {out}.yaml",
            Files,
            Values,
        ),
        (
            "examples {log} --format openapi -o {out}.json",
            Files,
            Values,
        ),
        ("examples {log} --merge {base}", Yaml, Values),
        ("examples {log} --merge {base} -o {out}.yaml", Files, Values),
        (
            "examples {log} --merge {base} --format overlay",
            Yaml,
            Values,
        ),
        ("examples --schema", Json, Nothing),
        (
            "verify {examples} --base-url {url} --allow-writes",
            Text,
            Nothing,
        ),
        (
            "verify {examples} --base-url {url} --format json",
            Json,
            Nothing,
        ),
        ("coverage {log} --catalogue 4.1", Text, Names),
        ("coverage {log} --catalogue 4.1 --format json", Json, Names),
        ("coverage {log} --catalogue 4.1 --format csv", Csv, Names),
        (
            "coverage {log} --catalogue 3.2 --missing --fail-under 90",
            Text,
            Names,
        ),
        ("drift {log} {other}", Text, Names),
        ("drift {log} {other} --format json", Json, Names),
        ("drift {log} {other} --format markdown", Markdown, Names),
        ("recipes {log}", Text, Names),
        ("recipes {log} --format json", Json, Values),
        ("recipes {log} --format sh", Shell, Values),
        ("recipes {log} --format python", Python, Values),
        ("recipes {log} --format sh -o {out}", Files, Values),
        ("recipes {log} --format python -o {out}", Files, Values),
        ("recipes {log} --format json -o {out}", Files, Values),
        (
            "audit {log} --with {server.log} --with {access.log}",
            Text,
            Values,
        ),
        (
            "audit {log} --with {server.log} --with {access.log} --format json",
            Json,
            Values,
        ),
        (
            "audit {log} --with {server.log} --with {access.log} --format csv",
            Csv,
            Values,
        ),
        (
            "audit {log} --with {server.log} --with {access.log} --html -",
            Html,
            Values,
        ),
        (
            "audit {log} --with {server.log} --with {access.log} --html {out}.html",
            Files,
            Values,
        ),
        ("audit {log} --object {object}", Text, Values),
        ("audit {log} --object {object} --format json", Json, Values),
        ("audit {log} --object {object} --format csv", Csv, Values),
        (
            "audit {log} --object {object} --at 2019-01-01",
            Text,
            Values,
        ),
        ("audit {log} --seal {out}.json", Files, Names),
        ("audit {log} --against {seal}", Text, Values),
        (
            "audit {log} --against {altered} --format json",
            Json,
            Values,
        ),
        ("index {log} --index {out}", Files, Names),
        ("index {log}", Files, Names),
        ("index --list --index {index}", Text, Names),
        ("index --list --index {index} --format json", Json, Names),
        ("index --verify --index {index}", Text, Names),
        ("index --verify --index {index} --format json", Json, Names),
        ("tail {log} -n 100000", Text, Names),
        ("tail {log} -n 100000 --format json", JsonLines, Values),
        ("tail {log} request:* -n 100000", Text, Values),
        ("completions bash", Text, Nothing),
        ("completions zsh", Text, Nothing),
        ("completions fish", Text, Nothing),
        ("completions elvish", Text, Nothing),
        ("completions powershell", Text, Nothing),
        ("man", Text, Nothing),
        ("--help", Text, Nothing),
        ("search nothing-has-this-in-it {log}", Text, Nothing),
        ("search ( {log}", Text, Nothing),
    ]
};

const FIELDS_TABLE: &str =
    "search * {log} --all --fields time,service,cid,request.password,request,response";
const FIELDS_CSV: &str =
    "search * {log} --all --format csv --fields service,cid,request.password,request,response";
const ALL_FILES: &str = "examples {log} --failures --max-items 0 --max-text 0 -o {out} --format json \
    --format curl --format python --format httpie --format http --format hurl --format postman \
    --format markdown --format html --format openapi --format openapi-json --format overlay";

/// Those that end with an error.
const WRONG: [&str; 2] = [
    "search ( {log}",
    "audit {log} --against {altered} --format json",
];

/// What the forms are run on.
pub(crate) struct Stage {
    folder: TempDir,
    url: String,
    server: String,
    object: String,
    shows_secrets: bool,
}

/// The logs of a server, and its answers.
pub(crate) struct Logs {
    pub(crate) log: String,
    /// The same calls with other types in them.
    pub(crate) other: String,
    pub(crate) server_log: String,
    pub(crate) access_log: String,
    pub(crate) url: String,
    /// The server's name.
    pub(crate) server: String,
    /// One that changes.
    pub(crate) object: String,
}

/// What a form gave.
pub(crate) struct Made {
    pub(crate) run: Run,
    pub(crate) files: Vec<(PathBuf, Vec<u8>)>,
    /// Where it was told to write.
    pub(crate) folder: PathBuf,
}

/// The call that `tail` has printed when it has printed all.
pub(crate) const LAST_SERVICE: &str = "my.last.ping";

/// No answer takes longer.
const PATIENCE: Duration = Duration::from_secs(60);

/// A document that `--merge` fills.
const BASE: &str = "openapi: 3.1.0\ninfo:\n  title: Ours # comment\n  version: '1'\npaths: {}\n";

impl Stage {
    pub(crate) fn new(logs: &Logs, shows_secrets: bool) -> Self {
        let stage = Self {
            folder: tempfile::tempdir().unwrap(),
            url: logs.url.clone(),
            server: logs.server.clone(),
            object: logs.object.clone(),
            shows_secrets,
        };
        let log = PathBuf::from(stage.log());
        fs::create_dir_all(log.parent().unwrap()).unwrap();
        fs::write(log, &logs.log).unwrap();
        for (name, content) in [
            ("other.log", logs.other.as_str()),
            ("server.log", &logs.server_log),
            ("access.log", &logs.access_log),
            ("base.yaml", BASE),
        ] {
            fs::write(stage.path(name), content).unwrap();
        }
        for setting in [
            "index {log} --index {index}",
            "examples {log} --format json -o {examples}",
            "audit {log} --seal {seal}",
        ] {
            let run = stage.run(
                (setting, Kind::Files, Tells::Values),
                &[],
                &stage.path("none"),
            );
            assert_eq!(run.status, Some(0), "{setting}: {}", run.stderr);
        }
        let seal = fs::read_to_string(stage.path("seal.json")).unwrap();
        let altered = Regex::new("[0-9a-f]{60}")
            .unwrap()
            .replace_all(&seal, "0".repeat(60));
        fs::write(stage.path("altered.json"), &*altered).unwrap();
        stage
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The path of the log.
    pub(crate) fn log(&self) -> String {
        let log = self.path(&self.server).join("logs/admin.log");
        log.to_str().unwrap().to_owned()
    }

    /// The program with the arguments of a form, with `{…}` filled in.
    fn command(&self, form: Form, more: &[&str], out: &Path) -> Command {
        let path = |name: &str| self.path(name).to_str().unwrap().to_owned();
        let places = [
            ("{log}", self.log()),
            ("{other}", path("other.log")),
            ("{server.log}", path("server.log")),
            ("{access.log}", path("access.log")),
            ("{base}", path("base.yaml")),
            ("{index}", path("index")),
            ("{examples}", path("examples")),
            ("{seal}", path("seal.json")),
            ("{altered}", path("altered.json")),
            ("{object}", self.object.clone()),
            ("{url}", self.url.clone()),
            ("{out}", out.join("out").to_str().unwrap().to_owned()),
        ];
        let fill = |argument: &str| {
            let fill = |text: String, (place, with): &(&str, String)| text.replace(place, with);
            places.iter().fold(argument.to_owned(), fill)
        };
        let mut arguments: Vec<String> = form.0.split_whitespace().map(fill).collect();
        let more = if form.0.contains("--schema") {
            &[]
        } else {
            more
        };
        arguments.extend(more.iter().map(|&argument| argument.to_owned()));
        if self.shows_secrets && !matches!(form.2, Tells::Kept | Tells::Nothing) {
            arguments.push("--show-secrets".to_owned());
        }
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let mut command = command(&arguments);
        command
            .env("HOME", out)
            .env("XDG_DATA_HOME", out.join("data"))
            .env("ZATO_USER", "pubapi")
            .env("ZATO_PASSWORD", PASSWORD)
            .env("NO_PROXY", "*")
            .stdin(Stdio::null());
        command
    }

    fn run(&self, form: Form, more: &[&str], out: &Path) -> Run {
        let mut command = self.command(form, more, out);
        let output = command.output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect(form.0);
        Run {
            stdout: text(output.stdout),
            stderr: text(output.stderr),
            status: output.status.code(),
        }
    }

    /// Runs a form, with more arguments behind its own.
    pub(crate) fn make(&self, form: Form, more: &[&str]) -> Made {
        let folder = tempfile::tempdir_in(self.folder.path()).unwrap().keep();
        let run = if form.0.starts_with("tail ") {
            self.follow(form, more, &folder)
        } else {
            self.run(form, more, &folder)
        };
        let is_trouble = WRONG.contains(&form.0);
        assert_eq!(
            run.status == Some(2),
            is_trouble,
            "{}: {}",
            form.0,
            run.seen()
        );
        let mut files = Vec::new();
        read_files(&folder, &mut files);
        Made { run, files, folder }
    }

    /// Follows a log up to its last call.
    fn follow(&self, form: Form, more: &[&str], out: &Path) -> Run {
        let [stdout, stderr] = ["stdout", "stderr"]
            .map(|name| self.path(&format!("{}-{name}", out.file_name().unwrap().display())));
        let mut child = self
            .command(form, more, out)
            .stdout(fs::File::create(&stdout).unwrap())
            .stderr(fs::File::create(&stderr).unwrap())
            .spawn()
            .unwrap();
        let read = |path: &Path| String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned();
        let start = Instant::now();
        let is_over = |printed: &str| {
            let behind = printed.split_once(LAST_SERVICE);
            behind.is_some_and(|(_, rest)| rest.contains('\n'))
        };
        while !is_over(&read(&stdout)) && start.elapsed() < PATIENCE {
            thread::sleep(Duration::from_millis(20));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let run = Run {
            stdout: read(&stdout),
            stderr: read(&stderr),
            status: Some(0),
        };
        assert!(is_over(&run.stdout), "{}: {}", form.0, run.seen());
        run
    }

    /// Runs all forms and returns what `look` says of each, in the order of the table.
    pub(crate) fn each<T: Send>(
        &self,
        more: &[&str],
        look: impl Fn(Form, Made) -> T + Sync,
    ) -> Vec<T> {
        let next = AtomicUsize::new(0);
        let looked = Mutex::new(Vec::new());
        let workers = thread::available_parallelism()
            .map_or(2, usize::from)
            .min(8);
        thread::scope(|scope| {
            for _ in 0..workers {
                scope.spawn(|| {
                    while let Some(&form) = FORMS.get(next.fetch_add(1, Ordering::Relaxed)) {
                        // Without secrets to be shown there are no records to be shown.
                        if form.1 == Kind::Raw && !self.shows_secrets {
                            continue;
                        }
                        let seen = look(form, self.make(form, more));
                        looked.lock().unwrap().push((form.0, seen));
                    }
                });
            }
        });
        let mut looked = looked.into_inner().unwrap();
        looked.sort_by_key(|(form, _)| FORMS.iter().position(|(other, ..)| other == form));
        looked.into_iter().map(|(_, seen)| seen).collect()
    }
}

/// The password of whoever calls the server.
pub(crate) const PASSWORD: &str = "zq5d1b7c9a3e4f-zq8a6e2f0c4b1d";

/// Reads all files below a folder.
pub(crate) fn read_files(folder: &Path, files: &mut Vec<(PathBuf, Vec<u8>)>) {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            read_files(&path, files);
        } else {
            files.push((path.clone(), fs::read(&path).unwrap()));
        }
    }
}

#[test]
fn every_command_and_every_format_is_in_the_table() {
    let help = zalog(&["--help"]).stdout;
    let (_, commands) = help.split_once("Commands:\n").unwrap();
    let (commands, _) = commands.split_once("\n\n").unwrap();
    let name = Regex::new("(?m)^  ([a-z]+) ").unwrap();
    let commands: Vec<&str> = name
        .captures_iter(commands)
        .map(|found| found.get(1).unwrap().as_str())
        .collect();
    assert!(commands.len() > 12, "{commands:?}");
    let mut missing = BTreeSet::new();
    let is_there = |parts: &[&str]| {
        FORMS.iter().any(|(form, ..)| {
            let words: Vec<&str> = form.split_whitespace().collect();
            words[0] == parts[0]
                && words[1..]
                    .windows(parts.len() - 1)
                    .any(|run| *run == parts[1..])
        })
    };
    let choices = Regex::new(r"(?:(--format|--as) <FORMAT>|<SHELL>)[^\[]*(?:\[default: [^\]]*\] )?\[possible values: ([^\]]*)\]").unwrap();
    for command in commands.into_iter().filter(|command| *command != "help") {
        if !FORMS
            .iter()
            .any(|(form, ..)| form.split(' ').next() == Some(command))
        {
            missing.insert(command.to_owned());
        }
        let help = zalog(&[command, "-h"]).stdout;
        let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
        for found in choices.captures_iter(&help) {
            let flag = found.get(1).map(|flag| flag.as_str());
            for value in found[2].split(", ") {
                let parts: Vec<&str> = [Some(command), flag, Some(value)]
                    .into_iter()
                    .flatten()
                    .collect();
                // The default form needs no flag.
                let is_default = help.contains(&format!("[default: {value}]"));
                if !is_default && !is_there(&parts) {
                    missing.insert(parts.join(" "));
                }
            }
        }
        for flag in [
            "--raw",
            "--html",
            "--seal",
            "--against",
            "--object",
            "--at",
            "--diagnostics",
            "--merge",
            "--schema",
            "--group-by",
            "--fields",
            "--list",
            "--verify",
            "--output",
        ] {
            let written = if flag == "--output" { "-o" } else { flag };
            if help.contains(&format!(" {flag} ")) && !is_there(&[command, written]) {
                missing.insert(format!("{command} {flag}"));
            }
        }
    }
    assert_eq!(missing, BTreeSet::new());
}
