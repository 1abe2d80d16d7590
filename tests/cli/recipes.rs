//! `zalog recipes`: which chains are found, and whether the scripts make them again, on a server that
//! answers with other IDs than those in the log.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use insta::assert_snapshot;
use serde_json::{Map, Value, json};

use crate::recorded::{RecordedCall, replaying_server};
use crate::zalog::{Run, fixture, zalog, zalog_with_input};

/// A call of a log: its minute, its service, and both payloads in Python's notation.
type Logged<'l> = (usize, &'l str, &'l str, &'l str);

/// Writes calls one after the other, as Zato 3.2 would.
fn log(calls: &[Logged<'_>]) -> String {
    let mut log = String::new();
    for (nth, (minute, service, request, response)) in calls.iter().enumerate() {
        let mut record = |millisecond: usize, kind: &str, payload: &str| {
            let _infallible = writeln!(
                log,
                "2018-11-11 22:{minute:02}:{:02},{millisecond:03} - INFO - 1:Dummy-1 - zato_admin:0 \
                 - {kind}; service:`{service}`, data:`{payload}` cid:`c{nth}`, ",
                nth % 60,
            );
        };
        record(1, "Request", request);
        if response.starts_with("{'") {
            record(2, "Response", &format!("{{'zato_response': {response}}}"));
        } else {
            record(2, "Response", response);
        }
    }
    log
}

/// The chains that are found in these calls, as `TIMES SERVICE > VERB`.
fn chains(log: &str) -> Vec<String> {
    let run = zalog_with_input(&["recipes", "-", "--format", "json"], log.as_bytes());
    if run.status == Some(1) {
        return Vec::new();
    }
    let document: Value = serde_json::from_str(&run.stdout).expect(&run.stderr);
    let recipes = document["recipes"].as_array().unwrap().iter();
    let chains = recipes.map(|recipe| {
        let steps = recipe["steps"].as_array().unwrap().iter();
        let services: Vec<&str> = steps
            .map(|step| step["service"].as_str().unwrap())
            .collect();
        format!("{} {}", recipe["count"], services.join(" > "))
    });
    chains.collect()
}

const LIST: Logged<'_> = (
    0,
    "zato.x.get-list",
    "{'cluster_id': 1}",
    "[{'id': 17, 'name': 'crm', 'cluster_id': 1}, {'id': 1, 'name': 'a', 'is_active': True}]",
);

#[test]
fn what_uses_an_id_that_was_listed_is_a_chain() {
    let calls = [
        LIST,
        (0, "zato.x.change-password", "{'id': 17}", ""),
        (
            1,
            "zato.x.edit",
            "{'id': '1', 'name': 'b'}",
            "{'id': 1, 'name': 'b'}",
        ),
        LIST,
        (2, "zato.x.change-password", "{'id': 1}", ""),
    ];
    assert_eq!(
        chains(&log(&calls)),
        [
            "2 zato.x.get-list > zato.x.change-password",
            "1 zato.x.get-list > zato.x.edit"
        ]
    );
}

#[test]
fn a_chain_goes_on_over_what_its_calls_make() {
    let calls = [
        (
            0,
            "zato.security.basic-auth.create",
            "{'name': 'u'}",
            "{'id': 7, 'name': 'u'}",
        ),
        (
            0,
            "zato.http-soap.create",
            "{'security_id': 7}",
            "{'id': 8}",
        ),
        (0, "zato.http-soap.ping", "{'id': 8}", "{'id': 8}"),
        (0, "zato.http-soap.delete", "{'id': 8}", ""),
    ];
    assert_eq!(
        chains(&log(&calls)),
        [
            "1 zato.security.basic-auth.create > zato.http-soap.create > zato.http-soap.ping > \
          zato.http-soap.delete"
        ]
    );
}

#[test]
fn what_is_equal_by_chance_is_no_chain() {
    for (what, response, service, request) in [
        (
            "another object's ID",
            "[{'id': 17}]",
            "zato.y.edit",
            "{'id': 17}",
        ),
        ("another key", "[{'id': 17}]", "zato.x.edit", "{'size': 17}"),
        (
            "a constant",
            "[{'cluster_id': 1}]",
            "zato.x.edit",
            "{'cluster_id': 1}",
        ),
        (
            "a truth value",
            "[{'id': True}]",
            "zato.x.edit",
            "{'id': True}",
        ),
        (
            "a short text",
            "[{'name': 'a'}]",
            "zato.x.edit",
            "{'name': 'a'}",
        ),
        (
            "a word",
            "[{'name': 'None'}]",
            "zato.x.edit",
            "{'name': 'None'}",
        ),
        ("nothing", "[{'id': 0}]", "zato.x.edit", "{'id': 0}"),
        ("a float", "[{'id': 1.5}]", "zato.x.edit", "{'id': 1.5}"),
        (
            "a secret",
            "[{'secret_key': 'abc'}]",
            "zato.x.edit",
            "{'secret_key': 'abc'}",
        ),
        (
            "the same service",
            "[{'id': 17}]",
            "zato.x.get-list",
            "{'id': 17}",
        ),
    ] {
        let calls = [
            (0, "zato.x.get-list", "{'a': 1}", response),
            (0, service, request, ""),
        ];
        assert_eq!(chains(&log(&calls)), [""; 0], "{what}");
    }
}

#[test]
fn what_another_client_may_have_sent_is_no_chain() {
    let edit = "zato.x.edit";
    let late = [LIST, (16, edit, "{'id': 17}", "")];
    assert_eq!(chains(&log(&late)), [""; 0], "too late");
    let known = [
        (0, edit, "{'id': 17}", ""),
        LIST,
        (0, edit, "{'id': 17}", ""),
    ];
    assert_eq!(chains(&log(&known)), [""; 0], "sent before it was listed");
    let echo = [
        (0, "zato.x.get", "{'id': 17}", "{'id': 17}"),
        (0, edit, "{'id': 17}", ""),
    ];
    assert_eq!(chains(&log(&echo)), [""; 0], "only sent back");

    // The second call starts before the first one has answered.
    let sequence = log(&[LIST, (0, edit, "{'id': 17}", "")]);
    let lines: Vec<&str> = sequence.lines().collect();
    let late = lines[1].replace("22:00:00,002", "22:00:01,002");
    let overlapping = [lines[0], lines[2], &late, lines[3], ""].join("\n");
    assert_eq!(chains(&overlapping), [""; 0], "at the same time");

    // Under the same CID, and within the other call: one service calls the other.
    let nested = sequence.replace("cid:`c1`", "cid:`c2`");
    let around = |minute, kind| {
        format!(
            "2018-11-11 22:{minute}:00,000 - INFO - 1:Dummy-1 - zato_admin:0 - {kind}; \
             service:`my.job`, data:`{{'a': 1}}` cid:`c2`, \n"
        )
    };
    let nested = around("00", "Request") + &nested + &around("01", "Response");
    assert_eq!(chains(&nested), [""; 0], "called by a service");

    let folder = tempfile::tempdir().unwrap();
    let (one, other) = sequence.split_at(lines[0].len() + lines[1].len() + 2);
    let logs = [("one", one), ("other", other)].map(|(name, text)| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        format!("{name}={}", path.display())
    });
    let run = zalog(&["recipes", &logs[0], &logs[1]]);
    assert_snapshot!(run.seen(), @"
    ------- stderr -------
    no call uses what another one has returned
    ------- exit status 1 -------
    ");
}

#[test]
fn clients_of_zato_4_1_are_told_apart_by_the_origin_in_their_cids() {
    let log = |origin: &str| {
        let record = |kind: &str, service: &str, payload: &str, cid: &str| {
            format!(
                "2026-11-23 18:13:00,001 - INFO - 1:Dummy-1 - {service} - {cid} - zato_admin:0 - \
                 {kind}; service:`{service}`, data:`{payload}` cid:`{cid}`, \n"
            )
        };
        let (one, other) = (
            "20261123-181300-0001-0123456789abcdefa".to_owned(),
            format!("20261123-181300-0002-0123456789abcdef{origin}"),
        );
        // 4.1 logs no request where it is empty.
        record("Response", "zato.x.get-list", "[{'id': 17}]", &one)
            + &record("Request", "zato.x.edit", "{'id': 17}", &other)
            + &record("Response", "zato.x.edit", "{'id': 17}", &other)
    };
    assert_eq!(chains(&log("a")), ["1 zato.x.get-list > zato.x.edit"]);
    assert_eq!(chains(&log("d")), [""; 0]);
}

#[test]
fn chains_of_live_servers_are_shown_as_a_table() {
    assert_snapshot!(zalog(&["recipes", &fixture("3.2-live")]).seen(), @"
    times  calls                                                                                  what flows
        3  zato.http-soap.create > edit > get                                                     http_soap_id
        3  zato.scheduler.job.create > execute > delete                                           job_id
        2  zato.security.basic-auth.get-list > change-password > edit > delete                    basic_auth_id
        2  zato.security.basic-auth.get-list > change-password > edit                             basic_auth_id
        1  zato.outgoing.sql.create > change-password > ping > edit > delete                      sql_id
        1  zato.http-soap.create > edit > get > delete                                            http_soap_id
        1  zato.security.apikey.create > edit > change-password > delete                          apikey_id
        1  zato.definition.amqp.create > zato.outgoing.amqp.create > zato.definition.amqp.delete  amqp_id
        1  zato.http-soap.create > ping > delete                                                  http_soap_id
        1  zato.security.basic-auth.get-list > change-password > delete                           basic_auth_id
        1  zato.cache.builtin.create > delete                                                     cache_id
        1  zato.cache.builtin.get-list > zato.cache.builtin.entry.create                          cache_id
        1  zato.email.smtp.create > delete                                                        smtp_id
        1  zato.outgoing.ftp.create > delete                                                      ftp_id
        1  zato.pubsub.topic.create > delete                                                      topic_id
        1  zato.security.basic-auth.get-list > change-password                                    basic_auth_id
        1  zato.security.ntlm.create > delete                                                     ntlm_id
    ------- exit status 0 -------
    ");
    assert_snapshot!(zalog(&["recipes", &fixture("4.1-live"), "--limit", "3"]).seen(), @"
    times  calls                                                                what flows
        3  zato.http-soap.create > edit > get                                   http_soap_id
        2  zato.security.basic-auth.get-list > change-password > edit > delete  basic_auth_id
        2  zato.security.basic-auth.get-list > change-password > edit           basic_auth_id
    ------- stderr -------
    3 of 13 chains: --limit 0 shows all
    ------- exit status 0 -------
    ");
}

#[test]
fn a_chain_is_chosen_by_any_of_its_calls() {
    let log = fixture("4.1-live");
    let run = |more: &[&str]| zalog(&[&["recipes", &log], more].concat()).seen();
    assert_snapshot!(run(&["--service", "*.sql.edit"]), @"
    times  calls                                                              what flows
        1  zato.outgoing.sql.create > change-password > ping > edit > delete  sql_id
    ------- exit status 0 -------
    ");
    assert_snapshot!(run(&["--query", "request.id:6"]), @"
    times  calls                                                       what flows
        1  zato.security.basic-auth.get-list > change-password > edit  basic_auth_id
    ------- exit status 0 -------
    ");
    assert_snapshot!(run(&["--exclude", "*.basic-auth.*", "--limit", "1"]), @"
    times  calls                               what flows
        3  zato.http-soap.create > edit > get  http_soap_id
    ------- stderr -------
    1 of 9 chains: --limit 0 shows all
    ------- exit status 0 -------
    ");
    assert_snapshot!(run(&["--service", "zato.nothing"]), @"
    ------- stderr -------
    no call fits
    ------- exit status 1 -------
    ");
    assert_snapshot!(run(&["--service", "demo.ping"]), @"
    ------- stderr -------
    no call uses what another one has returned
    ------- exit status 1 -------
    ");
}

#[test]
fn mistakes_are_named() {
    let log = fixture("4.1-live");
    let run = |more: &[&str]| zalog(&[&["recipes", &log], more].concat()).seen();
    assert_snapshot!(run(&["-o", "recipes"]), @"
    ------- stderr -------
    error: -o DIR: a table is no file: add --format sh, python or json
    ------- exit status 2 -------
    ");
    assert_snapshot!(run(&["-o", &fixture("README.md"), "--format", "sh"]), @"
    ------- stderr -------
    error: -o `fixtures/README.md`: a file, where a folder is needed
    ------- exit status 2 -------
    ");
    assert_snapshot!(run(&["--base-url", "localhost"]), @"
    ------- stderr -------
    error: --base-url `localhost`: expected a URL such as `https://zato.example.com:17010`
    ------- exit status 2 -------
    ");
    assert_snapshot!(run(&["--query", "request.id:"]), @"
    ------- stderr -------
    error: query `request.id:`: column 12: no value behind 'request.id:'
    ------- exit status 2 -------
    ");
}

#[test]
fn files_are_named_after_what_they_do() {
    let folder = tempfile::tempdir().unwrap();
    let name = folder.path().join("scripts");
    let run = zalog(&[
        "recipes",
        &fixture("4.1-live"),
        "--service",
        "*basic-auth*",
        "--format",
        "sh",
        "-o",
        name.to_str().unwrap(),
    ]);
    assert_eq!((run.status, run.stdout.as_str()), (Some(0), ""));
    let mut names: Vec<String> = fs::read_dir(name)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_snapshot!(names.join("\n"), @"
    zato.security.basic-auth.get-list_change-password.sh
    zato.security.basic-auth.get-list_change-password_delete.sh
    zato.security.basic-auth.get-list_change-password_edit.sh
    zato.security.basic-auth.get-list_change-password_edit_delete.sh
    ");
}

/// Stands in for `zato-client`: it calls the server as that one does.
const CLIENT: &str = "
import base64, json, urllib.error, urllib.request

class Response:
    def __init__(self, is_ok, text):
        self.is_ok, self.details = is_ok, None if is_ok else text
        self.data = json.loads(text) if is_ok else ''

class APIClient:
    def __init__(self, address, username, password):
        self.address = address
        key = base64.b64encode(f'{username}:{password}'.encode()).decode()
        self.headers = {'Authorization': 'Basic ' + key}

    def invoke(self, service, request):
        url = f'{self.address}/zato/api/invoke/{service}'
        body = json.dumps(request).encode()
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            answer = opener.open(urllib.request.Request(url, body, self.headers))
            return Response(True, answer.read().decode())
        except urllib.error.HTTPError as error:
            return Response(False, error.read().decode())
";

/// Whether this program is here.
fn has(program: &str) -> bool {
    let has = Command::new(program).arg("--version").output().is_ok();
    if !has {
        eprintln!("skipped: there is no {program} here to run the scripts");
    }
    has
}

/// Runs a script with the interpreter, in a folder where Python finds the client.
fn run(interpreter: &str, script: &Path) -> Run {
    let folder = script.parent().unwrap();
    fs::create_dir_all(folder.join("zato")).unwrap();
    fs::write(folder.join("zato/client.py"), CLIENT).unwrap();
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new(interpreter)
        .arg(script)
        .current_dir("/")
        .env("ZATO_USER", "pubapi")
        .env("ZATO_PASSWORD", "secret")
        .env("PYTHONUTF8", "1")
        .env("no_proxy", "*")
        .output()
        .unwrap();
    Run {
        stdout: String::from_utf8(stdout).unwrap(),
        stderr: String::from_utf8(stderr).unwrap(),
        status: status.code(),
    }
}

/// What stands in such a place, which is made if it is not there.
fn place<'v>(mut value: &'v mut Value, path: &[Value]) -> &'v mut Value {
    for step in path {
        value = if let Some(key) = step.as_str() {
            if !value.is_object() {
                *value = Value::Object(Map::new());
            }
            &mut value[key]
        } else {
            let nth = usize::try_from(step.as_u64().unwrap()).unwrap();
            if !value.is_array() {
                *value = json!([]);
            }
            let items = value.as_array_mut().unwrap();
            while items.len() <= nth {
                items.push(json!({}));
            }
            &mut items[nth]
        };
    }
    value
}

/// The calls that a script must make, where the server has other values than those that were logged.
fn calls_with_other_values(recipe: &Value) -> Vec<RecordedCall> {
    let mut steps = recipe["steps"].as_array().unwrap().clone();
    let mut responses = vec![Value::Null; steps.len()];
    for (nth, variable) in recipe["variables"].as_array().unwrap().iter().enumerate() {
        let name = variable["name"].as_str().unwrap();
        let mut logged = None;
        for step in &mut steps {
            for take in step["takes"].clone().as_array().unwrap() {
                if take["variable"] == name {
                    let sent = place(&mut step["request"], take["path"].as_array().unwrap());
                    let other = if sent.is_number() {
                        json!(900_000 + nth)
                    } else {
                        json!(format!("{}", 900_000 + nth))
                    };
                    logged = Some(std::mem::replace(sent, other));
                }
            }
        }
        let is_sent_as_number = logged.expect("a variable is sent").is_number();
        let is_number = is_sent_as_number ^ variable.get("sent_as").is_some();
        let path = variable["path"].as_array().unwrap();
        let step = usize::try_from(variable["step"].as_u64().unwrap()).unwrap();
        *place(&mut responses[step], path) = if is_number {
            json!(900_000 + nth)
        } else {
            json!(format!("{}", 900_000 + nth))
        };
        if let Some(beside) = variable.get("beside") {
            let (dict, key) = (&path[..path.len() - 1], beside["key"].clone());
            *place(&mut responses[step], &[dict, &[key]].concat()) = beside["text"].clone();
        }
    }
    let calls = steps.iter().zip(responses).map(|(step, response)| {
        let is_empty = response.is_null();
        RecordedCall {
            service: step["service"].as_str().unwrap().to_owned(),
            method: "POST".to_owned(),
            request: Some(step["request"].clone()),
            status: 200,
            response: if is_empty {
                String::new()
            } else {
                response.to_string()
            },
            log: String::new(),
        }
    });
    calls.collect()
}

/// Runs the scripts of all chains in this log, against servers that answer only what a script sends
/// that hands on what it was given.
#[track_caller]
fn scripts_hand_on_what_they_get(log: &str, at_least: usize) {
    let has_tools = has("curl") && has("jq");
    let shells = ["sh", "bash", "dash"];
    let shells = shells.iter().filter(|shell| has_tools && has(shell));
    let mut interpreters: Vec<(&str, &str)> = shells.map(|shell| ("sh", *shell)).collect();
    if has("python3") {
        interpreters.push(("python", "python3"));
    }
    let export = |format: &str| {
        let arguments = ["recipes", log, "--limit", "0", "--base-url", NOWHERE];
        zalog(&[&arguments[..], &["--format", format]].concat()).stdout
    };
    let document: Value = serde_json::from_str(&export("json")).unwrap();
    let recipes = document["recipes"].as_array().unwrap();
    assert!(recipes.len() >= at_least, "{}", recipes.len());
    let servers = recipes
        .iter()
        .map(|recipe| replaying_server(calls_with_other_values(recipe)));
    let servers: Vec<String> = servers.collect();
    let folder = tempfile::tempdir().unwrap();
    for (format, interpreter) in interpreters {
        let scripts = export(format);
        let first = scripts.lines().next().unwrap().to_owned() + "\n";
        let scripts: Vec<&str> = scripts.split(&first).skip(1).collect();
        assert_eq!(scripts.len(), recipes.len());
        for (script, url) in scripts.iter().zip(&servers) {
            let script = first.clone() + &script.replace(NOWHERE, url);
            let path = folder.path().join("script");
            fs::write(&path, &script).unwrap();
            let run = run(interpreter, &path);
            let said = format!("{interpreter}: {}{}", run.stdout, run.stderr);
            assert_eq!(run.status, Some(0), "{said}\n{script}");
        }
    }
}

/// Stands for the server until it is there.
const NOWHERE: &str = "http://nowhere.invalid";

#[test]
fn scripts_of_zato_3_2_hand_on_what_they_get() {
    scripts_hand_on_what_they_get(&fixture("3.2-live"), 15);
}

#[test]
fn scripts_of_zato_4_1_hand_on_what_they_get() {
    scripts_hand_on_what_they_get(&fixture("4.1-live"), 10);
}

#[test]
fn scripts_of_hostile_values_hand_on_what_they_get() {
    let values = [
        "it's",
        r#""quoted""#,
        r"line\nline",
        "$(id) `id`",
        r"\\(1) \\\\(env)",
        r"\x1b[31m\u202e",
        "-n",
        "..a..",
        "' or '",
        "%s {0}",
    ];
    let mut calls = Vec::new();
    let texts = values.iter().enumerate().map(|(nth, value)| {
        let fill = |template: &str| {
            let value = value.replace('"', "\\\"");
            template
                .replace('V', &value)
                .replace('N', &(100 + nth).to_string())
        };
        // Keys with any text in them, deep in lists and dicts.
        let response = fill(r#"{"V": [[], [{"name": "V N", "V_id": N, "id": "N"}]]}"#);
        let request = fill(r#"{"V_id": "N", "V": ["V", {"id": N}], "name": "V"}"#);
        (
            format!("my.x{nth}.get-list"),
            format!("my.x{nth}.edit"),
            request,
            response,
        )
    });
    let texts: Vec<_> = texts.collect();
    for (list, edit, request, response) in &texts {
        calls.push((0, list.as_str(), "{'a': 1}", response.as_str()));
        calls.push((0, edit.as_str(), request.as_str(), ""));
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("admin.log");
    fs::write(&path, log(&calls)).unwrap();
    scripts_hand_on_what_they_get(path.to_str().unwrap(), values.len());
}

#[test]
fn a_script_ends_where_something_is_missing() {
    if !has("curl") || !has("jq") {
        return;
    }
    let list = |response: &str, status: u64| RecordedCall {
        service: "zato.x.get-list".to_owned(),
        method: "POST".to_owned(),
        request: Some(json!({"cluster_id": 1})),
        status,
        response: response.to_owned(),
        log: String::new(),
    };
    let log = log(&[LIST, (0, "zato.x.edit", "{'id': 17}", "")]);
    let script_against = |calls: Vec<RecordedCall>| {
        let url = replaying_server(calls);
        let arguments = ["recipes", "-", "--format", "sh", "--base-url", &url];
        let script = zalog_with_input(&arguments, log.as_bytes()).stdout;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("script");
        fs::write(&path, script).unwrap();
        run("sh", &path)
    };
    let without = script_against(vec![list(r#"[{"id": 5, "name": "erp"}]"#, 200)]);
    assert_snapshot!(without.seen(), @r#"
    ------- stderr -------
    the response has no such value: map(select(.name == "crm"))[0].id
    ------- exit status 1 -------
    "#);
    let refused = script_against(vec![list("no cluster", 400)]);
    assert_snapshot!(refused.seen(), @"
    ------- stderr -------
    curl: (22) The requested URL returned error: 400
    no cluster
    ------- exit status 1 -------
    ");
}
