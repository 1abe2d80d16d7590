//! Tables of what is masked and what is not.

use serde_json::{Value, json};

use super::value::MOST_ARGUMENTS;
use super::*;
use crate::pyrepr::{Notation, to_value};

#[track_caller]
fn masks(repr: &str, expected: &str) {
    let mut tokens = Tokens::new(repr.as_bytes(), Notation::Repr);
    let value = to_value(Redactor::Mask.tokens(&mut tokens)).expect(repr);
    assert_eq!(value.to_string(), expected, "{repr}");
    let mut tokens = Tokens::of_text(repr, Notation::Repr);
    let mut json = Vec::new();
    let written = Writer::default().write_json(&mut tokens, &mut json);
    written.expect(repr);
    let written: Value = serde_json::from_slice(&json).expect(repr);
    assert_eq!(written.to_string(), expected, "{repr}, written");
}

/// Holds a text by itself against what is made of it as a value, in all ways to read one.
#[track_caller]
fn masks_inside(text: &str, expected: &str) {
    assert_eq!(mask_text(text).as_deref(), Some(expected), "{text}");
    // Known keys, and what is far from the end of a payload, are read in a way of their own.
    let payload = |text| json!([0, text, {"n": text}, {"n": text, "m": 1}, "x".repeat(80)]);
    let (hidden, expected) = (payload(text).to_string(), payload(expected));
    for notation in [Notation::Json, Notation::Repr] {
        let mut tokens = Tokens::of_text(&hidden, notation);
        let value = to_value(Redactor::Mask.tokens(&mut tokens)).expect(text);
        assert_eq!(value, expected, "{text}");
        let mut json = Vec::new();
        let mut tokens = Tokens::of_text(&hidden, notation);
        Writer::default()
            .write_json(&mut tokens, &mut json)
            .expect(text);
        let written: Value = serde_json::from_slice(&json).expect(text);
        assert_eq!(written, expected, "{text}");
    }
}

#[test]
fn keys_of_secrets_are_masked_at_any_depth_and_in_any_spelling() {
    for key in [
        "password",
        "PASSWORD",
        "my_password",
        "newPassword",
        "secret",
        "secret_key",
        "token",
        "api_key",
        "apiKey",
        "API-Key",
        "auth_token",
        "auth_data",
        "totp_key",
        "tls_pem_passphrase",
        "Authorization",
        "client_secret",
        "private_key",
        "as2_next_decryption_key",
        "tls_client_key",
        "reset_key",
        "smtp_pass",
        "AccountKey",
        "pre_shared_key",
        "passcode",
        "zato.server.password",
        "zato_password",
        "password_response",
        "zato.change-password",
        "zato.x.secret-key",
        "pw",
        "dbpw",
        "pw1",
        "pass1",
        "smtp_pass_2",
        "ust",
        "current_ust",
        "db_creds",
        "consumer_key",
        "passw",
        "bindPW",
    ] {
        masks(
            &format!("{{'a': [{{'{key}': 'hunter2', 'n': 1}}]}}"),
            &format!(r#"{{"a":[{{"{key}":"******","n":1}}]}}"#),
        );
    }
}

#[test]
fn keys_of_no_secrets_are_shown() {
    for key in [
        "routing_key",
        "sub_key",
        "token_ttl",
        "is_static_token",
        "reject_stale_tokens",
        "sec_tls_ca_cert_id",
        "password_expiry",
        "password_must_change",
        "password_type",
        "password_is_set",
        "password_last_set",
        "client_secret_field",
        "new_token_wait_time",
        "ssl_key_repository",
        "token_url",
        "max_tokens",
        "zato.security.basic-auth.change-password",
        "zato.security.jwt.create",
        "zato.crypto.generate-secret",
        "zato.sso.password-reset.password-reset",
        "pwhash_rounds",
        "cache_bypass",
        "trust",
        "adjust",
        "cookie_domain",
        "token_name",
        "auth",
        "basic_auth",
        "bypass",
        "compass",
        "key",
        "name",
    ] {
        masks(&format!("{{'{key}': 'x'}}"), &format!(r#"{{"{key}":"x"}}"#));
    }
}

/// They are told apart by more than their lengths and the letters at their ends.
#[test]
fn keys_that_are_alike_are_told_apart() {
    masks(
        "[{'token_ttl': 1, 'token_val': 'hunter2', 'token_ttl': 2}]",
        r#"[{"token_ttl":2,"token_val":"******"}]"#,
    );
    masks(
        "[{'token_val': 'hunter2', 'token_ttl': 'x'}]",
        r#"[{"token_val":"******","token_ttl":"x"}]"#,
    );
}

#[test]
fn keys_are_names_up_to_a_length() {
    let key = |length: usize| "x".repeat(length - "password".len()) + "password";
    assert!(is_secret(&key(256)));
    assert!(!is_secret(&key(257)));
    let long = key(400);
    masks(
        &format!("{{'{long}': 'password=hunter2'}}"),
        &format!(r#"{{"{long}":"password=******"}}"#),
    );
}

#[test]
fn a_secret_of_any_type_is_masked_and_the_lack_of_one_is_shown() {
    masks("{'token': 12345}", r#"{"token":"******"}"#);
    masks(
        "{'auth_data': ['u', {'p': 1}], 'b': 2}",
        r#"{"auth_data":"******","b":2}"#,
    );
    masks(
        "{'token': None, 'secret': '', 'password': True}",
        r#"{"token":null,"secret":"","password":true}"#,
    );
}

#[test]
fn a_secret_beside_its_name_is_masked() {
    masks(
        "[('Authorization', 'Basic x'), ('Accept', 'y')]",
        r#"[["Authorization","******"],["Accept","y"]]"#,
    );
    masks(
        "{'name': 'password', 'x': 1, 'value': 'p'}",
        r#"{"name":"password","x":1,"value":"******"}"#,
    );
    masks(
        "[{'name': 'token'}, {'name': 'a', 'value': 'b'}]",
        r#"[{"name":"token"},{"name":"a","value":"b"}]"#,
    );
    masks(
        "['zato', '--password', 'p', u'--token', 'p', '--x', 'y']",
        r#"["zato","--password","******","--token","******","--x","y"]"#,
    );
    masks(
        "[{'a': '--password', 'b': 'x'}, '--password', {'c': 1}, '-secret']",
        r#"[{"a":"--password","b":"x"},"--password","******","-secret"]"#,
    );
    masks("['secret']", r#"["secret"]"#);
    for inner in ["{}", "{'y': 1}", "[{'name': 'a'}]", "[1]"] {
        let repr = format!("[{{'name': 'token', 'x': {inner}, 'value': 'p'}}]");
        let json = inner.replace('\'', "\"").replace(": ", ":");
        let expected = format!(r#"[{{"name":"token","x":{json},"value":"******"}}]"#);
        masks(&repr, &expected);
    }
}

#[test]
fn a_secret_before_its_name_is_masked() {
    for (repr, expected) in [
        (
            "{'value': 'p', 'name': 'password'}",
            r#"{"value":"******","name":"password"}"#,
        ),
        (
            "[{u'value': 12, u'x': [1, 2], u'key': u'api_key'}, {'value': 'b'}]",
            r#"[{"value":"******","x":[1,2],"key":"api_key"},{"value":"b"}]"#,
        ),
        (
            "{'value': ['p', 'q'], 'name': 'password'}",
            r#"{"value":"******","name":"password"}"#,
        ),
        (
            "{'value': 'p', 'name': 'a', 'in': {'name': 'password'}}",
            r#"{"value":"p","name":"a","in":{"name":"password"}}"#,
        ),
        (
            "[{'value': 'p'}, {'name': 'password'}]",
            r#"[{"value":"p"},{"name":"password"}]"#,
        ),
        (
            "{'value': {'a': 1}, 'x': {'y': {}, 'z': [{'b': 1}]}, 'name': 'password'}",
            r#"{"value":"******","x":{"y":{},"z":[{"b":1}]},"name":"password"}"#,
        ),
        (
            "{'Value': 'p', 'default': 'q', 'NAME': 'password', 'values': ['r']}",
            r#"{"Value":"******","default":"******","NAME":"password","values":"******"}"#,
        ),
        (
            "{'value': 'p', 'name': ['password'], 'x': 'password'}",
            r#"{"value":"p","name":["password"],"x":"password"}"#,
        ),
    ] {
        masks(repr, expected);
        let json = expected.replace("\"******\"", "\"hunter2\"");
        let mut out = Vec::new();
        let mut tokens = Tokens::of_text(&json, Notation::Json);
        Writer::default().write_json(&mut tokens, &mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}

#[test]
fn every_word_for_a_name_and_for_a_value_is_known() {
    let names = [
        "key",
        "name",
        "field",
        "param",
        "label",
        "header",
        "option",
        "setting",
        "property",
        "variable",
        "parameter",
        "attribute",
    ];
    let values = [
        "val",
        "value",
        "values",
        "default",
        "new_value",
        "old_value",
    ];
    for name in names {
        for value in values {
            let masked = |first: &str, second: &str| format!("{{\"{first}\":{second}");
            masks(
                &format!("{{'{name}': 'password', '{value}': 'hunter2'}}"),
                &format!(
                    "{}}}",
                    masked(name, &format!("\"password\",\"{value}\":\"******\""))
                ),
            );
            masks(
                &format!("{{'{value}': 'hunter2', '{name}': 'password'}}"),
                &format!(
                    "{}}}",
                    masked(value, &format!("\"******\",\"{name}\":\"password\""))
                ),
            );
        }
    }
    masks(
        "{'id': 'password', 'value': 'a', 'kind': 'password'}",
        r#"{"id":"password","value":"a","kind":"password"}"#,
    );
}

/// What stands between is looked through, but not for ever.
#[test]
fn a_name_behind_its_secret_is_found_behind_so_many_containers() {
    for (depth, is_found) in [(8, true), (9, false), (10, false)] {
        let between = "[".repeat(depth) + &"]".repeat(depth);
        let secret = if is_found { "******" } else { "p" };
        masks(
            &format!("{{'value': 'p', 'x': {between}, 'name': 'password'}}"),
            &format!(r#"{{"value":"{secret}","x":{between},"name":"password"}}"#),
        );
    }
    // Only its end tells a set from a dict.
    for (set, list) in [
        ("{1, 2}", "[1,2]"),
        ("{ 1}", "[1]"),
        ("{(1, 2)}", "[[1,2]]"),
        ("[1, {2}]", "[1,[2]]"),
    ] {
        masks(
            &format!("{{'value': 'p', 'x': {set}, 'name': 'password'}}"),
            &format!(r#"{{"value":"p","x":{list},"name":"password"}}"#),
        );
    }
    for (dict, json) in [
        ("{ }", "{}"),
        ("{ u'a': 1}", r#"{"a":1}"#),
        (r#"{"a": 1}"#, r#"{"a":1}"#),
    ] {
        masks(
            &format!("{{'value': 'p', 'x': {dict}, 'name': 'password'}}"),
            &format!(r#"{{"value":"******","x":{json},"name":"password"}}"#),
        );
    }
}

#[test]
fn an_envelope_holds_a_secret_only_as_a_text() {
    for key in [
        "zato_security_change_password_response",
        "zato_security_basic_auth_change_password_response",
        "ZatoPasswordResponse",
    ] {
        for (value, expected) in [
            ("{'a': 1}", r#"{"a":1}"#),
            ("['a']", r#"["a"]"#),
            ("''", r#""""#),
            ("'hunter2'", r#""******""#),
            ("12345", r#""******""#),
        ] {
            let expected = format!(r#"{{"{key}":{expected},"zato_x_response":"a"}}"#);
            masks(
                &format!("{{'{key}': {value}, 'zato_x_response': 'a'}}"),
                &expected,
            );
        }
    }
}

#[test]
fn urls_and_calls_hold_secrets_however_they_are_written() {
    for (text, expected) in [
        (r"amqp:\/\/u:hunter2@h", r"amqp:\/\/u:******@h"),
        (
            "https://hunter2abcd:x-oauth-basic@h/x",
            "https://******:******@h/x",
        ),
        ("https://hunter2abcd:@h", "https://******:@h"),
        (
            "{'token': Token(1, 'hunter2'), 'b': 0x10}",
            "{'token': ******, 'b': 0x10}",
        ),
        (
            "{'password': a.Dict([('a', 'hunter2')]), 'b': }",
            "{'password': ******, 'b': }",
        ),
        (
            "{'password': Bunch(a='hunter2', b='hunter2",
            "{'password': ******",
        ),
        ("password: a(b) hunter2\nc", "password: ******\nc"),
    ] {
        assert_eq!(mask_text(text).as_deref(), Some(expected), "{text}");
    }
}

#[test]
fn texts_and_keys_of_a_value_are_looked_into() {
    for (secret, masked) in [
        ("a://b:pw@c", "a://b:******@c"),
        ("Bearer abcdefgh", "Bearer ******"),
        // Both are words, and the first is as short as any that holds a secret.
        ("cHdkPWh1bnRlcjIy", "cHdkPSoqKioqKg=="),
        (
            "eyJwYXNzd29yZCI6ICJodW50ZXIxMjMifQ",
            "eyJwYXNzd29yZCI6ICIqKioqKioifQ==",
        ),
    ] {
        masks(
            &format!("['{secret}', {{'{secret}': 1}}]"),
            &format!(r#"["{masked}",{{"{masked}":1}}]"#),
        );
    }
}

#[test]
fn secrets_inside_text_are_masked() {
    for (text, expected) in [
        ("amqp://user:pw@host/vhost", "amqp://user:******@host/vhost"),
        (
            "redis://:p@ss/word@host:6379/0",
            "redis://:******@host:6379/0",
        ),
        ("Authorization: Basic dXNlcjpwdw==", "Authorization: ******"),
        (
            "Authorization: Digest u=\"x\", r=\"y\"",
            "Authorization: ******",
        ),
        ("x Basic dXNlcjpwdw== y", "x Basic ****** y"),
        ("Bearer abc.def.ghi", "Bearer ******"),
        (
            r#"{"a": {"password": "hunter2"}, "b": 1}"#,
            r#"{"a": {"password": "******"}, "b": 1}"#,
        ),
        (
            r#"{\"password\": \"hun\\\"ter2\", \"b\": 1}"#,
            r#"{\"password\": \"******\", \"b\": 1}"#,
        ),
        (
            "{u'secret': u'hunter2', 'b': 1}",
            "{u'secret': u'******', 'b': 1}",
        ),
        ("{'password': 'hunter2", "{'password': '******"),
        ("auth_data=[1, [2]] rest", "auth_data=****** rest"),
        (
            "f(password=Secret(value='hunter2 (3', n=1), user=1)",
            "f(password=******, user=1)",
        ),
        ("password = Token(1, 'x y') # z", "password = ****** # z"),
        (
            "f(password=a.b('x y').c('z'), y=1)",
            "f(password=******, y=1)",
        ),
        ("f(password=S[a]('x y'), y=1)", "f(password=******, y=1)"),
        (
            "{'password': S[a]('b, c'), 'd': }",
            "{'password': ******, 'd': }",
        ),
        ("see password=wxyz['my a'] z", "see password=****** z"),
        (
            "userPassword: {CRYPT}$6$a$b\nx: y",
            "userPassword: ******\nx: y",
        ),
        (
            "{'ldif': '{'password': {SSHA}/b==, 'c': }",
            "{'ldif': '{'password': ******, 'c': }",
        ),
        ("see password=\"a\"$b c", "see password=\"****** c"),
        (
            "{'password': u'a' u'b', 'c': }",
            "{'password': u'******', 'c': }",
        ),
        (
            "{'password': u'a' rb'b', 'c': }",
            "{'password': u'******', 'c': }",
        ),
        (
            "{'password': 'a'\n  'b', 'c': }",
            "{'password': '******', 'c': }",
        ),
        ("f(password='a' + 'b', y=1)", "f(password='******', y=1)"),
        ("see password=a(hunter2 b", "see password=******"),
        ("see password=abc%26def x", "see password=****** x"),
        ("password%3Da(b%26c)d", "password%3D******%26c)d"),
        ("password%3Dab%25cd%26e%3Df", "password%3D******%26e%3Df"),
        (
            "password: |\r\n  it's long\r\n  and goes on\r\nb: x",
            "password: ******\r\nb: x",
        ),
        (
            r#"\"password\": \"ab\\", cd\" x"#,
            r#"\"password\": \"******\" x"#,
        ),
        ("https://h/?token=abc&x=1", "https://h/?token=******&x=1"),
        (
            "password = hunter2\nname = x",
            "password = ******\nname = x",
        ),
        (
            "<a:password x='1'>hunter2</a:password>",
            "<a:password x='1'>******</a:password>",
        ),
        (
            "x -----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY----- y",
            "x ****** y",
        ),
        ("-----BEGIN PRIVATE KEY-----\nMII", "******"),
        (
            r#"{"auth_data": ["a]", "b"], "n": 1}"#,
            r#"{"auth_data": ******, "n": 1}"#,
        ),
        (
            r#"{\"password\": [\"a]\", \"b\"], 1}"#,
            r#"{\"password\": ******, 1}"#,
        ),
        (
            "https://ghp_0123456789@github.com/x",
            "https://******@github.com/x",
        ),
        ("mongodb://u:a'b@host", "mongodb://u:******@host"),
        ("password: two words\nname: x", "password: ******\nname: x"),
        ("x password=a,b c", "x password=****** c"),
        ("password=a,b c\nd=e", "password=******\nd=e"),
        ("password: it's me", "password: ******"),
        ("password: <hunter2>", "password: ******"),
        ("password: \\hunter2;x", "password: ******"),
        (
            r#"{"token": 123, "n": true}"#,
            r#"{"token": ******, "n": true}"#,
        ),
        (
            r#"{"secret": true, "token": null}{"pwd": 1}"#,
            r#"{"secret": true, "token": null}{"pwd": ******}"#,
        ),
        ("Set-Cookie: a=b; Path=/", "Set-Cookie: ******"),
        (
            "say \"password: hunter2\" twice",
            "say \"password: ******\" twice",
        ),
        (
            r"{'password': 'hun\'ter2', 'b': 1}",
            r"{'password': '******', 'b': 1}",
        ),
        // What names a secret is not always its key.
        (
            r#"[["Authorization", "Basic x"], ["Accept", "y"]]"#,
            r#"[["Authorization", "******"], ["Accept", "y"]]"#,
        ),
        (
            r#"[{"name": "token", "n": 1, "value": "ż"}, {"name": "a", "value": "b"}]"#,
            r#"[{"name": "token", "n": 1, "value": "******"}, {"name": "a", "value": "b"}]"#,
        ),
        (
            r"{u'name': u'password', u'value': u'hunter2', u'b': }",
            r"{u'name': u'password', u'value': u'******', u'b': }",
        ),
        (
            r#"{\"key\": \"api_key\", \"value\": \"hunter2\"}"#,
            r#"{\"key\": \"api_key\", \"value\": \"******\"}"#,
        ),
        ("amqp://u:p@h", "amqp://u:******@h"),
        ("amqp://u:p@h to x@y", "amqp://u:******@h to x@y"),
        ("\"amqp://u:p@h\",\"x@y\"", "\"amqp://u:******@h\",\"x@y\""),
        (
            "<u>amqp://u:p@h</u><m>x@y</m>",
            "<u>amqp://u:******@h</u><m>x@y</m>",
        ),
        (
            "password: !!str \"hunter2\"\nb: x",
            "password: !!str \"******\"\nb: x",
        ),
        (
            r#"{"password": "hunter2\\", "b": 1}"#,
            r#"{"password": "******", "b": 1}"#,
        ),
        (
            r#"{"auth_data": ["a\\", "b]", "hunter2"], "n": 1}"#,
            r#"{"auth_data": ******, "n": 1}"#,
        ),
        // Nothing but a comma stands between these names and their values, or no space.
        (
            r#"[["password","hunter2"],["n","x"]]"#,
            r#"[["password","******"],["n","x"]]"#,
        ),
        ("('password','hunter2')", "('password','******')"),
        ("Bearer\tabc.def.ghi", "Bearer\t******"),
        ("API key: hunter2", "API key: ******"),
        (
            r#"{"password": "hun\"ter2", "b": 1}"#,
            r#"{"password": "******", "b": 1}"#,
        ),
        ("auth_data={'a': {'b': 1}} rest", "auth_data=****** rest"),
        // What stands around a line ends it.
        (r#"["password: it is", 1]"#, r#"["password: ******", 1]"#),
        ("['password: it is', 1]", "['password: ******', 1]"),
        (
            r#"["Authorization: Digest u="x", 1]"#,
            r#"["Authorization: ******"#,
        ),
        ("<p>password: it is</p>", "<p>password: ******</p>"),
        (r"password: hunter2\nname: x", r"password: ******\nname: x"),
        (
            "<u><name>x</name><password>hunter2</password><n>1</n></u>",
            "<u><name>x</name><password>******</password><n>1</n></u>",
        ),
        // A name that ends with `pw`, at even places and at odd ones.
        ("pw=hunter2&n=1", "pw=******&n=1"),
        ("xpw=hunter2&n=1", "xpw=******&n=1"),
        ("bindpw: hunter2\nbase: x", "bindpw: ******\nbase: x"),
        (
            "n: 1\nrootpw: hunter2\nbase: x",
            "n: 1\nrootpw: ******\nbase: x",
        ),
        (r#"{"rootpw": "hunter2"}"#, r#"{"rootpw": "******"}"#),
        (
            "u:hunter2@tcp(h:3306)/db and more",
            "u:******@tcp(h:3306)/db and more",
        ),
        (
            r#"setattr(x, "password", "hunter2")"#,
            r#"setattr(x, "password", "******")"#,
        ),
        (
            "machine h login u password hunter2 port 1",
            "machine h login u password ****** port 1",
        ),
        (
            "machine h\n  login u\n  password hunter2\nmachine i",
            "machine h\n  login u\n  password ******\nmachine i",
        ),
        (
            "get(url, auth=('u', 'hunter2'), n=1)",
            "get(url, auth=('u', '******'), n=1)",
        ),
        (
            r"session.auth = ('dom\\u', 'hunter2')",
            r"session.auth = ('dom\\u', '******')",
        ),
        (
            r#"{"auth": ["u", "hunter2"]}"#,
            r#"{"auth": ["u", "******"]}"#,
        ),
        (
            "HTTPBasicAuth(user, 'hunter2')",
            "HTTPBasicAuth(user, '******')",
        ),
        (
            "object.__setattr__(a_name_that_is_long_indeed, 'password', 'hunter2')",
            "object.__setattr__(a_name_that_is_long_indeed, 'password', '******')",
        ),
        // What counts where there is nothing else.
        (
            "password = os.environ.get('X') or 'hunter2'\nn = 1",
            "password = ******'\nn = 1",
        ),
        (
            "f(password=x['y'] or 'hunter2', n=1)",
            "f(password=******', n=1)",
        ),
        (
            "password = 'a' if x else 'hunter2'\nn = 1",
            "password = '******'\nn = 1",
        ),
        // What tells a type.
        (
            "password: str = '!hunter2'\nn = 1",
            "password: ******'\nn = 1",
        ),
        (
            "def f(password: Optional['str'] = '$hunter2', n=1)",
            "def f(password: ******', n=1)",
        ),
        ("x[token][]=hunter2&n=1", "x[token][]=******&n=1"),
        ("run --token-auth hunter2 x", "run --token-auth ****** x"),
        ("token%5B%5D=hunter2&n=1", "token%5B%5D=******&n=1"),
        (
            "connecting to john:a:hunter2@x@db.corp.com:5432",
            "connecting to john:******@db.corp.com:5432",
        ),
        ("amqp://u:2024#hunter2@h", "amqp://u:******@h"),
        (
            r#"{"op": "replace", "path": "/password", "value": "hunter2"}"#,
            r#"{"op": "replace", "path": "/password", "value": "******"}"#,
        ),
        (
            r#"{"field": "password", "old": "hunter2", "new": "hunter3"}"#,
            r#"{"field": "password", "old": "******", "new": "******"}"#,
        ),
        (
            "session-gAAAAABalo6MX7zaB3-_aB3-_aB3-_aB3-_aB3-_aB3-_aB3-_aB3-_aB3-_aB3-_aB3-_aB3-_aB3-_aB3-_aB3-_aB3-_aB3-_aB3-_aB3-_aB3-_==",
            "session-******",
        ),
        (
            "the session gAAAAABalo6MX7zaB3-_aB3-_aB3-_aB3-_aB3-_aB3-_aB3-_aB3-_aB3-_aB3-_aB3-_aB3-_aB3-_aB3-_aB3-_aB3-_aB3-_aB3-_aB3-_aB3-_==, and more",
            "the session ******, and more",
        ),
    ] {
        masks_inside(text, expected);
    }
}

/// Each text has one secret, `hunter2`.
#[test]
fn names_and_values_in_any_notation_are_known() {
    for text in [
        // A key in quotes with more than a word in it.
        "{'password (old)': 'hunter2', 'b': 0x10}",
        r#"{"password (old)": "hunter2", "b": 1}"#,
        r#"{\"password 1\": \"hunter2\", \"b\": 1}"#,
        "{'password#': 'hunter2'}",
        "{'password[0]': 'hunter2'}",
        "{'password,x': 'hunter2'}",
        "{'%password%': 'hunter2'}",
        "{'api/key': 'hunter2'}",
        "{'api:key': 'hunter2'}",
        "{'Api  Key': 'hunter2'}",
        "{'the key of the password': 'hunter2'}",
        r#"{"user's password": "hunter2"}"#,
        "{('password',): 'hunter2'}",
        "{('a', 'password'): 'hunter2', 'b': 1}",
        "`password 1`: `hunter2`",
        r#"["password 1", "hunter2"]"#,
        // A name and a value that are both values.
        r#"{"value": "hunter2", "name": "password"}"#,
        r#"{"value": ["hunter2"], "x": {"y": [1]}, "name": "api key"}"#,
        r#"{"name": "password", "x": {"y": 1}, "value": "hunter2"}"#,
        r#"{"Name": "password", "Value": "hunter2"}"#,
        r#"{"name": "password", "value": "hunter2", "default": "hunter2"}"#,
        r#"{"name": "password", "x": "}", "value": "hunter2"}"#,
        r#"{\"name\": \"password\", \"x\": \"}\", \"value\": \"hunter2\"}"#,
        "{'name': 'password', 'a': <x at 0x7f>, 'value': 'hunter2'}",
        r#"{"x": "a text that is longer than what is looked at", "value": "hunter2", "name": "password"}"#,
        r#"{"name": "password", "default": "hunter2"}"#,
        r#"{"name": "password", "values": ["hunter2"]}"#,
        r#"{\"value\": \"hunter2\", \"name\": \"password\"}"#,
        "[P(name='a', value='b'), P(name='password', value='hunter2')]",
        // XML.
        r#"<a><param name="password">hunter2</param><b>x</b></a>"#,
        r#"<param name="password" value="hunter2"/>"#,
        r#"<add value="hunter2" key="password"/><add value="x" key="a"/>"#,
        r#"<password value="hunter2"/>"#,
        r#"<password value="hunter2">hunter2</password><b>x</b>"#,
        r#"<password a="&gt;" value='hunter2'>"#,
        "<p><name>password</name> <value>hunter2</value></p>",
        "<x:p><x:key>password</x:key><x:value a='b'>hunter2</x:value></x:p>",
        "<xml>&lt;password&gt;hunter2&lt;/password&gt;&lt;b&gt;x&lt;/b&gt;</xml>",
        // Headers, lines, options, assignments.
        "Authorization: hunter2\n  hunter2\nX: y",
        "password: |\n  hunter2\n\n  hunter2\nb: x",
        r"password: |-\n  hunter2\n  hunter2\nb: x",
        "password == hunter2",
        "password := hunter2",
        "zato --password hunter2 --b x",
        "['zato', '--password', 'hunter2', ' --b']",
        "x='a', password='hunter2''hunter2', y='b'",
        "password='hunter2' 'hunter2', y='b'",
        "password='''hunter2''', y='b'",
        r#"Bearer "hunter2hunter2""#,
        "bearer: hunter2hunter2",
        "Basic 'dXNlcjpodW50ZXIy'",
        // Keys of other programs.
        "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nhunter2\n---- END SSH2 ENCRYPTED PRIVATE KEY ----",
        "-----begin private key-----\nhunter2",
        "PuTTY-User-Key-File-2: ssh-rsa\nPublic-Lines: 1\nAAAA\nPrivate-Lines: 1\nhunter2\nPrivate-MAC: 12",
        // URLs.
        "amqp%3A%2F%2Fu%3Ahunter2%40h",
        "x=amqp%3a%2f%2fu%3ahunter2%40h&y=1",
        "amqp://u:<hunter2>@h",
        "see //u:hunter2@h/",
        "https://h/?to=https%3A%2F%2Fh%2F%3Ftoken%3Dhunter2%26a%3D1",
        "%7B%22password%22%3A%20%22hunter2%22%7D",
        "password%3Dhunter2",
        // Forms.
        "utf8=1&user[password]=hunter2&y=1",
        "user%5Bpassword%5D=hunter2&y=1",
        "password (old): hunter2\nb: x",
        // Settings.
        "password: a\nAPI key: hunter2\nb: x",
        "password=/hunter2\nb: x",
        "PWD=hunter2\nb: x",
        "a line that is longer than what is looked at\npassword = my hunter2\nb: x",
        "[db]\npassword =\ntoken = hunter2\nb: x",
        r#"token=hunter2 {"password": "hunter2", "b": 1}"#,
        "token=x {\"password\": \"hunter2\"}\nkey=\"a\"",
        r#"Token: a "b" password: "c" secret: "hunter2""#,
        "password = my hunter2 words\nb: x",
        "export PASSWORD=hun;unter2\nb: x",
        "Server=h;Password=my hunter2;y='b'",
        "PASSWORD=(x)hunter2",
        "password: {x}hunter2",
        "PASSWORD='abc'\"hunter2\"",
        "x with PASSWORD = N'a hunter2', y='b'",
        "PASSWORD=$'a hunter2'",
        "password: !!str \"hunter2\"\nb: x",
        "password: one\n  hunter2\nb: x",
        "passwords:\n- a\n- hunter2\nb: x",
        "a:\n  credentials:\n    user: u\n    value: hunter2\n  b: x",
        "- password: hunter2\n  b: x",
        "password: !vault |\n  $ANSIBLE_VAULT;1.1\n  hunter2\nb: x",
        r#"{"yaml": "password: one\\n  hunter2", "b": 1}"#,
        "env:\n  - name: DB_PASSWORD\n    value: hunter2\n    b: x",
        "x --no-password --token hunter2 --b",
        "Set-Item -Password hunter2 --b",
        "ALTER USER x WITH PASSWORD 'hunter2', y='b'",
        "user.set_password('hunter2'), y='b'",
        // XML with elements in elements.
        "<member><name>password</name><value><string>hunter2</string></value></member><b>x</b>",
        "<property name=\"password\">\n <value>hunter2</value>\n</property><b>x</b>",
        "<property name=\"password\"><a>x</a><value>hunter2</value></property><b>x</b>",
        "<item key=\"password\"><![CDATA[hunter2]]></item><b>x</b>",
        "<key>password</key><string>hunter2</string><b>x</b>",
        "<x:A Name=\"password\"><x:V>hunter2</x:V></x:A><b>x</b>",
        "<name>password</name><type>string</type><value>hunter2</value><b>x</b>",
        "<token><tokenType>x</tokenType><id>hunter2</id></token><b>x</b>",
        "<token><token-type>x</token-type><id>hunter2</id></token><b>x</b>",
        "<token><tokenType/><id>hunter2</id></token><b>x</b>",
        "<credentials><credentials>x</credentials><pin>hunter2</pin></credentials><b>x</b>",
        "<token desc=\"a&lt;b\">hunter2</token><b>x</b>",
        "see &amp;lt;password&amp;gt;hunter2&amp;lt;/password&amp;gt;",
        r"see \u003cpassword\u003ehunter2\u003c/password\u003e",
        "{&quot;password&quot;: &quot;hunter2&quot;, &quot;b&quot;: 1}",
        r"{\u0022password\u0022:\u0022hunter2\u0022}",
        r#"{"url":"https://h/?token\u003dhunter2\u0026x\u003d1"}"#,
        // Logins.
        "smtp://john@corp.com:hunter2@smtp.corp.com:587",
        "jdbc:oracle:thin:scott/hunter2@//h:1521/svc",
        "connecting to john:hunter2@h.example.com:5432",
        "h=Basic%20dXNlcjpodW50ZXIy",
        "h=Bearer%20hunter2hunter2",
        "Basic dXNlcjpodW50ZXIyIQ",
        "got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.hunter2",
        "pem=-----BEGIN+RSA+PRIVATE+KEY-----%0Ahunter2%0A-----END+RSA+PRIVATE+KEY-----",
        "MIIabcde\nhunter2hunter2\n-----END RSA PRIVATE KEY-----",
    ] {
        let masked = mask_text(text).unwrap_or_default();
        assert!(masked.contains(MASK), "{text}: {masked}");
        for secret in ["unter2", "h******", "dXNlcjpodW50ZXIy"] {
            assert!(!masked.contains(secret), "{text}: {masked}");
        }
        // What stands behind the secret is not masked with it.
        for rest in [
            "b\": 1",
            "'b': 1",
            "<b>x",
            "b: x",
            " --b",
            "y='b'",
            "key=\"a\"",
            "&y=1",
        ] {
            assert_eq!(
                masked.contains(rest),
                text.contains(rest),
                "{text}: {masked}"
            );
        }
        masks_inside(text, &masked);
    }
}

#[test]
fn arguments_of_a_call_have_an_end() {
    let masked = |behind: &str| mask_text(&format!("see password=a({behind}")).unwrap();
    let long = "x y".repeat(MOST_ARGUMENTS);
    // The text breaks off in it.
    assert_eq!(masked("x\ny z"), "see password=******");
    // Of a line all is looked at, of what follows so much.
    assert_eq!(masked(&format!("{long}) b")), "see password=****** b");
    assert_eq!(masked(&format!("{long} b\nc")), "see password=******");
    assert_eq!(
        masked(&format!("{long} b\n{long}")),
        format!("see password=******\n{long}")
    );
    for (length, is_closed) in [(MOST_ARGUMENTS - 2, true), (MOST_ARGUMENTS - 1, false)] {
        let line = "x".repeat(length);
        let expected = if is_closed {
            String::from(" b")
        } else {
            format!("\n{line}) b")
        };
        let expected = format!("see password=******{expected}");
        assert_eq!(masked(&format!("y\n{line}) b")), expected, "{length}");
    }
    let wide = "ż".repeat(MOST_ARGUMENTS / 2);
    assert_eq!(
        masked(&format!("y\n{wide}) b")),
        format!("see password=******\n{wide}) b")
    );
}

/// Each backslash of a run could be an escape with all behind it.
#[test]
fn a_run_of_backslashes_is_read_once() {
    let run = "\\".repeat(1 << 20);
    for name in [
        "see password=",
        "password=",
        "password: ",
        "Authorization: ",
        "{'password': ",
        "password%3D",
    ] {
        let text = format!("{name}{run}x y");
        let masked = mask_text(&text).unwrap();
        assert!(!masked.contains('\\'), "{name}");
    }
}

#[test]
fn what_only_looks_like_a_secret_is_shown() {
    for text in [
        "http://localhost:17010/zato/api?to=ops@example.com",
        "https://registry:4873/@scope/pkg",
        "{'url':'http://h:8080/x','mail':'john@x.com'}",
        "password=\nhost=db1.example.com\nport=5432",
        "smtp_password: \nport: 587",
        "if not password:\n    return user",
        "zato.security.basic-auth.change-password: 12 calls, 3 ms",
        "['zato.security.jwt.get-list', 'zato.ping']",
        "PWD=/opt/zato/env\nOLDPWD=/root",
        "{'token_url': 'https://h/token', 'token_count': 3, 'max_tokens': 4}",
        "<tokens count='1'/>",
        // What is no token, and its header alone.
        "eyJuYW1lIjogIngiLCAiYiI6IDEyfQ.abc.def",
        "eyJhbGciOiJIUzI1NiJ9",
        "eyJhbGciOiJIUzI1NiJ9.",
        "<p>no password</p><value>x</value>",
        "a new password is asked for",
        "the npw of it, and xpw.x = 3",
        "it supports login with password authentication",
        "sip:alice@example.com:5060",
        "nginx:1.25@sha256:4c0fdaa8b634",
        "x:decorator@foo(1)",
        "http://[::1]:17010/x?mail=a@b.c",
        "f(auth=x, n=('a', 'b'))",
        "['basic_auth', 'jwt']",
        "gAAAAAB is the start of it",
        "getxgetxgetxgetxgetxgetxgetxgetxgetxgetxgetxgetxgetxgetxgetxgetxgetxgetxgetxgetxgetxgetxgetxgetxgetxgAAAAAB",
        "f(auth=(), n=('a', 'b'))",
        "setattr(x, 'name', 'y')",
        r#"<add key="password"/><add value="x"/>"#,
        "<token/><b>x</b>",
        "<token a='1'/><b>x</b>",
        "see &lt;token/&gt;&lt;b&gt;x",
    ] {
        assert_eq!(mask_text(text), None, "{text}");
    }
    for (text, expected) in [
        (
            "curl -H \"Authorization: Bearer abcdefghijk\" -d '{\"id\": 17}' https://h/",
            "curl -H \"Authorization: ******\" -d '{\"id\": 17}' https://h/",
        ),
        (
            r#"{"raw": "GET /\r\nAuthorization: Digest a, b\r\nHost: h", "status": 200}"#,
            r#"{"raw": "GET /\r\nAuthorization: ******\r\nHost: h", "status": 200}"#,
        ),
        (
            "http://h:80/x,amqp://u:hunter2@h",
            "http://h:80/x,amqp://u:******@h",
        ),
    ] {
        masks_inside(text, expected);
    }
    masks(
        "{'zato.security.basic-auth.change-password': {'count': 3}, 'password_last_set': 'x'}",
        r#"{"zato.security.basic-auth.change-password":{"count":3},"password_last_set":"x"}"#,
    );
}

#[test]
fn base64_is_found_however_it_stands_in_a_text() {
    let base64 =
        base64(r#"{"name": "john of the house, xyz", "password": "hunter2", "x": 1, "y": 2}"#);
    let in_lines = |width: usize, space: &str| {
        let lines: Vec<&str> = (0..base64.len())
            .step_by(width)
            .map(|at| &base64[at..base64.len().min(at + width)])
            .collect();
        lines.join(space)
    };
    for text in [
        in_lines(76, "\r\n"),
        in_lines(64, "\n"),
        in_lines(64, "\n   "),
        in_lines(76, r"\n"),
        in_lines(76, r"\\r\\n"),
        format!(r"Content: x\n{base64}"),
        format!("/state/{base64}"),
        format!("state-{base64}"),
        format!("v2{base64}"),
        base64[1..].to_owned(),
        base64[2..].to_owned(),
    ] {
        let masked = mask_text(&text).unwrap_or_else(|| panic!("{text}"));
        assert!(!masked.contains(&base64[80..90]), "{masked}");
    }
}

#[test]
fn a_login_is_masked_where_it_is_one() {
    masks(
        "{'auth': ('u', 'hunter2'), 'basic_auth': ['u', u'hunter2'], 'n': 1}",
        r#"{"auth":"******","basic_auth":"******","n":1}"#,
    );
    masks(
        "{'auth': ['a'], 'sec_auth': ['a', 'b', 'c'], 'linked_auth': [{'n': 1}], 'auth': 'x'}",
        r#"{"auth":"x","sec_auth":["a","b","c"],"linked_auth":[{"n":1}]}"#,
    );
}

#[test]
fn the_value_of_an_option_is_masked_wherever_it_stands() {
    let more = ", 'a word'".repeat(20);
    for prefix in ["", "u"] {
        let repr = format!("{{'argv': ['x', 1, {prefix}'--password', 'hunter2'{more}]}}");
        let json = more.replace('\'', "\"").replace(", ", ",");
        masks(
            &repr,
            &format!(r#"{{"argv":["x",1,"--password","******"{json}]}}"#),
        );
    }
}

#[test]
fn the_lines_of_a_key_are_masked_in_a_list() {
    let begin = "-----BEGIN RSA PRIVATE KEY-----";
    let end = "-----END RSA PRIVATE KEY-----";
    masks(
        &format!(
            "[['{begin}', 'Proc-Type: 4,ENCRYPTED', 'DEK-Info: DES-CBC,12', '', 'MIIEpAIBAAKC', 'hunter2hunter2==', '{end}', 'x']]"
        ),
        r#"[["******","******","******","******","******","******","******","x"]]"#,
    );
    masks(
        &format!("{{'a': ['{begin}\\n', 'hunter2\\n', 'a b'], 'b': 'x'}}"),
        r#"{"a":["******","******","a b"],"b":"x"}"#,
    );
    masks(
        &format!("[{{'a': ['{begin}', 'hunter2']}}, {{'b': 'a text', 'c': 'x'}}]"),
        r#"[{"a":["******","******"]},{"b":"a text","c":"x"}]"#,
    );
    masks(
        "['-----BEGIN CERTIFICATE-----', 'MIIEpAIBAAKC']",
        r#"["-----BEGIN CERTIFICATE-----","MIIEpAIBAAKC"]"#,
    );
}

#[test]
fn what_a_log_breaks_off_in_is_masked() {
    for (repr, expected) in [
        ("{'u': 'amqp://u:hunter2", r#"{"u":"amqp://u:******"}"#),
        ("{'u': 'amqp://u:12hun/ter2", r#"{"u":"amqp://u:******"}"#),
        ("{'u': 'http://h:17010/a", r#"{"u":"http://h:17010/a"}"#),
        ("{'u': 'http://h:170", r#"{"u":"http://h:170"}"#),
        (
            "{'u': 'amqp://u:a@h/b:c",
            r#"{"u":"amqp://u:******@h/b:c"}"#,
        ),
        // `{"password": "hunter2` in base64, without its last digits.
        (
            "{'u': 'eyJwYXNzd29yZCI6ICJodW50ZXI",
            r#"{"u":"eyJwYXNzd29yZCI6ICIqKioqKio="}"#,
        ),
        (
            "{'u': 'eyJwYXNzd29yZCI6ICJodW50ZX",
            r#"{"u":"eyJwYXNzd29yZCI6ICIqKioqKio="}"#,
        ),
        (
            "{'u': 'eyJwYXNzd29yZCI6ICJodW50Z",
            r#"{"u":"eyJwYXNzd29yZCI6ICIqKioqKio="}"#,
        ),
    ] {
        let mut tokens = Tokens::new(repr.as_bytes(), Notation::Repr).cut_off();
        let value = to_value(Redactor::Mask.tokens(&mut tokens)).expect(repr);
        assert_eq!(value.to_string(), expected, "{repr}");
        let mut out = Vec::new();
        let mut tokens = Tokens::new(repr.as_bytes(), Notation::Repr).cut_off();
        let written = Writer::default().write_json(&mut tokens, &mut out);
        written.expect(repr);
        assert_eq!(String::from_utf8(out).expect(repr), expected, "{repr}");
    }
}

#[test]
fn characters_of_any_length_may_stand_around_a_name() {
    for pad in ["", "x"] {
        let (before, behind) = ("\u{17c}".repeat(40), "\u{17c}".repeat(400));
        let text = |secret: &str| format!(r#"{before}{pad}["token", "{secret}"]"#);
        masks_inside(&text(&(pad.to_owned() + &behind)), &text(MASK));
    }
}

#[test]
fn base64_is_looked_into() {
    assert_eq!(
        mask_text("cHdkPWh1bnRlcjIy").as_deref(),
        Some("cHdkPSoqKioqKg==")
    );
    let hidden = base64(r#"{"name": "x", "password": "hunter2"}"#);
    let shown = base64(r#"{"name": "x", "password": "******"}"#);
    masks_inside(&hidden, &shown);
    masks_inside(&base64("token=abcdef"), &base64("token=******"));
    masks_inside(
        &base64("my=hunter2, token=hunter2"),
        &base64("my=hunter2, token=******"),
    );
    let mut nested = "password=hunter2".to_owned();
    for _ in 0..6 {
        nested = base64(&nested);
    }
    assert_ne!(mask_text(&nested), None);
    let unpadded = base64(r#"{"password": "hunter2"}"#);
    assert_ne!(mask_text(unpadded.trim_end_matches('=')), None);
    let url_safe = base64(r#"{"password": "hunter2", "x": "a???>>>~~~"}"#)
        .replace('+', "-")
        .replace('/', "_");
    assert!(url_safe.contains('-') && url_safe.contains('_'));
    assert_ne!(mask_text(&url_safe), None);
    let long = base64(&format!(
        r#"{{"a": "{}", "password": "hunter2"}}"#,
        "x".repeat(40)
    ));
    let (first, rest) = long.split_at(76);
    assert_ne!(mask_text(&format!("{first}\n{rest}\n")), None);
    let latin_1 = ::base64::Engine::encode(
        &::base64::engine::general_purpose::STANDARD,
        b"{\"n\": \"\xe9\", \"password\": \"hunter2\"}",
    );
    assert_eq!(mask_text(&latin_1).as_deref(), Some(MASK));
    assert_eq!(mask_text(&base64("a harmless text of some length")), None);
}

fn base64(text: &str) -> String {
    use ::base64::Engine as _;
    ::base64::engine::general_purpose::STANDARD.encode(text)
}

#[test]
fn text_without_secrets_is_left_alone() {
    for text in [
        "",
        "zato.security.basic-auth.change-password",
        "http://localhost:17010/zato/api",
        "routing_key=a, token_ttl=3600",
        "Basic authentication",
        "key: value",
        "password_type: clear",
        "{'password': None}",
        "mailto:a@b.c",
        "2018-11-11 22:01:57",
        "{'password': '******'}",
        "['secret']",
        r#"["name", "password", "value"]"#,
        r#"[{"name": "token"}, {"name": "a", "value": "b"}]"#,
        "<password></password>",
    ] {
        assert_eq!(mask_text(text), None, "{text}");
    }
}
