//! Queries and what they mean; texts that are none, with where and why.

use std::ops::Bound::{Excluded, Included, Unbounded};

use proptest::prelude::*;

use super::*;
use crate::entry::Direction;

fn phrase(text: &str) -> Phrase {
    Phrase::new(text, true).unwrap()
}

fn anywhere(text: &str) -> Node {
    Node::Clause(Clause::Anywhere(Text::Phrase(phrase(text))))
}

fn name(field: NameField, text: &str) -> Node {
    let name = Name::Pattern(Pattern::literal(text));
    Node::Clause(Clause::Name(field, name))
}

fn not(node: Node) -> Node {
    Node::Not(Box::new(node))
}

fn key(text: &str) -> Step {
    Step::Key(text.to_owned())
}

fn payload(side: Direction, steps: &[Step], test: Test) -> Node {
    let steps = steps.to_vec();
    Node::Clause(Clause::Payload(Path { side, steps }, test))
}

fn request(steps: &[Step], test: Test) -> Node {
    payload(Direction::Request, steps, test)
}

#[track_caller]
fn read(query: &str) -> Node {
    let read: Result<Query, QueryError> = query.parse();
    read.unwrap_or_else(|error| panic!("{query}: {error}")).root
}

#[track_caller]
fn reads(query: &str, expected: &Node) {
    assert_eq!(read(query), *expected, "{query}");
}

/// Checks the condition that a query of one field is.
#[track_caller]
fn reads_clause(query: &str, expected: Clause) {
    reads(query, &Node::Clause(expected));
}

#[track_caller]
fn fails(query: &str, message: &str) {
    let error = query.parse::<Query>().expect_err(query);
    assert_eq!(error.to_string(), message, "{query}");
}

#[test]
fn words_and_phrases_stand_side_by_side() {
    reads("channel", &anywhere("channel"));
    let two = Node::All(vec![anywhere("my"), anywhere("channel")]);
    reads("  my\u{a0}channel\t", &two);
    reads("my AND channel", &two);
    reads(r#"my"channel""#, &two);
    reads(r#""my channel""#, &anywhere("my channel"));
    reads(
        r#""say \"hi\" to C:\\x\n""#,
        &anywhere(r#"say "hi" to C:\x\n"#),
    );
    reads("http-soap", &anywhere("http soap"));
    reads("*", &Node::All(vec![]));
}

#[test]
fn or_binds_less_than_and_and_not_binds_most() {
    let [a, b, c, d] = ["a", "b", "c", "d"].map(anywhere);
    let expected = Node::Any(vec![
        Node::All(vec![a.clone(), not(b.clone())]),
        Node::All(vec![not(c.clone()), d]),
    ]);
    reads("a -b OR NOT c d", &expected);
    reads("(a NOT b) OR (-c AND d)", &expected);
    reads(
        "a (b OR c)",
        &Node::All(vec![a.clone(), Node::Any(vec![b.clone(), c])]),
    );
    reads("-(a b)", &not(Node::All(vec![a.clone(), b])));
    reads("NOT NOT a", &not(not(a.clone())));
    reads("--a", &anywhere("a"));
    reads(
        "or and not",
        &Node::All(vec![anywhere("or"), anywhere("and"), anywhere("not")]),
    );
    reads(
        "\"OR\" ORDER",
        &Node::All(vec![anywhere("or"), anywhere("order")]),
    );
    reads("f(a)", &Node::All(vec![anywhere("f"), a]));
}

#[test]
fn a_field_stands_before_each_value_in_parentheses() {
    let verb = |text: &str| name(NameField::Verb, text);
    let either = Node::Any(vec![verb("create"), verb("edit")]);
    reads("verb:(create OR edit)", &either);
    reads("verb:( ((create) OR edit) )", &either);
    reads("-verb:(create OR edit)", &not(either));
    reads(
        "verb:(NOT create -edit) x",
        &Node::All(vec![
            Node::All(vec![not(verb("create")), not(verb("edit"))]),
            anywhere("x"),
        ]),
    );
    // A field inside is that field.
    reads(
        "verb:(create OR service:(a OR verb:x)) edit",
        &Node::All(vec![
            Node::Any(vec![
                verb("create"),
                Node::Any(vec![name(NameField::Service, "a"), verb("x")]),
            ]),
            anywhere("edit"),
        ]),
    );
    for (short, long) in [
        (
            "outcome:(unanswered OR completed)",
            "outcome:unanswered OR outcome:completed",
        ),
        ("pid:(1 OR 2)", "pid:1 OR pid:2"),
        ("duration:(>1s <5s)", "duration:>1s duration:<5s"),
        (
            "started:(yesterday OR >=\"2018-11-11 22:00\")",
            "started:yesterday OR started:>=\"2018-11-11 22:00\"",
        ),
        (
            "request.a.\"b c\":(/x y/ OR \"u v\" OR 5 OR null OR w*)",
            "request.a.\"b c\":/x y/ OR request.a.\"b c\":\"u v\" OR request.a.\"b c\":5 \
             OR request.a.\"b c\":null OR request.a.\"b c\":w*",
        ),
        ("response:(my channel)", "response:my response:channel"),
        (
            "has:(request.a OR response)",
            "has:request.a OR has:response",
        ),
        (
            "request.uri:(http://x OR *)",
            "request.uri:http://x OR request.uri:*",
        ),
    ] {
        reads(short, &read(long));
    }
    fails("verb:()", "column 6: nothing between the parentheses");
    fails("verb:(a", "column 6: parenthesis is never closed");
    fails(
        "pid:(1 OR x)",
        "column 11: 'x' does not fit here: expected a process ID such as `4321`",
    );
    fails(
        "vreb:(a OR b)",
        "column 1: unknown field 'vreb': did you mean 'verb'?",
    );
    fails(
        "request..a:(b)",
        "column 1: no key behind the dot: write request.KEY:VALUE",
    );
}

#[test]
fn a_name_can_be_a_pattern() {
    let pieces = vec![
        Piece::Text("zato.".to_owned()),
        Piece::AnyText,
        Piece::Text(".get-l".to_owned()),
        Piece::AnyCharacter,
        Piece::Text("st".to_owned()),
    ];
    reads_clause(
        "service:zato.**.get-l?st",
        Clause::Name(NameField::Service, Name::Pattern(Pattern { pieces })),
    );
    reads("server:server1", &name(NameField::Server, "server1"));
    reads(r#"service:"a *:b""#, &name(NameField::Service, "a *:b"));
    reads("verb:get-list", &name(NameField::Verb, "get-list"));
    reads("thread:Dummy-81", &name(NameField::Thread, "Dummy-81"));
    reads("-id:a", &not(name(NameField::Id, "a")));
    let regex = Name::Regex(r"^zato\.x/y$".to_owned());
    reads_clause(
        r"service:/^zato\.x\/y$/",
        Clause::Name(NameField::Service, regex),
    );
}

#[test]
fn some_fields_have_few_values() {
    for outcome in Outcome::ALL {
        let query = format!("outcome:{}", outcome.as_str());
        reads_clause(&query, Clause::Outcome(outcome));
    }
    for kind in Kind::ALL {
        reads_clause(&format!("kind:{}", kind.as_str()), Clause::Kind(kind));
    }
    reads_clause("pid:4321", Clause::Process(4321));
}

#[test]
fn what_is_measured_has_ranges() {
    for (query, range) in [
        ("duration:>500ms", (Excluded(500), Unbounded)),
        ("duration:>=1.5s", (Included(1500), Unbounded)),
        ("duration:<2m", (Unbounded, Excluded(120_000))),
        ("duration:<=7", (Unbounded, Included(7))),
        ("duration:1s..2s", (Included(1000), Included(2000))),
        ("duration:1s..", (Included(1000), Unbounded)),
        ("duration:..2s", (Unbounded, Included(2000))),
        ("duration:26ms", (Included(26), Included(26))),
    ] {
        reads_clause(query, Clause::Duration(range));
    }
    reads_clause("size:>100kb", Clause::Size((Excluded(100_000), Unbounded)));
}

#[test]
fn times_have_ranges() {
    let day = |text: &str| -> Moment { text.parse().unwrap() };
    let time = |range: Range<Moment>| Clause::Time(TimeField::Started, range);
    let [from, to] = ["2018-11-11", "2018-11-12"].map(day);
    reads_clause(
        "started:2018-11-11..2018-11-12",
        time((Included(from), Included(to))),
    );
    reads_clause("started:2018-11-11", time((Included(from), Included(from))));
    reads_clause("started:>2018-11-11", time((Excluded(from), Unbounded)));
    let minute = Included(day("2018-11-11 22:00"));
    reads_clause("started:\"2018-11-11 22:00\"", time((minute, minute)));
    reads_clause("started:>=\"2018-11-11 22:00\"", time((minute, Unbounded)));
    let night = time((minute, Included(to)));
    reads_clause(
        "started:\"2018-11-11 22:00\"..\"2018-11-12\"",
        night.clone(),
    );
    reads_clause("started:\"2018-11-11 22:00..2018-11-12\"", night.clone());
    reads_clause("started:2018-11-11T22:00..\"2018-11-12\"", night);
    reads_clause("started:\"2018-11-11 22:00\"..", time((minute, Unbounded)));
    reads_clause("started:..\"2018-11-11 22:00\"", time((Unbounded, minute)));
    reads_clause(
        "started:>=2018-11-11T22:00",
        time((Included(day("2018-11-11T22:00")), Unbounded)),
    );
    reads_clause(
        "finished:>-2h",
        Clause::Time(TimeField::Finished, (Excluded(day("-2h")), Unbounded)),
    );
}

#[test]
fn a_moment_is_as_long_as_it_was_written() {
    let now = || "2018-11-12T10:00:00".parse().unwrap();
    let range = |query: &str| match read(query) {
        Node::Clause(Clause::Time(_, range)) => milliseconds(&range, &now),
        other => panic!("{other:?}"),
    };
    let (first, last) = range("started:2018-11-11");
    assert_eq!(last - first, 86_399_999);
    assert_eq!(range("started:>2018-11-11"), (last + 1, i64::MAX));
    assert_eq!(range("started:>=2018-11-11"), (first, i64::MAX));
    assert_eq!(range("started:<2018-11-11"), (i64::MIN, first - 1));
    assert_eq!(range("started:<=2018-11-11"), (i64::MIN, last));
    assert_eq!(range("started:yesterday"), (first, last));
    assert_eq!(
        range("started:2018-11-10..2018-11-11"),
        (first - 86_400_000, last)
    );
}

#[test]
fn a_value_in_a_payload_has_a_path() {
    let word = |text: &str, scalar| Test::Value(Phrase::new(text, false).unwrap(), scalar);
    let number = |text: &str| Some(Scalar::Number(text.to_owned()));
    reads("request.name:x", &request(&[key("name")], word("x", None)));
    reads(
        "request.a.B-c/1:-5",
        &request(&[key("a"), key("B-c/1")], word("-5", number("-5"))),
    );
    reads("request.a:\"5\"", &request(&[key("a")], word("5", None)));
    reads(
        "request.a:5.0",
        &request(&[key("a")], word("5.0", number("5"))),
    );
    reads(
        "request.a:True",
        &request(&[key("a")], word("true", Some(Scalar::Bool(true)))),
    );
    reads(
        "request.a:null",
        &request(&[key("a")], word("null", Some(Scalar::Null))),
    );
    reads(
        "request.a:\"b c\"",
        &request(&[key("a")], word("b c", None)),
    );
    reads("request.a:*", &request(&[key("a")], Test::Exists));
    reads(
        "request.url:http://x:80/y?z",
        &request(&[key("url")], word("http x 80 y z", None)),
    );
    reads(
        "response.*.**.id:204",
        &payload(
            Direction::Response,
            &[Step::One, Step::Any, key("id")],
            word("204", number("204")),
        ),
    );
    reads(
        r#"request."my key.x".0:y"#,
        &request(&[key("my key"), key("x"), key("0")], word("y", None)),
    );
    reads("request:x", &request(&[Step::Any], word("x", None)));
    let regex = Test::Regex(r"^CRM-\d+$".to_owned());
    reads(r"request.name:/^CRM-\d+$/", &request(&[key("name")], regex));
    let bound = |bound: Bound<&str>| match bound {
        Included(text) => Included(Number::new(text).unwrap()),
        Excluded(text) => Excluded(Number::new(text).unwrap()),
        Unbounded => Unbounded,
    };
    let range = |from, to| Test::Number((bound(from), bound(to)));
    reads(
        "request.a:>-1.5",
        &request(&[key("a")], range(Excluded("-1.5"), Unbounded)),
    );
    reads(
        "request.a:1..10",
        &request(&[key("a")], range(Included("1"), Included("10"))),
    );
    reads(
        "request.a:1.2.3.4",
        &request(&[key("a")], word("1.2.3.4", None)),
    );
    reads(
        "has:request.a.b",
        &request(&[key("a"), key("b")], Test::Exists),
    );
    reads(
        "has:response",
        &payload(Direction::Response, &[], Test::Exists),
    );
}

#[test]
fn a_colon_or_a_slash_alone_makes_nothing_else_of_a_word() {
    for word in [
        "http://x",
        "zato+http://x",
        "12:30",
        "2018-11-11",
        "Content-Type:json",
        "a.b",
        ":x",
        "/zato/api/x",
        "/x",
        "x/y/",
    ] {
        reads(word, &anywhere(word));
    }
    let regex = Clause::Anywhere(Text::Regex("time ?out".to_owned()));
    reads_clause("/time ?out/", regex);
}

#[test]
fn unknown_fields_are_named_with_the_nearest_one() {
    fails(
        "x servise:y",
        "column 3: unknown field 'servise': did you mean 'service'?",
    );
    fails(
        "żółw -pod:1",
        "column 7: unknown field 'pod': did you mean 'pid'?",
    );
    fails(
        "requests.a.b:1",
        "column 1: unknown field 'requests.a.b': did you mean 'request.a.b'?",
    );
    fails(
        "localhost:8080",
        "column 1: unknown field 'localhost': the fields are service, verb, kind, cid, id, server, \
         pid, thread, parent, outcome, duration, size, started, finished, request.KEY, response.KEY \
         and has; put text with a colon in quotes",
    );
}

#[test]
fn what_is_missing_is_named() {
    fails("", "column 1: empty query");
    fails(" \t", "column 3: empty query");
    fails("service: x", "column 9: no value behind 'service:'");
    fails("cid:\"\"", "column 5: no value behind 'cid:'");
    fails("outcome:", "column 9: no value behind 'outcome:'");
    fails("duration:", "column 10: no value behind 'duration:'");
    fails("started:)", "column 9: no value behind 'started:'");
    fails("request.a.b:", "column 13: no value behind 'request.a.b:'");
    fails("has:", "column 5: no value behind 'has:'");
    for query in [
        "request.:x",
        "request.a..b:x",
        "request..a:x",
        "has:request.",
    ] {
        let column = if query.starts_with("has") { 5 } else { 1 };
        let message = format!("column {column}: no key behind the dot: write request.KEY:VALUE");
        fails(query, &message);
    }
    fails("a \"b c", "column 3: quote is never closed");
    fails("service:\"b c", "column 9: quote is never closed");
    fails(r#""a\""#, "column 1: quote is never closed");
    fails("a (b OR (c)", "column 3: parenthesis is never closed");
    fails("(", "column 1: parenthesis is never closed");
    fails(
        "a) b",
        "column 2: parenthesis was never opened; put it in quotes to search for it",
    );
    fails(
        ")",
        "column 1: parenthesis was never opened; put it in quotes to search for it",
    );
    fails("a ()", "column 3: nothing between the parentheses");
    for (query, operator, column) in [
        ("a OR", "OR", 3),
        ("OR a", "OR", 1),
        ("a AND OR b", "AND", 3),
        ("(AND)", "AND", 2),
        ("NOT", "NOT", 1),
        ("a NOT OR b", "NOT", 3),
    ] {
        let message = format!(
            "column {column}: '{operator}' needs something on each side that it can join; put it in \
             quotes to search for the word"
        );
        fails(query, &message);
    }
}

#[test]
fn values_that_do_not_fit_are_named() {
    fails(
        "outcome:complete",
        "column 9: unknown outcome 'complete': did you mean 'completed'?",
    );
    fails(
        "outcome:failed",
        "column 9: unknown outcome 'failed': it is one of completed, unanswered, response-only",
    );
    fails(
        "kind:reads",
        "column 6: unknown kind 'reads': did you mean 'read'?",
    );
    fails(
        "pid:x",
        "column 5: 'x' does not fit here: expected a process ID such as `4321`",
    );
    fails(
        "duration:>5x",
        "column 10: '5x' does not fit here: expected a time such as `>500ms`, `<=1.5s`, `1m..2h`",
    );
    fails(
        "size:..",
        "column 6: '..' does not fit here: expected a size such as `>100kb`, `<=1.5mb`, `1kb..64kb`",
    );
    fails(
        "started:>soon",
        "column 9: 'soon' does not fit here: expected a time such as `2018-11-11`, \
         `>=\"2018-11-11 22:00\"`, `yesterday`, `>-2h`, `2018-11-11..2018-11-12`",
    );
    fails(
        "request.a:>x",
        "column 11: 'x' is no number: values in payloads are compared as numbers, such as `>5` or \
         `1..10`",
    );
    fails(
        "service:/(/",
        "column 9: /(/ is no regular expression: unclosed group",
    );
    fails(
        "/a{1000}{1000}/",
        "column 1: /a{1000}{1000}/ is no regular expression: it is too large",
    );
    fails(
        "has:name",
        "column 5: 'has:name' is neither in a request nor in a response: write has:request.KEY",
    );
    fails(
        "request.na*:x",
        "column 1: 'na*' is no key: '*' stands for a whole key, '**' for any number of them",
    );
}

#[test]
fn what_other_languages_write_is_named() {
    let message = |column, operator, better| {
        format!(
            "column {column}: '{operator}' is no operator: write {better}, or put it in quotes to \
             search for the words"
        )
    };
    fails("duration>1s", &message(9, ">", "duration:>VALUE"));
    fails("x outcome!=completed", &message(10, "!=", "-outcome:VALUE"));
    fails("request.name=CRM", &message(13, "=", "request.name:VALUE"));
    fails(
        "SERVICE:x",
        "column 1: unknown field 'SERVICE': did you mean 'service'?",
    );
    fails(
        "Request.name:x",
        "column 1: unknown field 'Request.name': did you mean 'request.name'?",
    );
    fails(
        "duration:2s..1s",
        "column 10: nothing is in this range: its end is before its start",
    );
    fails(
        "request.a:5..1",
        "column 11: nothing is in this range: its end is before its start",
    );
    reads("!a", &not(anywhere("a")));
    reads(
        "a=b x>1",
        &Node::All(vec![anywhere("a b"), anywhere("x 1")]),
    );
}

#[test]
fn text_that_can_match_nothing_is_refused() {
    fails(
        "a --",
        "column 3: no letter or digit in '--': a regular expression such as /€/ finds all else",
    );
    fails(
        "a - b",
        "column 3: no letter or digit in '-': a regular expression such as /€/ finds all else",
    );
    fails(
        "\"\"",
        "column 1: no letter or digit in '': a regular expression such as /€/ finds all else",
    );
    fails(
        "request.a:\"!\"",
        "column 11: no letter or digit in '!': a regular expression such as /€/ finds all else",
    );
    fails(
        "a *-*",
        "column 3: no letter or digit in '*-*': a regular expression such as /€/ finds all else",
    );
    let long = "x".repeat(LONGEST_WORD + 1);
    fails(
        &long,
        &format!("column 1: '{}…' is too long a word", &long[..40]),
    );
    fails(
        &"a-".repeat(65),
        "column 1: a phrase has no more than 64 words",
    );
}

#[test]
fn nesting_has_a_limit() {
    let deep = |depth| format!("{}a{}", "(".repeat(depth), ")".repeat(depth));
    reads(&deep(100), &anywhere("a"));
    fails(
        &deep(101),
        "column 102: more than 100 parentheses or NOTs inside one another",
    );
    let path = format!("request{}:x", ".a".repeat(64));
    fails(&path, "column 1: a path has no more than 63 keys");
}

/// Whether a call with these payloads is meant.
#[track_caller]
fn fits(query: &str, request: &str, response: &str) -> bool {
    let line = format!(
        r#"{{"id":"00c0ffee00c0ffee","service":"zato.http-soap.create","cid":"K1","server":"s1",
        "outcome":"completed","started_at":"2018-11-11T22:01:57.123+01:00",
        "finished_at":"2018-11-11T22:01:57.149+01:00","duration_ms":26,"pid":7,"thread":"Dummy-1",
        "request":{request},"response":{response},"request_at":{{"file":"a","offset":0,"length":100}},
        "response_at":{{"file":"a","offset":100,"length":50}}}}"#
    );
    let query: Query = query
        .parse()
        .unwrap_or_else(|error| panic!("{query}: {error}"));
    let matcher = Matcher::new(&query, || "2018-11-12T10:00:00".parse().unwrap());
    matcher.fits_line(&Line::read(&line).unwrap(), &mut Scratch::default())
}

#[test]
fn a_query_means_what_it_says() {
    let request = r#"{"name":"My CRM-1 Channel","id":204,"is_active":true,"none":null,
        "tags":["one two","three"],"sec":{"a.b":5,"list":[{"id":7},[{"x":8}]]},"n":[2.5,-3]}"#;
    let response = r#"{"zato_x_response":[{"id":1,"name":"first"},{"id":2,"name":"z\u00fcrich"}]}"#;
    for query in [
        "channel",
        "http-soap",
        "\"my crm\"",
        "crm-1",
        "204",
        "zürich",
        "tags",
        "zato_x_response",
        "three first",
        "/one t/",
        "cha*",
        "NOT nothing",
        "nothing OR channel",
        "*",
        "service:zato.*",
        "service:*.create",
        "verb:create",
        "kind:write",
        "cid:K1",
        "server:s?",
        "id:00c0*",
        "pid:7",
        "thread:/ummy/",
        "outcome:completed",
        "duration:26",
        "duration:>=26ms",
        "size:150",
        "started:2018-11-11",
        "started:yesterday",
        "finished:>=2018-11-11T22:01:57.149",
        "request.name:crm",
        "request.name:\"CRM-1 channel\"",
        "request.name:/^My CRM-\\d+ /",
        "request.id:204",
        "request.id:204.0",
        "request.id:>203",
        "request.id:204..",
        "request.is_active:true",
        "request.none:null",
        "request.none:None",
        "has:request.none",
        "has:request",
        "request.tags:two",
        "request.tags.0:two",
        "request.tags.1:three",
        "request.sec.a.b:5",
        "request.sec.*.b:5",
        "request.sec.list.id:7",
        "request.sec.list.*.id:7",
        "request.sec.list.0.id:7",
        "request.sec.list.x:8",
        "request.sec.list.1.0.x:8",
        "request.**.x:8",
        "request.**:8",
        "request:8",
        "request.n:2.5",
        "request.n:-3",
        "response.*.id:2",
        "response.zato_x_response.name:zürich",
        "response.**.id:2",
        "response:first",
        "request.**.sec.**.id:7",
        "request.*.*.id:7",
        "request.id:/^204$/",
        "request.is_active:/tr/",
    ] {
        assert!(fits(query, request, response), "{query}");
        assert!(
            !fits(&format!("-({query})"), request, response),
            "-({query})"
        );
    }
    for query in [
        "nothing",
        "\"one three\"",
        "\"two three\"",
        "\"channel id\"",
        "my nothing",
        "/two three/",
        "chan",
        "true",
        "null",
        "service:zato",
        "service:ZATO.*",
        "verb:creat",
        "kind:read",
        "cid:K",
        "parent:*",
        "id:0c0*",
        "pid:8",
        "outcome:unanswered",
        "duration:>26",
        "duration:<26",
        "size:>150",
        "started:2018-11-12",
        "finished:<2018-11-11T22:01:57.149",
        "request.name:first",
        "request.id:\"204\"",
        "request.id:20",
        "request.id:205..",
        "request.is_active:false",
        "request.name:null",
        "has:request.x",
        "request.tags.0:three",
        "request.tags.2:three",
        "request.sec.b:5",
        "request.*.id:204",
        "request.list.id:7",
        "response.id:2",
        "request.sec.list.*.*.*.x:8",
        "response.*.id:7",
        "request.Name:crm",
        "request.tags:\"one three\"",
        "has:request.name.x",
        "has:request.sec.a",
    ] {
        assert!(!fits(query, request, response), "{query}");
    }
}

#[test]
fn an_empty_payload_is_there() {
    assert!(fits("has:request -has:request.a", "null", "[]"));
    assert!(fits("request.**:null", "null", "[]"));
    assert!(!fits("has:response.x", "null", "[]"));
}

proptest! {
    #[test]
    fn any_text_is_a_query_or_says_where_it_is_not(text in any_query()) {
        if let Err(error) = text.parse::<Query>() {
            prop_assert!((1..=text.chars().count() + 1).contains(&error.column), "{}", error);
        }
    }
}

fn any_query() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        prop::sample::select(vec![
            "service:",
            "verb:(",
            "cid:",
            "outcome:",
            "started:",
            "duration:",
            "has:",
            "request",
            "response",
            ".",
            ":",
            "//",
            "/",
            "\"",
            "\\",
            "*",
            "**",
            "?",
            " ",
            "(",
            ")",
            "-",
            "NOT ",
            " OR ",
            " AND ",
            ">",
            "<=",
            "..",
            "completed",
            "a",
            "1",
            "ms",
            "2018-11-11",
            "\0",
        ])
        .prop_map(str::to_owned),
        any::<String>(),
    ];
    prop::collection::vec(part, 0..12).prop_map(|parts| parts.concat())
}
