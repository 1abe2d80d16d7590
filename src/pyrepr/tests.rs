//! Tables of cases that no Python at hand can check, and the limits.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

#[track_caller]
fn reads(text: &str, expected: &str) {
    let value = Tokens::new(text.as_bytes(), Notation::Repr).into_value();
    assert_eq!(value.expect(text).to_string(), expected, "{text}");
}

#[track_caller]
fn refuses(text: &str, message: &str) {
    let error = Tokens::new(text.as_bytes(), Notation::Repr)
        .into_value()
        .expect_err(text);
    assert_eq!(error.to_string(), message, "{text}");
}

#[track_caller]
fn reads_cut_off(text: &str, notation: Notation, expected: &str, ended_at: Option<usize>) {
    let mut tokens = Tokens::new(text.as_bytes(), notation).cut_off();
    let value = to_value(tokens.by_ref()).expect(text);
    assert_eq!(
        (value.to_string().as_str(), tokens.ended_at()),
        (expected, ended_at),
        "{text}"
    );
}

#[test]
fn scalars() {
    for (text, expected) in [
        ("None", "null"),
        ("True", "true"),
        ("Ellipsis", "null"),
        ("-0", "-0"),
        ("123L", "123"),
        (
            "123456789012345678901234567890",
            "123456789012345678901234567890",
        ),
        ("1e+300", "1e+300"),
        ("nan", r#""NaN""#),
        ("-inf", r#""-Infinity""#),
        ("(1+2j)", r#""(1+2j)""#),
        ("-0.5j", r#""-0.5j""#),
        (r"u'\u017c'", r#""ż""#),
        (r"'\xc5\xbc'", r#""ż""#),
        (r"b'\xff'", r#""ÿ""#),
        (r"'\ud800'", "\"\u{fffd}\""),
        (r#""it's""#, r#""it's""#),
    ] {
        reads(text, expected);
    }
}

#[test]
fn containers() {
    for (text, expected) in [
        ("{}", "{}"),
        ("()", "[]"),
        ("(1,)", "[1]"),
        ("{1, 2}", "[1,2]"),
        (
            "{(1, 'a'): [], 2L: 3, None: 4, b'k': 5}",
            r#"{"(1, 'a')":[],"2":3,"None":4,"b'k'":5}"#,
        ),
        ("{('a)', 1): 2}", r#"{"('a)', 1)":2}"#),
        ("{(<a ): b>, 1): 2}", r#"{"(<a ): b>, 1)":2}"#),
        ("{(<, 1): 2}", r#"{"(<, 1)":2}"#),
        ("{frozenset({1}), frozenset({2: 3})}", r#"[[1],{"2":3}]"#),
        ("set([1, 2])", "[1,2]"),
        ("set()", "[]"),
        ("frozenset({'a'})", r#"["a"]"#),
        (
            "{'self': {...}, 'list': [...]}",
            r#"{"self":null,"list":null}"#,
        ),
        ("Bunch(a=1, b='x', c=Bunch())", r#"{"a":1,"b":"x","c":{}}"#),
        (
            "[Bunch(it's0='}``', a b=1)]",
            r#"[{"it's0":"}``","a b":1}]"#,
        ),
        ("OrderedDict([('b', 1), ('a', [2])])", r#"{"b":1,"a":[2]}"#),
        ("OrderedDict({'b': 1})", r#"{"b":1}"#),
        ("OrderedDict()", "{}"),
        ("defaultdict(<class 'list'>, {'a': [1]})", r#"{"a":[1]}"#),
        ("collections.defaultdict(None, {})", "{}"),
        ("deque([1], maxlen=3)", "[1]"),
    ] {
        reads(text, expected);
    }
}

#[test]
fn calls() {
    for (text, expected) in [
        (
            "datetime.datetime(2018, 11, 11, 22, 1)",
            r#""2018-11-11T22:01:00""#,
        ),
        (
            "datetime.datetime(2018, 11, 11, 22, 1, 57, 123000)",
            r#""2018-11-11T22:01:57.123000""#,
        ),
        (
            "datetime.datetime(2018, 11, 11, 0, 0, tzinfo=datetime.timezone.utc)",
            r#""2018-11-11T00:00:00+00:00""#,
        ),
        (
            "datetime.datetime(2018, 11, 11, 0, 0, tzinfo=<UTC>)",
            r#""2018-11-11T00:00:00+00:00""#,
        ),
        (
            "datetime.datetime(2018, 11, 11, 0, 0, tzinfo=<DstTzInfo 'Europe/Warsaw' CET+1:00:00 STD>)",
            r#""2018-11-11T00:00:00+01:00""#,
        ),
        (
            "datetime.datetime(2018, 11, 11, 0, 0, tzinfo=<DstTzInfo 'US/Eastern' EST-1 day, 19:00:00 STD>)",
            r#""2018-11-11T00:00:00-05:00""#,
        ),
        (
            "datetime.datetime(2018, 11, 11, 0, 0, tzinfo=<DstTzInfo 'Asia/Kolkata' LMT+5:53:28 STD>)",
            r#""2018-11-11T00:00:00+05:53:28""#,
        ),
        (
            "datetime.datetime(2018, 11, 11, 0, 0, tzinfo=datetime.timezone(datetime.timedelta(seconds=7200), 'X'))",
            r#""2018-11-11T00:00:00+02:00""#,
        ),
        (
            "datetime.datetime(2018, 11, 11, 0, 0, tzinfo=datetime.timezone(datetime.timedelta(days=-1, seconds=68400)))",
            r#""2018-11-11T00:00:00-05:00""#,
        ),
        (
            "datetime.datetime(2018, 11, 11, 0, 0, tzinfo=tzoffset(None, -19800))",
            r#""2018-11-11T00:00:00-05:30""#,
        ),
        (
            "datetime.datetime(2018, 11, 11, 0, 0, tzinfo=pytz.FixedOffset(60))",
            r#""2018-11-11T00:00:00+01:00""#,
        ),
        // Which offset a zone had then its name does not tell.
        (
            "datetime.datetime(2018, 11, 11, 0, 0, tzinfo=zoneinfo.ZoneInfo(key='Europe/Warsaw'))",
            r#""2018-11-11T00:00:00""#,
        ),
        (
            "datetime.datetime(2018, 11, 11, 0, 0, tzinfo=tzoffset(None, 99999999))",
            r#""2018-11-11T00:00:00""#,
        ),
        ("datetime.date(2018, 1, 2)", r#""2018-01-02""#),
        ("datetime.time(1, 2)", r#""01:02:00""#),
        ("datetime.timedelta(1, 2)", "86402"),
        (
            "datetime.timedelta(days=-1, seconds=86399, microseconds=500000)",
            "-0.5",
        ),
        ("datetime.timedelta(0)", "0"),
        ("datetime.timedelta(1, 2, 3)", "86402.000003"),
        (
            "datetime.timedelta(1, 2, 3, 4)",
            r#""datetime.timedelta(1, 2, 3, 4)""#,
        ),
        ("Decimal('1.0')", r#""1.0""#),
        ("UUID('8e3b')", r#""8e3b""#),
        (
            "datetime.datetime(2018, 99, 1)",
            r#""datetime.datetime(2018, 99, 1)""#,
        ),
        ("Foo(a=')', b=(1, 2))", r#""Foo(a=')', b=(1, 2))""#),
    ] {
        reads(text, expected);
    }
}

#[test]
fn objects_are_kept_as_their_text() {
    reads(
        "{'a': <zato.x.Y object at 0x7f>, 'b': 1}",
        r#"{"a":"<zato.x.Y object at 0x7f>","b":1}"#,
    );
    reads(
        "[<function <lambda> at 0x7f>]",
        r#"["<function <lambda> at 0x7f>"]"#,
    );
    reads("{'a': Status.Ok}", r#"{"a":"Status.Ok"}"#);
    reads(
        "{'a': infinite, 'b': nan.x}",
        r#"{"a":"infinite","b":"nan.x"}"#,
    );
    // An apostrophe opens no string, and behind its line one may open again.
    reads("[<it's\n'>'>, 1]", r#"["<it's\n'>'>",1]"#);
}

#[test]
fn what_is_no_repr_is_refused_with_its_place() {
    for (text, message) in [
        ("", "value ends too early at byte 0"),
        ("[1, 2", "value ends too early at byte 5"),
        ("'a", "value ends too early at byte 2"),
        ("{hello", "value ends too early at byte 6"),
        ("{'a': 1} x", "unexpected text after the value at byte 9"),
        ("{'a' 1}", "expected `,` or a closing bracket at byte 5"),
        ("[hello]", "expected a value at byte 1"),
        ("{hello: 1}", "expected a key at byte 1"),
        (
            "'a\nb'",
            "expected a closing quote on the same line at byte 0",
        ),
        ("<x>&amp;</x>", "unexpected text after the value at byte 3"),
    ] {
        refuses(text, message);
    }
    assert!(Tokens::new(b"{'a': [1]}", Notation::Repr).skip().is_ok());
    assert!(Tokens::new(b"{'a': [1}", Notation::Repr).skip().is_err());
}

#[test]
fn json_is_read_as_python_writes_it() {
    for (text, expected) in [
        (
            r#"{"a": NaN, "b": [Infinity, -Infinity]}"#,
            r#"{"a":"NaN","b":["Infinity","-Infinity"]}"#,
        ),
        (r#""\ud83d\ude00 \ud83d \/""#, "\"😀 \u{fffd} /\""),
        (r#"{"a": 1, "a": 2}"#, r#"{"a":2}"#),
        ("[1.50, -0.0]", "[1.50,-0.0]"),
    ] {
        let value = Tokens::new(text.as_bytes(), Notation::Json).into_value();
        assert_eq!(value.unwrap().to_string(), expected);
    }
    for text in [
        "[1,]", "{'a': 1}", "[u\"a\"]", "\"a\nb\"", "{1: 2}", "01", "[1] 2",
    ] {
        let value = Tokens::new(text.as_bytes(), Notation::Json).into_value();
        assert!(value.is_err(), "{text}");
    }
}

#[test]
fn a_cut_off_value_is_kept_as_far_as_it_goes() {
    use Notation::{Json, Repr};
    for (text, notation, expected) in [
        ("{'a': [1, 'x", Repr, r#"{"a":[1,"x"]}"#),
        ("{'a': 1, 'b", Repr, r#"{"a":1}"#),
        ("{'a': 1, 'b':", Repr, r#"{"a":1}"#),
        ("{'a': 1, 'b': Tr", Repr, r#"{"a":1,"b":"Tr"}"#),
        ("{'a", Repr, "{}"),
        ("{(1, 2", Repr, "{}"),
        (r"['\u12", Repr, r#"[""]"#),
        (r"['\\", Repr, r#"["\\"]"#),
        (r"['a\x4", Repr, r#"["a"]"#),
        (r"['a\U0001f60", Repr, r#"["a"]"#),
        (r"['a\\x4", Repr, r#"["a\\x4"]"#),
        (r"['a\x41", Repr, r#"["aA"]"#),
        ("{'a': 'x", Repr, r#"{"a":"x"}"#),
        ("{'a': Bunch(", Repr, r#"{"a":"Bunch("}"#),
        ("OrderedDict([('a', 1), ('b'", Repr, r#"{"a":1}"#),
        (r#"{"a": [{"b": nul"#, Json, r#"{"a":[{"b":"nul"}]}"#),
        (r#"{"a": ["x\u00"#, Json, r#"{"a":["x"]}"#),
    ] {
        reads_cut_off(text, notation, expected, Some(text.len()));
    }
    reads_cut_off("{'a': 1}", Repr, r#"{"a":1}"#, None);
    let broken = Tokens::new(b"{'a': [1 2], 'b'", Repr).cut_off();
    assert!(broken.into_value().is_err());
}

#[test]
fn a_character_that_the_end_cuts_is_left_out_and_bytes_are_kept() {
    for (text, expected) in [
        (&b"['a\xc5"[..], "a"),
        (b"['a\xff", "a\u{ff}"),
        (b"['a\xffb", "a\u{ff}b"),
    ] {
        let value = Tokens::new(text, Notation::Repr).cut_off().into_value();
        assert_eq!(value.unwrap(), json!([expected]), "{}", text.escape_ascii());
    }
}

#[test]
fn a_token_by_itself_is_given_once() {
    let mut tokens = Tokens::single(Token::Text("x".into()));
    assert_eq!(tokens.next_token(), Ok(Some(Token::Text("x".into()))));
    assert_eq!(tokens.next_token(), Ok(None));
}

#[test]
fn texts_are_equal_by_what_they_say() {
    let mut tokens = Tokens::new(b"['a', 'b']", Notation::Repr);
    let texts: Vec<_> = tokens.by_ref().map(Result::unwrap).collect();
    assert_eq!(texts[1], Token::Text("a".into()));
    assert_ne!(texts[1], texts[2]);
}

#[test]
fn a_container_deeper_than_the_limit_is_kept_as_text() {
    let deep = "[".repeat(MAX_DEPTH + 1) + &"]".repeat(MAX_DEPTH + 1);
    let mut tokens = Tokens::new(deep.as_bytes(), Notation::Repr);
    let mut json = Vec::new();
    write_json(tokens.by_ref(), &mut json).unwrap();
    let expected = "[".repeat(MAX_DEPTH) + r#""[]""# + &"]".repeat(MAX_DEPTH);
    assert_eq!(String::from_utf8(json).unwrap(), expected);
    assert_eq!(tokens.too_deep_at(), Some(MAX_DEPTH));

    let cut_off = "[".repeat(MAX_DEPTH) + "[1, 2";
    let mut tokens = Tokens::new(cut_off.as_bytes(), Notation::Repr).cut_off();
    let mut json = Vec::new();
    write_json(tokens.by_ref(), &mut json).unwrap();
    let expected = "[".repeat(MAX_DEPTH) + r#""[1, 2""# + &"]".repeat(MAX_DEPTH);
    assert_eq!(String::from_utf8(json).unwrap(), expected);
    assert_eq!(tokens.ended_at(), Some(cut_off.len()));
}

/// A machine that recursed, or one that looked ahead at each level, would not come back from these.
#[test]
fn depth_costs_no_stack_and_no_more_than_linear_time() {
    const LEVELS: usize = 300_000;
    for (open, close) in [
        ("[", "]"),
        ("{(", ")}"),
        ("{frozenset({", "}): 1}"),
        ("{'a': ", "}"),
    ] {
        let text = open.repeat(LEVELS) + "1" + &close.repeat(LEVELS);
        for text in [
            text.as_str(),
            &text[..text.len() / 2],
            &text[..text.len() - 1],
        ] {
            let tokens = Tokens::new(text.as_bytes(), Notation::Repr).cut_off();
            assert!(tokens.count() >= 2);
        }
    }
    for piece in ["<", "'", "\\'", "(<'", "{'a':<", "Foo("] {
        let text = piece.repeat(LEVELS);
        assert!(
            Tokens::new(text.as_bytes(), Notation::Repr)
                .into_value()
                .is_err(),
            "{piece}"
        );
    }
}

#[test]
fn what_a_reader_of_lines_or_a_terminal_obeys_is_escaped() {
    let mut json = Vec::new();
    write_json_string("a\u{2028}\u{85}\u{7f}\u{202e}\"\\\n\r\t\0", &mut json);
    assert_eq!(json, br#""a\u2028\u0085\u007f\u202e\"\\\n\r\t\u0000""#);
}

#[test]
fn serde_types_are_read() {
    #[derive(serde::Deserialize, Debug, PartialEq)]
    enum Transport {
        #[serde(rename = "plain_http")]
        PlainHttp,
    }
    #[derive(serde::Deserialize, Debug, PartialEq)]
    struct Channel {
        name: String,
        transport: Transport,
        security_id: Option<u64>,
        timeout: f64,
        tags: Vec<(String, i8)>,
    }
    let text =
        br"{u'name': u'\u017c', 'transport': 'plain_http', 'security_id': None, 'x': {1: [2]},
        'timeout': 1.5, 'tags': [('a', -1)]}";
    let channel: Channel = from_tokens(Tokens::new(text, Notation::Repr)).unwrap();
    let expected = Channel {
        name: "ż".to_owned(),
        transport: Transport::PlainHttp,
        security_id: None,
        timeout: 1.5,
        tags: vec![("a".to_owned(), -1)],
    };
    assert_eq!(channel, expected);
    let error = from_tokens::<Channel>(Tokens::new(b"{'name': 1}", Notation::Repr)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "invalid type: integer `1`, expected a string"
    );
}

#[test]
fn a_whole_number_of_any_size_stays_exact_for_serde() {
    let digits = "1234567890".repeat(6);
    let value: Value = from_tokens(Tokens::new(digits.as_bytes(), Notation::Repr)).unwrap();
    assert_eq!(value, json!(digits));
}

/// Holds what is read quickly against what the machine reads by itself.
#[track_caller]
fn reads_the_same_step_by_step(text: &[u8]) {
    for notation in [Notation::Repr, Notation::Json] {
        for is_cut_off in [false, true] {
            let tokens = || {
                let tokens = Tokens::new(text, notation);
                if is_cut_off { tokens.cut_off() } else { tokens }
            };
            let (mut quickly, mut by_steps) = (tokens(), tokens());
            loop {
                let token = quickly.next_token();
                assert_eq!(token, by_steps.step_by_step(), "{}", text.escape_ascii());
                if let Ok(Some(Token::Text(text) | Token::Key(text))) = &token {
                    assert_is_what_it_looks(text);
                }
                if !matches!(token, Ok(Some(_))) {
                    break;
                }
            }
            assert_eq!(quickly.ended_at(), by_steps.ended_at());
            assert_eq!(quickly.too_deep_at(), by_steps.too_deep_at());
        }
    }
}

/// What a text is taken for decides how it is written and whether it is looked at for secrets.
#[track_caller]
fn assert_is_what_it_looks(text: &Text<'_>) {
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
    assert!(!text.is_plain() || text.bytes().all(is_plain), "{text:?}");
    let has_separator = text.bytes().any(|byte| SEPARATORS.contains(&byte));
    assert!(
        !text.is_word() || (text.is_plain() && !has_separator),
        "{text:?}"
    );
}

#[test]
fn what_is_read_quickly_is_read_the_same_step_by_step() {
    for text in [
        "{'a': 1, u'b': u'x', \"it's\": \"it's\", 'c': None, 'd': True, 'e': False, 'f': 12L}",
        "{\"a\": 1, \"b\": [null, true, false], \"c\": {}, \"d\": []}",
        "{'a':1,'b':[]}",
        "{'a' : 1 , 'b' :[ ] , 'c':  {} }",
        "[{...}, [...], {}, {1}, {'a'}, {'a', 'b'}, {'a' : 1}, {'a': {...}}]",
        "[1, 01, -1, -0, -, 0, 00, 1L, -0L, 1.5, 1e5, 1j, 1LL, 1 , 1]",
        "[None, Nonesuch, None.x, True(), TrueFalse, nan]",
        "[\"a\\nb\", 'a\"b', 'ż', 'a\tb', '\u{7f}', u\"x\", b'x', U'x']",
        "{'a': }",
        "{'a': ",
        "{'a':",
        "{'a':\n",
        "{'a': 1, 'b':  ",
        "{'a': \t1}",
        "{'a', 'b': 1}",
        "[1,]",
        "[1,,2]",
        "{'a': 1,}",
        "(1, 'a')",
        "OrderedDict([('a', 1), ('b', [2, 'c'])])",
        "Bunch(a=1, b='x')",
    ] {
        for end in 0..=text.len() {
            reads_the_same_step_by_step(&text.as_bytes()[..end]);
        }
    }
    let deep = "[{'a': ".repeat(MAX_DEPTH);
    reads_the_same_step_by_step(deep.as_bytes());
}

/// What is usual must be read quickly, or reading takes several times as long.
#[test]
fn usual_values_are_read_quickly_from_end_to_end() {
    for (text, notation) in [
        (
            "{'id': 1, u'name': u'x', \"it\": \"it's\", 'n': [None, True, False, 12L, -3], 'd': {}, 'l': []}",
            Notation::Repr,
        ),
        (
            "[{'id':1,'name':'x'},{'id':17010,'name':''}]",
            Notation::Repr,
        ),
        (
            r#"{"a": 1, "b": [null, true, false, -12], "c": {}, "d": {"e": "x"}}"#,
            Notation::Json,
        ),
        (r#"[{"a":1,"b":[],"c":""},{"a":2}]"#, Notation::Json),
    ] {
        let mut tokens = Tokens::new(text.as_bytes(), notation);
        while tokens.quick().is_some() {}
        assert_eq!(tokens.rest().escape_ascii().to_string(), "", "{text}");
    }
}

struct NoWatch;

impl Watch<'_> for NoWatch {
    fn text(&mut self, _text: Text<'_>, _is_name: bool) -> Option<String> {
        None
    }

    fn start_of_dict(&mut self) {}

    fn end_of_dict(&mut self) {}
}

/// Once two rows have shown what the keys are, all of a third is copied at once.
#[test]
fn usual_rows_are_copied_whole() {
    let longest = "k".repeat(44);
    for (row, notation) in [
        (
            format!("{{'id': 1, u'name': u'x', 'n': None, 't': True, 'f': False, '{longest}': 0}}"),
            Notation::Repr,
        ),
        (
            format!("{{'a': \"it's\", 'b': 1234567, 'c': '{longest}', 'd': [], 'e': {{}}}}"),
            Notation::Repr,
        ),
        (
            "{'id': 12, 'in': {'id': 3}, 'list': [1, 23, 'x', [4]]}".to_owned(),
            Notation::Repr,
        ),
        ("{'id':12,'name':'x','list':[]}".to_owned(), Notation::Repr),
        (
            r#"{"id": 1, "name": "x", "in": {"n": null, "t": true}, "f": false}"#.to_owned(),
            Notation::Json,
        ),
        (r#"{"id":1,"name":"x","in":{}}"#.to_owned(), Notation::Json),
    ] {
        let quote = if notation == Notation::Json {
            '"'
        } else {
            '\''
        };
        let padding = "x".repeat(80);
        let text = format!("[{row}, {row}, {row}, {quote}{padding}{quote}]");
        let mut tokens = Tokens::of_text(&text, notation);
        let mut keys = Keys::default();
        let third_row = 1 + 2 * (row.len() + ", ".len());
        while tokens.at + ", ".len() < third_row {
            let token = tokens.next_token().unwrap();
            if let Some(Token::Key(key)) = token {
                tokens.learn_key(key.as_borrowed().unwrap(), false, &mut keys);
            }
        }
        let mut copied = Vec::new();
        let next = tokens.copy(&mut keys, &mut NoWatch, &mut copied);
        let mut expected = Vec::new();
        write_json(Tokens::of_text(&row, notation), &mut expected).unwrap();
        let expected = String::from_utf8(expected).unwrap();
        let copied = String::from_utf8(copied).unwrap();
        assert_eq!(copied, format!(",{expected},\"{padding}\""));
        assert_eq!((next, tokens.rest()), (Some(Next::Other), &b"]"[..]));
    }
}

#[test]
fn a_key_before_white_space_that_ends_the_log_is_left_out() {
    for text in ["{'a': 1, 'b':\n", "{'a': 1, 'b':  ", "{'a': 1, 'b' : \t "] {
        let mut json = Vec::new();
        write_json(
            Tokens::new(text.as_bytes(), Notation::Repr).cut_off(),
            &mut json,
        )
        .unwrap();
        assert_eq!(json, br#"{"a":1}"#, "{text:?}");
    }
}

/// Writes a value as Python 3 would, for values whose repr is simple.
fn render(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => {
            let inside: String = text
                .chars()
                .map(|c| match c {
                    '\'' | '\\' => format!("\\{c}"),
                    c if (c as u32) < 0x20 => format!("\\x{:02x}", c as u32),
                    c => c.to_string(),
                })
                .collect();
            format!("'{inside}'")
        }
        Value::Array(list) => {
            format!(
                "[{}]",
                list.iter().map(render).collect::<Vec<_>>().join(", ")
            )
        }
        Value::Object(dict) => {
            let pair = |(key, value): (&String, &Value)| {
                format!("{}: {}", render(&json!(key)), render(value))
            };
            format!(
                "{{{}}}",
                dict.iter().map(pair).collect::<Vec<_>>().join(", ")
            )
        }
    }
}

fn any_value() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    scalar.prop_recursive(6, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::hash_map(any::<String>(), inner, 0..8)
                .prop_map(|dict| Value::Object(dict.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_rendered_is_read_back(value in any_value()) {
        let repr = render(&value);
        prop_assert_eq!(&Tokens::new(repr.as_bytes(), Notation::Repr).into_value().unwrap(), &value);
        let json = value.to_string();
        prop_assert_eq!(&Tokens::new(json.as_bytes(), Notation::Json).into_value().unwrap(), &value);
        let mut written = Vec::new();
        write_json(Tokens::new(repr.as_bytes(), Notation::Repr), &mut written).unwrap();
        prop_assert_eq!(serde_json::from_slice::<Value>(&written).unwrap(), value);
    }

    #[test]
    fn any_cut_of_a_value_is_read(value in any_value(), cut in any::<prop::sample::Index>()) {
        let value = json!([value]);
        for (text, notation) in [(render(&value), Notation::Repr), (value.to_string(), Notation::Json)] {
            let cut = &text.as_bytes()[..=cut.index(text.len())];
            let mut json = Vec::new();
            write_json(Tokens::new(cut, notation).cut_off(), &mut json).unwrap();
            prop_assert!(serde_json::from_slice::<Value>(&json).is_ok());
            // Behind a part of a name or a text this may be an error.
            let mut json = Vec::new();
            let before_space = [cut, b" \n"].concat();
            if write_json(Tokens::new(&before_space, notation).cut_off(), &mut json).is_ok() {
                prop_assert!(serde_json::from_slice::<Value>(&json).is_ok());
            }
        }
    }

    #[test]
    fn any_value_and_any_cut_of_it_is_read_the_same_step_by_step(
        value in any_value(),
        cut in any::<prop::sample::Index>(),
    ) {
        for text in [render(&value), value.to_string()] {
            reads_the_same_step_by_step(text.as_bytes());
            reads_the_same_step_by_step(&text.as_bytes()[..=cut.index(text.len())]);
        }
    }

    #[test]
    fn any_text_is_read_the_same_step_by_step(text in r#"[-\[\](){}<>'"\\,:=.a-fuxNLTrueFalsn0-9 \n]{0,80}"#) {
        reads_the_same_step_by_step(text.as_bytes());
    }

    #[test]
    fn likely_text_is_read_the_same_step_by_step(
        pieces in prop::collection::vec(
            prop::sample::select(vec![
                "{'", "', ", "': ", "'}", "[", "]", "{", "}", ", ", ",", ": ", ":", "'a'", "u'b'", "\"c\"",
                "'x\\'y'", "'ż'", "1", "-2", "3L", "4.5", "None", "True", "null", "false", "(", ")", " ", "\u{ff}",
            ]),
            0..24,
        ),
    ) {
        reads_the_same_step_by_step(pieces.concat().as_bytes());
    }

    #[test]
    fn any_bytes_are_read_the_same_step_by_step(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        reads_the_same_step_by_step(&bytes);
        let quoted = [b"{'a': '", bytes.as_slice(), b"', 'b': 1}"].concat();
        reads_the_same_step_by_step(&quoted);
        reads_the_same_step_by_step(&quoted.escape_ascii().to_string().into_bytes());
    }

    #[test]
    fn no_text_makes_it_panic(text in r#"[-\[\](){}<>'"\\,:=.a-fuxNL0-9 \n]{0,80}"#) {
        for notation in [Notation::Repr, Notation::Json] {
            for tokens in [Tokens::new(text.as_bytes(), notation), Tokens::new(text.as_bytes(), notation).cut_off()] {
                let mut json = Vec::new();
                if write_json(tokens, &mut json).is_ok() {
                    prop_assert!(serde_json::from_slice::<Value>(&json).is_ok(), "{}", String::from_utf8_lossy(&json));
                }
            }
        }
    }
}
