//! Decodes payloads into the objects that they are about.

use memchr::memmem;
use serde_json::Value;

use super::field::{Fields, QUOTED_MASK, fields};
use super::json::Entries;
use super::object::{About, ObjectName, inside, rows};
use crate::entry::{Direction, Payload};
use crate::redact::{Redactor, Writer};
use crate::view::write_payload;

/// Decodes one payload after the other, and gets faster by what it has seen.
#[derive(Debug)]
pub(super) struct Decoder {
    redactor: Redactor,
    shown: Writer,
    clear: Writer,
}

impl Decoder {
    /// Decodes payloads as this redactor shows them.
    pub(super) fn new(redactor: Redactor) -> Self {
        Self {
            redactor,
            shown: Writer::new(redactor),
            clear: Writer::new(Redactor::Show),
        }
    }

    /// Returns a payload as it is shown and in clear, if these differ.
    pub(super) fn with_secrets(
        &mut self,
        payload: &Payload<'_>,
        direction: Direction,
    ) -> Option<(Value, Value)> {
        let (mut shown, mut clear) = (Vec::new(), Vec::new());
        write_payload(&mut self.shown, payload, direction, &mut shown);
        write_payload(&mut self.clear, payload, direction, &mut clear);
        let value = |json: &[u8]| serde_json::from_slice(json).expect("it was written as JSON");
        (shown != clear).then(|| (value(&shown), value(&clear)))
    }

    pub(super) fn decode(&mut self, payload: &Payload<'_>, direction: Direction) -> Decoded {
        let written = |writer: &mut Writer| {
            let mut json = Vec::with_capacity(payload.text.len() + payload.text.len() / 8);
            write_payload(writer, payload, direction, &mut json);
            String::from_utf8(json).expect("what is written as JSON is text")
        };
        let masked = written(&mut self.shown);
        let holds_mask = || memmem::find(masked.as_bytes(), QUOTED_MASK.as_bytes()).is_some();
        let has_secrets = self.redactor == Redactor::Mask && holds_mask();
        Decoded {
            clear: has_secrets.then(|| written(&mut self.clear)),
            masked,
            direction,
        }
    }
}

/// A payload as JSON with its secrets masked and, where there are some, also in clear.
pub(super) struct Decoded {
    masked: String,
    clear: Option<String>,
    direction: Direction,
}

impl Decoded {
    /// The object that it is, with its fields.
    pub(super) fn object(&self, about: &About) -> Option<(ObjectName, Fields)> {
        let masked = Entries::of(self.inside(&self.masked))?;
        let clear = self.clear.as_deref();
        let clear = clear.and_then(|clear| Entries::of(self.inside(clear)));
        Some((about.object(&masked), fields(&masked, clear.as_ref())))
    }

    /// The objects that it shows, each with its fields.
    pub(super) fn objects(&self, about: &About) -> impl Iterator<Item = (ObjectName, Fields)> {
        let clear = self.clear.as_deref();
        let clear = clear.map(|clear| rows(self.inside(clear)));
        let mut clear = clear.into_iter().flatten();
        let masked = rows(self.inside(&self.masked)).into_iter();
        masked.map(move |row| (about.object(&row), fields(&row, clear.next().as_ref())))
    }

    /// What a response holds in its envelope.
    fn inside<'j>(&self, json: &'j str) -> &'j str {
        match self.direction {
            Direction::Request => json,
            Direction::Response => inside(json),
        }
    }
}
