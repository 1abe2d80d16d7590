//! No planted secret comes out of any command in any form, and what is written is for its user alone.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use aho_corasick::AhoCorasick;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use xxhash_rust::xxh3::xxh3_64;

use crate::forms::{FORMS, Kind, LAST_SERVICE, Logs, Made, PASSWORD, Stage, Tells};
use crate::hostile::repr;
use crate::server::serve;
use crate::zalog::{Run, zalog};

/// Names of secrets in the spellings that people give them.
const KEYS: [&str; 37] = [
    "password",
    "Password",
    "PASSWORD",
    "password1",
    "newPassword",
    "passwd",
    "pwd",
    "db_pass",
    "secret",
    "secret_key",
    "client-secret",
    "token",
    "auth_token",
    "accessToken",
    "API-Key",
    "apiKey",
    "x_api_key",
    "X-API-Key",
    "api_key",
    "auth_data",
    "totp_key",
    "tls_pem_passphrase",
    "jwt",
    "JWT_Token",
    "Cookie",
    "Set-Cookie",
    "Authorization",
    "proxy-authorization",
    "private_key",
    "sshKey",
    "credentials",
    "Access-Key",
    "encryption_key",
    "as2_next_decryption_key",
    "tls_client_key",
    "bindpw",
    "PW",
];

/// Payloads with a secret under a name. `K` stands for the name, `S` for a secret, `§` for one in a
/// text that has no quotes around it.
const UNDER_A_NAME: [&str; 54] = [
    "{'K': 'S', 'name': 'x'}",
    "{'a': [{'b': ({u'K': u'S'}, 1)}], 'name': 'x'}",
    "{'K': ['S', {'x': 'S'}], 'n': 1}",
    "{'K': {'user': 'S', 'more': {'x': ['S']}}, 'n': 1}",
    "{'K': b'S'}",
    "[('K', 'S'), ('n', 1)]",
    "{'name': 'K', 'x': 1, 'value': 'S'}",
    "{'name': 'K', 'x': {'y': [1]}, 'value': 'S'}",
    "{'value': 'S', 'x': 1, 'name': 'K'}",
    "{'value': ['S', 'S'], 'name': 'K'}",
    "{'K': Some(1, 'S'), 'b': }",
    "OrderedDict([('K', 'S'), ('n', Bunch(a='b'))])",
    // JSON within a string, and JSON within that.
    r#"{'opaque': '{"K": "S", "n": 1}'}"#,
    r#"{'opaque': '{"o": "{\\"K\\": \\"S\\", \\"n\\": 1}"}'}"#,
    r#"{'opaque': '{"K": ["S", {"x": "S"}]}'}"#,
    r#"{'opaque': '[{"name": "K", "x": 1, "value": "S"}, {"value": "b"}]'}"#,
    r#"{'opaque': '[["K", "S"], ["n", 1]]'}"#,
    "{'name': 'K', 'x': 1, 'value': 'S', 'b': }",
    // A repr within a string.
    r#"{'extra': "{'K': 'S', 'n': 1}"}"#,
    r#"{'extra': "{u'n': [{u'K': u'S'}]}"}"#,
    r"{'extra': '{\'K\': \'S\', \'n\': 1}'}",
    "{'text': 'K = §'}",
    "{'text': 'a=1\\nK=§\\nb=2'}",
    "{'text': 'K: §\\nb: 2'}",
    "{'xml': '<a><K>§</K></a>'}",
    "{'url': 'https://h/x?a=1&K=§&y=1#z'}",
    "{'dsn': 'Server=h;Uid=u;K=§;Port=1'}",
    // Not a Python value, and cut off.
    "{'K': 'S', 'b': }",
    "{'K': 'S', !",
    "{'K': ['S', 'S",
    "line\nK: §\nand more of `it`, \nK=§",
    // A name with more around it, a value before its name, and names in other languages.
    "{'K (old)': 'S', 'b': }",
    r#"{'opaque': '{"n": 1, "my K 1": "S"}'}"#,
    "{'Name': 'K', 'x': {'y': 1}, 'Value': 'S'}",
    "{'value': 'S', 'x': {'y': [1]}, 'name': 'K', 'b': }",
    r#"{'opaque': '[{"value": "S", "x": {"y": 1}, "name": "K"}]'}"#,
    r#"{'xml': '<param name="K">§</param>'}"#,
    r#"{'xml': '<add value="§" key="K"/>'}"#,
    "{'xml': '<name>K</name> <value>§</value>'}",
    "{'yaml': 'K: |\\n  §\\n  §\\nb: 1'}",
    "{'command': 'x --K § --y'}",
    "{'sql': \"update x set y=1, K='§''§'\"}",
    "{'url': 'https://h/?to=https%3A%2F%2Fh%3Fmy_K%3D§%26y%3D1'}",
    "{'form': 'utf8=1&user[K]=§&y=1'}",
    "{'text': '[a]\\nK = § and §\\nb=2'}",
    "{'yaml': 'a: 1\\nK:\\n  - §\\n  - §\\nb: 1'}",
    r#"{'opaque': '{"yaml": "K: §\\n  §", "b": 1}'}"#,
    "{'xml': '<m><name>K</name><value><string>§</string></value></m>'}",
    "{'text': 'user x with K \\'§\\' and more'}",
    r#"{'text': "f(K=Secret(value='S', n=1), y=1)"}"#,
    "{'argv': ['zato', '--K', 'S', '--y', 1], 'more': [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]}",
    "{'text': 'my K: {SSHA}§\\nb: 1'}",
    r#"{'code': "K = x.get('y') or 'S'"}"#,
    r#"{'code': "def f(K: str = 'S', n=1)"}"#,
];

/// Payloads with a secret that is told by its form.
const IN_A_FORM: [&str; 36] = [
    r#"{'opaque': '{"u": "amqp:\\/\\/u:§@h"}'}"#,
    r"{'value': '-----BEGIN RSA PRIVATE KEY-----\nS\n-----END RSA PRIVATE KEY-----\n'}",
    r"{'value': '-----BEGIN OPENSSH PRIVATE KEY-----\nS\nS'}",
    r"{'a': [{'value': '-----BEGIN ENCRYPTED PRIVATE KEY-----\nS\n-----END ENCRYPTED PRIVATE KEY-----'}]}",
    r#"{'value': '{"pem": "-----BEGIN EC PRIVATE KEY-----\\nS\\n-----END EC PRIVATE KEY-----"}'}"#,
    "-----BEGIN PRIVATE KEY-----\nS\nS\n-----END PRIVATE KEY-----\n",
    "{'address': 'amqp://user:§@host/vhost'}",
    "{'address': ['https://u:p@§@h/x?y=z']}",
    "{'address': 'redis://:§@host:6379/0'}",
    "{'address': 'postgresql+pg8000://u:§@h:5432/db?x=1'}",
    "{'repo': 'https://¤@github.com/x/y'}",
    "{'amqp://user:§@host': 1}",
    r#"{'opaque': '{"url": "mongodb://u:§@h1,h2/db"}'}"#,
    "connecting to ldap://cn:§@host",
    "{'headers': 'X: y\\nAuthorization: Digest username=\"u\", response=\"§\"\\nZ: 1'}",
    "{'headers': {'Authorization': 'Bearer S'}}",
    "{'headers': [['authorization', 'Basic S'], ['Accept', '*/*']]}",
    "{'curl': 'curl -H \"Authorization: Bearer §\" http://h/'}",
    "{'text': 'sent bearer §.abc.def'}",
    "{'text': 'Cookie: session=§; theme=1'}",
    "{'text': 'GET / HTTP/1.1\\r\\nSet-Cookie: sid=§; Path=/\\r\\n'}",
    "{'text': 'sent Basic B behind it'}",
    "Authorization: Basic B\n",
    "{'url': 'https://h/cb#access_token=§&state=1'}",
    "{'url': 'x=amqp%3A%2F%2Fu%3A§%40h&y=1'}",
    "{'url': '//u:§@h/x'}",
    "{'url': 'smtp://u@h.com:§@h:25'}",
    "{'dsn': 'u:§@tcp(h:3306)/db'}",
    "{'auth': ('user', 'S')}",
    "{'text': 'connecting to u:¤@x:¤@h.com:25'}",
    "{'netrc': 'machine h login u password §'}",
    r#"{'code': "get(url, auth=('u', 'S'))"}"#,
    r#"{'code': "setattr(x, 'token', 'S')"}"#,
    "{'url': 'connecting to u:§@h.com:25'}",
    r"{'value': '---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nS\n---- END SSH2 ENCRYPTED PRIVATE KEY ----\n'}",
    r"{'value': 'PuTTY-User-Key-File-2: ssh-rsa\nPublic-Lines: 1\nAAAA\nPrivate-Lines: 1\nS\nPrivate-MAC: 12\n'}",
];

/// What stands between the two halves of a secret: what ends a value that is read carelessly.
const GLUE: [&str; 12] = ["", "-", "/", "@", "+", ":", ", ", "}", ")", "&", "; ", "ż "];

/// The same for secrets that nothing but a space or the like ends.
const BARE_GLUE: [&str; 5] = ["", "-", "/", ".", "~"];

/// The same for those that stand before a host without a user: a slash would end them.
const HOST_GLUE: [&str; 4] = ["", "-", ".", "~"];

/// Secrets with where each stands.
#[derive(Default)]
struct Planted {
    /// The halves of all, and the payload in which each stands.
    halves: Vec<(String, String)>,
    /// How many of them are in the log of the server: the others are masked whatever is asked for.
    in_log: usize,
    log: String,
    calls: usize,
}

impl Planted {
    fn secret(&mut self, glue: &[&str], template: &str, key: &str) -> String {
        let nth = self.halves.len();
        let halves = [nth, nth + 1].map(|nth| {
            let hash = xxh3_64(&nth.to_le_bytes());
            format!("zq{:012x}", hash & 0xffff_ffff_ffff)
        });
        let secret = halves.join(glue[nth / 2 % glue.len()]);
        self.halves
            .extend(halves.map(|half| (half, format!("{template} with K {key}"))));
        secret
    }

    /// A payload with secrets in it.
    fn payload(&mut self, template: &str, key: &str) -> String {
        let mut payload = String::new();
        for c in mark(template).chars() {
            match c {
                KEY => payload += key,
                SECRET => payload += &self.secret(&GLUE, template, key),
                BARE_SECRET => payload += &self.secret(&BARE_GLUE, template, key),
                HOST_SECRET => payload += &self.secret(&HOST_GLUE, template, key),
                BASIC_PAIR => {
                    let pair = format!("user:{}", self.secret(&GLUE, template, key));
                    payload += &STANDARD.encode(pair);
                }
                c => payload.push(c),
            }
        }
        payload
    }

    /// Logs a call in one of the wordings.
    fn log_call(&mut self, service: &str, cid: &str, request: &str, response: &str) {
        self.calls += 1;
        for (is_request, payload) in [(true, request), (false, response)] {
            self.log_record(service, cid, is_request, payload, true);
        }
    }

    fn log_record(
        &mut self,
        service: &str,
        cid: &str,
        is_request: bool,
        payload: &str,
        is_whole: bool,
    ) {
        let nth = self.calls;
        let side = if is_request { "Request" } else { "Response" };
        let (log, seconds, millis) = (&mut self.log, nth % 60, u32::from(!is_request));
        let header = format!(
            "2018-11-11 22:{:02}:{seconds:02},{millis:03} - INFO - 1:Dummy-1 - ",
            nth / 60 % 60
        );
        // What breaks off has its CID before that in the old wordings only.
        let wording = if is_whole { nth % 4 } else { 0 };
        let (message, end) = match wording {
            0 if is_request => (
                format!("zato_admin:0 - cid:[{cid}], name:[{service}], SIO request:[{payload}"),
                "]".to_owned(),
            ),
            0 => (
                format!("zato_admin:0 - cid:[{cid}], name:[{service}], response:[{payload}"),
                "]".to_owned(),
            ),
            1 if is_request => (
                format!("zato_admin:0 - cid:`{cid}`, name:`{service}`, request:`{payload}"),
                "`".to_owned(),
            ),
            1 => {
                let text = repr(payload);
                (
                    format!("zato_admin:0 - cid:`{cid}`, name:`{service}`, response:`{text}"),
                    "`".to_owned(),
                )
            }
            2 => (
                format!("zato_admin:0 - {side}; service:`{service}`, data:`{payload}"),
                format!("` cid:`{cid}`, "),
            ),
            _ => (
                format!(
                    "{service} - {cid} - zato_admin:21 - {side}; service:`{service}`, data:`{payload}"
                ),
                format!("` cid:`{cid}`, "),
            ),
        };
        let end = if is_whole { end.as_str() } else { "" };
        writeln!(log, "{header}{message}{end}").unwrap();
    }
}

const KEY: char = '\u{1}';
const SECRET: char = '\u{2}';
const BARE_SECRET: char = '§';
const HOST_SECRET: char = '¤';
/// Base64 of a user and a secret.
const BASIC_PAIR: char = '\u{3}';

/// The template with single characters for what is filled in: for `K`, `S` and `B` that stand alone.
fn mark(template: &str) -> String {
    let is_letter = |c: Option<&char>| c.is_some_and(char::is_ascii_alphanumeric);
    let chars: Vec<char> = template.chars().collect();
    let marked = chars.iter().enumerate().map(|(at, &c)| {
        let before = at.checked_sub(1).and_then(|at| chars.get(at));
        // An escape such as `\n` before it.
        let is_escaped = at > 1 && chars[at - 2] == '\\' && is_letter(before);
        let is_alone = (!is_letter(before) || is_escaped) && !is_letter(chars.get(at + 1));
        match c {
            'K' if is_alone => KEY,
            'S' if is_alone => SECRET,
            'B' if is_alone => BASIC_PAIR,
            c => c,
        }
    });
    marked.collect()
}

/// What the service's last part may be: all that the audit and the examples make a difference of.
const VERBS: [&str; 5] = ["get", "create", "edit", "change-password", "get-list"];

fn planted() -> (Planted, Logs) {
    let mut planted = Planted::default();
    let under_names = KEYS
        .iter()
        .flat_map(|key| UNDER_A_NAME.map(|template| (template, *key)));
    let in_forms = IN_A_FORM.map(|template| (template, "password"));
    let mut rich = Vec::new();
    for (nth, (template, key)) in under_names.chain(in_forms).enumerate() {
        // Every template is there with every eighth key, and every key with some templates.
        if nth % 8 != 0 && nth < KEYS.len() * UNDER_A_NAME.len() {
            continue;
        }
        let service = format!("zato.kind-{nth}.{}", VERBS[nth % VERBS.len()]);
        let cid = format!("c{nth:x}");
        let payload = planted.payload(template, key);
        let harmless = format!("{{'id': {nth}, 'name': 'n{nth}'}}");
        if nth % 16 == 0 || payload.contains('\n') {
            planted.log_call(&service, &cid, &harmless, &payload);
        } else {
            planted.log_call(&service, &cid, &payload, &harmless);
        }
        let is_readable =
            payload.starts_with('{') && payload.ends_with('}') && !payload.contains("'b': }");
        if nth % 16 == 0 && is_readable {
            rich.push(planted.payload(template, key));
        }
        if nth % 40 == 0 {
            // The payload of zato.service.invoke, and base64 within base64.
            let inner = planted.payload(r#"{"name": "x", "deep": [{"K": "S"}], "a": 1}"#, key);
            let mut inner = STANDARD.encode(inner);
            if nth % 80 == 0 {
                inner = STANDARD.encode(inner);
            }
            let payload = format!("{{'id': 1, 'name': 'zato.x', 'payload': '{inner}'}}");
            planted.log_call(
                &format!("zato.service.invoke-{nth}"),
                &format!("b{nth:x}"),
                &payload,
                &inner,
            );
        }
        if nth % 56 == 0 {
            // Records that break off behind a secret.
            for torn in ["{'a': 1, 'K': 'S", "{'a': 1, 'url': 'amqp://u:§"] {
                let payload = planted.payload(torn, key);
                let service = format!("zato.torn-{nth}.edit");
                planted.log_record(&service, "torn", true, &payload, false);
            }
        }
    }
    let rich = format!(
        "{{'all': [{}]}}",
        rich.iter()
            .filter(|dict| dict.ends_with('}'))
            .cloned()
            .collect::<Vec<_>>()
            .join(", ")
    );
    planted.log_call("my.rich.get", "rich", &rich, &rich);
    let number = "918273645546372819";
    planted
        .halves
        .push((number.to_owned(), "a number".to_owned()));
    planted.log_call(
        "my.number.get",
        "number",
        &format!("{{'token': {number}}}"),
        "{}",
    );
    // What forms group by.
    let token = planted.payload("{'K': 'S'}", "token");
    planted.log_call("my.token.get", "token", "{'id': 1}", &token);
    // An object that changes, and what uses its ID.
    for (cid, name) in [("o1", "one"), ("o2", "two")] {
        let id = if cid == "o1" { 7001 } else { 7002 };
        let object = planted.payload(
            &format!("{{'name': '{name}', 'K': 'S', 'extra': 'token=§', 'url': 'amqp://u:§@h'}}"),
            "password",
        );
        planted.log_call(
            "zato.outgoing.sql.create",
            cid,
            &object,
            &format!("{{'id': {id}, 'name': '{name}'}}"),
        );
        let change = planted.payload(&format!("{{'id': {id}, 'name': '{name}', 'K': 'S', 'extra': 'token=§', 'url': 'amqp://u:§@h'}}"), "secret_key");
        planted.log_call(
            "zato.outgoing.sql.edit",
            &format!("{cid}e"),
            &change,
            &format!("{{'id': {id}, 'name': '{name}'}}"),
        );
    }
    planted.in_log = planted.halves.len();
    // What fails, as other logs tell it.
    let mut server_log = String::new();
    let mut access_log = String::new();
    for (nth, template) in [
        "ValueError: could not connect to amqp://u:§@h",
        "Exception: {'K': 'S', 'n': 1}",
        "no class, but K=§",
        r#"KeyError: '{"K": "S"}'"#,
        "zato.BadRequest: <BadRequest at 0x7f cid:`x`, msg:`K: §`>",
        "OSError: Authorization: Basic B",
    ]
    .iter()
    .enumerate()
    {
        let request = planted.payload("{'name': 'f', 'K': 'S'}", "token");
        planted.calls = planted.calls / 4 * 4 + 2;
        planted.log_record(
            &format!("zato.fails-{nth}.create"),
            &format!("f{nth}"),
            true,
            &request,
            true,
        );
        let said = planted.payload(template, "password");
        writeln!(
            server_log,
            "2018-11-11 22:30:00,000 - INFO - 1:Dummy-1 - zato_rest:0 - Caught an exception, cid:`f{nth}`, status_code:`500`, `Traceback (most recent call last):\n  File \"x.py\", line 1, in handle\n    login(password='{}')\n{said}\n`",
            planted.secret(&BARE_GLUE, "traceback", "password")
        )
        .unwrap();
        let mut query = |template: &str| planted.payload(template, "api_key");
        let (path, agent) = (query("/zato/x?a=1&K=§"), query("agent/1 (token=§)"));
        let channel = query("https://u:§@h");
        writeln!(
            access_log,
            "10.0.0.7 f{nth}/1.5 \"{channel}\" [11/Nov/2018:22:01:57 +0100] \"POST {path} HTTP/1.1\" 500 1970 \"-\" \"{agent}\""
        )
        .unwrap();
        writeln!(
            server_log,
            "2018-11-11 22:30:01,000 - INFO - 1:Dummy-1 - zato_rest:0 - REST cha → cid=o{nth}; POST {path} name={channel}; len=127; agent={agent}; remote-addr=127.0.0.1:4711"
        )
        .unwrap();
    }
    planted.calls = planted.calls / 4 * 4 + 1;
    planted.log_call(LAST_SERVICE, "last", "{'id': 1}", "{'a': 1}");
    planted.halves.extend(
        PASSWORD
            .split('-')
            .map(|half| (half.to_owned(), "$ZATO_PASSWORD".to_owned())),
    );
    let answers = [
        planted.payload(r#"{"K": "S", "amqp://u:§@h": [{"K": "S"}]}"#, "password"),
        planted.payload("failed: K=§", "token"),
    ];
    let (url, _requests) = serve(move |request| {
        let nth = request.path.len() % 2;
        ([200, 500][nth], answers[nth].clone())
    });
    let logs = Logs {
        other: planted
            .log
            .replace("'name': 'x'", "'name': 1")
            .replace("'n': 1", "'n': 'x'"),
        log: planted.log.clone(),
        server_log,
        access_log,
        url,
        server: "server1".to_owned(),
        object: "outgoing.sql/one".to_owned(),
    };
    (planted, logs)
}

/// Finds secrets in any of the forms in which they could stand.
struct Finder {
    forms: AhoCorasick,
    /// Which secret each form is of.
    secrets: Vec<usize>,
}

impl Finder {
    fn new(halves: &[(String, String)]) -> Self {
        let mut forms = Vec::new();
        let mut secrets = Vec::new();
        for (nth, (half, _)) in halves.iter().enumerate() {
            let hex: String = in_bytes(half, |byte| format!("{byte:02x}"));
            let percent: String = in_bytes(half, |byte| format!("%{byte:02X}"));
            let mut of_one = vec![
                half.clone(),
                half.to_uppercase(),
                hex.to_uppercase(),
                hex,
                percent,
            ];
            for once in in_base64(half) {
                of_one.extend(in_base64(&once));
                of_one.push(once);
            }
            secrets.extend(of_one.iter().map(|_| nth));
            forms.extend(of_one);
        }
        Self {
            forms: AhoCorasick::new(forms).unwrap(),
            secrets,
        }
    }

    /// Which secrets stand in these bytes.
    fn find(&self, bytes: &[u8]) -> BTreeSet<usize> {
        let found = self.forms.find_overlapping_iter(bytes);
        found
            .map(|found| self.secrets[found.pattern().as_usize()])
            .collect()
    }

    /// Which secrets a form tells, in what it prints, in what it writes, and in the names of that.
    fn find_in(&self, made: &Made) -> BTreeSet<usize> {
        let mut found = self.find(made.run.stdout.as_bytes());
        found.extend(self.find(made.run.stderr.as_bytes()));
        for (path, content) in &made.files {
            found.extend(self.find(content));
            found.extend(self.find(path.to_string_lossy().as_bytes()));
        }
        found
    }
}

fn in_bytes(text: &str, form: impl Fn(u8) -> String) -> String {
    text.bytes().map(form).collect()
}

/// What stands in base64 of any text that holds this one, wherever it starts there.
fn in_base64(text: &str) -> [String; 3] {
    [0, 1, 2].map(|before| {
        let encoded = STANDARD_NO_PAD.encode("?".repeat(before) + text);
        let whole = (before + text.len()) * 8 / 6;
        encoded[[0, 2, 3][before]..whole].to_owned()
    })
}

#[test]
fn no_form_tells_a_secret() {
    let (planted, logs) = planted();
    let finder = Finder::new(&planted.halves);
    let stage = Stage::new(&logs, false);
    let told = stage.each(&[], |form, made| {
        assert!(
            made.run.status.is_some_and(|status| status < 101),
            "{form:?}: {}",
            made.run.stderr
        );
        let found = finder.find_in(&made);
        let places: BTreeSet<&str> = found.iter().map(|&nth| &*planted.halves[nth].1).collect();
        (!places.is_empty()).then_some((form.0, places))
    });
    let told: BTreeMap<_, _> = told.into_iter().flatten().collect();
    assert!(told.is_empty(), "{told:#?}");
}

/// What others may look into of what a form made.
#[cfg(unix)]
fn open_to_others(made: &Made) -> Vec<String> {
    use std::os::unix::fs::PermissionsExt as _;

    let paths = made
        .files
        .iter()
        .flat_map(|(path, _)| path.ancestors().take_while(|path| *path != made.folder));
    let paths: BTreeSet<&Path> = paths.collect();
    let is_open = |path: &&Path| {
        // tantivy makes its files for all to read, in a folder that nobody else can open.
        let is_closed = path.ancestors().any(|path| path.ends_with("segments"));
        if !path.is_dir() && is_closed {
            return false;
        }
        let mode = fs::metadata(path).unwrap().permissions().mode();
        mode & 0o777 != if path.is_dir() { 0o700 } else { 0o600 }
    };
    let names = paths.into_iter().filter(is_open);
    names
        .map(|path| {
            path.strip_prefix(&made.folder)
                .unwrap()
                .display()
                .to_string()
        })
        .collect()
}

#[cfg(unix)]
#[test]
fn what_is_made_is_for_its_user_alone() {
    let (_, logs) = planted();
    let stage = Stage::new(&logs, false);
    let mut written = BTreeSet::new();
    for form in FORMS.iter().filter(|(_, kind, _)| *kind == Kind::Files) {
        let made = stage.make(*form, &[]);
        assert!(!made.files.is_empty(), "{}: {}", form.0, made.run.seen());
        assert_eq!(open_to_others(&made), Vec::<String>::new(), "{}", form.0);
        written.extend(form.0.split(' ').next());
    }
    assert_eq!(
        written,
        BTreeSet::from(["audit", "examples", "index", "recipes"])
    );
}

#[test]
fn every_form_that_tells_values_tells_secrets_when_it_is_asked_to() {
    let (planted, logs) = planted();
    let finder = Finder::new(&planted.halves);
    let stage = Stage::new(&logs, true);
    let told = stage.each(&[], |form, made| (form, finder.find_in(&made)));
    let silent = told
        .iter()
        .filter(|(form, found)| matches!(form.2, Tells::Values | Tells::Kept) && found.is_empty());
    let silent: Vec<&str> = silent.map(|(form, _)| form.0).collect();
    assert!(silent.is_empty(), "{silent:#?}");
    let told: BTreeSet<usize> = told.into_iter().flat_map(|(_, found)| found).collect();
    let untold = (0..planted.in_log).filter(|nth| !told.contains(nth));
    let untold: BTreeSet<&str> = untold.map(|nth| &*planted.halves[nth].1).collect();
    assert_eq!(untold, BTreeSet::new());
}

/// What a query says of the calls of a log or of an index.
fn search(stage: &Stage, query: &str, more: &[&str]) -> Run {
    let log = stage.log();
    let index = stage.path("index");
    let place = if more.contains(&"--index") {
        index.to_str().unwrap()
    } else {
        &log
    };
    zalog(&[&["search", query], more, &[place]].concat())
}

/// A secret can't be guessed by asking for it.
#[test]
fn no_query_finds_a_secret() {
    let (planted, logs) = planted();
    let (stage, open) = (Stage::new(&logs, false), Stage::new(&logs, true));
    let finder = Finder::new(&planted.halves);
    let in_log = planted
        .halves
        .iter()
        .filter(|(half, _)| logs.log.contains(half));
    let halves: Vec<&str> = in_log.map(|(half, _)| half.as_str()).collect();
    assert!(halves.len() > 250);
    let all = halves.join(" OR ");
    for query in [
        &all,
        "zq*",
        "request:zq*",
        "request.password:zq*",
        "/zq[0-9a-f]+/",
        "request.token:>5",
        "response.**:zq*",
    ] {
        let shown: String = query.chars().take(40).collect();
        for place in [&["--count"][..], &["--count", "--index"]] {
            let run = search(&stage, query, place);
            assert_eq!(run.status, Some(1), "{shown} {place:?}: {}", run.seen());
            if query != all {
                assert!(
                    finder.find(run.stderr.as_bytes()).is_empty(),
                    "{shown}: {}",
                    run.stderr
                );
            }
        }
        let found = search(&open, query, &["--count", "--show-secrets"]);
        assert_eq!(found.status, Some(0), "{shown}: {}", found.seen());
    }
    // Other commands choose calls by the same queries.
    for command in ["examples", "audit", "recipes"] {
        let run = zalog(&[command, &stage.log(), "--query", "zq*"]);
        assert_eq!(
            finder.find(run.stdout.as_bytes()),
            BTreeSet::new(),
            "{command}"
        );
        assert!(
            !run.stdout.contains("zato.kind"),
            "{command}: {}",
            run.seen()
        );
    }
}
