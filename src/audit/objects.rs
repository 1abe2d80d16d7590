//! The objects of one server as they are at a point of its log, from what the log itself shows.
//!
//! A response that shows objects is a baseline; requests that were answered change what is known.
//! An edit that leaves out a field may have kept or cleared it, so that the field is unknown from
//! there on. What is unknown is never guessed.
//!
//! Memory: the objects that calls have asked for, and what is [shown](super::shown).

use std::collections::{BTreeMap, HashMap};

use foldhash::fast::RandomState;

use super::decoder::{Decoder, Named};
use super::fields::Fields;
use super::object::{About, ObjectName};
use super::shown::{Fate, Shown, Sight};
use crate::entry::Payload;

/// One object.
#[derive(Clone, Debug, Default)]
pub(super) struct Object {
    pub(super) name: ObjectName,
    pub(super) fields: Fields,
    /// Tells it from others that had its ID before or will have it.
    pub(super) incarnation: u64,
    /// The number of the call that told the last of it.
    as_of: u64,
}

/// The objects of one server.
#[derive(Default)]
pub(super) struct Objects {
    types: BTreeMap<String, OfType>,
    shown: Shown,
    incarnations: u64,
    /// The number of the call that is looked at.
    now: u64,
}

/// The objects of one type, by their incarnations, and the incarnations of those that live.
#[derive(Default)]
struct OfType {
    objects: HashMap<u64, Object, RandomState>,
    ids: HashMap<String, u64, RandomState>,
    names: HashMap<String, Vec<u64>, RandomState>,
}

impl Objects {
    /// Knows of no object. None will have an incarnation up to this one.
    pub(super) fn after(incarnations: u64) -> Self {
        Self {
            incarnations,
            ..Self::default()
        }
    }

    /// How many objects there have been, with those of the servers before.
    pub(super) fn incarnations(&self) -> u64 {
        self.incarnations
    }

    /// Goes on to the next call.
    pub(super) fn next_call(&mut self) {
        self.now += 1;
    }

    /// Takes a response that shows objects.
    pub(super) fn show(
        &mut self,
        about: &About,
        request: Option<&Payload<'_>>,
        response: &Payload<'_>,
        decoder: &mut Decoder,
    ) {
        let sights = self.shown.add(about, request, response, self.now, decoder);
        self.learn_all(sights, |_| ());
    }

    /// Gets to know what responses have shown of a type. `learn` gets each object of which something
    /// else was known, or nothing.
    pub(super) fn settle(
        &mut self,
        object_type: &str,
        decoder: &mut Decoder,
        learn: impl FnMut(&Object),
    ) {
        let sights = self.shown.all(object_type, decoder);
        self.learn_all(sights, learn);
    }

    /// Gets to know what responses have shown of an object.
    pub(super) fn recall(&mut self, name: &ObjectName, fate: Fate, decoder: &mut Decoder) {
        self.ask(name, fate, decoder);
        let found = self.find(name).map(|object| &object.name);
        // It may have been shown under another name.
        if let (None, Some(found)) = (&name.object_id, found)
            && found.object_id.is_some()
        {
            let found = found.clone();
            self.ask(&found, fate, decoder);
        }
    }

    fn ask(&mut self, name: &ObjectName, fate: Fate, decoder: &mut Decoder) {
        let since = self.told_of(name);
        let sights = self.shown.ask(name, fate, since, decoder);
        self.learn_all(sights, |_| ());
    }

    /// The number of the call that told the last of an object.
    fn told_of(&self, name: &ObjectName) -> u64 {
        self.find(name).map_or(0, |object| object.as_of)
    }

    fn learn_all(&mut self, sights: Vec<Sight>, mut learn: impl FnMut(&Object)) {
        for sight in sights {
            self.learn(sight, &mut learn);
        }
    }

    /// Takes what a response shows of an object, unless a later call has told of it.
    fn learn(&mut self, sight: Sight, learn: &mut impl FnMut(&Object)) {
        let Sight { object, as_of } = sight;
        let Named { name, fields } = object;
        if self.find(&name).is_some_and(|object| object.as_of > as_of) {
            return;
        }
        let Some(object) = self.find_or_add(&name) else {
            return;
        };
        let differs = fields
            .iter()
            .any(|(name, value)| object.fields.get(name).as_ref() != Some(&value));
        object.as_of = as_of;
        object.fields.extend(&fields);
        if differs {
            learn(object);
        }
    }

    /// Returns the object as it is known, with its ID and its name where they are known.
    pub(super) fn find(&self, name: &ObjectName) -> Option<&Object> {
        let of_type = self.types.get(&name.object_type)?;
        of_type.objects.get(&of_type.incarnation(name)?)
    }

    /// Adds an object. Whatever had its ID is gone.
    pub(super) fn create(&mut self, name: &ObjectName, fields: Fields) -> Option<&Object> {
        if let Some(id) = &name.object_id {
            let by_id = ObjectName {
                object_id: Some(id.clone()),
                object_name: None,
                ..name.clone()
            };
            self.delete(&by_id);
        }
        let now = self.now;
        let object = self.find_or_add(name)?;
        object.fields = fields;
        object.as_of = now;
        Some(object)
    }

    /// Gives an object the values of a request. What the request leaves out is unknown from there
    /// on, but for secrets, which Zato keeps.
    pub(super) fn edit(&mut self, name: &ObjectName, fields: &Fields) -> Option<&Object> {
        let now = self.now;
        let object = self.find_or_add(name)?;
        let kept = object.fields.secrets();
        object.fields = kept.chain(fields.iter()).collect();
        object.as_of = now;
        Some(object)
    }

    /// Gives an object some values, and leaves it all others.
    pub(super) fn set(&mut self, name: &ObjectName, fields: &Fields) -> Option<&Object> {
        let now = self.now;
        let object = self.find_or_add(name)?;
        object.fields.extend(fields);
        object.as_of = now;
        Some(object)
    }

    /// Forgets what is known of some fields of an object, if it is known.
    pub(super) fn forget(&mut self, name: &ObjectName, fields: &Fields) -> Option<&Object> {
        let now = self.now;
        self.find(name)?;
        let object = self.find_or_add(name)?;
        let is_left = |(name, _): &(&str, _)| fields.get(name).is_none();
        object.fields = object.fields.iter().filter(is_left).collect();
        object.as_of = now;
        Some(object)
    }

    /// Takes an object away.
    pub(super) fn delete(&mut self, name: &ObjectName) -> Option<Object> {
        let of_type = self.types.get_mut(&name.object_type)?;
        let incarnation = of_type.incarnation(name)?;
        let object = of_type.objects.remove(&incarnation)?;
        if let Some(id) = &object.name.object_id {
            of_type.ids.remove(id);
        }
        of_type.forget_name(object.name.object_name.as_deref(), incarnation);
        Some(object)
    }

    /// `None` if there is neither an ID nor a name, or if there are several objects of this name.
    fn find_or_add(&mut self, name: &ObjectName) -> Option<&mut Object> {
        if !self.types.contains_key(&name.object_type) {
            let of_type = OfType::default();
            self.types.insert(name.object_type.clone(), of_type);
        }
        let of_type = self.types.get_mut(&name.object_type)?;
        let incarnation = match of_type.incarnation(name) {
            Some(incarnation) => incarnation,
            None if of_type.can_add(name) => {
                self.incarnations += 1;
                of_type.add(name, self.incarnations);
                self.incarnations
            }
            None => return None,
        };
        of_type.rename(incarnation, name.object_name.as_ref());
        of_type.objects.get_mut(&incarnation)
    }
}

impl OfType {
    /// Which of the objects that live is meant.
    fn incarnation(&self, name: &ObjectName) -> Option<u64> {
        if let Some(id) = &name.object_id {
            return self.ids.get(id).copied();
        }
        match self.names.get(name.object_name.as_ref()?)?.as_slice() {
            [incarnation] => Some(*incarnation),
            // Which of several is meant the log does not tell.
            _ => None,
        }
    }

    fn can_add(&self, name: &ObjectName) -> bool {
        match (&name.object_id, &name.object_name) {
            (Some(_), _) => true,
            (None, Some(text)) => !self.names.contains_key(text),
            (None, None) => false,
        }
    }

    /// Adds an object that has not got its name yet.
    fn add(&mut self, name: &ObjectName, incarnation: u64) {
        if let Some(id) = &name.object_id {
            self.ids.insert(id.clone(), incarnation);
        }
        let name = ObjectName {
            object_name: None,
            ..name.clone()
        };
        let object = Object {
            name,
            incarnation,
            ..Object::default()
        };
        self.objects.insert(incarnation, object);
    }

    /// Gives an object its name, or another one.
    fn rename(&mut self, incarnation: u64, text: Option<&String>) {
        let (Some(text), Some(object)) = (text, self.objects.get_mut(&incarnation)) else {
            return;
        };
        if object.name.object_name.as_ref() == Some(text) {
            return;
        }
        let before = object.name.object_name.replace(text.clone());
        self.forget_name(before.as_deref(), incarnation);
        let named = self.names.entry(text.clone()).or_default();
        named.push(incarnation);
    }

    fn forget_name(&mut self, name: Option<&str>, incarnation: u64) {
        let Some(name) = name else { return };
        if let Some(named) = self.names.get_mut(name) {
            named.retain(|one| *one != incarnation);
            if named.is_empty() {
                self.names.remove(name);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::audit::field::fields;
    use crate::audit::json::Entries;
    use crate::entry::Wording;
    use crate::redact::Redactor;

    fn name(id: Option<&str>, text: Option<&str>) -> ObjectName {
        ObjectName {
            object_type: "http-soap".to_owned(),
            object_id: id.map(ToOwned::to_owned),
            object_name: text.map(ToOwned::to_owned),
        }
    }

    fn of(values: &Value) -> Fields {
        fields(&Entries::of(&values.to_string()).unwrap(), None)
    }

    fn response(text: &str) -> Payload<'_> {
        Payload {
            text: text.as_bytes(),
            wording: Wording::ServiceData,
            is_cut_off: false,
        }
    }

    fn shown(object: Option<&Object>) -> String {
        object.map_or("-".to_owned(), |object| {
            let fields = object.fields.iter();
            let fields = fields.map(|(name, value)| format!("{name}={}", value.shown()));
            format!("{} {}", object.name, fields.collect::<Vec<_>>().join(" "))
        })
    }

    #[test]
    fn an_object_has_a_life() {
        let mut objects = Objects::default();
        let id = name(Some("1"), None);
        objects.create(
            &name(Some("1"), Some("a")),
            of(&json!({"method": "GET", "host": "x"})),
        );
        objects.edit(&name(Some("1"), Some("b")), &of(&json!({"method": "POST"})));
        assert_eq!(shown(objects.find(&id)), "http-soap/b method=\"POST\"");
        assert_eq!(shown(objects.find(&name(None, Some("a")))), "-");
        assert_eq!(
            shown(objects.find(&name(None, Some("b")))),
            "http-soap/b method=\"POST\""
        );
        assert!(objects.delete(&id).is_some());
        assert_eq!(shown(objects.find(&name(None, Some("b")))), "-");
        let first = objects.create(&id, Fields::default()).unwrap().incarnation;
        let second = objects.create(&id, Fields::default()).unwrap().incarnation;
        assert_ne!(first, second);
    }

    #[test]
    fn of_two_objects_with_one_name_none_is_guessed() {
        let mut objects = Objects::default();
        objects.create(&name(Some("1"), Some("a")), Fields::default());
        objects.create(&name(Some("2"), Some("a")), Fields::default());
        assert!(objects.find(&name(None, Some("a"))).is_none());
        objects.delete(&name(Some("1"), None));
        let left = objects.find(&name(None, Some("a"))).unwrap();
        assert_eq!(left.name.object_id.as_deref(), Some("2"));
    }

    #[test]
    fn a_baseline_does_not_undo_what_came_after_it() {
        let decoder = &mut Decoder::new(Redactor::default());
        let about = About::service("zato.http-soap.get-list");
        let mut objects = Objects::default();
        objects.next_call();
        let list = "[{'id': 1, 'name': 'old'}, {'id': 2, 'name': 'b'}]";
        objects.show(&about, None, &response(list), decoder);
        objects.next_call();
        objects.create(&name(Some("1"), Some("new")), of(&json!({"name": "new"})));
        let mut learnt = Vec::new();
        objects.settle("http-soap", decoder, |object| {
            learnt.push(object.name.to_string());
        });
        assert_eq!(learnt, ["http-soap/b"]);
        assert_eq!(
            shown(objects.find(&name(Some("1"), None))),
            "http-soap/new name=\"new\""
        );
    }

    #[test]
    fn what_is_recalled_is_what_would_have_been_decoded() {
        let decoder = &mut Decoder::new(Redactor::default());
        let about = About::service("zato.http-soap.get-list");
        let mut objects = Objects::default();
        objects.next_call();
        let list = "[{'id': 1, 'name': 'a', 'host': 'x'}, {'id': 2, 'name': 'b'}, \
                    {'id': 3, 'name': 'b'}, {'id': 4, 'name': '\\u00fc'}]";
        objects.show(&about, None, &response(list), decoder);
        objects.next_call();
        for (asked, expected) in [
            (name(None, Some("a")), "http-soap/a host=\"x\" name=\"a\""),
            // Two have this name.
            (name(None, Some("b")), "-"),
            (name(Some("3"), None), "http-soap/b name=\"b\""),
            (
                name(None, Some("\u{fc}")),
                "http-soap/\u{fc} name=\"\u{fc}\"",
            ),
            (name(Some("5"), None), "-"),
        ] {
            objects.recall(&asked, Fate::Stays, decoder);
            assert_eq!(shown(objects.find(&asked)), expected, "{asked}");
        }
        // What is gone does not come back from what was shown before.
        objects.recall(&name(Some("1"), None), Fate::Goes, decoder);
        objects.delete(&name(Some("1"), None));
        objects.recall(&name(Some("1"), None), Fate::Stays, decoder);
        assert_eq!(shown(objects.find(&name(Some("1"), None))), "-");
        // Until it is shown again.
        objects.next_call();
        objects.show(&about, None, &response(list), decoder);
        objects.recall(&name(Some("1"), None), Fate::Stays, decoder);
        assert_eq!(
            shown(objects.find(&name(Some("1"), None))),
            "http-soap/a host=\"x\" name=\"a\""
        );
    }

    #[test]
    fn a_log_of_reads_decodes_nothing() {
        let decoder = &mut Decoder::new(Redactor::default());
        let about = About::service("zato.http-soap.get-list");
        let mut objects = Objects::default();
        for nth in 0..1000 {
            objects.next_call();
            let request = response(if nth % 2 == 0 {
                "{'page': 1}"
            } else {
                "{'page': 2}"
            });
            let list = format!("[{{'id': {nth}}}]");
            objects.show(&about, Some(&request), &response(&list), decoder);
        }
        assert_eq!(objects.types.len(), 0);
        // The latest of each.
        objects.settle("http-soap", decoder, |_| ());
        assert_eq!(objects.types["http-soap"].objects.len(), 2);
    }
}
