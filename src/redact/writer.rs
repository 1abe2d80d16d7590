//! Writes values as JSON, with their secrets masked.

use super::{Redactor, tokens::Masked};
use crate::pyrepr::{Keys, Notation, ReprError, Tokens};

/// Writes one value after the other, and gets faster by what it has seen.
#[derive(Debug, Default)]
pub struct Writer {
    redactor: Redactor,
    /// What is known of keys in each notation. A key that is no secret to one redactor may be one
    /// to another.
    in_repr: Keys,
    in_json: Keys,
}

impl Writer {
    /// Writes what this redactor shows.
    #[must_use]
    pub fn new(redactor: Redactor) -> Self {
        Self {
            redactor,
            ..Self::default()
        }
    }

    /// Writes the value that `tokens` make as compact JSON behind what `out` holds, as
    /// [`write_json`](crate::pyrepr::write_json) does.
    ///
    /// After an error `out` holds a part of the value.
    pub fn write_json(
        &mut self,
        tokens: &mut Tokens<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(), ReprError> {
        let keys = match tokens.notation() {
            Notation::Repr => &mut self.in_repr,
            Notation::Json => &mut self.in_json,
        };
        Masked::new(tokens, self.redactor).write_json(keys, out)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::pyrepr::write_json;

    /// What it must write: token by token, with nothing known of what came before.
    fn expected(text: &str, notation: Notation, redactor: Redactor) -> Result<String, ReprError> {
        let mut out = Vec::new();
        let mut tokens = Tokens::of_text(text, notation);
        write_json(redactor.tokens(&mut tokens), &mut out)?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[track_caller]
    fn writes_the_same(texts: &[String]) {
        for redactor in [Redactor::Mask, Redactor::Show] {
            let mut writer = Writer::new(redactor);
            for text in texts.iter().chain(texts) {
                for notation in [Notation::Repr, Notation::Json] {
                    let mut out = Vec::new();
                    let mut tokens = Tokens::of_text(text, notation);
                    let written = writer.write_json(&mut tokens, &mut out);
                    let written = written.map(|()| String::from_utf8(out).unwrap());
                    assert_eq!(written, expected(text, notation, redactor), "{text}");
                }
            }
        }
    }

    /// Names and values, some of which name or hold secrets or almost do.
    fn word() -> impl Strategy<Value = String> {
        let words = vec![
            "id",
            "name",
            "value",
            "key",
            "header",
            "field",
            "val",
            "is_active",
            "cluster_id",
            "password",
            "passwd",
            "PassWord",
            "password_type",
            "pass",
            "bypass",
            "compass",
            "pwd",
            "secret",
            "SECRET_key",
            "token",
            "tOken",
            "token_ttl",
            "routing_key",
            "api_key",
            "aPi Key",
            "Authorization",
            "author",
            "cred",
            "credentials",
            "cookie",
            "book",
            "jwt",
            "hunter2",
            "",
            "x",
            "******",
            "{}",
            "a, b",
            "it is",
            "zato.security.basic-auth.get-list",
            "z\u{142}oty",
            "a_name_that_is_longer_than_those_that_are_known_again",
        ];
        let texts = vec![
            "password=hunter2",
            "Password: hunter2 and more",
            "key: value",
            "Bearer abcdefghijk",
            "Basic am9objpodW50ZXIy",
            "basic words",
            "amqp://john:hunter2@example.com//",
            "amqp://10.1.2.3:5672//",
            "admin@example.com",
            "a@b c",
            "-----BEGIN RSA PRIVATE KEY-----",
            "eyJwYXNzd29yZCI6ICJodW50ZXIyIn0=",
            "bWVyZSB0ZXh0IG9mIHNvbWUgbGVuZ3Ro",
            "<token>x</token>",
            "warehouse sync 5226",
            "x okey",
            "Cookie: a=b",
            "{\"a\": 1}",
            "2018-11-11 22:01:57",
        ];
        prop_oneof![
            4 => prop::sample::select(words).prop_map(str::to_owned),
            3 => prop::sample::select(texts.clone()).prop_map(str::to_owned),
            2 => ("[ -~]{0,20}", prop::sample::select(texts), "[ -~]{0,9}")
                .prop_map(|(before, text, after)| before + text + &after),
            1 => "[ -~\n\u{17c}]{0,40}",
        ]
    }

    /// A text of Python, in one notation or another.
    fn string() -> impl Strategy<Value = String> {
        (word(), 0..8).prop_map(|(word, style)| match style {
            0 => format!("u'{}'", word.replace(['\'', '\\'], "")),
            1..5 => format!("'{}'", word.replace(['\'', '\\'], "")),
            5 => format!("'{}'", word.escape_default()),
            _ => format!("\"{}\"", word.escape_default()),
        })
    }

    fn value() -> impl Strategy<Value = String> {
        let others = vec![
            "None",
            "True",
            "False",
            "null",
            "true",
            "0",
            "1",
            "17010",
            "12345678",
            "123456789",
            "-1",
            "01",
            "1.5",
            "2L",
            "{}",
            "[]",
            "()",
            "set([1])",
            "nan",
            "[...]",
            "{1}",
            "<object at 0x7f>",
            "word",
        ];
        prop_oneof![
            string(),
            prop::sample::select(others).prop_map(str::to_owned)
        ]
    }

    fn container() -> impl Strategy<Value = String> {
        let style =
            prop::sample::select(&[(": ", ", "), (": ", ", "), (":", ","), (" :  ", " ,\n")][..]);
        value().prop_recursive(4, 60, 8, move |inner| {
            prop_oneof![
                3 => (prop::collection::vec((string(), inner.clone()), 0..8), style.clone()).prop_map(
                    |(entries, (colon, comma))| {
                        let entries: Vec<String> =
                            entries.iter().map(|(key, value)| format!("{key}{colon}{value}")).collect();
                        format!("{{{}}}", entries.join(comma))
                    }
                ),
                // The rows of a list have the same keys.
                2 => (prop::collection::vec(string(), 1..5), prop::collection::vec(inner.clone(), 1..15))
                    .prop_map(|(keys, values)| {
                        let row = |values: &[String]| {
                            let entries: Vec<String> = keys.iter().zip(values)
                                .map(|(key, value)| format!("{key}: {value}")).collect();
                            format!("{{{}}}", entries.join(", "))
                        };
                        let rows: Vec<String> = values.chunks(keys.len()).map(row).collect();
                        format!("[{}]", rows.join(", "))
                    }),
                1 => prop::collection::vec(inner.clone(), 0..5)
                    .prop_map(|values| format!("[{}]", values.join(", "))),
                1 => prop::collection::vec(inner, 0..5)
                    .prop_map(|values| format!("({})", values.join(", "))),
            ]
        })
    }

    proptest! {
        #[test]
        fn values_are_written_as_token_by_token(
            values in prop::collection::vec(container(), 1..4),
            cut in any::<prop::sample::Index>(),
        ) {
            // What is known of keys is used far from the end only.
            let padded = values.iter().map(|value| format!("[{value}, '{}']", "x".repeat(80)));
            let mut texts: Vec<String> = values.iter().cloned().chain(padded).collect();
            let broken: String = texts[0].chars().take(cut.index(texts[0].len() + 1)).collect();
            texts.push(broken);
            writes_the_same(&texts);
        }
    }

    #[test]
    fn keys_of_any_length_are_written_as_token_by_token() {
        for length in 1..60 {
            let key = "k".repeat(length);
            let forms = [
                format!("'{key}':1"),
                format!("'{key}': 1"),
                format!("u'{key}': 1"),
                format!("\"{key}\":1"),
                format!("\"{key}\": 1"),
            ];
            for form in forms {
                let row = format!("{{{form}, 'id': 2, {form}}}");
                let json_row = row.replace('\'', "\"");
                let rows = [row, json_row].map(|row| format!("[{}]", vec![row; 5].join(", ")));
                writes_the_same(&rows);
            }
        }
    }

    #[test]
    fn a_known_name_beside_a_secret_names_it() {
        let row =
            |name: &str| format!("{{'id': 1, 'name': {name}, 'type': 'x', 'value': 'hunter2'}}");
        let names = [
            "'a'",
            "'password'",
            r"'pass\x77ord'",
            "u'password'",
            "['password']",
            "1",
            "'b'",
        ];
        let behind =
            |name: &str| format!("{{'id': 1, 'value': 'hunter2', 'x': 2, 'name': {name}}}");
        for first in names {
            let rows = [names.map(row), names.map(behind)].concat().join(", ");
            writes_the_same(&[
                format!("[{}, {rows}, '{}']", row(first), "x".repeat(80)),
                format!(
                    "{{'id': 2, 'name': {first}, 'in': {{'id': 3}}, 'value': 'hunter2', 'x': [{rows}]}}"
                ),
            ]);
        }
        let rows = format!(
            "[{}, {}, {}, 1, 2, 3]",
            row("'a'"),
            row("'token'"),
            row("'b'")
        );
        let mut out = Vec::new();
        let mut tokens = Tokens::of_text(&rows, Notation::Repr);
        Writer::default().write_json(&mut tokens, &mut out).unwrap();
        let written = String::from_utf8(out).unwrap();
        assert_eq!(written.matches("hunter2").count(), 2, "{written}");
    }

    #[test]
    fn a_known_key_before_white_space_that_ends_the_log_is_left_out() {
        for space in ["", " ", "\n", &" ".repeat(80)] {
            let text = format!("[{{'id': 1}}, {{'id': 2}}, {{'id': {space}");
            let mut out = Vec::new();
            let mut tokens = Tokens::of_text(&text, Notation::Repr).cut_off();
            Writer::default().write_json(&mut tokens, &mut out).unwrap();
            assert_eq!(out, br#"[{"id":1},{"id":2},{}]"#, "{text:?}");
        }
    }

    #[test]
    fn what_one_notation_knows_the_other_does_not() {
        let row = r"[{'id': 1, 'a': 2}, {'id': 1, 'a': 3}, 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx']";
        let mixed = row
            .replacen('\'', "\"", 2)
            .replace("'xx", "\"xx")
            .replace("xx']", "xx\"]");
        writes_the_same(&[row.to_owned(), mixed, row.replace('\'', "\"")]);
    }

    #[test]
    fn any_number_of_keys_is_read() {
        let entries: Vec<String> = (0..5000).map(|nth| format!("'key {nth}': {nth}")).collect();
        writes_the_same(&[format!("{{{}}}", entries.join(", "))]);
    }

    #[test]
    fn nesting_ends_where_it_does_token_by_token() {
        let deep = format!("{}{}", "[".repeat(600), "]".repeat(600));
        writes_the_same(&[format!("{{'id': {deep}, 'a': 1}}"), "{'id': ".repeat(600)]);
    }
}
