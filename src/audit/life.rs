//! The life of an object: what was seen of it and done to it, with its state after each.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::change::Change;
use super::field::{FieldValues, owned_values, shown_values};
use super::object::ObjectName;
use super::objects::Object;
use super::shelf::Shelf;

/// The object that is asked for: by a name that it has had at some time, or by its ID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectQuery {
    object_type: String,
    wanted: Wanted,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Wanted {
    Id(String),
    Name(String),
}

/// `http-soap/my channel`, as it is given.
impl fmt::Display for ObjectQuery {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.wanted {
            Wanted::Id(id) => write!(formatter, "{}/#{id}", self.object_type),
            Wanted::Name(name) => write!(formatter, "{}/{name}", self.object_type),
        }
    }
}

/// A text that names no object.
#[derive(Debug, Error)]
#[error(
    "expected TYPE/NAME or TYPE/#ID, such as `http-soap/my channel` or `security.basic-auth/#12`"
)]
pub struct NoObject;

impl ObjectQuery {
    /// The type that it asks for: `http-soap`.
    #[must_use]
    pub fn object_type(&self) -> &str {
        &self.object_type
    }
}

impl FromStr for ObjectQuery {
    type Err = NoObject;

    fn from_str(text: &str) -> Result<Self, NoObject> {
        let (object_type, name) = text.split_once('/').ok_or(NoObject)?;
        if object_type.is_empty() || name.is_empty() {
            return Err(NoObject);
        }
        let wanted = match name.strip_prefix('#') {
            Some(id) => Wanted::Id(id.to_owned()),
            None => Wanted::Name(name.to_owned()),
        };
        Ok(Self {
            object_type: object_type.to_owned(),
            wanted,
        })
    }
}

/// What happened to an object.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LifeEvent {
    /// The server whose log tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// When the service was called that did or showed it, with the UTC offset where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// When the answer was there, so that it had happened, or else when the service was called:
    /// milliseconds since 1970-01-01 00:00:00 of the server's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub millis: Option<i64>,
    /// The object as it is called from there on.
    pub object: ObjectName,
    /// Tells it from all others: those of other servers, and those that had its ID before or will
    /// have it.
    pub incarnation: u64,
    /// What was done; `None` where a response shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Change<'static>>,
    /// What is known of it then; `None` when it is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<FieldValues<'static>>,
}

/// What happened to the objects of one type.
#[derive(Debug)]
pub(super) struct Lives {
    query: ObjectQuery,
    events: Shelf<LifeEvent>,
    wanted: BTreeSet<u64>,
}

impl Lives {
    pub(super) fn new(query: ObjectQuery) -> Self {
        Self {
            query,
            events: Shelf::default(),
            wanted: BTreeSet::new(),
        }
    }

    pub(super) fn object_type(&self) -> &str {
        self.query.object_type()
    }

    /// Takes an event. It is shown if it `is_chosen`.
    pub(super) fn add(&mut self, event: &LifeEvent, is_chosen: bool) {
        let object = &event.object;
        let is_wanted = match &self.query.wanted {
            Wanted::Id(id) => object.object_id.as_ref() == Some(id),
            Wanted::Name(name) => object.object_name.as_ref() == Some(name),
        };
        if is_wanted {
            self.wanted.insert(event.incarnation);
        }
        if is_chosen {
            self.events.put(event.millis.unwrap_or(i64::MIN), event);
        }
    }

    /// The lives of the objects that were asked for, in the order in which things happened.
    pub(super) fn finish(mut self) -> Vec<LifeEvent> {
        self.events.sort();
        let events = self.events.iter();
        events
            .filter(|event| self.wanted.contains(&event.incarnation))
            .collect()
    }
}

impl LifeEvent {
    /// What a response shows of an object.
    pub(super) fn seen(
        object: &Object,
        server: Option<&str>,
        time: Option<String>,
        millis: Option<i64>,
    ) -> Self {
        Self {
            server: server.map(ToOwned::to_owned),
            time,
            millis,
            object: object.name.clone(),
            incarnation: object.incarnation,
            change: None,
            state: Some(owned_values(shown_values(&object.fields))),
        }
    }
}
