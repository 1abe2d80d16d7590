//! What a log holds is text in every form: nothing of it is obeyed by a terminal, a browser, a
//! spreadsheet, a shell, or whatever else reads that form.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use percent_encoding::percent_decode_str;
use regex::Regex;
use serde_json::Value;
use zalog::export::Format;
use zalog::export::openapi::read_document;

use crate::forms::{Kind, LAST_SERVICE, Logs, Made, Stage, read_files};
use crate::hostile::repr;
use crate::pages::is_text_in_markdown;
use crate::server::serve;
use crate::zalog::{zalog, zalog_with_input};

/// Values and keys, and names of objects.
const TEXTS: [&str; 86] = [
    // A terminal
    "\x1b[7mzz",
    "\x1b]8;;http://192.0.2.1\x1b\\zz",
    "\x1b]52;c;enp6\x07",
    "\u{9b}7mzz",
    "\u{9d}52;c;x\u{9c}",
    "a\rb",
    "a\x08\x08b",
    "\x07",
    "\0",
    "\x7f",
    "\u{202e}zz\u{202d}",
    "\u{2066}x\u{2069}",
    "\u{200f}\u{61c}",
    "\u{2028}x\u{2029}",
    "\u{feff}x",
    // A browser
    "<zz-planted>",
    "\"><img src=x onerror=zz()>",
    "' onmouseover='zz()",
    "</script><zz-planted>",
    "</style></title><zz-planted>",
    "<!--<zz-planted>",
    "--><zz-planted>",
    "]]><zz-planted>",
    "javascript:zz()",
    "&lt;zz-planted&gt;",
    // A spreadsheet
    "=1+1",
    "+1",
    "-1+1",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "=cmd|'/c calc'!A1",
    "x;=1+1;x",
    "x; \"@zz",
    "x\n=1+1\nx",
    "a,\"b\"\n=1",
    // Markdown
    "`",
    "``",
    "```\n<zz-planted>\n```",
    "``````\n# zz\n```",
    "~~~~\n<zz-planted>",
    "a|b\\|c",
    "](javascript:zz())",
    "![x](http://192.0.2.1/zz)",
    "[x]: javascript:zz()",
    "<!-- zz -->",
    "# zz\n===\n\n    code",
    "<javascript:zz()>",
    // A shell
    "'",
    "''",
    "$(touch zz)",
    "`touch zz`",
    "!!",
    "a;touch zz\ntouch zz",
    "'; touch zz; '",
    "\\",
    "\\\n",
    "\"$HOME\"",
    "JSON\n",
    "\nJSON\ntouch zz",
    "-d",
    // curl
    "@/etc/hostname",
    "@-",
    "<zz",
    // Python
    "\\N{BULLET}",
    "'''",
    "\"\"\"",
    "\\x41\\u0041",
    "{0} %s",
    "\\'",
    // YAML
    "a: b",
    "# zz",
    "a #zz",
    "!!python/object/apply:os.system [zz]",
    "&anchor",
    "*alias",
    "---",
    "...",
    "- x",
    "? x",
    "| x",
    "~",
    "yes",
    "0x10",
    "\u{ffff}",
    "../../zz",
];

/// Names of services; those of all logs have no backtick.
const NAMES: [&str; 29] = [
    "\x1b[7mzz",
    "\u{9b}7mzz",
    "\u{202e}zz",
    "<zz-planted>",
    "\"><img src=x onerror=zz()>",
    "</script><zz-planted>",
    "javascript:zz()",
    "=1+1",
    "+1",
    "-1",
    "@zz",
    "a|b",
    "<!-- zz -->",
    "it's",
    "$(touch zz)",
    "';touch zz;'",
    "a\\",
    "a: b #c",
    "*alias",
    "../../zz",
    "/etc/zz",
    "..",
    ".zz",
    "NUL",
    "con",
    "COM1.txt",
    "zz.",
    "zz ",
    "Zz",
];

/// A server's name, which is that of a folder.
const SERVER: &str = "\x1b[7m\u{202e}\u{9b}7m<zz-planted>'$(touch zz)";

fn record(service: &str, cid: &str, nth: usize, kind: &str, payload: &str) -> String {
    format!(
        "2018-11-11 22:{:02}:{:02},{:03} - INFO - 1:Dummy-1 - zato_admin:0 - {kind}; \
         service:`{service}`, data:`{payload}` cid:`{cid}`, \n",
        nth / 60 % 60,
        nth % 60,
        usize::from(kind == "Response"),
    )
}

fn logs() -> Logs {
    let mut log = String::new();
    let mut call = |service: &str, cid: &str, request: &str, response: Option<&str>| {
        let nth = log.len() / 100;
        log += &record(service, cid, nth, "Request", request);
        if let Some(response) = response {
            log += &record(service, cid, nth, "Response", response);
        }
    };
    let mut all = String::new();
    let (mut server_log, mut access_log) = (String::new(), String::new());
    for (nth, text) in TEXTS.iter().enumerate() {
        let value = repr(text);
        let payload = format!(
            "{{'id': {nth}, 'name': {value}, 'password': {value}, {value}: [{value}, {{{value}: {value}}}]}}"
        );
        let cid = format!("\x1b[7m<zz-planted>{nth:x}");
        // A chain of calls, which uses what it has made.
        let short = format!("{{'name': {value}, 'password': {value}}}");
        let made = format!("{{'id': {}, 'name': {value}}}", 70_000 + nth);
        call("zato.outgoing.sql.create", &cid, &short, Some(&made));
        if nth % 4 == 1 {
            let edited = format!("{{'id': {}, {value}: {value}}}", 70_000 + nth);
            call(
                "zato.outgoing.sql.edit",
                &format!("e{nth:x}"),
                &edited,
                Some(&made),
            );
        }
        call(
            &format!("my.x{nth}.get-list"),
            &format!("c{nth:x}"),
            &payload,
            Some(&payload),
        );
        // An answer that is no repr: all of it is text. What would end it is told otherwise.
        if !text.contains('`') {
            call(
                &format!("my.x{nth}.ping"),
                &format!("p{nth:x}"),
                "{'id': 1}",
                Some(text),
            );
        }
        if nth % 4 == 0 {
            call("my.fails.edit", &format!("f{nth:x}"), &short, None);
        }
        let line: String = text.chars().filter(|c| !matches!(c, '\n' | '"')).collect();
        writeln!(
            server_log,
            "2018-11-11 22:30:00,000 - INFO - 1:Dummy-1 - zato_rest:0 - Caught an exception, cid:`f{nth:x}`, \
             status_code:`500`, `Traceback (most recent call last):\nValueError: {line}\n`"
        )
        .unwrap();
        writeln!(
            access_log,
            "{line} {cid}/1.5 \"{line}\" [11/Nov/2018:22:01:57 +0100] \"POST /{line} HTTP/1.1\" 500 1970 \"-\" \"{line}\""
        )
        .unwrap();
        write!(all, "{value}: {value}, ").unwrap();
    }
    for (nth, name) in NAMES.iter().enumerate() {
        for (verb, end) in [("", "n"), (".create", "m")] {
            let cid = format!("{end}{nth:x}");
            call(
                &format!("{name}{verb}"),
                &cid,
                &format!("{{'id': {}}}", 5000 + nth),
                Some(&format!("{{'id': {}}}", 5000 + nth)),
            );
        }
    }
    let all = format!("{{{all}'a': 1}}");
    call("my.rich.get", "rich", &all, Some(&all));
    call(
        "my.torn.get",
        "torn",
        "{'a': '\x1b[7m<zz-planted>\u{202e}', !",
        Some("\x1b[7m<zz-planted> {'"),
    );
    call(LAST_SERVICE, "last", "{'id': 1}", Some("{'a': 1}"));
    let (url, _requests) = serve(|request| {
        let nth = request.path.len() % 2;
        let text = TEXTS.concat();
        (
            [200, 500][nth],
            [Value::from(text.as_str()).to_string(), text][nth].clone(),
        )
    });
    Logs {
        other: log.replace("'id': ", "'id': -1.5, 'was': "),
        log,
        server_log,
        access_log,
        url,
        server: SERVER.to_owned(),
        object: format!("outgoing.sql/{}", TEXTS[15]),
    }
}

/// Whether a terminal obeys it, or it turns what is around it: newlines are what they are.
fn is_obeyed(c: char) -> bool {
    let turns = matches!(
        c,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
    );
    c != '\n' && (c.is_control() || turns)
}

/// zalog's own colours.
static COLOURS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new("\x1b\\[(?:0|1|2|1;31|31|32|33|35|36)m").unwrap());

/// What is wrong with what a form gave.
#[derive(Default)]
struct Faults {
    wrong: Vec<String>,
    scripts: Vec<PathBuf>,
    programs: Vec<PathBuf>,
}

impl Faults {
    fn unless(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            let what: String = what().chars().take(300).collect();
            self.wrong.push(what.escape_debug().to_string());
        }
    }

    /// Nothing in a text is obeyed, but for zalog's own colours.
    fn is_quiet(&mut self, text: &str) {
        let text = COLOURS.replace_all(text, "");
        let found = text.char_indices().find(|(_, c)| is_obeyed(*c));
        self.unless(found.is_none(), || {
            let at = found.map_or(0, |(at, _)| at);
            let around = text[..at].chars().rev().take(60).collect::<Vec<_>>();
            format!(
                "{:?} behind {}",
                found,
                around.iter().rev().collect::<String>()
            )
        });
    }

    fn look(&mut self, kind: Kind, text: &str, file: impl Fn() -> PathBuf) {
        if kind != Kind::Raw {
            self.is_quiet(text);
        }
        let text = &*COLOURS.replace_all(text, "");
        match kind {
            // By design, raw records are for programs that read such, byte by byte.
            Kind::Text | Kind::Requests | Kind::Files | Kind::Raw => {}
            Kind::Json => {
                let read: Result<Value, _> = serde_json::from_str(text);
                self.unless(read.is_ok(), || format!("{read:?}"));
            }
            Kind::JsonLines => {
                let wrong = text
                    .lines()
                    .find(|line| serde_json::from_str::<Value>(line).is_err());
                self.unless(wrong.is_none(), || format!("{wrong:?}"));
            }
            Kind::Csv => self.is_safe_in_a_spreadsheet(text),
            Kind::Html => self.is_text_in_html(text),
            Kind::Markdown => drop(is_text_in_markdown("", text)),
            Kind::Yaml => {
                let read = read_document(text);
                self.unless(read.is_ok(), || format!("{read:?}"));
            }
            Kind::Shell => self.scripts.push(file()),
            Kind::Python => self.programs.push(file()),
        }
    }

    /// What would be a formula stands behind an apostrophe.
    fn is_safe_in_a_spreadsheet(&mut self, text: &str) {
        let mut rows = csv::ReaderBuilder::new()
            .has_headers(false)
            .from_reader(text.as_bytes());
        let starts_formula =
            |cell: &str| cell.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']);
        let mut count = 0;
        for row in rows.records() {
            self.unless(row.is_ok(), || format!("{row:?}"));
            let row = row.unwrap_or_default();
            count += 1;
            let formula = row.iter().find(|cell| starts_formula(cell));
            self.unless(formula.is_none(), || format!("{formula:?} in {row:?}"));
        }
        // Where decimals have a comma, cells are split at semicolons, and few quotes are seen.
        let mut cells = text
            .split([';', '\n'])
            .map(|cell| cell.trim_start_matches(['"', ' ']));
        let formula = cells.find(|cell| starts_formula(cell));
        self.unless(formula.is_none(), || {
            format!("{formula:?} behind a semicolon")
        });
        self.unless(count > 1, || "no rows".to_owned());
    }

    /// No element, attribute or address comes from a log.
    fn is_text_in_html(&mut self, page: &str) {
        static RAW: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new("(?s)(<script[^>]*>).*?</script>|(<style[^>]*>).*?</style>").unwrap()
        });
        static TAG: LazyLock<Regex> = LazyLock::new(|| Regex::new("<[^>]*>").unwrap());
        static VALUE: LazyLock<Regex> =
            LazyLock::new(|| Regex::new("([a-z-]+)=\"([^\"]*)\"").unwrap());
        self.unless(!page.contains("<zz-planted"), || "an element".to_owned());
        let outside = RAW.replace_all(page, "$1$2");
        for tag in TAG.find_iter(&outside).map(|tag| tag.as_str()) {
            for value in VALUE.captures_iter(tag) {
                let is_address = ["href", "src", "action"].contains(&&value[1]);
                let is_safe = !is_address
                    || value[2].starts_with(['#', '.'])
                    || !value[2].contains([':', '/'])
                    || &value[2] == "data:,";
                self.unless(is_safe && !value[1].starts_with("on"), || tag.to_owned());
            }
            let rest = VALUE.replace_all(tag, "");
            self.unless(
                !rest.contains("zz") && !rest.contains(['"', '\'', '=']),
                || tag.to_owned(),
            );
        }
    }
}

/// The kind of a file that examples and the like are written in.
fn kind_of(path: &Path) -> Option<Kind> {
    Some(match path.extension()?.to_str()? {
        "sh" => Kind::Shell,
        "py" => Kind::Python,
        "json" => Kind::Json,
        "yaml" => Kind::Yaml,
        "md" => Kind::Markdown,
        "html" => Kind::Html,
        "http" | "hurl" => Kind::Requests,
        _ => return None,
    })
}

fn faults_of(form: &str, kind: Kind, made: &Made) -> Faults {
    let mut faults = Faults::default();
    faults.look(kind, &made.run.stdout, || {
        let path = made.folder.join(if kind == Kind::Shell {
            "printed.sh"
        } else {
            "printed.py"
        });
        fs::write(&path, &made.run.stdout).unwrap();
        path
    });
    faults.is_quiet(&made.run.stderr);
    // An index is read by zalog alone.
    for (path, content) in made.files.iter().filter(|_| !form.starts_with("index ")) {
        match (kind_of(path), String::from_utf8(content.clone())) {
            (Some(kind), Ok(text)) => faults.look(kind, &text, || path.clone()),
            (kind, text) => {
                faults.unless(false, || format!("{} {kind:?} {text:?}", path.display()));
            }
        }
    }
    faults
}

#[test]
fn no_form_is_more_than_text() {
    let stage = Stage::new(&logs(), true);
    let looked = stage.each(&["--color", "always"], |form, made| {
        assert!(
            made.run.status.is_some_and(|status| status < 101),
            "{form:?}: {}",
            made.run.stderr
        );
        (form.0, faults_of(form.0, form.1, &made))
    });
    let wrong: Vec<String> = looked
        .iter()
        .flat_map(|(form, looked)| {
            looked
                .wrong
                .iter()
                .take(3)
                .map(move |fault| format!("{form}: {fault}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let scripts: Vec<&PathBuf> = looked
        .iter()
        .flat_map(|(_, looked)| &looked.scripts)
        .collect();
    let programs: Vec<&PathBuf> = looked
        .iter()
        .flat_map(|(_, looked)| &looked.programs)
        .collect();
    assert!(scripts.len() > 100 && programs.len() > 100);
    are_scripts(&scripts);
    are_programs(&programs);
}

/// Runs a program, and shows what it says if it fails; what is not here is skipped.
#[track_caller]
fn succeeds(command: &mut Command) {
    match command.output() {
        Ok(output) => assert!(
            output.status.success(),
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        ),
        Err(error) => eprintln!("skipped: {}: {error}", command.get_program().display()),
    }
}

/// A shell reads them to their ends.
#[track_caller]
fn are_scripts(paths: &[&PathBuf]) {
    let each = "for script do sh -n \"$script\" || exit; done";
    succeeds(Command::new("sh").args(["-c", each, "sh"]).args(paths));
}

#[track_caller]
fn are_programs(paths: &[&PathBuf]) {
    let each =
        "import ast, sys\nfor name in sys.argv[1:]: ast.parse(open(name, 'rb').read(), name)";
    succeeds(Command::new("python3").args(["-c", each]).args(paths));
}

/// Stands in the place of curl: keeps its arguments, and its input where that is the body.
const KEEPER: &str = r#"#!/bin/sh
{ printf '%s\0' "$@"
printf '\1'
case " $* " in *' @- '*) cat ;; esac
printf '\2'; } >>"$KEPT"
"#;

#[cfg(unix)]
#[test]
fn curl_is_given_what_was_logged() {
    use std::os::unix::fs::PermissionsExt as _;

    let stage = Stage::new(&logs(), true);
    let log = stage.log();
    let folder = tempfile::tempdir().unwrap();
    let examples = |format: &str| {
        let run = zalog(&["examples", &log, "--show-secrets", "--format", format]);
        assert_eq!(run.status, Some(0), "{}", run.stderr);
        run.stdout
    };
    let (keeper, kept) = (folder.path().join("curl"), folder.path().join("kept"));
    let script = folder.path().join("script.sh");
    fs::write(&keeper, KEEPER).unwrap();
    fs::set_permissions(&keeper, fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(&script, examples("curl")).unwrap();
    let path = std::env::var("PATH").unwrap();
    succeeds(
        Command::new("sh")
            .arg(&script)
            .current_dir(folder.path())
            .env("PATH", format!("{}:{path}", folder.path().display()))
            .env("KEPT", &kept)
            .env("ZATO_USER", "u")
            .env("ZATO_PASSWORD", "p"),
    );
    // Nothing else was run.
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
    let kept = fs::read_to_string(&kept).unwrap();
    let calls = kept
        .split('\u{2}')
        .filter(|call| !call.is_empty())
        .map(|call| {
            let (arguments, body) = call.split_once('\u{1}').unwrap();
            let arguments: Vec<&str> = arguments.split('\0').collect();
            let data = arguments
                .iter()
                .position(|argument| *argument == "--data-raw");
            let body = data.map_or(body, |at| arguments[at + 1]);
            let url = arguments
                .iter()
                .find(|argument| argument.starts_with("http"))
                .unwrap();
            let service = url.rsplit_once('/').unwrap().1;
            let service = percent_decode_str(service).decode_utf8().unwrap();
            let body: Value = serde_json::from_str(body).expect(call);
            format!("{service} {body}")
        });
    let mut sent: Vec<String> = calls.collect();
    let document: Value = serde_json::from_str(&examples("json")).unwrap();
    let logged = document["examples"].as_array().unwrap().iter();
    let mut logged: Vec<String> = logged
        .map(|example| {
            format!(
                "{} {}",
                example["service"].as_str().unwrap(),
                example["request"]
            )
        })
        .collect();
    sent.sort();
    logged.sort();
    assert_eq!(sent, logged);
    assert!(sent.len() > TEXTS.len(), "{}", sent.len());
}

#[test]
fn yaml_holds_what_json_does() {
    let stage = Stage::new(&logs(), true);
    let log = stage.log();
    let document = |format: &str| {
        let run = zalog(&["examples", &log, "--show-secrets", "--format", format]);
        assert_eq!(run.status, Some(0), "{}", run.stderr);
        run.stdout
    };
    let (yaml, json) = (document("openapi"), document("openapi-json"));
    let expected: Value = serde_json::from_str(&json).unwrap();
    assert!(read_document(&yaml).unwrap() == expected);
}

#[test]
fn no_name_leaves_its_folder_or_takes_the_file_of_another() {
    let long = "x".repeat(300);
    let more = [
        "zz",
        "nul.",
        "aux",
        "zz..",
        "a/../../zz",
        "C:\\zz",
        "e\u{301}",
        "\u{e9}",
        &long,
        &format!("{long}y"),
        "index",
        "INDEX",
    ];
    let names: Vec<&str> = NAMES.iter().copied().chain(more).collect();
    let mut log = String::new();
    for (nth, name) in names.iter().enumerate() {
        for kind in ["Request", "Response"] {
            log += &record(
                name,
                &format!("{nth:x}"),
                nth,
                kind,
                &format!("{{'id': {nth}}}"),
            );
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("a/b/out");
    for format in Format::ALL {
        let output = output.join(format.as_str());
        let run = zalog_with_input(
            &[
                "examples",
                "-",
                "--format",
                format.as_str(),
                "-o",
                output.to_str().unwrap(),
            ],
            log.as_bytes(),
        );
        assert_eq!(run.status, Some(0), "{}", run.stderr);
        let mut files = Vec::new();
        read_files(&output, &mut files);
        let names_of_files = files.iter().map(|(path, _)| {
            path.strip_prefix(&output)
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned()
        });
        let names_of_files: Vec<String> = names_of_files.collect();
        let whole = ["postman", "openapi", "openapi-json", "overlay"];
        let indexed = usize::from(["markdown", "html"].contains(&format.as_str()));
        let count = if whole.contains(&format.as_str()) {
            1
        } else {
            names.len() + indexed
        };
        assert_eq!(names_of_files.len(), count, "{names_of_files:?}");
        // Some file systems take names for one that differ in the case of their letters only.
        let folded: BTreeSet<String> = names_of_files
            .iter()
            .map(|name| name.to_lowercase())
            .collect();
        assert_eq!(folded.len(), count, "{names_of_files:?}");
        let is_bare = |c: char| c.is_ascii_alphanumeric() || "._-%~".contains(c);
        for name in &names_of_files {
            let base = name.split('.').next().unwrap().to_lowercase();
            let is_device = ["con", "prn", "aux", "nul", "com1"].contains(&&*base);
            let is_good = name.chars().all(is_bare) && !name.starts_with('.') && name.len() < 200;
            assert!(is_good && !is_device, "{name}");
        }
    }
    for (outer, inner) in [("", "a"), ("a", "b"), ("a/b", "out")] {
        let found: Vec<_> = fs::read_dir(folder.path().join(outer))
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(found, [inner]);
    }
}
