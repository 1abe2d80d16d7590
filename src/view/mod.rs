//! Shows an invocation: its payloads decoded and redacted, its times with what is known of their
//! zone, as JSON.
//!
//! Everything that shows, stores or exports an invocation goes through here, so that a payload is
//! decoded in one way and its secrets are masked in one place.

mod human;
mod json;
mod per_thread;
mod time;

pub use human::{human_bytes, human_duration, seconds};
pub use json::{LineWriter, write_json_line};
pub use per_thread::PerThread;
pub use time::Timestamp;

use jiff::tz::TimeZone;
use serde_json::Value;

use crate::entry::{Direction, Payload};
use crate::invocation::{Content, Invocation, Undecoded};
use crate::pyrepr::to_value;
use crate::redact::{Redactor, Writer};

/// How invocations are shown.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// Whether secrets are masked.
    pub redactor: Redactor,
    /// The time zone of the servers' clocks, where the user knows it and the log does not tell.
    pub timezone: Option<TimeZone>,
}

impl View {
    /// Writes a payload as compact JSON behind what `out` holds. Returns why it, or a part of it,
    /// is given as text.
    pub fn write_payload(
        &self,
        payload: &Payload<'_>,
        direction: Direction,
        out: &mut Vec<u8>,
    ) -> Option<Undecoded> {
        write_payload(&mut Writer::new(self.redactor), payload, direction, out)
    }

    /// Returns a payload as a tree, with why it, or a part of it, is given as text.
    #[must_use]
    pub fn payload(
        &self,
        payload: &Payload<'_>,
        direction: Direction,
    ) -> (Value, Option<Undecoded>) {
        let content = Content::new(payload, direction);
        content.read(|tokens| to_value(self.redactor.tokens(tokens)))
    }

    /// Whether a payload can be read whole.
    #[must_use]
    pub fn is_decoded(&self, payload: &Payload<'_>, direction: Direction) -> bool {
        let content = Content::new(payload, direction);
        let ((), undecoded) = content.read(|tokens| tokens.try_for_each(|token| token.map(drop)));
        undecoded.is_none()
    }

    /// What a person should know of this invocation before trusting it.
    #[must_use]
    pub fn diagnostics(
        &self,
        invocation: &Invocation<'_>,
        request: Option<Undecoded>,
        response: Option<Undecoded>,
    ) -> Vec<String> {
        let mut diagnostics = Vec::new();
        let sides = [
            ("request", &invocation.request, request),
            ("response", &invocation.response, response),
        ];
        for (name, side, undecoded) in sides {
            diagnostics.extend(undecoded.map(|undecoded| format!("{name}: {undecoded}")));
            if side.is_some_and(|side| side.is_ambiguous) {
                diagnostics.push(format!("{name}: its text looks like a record of its own"));
            }
        }
        if invocation
            .duration_ms()
            .is_some_and(|duration| duration < 0)
        {
            diagnostics.push("response: the clock went back since the request".to_owned());
        }
        diagnostics
    }
}

pub(crate) fn write_payload(
    writer: &mut Writer,
    payload: &Payload<'_>,
    direction: Direction,
    out: &mut Vec<u8>,
) -> Option<Undecoded> {
    let start = out.len();
    let content = Content::new(payload, direction);
    let ((), undecoded) = content.read(|tokens| {
        out.truncate(start);
        writer.write_json(tokens, out)
    });
    undecoded
}
