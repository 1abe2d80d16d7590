//! Which object a call is about: by the service's name, and by what the request and the response
//! say.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::json::{Entries, dicts, text};
use crate::invocation::{Effect, Kind, verb};
use crate::usage::Envelope;

/// An object as far as it is known. At least one of its ID and its name is.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ObjectName {
    /// What it is: `http-soap`, `security.basic-auth`.
    pub object_type: String,
    /// Its ID in Zato's database, as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object_id: Option<String>,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object_name: Option<String>,
}

/// `http-soap/my channel`, or `http-soap/#85` where there is no name.
impl fmt::Display for ObjectName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let label = Label {
            object_type: &self.object_type,
            id: self.object_id.as_deref(),
            name: self.object_name.as_deref(),
        };
        label.fmt(formatter)
    }
}

/// How an object is called.
pub(super) struct Label<'o> {
    pub(super) object_type: &'o str,
    pub(super) id: Option<&'o str>,
    pub(super) name: Option<&'o str>,
}

impl fmt::Display for Label<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.object_type)?;
        match (self.name, self.id) {
            (Some(name), _) => write!(formatter, "/{name}"),
            (None, Some(id)) => write!(formatter, "/#{id}"),
            (None, None) => Ok(()),
        }
    }
}

/// `objects.toml`, as it is read.
#[derive(Deserialize)]
struct Table {
    ignored: Vec<String>,
    nothing: Vec<String>,
    lists: Vec<String>,
    service: Vec<Service>,
}

/// A service whose name does not tell all.
#[derive(Deserialize)]
struct Service {
    name: String,
    effect: Option<Effect>,
    name_field: Option<String>,
    type_field: Option<String>,
    #[serde(default)]
    types: BTreeMap<String, String>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    toml::from_str(include_str!("objects.toml"))
        .expect("the file is part of the program and tested")
});

/// What a service does, and to what.
#[derive(Clone)]
pub(super) struct About {
    /// What it does to the object.
    pub(super) effect: Effect,
    /// The type of its objects, unless each row tells its own.
    pub(super) object_type: String,
    /// Whether it changes something.
    pub(super) is_write: bool,
    special: Option<&'static Service>,
}

impl About {
    /// What the service with this name is about.
    pub(super) fn service(name: &str) -> Self {
        let special = TABLE.service.iter().find(|service| service.name == name);
        let effect = special.and_then(|service| service.effect);
        let own = name
            .strip_prefix("zato.")
            .or_else(|| name.strip_prefix("pub.zato."))
            .unwrap_or(name);
        let object_type = own.strip_suffix(verb(name)).unwrap_or(own);
        Self {
            effect: effect.unwrap_or_else(|| Effect::of(name)),
            object_type: object_type.trim_end_matches('.').to_owned(),
            is_write: Kind::of(name) == Kind::Write,
            special,
        }
    }

    /// What the service with this name does, in a word.
    pub(super) fn action<'s>(&self, service: &'s str) -> Cow<'s, str> {
        Cow::Borrowed(match self.effect {
            Effect::Set | Effect::Other => verb(service),
            effect => effect.as_str(),
        })
    }

    /// The field that holds an object's name.
    pub(super) fn name_field(&self) -> &'static str {
        let special = self.special;
        special
            .and_then(|service| service.name_field.as_deref())
            .unwrap_or("name")
    }

    /// The object that these values are of: a request, a response or a row of a list.
    pub(super) fn object(&self, values: &Entries<'_>) -> ObjectName {
        let text = |key: &str| values.get(key).and_then(scalar_text).map(Cow::into_owned);
        ObjectName {
            object_type: self.type_of(values),
            object_id: text("id"),
            object_name: text(self.name_field()).filter(|name| !name.is_empty()),
        }
    }

    fn type_of(&self, values: &Entries<'_>) -> String {
        let told = self.special.and_then(|service| {
            let row_type = text(values.get(service.type_field.as_deref()?)?)?;
            let known = service.types.get(&*row_type).cloned();
            Some(known.unwrap_or_else(|| row_type.replace('_', "-")))
        });
        match told {
            Some(row_type) => format!("{}.{row_type}", self.object_type),
            None => self.object_type.clone(),
        }
    }

    /// Whether the rows of its lists are of several types.
    pub(super) fn shows_several_types(&self) -> bool {
        self.special
            .is_some_and(|service| service.type_field.is_some())
    }
}

/// Whether this field tells which object is meant, or nothing about it.
pub(super) fn is_ignored(field: &str) -> bool {
    TABLE.ignored.iter().any(|ignored| ignored == field)
}

/// Whether the value stands for nothing.
pub(super) fn is_nothing(json: &str) -> bool {
    let is_named = |text: Cow<'_, str>| TABLE.nothing.iter().any(|nothing| *nothing == text);
    json == "null" || text(json).is_some_and(is_named)
}

/// What a response is the envelope of, as [`Envelope::content`] tells it.
pub(super) fn enveloped<'j>(response: &Entries<'j>) -> Option<&'j str> {
    let mut entries = response.iter();
    let (name, content) = entries.find(|(name, _)| !Envelope::is_beside(name.as_bytes()))?;
    Envelope::Named.is_envelope(name).then_some(content.get())
}

/// The objects that a response shows.
pub(super) fn rows(response: &str) -> Vec<Entries<'_>> {
    let read = |json| match dicts(json) {
        Some(rows) => (rows, None),
        None => (Vec::new(), Entries::of(json)),
    };
    let (mut rows, mut object) = read(response);
    if let Some(content) = object.as_ref().and_then(enveloped) {
        (rows, object) = read(content);
    }
    let Some(object) = object else { return rows };
    let lists = TABLE.lists.iter();
    let list = lists.filter_map(|key| object.get(key)).find_map(dicts);
    list.unwrap_or_else(|| vec![object])
}

/// Which of the lists with these keys is the one that [`rows`] takes, by its number.
pub(super) fn list_of_rows(keys: &[&[u8]]) -> Option<usize> {
    let mut lists = TABLE.lists.iter();
    lists.find_map(|list| keys.iter().position(|key| *key == list.as_bytes()))
}

/// The text of an ID or a name, which older versions of Zato give as text and newer ones as
/// numbers.
pub(super) fn scalar_text(json: &str) -> Option<Cow<'_, str>> {
    let is_number = json.starts_with(|first: char| first == '-' || first.is_ascii_digit());
    if is_number {
        return Some(Cow::Borrowed(json));
    }
    text(json)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn object(service: &str, values: &Value) -> String {
        let values = values.to_string();
        let name = About::service(service).object(&Entries::of(&values).unwrap());
        format!("{name} {}", name.object_id.as_deref().unwrap_or("-"))
    }

    #[test]
    fn a_service_and_its_values_name_an_object() {
        for (service, values, expected) in [
            (
                "zato.http-soap.edit",
                json!({"id": 85, "name": "x"}),
                "http-soap/x 85",
            ),
            (
                "zato.http-soap.delete",
                json!({"id": "85"}),
                "http-soap/#85 85",
            ),
            (
                "zato.security.get-list",
                json!({"sec_type": "basic_auth"}),
                "security.basic-auth -",
            ),
            (
                "zato.security.get-list",
                json!({"sec_type": "vault_conn_sec", "id": 3}),
                "security.vault.connection/#3 3",
            ),
            (
                "zato.hot-deploy.create",
                json!({"payload_name": "a.py"}),
                "hot-deploy/a.py -",
            ),
            ("my.thing.create", json!({"name": ""}), "my.thing -"),
            ("create", json!({}), " -"),
        ] {
            assert_eq!(object(service, &values), expected, "{service}");
        }
    }

    #[test]
    fn a_response_shows_one_object_or_a_list() {
        for (response, count) in [
            (json!([{"id": 1}, 2, {"id": 3}]), 2),
            (json!({"_meta": {}, "response": [{"id": 1}]}), 1),
            (
                json!({"zato_env": {}, "zato_x_response": [{"id": 1}, {"id": 2}]}),
                2,
            ),
            (json!({"id": 1}), 1),
            (json!(""), 0),
        ] {
            let response = response.to_string();
            assert_eq!(rows(&response).len(), count, "{response}");
        }
    }
}
