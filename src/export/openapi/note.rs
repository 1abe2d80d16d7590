//! What is told of a document and the traffic beside it.

use std::fmt;

use serde_json::{Value, json};

/// What is told of one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The service.
    pub service: String,
    /// Where: `request` or `response`, then keys, and `*` for the items of a list, with a dot
    /// between them. Empty for all of the service.
    pub place: String,
    /// What.
    pub kind: NoteKind,
}

/// What is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoteKind {
    /// It was added to the document.
    Added,
    /// The document lacks it, and it could not be added, for this reason.
    NotAdded(&'static str),
    /// The document has it, and no call.
    NeverSeen,
    /// The document says that it has these types, and calls had those.
    Types(Vec<String>, Vec<&'static str>),
    /// The document says that it is required, and so many of all did not have it.
    NotAlwaysThere(u64, u64),
    /// The document has an enumeration that lacks these values.
    OtherValues(Vec<String>),
}

impl Note {
    /// Whether the document and the traffic contradict each other.
    #[must_use]
    pub fn is_difference(&self) -> bool {
        match self.kind {
            NoteKind::Added | NoteKind::NotAdded(_) | NoteKind::NeverSeen => false,
            NoteKind::Types(_, _) | NoteKind::NotAlwaysThere(_, _) | NoteKind::OtherValues(_) => {
                true
            }
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dot = if self.place.is_empty() { "" } else { " " };
        write!(formatter, "{}{dot}{}: ", self.service, self.place)?;
        match &self.kind {
            NoteKind::Added => formatter.write_str("added"),
            NoteKind::NotAdded(reason) => {
                write!(formatter, "not in the document, and not added: {reason}")
            }
            NoteKind::NeverSeen => formatter.write_str("in the document, never seen"),
            NoteKind::Types(document, seen) => write!(
                formatter,
                "the document says {}, calls show {}",
                document.join(" or "),
                seen.join(" or ")
            ),
            NoteKind::NotAlwaysThere(missing, all) => {
                write!(
                    formatter,
                    "required in the document, not there in {missing} of {all}"
                )
            }
            NoteKind::OtherValues(values) => {
                let values: Vec<String> = values
                    .iter()
                    .map(|value| json!(value).to_string())
                    .collect();
                write!(
                    formatter,
                    "not in the document's enum: {}",
                    values.join(", ")
                )
            }
        }
    }
}

/// The types that a schema allows by their names; none if it does not say.
pub(super) fn types_of(schema: &Value) -> Vec<String> {
    let mut types: Vec<String> = match schema.get("type") {
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(several)) => several
            .iter()
            .filter_map(|name| name.as_str().map(str::to_owned))
            .collect(),
        _ => Vec::new(),
    };
    if !types.is_empty() && schema.get("nullable") == Some(&Value::Bool(true)) {
        types.push("null".to_owned());
    }
    types
}
