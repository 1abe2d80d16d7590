//! One change: who changed what, when, from what to what.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::actor::Actor;
use super::field::FieldChange;
use super::json::Json;
use super::object::ObjectName;
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
pub struct Change {
    /// When the service was called, with the UTC offset where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// The server that ran it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// The address that the call came from: which user it was is in none of Zato's logs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// The service that made the call in the name of the actor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_actor: Option<String>,
    /// What was changed: `http-soap`, `security.basic-auth`.
    pub object_type: String,
    /// The ID of what was changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object_id: Option<String>,
    /// Its name when the service was called; of what was created, the name that it got.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object_name: Option<String>,
    /// `create`, `edit`, `delete`, `change-password`, `upload`, or else the verb of the service.
    pub action: String,
    /// What became of the call.
    pub outcome: Outcome,
    /// The fields that changed. Nothing of a call that was not answered.
    #[serde(default)]
    pub changed: BTreeMap<String, FieldChange>,
    /// What a call asked for, where the log does not tell what came of it: the call was not answered,
    /// or what its service does to the object is not known.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub requested: BTreeMap<String, Json>,
    /// The exception that ended the call, and what it said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// The correlation ID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cid: Option<String>,
    /// The service that was called.
    pub service: String,
    /// How long it took.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<i64>,
    /// Who called.
    pub caller: Actor<'static>,
    /// The ID of the call, for `zalog show`.
    pub call: String,
    /// Where its record stands.
    pub at: At,
}

impl Change {
    /// What was changed.
    #[must_use]
    pub fn object(&self) -> ObjectName {
        ObjectName {
            object_type: self.object_type.clone(),
            object_id: self.object_id.clone(),
            object_name: self.object_name.clone(),
        }
    }

    /// Whether the call was answered, so that what it asked for came to pass.
    #[must_use]
    pub fn is_done(&self) -> bool {
        match self.outcome {
            Outcome::Completed | Outcome::ResponseOnly => true,
            Outcome::Unanswered => false,
        }
    }
}
