//! What is quoted for a language comes back when that language reads it.
#![no_main]

use std::borrow::Cow;
use std::cell::Cell;
use std::process::Command;

use libfuzzer_sys::fuzz_target;
use percent_encoding::percent_decode_str;
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use serde_json::Value;
use zalog::cli::csv_of;
use zalog::export::openapi::read_document;
use zalog::export::{Format, Settings, visible_json};
use zalog::pyrepr::{Notation, Tokens, bytes_to_text, is_obeyed};
use zalog::usage::{Envelope, Example, Schema, Service, is_deeper};
use zalog_fuzz::{html, python, shell};

/// `serde_json` reads no deeper values.
const DEEPEST: usize = 100;

/// A web page is made of inputs whose length is a multiple of this.
const PAGE_EVERY: usize = 5;

/// A shell is started for one input of so many.
const SHELL_EVERY: u32 = 64;

fuzz_target!(|data: &[u8]| {
    let mut parts = data.split(|&byte| byte == 0);
    let name = parts.next().map(bytes_to_text).unwrap_or_default();
    let mut values = parts.map(value);
    let (request, response) = (values.next().unwrap_or_default(), values.next());
    let values = || [Some(&request), response.as_ref()].into_iter().flatten();
    if name.is_empty() || values().any(|value| is_deeper(value, DEEPEST)) {
        return;
    }
    let service = Service {
        examples: vec![Example::of_call(&name, request.clone(), response.clone())],
        name: name.into_owned(),
        calls: 1,
        unanswered: 0,
        request: schema(Some(&request)),
        response: schema(response.as_ref()),
    };
    // An address of IPv6 has brackets.
    let base_url = if data.len().is_multiple_of(2) {
        "http://h:1"
    } else {
        "http://[::1]:1/"
    };
    let settings = Settings {
        base_url: base_url.to_owned(),
    };
    let services = [service];
    let written = |format: Format| {
        let text = format.text(&services, &settings);
        let obeyed = text.chars().find(|&c| c != '\n' && is_obeyed(c));
        assert_eq!(obeyed, None, "{format:?}: {text}");
        text
    };
    let [service] = &services;
    let quoted = Quoted {
        service,
        request: &request,
        response: response.as_ref(),
    };
    quoted.json(&written(Format::Json));
    quoted.in_shell(&[written(Format::Curl), written(Format::Httpie)]);
    quoted.python(&written(Format::Python));
    quoted.http(&written(Format::Http));
    quoted.hurl(&written(Format::Hurl));
    quoted.postman(&written(Format::Postman));
    quoted.markdown(&written(Format::Markdown));
    // The styles of a page are hashed each time, which takes longer than all the rest.
    if data.len().is_multiple_of(PAGE_EVERY) {
        quoted.html(&written(Format::Html));
    }
    is_the_same_in_yaml(&written(Format::OpenapiJson), &written(Format::Openapi));
    let overlay = Format::Overlay
        .openapi_document(&services, &settings)
        .unwrap();
    is_the_same_in_yaml(&overlay.to_string(), &written(Format::Overlay));
    is_read_from_csv(&[&service.name, &request.to_string(), &bytes_to_text(data)]);
});

/// A part of the input as a value of Python, or as text.
fn value(part: &[u8]) -> Value {
    let read = Tokens::new(part, Notation::Repr).into_value();
    read.unwrap_or_else(|_| bytes_to_text(part).into())
}

fn schema(value: Option<&Value>) -> Schema {
    let mut schema = Schema::default();
    if let Some(value) = value {
        let json = value.to_string();
        schema
            .add(Tokens::of_text(&json, Notation::Json), Envelope::None)
            .unwrap();
    }
    schema
}

/// A service, and what it was called with.
struct Quoted<'q> {
    service: &'q Service,
    request: &'q Value,
    response: Option<&'q Value>,
}

impl Quoted<'_> {
    #[track_caller]
    fn is_request(&self, json: &str) {
        assert_eq!(read(json), *self.request);
    }

    #[track_caller]
    fn is_url(&self, url: &str) {
        let (_, segment) = url.rsplit_once('/').unwrap();
        assert_eq!(
            percent_decode_str(segment).decode_utf8().unwrap(),
            self.service.name
        );
        let rest = url
            .strip_prefix("http://h:1")
            .or(url.strip_prefix("http://[::1]:1"));
        assert_eq!(rest, Some(&*format!("/zato/api/invoke/{segment}")));
    }

    fn json(&self, document: &str) {
        let document = read(document);
        let example = &document["examples"][0];
        assert_eq!(example["service"], *self.service.name);
        assert_eq!(example["request"], *self.request);
        assert_eq!(example.get("response"), self.response);
    }

    fn in_shell(&self, scripts: &[String; 2]) {
        let words = scripts.each_ref().map(|script| shell::only_command(script));
        let [curl, httpie] = &words;
        self.is_request(behind(curl, "--data-raw"));
        self.is_url(curl.last().unwrap());
        let raw = httpie
            .iter()
            .find_map(|word| word.strip_prefix("--raw="))
            .unwrap();
        self.is_request(raw);
        self.is_url(behind(httpie, "POST"));
        thread_local!(static COUNT: Cell<u32> = const { Cell::new(0) });
        let count = COUNT.replace(COUNT.get().wrapping_add(1));
        if count.is_multiple_of(SHELL_EVERY) {
            assert_eq!(read_by_shell(scripts), words);
        }
    }

    fn python(&self, program: &str) {
        let (_, request) = program.split_once("\nrequest = ").unwrap();
        // No literal has a line that starts like this.
        let (request, call) = request.split_once("\nprint(invoke(").unwrap();
        assert_eq!(python::value(request), *self.request);
        let (name, rest) = python::text(call);
        assert_eq!(
            percent_decode_str(&name).decode_utf8().unwrap(),
            self.service.name
        );
        is_only_comments(rest.strip_prefix(", request))\n").unwrap());
    }

    fn http(&self, file: &str) {
        let (head, body) = file.split_once("\n\n").unwrap();
        let (comments, request) = head.split_once("\nPOST ").unwrap();
        for (nth, line) in comments.lines().enumerate() {
            let starts = if nth == 0 { "### " } else { "#" };
            assert!(line.starts_with(starts));
            assert!(
                !line.trim_start_matches(['#', ' ']).starts_with('@') || nth == 0,
                "{line}"
            );
            assert!(!line.starts_with("###") || nth == 0);
        }
        let (url, _) = request.split_once(" HTTP/1.1\n").unwrap();
        self.is_url(url);
        assert!(!body.contains("{{"));
        self.is_request(body);
    }

    fn hurl(&self, file: &str) {
        let (head, rest) = file.split_once("\n```json\n").unwrap();
        let (_, url) = head.split_once("\nPOST ").unwrap();
        self.is_url(url.lines().next().unwrap());
        let (body, rest) = rest.split_once("\n```\n").unwrap();
        assert!(!body.contains("{{") && !body.contains("```"));
        self.is_request(body);
        let (_, checks) = rest.split_once("HTTP 200\n").unwrap();
        for line in checks.lines() {
            if let Some(check) = line.strip_prefix("jsonpath ") {
                self.holds(check);
            } else {
                let known = ["", "[Asserts]", "bytes count > 0"];
                assert!(known.contains(&line) || line.starts_with('#'), "{line}");
            }
        }
    }

    /// Whether a check of Hurl, such as `"$.a" isString`, is true of the response.
    fn holds(&self, check: &str) {
        let (path, predicate) = check.rsplit_once(' ').unwrap();
        let path = path
            .strip_prefix('"')
            .and_then(|path| path.strip_suffix('"'))
            .unwrap();
        let path = unescaped(path);
        let found = at_path(self.response.unwrap(), path.strip_prefix('$').unwrap());
        let holds = match predicate {
            "exists" => true,
            "isBoolean" => found.is_boolean(),
            "isInteger" => found.is_i64(),
            "isNumber" => found.is_number(),
            "isString" => found.is_string(),
            "isList" => found.is_array(),
            "isObject" => found.is_object(),
            other => panic!("{other}"),
        };
        assert!(holds, "{check}");
    }

    fn postman(&self, collection: &str) {
        let collection = read(collection);
        let request = &collection["item"][0]["request"];
        let body = request["body"]["raw"].as_str().unwrap();
        assert!(!body.contains("{{"));
        self.is_request(body);
        let segment = request["url"]["path"][3].as_str().unwrap();
        assert_eq!(
            percent_decode_str(segment).decode_utf8().unwrap(),
            self.service.name
        );
    }

    fn markdown(&self, page: &str) {
        let mut blocks = Vec::new();
        let mut block: Option<(String, String)> = None;
        for event in Parser::new_ext(page, Options::ENABLE_TABLES) {
            match event {
                Event::Start(Tag::CodeBlock(kind)) => {
                    let CodeBlockKind::Fenced(language) = kind else {
                        panic!("nothing is indented: {page}");
                    };
                    block = Some((language.to_string(), String::new()));
                }
                Event::End(TagEnd::CodeBlock) => blocks.extend(block.take()),
                Event::Text(text) => {
                    if let Some((_, code)) = &mut block {
                        code.push_str(&text);
                    }
                }
                Event::Html(html) | Event::InlineHtml(html) => {
                    let is_ours = ["<code>", "</code>", "</a>", "\n"].contains(&&*html)
                        || (html.starts_with("<a id=\"") && html.matches(['<', '"']).count() <= 4);
                    assert!(is_ours, "{html} in {page}");
                }
                Event::Start(Tag::Link { dest_url, .. }) => assert!(dest_url.starts_with('#')),
                Event::Start(Tag::Image { .. }) => panic!("there is no picture: {page}"),
                _ => {}
            }
        }
        self.are_blocks(&blocks);
    }

    fn html(&self, page: &str) {
        self.are_blocks(&html::code_blocks(page));
    }

    /// Whether these blocks of a page, each with its language, show the example.
    fn are_blocks(&self, blocks: &[(String, String)]) {
        let [(_, bash), (_, python), shown @ ..] = blocks else {
            panic!("two snippets come first");
        };
        self.is_request(behind(&shell::only_command(bash), "--data-raw"));
        let (_, request) = python.split_once("\nrequest = ").unwrap();
        let (request, _) = request.split_once("\nprint(invoke(").unwrap();
        assert_eq!(python::value(request), *self.request);
        let response = self.response.filter(|response| !response.is_null());
        let values: Vec<&Value> = [Some(self.request), response]
            .into_iter()
            .flatten()
            .collect();
        assert_eq!(shown.len(), values.len());
        for ((language, code), value) in shown.iter().zip(values) {
            match value {
                Value::String(text) => {
                    let is_shown = |c: char| c == '\n' || !is_obeyed(c);
                    let visible: String = text
                        .chars()
                        .map(|c| if is_shown(c) { c } else { '\u{fffd}' })
                        .collect();
                    assert_eq!(language, "text");
                    assert_eq!(code.trim_end_matches('\n'), visible.trim_end_matches('\n'));
                }
                // A long one is cut.
                value if value.to_string().len() < 16_000 => assert_eq!(read(code), *value),
                _ => {}
            }
        }
    }
}

/// The word behind an option.
fn behind<'w>(words: &'w [String], option: &str) -> &'w str {
    let place = words.iter().position(|word| word == option).unwrap();
    &words[place + 1]
}

#[track_caller]
fn read(json: &str) -> Value {
    serde_json::from_str(json).unwrap_or_else(|error| panic!("{error} in {json}"))
}

fn is_only_comments(text: &str) {
    for line in text.lines() {
        assert!(line.is_empty() || line.starts_with('#'), "{line}");
    }
}

/// The words of the commands as `sh` reads them.
fn read_by_shell(scripts: &[String; 2]) -> [Vec<String>; 2] {
    scripts.each_ref().map(|script| {
        // Whatever a script does, there are no programs.
        let words = "for word in \"$@\"; do printf '%s\\0' \"$word\"; done";
        let script = format!("curl() {{ {words}; }}\nhttp() {{ {words}; }}\n{script}");
        let output = Command::new("/bin/sh")
            .args(["-c", &script])
            .env_clear()
            .env("PATH", "/nonexistent")
            .env("ZATO_USER", "$ZATO_USER")
            .env("ZATO_PASSWORD", "$ZATO_PASSWORD")
            .output()
            .unwrap();
        assert!(
            output.status.success() && output.stderr.is_empty(),
            "{script}"
        );
        let printed = String::from_utf8(output.stdout).unwrap();
        let command = if script.contains("\nhttp ") {
            "http"
        } else {
            "curl"
        };
        let words = printed.split_terminator('\0').map(str::to_owned);
        std::iter::once(command.to_owned()).chain(words).collect()
    })
}

/// Undoes the escapes of a string of Hurl.
fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, escaped)) = rest.split_once('\\') {
        assert!(!before.contains('"') && !before.contains("{{"));
        out.push_str(before);
        if let Some(code) = escaped.strip_prefix("u{") {
            let (code, behind) = code.split_once('}').unwrap();
            out.push(char::from_u32(u32::from_str_radix(code, 16).unwrap()).unwrap());
            rest = behind;
        } else {
            let c = escaped.chars().next().unwrap();
            assert!(matches!(c, '"' | '\\'));
            out.push(c);
            rest = &escaped[c.len_utf8()..];
        }
    }
    assert!(!rest.contains('"') && !rest.contains("{{"));
    out + rest
}

/// The value at a JSONPath of members and first items.
fn at_path<'v>(value: &'v Value, path: &str) -> &'v Value {
    if path.is_empty() {
        return value;
    }
    if let Some(rest) = path.strip_prefix("[0]") {
        return at_path(&value[0], rest);
    }
    let (name, rest) = if let Some(path) = path.strip_prefix('.') {
        let end = path.find(['.', '[']).unwrap_or(path.len());
        (path[..end].to_owned(), &path[end..])
    } else {
        let mut rest = path.strip_prefix("['").unwrap();
        let mut name = String::new();
        loop {
            let c = rest.chars().next().unwrap();
            rest = &rest[c.len_utf8()..];
            match c {
                '\'' => break,
                '\\' => {
                    let c = rest.chars().next().unwrap();
                    rest = &rest[c.len_utf8()..];
                    if c == 'u' {
                        let code = u32::from_str_radix(&rest[..4], 16).unwrap();
                        name.push(char::from_u32(code).unwrap());
                        rest = &rest[4..];
                    } else {
                        name.push(c);
                    }
                }
                c => name.push(c),
            }
        }
        (name, rest.strip_prefix(']').unwrap())
    };
    at_path(value.get(&name).unwrap(), rest)
}

/// Whether a document says in YAML what it says in JSON.
fn is_the_same_in_yaml(json: &str, yaml: &str) {
    let (json, yaml) = (read(json), read_document(yaml).unwrap());
    assert!(is_same(&json, &yaml), "{json}\n{yaml}");
}

/// Equality, but for the notation of numbers.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            one == other || one.as_f64() == other.as_f64()
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .zip(other)
                    .all(|(one, other)| is_same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            let entries = one.iter().zip(other);
            one.len() == other.len()
                && entries
                    .into_iter()
                    .all(|(one, other)| one.0 == other.0 && is_same(one.1, other.1))
        }
        (one, other) => one == other,
    }
}

fn is_read_from_csv(cells: &[&str]) {
    let cells_of = |cells: &[&'static str]| cells.iter().copied().map(Cow::Borrowed).collect();
    let header: Vec<Cow<'_, str>> = cells_of(&["name", "request", "data"]);
    let row = cells.iter().map(|cell| Cow::Borrowed(*cell)).collect();
    // Readers take a byte order mark away, if it is the first of all.
    let written = csv_of([header, row]);
    let mut reader = csv::Reader::from_reader(&*written);
    let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().unwrap();
    assert_eq!(rows.len(), 1);
    // Apostrophes stand before what would be a formula.
    let without_marks = |cell: &str| {
        let signs = [
            "=", "+", "-", "@", "\u{ff1d}", "\u{ff0b}", "\u{ff0d}", "\u{ff20}",
        ];
        signs.iter().fold(cell.to_owned(), |cell, sign| {
            cell.replace(&format!("'{sign}"), sign)
        })
    };
    for (found, cell) in rows[0].iter().zip(cells) {
        for start in found.split([';', '\n']) {
            assert!(!start.starts_with(['=', '+', '-', '@', '\t', '\r']));
        }
        assert_eq!(without_marks(found), without_marks(&visible_json(*cell)));
    }
}
