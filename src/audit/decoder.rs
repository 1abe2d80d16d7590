//! Decodes payloads into the objects that they are about.

use memchr::memmem;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::field::{QUOTED_MASK, fields};
use super::fields::Fields;
use super::json::{Entries, tree};
use super::object::{About, ObjectName, enveloped, rows};
use crate::entry::{Direction, Payload};
use crate::redact::{Redactor, Writer};
use crate::view::write_payload;

/// Decodes one payload after the other, and gets faster by what it has seen.
#[derive(Debug)]
pub(super) struct Decoder {
    redactor: Redactor,
    shown: Side,
    clear: Side,
}

/// One way to show payloads, with the JSON of the last one.
#[derive(Debug)]
struct Side {
    writer: Writer,
    json: Vec<u8>,
}

/// An object as a payload names it, with the fields that it tells of it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Named {
    pub(super) name: ObjectName,
    pub(super) fields: Fields,
}

impl Named {
    fn of(about: &About, shown: &Entries<'_>, clear: Option<&Entries<'_>>) -> Self {
        Self {
            name: about.object(shown),
            fields: fields(shown, clear),
        }
    }
}

impl Decoder {
    /// Decodes payloads as this redactor shows them.
    pub(super) fn new(redactor: Redactor) -> Self {
        Self {
            redactor,
            shown: Side::new(redactor),
            clear: Side::new(Redactor::Show),
        }
    }

    /// Returns a payload as it is shown and in clear, if these differ.
    pub(super) fn with_secrets(
        &mut self,
        payload: &Payload<'_>,
        direction: Direction,
    ) -> Option<(Value, Value)> {
        let shown = self.shown.write(payload, direction);
        let clear = self.clear.write(payload, direction);
        (shown != clear).then(|| (tree(shown), tree(clear)))
    }

    pub(super) fn decode(&mut self, payload: &Payload<'_>, direction: Direction) -> Decoded<'_> {
        let masked = self.shown.write(payload, direction);
        let holds_mask = || memmem::find(masked.as_bytes(), QUOTED_MASK.as_bytes()).is_some();
        let has_secrets = self.redactor == Redactor::Mask && holds_mask();
        Decoded {
            masked,
            clear: has_secrets.then(|| self.clear.write(payload, direction)),
            direction,
        }
    }
}

impl Side {
    fn new(redactor: Redactor) -> Self {
        Self {
            writer: Writer::new(redactor),
            json: Vec::new(),
        }
    }

    fn write(&mut self, payload: &Payload<'_>, direction: Direction) -> &str {
        self.json.clear();
        // What one large payload took is not kept for all that follow.
        self.json.shrink_to(MOST_KEPT);
        write_payload(&mut self.writer, payload, direction, &mut self.json);
        std::str::from_utf8(&self.json).expect("what is written as JSON is text")
    }
}

/// How many bytes are kept for the next payload.
const MOST_KEPT: usize = 1 << 20;

/// A payload as JSON with its secrets masked and, where there are some, also in clear.
pub(super) struct Decoded<'d> {
    masked: &'d str,
    clear: Option<&'d str>,
    direction: Direction,
}

impl Decoded<'_> {
    /// The object that it is, with its fields.
    pub(super) fn object(&self, about: &About) -> Option<Named> {
        let masked = self.entries(self.masked)?;
        let clear = self.clear.and_then(|clear| self.entries(clear));
        Some(Named::of(about, &masked, clear.as_ref()))
    }

    /// The objects that a response shows, each with its fields.
    pub(super) fn objects(&self, about: &About) -> impl Iterator<Item = Named> {
        let mut clear = self.clear.map(rows).into_iter().flatten();
        let masked = rows(self.masked).into_iter();
        masked.map(move |row| Named::of(about, &row, clear.next().as_ref()))
    }

    /// The entries of a dict; of a response, of the one in its envelope.
    fn entries<'j>(&self, json: &'j str) -> Option<Entries<'j>> {
        let entries = Entries::of(json)?;
        match self.direction {
            Direction::Request => Some(entries),
            Direction::Response => match enveloped(&entries) {
                Some(content) => Entries::of(content),
                None => Some(entries),
            },
        }
    }
}
