//! Which response belongs to which request, and which call was made in which.

use std::convert::Infallible;
use std::io::Cursor;

use proptest::prelude::*;

use super::*;
use crate::entry::Hinter;
use crate::source::{Kept, Stream};

/// One record of a call, in the wording of 3.2: `>` for a request, `<` for a response.
fn record(text: &str) -> String {
    let words: Vec<&str> = text.split(' ').collect();
    let [direction, pid, cid, service, payload] = words[..] else {
        panic!("direction, process, CID, service and payload: {text}");
    };
    let kind = if direction == ">" {
        "Request"
    } else {
        "Response"
    };
    format!(
        "2018-11-11 22:01:57,123 - INFO - {pid}:Dummy-1 - zato_admin:0 - {kind}; \
         service:`{service}`, data:`{payload}` cid:`{cid}`, \n"
    )
}

/// The invocations of a server's files: those that are answered, then the others.
fn read_all<'a>(texts: &'a [String], kept: &'a Kept) -> Vec<Invocation<'a>> {
    let mut reader = LogReader::new(Some("server1"), kept, 64);
    let mut invocations = Vec::new();
    for text in texts {
        let file = SourceFile {
            name: "admin.log",
            bytes: text.as_bytes(),
        };
        let read = reader.read(file, |batch| {
            invocations.extend(batch.invocations);
            Ok::<_, Infallible>(())
        });
        assert!(read.is_ok());
    }
    invocations.extend(reader.finish().1);
    invocations
}

#[test]
fn a_byte_order_mark_hides_no_call() {
    let texts = ["\u{feff}".to_owned() + &record("> 1 c f {}")];
    let kept = Kept::default();
    let services: Vec<&str> = read_all(&texts, &kept)
        .iter()
        .map(|call| call.service)
        .collect();
    assert_eq!(services, ["f"]);
}

/// Hints are given for chunks, and a record may end behind its chunk.
#[test]
fn hints_are_kept_with_both_sides() {
    let payload = |nth: usize| {
        if nth.is_multiple_of(7) {
            "needle"
        } else {
            "hay"
        }
    };
    let part = |direction: &str| -> String {
        let records =
            (0..99).map(|nth| record(&format!("{direction} 1 c{nth} f {}", payload(nth))));
        records.collect()
    };
    let texts = [part(">"), part("<")];
    let is_there = |bytes: &[u8]| memchr::memmem::find(bytes, b"needle").is_some();
    let hints = |bytes: &[u8]| Hints::new([is_there(bytes)]);
    for chunk_size in [1, 100, 300] {
        let kept = Kept::default();
        let mut reader = LogReader::new(None, &kept, chunk_size);
        reader.look_for(Hinter(&hints));
        let mut told = Vec::new();
        for text in &texts {
            let bytes = text.as_bytes();
            let Ok(()) = reader.read(SourceFile { name: "", bytes }, |batch| {
                for call in &batch.invocations {
                    let sides = [call.request, call.response].map(Option::unwrap);
                    told.push(sides.map(|side| side.hints.may_hold(0)));
                    let expected = is_there(sides[0].payload.text);
                    assert!(!expected || told.last() == Some(&[true, true]));
                }
                Ok::<_, Infallible>(())
            });
        }
        assert_eq!(told.len(), 99);
        assert!(told.contains(&[false, false]));
    }
}

/// All that the invocations of files tell.
fn shown(texts: &[String]) -> Vec<String> {
    let kept = Kept::default();
    let invocations = read_all(texts, &kept);
    invocations.iter().map(|call| format!("{call:?}")).collect()
}

/// The same, where of each file only a window is in memory.
fn shown_of_streams(texts: &[String], step: usize) -> Vec<String> {
    let kept = Kept::default();
    let mut reader = LogReader::new(Some("server1"), &kept, 64);
    let mut shown = Vec::new();
    for text in texts {
        let mut stream = Stream::of(Cursor::new(text.clone().into_bytes()), step).unwrap();
        let read = reader.follow("admin.log", &mut stream, |batch| {
            shown.extend(batch.invocations.iter().map(|call| format!("{call:?}")));
            Ok::<_, Infallible>(())
        });
        assert!(read.is_ok());
    }
    let (counts, unanswered) = reader.finish();
    assert_eq!(counts.bytes, texts.iter().map(String::len).sum::<usize>());
    shown.extend(unanswered.map(|call| format!("{call:?}")));
    shown
}

/// Reads files of records; tells each invocation as `service request response parent`, where the
/// parent is told by its request's payload.
fn told(files: &[&[&str]]) -> Vec<String> {
    let texts: Vec<String> = files
        .iter()
        .map(|file| file.iter().map(|text| record(text)).collect())
        .collect();
    let kept = Kept::default();
    let invocations = read_all(&texts, &kept);
    let payload = |side: Option<Side<'_>>| {
        side.map_or("-".to_owned(), |side| {
            String::from_utf8_lossy(side.payload.text).into_owned()
        })
    };
    let request_of = |identity: Identity<'_>| {
        let parent = invocations
            .iter()
            .find(|invocation| invocation.identity == identity);
        parent.map_or("?".to_owned(), |parent| payload(parent.request))
    };
    invocations
        .iter()
        .map(|invocation| {
            let rest = match invocation.rest {
                Some(Rest::Call) => " via rest".to_owned(),
                Some(Rest::WrapperOf(call)) => format!(" wraps {}", request_of(call)),
                None => String::new(),
            };
            format!(
                "{} {} {} {}{rest}",
                invocation.service,
                payload(invocation.request),
                payload(invocation.response),
                invocation.parent.map_or("-".to_owned(), request_of),
            )
        })
        .collect()
}

#[test]
fn calls_of_many_threads_processes_and_files_are_told_apart() {
    let first = ["> 1 a s 1", "> 2 a s 2", "> 1 b s 3", "< 1 b s 30"];
    let second = ["< 2 a s 20", "> 1 c t 4", "< 1 a s 10"];
    assert_eq!(
        told(&[&first, &second]),
        ["s 3 30 -", "s 2 20 -", "s 1 10 -", "t 4 - -"]
    );
}

#[test]
fn a_service_that_calls_itself_answers_from_the_inside_out() {
    let log = [
        "> 1 a s 1",
        "> 1 a s 2",
        "> 1 a s 3",
        "< 1 a s 30",
        "< 1 a s 20",
        "< 1 a s 10",
    ];
    assert_eq!(told(&[&log]), ["s 3 30 2", "s 2 20 1", "s 1 10 -"]);
}

#[test]
fn a_call_that_failed_is_over_with_the_one_that_made_it() {
    let log = [
        "> 1 a s 1",
        "> 1 a t 2",
        "< 1 a s 10",
        "> 1 a u 3",
        "< 1 a u 30",
    ];
    assert_eq!(told(&[&log]), ["s 1 10 -", "u 3 30 -", "t 2 - 1"]);
}

#[test]
fn the_outcome_and_the_times_are_those_of_both_sides() {
    let request = record("> 1 a s 1");
    let response = record("< 1 a s 10").replace("57,123", "58,000");
    let (called, answered) = ("2018-11-11T22:01:57.123", "2018-11-11T22:01:58.000");
    for (text, outcome, started_at, finished_at, duration_ms) in [
        (
            request.clone() + &response,
            "completed",
            Some(called),
            Some(answered),
            Some(877),
        ),
        (request, "unanswered", Some(called), None, None),
        (response, "response-only", None, Some(answered), None),
    ] {
        let (texts, kept) = ([text], Kept::default());
        let calls = read_all(&texts, &kept);
        let [call] = &*calls else {
            panic!("one call: {calls:?}");
        };
        let shown = |asctime: Option<Asctime>| asctime.map(|asctime| asctime.to_string());
        assert_eq!(call.outcome().as_str(), outcome);
        assert_eq!(shown(call.started_at()).as_deref(), started_at);
        assert_eq!(shown(call.finished_at()).as_deref(), finished_at);
        assert_eq!(shown(call.seen_at()).as_deref(), started_at.or(finished_at));
        assert_eq!(call.duration_ms(), duration_ms);
        assert_eq!(call.thread_name(), Some("Dummy-1"));
    }
}

#[test]
fn a_response_without_its_request_is_an_invocation_too() {
    assert_eq!(
        told(&[&["< 1 a s 10", "> 1 a t 2"]]),
        ["s - 10 -", "t 2 - -"]
    );
}

#[test]
fn the_rest_wrapper_and_its_call_are_one() {
    let wrapper = "pub.zato.service.service-invoker";
    let log = [
        &format!("> 1 a {wrapper} 1"),
        "> 1 a s 2",
        "> 1 a t 3",
        "< 1 a t 30",
        "< 1 a s 20",
        &format!("< 1 a {wrapper} 10"),
        &format!("> 1 b {wrapper} 4"),
        "> 1 b s 5",
    ];
    let log: Vec<&str> = log.iter().map(AsRef::as_ref).collect();
    assert_eq!(
        told(&[&log]),
        [
            "t 3 30 2".to_owned(),
            "s 2 20 1 via rest".to_owned(),
            format!("{wrapper} 1 10 - wraps 2"),
            format!("{wrapper} 4 - - wraps 5"),
            "s 5 - 4 via rest".to_owned(),
        ]
    );
}

#[test]
fn the_offset_of_a_call_tree_is_that_of_its_first_record() {
    let cid = "20261123-181300-2024-a35d8d189a27bcf3a";
    let record = |time: &str, service: &str, kind: &str| {
        format!(
            "2026-11-23 {time} - INFO - 1:Dummy-1 - {service} - {cid} - zato_admin:21 - {kind}; \
             service:`{service}`, data:`{{}}` cid:`{cid}`, \n"
        )
    };
    // The second call starts when a quarter of an hour could be mistaken for a time zone.
    let text = record("19:13:00,500", "outer", "Request")
        + &record("19:28:01,000", "inner", "Request")
        + &record("19:28:01,000", "other", "Response");
    let texts = [text];
    let kept = Kept::default();
    let invocations = read_all(&texts, &kept);
    let offsets: Vec<String> = invocations
        .iter()
        .filter_map(|call| Some(call.utc_offset()?.to_string()))
        .collect();
    assert_eq!(offsets, ["+01:00", "+01:00", "+01:00"]);
}

#[test]
fn equal_records_have_ids_of_their_own() {
    let answered: String = ["> 1 a s 1", "< 1 a s 1"].map(record).concat();
    let open = record("> 1 a s 1");
    let without_header = "INFO - name:`s`, request:`{}`\n\n";
    for text in [&answered, &open, without_header] {
        assert_ids_differ(text.repeat(200), 200);
    }
}

#[test]
fn a_stream_of_equal_records_gives_the_ids_that_a_file_gives() {
    let texts = [["> 1 a s 1", "< 1 a s 1"].map(record).concat().repeat(200)];
    assert_eq!(shown_of_streams(&texts, 5_000), shown(&texts));
}

#[track_caller]
fn assert_ids_differ(text: String, expected: usize) {
    let texts = [text];
    let mut ids: Vec<InvocationId> = read_all(&texts, &Kept::default())
        .iter()
        .map(|invocation| invocation.identity.id())
        .collect();
    let in_order = ids.clone();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!((ids.len(), in_order.len()), (expected, expected));
}

/// So many calls are kept in a file.
#[test]
fn calls_that_leave_memory_are_answered_all_the_same() {
    const CALLS: usize = 40_000;
    let is_answered = |nth: &usize| nth.is_multiple_of(3);
    let requests = (0..CALLS).map(|nth| record(&format!("> 1 {nth} s {nth}")));
    let answered = (0..CALLS).filter(is_answered);
    let responses = answered.map(|nth| record(&format!("< 1 {nth} s -{nth}")));
    let texts = [requests.collect::<String>(), responses.collect()];
    let kept = Kept::default();
    let invocations = read_all(&texts, &kept);
    let payloads = invocations.iter().map(|invocation| {
        let text = |side: Side<'_>| String::from_utf8_lossy(side.payload.text).into_owned();
        (invocation.request.map(text), invocation.response.map(text))
    });
    let expected = (0..CALLS)
        .filter(is_answered)
        .map(|nth| (Some(nth.to_string()), Some(format!("-{nth}"))))
        .chain(
            (0..CALLS)
                .filter(|nth| !is_answered(nth))
                .map(|nth| (Some(nth.to_string()), None)),
        );
    assert!(payloads.eq(expected));
}

/// Pairs records in the plainest way: it looks through all calls for each of them. Tells what
/// [`told`] tells.
fn told_plainly(records: &[String]) -> Vec<String> {
    #[derive(Clone)]
    struct Call {
        tree: [String; 2],
        service: String,
        request: String,
        parent: Option<usize>,
        made_first: Option<usize>,
        via_rest: bool,
        is_open: bool,
        /// Whether others can be made in it.
        is_around: bool,
    }

    let mut calls: Vec<Call> = Vec::new();
    let mut told = Vec::new();
    let line = |calls: &[Call], call: &Call, response: &str| {
        let request = |at: usize| &calls[at].request;
        let rest = match call.made_first {
            _ if call.via_rest => " via rest".to_owned(),
            Some(first) => format!(" wraps {}", request(first)),
            None => String::new(),
        };
        let parent = call.parent.map_or("-", |parent| request(parent));
        format!(
            "{} {} {response} {parent}{rest}",
            call.service, call.request
        )
    };
    for record in records {
        let words: Vec<&str> = record.split(' ').collect();
        let [direction, pid, cid, service, payload] = words[..] else {
            panic!("{record}");
        };
        let tree = [pid.to_owned(), cid.to_owned()];
        let around = calls
            .iter()
            .rposition(|call| call.is_around && call.tree == tree);
        if direction == ">" {
            let mut call = Call {
                tree,
                service: service.to_owned(),
                request: payload.to_owned(),
                parent: around,
                made_first: None,
                via_rest: false,
                is_open: true,
                is_around: true,
            };
            if let Some(around) = around.filter(|&around| calls[around].service == REST_WRAPPER) {
                call.via_rest = true;
                let place = calls.len();
                calls[around].made_first.get_or_insert(place);
            }
            calls.push(call);
            continue;
        }
        let fits = |call: &Call| call.is_open && call.tree == tree && call.service == service;
        let Some(answered) = calls.iter().rposition(fits) else {
            let parent = around.map_or("-", |around| &calls[around].request);
            told.push(format!("{service} - {payload} {parent}"));
            continue;
        };
        told.push(line(&calls, &calls[answered], payload));
        calls[answered].is_open = false;
        if calls[answered].is_around {
            let inner = calls[answered..]
                .iter_mut()
                .filter(|call| call.tree == tree);
            inner.for_each(|call| call.is_around = false);
        }
    }
    told.extend(
        calls
            .iter()
            .filter(|call| call.is_open)
            .map(|call| line(&calls, call, "-")),
    );
    told
}

proptest! {
    #[test]
    fn calls_are_paired_as_if_all_were_looked_through(
        records in prop::collection::vec((0..2_usize, 1..3, 0..3, 0..3_usize), 0..120),
        split in 0..120_usize,
    ) {
        let services = ["s", "t", REST_WRAPPER];
        let records: Vec<String> = records
            .into_iter()
            .enumerate()
            .map(|(nth, (direction, pid, cid, service))| {
                let direction = [">", "<"][direction];
                format!("{direction} {pid} {cid} {} {nth}", services[service])
            })
            .collect();
        let texts: Vec<&str> = records.iter().map(AsRef::as_ref).collect();
        let (first, second) = texts.split_at(split.min(texts.len()));
        prop_assert_eq!(told(&[first, second]), told_plainly(&records));
        let texts = [first, second].map(|file| file.iter().map(|text| record(text)).collect());
        prop_assert_eq!(shown_of_streams(&texts, 5_000), shown(&texts));
    }
}

/// Reads a file from a record on, and tells what is known of the calls that are over or begin in
/// what it holds from `start` on, whatever is at hand of requests before it.
fn known_of<'a>(
    mut reader: LogReader<'a>,
    file: SourceFile<'a>,
    at: (usize, usize),
    start: usize,
) -> (Vec<String>, Option<Saved>) {
    let is_behind = |side: &Side<'_>| side.at.file == file.name && side.at.span.offset >= start;
    let known = |call: Invocation<'_>| {
        let rest = match call.rest {
            Some(Rest::Call) => "call".to_owned(),
            Some(Rest::WrapperOf(call)) => format!("wrapper of {}", call.id()),
            None => String::new(),
        };
        let request = call.request.filter(is_behind);
        let is_continued = call.is_continued() || call.request.is_some() && request.is_none();
        format!(
            "{} {} {:?} in {:?} {rest} since {:?} {is_continued} {request:?} {:?}",
            call.identity.id(),
            call.service,
            call.cid,
            call.parent.map(Identity::id),
            call.tree_started_at,
            call.response,
        )
    };
    let has_last = |call: &Invocation<'_>| {
        let last = call.response.or(call.request);
        last.is_some_and(|last| is_behind(&last))
    };
    let mut told = Vec::new();
    let Ok(()) = reader.read_from(file, at, |batch| {
        told.extend(batch.invocations.into_iter().filter(has_last).map(known));
        Ok::<_, Infallible>(())
    });
    let saved = reader.take_saved();
    told.extend(reader.finish().1.filter(has_last).map(known));
    (told, saved)
}

proptest! {
    /// Before a record of a file, or between two files.
    #[test]
    fn a_reader_goes_on_from_what_another_has_saved(
        records in prop::collection::vec((0..2_usize, 1..3, 0..3, 0..3_usize, 0..2), 1..60),
        split in any::<prop::sample::Index>(),
        remembers_ids: bool,
    ) {
        let services = ["s", "t", REST_WRAPPER];
        let texts = records.iter().enumerate().map(|(nth, record_of)| {
            let (direction, pid, cid, service, payload) = *record_of;
            let direction = [">", "<"][direction];
            let time = format!("57,{:03}", nth / 3);
            record(&format!("{direction} {pid} {cid} {} {payload}", services[service]))
                .replace("57,123", &time)
        });
        let texts: Vec<String> = texts.collect();
        let (first, second) = texts.split_at(split.index(texts.len()));
        let (first, second) = (first.concat(), second.concat());
        let whole = first.clone() + &second;
        let kept = Kept::default();
        let new_reader = || {
            let mut reader = LogReader::new(Some("server1"), &kept, 64);
            if remembers_ids {
                reader.remember_ids();
            }
            reader
        };

        let file = SourceFile { name: "admin.log", bytes: whole.as_bytes() };
        let mut reader = new_reader();
        reader.save_from(first.len());
        let (expected, saved) = known_of(reader, file, (0, 1), first.len());
        let saved = saved.unwrap();
        let resumed = LogReader::resume(Some("server1"), &kept, 64, &saved).unwrap();
        prop_assert_eq!(&resumed.save().bytes, &saved.bytes);
        let at = (saved.offset, saved.line);
        prop_assert_eq!(known_of(resumed, file, at, first.len()).0, expected);

        let mut reader = new_reader();
        let rotated = SourceFile { name: "admin.log.1", bytes: first.as_bytes() };
        let Ok(()) = reader.read(rotated, |_| Ok::<_, Infallible>(()));
        let saved = reader.save();
        let file = SourceFile { name: "admin.log", bytes: second.as_bytes() };
        let at = (saved.offset, saved.line);
        let (expected, _) = known_of(reader, file, (0, 1), 0);
        let resumed = LogReader::resume(Some("server1"), &kept, 64, &saved).unwrap();
        prop_assert_eq!(known_of(resumed, file, at, 0).0, expected);
    }
}

#[test]
fn what_is_saved_in_another_way_is_refused() {
    let kept = Kept::default();
    let log = record("> 1 a s 1") + &record("> 1 a t 2");
    let mut reader = LogReader::new(None, &kept, 64);
    let file = SourceFile {
        name: "admin.log",
        bytes: log.as_bytes(),
    };
    let Ok(()) = reader.read(file, |_| Ok::<_, Infallible>(()));
    let saved = reader.save();
    let is_taken = |saved: &Saved| {
        let kept = Kept::default();
        LogReader::resume(None, &kept, 64, saved).is_some()
    };
    assert!(is_taken(&saved));
    for length in 0..saved.bytes.len() {
        let bytes = saved.bytes[..length].to_vec();
        assert!(!is_taken(&Saved { bytes, ..saved }), "{length}");
    }
    // Another seed, of which another check comes.
    let mut of_another_seed = saved;
    of_another_seed.bytes[8] ^= 1;
    assert!(!is_taken(&of_another_seed));
}
