//! One change: who changed what, when, from what to what.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::actor::Actor;
use super::field::{ChangedFields, FieldValues, owned_values};
use super::object::Label;
use crate::invocation::Outcome;

/// Where the first record of a call stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct At {
    /// The file, as given or found.
    pub file: String,
    /// The line, from 1.
    pub line: u64,
}

/// A call that was to change something. The names are those of Zato's own config audit, where it
/// has them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change<'c> {
    /// When the service was called, with the UTC offset where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<Cow<'c, str>>,
    /// The server that ran it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<Cow<'c, str>>,
    /// The address that the call came from: which user it was is in none of Zato's logs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<Cow<'c, str>>,
    /// The service that made the call in the name of the actor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_actor: Option<Cow<'c, str>>,
    /// What was changed: `http-soap`, `security.basic-auth`.
    pub object_type: Cow<'c, str>,
    /// The ID of what was changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object_id: Option<Cow<'c, str>>,
    /// Its name when the service was called; of what was created, the name that it got.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object_name: Option<Cow<'c, str>>,
    /// `create`, `edit`, `delete`, `change-password`, `upload`, or else the verb of the service.
    pub action: Cow<'c, str>,
    /// What became of the call.
    pub outcome: Outcome,
    /// The fields that changed. Nothing of a call that was not answered.
    #[serde(default)]
    pub changed: ChangedFields<'c>,
    /// What a call asked for, where the log does not tell what came of it: the call was not answered,
    /// or what its service does to the object is not known.
    #[serde(default, skip_serializing_if = "FieldValues::is_empty")]
    pub requested: FieldValues<'c>,
    /// The exception that ended the call, and what it said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Cow<'c, str>>,
    /// The correlation ID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cid: Option<Cow<'c, str>>,
    /// The service that was called.
    pub service: Cow<'c, str>,
    /// How long it took.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<i64>,
    /// Who called.
    pub caller: Actor<'c>,
    /// The ID of the call, for `zalog show`.
    pub call: Cow<'c, str>,
    /// Where its record stands.
    pub at: At,
}

impl Change<'_> {
    /// What was changed, in a word: `http-soap/my channel`, or `http-soap/#85` where there is no name.
    #[must_use]
    pub fn object_label(&self) -> String {
        let label = Label {
            object_type: &self.object_type,
            id: self.object_id.as_deref(),
            name: self.object_name.as_deref(),
        };
        label.to_string()
    }

    /// Whether the call was answered, so that what it asked for came to pass.
    #[must_use]
    pub fn is_done(&self) -> bool {
        match self.outcome {
            Outcome::Completed | Outcome::ResponseOnly => true,
            Outcome::Unanswered => false,
        }
    }

    /// The same, kept apart from the log.
    #[must_use]
    pub fn into_owned(self) -> Change<'static> {
        let text = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        let changed = self.changed.into_iter();
        let changed = changed.map(|(name, field)| (text(name), field.into_owned()));
        Change {
            time: self.time.map(text),
            server: self.server.map(text),
            actor: self.actor.map(text),
            effective_actor: self.effective_actor.map(text),
            object_type: text(self.object_type),
            object_id: self.object_id.map(text),
            object_name: self.object_name.map(text),
            action: text(self.action),
            outcome: self.outcome,
            changed: changed.collect(),
            requested: owned_values(self.requested),
            failure: self.failure.map(text),
            cid: self.cid.map(text),
            service: text(self.service),
            duration_ms: self.duration_ms,
            caller: self.caller.into_owned(),
            call: text(self.call),
            at: self.at,
        }
    }
}
