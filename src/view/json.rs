//! Writes an invocation as one line of JSON, without a tree.

use std::fmt::Display;
use std::io::Write as _;

use super::{View, write_payload};
use crate::entry::{Direction, Payload};
use crate::invocation::{Identity, Invocation, Place, Rest, Side, Undecoded};
use crate::pyrepr::write_json_string;
use crate::redact;

/// Writes an invocation as a JSON object and a newline behind what `out` holds. A key whose value
/// is unknown is left out.
pub fn write_json_line(view: &View, invocation: &Invocation<'_>, out: &mut Vec<u8>) {
    LineWriter::new(view).write(invocation, out);
}

/// Writes invocations as [`write_json_line`] does, and gets faster by what it has seen.
#[derive(Debug)]
pub struct LineWriter<'v> {
    view: &'v View,
    payloads: redact::Writer,
}

impl<'v> LineWriter<'v> {
    /// Writes invocations as `view` shows them.
    #[must_use]
    pub fn new(view: &'v View) -> Self {
        Self {
            view,
            payloads: redact::Writer::new(view.redactor),
        }
    }

    /// Writes a payload as [`View::write_payload`] does.
    pub fn write_payload(
        &mut self,
        payload: &Payload<'_>,
        direction: Direction,
        out: &mut Vec<u8>,
    ) -> Option<Undecoded> {
        write_payload(&mut self.payloads, payload, direction, out)
    }

    /// Writes an invocation and a newline behind what `out` holds.
    pub fn write(&mut self, invocation: &Invocation<'_>, out: &mut Vec<u8>) {
        let mut object = Object::new(out);
        object.plain("id", invocation.identity.id());
        object.text("service", invocation.service);
        object.optional_text("cid", invocation.cid);
        object.optional_text("server", invocation.server);
        object.text("outcome", invocation.outcome().as_str());
        let utc_offset = invocation.utc_offset();
        let timestamp = |asctime| self.view.timestamp(asctime, utc_offset);
        object.optional_plain("started_at", invocation.started_at().map(timestamp));
        object.optional_plain("finished_at", invocation.finished_at().map(timestamp));
        object.optional_number(
            "duration_ms",
            invocation.duration_ms().filter(|&duration| duration >= 0),
        );
        object.optional_number("pid", invocation.process);
        object.optional_text("thread", invocation.thread_name());
        object.optional_plain("parent", invocation.parent.map(Identity::id));
        match invocation.rest {
            Some(Rest::Call) => object.text("via", "rest"),
            Some(Rest::WrapperOf(call)) => object.plain("wraps", call.id()),
            None => {}
        }
        let request = object.payload(
            self,
            "request",
            invocation.request.as_ref(),
            Direction::Request,
        );
        let response = object.payload(
            self,
            "response",
            invocation.response.as_ref(),
            Direction::Response,
        );
        object.place("request_at", invocation.request.as_ref());
        object.place("response_at", invocation.response.as_ref());
        object.texts(
            "diagnostics",
            &self.view.diagnostics(invocation, request, response),
        );
        object.end();
        out.push(b'\n');
    }
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

    /// Starts the value of a key, which is one of our own.
    fn key(&mut self, key: &'static str) {
        if !std::mem::take(&mut self.is_empty) {
            self.out.push(b',');
        }
        self.out.push(b'"');
        self.out.extend_from_slice(key.as_bytes());
        self.out.extend_from_slice(b"\":");
    }

    fn text(&mut self, key: &'static str, text: &str) {
        self.key(key);
        write_json_string(text, self.out);
    }

    fn optional_text(&mut self, key: &'static str, text: Option<&str>) {
        if let Some(text) = text {
            self.text(key, text);
        }
    }

    /// Writes what needs no escapes: times and IDs.
    fn plain(&mut self, key: &'static str, text: impl Display) {
        self.key(key);
        write!(self.out, "\"{text}\"").expect("memory takes all that is written");
    }

    fn optional_plain(&mut self, key: &'static str, text: Option<impl Display>) {
        if let Some(text) = text {
            self.plain(key, text);
        }
    }

    fn optional_number(&mut self, key: &'static str, number: Option<impl Display>) {
        if let Some(number) = number {
            self.key(key);
            write!(self.out, "{number}").expect("memory takes all that is written");
        }
    }

    fn texts(&mut self, key: &'static str, texts: &[String]) {
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
        writer: &mut LineWriter<'_>,
        key: &'static str,
        side: Option<&Side<'_>>,
        direction: Direction,
    ) -> Option<Undecoded> {
        let side = side?;
        self.key(key);
        write_payload(&mut writer.payloads, &side.payload, direction, self.out)
    }

    fn place(&mut self, key: &'static str, side: Option<&Side<'_>>) {
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
