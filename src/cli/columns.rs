//! The fields of calls as columns: `--fields service,request.name`.

use std::str::FromStr;

use serde_json::{Value, json};
use thiserror::Error;

use super::table::{Column, human_bytes, human_duration};
use crate::entry::Direction;
use crate::invocation::{Kind, verb};
use crate::pyrepr::{Notation, Tokens};
use crate::query::{Line, Path, civil_time};

/// A field that is asked for, with the name that it was asked by.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) name: String,
    source: Source,
}

#[derive(Clone, Debug)]
enum Source {
    Fact(Fact),
    Payload(Path),
}

/// What a call shows besides its payloads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fact {
    Id,
    Parent,
    Service,
    Verb,
    Kind,
    Cid,
    Server,
    Thread,
    Pid,
    Outcome,
    Started,
    Finished,
    Duration,
    Size,
}

/// The names of fields, the first of each as it is called in JSON.
const NAMES: [(&str, Fact); 18] = [
    ("id", Fact::Id),
    ("parent", Fact::Parent),
    ("service", Fact::Service),
    ("verb", Fact::Verb),
    ("kind", Fact::Kind),
    ("cid", Fact::Cid),
    ("server", Fact::Server),
    ("thread", Fact::Thread),
    ("pid", Fact::Pid),
    ("outcome", Fact::Outcome),
    ("started_at", Fact::Started),
    ("started", Fact::Started),
    ("time", Fact::Started),
    ("finished_at", Fact::Finished),
    ("finished", Fact::Finished),
    ("duration_ms", Fact::Duration),
    ("duration", Fact::Duration),
    ("size", Fact::Size),
];

/// How much of a payload's value, or of a service's name, a narrow terminal leaves.
const SHORTEST: usize = 12;

/// A text that names no field.
#[derive(Debug, Error)]
#[error(
    "unknown field: the fields are id, service, verb, kind, cid, server, outcome, started, finished, \
     duration, size, pid, thread, parent, request, request.KEY, response and response.KEY"
)]
pub(super) struct UnknownField;

impl FromStr for Field {
    type Err = UnknownField;

    fn from_str(name: &str) -> Result<Self, UnknownField> {
        let fact = NAMES.iter().find(|(known, _)| *known == name);
        let source = match fact {
            Some((_, fact)) => Source::Fact(*fact),
            None => Source::Payload(name.parse().map_err(|_| UnknownField)?),
        };
        Ok(Self {
            name: name.to_owned(),
            source,
        })
    }
}

impl Field {
    /// The column of a table.
    pub(super) fn column(&self) -> Column {
        let column = Column::text(self.name.clone());
        match &self.source {
            Source::Fact(Fact::Service) => column.cut().shortened_to(SHORTEST),
            Source::Fact(Fact::Pid | Fact::Duration | Fact::Size) => Column {
                is_number: true,
                ..column
            },
            Source::Fact(_) => column,
            Source::Payload(_) => column.shortened_to(SHORTEST),
        }
    }

    /// The value for programs: null if it is unknown, a list if there are several.
    pub(super) fn value(&self, line: &Line<'_>) -> Value {
        match &self.source {
            Source::Fact(fact) => fact.value(line),
            Source::Payload(path) => {
                let mut values = payload_values(path, line);
                match values.len() {
                    0 => Value::Null,
                    1 => values.swap_remove(0),
                    _ => Value::Array(values),
                }
            }
        }
    }

    /// The value as text: for a person, or as it is in JSON.
    pub(super) fn text(&self, line: &Line<'_>, for_a_person: bool) -> String {
        match &self.source {
            Source::Fact(fact) if for_a_person => fact.human_text(line),
            Source::Fact(fact) => text(&fact.value(line)),
            Source::Payload(path) => {
                let texts: Vec<String> = payload_values(path, line).iter().map(text).collect();
                texts.join(", ")
            }
        }
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}

/// The values that stand where a path ends.
fn payload_values(path: &Path, line: &Line<'_>) -> Vec<Value> {
    let payload = match path.side {
        Direction::Request => line.request,
        Direction::Response => line.response,
    };
    let value = payload.and_then(|json| Tokens::of_text(json, Notation::Json).into_value().ok());
    value.map_or_else(Vec::new, |value| {
        path.values(&value).into_iter().cloned().collect()
    })
}

impl Fact {
    fn value(self, line: &Line<'_>) -> Value {
        let facts = &line.facts;
        match self {
            Self::Id => json!(facts.id()),
            Self::Parent => json!(facts.parent()),
            Self::Service => json!(facts.service),
            Self::Verb => json!(verb(&facts.service)),
            Self::Kind => json!(Kind::of(&facts.service).as_str()),
            Self::Cid => json!(facts.cid),
            Self::Server => json!(facts.server),
            Self::Thread => json!(facts.thread),
            Self::Pid => json!(facts.process),
            Self::Outcome => json!(facts.outcome.as_str()),
            Self::Started => json!(line.started_at),
            Self::Finished => json!(line.finished_at),
            Self::Duration => json!(facts.duration),
            Self::Size => json!(facts.size),
        }
    }

    fn human_text(self, line: &Line<'_>) -> String {
        let facts = &line.facts;
        match self {
            Self::Started => facts.started.map(human_time).unwrap_or_default(),
            Self::Finished => facts.finished.map(human_time).unwrap_or_default(),
            Self::Duration => facts.duration.map(human_duration).unwrap_or_default(),
            Self::Size => human_bytes(facts.size),
            fact => text(&fact.value(line)),
        }
    }
}

/// A time in milliseconds to the second: `2018-11-11 22:01:57`.
pub(super) fn human_time(millis: i64) -> String {
    civil_time(millis).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// A time in milliseconds: `2018-11-11 22:01:57.123`.
pub(super) fn precise_time(millis: i64) -> String {
    format!("{:.3}", civil_time(millis)).replace('T', " ")
}
