//! Where values flow from what a service returns into a later request: an ID that was listed or
//! made, and is then used.
//!
//! Equal values prove little: `1`, `true` and `a` are everywhere. A value flows only if
//!
//! * it names a thing by its key on both sides (`id`, `name`, `key`, or what ends in `_id`, `_name`
//!   or `_key`), and the keys and the names of the services tell that the same thing is meant: an
//!   `id` flows between services of the same object, and from `zato.security.…` into a `security_id`.
//!   Or nobody types it: it is long, of letters and digits, whatever its keys. Nothing else flows
//!   from a service into itself, such as the ID of what is listed again;
//! * it is an integer from 1 or a text of three characters or more. Truth values, floats, `0`, which
//!   means nothing, and masked secrets name nothing.
//!
//! The third rule is that of [`Recipes`](super::Recipes), which knows what was sent before: a value
//! that was sent before any response had it was known to the client, which did not take it from there.

use serde_json::{Map, Value};

use crate::redact::MASK;

/// A step into a value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// Under a key of a dict.
    Key(String),
    /// An item of a list, from 0.
    Item(usize),
}

/// A value that names a thing: what it is, and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Named {
    /// The text of the value, a number's too.
    pub(super) text: String,
    /// Whether it is a number.
    pub(super) is_number: bool,
    pub(super) path: Vec<Place>,
    /// The number of the dict that it stands in.
    pub(super) dict: usize,
    /// A text beside it that tells its dict from others to a person: the key, and what stands there.
    pub(super) beside: Option<(String, String)>,
}

/// So many values of a payload are looked at.
const MOST: usize = 5_000;

/// Values deeper than this are not looked at.
const DEEPEST: usize = 20;

/// Keys of values that are the same in nearly all calls.
const CONSTANT: [&str; 2] = ["cluster_id", "type_id"];

/// Texts that stand for no thing, whatever their key.
const WORDS: [&str; 5] = ["true", "false", "null", "none", "undefined"];

/// Keys whose texts tell a person which of several things is meant, the best first.
const TELLING: [&str; 2] = ["name", "username"];

/// The longest text that is taken for a name or an ID, in bytes.
const LONGEST: usize = 200;

/// The shortest text that nobody types, in bytes.
const SHORTEST_OPAQUE: usize = 16;

/// Returns the values that may name a thing.
pub(super) fn named_values(value: &Value) -> Vec<Named> {
    let mut found = Found::default();
    found.collect(value);
    found.values
}

#[derive(Default)]
struct Found {
    values: Vec<Named>,
    path: Vec<Place>,
    dicts: usize,
}

impl Found {
    fn collect(&mut self, value: &Value) {
        if self.values.len() >= MOST || self.path.len() >= DEEPEST {
            return;
        }
        match value {
            Value::Array(items) => {
                for (nth, item) in items.iter().enumerate() {
                    self.path.push(Place::Item(nth));
                    self.collect(item);
                    self.path.pop();
                }
            }
            Value::Object(fields) => {
                let dict = self.dicts;
                self.dicts += 1;
                for (key, value) in fields {
                    self.path.push(Place::Key(key.clone()));
                    match text(value) {
                        Some(text) if names_a_thing(key) || is_opaque(&text) => {
                            self.values.push(Named {
                                text,
                                is_number: value.is_number(),
                                path: self.path.clone(),
                                dict,
                                beside: beside(fields, key),
                            });
                        }
                        _ => self.collect(value),
                    }
                    self.path.pop();
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
}

impl Named {
    /// The key that it stands under.
    pub(super) fn key(&self) -> &str {
        match self.path.last() {
            Some(Place::Key(key)) => key,
            Some(Place::Item(_)) | None => "",
        }
    }
}

fn names_a_thing(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    let is_name = ["id", "name", "key"].iter().any(|end| {
        let before = key.strip_suffix(end);
        before.is_some_and(|before| before.is_empty() || before.ends_with('_'))
    });
    is_name && !CONSTANT.contains(&key.as_str())
}

/// Whether this is an ID that no person would type, nor any two programs by chance: not a time, an
/// address or a name.
fn is_opaque(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'=');
    let count = |fits: fn(&u8) -> bool| text.as_bytes().iter().filter(|byte| fits(byte)).count();
    text.len() >= SHORTEST_OPAQUE
        && text.bytes().all(is_part)
        && count(u8::is_ascii_digit) >= 4
        && count(u8::is_ascii_alphabetic) >= 4
}

/// The text of an integer or of a text, if it may name a thing.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => {
            let text = number.to_string();
            (text != "0" && text.bytes().all(|byte| byte.is_ascii_digit())).then_some(text)
        }
        Value::String(text) => {
            let is_number = text != "0" && text.bytes().all(|byte| byte.is_ascii_digit());
            let is_name = (is_number && !text.is_empty()) || text.chars().nth(2).is_some();
            let is_word = WORDS.iter().any(|word| text.eq_ignore_ascii_case(word));
            let fits = is_name && !is_word && text.len() <= LONGEST && !text.contains(MASK);
            fits.then(|| text.clone())
        }
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

fn beside(fields: &Map<String, Value>, key: &str) -> Option<(String, String)> {
    let telling = TELLING.iter().filter(|telling| **telling != key);
    let mut texts = telling.filter_map(|telling| {
        let text = fields.get(*telling)?.as_str()?;
        let is_short = !text.is_empty() && text.len() <= LONGEST && !text.contains(MASK);
        is_short.then(|| ((*telling).to_owned(), text.to_owned()))
    });
    texts.next()
}

/// Whether what `producer` has returned may be what `consumer` was called with: both are equal, and
/// so the names must tell that the same thing is meant.
pub(super) fn may_flow(producer: &str, given: &Named, consumer: &str, taken: &Named) -> bool {
    if is_opaque(&given.text) {
        return true;
    }
    if producer == consumer {
        return false;
    }
    let (made, used) = (object(producer), object(consumer));
    let (given, taken) = (given.key(), taken.key());
    let is_general = |key: &str| matches!(key, "id" | "name");
    if given == taken {
        // An ID alone is one of the objects that the service is about.
        return !is_general(given) || (made == used && !made.is_empty());
    }
    // `id` of `zato.security.…` as `security_id`, and the other way round.
    let is_of = |whole: &str, general: &str, object: &str| {
        let thing = whole
            .strip_suffix(general)
            .and_then(|thing| thing.strip_suffix('_'));
        is_general(general) && thing.is_some_and(|thing| is_about(object, thing))
    };
    is_of(taken, given, made) || is_of(given, taken, used)
}

/// Whether a value is nested more than so many levels deep.
#[must_use]
pub fn is_deeper(value: &Value, levels: usize) -> bool {
    let is_deeper = |value: &Value| levels == 0 || is_deeper(value, levels - 1);
    match value {
        Value::Array(list) => list.iter().any(is_deeper),
        Value::Object(dict) => dict.values().any(is_deeper),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// `zato.http-soap` of `zato.http-soap.create`.
pub(super) fn object(service: &str) -> &str {
    service.rsplit_once('.').map_or("", |(object, _)| object)
}

/// Whether `zato.scheduler.job` is about a `job` or a `scheduler_job`, and `zato.definition.amqp`
/// about a `def`.
fn is_about(object: &str, thing: &str) -> bool {
    let thing = thing.replace('_', "-");
    let parts = format!("-{}-", object.replace(['.', '_'], "-"));
    let is_short = thing.len() >= 3 && parts.contains(&format!("-{thing}"));
    is_short || parts.contains(&format!("-{thing}-"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pair(key: &str, text: &str) -> (String, String) {
        (key.to_owned(), text.to_owned())
    }

    #[test]
    fn values_that_name_a_thing_are_found() {
        let value = json!({
            "rows": [{"id": 7, "name": "crm", "is_active": true, "cluster_id": 1}],
            "id": 1.5, "key": "", "sub_key": "key1", "password": "******", "valid": 3,
            "job_id": 0, "a_id": -1, "b_name": "a", "c_name": "True", "d_id": "12",
            "token": "5f3a9c0e77b1d2c4", "at": "2026-11-23T18:16:21.123456",
            "secret_key": "x ******",
        });
        let found: Vec<(String, String)> = named_values(&value)
            .into_iter()
            .map(|named| (named.key().to_owned(), named.text))
            .collect();
        let expected = [
            pair("id", "7"),
            pair("name", "crm"),
            pair("sub_key", "key1"),
            pair("d_id", "12"),
            pair("token", "5f3a9c0e77b1d2c4"),
        ];
        assert_eq!(found, expected);
        let named = &named_values(&value)[0];
        assert_eq!(named.beside, Some(pair("name", "crm")));
        let rows = [
            Place::Key("rows".to_owned()),
            Place::Item(0),
            Place::Key("id".to_owned()),
        ];
        assert_eq!(named.path, rows);
    }

    #[test]
    fn names_tell_whether_the_same_thing_is_meant() {
        let flows = |producer: &str, given: &str, consumer: &str, taken: &str| {
            let named = |key: &str| named_values(&json!({ key: 17 })).remove(0);
            may_flow(producer, &named(given), consumer, &named(taken))
        };
        assert!(flows("zato.x.create", "id", "zato.x.edit", "id"));
        assert!(!flows("zato.y.create", "id", "zato.x.edit", "id"));
        assert!(!flows("zato.x.create", "name", "zato.x.edit", "id"));
        assert!(flows(
            "zato.security.basic-auth.create",
            "id",
            "zato.http-soap.edit",
            "security_id"
        ));
        assert!(flows(
            "zato.scheduler.job.create",
            "id",
            "my.run",
            "scheduler_job_id"
        ));
        assert!(flows(
            "zato.definition.amqp.create",
            "id",
            "zato.channel.amqp.create",
            "def_id"
        ));
        assert!(!flows(
            "zato.x.create",
            "id",
            "zato.http-soap.edit",
            "security_id"
        ));
        assert!(flows("zato.x.get", "service_id", "zato.service.edit", "id"));
        assert!(flows("zato.x.get", "sub_key", "zato.y.edit", "sub_key"));
    }

    #[test]
    fn what_nobody_types_flows_under_any_key() {
        let named = |key: &str| named_values(&json!({ key: "5f3a9c0e77b1d2c4" })).remove(0);
        assert!(may_flow(
            "my.upload",
            &named("ref"),
            "your.send",
            &named("file")
        ));
    }
}
