//! A change as texts: what the page itself and its script both show.

use std::borrow::Cow;

use crate::audit::{Change, FieldChange, Json};
use crate::export::quote::{one_line, visible_json};
use crate::invocation::Outcome;
use crate::view::human_duration;

/// A change in which every text is one line with every character visible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ShownChange {
    /// With the fraction of its second and its UTC offset.
    pub(super) time: Option<String>,
    pub(super) server: Option<String>,
    pub(super) action: String,
    pub(super) outcome: &'static str,
    pub(super) object_type: String,
    /// Its name, or its ID where there is no name.
    pub(super) object: Option<String>,
    pub(super) who: String,
    pub(super) fields: Vec<ShownField>,
    /// What a call asked for that was not answered.
    pub(super) requested: Vec<(String, String)>,
    /// All else, in the order of [`FACTS`].
    pub(super) facts: [Option<String>; FACTS.len()],
}

/// A field with what it was and what it has become.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ShownField {
    pub(super) name: String,
    pub(super) before: String,
    pub(super) after: String,
    pub(super) is_secret: bool,
}

/// What else is known of a change.
pub(super) const FACTS: [&str; 11] = [
    "Why it failed",
    "ID of the object",
    "Service",
    "Called by",
    "Channel",
    "Program",
    "HTTP status",
    "Took",
    "CID",
    "Call",
    "Record",
];

impl From<&Change<'_>> for ShownChange {
    fn from(change: &Change<'_>) -> Self {
        let line = |text: &Option<Cow<'_, str>>| text.as_deref().map(one_line);
        let caller = &change.caller;
        let fields = change.changed.iter();
        let requested = change.requested.iter();
        let took = change.duration_ms.and_then(|ms| u64::try_from(ms).ok());
        let id = line(&change.object_id);
        let record = format!("{}:{}", change.at.file, change.at.line);
        Self {
            time: line(&change.time),
            server: line(&change.server),
            action: one_line(&change.action),
            outcome: change.outcome.as_str(),
            object_type: one_line(&change.object_type),
            object: line(&change.object_name).or_else(|| id.as_ref().map(|id| format!("#{id}"))),
            who: one_line(&caller.short()),
            fields: fields
                .map(|(name, field)| ShownField::new(name, field, &change.action))
                .collect(),
            requested: requested
                .map(|(name, value)| (one_line(name), visible_json(value.as_str()).into_owned()))
                .collect(),
            facts: [
                line(&change.failure),
                id,
                Some(one_line(&change.service)),
                caller.parent.as_deref().map(one_line),
                caller.channel.as_deref().map(one_line),
                caller.agent.as_deref().map(one_line),
                caller.status.map(|status| status.to_string()),
                took.map(human_duration),
                line(&change.cid),
                Some(one_line(&change.call)),
                Some(one_line(&record)),
            ],
        }
    }
}

impl ShownField {
    fn new(name: &str, field: &FieldChange<'_>, action: &str) -> Self {
        let shown = |value: &Option<Json<'_>>, otherwise: &str| match value {
            Some(value) => visible_json(value.as_str()).into_owned(),
            None => otherwise.to_owned(),
        };
        let (no_before, no_after) = match action {
            "create" => ("not there", "not known"),
            "delete" => ("not known", "gone"),
            _ => ("not known", "not known"),
        };
        Self {
            name: one_line(name),
            before: shown(&field.before, no_before),
            after: shown(&field.after, no_after),
            is_secret: field.is_secret,
        }
    }
}

/// How many fields the line of a change names.
const MOST_NAMED: usize = 4;

impl ShownChange {
    /// What has changed, or was to change, in a few words.
    pub(super) fn what(&self) -> String {
        if self.is_done() {
            return named(self.fields.iter().map(|field| &*field.name))
                .unwrap_or_else(|| "no field that is known".to_owned());
        }
        let [why, ..] = &self.facts;
        let asked = || named(self.requested.iter().map(|(name, _)| &**name));
        why.clone()
            .or_else(|| Some(format!("asked for {}", asked()?)))
            .unwrap_or_else(|| "not known why".to_owned())
    }

    /// Whether the call was answered.
    pub(super) fn is_done(&self) -> bool {
        self.outcome != Outcome::Unanswered.as_str()
    }
}

/// The first names and how many more there are; `None` if there is none.
fn named<'n>(names: impl Iterator<Item = &'n str>) -> Option<String> {
    let names: Vec<&str> = names.collect();
    let more = names.len().saturating_sub(MOST_NAMED);
    match (names.is_empty(), more) {
        (true, _) => None,
        (false, 0) => Some(names.join(", ")),
        (false, more) => Some(format!(
            "{} and {more} more",
            names[..MOST_NAMED].join(", ")
        )),
    }
}
