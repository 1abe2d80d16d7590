//! `zalog examples --format openapi`: documents that other programs accept, and documents of others
//! that are filled.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::zalog::{Run, fixture, zalog, zalog_with_input};

const FIXTURES: [&str; 9] = [
    "1.1/server.log",
    "2.0",
    "3.0",
    "3.2",
    "3.2-live",
    "3.2-two-workers",
    "4.1",
    "4.1-live",
    "documented",
];

fn call(cid: u32, service: &str, request: &str, response: Option<&str>) -> String {
    let record = |kind: &str, payload: &str| {
        format!(
            "2018-11-11 22:01:57,123 - INFO - 1:Dummy-1 - zato_admin:0 - {kind}; \
             service:`{service}`, data:`{payload}` cid:`{cid}`, \n"
        )
    };
    let response = response.map(|response| record("Response", response));
    record("Request", request) + &response.unwrap_or_default()
}

/// Calls of services whose names, keys and values are those that documents break on.
fn hostile_log() -> String {
    let deep = |depth: usize| format!("{}1{}", "{'a': [".repeat(depth), "]}".repeat(depth));
    let long_key = format!("{{'{}': {{'x': 1}}}}", "k".repeat(3000));
    let payloads = [
        "{'$ref': '#/x', 'a/b~1c~0': 1, '~1/': None, '': '', '<<': 1, '? x': ': y', 'no': 'yes'}",
        "{'n': 123456789012345678901234567890123, 'f': 1e+300, 'g': 1e-7, 'h': -0.0, 'i': nan}",
        "{'type': 'object', 'properties': {'properties': {'type': 5}}, 'required': 'x', 'example': 1}",
        "{'t': 'a\\n\\n  b: |\\n\\t- c #d', 'u': '\\x00\\x1b[31m\\u202e\\ufffe\\uffff\\ud83d\\ude00', 'v': '2018-11-11'}",
        "{'t': '{{x}} <script>alert(1)</script> `${y}`', 'list': [[], [[]], {}, [1, 'a', None]]}",
        "{'t': '12:30:45', 'o': '0o17', 'e': '1e3', 'x': '0x1f', 'tilde': '~', 'eq': '='}",
        &long_key,
        &deep(30),
        &deep(200),
    ];
    let services = [
        "zato.http-soap.create",
        "a b/../{id}?x=1#y%41",
        "żółw.😀",
        "it's \"so\" \\ here",
        "- no: *yes &x !y |",
        "Zato.Http-Soap.Create",
        "zato.http_soap.create",
        "..",
        "paths",
        "\u{202e}evil",
        "$ref",
    ];
    let mut cid = 0;
    let mut log = String::new();
    for service in services {
        for payload in payloads {
            cid += 1;
            log.push_str(&call(cid, service, payload, Some(payload)));
        }
    }
    log
}

/// Whether a program is here.
fn is_here(program: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    let command = command.args(arguments).stdout(Stdio::null());
    let status = command.stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

/// Runs a Python program of the tests; nothing if the modules that it needs are not here.
fn python(program: &str, modules: &str, input: &str) -> Option<String> {
    if !is_here("python3", &["-c", &format!("import {modules}")]) {
        eprintln!("skipped: python3 is not here, or lacks one of these: {modules}");
        return None;
    }
    let mut python = Command::new("python3")
        .args(["-X", "utf8", "-c", program])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = python.stdin.take().unwrap();
    stdin.write_all(input.as_bytes()).unwrap();
    drop(stdin);
    let output = python.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    Some(String::from_utf8(output.stdout).unwrap())
}

/// Holds documents against the specification, and their examples against their schemas.
#[track_caller]
fn are_valid(files: &[String]) {
    let modules = "openapi_spec_validator, jsonschema, yaml";
    if let Some(counts) = python(
        include_str!("openapi.py"),
        modules,
        &(files.join("\n") + "\n"),
    ) {
        assert_eq!(counts.lines().count(), files.len());
    }
    are_accepted_by_redocly(files);
}

#[track_caller]
fn are_accepted_by_redocly(files: &[String]) {
    if !is_here("redocly", &["--version"]) {
        eprintln!("skipped: there is no redocly here to check documents with");
        return;
    }
    let output = Command::new("redocly")
        .args(["lint", "--extends=recommended", "--format=summary"])
        .args(files)
        .env("REDOCLY_TELEMETRY", "off")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let found = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{found}{said}");
}

#[track_caller]
fn written(run: &Run, folder: &Path, name: &str) -> String {
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    let file = folder.join(name);
    fs::write(&file, &run.stdout).unwrap();
    file.to_str().unwrap().to_owned()
}

#[test]
fn documents_are_valid_and_examples_fit_their_schemas() {
    let folder = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    for name in FIXTURES {
        let log = fixture(name);
        let stem = name.replace('/', "-");
        let yaml = zalog(&["examples", &log, "--format", "openapi"]);
        files.push(written(&yaml, folder.path(), &format!("{stem}.yaml")));
        let json = zalog(&[
            "examples",
            &log,
            "--format",
            "openapi-json",
            "--per-service",
            "9",
            "--failures",
            "--max-items",
            "0",
            "--max-text",
            "3",
        ]);
        files.push(written(&json, folder.path(), &format!("{stem}.json")));
    }
    are_valid(&files);
}

#[test]
fn documents_of_hostile_calls_are_valid() {
    let folder = tempfile::tempdir().unwrap();
    let log = hostile_log();
    let mut files = Vec::new();
    for (format, name) in [("openapi", "a.yaml"), ("openapi-json", "a.json")] {
        let arguments = ["examples", "-", "--format", format, "--per-service", "9"];
        let run = zalog_with_input(&arguments, log.as_bytes());
        files.push(written(&run, folder.path(), name));
    }
    are_valid(&files);
    let json: Value = serde_json::from_str(&fs::read_to_string(&files[1]).unwrap()).unwrap();
    let paths = json["paths"].as_object().unwrap();
    assert_eq!(paths.len(), 11);
    // What the two notations say is the same, but for how YAML writes numbers.
    let program = "import json, sys, yaml\nyaml_file, json_file = sys.stdin.read().split('\\n')\n\
                   assert yaml.safe_load(open(yaml_file, encoding='utf-8')) == json.load(open(json_file))\n\
                   print('same')";
    if let Some(said) = python(program, "yaml", &files.join("\n")) {
        assert_eq!(said, "same\n");
    }
}

#[test]
fn a_document_tells_what_was_seen() {
    let log: String = (0..6)
        .map(|nth| {
            let request = format!(
                "{{'id': {nth}, 'password': 'x', 'tag': {}}}",
                ["'a'", "None"][nth % 2]
            );
            call(
                u32::try_from(nth).unwrap(),
                "zato.x.edit",
                &request,
                Some("{'ok': True}"),
            )
        })
        .chain([call(7, "zato.x.edit", "{'id': 7, 'password': 'x'}", None)])
        .collect();
    let run = zalog_with_input(
        &[
            "examples",
            "-",
            "--format",
            "openapi",
            "--per-service",
            "1",
            "--base-url",
            "https://h/",
        ],
        log.as_bytes(),
    );
    let (_, from_servers) = run.stdout.split_once("servers:").unwrap();
    let (until_components, _) = from_servers.split_once("components:").unwrap();
    assert_snapshot!(until_components, @r##"

      - url: "https://h"
    security:
      - basicAuth: []
    tags:
      - name: x
        description: "Services around `x`."
    paths:
      /zato/api/invoke/zato.x.edit:
        post:
          operationId: zato.x.edit
          tags:
            - x
          summary: zato.x.edit
          description: Seen in 7 calls, 1 of them without an answer.
          x-zalog-calls: 7
          x-zalog-unanswered: 1
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  properties:
                    id:
                      type: integer
                      x-zalog-seen: 7
                    password:
                      type: string
                      format: password
                      x-zalog-seen: 7
                    tag:
                      type:
                        - string
                        - "null"
                      x-zalog-seen: 6
                  required:
                    - id
                    - password
                  x-zalog-seen: 7
                examples:
                  smallest:
                    description: "Masked here, to be filled in: `password`."
                    value:
                      id: 0
                      password: "******"
                      tag: a
          responses:
            "200":
              description: What the service returned.
              content:
                application/json:
                  schema:
                    type: boolean
                    x-zalog-seen: 6
                  examples:
                    smallest:
                      value: true
            "400":
              $ref: "#/components/responses/BadRequest"
            "500":
              $ref: "#/components/responses/ServerError"
    "##);
}

#[test]
fn the_same_calls_give_the_same_document_in_any_order() {
    let folder = fixture("3.2-live");
    let files = ["admin.log.2", "admin.log.1", "admin.log"].map(|name| format!("{folder}/{name}"));
    let forth: Vec<u8> = files
        .iter()
        .flat_map(|file| fs::read(file).unwrap())
        .collect();
    let document = zalog(&["examples", &folder, "--format", "openapi"]).stdout;
    let arguments = ["examples", "-", "--format", "openapi", "--threads", "1"];
    assert_eq!(zalog_with_input(&arguments, &forth).stdout, document);
    let given = [
        &["examples"],
        &files.each_ref().map(String::as_str)[..],
        &["--format", "openapi"],
    ];
    assert_eq!(zalog(&given.concat()).stdout, document);
}

#[test]
fn a_document_merged_with_its_own_calls_is_not_changed() {
    let folder = tempfile::tempdir().unwrap();
    for name in FIXTURES {
        let log = fixture(name);
        for (format, file) in [("openapi", "x.yaml"), ("openapi-json", "x.json")] {
            let run = zalog(&["examples", &log, "--format", format]);
            let file = written(&run, folder.path(), file);
            let merged = zalog(&["examples", &log, "--merge", &file]);
            assert_eq!(merged.stdout, run.stdout, "{name}");
            assert!(
                merged.stderr.ends_with("nothing to add\n"),
                "{}",
                merged.stderr
            );
        }
    }
    let file = folder.path().join("x.yaml");
    let file = file.to_str().unwrap();
    let log = fixture(FIXTURES[8]);
    let overlay = zalog(&["examples", &log, "--merge", file, "--format", "overlay"]);
    assert_eq!((overlay.status, &*overlay.stdout), (Some(1), ""));
}

/// A document as people write them.
const HUMAN: &str = r"# Our API, by hand.
openapi: 3.1.0
info: {title: Ours, version: '2', x-owner: us}
servers:
- url: https://zato.example.com
security:
- ours: []   # as everywhere
paths:
  # Channels
  /zato/api/invoke/zato.http-soap.delete:
    post:
      operationId: removeChannel
      summary: Delete a channel   # not a test one
      requestBody:
        content:
          application/json:
            schema:
              type: object
              required: [id, cascade]
              properties:
                id:
                  type: string
                  description: >-
                    The ID of
                    the channel.
                cascade: {type: boolean}
      responses:
        '200':
          $ref: '#/components/responses/Deleted'
  /zato/api/invoke/zato.http-soap.ping: {}
  /channels/{id}:
    parameters:
    - {name: id, in: path, required: true, schema: {type: integer}}
    post:
      operationId: zato.http-soap.edit
      summary: Edit
      requestBody:
        content:
          application/json:
            schema: {$ref: '#/components/schemas/Channel'}
      responses:
        '200':
          description: The channel
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Channel'}

components:
  securitySchemes:
    ours: {type: http, scheme: basic}
  responses:
    Deleted:
      description: It is gone.
  schemas:
    Channel:
      type: object
      properties:
        name: {type: string, description: Its name}
# The end.
";

/// Whether all lines of a text stand in another one, in their order.
fn keeps_lines(text: &str, of: &str) -> bool {
    let mut lines = text.lines();
    of.lines().all(|line| lines.any(|found| found == line))
}

#[test]
fn a_document_of_people_is_filled() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ours.yaml");
    fs::write(&file, HUMAN).unwrap();
    let file = file.to_str().unwrap();
    let services = ["--service", "*http-soap.[dep]*"];
    let log = fixture("4.1-live");
    let arguments = [&["examples", &log, "--merge", file], &services[..]].concat();
    let run = zalog(&arguments);
    assert_snapshot!(run.stderr, @"
    zato.http-soap.delete request examples: added
    zato.http-soap.delete request.cascade: in the document, never seen
    zato.http-soap.delete request.cluster_id: added
    zato.http-soap.delete request.id: the document says string, calls show integer
    zato.http-soap.delete response: added
    zato.http-soap.edit request examples: added
    zato.http-soap.edit request.cluster_id: not in the document, and not added: other parts of the document refer to its schema too
    zato.http-soap.edit request.connection: not in the document, and not added: other parts of the document refer to its schema too
    zato.http-soap.edit request.data_format: not in the document, and not added: other parts of the document refer to its schema too
    zato.http-soap.edit request.id: not in the document, and not added: other parts of the document refer to its schema too
    zato.http-soap.edit request.is_active: not in the document, and not added: other parts of the document refer to its schema too
    zato.http-soap.edit request.is_internal: not in the document, and not added: other parts of the document refer to its schema too
    zato.http-soap.edit request.security_id: not in the document, and not added: other parts of the document refer to its schema too
    zato.http-soap.edit request.service: not in the document, and not added: other parts of the document refer to its schema too
    zato.http-soap.edit request.timeout: not in the document, and not added: other parts of the document refer to its schema too
    zato.http-soap.edit request.transport: not in the document, and not added: other parts of the document refer to its schema too
    zato.http-soap.edit request.url_path: not in the document, and not added: other parts of the document refer to its schema too
    zato.http-soap.edit response examples: added
    zato.http-soap.edit response.id: not in the document, and not added: other parts of the document refer to its schema too
    zato.http-soap.ping: added
    6 added, 1 differ, 1 in the document but never seen
    ");
    // This one line is no longer empty.
    let human = HUMAN.replace("zato.http-soap.ping: {}\n", "zato.http-soap.ping:\n");
    assert!(keeps_lines(&run.stdout, &human), "{}", run.stdout);
    assert_eq!(fs::read_to_string(file).unwrap(), HUMAN);

    let into_itself = zalog(&[&arguments[..], &["-o", file]].concat());
    assert_eq!((into_itself.status, &*into_itself.stdout), (Some(0), ""));
    assert_eq!(fs::read_to_string(file).unwrap(), run.stdout);
    // The document is wrong about a field, so the examples do not fit it.
    let validate = "import sys, yaml\nfrom openapi_spec_validator import validate\n\
                    validate(yaml.safe_load(sys.stdin))";
    python(validate, "openapi_spec_validator, yaml", &run.stdout);
    are_accepted_by_redocly(&[file.to_owned()]);
    let again = zalog(&arguments);
    assert_eq!(again.stdout, run.stdout);
    assert!(
        again.stderr.ends_with("nothing to add\n"),
        "{}",
        again.stderr
    );
}

#[test]
fn an_overlay_adds_what_a_merge_adds() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::write(path("ours.yaml"), HUMAN).unwrap();
    let log = fixture("4.1-live");
    let merge = |more: &[&str]| {
        let ours = path("ours.yaml");
        let run = zalog(&[&["examples", &log, "--merge", &ours], more].concat());
        assert_eq!(run.status, Some(0), "{}", run.stderr);
    };
    merge(&["-o", &path("merged.yaml")]);
    merge(&["--format", "overlay", "-o", &path("overlay.yaml")]);
    let any = zalog(&["examples", &log, "--format", "overlay"]);
    let any = written(&any, folder.path(), "any.yaml");
    are_accepted_by_redocly(&[path("overlay.yaml"), any]);
    let program = r"
import re, sys, yaml
ours, overlay, merged = (yaml.safe_load(open(name, encoding='utf-8')) for name in sys.stdin.read().split('\n'))

def update(value, more):
    for key, new in more.items():
        if isinstance(new, dict) and isinstance(value.get(key), dict):
            update(value[key], new)
        else:
            assert key not in value, key
            value[key] = new

for action in overlay['actions']:
    value = ours
    for name, index in re.findall(r'''\['((?:[^'\\]|\\.)*)'\]|\[(\d+)\]''', action['target']):
        value = value[int(index)] if index else value[re.sub(r'\\(.)', r'\1', name)]
    update(value, action['update'])
assert ours == merged
print(len(overlay['actions']))
";
    let files = ["ours.yaml", "overlay.yaml", "merged.yaml"]
        .map(path)
        .join("\n");
    if let Some(actions) = python(program, "yaml", &files) {
        assert!(actions.trim().parse::<usize>().unwrap() > 5, "{actions}");
    }
}

#[test]
fn a_document_is_written_in_the_notation_of_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let log = fixture("4.1-live");
    let write = |format: &str, name: &str| {
        let run = zalog(&["examples", &log, "--format", format, "-o", &path(name)]);
        assert_eq!(run.status, Some(0), "{}", run.stderr);
    };
    write("openapi", "a.json");
    write("openapi-json", "b.yml");
    write("openapi", "folder");
    let json: Value = serde_json::from_str(&fs::read_to_string(path("a.json")).unwrap()).unwrap();
    assert_eq!(json["openapi"], json!("3.1.0"));
    let yaml = fs::read_to_string(path("b.yml")).unwrap();
    assert!(yaml.starts_with("openapi: "));
    assert_eq!(
        fs::read_to_string(path("folder/openapi.yaml")).unwrap(),
        yaml
    );
}

#[test]
fn examples_fit_their_own_schema() {
    let schema = zalog(&["examples", "--schema"]).stdout;
    for name in FIXTURES {
        let log = fixture(name);
        let arguments = [
            "examples",
            &log,
            "--failures",
            "--max-items",
            "1",
            "--max-text",
            "9",
        ];
        let run = zalog(&arguments);
        if run.status == Some(1) {
            continue;
        }
        let program = "import json, sys\nfrom jsonschema import Draft202012Validator\n\
                       schema, examples = json.load(sys.stdin)\n\
                       Draft202012Validator.check_schema(schema)\n\
                       Draft202012Validator(schema).validate(examples)\n\
                       print(len(examples['examples']))";
        let input = format!("[{schema}, {}]", run.stdout);
        let Some(count) = python(program, "jsonschema", &input) else {
            return;
        };
        assert_ne!(count.trim(), "0", "{name}");
    }
}

#[test]
fn mistakes_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let log = fixture("4.1-live");
    let said = |content: &str, more: &[&str]| {
        let file = folder.path().join("x.yaml");
        fs::write(&file, content).unwrap();
        let file = file.to_str().unwrap();
        let run = zalog(&[&["examples", &log, "--merge", file], more].concat());
        assert_eq!((run.status, &*run.stdout), (Some(2), ""), "{}", run.stderr);
        run.stderr
            .replace(folder.path().to_str().unwrap(), "FOLDER")
    };
    let good = "openapi: 3.1.0\n";
    let output = folder.path().to_str().unwrap();
    let all = [
        said("swagger: '2.0'\n", &[]),
        said("openapi: [\n", &[]),
        said("a: 1\na: 2\n", &[]),
        said("- {a: 1}\n", &[]),
        said("", &[]),
        said(good, &["--format", "curl"]),
        said(good, &["--format", "openapi", "--format", "overlay"]),
        said(good, &["--format", "openapi-json"]),
        said(good, &["-o", output]),
        said(good, &["-o", "x.json"]),
        said(good, &["--envelope"]),
    ];
    assert_snapshot!(all.concat(), @"
    error: --merge `FOLDER/x.yaml`: no OpenAPI document of version 3
    error: --merge `FOLDER/x.yaml`: no YAML: while parsing a node, did not find expected node content at byte 11 line 2 column 1
    error: --merge `FOLDER/x.yaml`: the key `a` stands twice in a mapping, in line 2
    error: --merge `FOLDER/x.yaml`: no OpenAPI document of version 3
    error: --merge `FOLDER/x.yaml`: expected one document, found 0
    error: --merge: only with --format openapi or --format overlay
    error: --merge: only with --format openapi or --format overlay
    error: --merge `FOLDER/x.yaml`: YAML, which stays YAML: leave --format out
    error: -o `FOLDER`: a folder, where --merge needs a file
    error: -o `x.json`: `FOLDER/x.yaml` is YAML, and stays YAML
    error: --envelope: OpenAPI tells what a client receives, which is without it
    ");
    let missing = zalog(&["examples", &log, "--merge", "not-there.yaml"]);
    assert_snapshot!(missing.seen(), @"
    ------- stderr -------
    error: --merge `not-there.yaml`: No such file or directory (os error 2)
    ------- exit status 2 -------
    ");
}
