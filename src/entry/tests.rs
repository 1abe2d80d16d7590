//! What each wording says, where records end, and that no byte is lost.

use std::convert::Infallible;

use proptest::prelude::*;

use super::header::{any_header, header as usual_or_any_header};
use super::start::starts_documented;
use super::usual::usual_header;
use super::wording::Closing;
use super::*;

/// `wording direction service cid payload`, with what is unusual behind it.
fn told(record: &Record<'_>) -> String {
    let Content::Entry(Entry { header, message }) = &record.content else {
        return "unreadable".to_owned();
    };
    let call = match message {
        Message::Call(call) => call,
        Message::Nameless => return "nameless".to_owned(),
        Message::Other => return "other".to_owned(),
    };
    let cut_off = if call.payload.is_cut_off {
        " cut off"
    } else {
        ""
    };
    let ambiguous = if call.is_ambiguous { " ambiguous" } else { "" };
    let process = header.map_or(0, |header| header.process);
    format!(
        "{process} {:?} {:?} {} {} <{}>{cut_off}{ambiguous}",
        call.payload.wording,
        call.direction,
        call.service,
        call.cid.unwrap_or("-"),
        String::from_utf8_lossy(call.payload.text),
    )
}

#[track_caller]
fn tells(log: &str, expected: &[&str]) {
    let records: Vec<Record<'_>> = records(log.as_bytes()).collect();
    assert_eq!(
        records.iter().map(told).collect::<Vec<_>>(),
        expected,
        "{log}"
    );
    assert_partition(log.as_bytes(), &records);
}

#[track_caller]
fn assert_partition(log: &[u8], records: &[Record<'_>]) {
    let mut at = 0;
    for record in records {
        assert_eq!(record.span.offset, at);
        assert!(record.span.length > 0);
        let bytes = &log[at..record.span.end()];
        assert_eq!(record.lines, memchr::memchr_iter(b'\n', bytes).count());
        at = record.span.end();
    }
    assert_eq!(at, log.len());
}

const H: &str = "2018-11-11 22:01:57,123 - INFO - 1:Dummy-1 - zato_admin:0 - ";
const H41: &str = "2018-11-11 22:01:57,123 - INFO - 1:Dummy-1 - s - c - zato_admin:21 - ";

#[test]
fn every_wording_is_read() {
    for (message, expected) in [
        (
            "cid:[C], name:[S], SIO request:[{'a': ']'}]",
            "1 Brackets Request S C <{'a': ']'}>",
        ),
        (
            "cid:[C], name:[S], request:[{}]",
            "1 Brackets Request S C <{}>",
        ),
        (
            "cid:[C], name:[S], response:[<x>\n</x>]",
            "1 Brackets Response S C <<x>\n</x>>",
        ),
        (
            "cid:`C`, name:`S`, request:`{}`",
            "1 Backticks Request S C <{}>",
        ),
        (
            "cid:`C`, name:`S`, response:`u''`",
            "1 Backticks Response S C <u''>",
        ),
        (
            "Request; service:`S`, data:`{}` cid:`C`, ",
            "1 ServiceData Request S C <{}>",
        ),
        (
            "Response; service:`S`, data:`` cid:`C`, ",
            "1 ServiceData Response S C <>",
        ),
        (
            "Response; service:`S`, data:`` cid:`C`,",
            "1 ServiceData Response S C <>",
        ),
        ("_search: pagination meta -> {…}\nmore", "other"),
    ] {
        tells(&format!("{H}{message}\n"), &[expected]);
        tells(
            &format!("{H}{message}\n{H}{message}"),
            &[expected, expected],
        );
        tells(
            &format!("{}\r\n", format!("{H}{message}").replace('\n', "\r\n")),
            &[&expected.replace('\n', "\r\n")],
        );
    }
}

#[test]
fn the_manual_is_read() {
    let log = "INFO - name:`S`,\n  request:`{u'a': 1}`\n\nINFO - name:`S`,\n   response:`'{\"a\": [\n  1]";
    tells(
        log,
        &[
            "0 Documented Request S - <{u'a': 1}>",
            "0 Documented Response S - <'{\"a\": [\n  1]> cut off",
        ],
    );
}

#[test]
fn a_text_in_the_manual_ends_before_a_blank_line_or_a_record() {
    let record =
        |service: &str, text: &str| format!("INFO - name:`{service}`,\n  response:`{text}`");
    let told = |service: &str, text: &str| format!("0 Documented Response {service} - <{text}>");
    for text in ["a`b", "a`\nb"] {
        for between in ["\n\n", "\r\n\r\n", "\n"] {
            let log = record("s", text) + between + &record("t", "c");
            tells(&log, &[&told("s", text), &told("t", "c")]);
        }
    }
    // A blank line ends nothing where records have headers.
    let text = "a` cid:`d`, \n\nb";
    let log = format!("{H}Response; service:`s`, data:`{text}` cid:`c`, \n");
    tells(&log, &[&format!("1 ServiceData Response s c <{text}>")]);
}

#[test]
fn headers_of_all_versions_are_read() {
    let message = "Request; service:`s`, data:`{}` cid:`c`, \n";
    for header in [
        "2018-11-11 22:01:57,123 - INFO - 1:MainThread - zato_admin:104 - ",
        "2018-11-11 22:01:57,123 - \x1b[1;37mINFO\x1b[0m - 1:Thread-1 (run) - zato.x:0 - ",
        "2018-11-11 22:01:57,123 - INFO - 1:Dummy-1 - s - c - zato_admin:21 - ",
        "2018-11-11 22:01:57,123 - WARNING - 1:Dummy-1 -zato_admin:21 - ",
    ] {
        tells(
            &format!("{header}{message}"),
            &["1 ServiceData Request s c <{}>"],
        );
    }
}

#[test]
fn parts_of_a_header_are_neither_empty_nor_endless() {
    let header = |level: &str, thread: &str, origin: &str| {
        format!("2018-11-11 22:01:57,123 - {level} - 1:{thread} - {origin} - a message")
    };
    for (level, thread, origin, is_header) in [
        ("INF", "t", "l:1", true),
        ("IN", "t", "l:1", false),
        (&*"X".repeat(16), "t", "l:1", true),
        (&"X".repeat(17), "t", "l:1", false),
        ("INFO", &"t".repeat(256), "l:1", true),
        ("INFO", &"t".repeat(257), "l:1", false),
        ("INFO", "t", ":1", false),
        ("INFO", "t", "l:", false),
        ("INFO", "t", "s - c - l:1", true),
        ("INFO", "t", " - c - l:1", false),
    ] {
        let text = header(level, thread, origin);
        assert_eq!(any_header(&text).is_ok(), is_header, "{text}");
        assert_eq!(usual_or_any_header(&text).is_ok(), is_header, "{text}");
    }
}

#[test]
fn a_record_of_the_manual_starts_with_its_level_and_a_name() {
    for (text, starts) in [
        ("INFO - name:`s`", true),
        ("INFO - a message", false),
        ("Some text", false),
        ("info - name:`s`", false),
        ("", false),
    ] {
        assert_eq!(starts_documented(text.as_bytes()), starts, "{text}");
    }
}

#[test]
fn names_are_read_that_are_as_long_as_those_of_zato_may_be() {
    let service = "s".repeat(LONGEST_START - 200);
    let log = format!("{H}Request; service:`{service}`, data:`{{}}` cid:`c`, \n");
    tells(
        &log,
        &[&format!("1 ServiceData Request {service} c <{{}}>")],
    );
    // Without the service, a CID tells no call where it is longer.
    for (length, told) in [(256, "nameless"), (257, "other")] {
        let cid = "K".repeat(length);
        tells(
            &format!("{H}cid:[{cid}], name:[], request:[{{}}]\n"),
            &[told],
        );
    }
}

#[test]
fn wordings_and_directions_have_names() {
    let names = Wording::ALL.map(Wording::as_str);
    assert_eq!(
        names,
        [
            "brackets",
            "mixed",
            "backticks",
            "service-data",
            "documented"
        ]
    );
    let names = [Direction::Request, Direction::Response].map(Direction::as_str);
    assert_eq!(names, ["request", "response"]);
}

#[test]
fn text_may_look_like_a_record() {
    let fake = format!("{H}Response; service:`fake`, data:`x` cid:`fake`, \n");
    let fake = fake.replace("1:Dummy", "9:Dummy");
    let call = |text: &str| format!("{H}Response; service:`s`, data:`{text}` cid:`c`, \n");
    let whole = |text: &str| format!("1 ServiceData Response s c <{text}>");
    let line = fake.trim_end_matches('\n');
    // In the middle of a line, at its start, several times, without its end.
    for text in [line, &format!("a log: {line}")] {
        tells(&call(text).repeat(2), &[&whole(text), &whole(text)]);
    }
    for text in [
        format!("a log: {fake}b"),
        format!("multi\n\n{fake}"),
        format!("a\n{fake}b\n{fake}c"),
        format!("a\n{fake}b: {fake}c"),
    ] {
        let ambiguous = whole(&text) + " ambiguous";
        tells(&call(&text).repeat(2), &[&ambiguous, &ambiguous]);
    }
}

#[test]
fn a_record_with_its_cid_in_the_header_ends_where_that_is_repeated() {
    let fake = format!("{H}Response; service:`fake`, data:`x` cid:`fake`, \n");
    let text = format!("a\n{}{fake}", fake.repeat(3));
    let log = format!("{H41}Response; service:`s`, data:`{text}` cid:`c`, \n");
    let expected = format!("1 ServiceData Response s c <{text}>");
    tells(&log.repeat(2), &[&expected, &expected]);
}

/// Two processes that write at once.
#[test]
fn a_record_may_stand_in_the_middle_of_another_one() {
    let inner = format!("{H}cid:[D], name:[z], SIO request:[{{'z': 1}}]\n");
    let told = "1 Brackets Request z D <{'z': 1}>";
    for rest in ["-5678')}]\n", "'}]\n"] {
        let log =
            format!("{H}cid:[C], name:[a], SIO request:[{{'a': UUID('1234{inner}{rest}{inner}");
        let outer = "1 Brackets Request a C <{'a': UUID('1234> cut off";
        tells(&log, &[outer, told, "unreadable", told]);
    }
}

#[test]
fn a_value_of_many_lines_ends_where_its_grammar_ends() {
    let call = |text: &str| format!("{H}cid:[C], name:[a], response:[{text}]\n");
    let told = |text: &str| format!("1 Brackets Response a C <{text}>");
    let value = "{\n\"a\": [1]\n}";
    let log = format!("{}junk]\n{}", call(value), call("[]"));
    tells(&log, &[&told(value), "unreadable", &told("[]")]);
    let lists = "[\n[1]\n,\n[2]\n]";
    tells(&call(lists).repeat(2), &[&told(lists), &told(lists)]);
    // What is no value may end anywhere.
    let text = "[x]\njunk";
    let ambiguous = told(text) + " ambiguous";
    tells(&call(text).repeat(2), &[&ambiguous, &ambiguous]);
}

/// Whether a record is a call with a name that can't be read depends on its own words alone.
#[test]
fn the_words_of_the_next_record_are_none_of_this_one() {
    let call = format!("{H}cid:[C], name:[S], SIO request:[{{}}]\n");
    let told = "1 Brackets Request S C <{}>";
    tells(&format!("{H}cid:[x\n{call}"), &["nameless", told]);
    tells(&format!("{H}cid:[x{call}"), &["nameless", told]);
    for other in ["x", "cid:[x y", "cid:[x], y"] {
        tells(&format!("{H}{other}{call}"), &["other", told]);
    }
    // What breaks off before its words, or between two of them.
    tells(&format!("{H}{call}"), &["nameless", told]);
    tells(&format!("{H}\n{call}"), &["other", told]);
    tells(&format!("{H}{call}{H}"), &["nameless", told, "nameless"]);
}

#[test]
fn a_record_that_breaks_off_ends_where_the_next_one_starts() {
    for (header, payload) in [
        (H, "[1]"),
        (H, "other text"),
        (H41, "[1]"),
        (H41, "other text"),
    ] {
        let next = format!("{header}Response; service:`s`, data:`{payload}` cid:`c`, \n");
        let told = &*format!("1 ServiceData Response s c <{payload}>");
        let cid = if header == H { "-" } else { "c" };
        for (message, expected) in [
            (
                "Request; service:`s`, data:`{'a': 'x",
                format!("1 ServiceData Request s {cid} <{{'a': 'x> cut off"),
            ),
            (
                "Response; service:`s`, data:`[{'a': 1",
                format!("1 ServiceData Response s {cid} <[{{'a': 1> cut off"),
            ),
            (
                "Response; service:`s`, data:`some text",
                format!("1 ServiceData Response s {cid} <some text> cut off"),
            ),
            ("Req", "nameless".to_owned()),
            ("Request; serv", "nameless".to_owned()),
        ] {
            for between in ["\n", ""] {
                let log = format!("{header}{message}{between}{next}{next}");
                tells(&log, &[&expected, told, told]);
            }
        }
        let log = format!("2018-11-11 22:01:57,123 - INF{next}{next}");
        tells(&log, &["unreadable", told, told]);
    }
}

#[test]
fn what_is_no_record_is_kept_apart() {
    let record = format!("{H}Request; service:`s`, data:`{{}}` cid:`c`, \n");
    let told = "1 ServiceData Request s c <{}>";
    tells("", &[]);
    tells("no log\nat all", &["unreadable"]);
    tells(&format!("\u{feff}{record}"), &[told]);
    tells(&format!("garbage\n\n{record}"), &["unreadable", told]);
    tells(
        &format!("{record}\n\n{record}"),
        &[told, "unreadable", told],
    );
}

#[test]
fn quotes_are_told_by_their_times() {
    let earlier = H.replace("2018", "2017");
    let text = format!(
        "log:\n{earlier}Request; service:`f`, data:`{{}}` cid:`a`, \n{earlier}Response; \
         service:`f`, data:`[1]` cid:`a`, \nend"
    );
    let log = format!("{H}Response; service:`s`, data:`{text}` cid:`c`, \n");
    let expected = format!("1 ServiceData Response s c <{text}> ambiguous");
    tells(&log.repeat(2), &[&expected, &expected]);
}

/// Threads write records in nearly the order of their times.
#[test]
fn records_that_are_a_little_earlier_are_no_quotes() {
    for (time, is_quote) in [
        ("22:01:52,122", true),
        ("22:01:52,123", false),
        ("22:01:57,123", false),
        ("22:02:30,000", false),
    ] {
        let header = H.replace("22:01:57,123", time);
        let text = format!(
            "log:\n{header}Request; service:`f`, data:`{{}}` cid:`a`, \n{header}Response; \
             service:`f`, data:`[1]` cid:`a`, \nend"
        );
        let log = format!("{H}Response; service:`s`, data:`{text}` cid:`c`, \n");
        if is_quote {
            tells(
                &log,
                &[&format!("1 ServiceData Response s c <{text}> ambiguous")],
            );
        } else {
            tells(
                &log,
                &[
                    "1 ServiceData Response s - <log:> cut off",
                    "1 ServiceData Request f a <{}>",
                    "1 ServiceData Response f a <[1]>",
                    "unreadable",
                ],
            );
        }
    }
}

/// Whether a payload that goes on behind an older record is a text that quotes it: a value is none,
/// and nor is a request. Brackets and a word or two are no evidence of a value.
#[test]
fn a_value_that_breaks_off_before_an_older_record_does_not_quote_it() {
    let earlier = H.replace("2018", "2017");
    for (kind, text, is_value) in [
        ("Request", "{'a': ", true),
        ("Response", "[{'a': 1, 'b': ", true),
        ("Response", "[{\"a\": true, \"b\": ", true),
        ("Response", "[1, 2, 3, 4, ", true),
        ("Response", "[1, 2, 3, ", true),
        ("Response", "[1, 2, ", false),
        ("Response", "[1, ", false),
        ("Response", "[", false),
        ("Response", "[a, b, c, d, e, ", false),
        ("Response", "1, 2, 3, 4, ", false),
    ] {
        let next = format!("{earlier}Request; service:`f`, data:`{{}}` cid:`d`, \n");
        let log = format!("{H}{kind}; service:`s`, data:`{text}\n{next}");
        let quoted = next.trim_end().strip_suffix("` cid:`d`,").unwrap();
        if is_value {
            let cut_off = format!("1 ServiceData {kind} s - <{text}> cut off");
            tells(&log, &[&cut_off, "1 ServiceData Request f d <{}>"]);
        } else {
            let whole = format!("1 ServiceData {kind} s d <{text}\n{quoted}> ambiguous");
            tells(&log, &[&whole]);
        }
    }
}

#[test]
fn a_closing_delimiter_with_a_made_up_cid_before_an_older_record_is_quoted() {
    let earlier = H.replace("2018", "2017");
    let text = format!("x` cid:`K0`, \n{earlier}cid:[KABC], name:[f], SIO request:[{{}}]");
    let log = format!("{H}Response; service:`s`, data:`{text}` cid:`31084c63cab3d075b79f6c2b`, \n");
    let expected = format!("1 ServiceData Response s 31084c63cab3d075b79f6c2b <{text}> ambiguous");
    tells(&log.repeat(2), &[&expected, &expected]);
}

#[test]
fn one_record_after_the_other_follows_where_a_clock_was_put_back() {
    let earlier = H.replace("22:01", "21:01");
    let record = |cid: usize| format!("{earlier}Response; service:`s`, data:`y` cid:`{cid}`, \n");
    let told = "1 ServiceData Response s";
    for text in ["x", "x\ny"] {
        let first = format!("{H}Response; service:`s`, data:`{text}` cid:`a`, \n");
        for count in [2, 15, 16, 40] {
            let log: String = (0..count).map(record).collect();
            let mut expected = vec![format!("{told} a <{text}>")];
            expected.extend((0..count).map(|cid| format!("{told} {cid} <y>")));
            let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
            tells(&format!("{first}{log}"), &expected);
        }
    }
}

#[test]
fn a_closing_delimiter_with_a_cid_of_zato_before_an_older_record_ends_its_own() {
    let earlier = H.replace("2018", "2017");
    for (cid, is_of_zato) in [
        ("31084c63cab3d075", true),
        ("31084c63cab3d07", false),
        ("K05ZJFV8BHV92GN6YWQ8X", true),
        ("K05ZJFV8BHV92GN6YWQ8", false),
        ("20261123-181300-2024-a35d8d189a27bcf3a", true),
        ("31084c63cab3d075_b79f6c2b", false),
    ] {
        let quoted = format!("{earlier}Request; service:`f`, data:`{{}}");
        for text in ["x", "x\ny"] {
            let log = format!(
                "{H}Response; service:`s`, data:`{text}` cid:`{cid}`, \n{quoted}` cid:`d`, \n"
            );
            if is_of_zato {
                let told = format!("1 ServiceData Response s {cid} <{text}>");
                tells(&log, &[&told, "1 ServiceData Request f d <{}>"]);
            } else {
                let whole = format!("{text}` cid:`{cid}`, \n{quoted}");
                tells(
                    &log,
                    &[&format!("1 ServiceData Response s d <{whole}> ambiguous")],
                );
            }
        }
    }
}

#[test]
fn text_with_a_quoted_record_is_whole_in_4_1() {
    for quoted in [
        format!("{H}cid:[f], name:[f], response:[x]"),
        format!("{H}Response; service:`f`, data:`x` cid:`f`, "),
        format!(
            "{}Response; service:`f`, data:`x` cid:`d`, ",
            H41.replace(" c ", " d ")
        ),
    ] {
        for text in [format!("t\n{quoted}"), format!("t {quoted}\nend")] {
            let log = format!("{H41}Response; service:`s`, data:`{text}` cid:`c`, \n");
            let expected = format!("1 ServiceData Response s c <{text}>");
            tells(&log.repeat(2), &[&expected, &expected]);
        }
    }
}

#[test]
fn the_start_of_the_manual_in_a_text_is_text() {
    let text = "\"\nINFO - name:`f`,\n  request:`{}`\nnext";
    let log = format!("{H}cid:[K1], name:[s], response:[{text}]\n");
    let expected = format!("1 Brackets Response s K1 <{text}>");
    tells(&log.repeat(2), &[&expected, &expected]);
}

#[test]
fn a_value_is_over_where_its_grammar_ends() {
    let request = format!("{H}cid:[K1], name:[s], SIO request:[{{}}]\n");
    let response = format!("{H}cid:[K1], name:[s], response:[{{\"a\": 1}}]\n");
    tells(
        &format!("{request}some junk [x]\n{response}junk]\n"),
        &[
            "1 Brackets Request s K1 <{}>",
            "unreadable",
            "1 Brackets Response s K1 <{\"a\": 1}>",
            "unreadable",
        ],
    );
}

/// What closes a text may stand in it too: the last line that does so counts, if a record follows.
#[test]
fn a_text_is_over_where_its_last_line_is_closed() {
    let record = |data: &str| format!("{H}Response; service:`s`, data:`{data}");
    let (inner, next) = ("` cid:`c`, \n", record("x` cid:`d`, \n"));
    let told = "1 ServiceData Response s d <x>";
    for text in ["some text", "1"] {
        tells(
            &format!(
                "{}{next}",
                record(&format!("{text}{inner}more` cid:`d`, \n"))
            ),
            &[
                &format!("1 ServiceData Response s d <{text}{inner}more>"),
                told,
            ],
        );
        tells(
            &format!("{}{next}", record(&format!("{text}{inner}more\n"))),
            &[
                &format!("1 ServiceData Response s c <{text}> ambiguous"),
                "unreadable",
                told,
            ],
        );
    }
}

#[test]
fn a_call_without_a_name_is_no_other_message() {
    for (message, expected) in [
        ("Request; service:``, data:`{}` cid:`C`, ", "nameless"),
        ("Response; service:`a\nb`, data:`` cid:`C`, ", "nameless"),
        ("cid:[], name:[a], SIO request:[{}]", "nameless"),
        ("cid:`C`, name:``, request:`{}`", "nameless"),
        ("cid:[C], all is well", "other"),
        ("name:`a`, request:`{}`", "other"),
    ] {
        tells(&format!("{H}{message}\n"), &[expected]);
    }
    tells("INFO - name:``,\n  request:`{}`\n", &["nameless"]);
}

#[test]
fn a_record_that_breaks_off_anywhere_costs_only_itself() {
    let next = format!("{H}Request; service:`next`, data:`{{}}` cid:`n`, \n");
    let told = "1 ServiceData Request next n <{}>";
    let multiline = format!("{H}Response; service:`s`, data:`Pinged:\n\nHTT");
    tells(
        &format!("{multiline}{next}{next}"),
        &[
            "1 ServiceData Response s - <Pinged:\n\nHTT> cut off",
            told,
            told,
        ],
    );
    let in_opening = format!("{H}cid:[K1], name:[a.get-l");
    tells(
        &format!("{in_opening}{next}{next}"),
        &["nameless", told, told],
    );
    let in_thread = &H[.."2018-11-11 22:01:57,123 - INFO - 1:Dum".len()];
    tells(
        &format!("{in_thread}{next}{next}"),
        &["unreadable", told, told],
    );
    let in_closing = format!("{H}Request; service:`s`, data:`{{'a': 1}}` cid:`c1");
    tells(
        &format!("{in_closing}{next}{next}"),
        &["1 ServiceData Request s - <{'a': 1}> cut off", told, told],
    );
}

#[test]
fn names_may_hold_spaces() {
    let message = "Request; service:`my service`, data:`{}` cid:`c`, \n";
    let told = "1 ServiceData Request my service c <{}>";
    let with_context = H41.replace(" s ", " my service ");
    tells(
        &format!("{H}{message}{with_context}{message}"),
        &[told, told],
    );
    let with_colon = H41.replace(" s ", " x:1 ");
    tells(&format!("{with_colon}{message}"), &[told]);
}

#[test]
fn a_text_quotes_so_many_records_at_the_most_and_so_far() {
    let is_whole = |header: &str, text: &str| {
        let log = format!("{header}Response; service:`s`, data:`{text}` cid:`c`, \n");
        let first = records(log.as_bytes()).next().unwrap();
        first.span.length == log.len()
    };
    let earlier = format!("{}m\n", H.replace("2018", "2017"));
    let same_time = format!("{H}m\n");
    let open = format!("{H}cid:[C], name:[S], response:[\n");
    for (header, quote, closing, most) in [
        (H41, &same_time, "", MAX_QUOTED),
        (H, &earlier, "", MAX_QUOTED),
        (H, &open, "]\n", MAX_OPEN),
    ] {
        let text = |count| format!("a\n{}{}b", quote.repeat(count), closing.repeat(count));
        assert!(is_whole(header, &text(most)), "{quote}");
        assert!(!is_whole(header, &text(most + 1)), "{quote}");
    }
    // Where the header tells the CID, each line is looked at for it; else only those of headers count.
    for (header, last) in [(H41, ""), (H, &*same_time)] {
        let text = |distance: usize| {
            let filling = "x".repeat(distance - same_time.len() - 1);
            format!("a\n{same_time}{filling}\n{last}b")
        };
        assert!(is_whole(header, &text(LOOKAHEAD)), "{header}");
        assert!(!is_whole(header, &text(LOOKAHEAD + 1)), "{header}");
    }
}

/// A reader that looked from each chunk to the end of the log would not come back from this.
#[test]
fn a_file_without_records_takes_linear_time() {
    let letter = "Dear reader,\n".repeat(100_000);
    let mut count = 0;
    let read = read_in_chunks(
        letter.as_bytes(),
        0,
        64,
        |_| (),
        Hinter::NONE,
        |chunks| {
            count += chunks
                .iter()
                .map(|chunk| chunk.records.len())
                .sum::<usize>();
            Ok::<_, Infallible>(())
        },
    );
    assert!(read.is_ok());
    assert_eq!(count, 1);
}

/// A reader that looked from each record to the end of the log would not come back from this.
#[test]
fn records_that_all_break_off_take_linear_time() {
    for message in [
        "cid:[K1], name:[f], response:[\n",
        "Response; service:`f`, data:`text\n",
    ] {
        let log = format!("{H}{message}").repeat(4_000);
        assert_eq!(records(log.as_bytes()).count(), 4_000);
    }
}

/// A reader that looked for the end of the line from each record, or of each part of it, would not
/// come back from this.
#[test]
fn records_that_share_a_line_take_linear_time() {
    let torn = format!("{H}Response; service:`f`, data:`{{'a': 'x").repeat(100_000);
    let long = format!("{H}Response; service:`f`, data:`{}\n", "x".repeat(32 << 20));
    for (log, expected) in [(torn, 100_000), (long, 1)] {
        assert_eq!(records(log.as_bytes()).count(), expected);
        let mut count = 0;
        let mut last_end = 0;
        let read = read_in_chunks(
            log.as_bytes(),
            0,
            4096,
            |_| (),
            Hinter::NONE,
            |chunks| {
                for chunk in chunks {
                    count += chunk.records.len();
                    assert!(chunk.end > last_end);
                    last_end = chunk.end;
                }
                Ok::<_, Infallible>(())
            },
        );
        assert!(read.is_ok());
        assert_eq!((count, last_end), (expected, log.len()));
    }
}

/// Some of these lines close as a whole, so that each record in them could be the one that is closed. A
/// reader that looked for evidence of that at the end of the line, from each record, would not come
/// back from this.
#[test]
fn records_that_break_off_in_a_line_that_is_closed_take_linear_time() {
    let count = 20_000;
    for (torn, end, expected) in [
        ("Response; service:`f`, data:`text", "` cid:`c`, \n", count),
        (
            "Response; service:`f`, data:`{'a': ",
            "1}` cid:`c`, \n",
            count,
        ),
        // A value that each record goes on with as if it was its own.
        (
            "Response; service:`f`, data:`<\"\\\"",
            "` cid:`c`, \n",
            count,
        ),
        ("Response; service:`f`, data:`set(", ")` cid:`c`, \n", count),
        ("cid:[c], name:[f], response:[text", "]\n", count),
        ("cid:[c], name:[f], response:[<a ", "]\n", count),
        ("cid:`c`, name:`f`, response:`text", "`\n", count),
        // A request is a value, and the last of these is none.
        ("Request; service:`f`, data:`{'a': ", "1, }` cid:`c`, \n", 1),
    ] {
        let log = format!("{H}{torn}").repeat(count) + end;
        assert_eq!(records(log.as_bytes()).count(), expected, "{torn}");
    }
}

/// The limit of torn records counts from the start of the line, wherever a chunk or a window ends.
#[test]
fn chunks_and_windows_count_the_torn_records_of_a_line_alike() {
    let response = format!("{H}cid:[c], name:[f], response:[");
    let quotes = format!("{response}'a log: {response}text]']\n");
    for count in [MAX_TORN - 1, MAX_TORN] {
        let torn = format!("{response}text").repeat(count);
        let log = format!("{torn}{quotes}{quotes}");
        let whole: Vec<Record<'_>> = records(log.as_bytes()).collect();
        // Behind so many torn records, what quotes another one is taken for one of them.
        let is_quote_torn = count == MAX_TORN;
        assert_eq!(whole.len(), count + 2 + usize::from(is_quote_torn));
        for step in [100, 1_000, 5_000] {
            assert_eq!(in_chunks(log.as_bytes(), step), whole);
            assert_eq!(in_windows(log.as_bytes(), step), whole);
        }
    }
}

/// A chunk that starts at a quote knows nothing of the records that have broken off before it.
#[test]
fn a_chunk_that_starts_at_a_quote_counts_none_of_its_torn_records() {
    let earlier = H.replace("2018", "2017");
    let response =
        |header: &str, text: &str| format!("{header}cid:[c], name:[f], response:[{text}");
    let torn = response(H, "text").repeat(MAX_TORN - 1);
    let quote = response(&earlier, "quoted ");
    let last = response(H, &format!("'a log: {}']\n", response(H, "text]")));
    let log = format!("{torn}{}\n{quote}{last}", response(H, "a log:"));
    let whole: Vec<Record<'_>> = records(log.as_bytes()).collect();
    // The last record is taken for a torn one, behind so many.
    assert_eq!(whole.len(), MAX_TORN + 2);
    for step in [500, 1_000, 5_000] {
        assert_eq!(in_chunks(log.as_bytes(), step), whole);
        assert_eq!(in_windows(log.as_bytes(), step), whole);
    }
}

/// Pieces of logs that mean something to framing, in any order.
fn hostile_log() -> impl Strategy<Value = String> {
    let pieces = prop_oneof![
        Just("2018-11-11 22:01:57,123 - INFO - 1:Dummy-1 - "),
        Just(H),
        Just(H41),
        Just("2017-11-11 22:01:57,123 - INFO - 1:Dummy-1 - zato_admin:0 - "),
        Just(
            "2017-11-11 22:01:57,123 - INFO - 1:Dummy-1 - zato_admin:0 - Response; service:`s`, \
             data:`y` cid:`d`, \n"
        ),
        Just("Request; service:`s`, data:`"),
        Just("Response; service:`s`, data:`"),
        Just("cid:[C], name:[S], SIO request:["),
        Just("cid:`C`, name:`S`, response:`"),
        Just("INFO - name:`S`,\n  request:`"),
        Just("` cid:`c`, "),
        Just("` cid:`d`, "),
        Just("`"),
        Just("]"),
        Just("{'a': 1}"),
        Just("[{\"a\": "),
        Just("text"),
        Just("\n"),
        Just("\n"),
        Just("\n"),
        Just("\r\n"),
    ];
    prop::collection::vec(pieces, 0..60).prop_map(|pieces| pieces.concat())
}

/// What may stand in each place of a header, the usual first, and what may not.
fn hostile_header() -> impl Strategy<Value = String> {
    let dash = || {
        usually(
            " - ",
            &[" -", "- ", "  - ", " -  ", " - - ", "\n- ", "\t- ", ""],
        )
    };
    let level = usually("INFO", &["WARNING", "info", "\x1b[1;37mINFO\x1b[0m", ""]);
    let process = usually(
        "4321",
        &["4294967295", "4294967296", "1234567890", "+1", "1x", ""],
    );
    let colon = usually(":", &["", " ", "::"]);
    let thread = usually(
        "Dummy-1",
        &["Thread-1 (run)", "a\tb", "a\rb", "ż", "-", "a-", ""],
    );
    let context = usually(
        "",
        &[
            "s - c - ",
            "s s - c - ",
            "x:1 - c - ",
            "x:1 - y:2 - ",
            " - c - ",
            "s -  - ",
        ],
    );
    let origin = usually(
        "zato_admin:0",
        &[
            "a:b:12",
            "ż:1",
            "x:+1",
            "x:1234567890",
            "x:99999999999",
            ":1",
            "x:",
            "x 1:2",
            "x",
        ],
    );
    let message = usually(
        "Request; service:`",
        &["", "m", "m - n - o:1 - ", "m\tn - o:1 - p"],
    );
    (dash(), level, dash(), process, colon, thread, (dash(), context, origin, dash(), message))
        .prop_map(|(one, level, two, process, colon, thread, (three, context, origin, four, message))| {
            format!("2018-11-11 22:01:57,123{one}{level}{two}{process}{colon}{thread}{three}{context}{origin}{four}{message}")
        })
}

/// Mostly what is usual, so that the whole is nearly so.
fn usually(
    usual: &'static str,
    others: &'static [&'static str],
) -> impl Strategy<Value = &'static str> {
    prop_oneof![4 => Just(usual), 1 => prop::sample::select(others)]
}

#[test]
fn headers_of_admin_log_are_usual() {
    for header in [H, H41] {
        let record = format!("{header}Request; service:`s`, data:`{{}}` cid:`c`, \n");
        let (message, header) = usual_header(&record).unwrap();
        assert_eq!(any_header(&record), Ok((message, header)));
    }
}

fn in_chunks<'a>(log: &'a [u8], chunk_size: usize) -> Vec<Record<'a>> {
    let mut all = Vec::new();
    let sink = |chunks: Vec<Chunk<'a, ()>>| {
        let records = chunks.into_iter().flat_map(|chunk| chunk.records);
        all.extend(records.map(|(record, ())| record));
        Ok::<_, Infallible>(())
    };
    assert!(read_in_chunks(log, 0, chunk_size, |_| (), Hinter::NONE, sink).is_ok());
    all
}

fn in_windows(log: &[u8], step: usize) -> Vec<Record<'_>> {
    let mut all = Vec::new();
    let (mut at, mut torn, mut end) = (0, 0, 0);
    while end < log.len() {
        end = (end + step).min(log.len());
        let offset = usize::saturating_sub(at, 1);
        let window = Window {
            bytes: &log[offset..end],
            offset,
            at,
            torn,
            is_last: end == log.len(),
        };
        let mut settled = window.records();
        for (record, text) in settled.by_ref() {
            assert_eq!(text, &log[record.span.offset..record.span.end()]);
            all.push(record);
        }
        (at, torn) = (settled.at(), settled.torn());
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_usual_header_is_what_any_header_is(header in hostile_header(), end in 0_usize..200) {
        let header: String = header.chars().take(end).collect::<String>() + &" ".repeat(end % 9);
        if let Some(usual) = usual_header(&header) {
            prop_assert_eq!(any_header(&header), Ok(usual));
        }
    }

    #[test]
    fn records_partition_any_log_and_chunks_change_nothing(
        log in hostile_log(),
        chunk_size in 1_usize..400,
    ) {
        let whole: Vec<Record<'_>> = records(log.as_bytes()).collect();
        assert_partition(log.as_bytes(), &whole);
        for closing in [Closing::Bracket, Closing::Backtick, Closing::Cid(None)] {
            let is_there = closing.marker().find(log.as_bytes()).is_some();
            prop_assert_eq!(closing.marker_is_in(log.as_bytes()), is_there);
        }
        prop_assert_eq!(in_chunks(log.as_bytes(), chunk_size), whole);
    }
    #[test]
    fn windows_change_nothing(logs in prop::collection::vec(hostile_log(), 8..16), step in 1_usize..9_000) {
        let log = logs.concat().into_bytes();
        prop_assert_eq!(in_windows(&log, step), records(&log).collect::<Vec<_>>());
    }
}
