//! Headers and wordings: a record says the same wherever it stands, and both readers of headers
//! read the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use zalog::entry::{Content, Entry, Header, Message, Record, called, header_in_both_ways, records};

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data) {
        let [usual, any] = header_in_both_ways(text);
        assert!(usual.is_none() || usual == any);
    }
    for record in records(data) {
        let bytes = &data[record.span.offset..record.span.end()];
        if let Some((header, call)) = record.call() {
            assert_eq!(called(bytes), Some((header.copied(), call.service)));
        }
        // What starts a log may be a byte order mark; it is nothing anywhere else.
        if record.span.offset > 0 && bytes.starts_with("\u{feff}".as_bytes()) {
            continue;
        }
        let alone = records(bytes).next().expect("it has bytes");
        assert_eq!(told(&alone), told(&record));
        if let Some(header) = header(&record) {
            is_read_again(header);
        }
    }
});

fn header<'a>(record: &Record<'a>) -> Option<Header<'a>> {
    match record.content {
        Content::Entry(Entry { header, .. }) => header,
        Content::Unreadable => None,
    }
}

/// All that does not depend on where the record ends.
fn told(record: &Record<'_>) -> String {
    let message = match &record.content {
        Content::Unreadable => return "unreadable".to_owned(),
        Content::Entry(Entry { message, .. }) => match message {
            Message::Call(call) => format!(
                "{:?} {:?} {:?}",
                call.payload.wording, call.direction, call.service
            ),
            Message::Nameless => "nameless".to_owned(),
            Message::Other => "other".to_owned(),
        },
    };
    format!("{message} {:?}", header(record))
}

/// A header that is written as Zato writes them is what it was made of.
fn is_read_again(header: Header<'_>) {
    let context = header.context.map_or(String::new(), |context| {
        format!("{} - {} - ", context.service, context.cid)
    });
    let written = format!(
        "{} - {} - {}:{} - {context}{}:{} - ",
        header.asctime,
        header.level,
        header.process,
        header.thread_name,
        header.logger,
        header.lineno
    );
    // What is shown in the form of ISO 8601 stands in the log in Python's.
    let text = written.replacen('T', " ", 1).replacen('.', ",", 1) + "message\n";
    let again = records(text.as_bytes()).next().expect("it has bytes");
    assert_eq!(self::header(&again), Some(header), "{text}");
}
