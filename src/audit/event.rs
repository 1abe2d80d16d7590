//! One call as rules look at it: fields by name.

use std::borrow::Cow;

use super::actor::Actor;
use super::change::Change;
use super::json::{Json, text};
use super::object::{About, is_nothing};
use crate::entry::Asctime;
use crate::invocation::{Outcome, verb};

/// One call.
#[derive(Clone, Copy)]
pub(super) struct Event<'e> {
    pub(super) time: Option<Asctime>,
    pub(super) shown_time: Option<&'e str>,
    pub(super) server: Option<&'e str>,
    pub(super) service: &'e str,
    pub(super) about: &'e About,
    pub(super) outcome: Outcome,
    pub(super) duration_ms: Option<i64>,
    pub(super) actor: &'e Actor<'e>,
    /// The class of the exception that ended it.
    pub(super) failure: Option<&'e str>,
    /// What it changed, or was to change.
    pub(super) change: Option<&'e Change<'e>>,
    pub(super) file: &'e str,
    pub(super) line: u64,
}

/// A field of a call. `changed.NAME` has the values of one field of the object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Field {
    Server,
    Service,
    Verb,
    Cid,
    Outcome,
    Duration,
    Origin,
    Remote,
    Channel,
    Agent,
    Status,
    Parent,
    Exception,
    Action,
    ObjectType,
    ObjectId,
    ObjectName,
    Object,
    /// What a field was before the change, and what it is after it.
    Before(String),
    After(String),
    /// The names of the fields that have changed.
    Changed,
}

impl Field {
    /// The fields with their names in rules.
    const NAMES: [(&'static str, Self); 19] = [
        ("server", Self::Server),
        ("service", Self::Service),
        ("verb", Self::Verb),
        ("cid", Self::Cid),
        ("outcome", Self::Outcome),
        ("duration_ms", Self::Duration),
        ("origin", Self::Origin),
        ("remote", Self::Remote),
        ("channel", Self::Channel),
        ("agent", Self::Agent),
        ("status", Self::Status),
        ("parent", Self::Parent),
        ("exception", Self::Exception),
        ("action", Self::Action),
        ("object_type", Self::ObjectType),
        ("object_id", Self::ObjectId),
        ("object_name", Self::ObjectName),
        ("object", Self::Object),
        ("changed", Self::Changed),
    ];

    /// The names of all fields, for those who have mistyped one.
    pub(super) fn names() -> String {
        let names = Self::NAMES.iter().map(|(name, _)| *name);
        let mut names: Vec<&str> = names.collect();
        names.extend(["before.NAME", "after.NAME"]);
        names.join(", ")
    }

    /// The field with this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        if let Some(name) = name.strip_prefix("before.") {
            return Some(Self::Before(name.to_owned()));
        }
        if let Some(name) = name.strip_prefix("after.") {
            return Some(Self::After(name.to_owned()));
        }
        let known = Self::NAMES.iter().find(|(known, _)| *known == name);
        known.map(|(_, field)| field.clone())
    }
}

impl<'e> Event<'e> {
    /// The value of a field; `None` if it is unknown. A field that has changed to or from nothing
    /// is an empty text.
    pub(super) fn field(&self, field: &Field) -> Option<Cow<'e, str>> {
        let change = self.change;
        let text = match field {
            Field::Server => self.server,
            Field::Service => Some(self.service),
            Field::Verb => Some(verb(self.service)),
            Field::Cid => change.and_then(|change| change.cid.as_deref()),
            Field::Outcome => Some(self.outcome.as_str()),
            Field::Origin => Some(self.actor.origin.as_str()),
            Field::Remote => self.actor.remote.as_deref(),
            Field::Channel => self.actor.channel.as_deref(),
            Field::Agent => self.actor.agent.as_deref(),
            Field::Parent => self.actor.parent.as_deref(),
            Field::Exception => self.failure,
            Field::Action => change.map(|change| &*change.action),
            Field::ObjectType => match change {
                Some(change) => Some(&*change.object_type),
                None => Some(self.about.object_type.as_str()),
            },
            Field::ObjectId => change.and_then(|change| change.object_id.as_deref()),
            Field::ObjectName => change.and_then(|change| change.object_name.as_deref()),
            Field::Duration => return self.duration_ms.map(|ms| Cow::Owned(ms.to_string())),
            Field::Status => {
                return self
                    .actor
                    .status
                    .map(|status| Cow::Owned(status.to_string()));
            }
            Field::Object => return self.object(),
            Field::Before(name) => {
                return value_text(change?.changed.get(&**name)?.before.as_ref());
            }
            Field::After(name) => {
                let change = change?;
                let after = change
                    .changed
                    .get(&**name)
                    .and_then(|change| change.after.as_ref());
                return value_text(after);
            }
            Field::Changed => {
                let names = change?.changed.keys().map(|name| &**name);
                return Some(Cow::Owned(names.collect::<Vec<_>>().join(", ")));
            }
        };
        text.map(Cow::Borrowed)
    }

    /// The object by its ID, which stays when it gets another name.
    fn object(&self) -> Option<Cow<'e, str>> {
        let change = self.change?;
        let object = match (&change.object_id, &change.object_name) {
            (Some(id), _) => format!("{}/#{id}", change.object_type),
            (None, Some(name)) => format!("{}/{name}", change.object_type),
            (None, None) => return None,
        };
        Some(Cow::Owned(object))
    }
}

/// The text of a value. What stands for nothing is empty.
pub(super) fn value_text<'j>(value: Option<&'j Json<'_>>) -> Option<Cow<'j, str>> {
    let json = value?.as_str();
    Some(match text(json) {
        _ if is_nothing(json) => Cow::Borrowed(""),
        Some(text) => text,
        None => Cow::Borrowed(json),
    })
}
