//! Which response belongs to which request, and which call was made in which.

use std::convert::Infallible;

use super::*;

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
fn read_all(texts: &[String]) -> Vec<Invocation<'_>> {
    let mut reader = LogReader::new(Some("server1"), 64);
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

/// Reads files of records; tells each invocation as `service request response parent`, where the
/// parent is told by its request's payload.
fn told(files: &[&[&str]]) -> Vec<String> {
    let texts: Vec<String> = files
        .iter()
        .map(|file| file.iter().map(|text| record(text)).collect())
        .collect();
    let invocations = read_all(&texts);
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
    let invocations = read_all(&texts);
    let offsets: Vec<String> = invocations
        .iter()
        .filter_map(|call| Some(call.utc_offset()?.to_string()))
        .collect();
    assert_eq!(offsets, ["+01:00", "+01:00", "+01:00"]);
}

#[test]
fn equal_records_have_ids_of_their_own() {
    let text: String = ["> 1 a s 1", "< 1 a s 1"]
        .repeat(3)
        .iter()
        .map(|text| record(text))
        .collect();
    let texts = [text];
    let mut ids: Vec<InvocationId> = read_all(&texts)
        .iter()
        .map(|invocation| invocation.identity.id())
        .collect();
    let in_order = ids.clone();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!((ids.len(), in_order.len()), (3, 3));
}
