//! Writes an invocation as one line of JSON, without a tree.

use std::fmt::Display;
use std::io::Write as _;

use super::View;
use crate::entry::Direction;
use crate::invocation::{Identity, Invocation, Place, Rest, Side, Undecoded};
use crate::pyrepr::write_json_string;

/// Writes an invocation as a JSON object and a newline behind what `out` holds. A key whose value
/// is unknown is left out.
pub fn write_json_line(view: &View, invocation: &Invocation<'_>, out: &mut Vec<u8>) {
    let mut object = Object::new(out);
    object.text("id", invocation.identity.id());
    object.text("service", invocation.service);
    object.optional_text("cid", invocation.cid);
    object.optional_text("server", invocation.server);
    object.text("outcome", invocation.outcome().as_str());
    let utc_offset = invocation.utc_offset();
    let timestamp = |asctime| view.timestamp(asctime, utc_offset);
    object.optional_text("started_at", invocation.started_at().map(timestamp));
    object.optional_text("finished_at", invocation.finished_at().map(timestamp));
    object.optional_number(
        "duration_ms",
        invocation.duration_ms().filter(|&duration| duration >= 0),
    );
    object.optional_number("pid", invocation.process);
    object.optional_text("thread", invocation.thread_name());
    object.optional_text("parent", invocation.parent.map(Identity::id));
    match invocation.rest {
        Some(Rest::Call) => object.text("via", "rest"),
        Some(Rest::WrapperOf(call)) => object.text("wraps", call.id()),
        None => {}
    }
    let request = object.payload(
        view,
        "request",
        invocation.request.as_ref(),
        Direction::Request,
    );
    let response = object.payload(
        view,
        "response",
        invocation.response.as_ref(),
        Direction::Response,
    );
    object.place("request_at", invocation.request.as_ref());
    object.place("response_at", invocation.response.as_ref());
    object.texts(
        "diagnostics",
        &view.diagnostics(invocation, request, response),
    );
    object.end();
    out.push(b'\n');
}

/// An object that is being written.
struct Object<'o> {
    out: &'o mut Vec<u8>,
    is_empty: bool,
}

impl<'o> Object<'o> {
    fn new(out: &'o mut Vec<u8>) -> Self {
        out.push(b'{');
        Self {
            out,
            is_empty: true,
        }
    }

    fn end(self) {
        self.out.push(b'}');
    }

    fn key(&mut self, key: &str) {
        if !std::mem::take(&mut self.is_empty) {
            self.out.push(b',');
        }
        write_json_string(key, self.out);
        self.out.push(b':');
    }

    fn text(&mut self, key: &str, text: impl Display) {
        self.key(key);
        write_json_string(&text.to_string(), self.out);
    }

    fn optional_text(&mut self, key: &str, text: Option<impl Display>) {
        if let Some(text) = text {
            self.text(key, text);
        }
    }

    fn optional_number(&mut self, key: &str, number: Option<impl Display>) {
        if let Some(number) = number {
            self.key(key);
            write!(self.out, "{number}").expect("memory takes all that is written");
        }
    }

    fn texts(&mut self, key: &str, texts: &[String]) {
        if texts.is_empty() {
            return;
        }
        self.key(key);
        for (nth, text) in texts.iter().enumerate() {
            self.out.push(if nth == 0 { b'[' } else { b',' });
            write_json_string(text, self.out);
        }
        self.out.push(b']');
    }

    fn payload(
        &mut self,
        view: &View,
        key: &str,
        side: Option<&Side<'_>>,
        direction: Direction,
    ) -> Option<Undecoded> {
        let side = side?;
        self.key(key);
        view.write_payload(&side.payload, direction, self.out)
    }

    fn place(&mut self, key: &str, side: Option<&Side<'_>>) {
        let Some(Place { file, span, line }) = side.map(|side| side.at) else {
            return;
        };
        self.key(key);
        let mut place = Object::new(self.out);
        place.text("file", file);
        place.optional_number("offset", Some(span.offset));
        place.optional_number("length", Some(span.length));
        place.optional_number("line", Some(line));
        place.end();
    }
}
