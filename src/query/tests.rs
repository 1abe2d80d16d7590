//! Queries and what they mean; texts that are none, with where and why.

use proptest::prelude::*;

use super::*;

fn text(text: &str) -> Clause {
    Clause::Text(text.to_owned())
}

fn literal(text: &str) -> Pattern {
    Pattern {
        pieces: vec![Piece::Text(text.to_owned())],
    }
}

fn request(path: &str, value: Value) -> Clause {
    Clause::Request {
        path: path.to_owned(),
        value,
    }
}

#[track_caller]
fn reads(query: &str, expected: &[Clause]) {
    let read: Query = query
        .parse()
        .unwrap_or_else(|error| panic!("{query}: {error}"));
    assert_eq!(read.clauses, expected, "{query}");
}

#[track_caller]
fn fails(query: &str, message: &str) {
    assert_eq!(
        query.parse::<Query>().unwrap_err().to_string(),
        message,
        "{query}"
    );
}

#[test]
fn words_and_phrases_stand_side_by_side() {
    reads("channel", &[text("channel")]);
    reads("  my\u{a0}channel\t", &[text("my"), text("channel")]);
    reads(r#""my channel" x"#, &[text("my channel"), text("x")]);
    reads(r#"a"b c"d"#, &[text("a"), text("b c"), text("d")]);
    reads(
        r#""say \"hi\" to C:\\x\n""#,
        &[text(r#"say "hi" to C:\x\n"#)],
    );
    reads(r#""service:x *""#, &[text("service:x *")]);
}

#[test]
fn a_name_can_be_a_pattern() {
    let service = "service:zato.**.get-l?st";
    let pieces = vec![
        Piece::Text("zato.".to_owned()),
        Piece::AnyText,
        Piece::Text(".get-l".to_owned()),
        Piece::AnyCharacter,
        Piece::Text("st".to_owned()),
    ];
    reads(service, &[Clause::Service(Pattern { pieces })]);
    reads(
        "cid:K1* ",
        &[Clause::Cid(Pattern {
            pieces: vec![Piece::Text("K1".to_owned()), Piece::AnyText],
        })],
    );
    reads("server:server1", &[Clause::Server(literal("server1"))]);
    reads(r#"service:"a *:b""#, &[Clause::Service(literal("a *:b"))]);
}

#[test]
fn an_outcome_is_one_of_three() {
    for outcome in Outcome::ALL {
        reads(
            &format!("outcome:{}", outcome.as_str()),
            &[Clause::Outcome(outcome)],
        );
    }
}

#[test]
fn a_value_of_the_request_has_a_path() {
    reads(
        "request.name:x",
        &[request("name", Value::Word("x".to_owned()))],
    );
    reads(
        "request.a.B-c/1:-5",
        &[request("a.B-c/1", Value::Word("-5".to_owned()))],
    );
    reads(
        r#"request.a:"b c""#,
        &[request("a", Value::Phrase("b c".to_owned()))],
    );
    reads(
        "request.url:http://x:80/y?z",
        &[request("url", Value::Word("http://x:80/y?z".to_owned()))],
    );
}

#[test]
fn a_colon_alone_makes_no_field() {
    for word in [
        "http://x",
        "zato+http://x",
        "12:30",
        "2018-11-11",
        "Content-Type:json",
        "a.b",
        ":x",
    ] {
        reads(word, &[text(word)]);
    }
}

#[test]
fn unknown_fields_are_named_with_the_nearest_one() {
    fails(
        "x servise:y",
        "column 3: unknown field 'servise': did you mean 'service'?",
    );
    fails(
        "żółw pid:1",
        "column 6: unknown field 'pid': did you mean 'id'?",
    );
    fails(
        "requests.a.b:1",
        "column 1: unknown field 'requests.a.b': did you mean 'request.a.b'?",
    );
    fails(
        "localhost:8080",
        "column 1: unknown field 'localhost': the fields are id, service, cid, server, outcome and \
         request.KEY; put text with a colon in quotes",
    );
}

#[test]
fn what_is_missing_is_named() {
    fails("", "column 1: empty query");
    fails(" \t", "column 3: empty query");
    fails("service: x", "column 9: no value behind 'service:'");
    fails("cid:\"\"", "column 5: no value behind 'cid:'");
    fails("outcome:", "column 9: no value behind 'outcome:'");
    fails("request.a.b:", "column 13: no value behind 'request.a.b:'");
    for query in ["request:x", "request.:x", "request.a..b:x", "request..a:x"] {
        fails(
            query,
            "column 1: no key behind 'request': write request.KEY:VALUE",
        );
    }
    fails("a \"b c", "column 3: quote is never closed");
    fails("service:\"b c", "column 9: quote is never closed");
    fails(r#""a\""#, "column 1: quote is never closed");
}

#[test]
fn an_unknown_outcome_is_named_with_the_nearest_one() {
    fails(
        "outcome:complete",
        "column 9: unknown outcome 'complete': did you mean 'completed'?",
    );
    fails(
        "outcome:failed",
        "column 9: unknown outcome 'failed': an outcome is completed, unanswered or response-only",
    );
}

#[test]
fn text_that_can_match_nothing_is_refused() {
    fails("a --", "column 3: no letter or digit in '--'");
    fails("\"\"", "column 1: no letter or digit in ''");
    fails("request.a:\"!\"", "column 11: no letter or digit in '!'");
    let star = "'*' stands for any text behind 'service:', 'cid:', 'server:' and 'id:' only; put it in \
                quotes to search for the words around it";
    fails("a foo*", &format!("column 6: {star}"));
    fails("request.a:*", &format!("column 11: {star}"));
}

proptest! {
    #[test]
    fn any_text_is_a_query_or_says_where_it_is_not(text in any_query()) {
        match text.parse::<Query>() {
            Ok(query) => prop_assert!(!query.clauses.is_empty()),
            Err(error) => prop_assert!((1..=text.chars().count() + 1).contains(&error.column)),
        }
    }
}

fn any_query() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        prop::sample::select(vec![
            "service:",
            "cid:",
            "server:",
            "outcome:",
            "request",
            ".",
            ":",
            "//",
            "\"",
            "\\",
            "*",
            "?",
            " ",
            "completed",
            "a",
            "\0",
        ])
        .prop_map(str::to_owned),
        any::<String>(),
    ];
    prop::collection::vec(part, 0..12).prop_map(|parts| parts.concat())
}
