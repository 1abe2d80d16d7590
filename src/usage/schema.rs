//! What the payloads of a service have in common: fields, types, values, and how often each was
//! seen.
//!
//! A schema does not depend on the order in which payloads come, and two schemas can be merged. It
//! is bounded: [`MAX_FIELDS`] of a dict, [`MAX_VALUES`] of a text, [`MAX_DEPTH`] containers in each
//! other.

use std::collections::{BTreeSet, HashMap};

use foldhash::fast::FixedState;

use super::envelope::{Envelope, STATUS};
use super::text_format::TextFormats;
use crate::pyrepr::{ReprError, Token};
use crate::redact::MASK;

/// A dict with more different keys is one whose keys are values: those that come first in order
/// are told apart, all others are merged into one.
pub const MAX_FIELDS: usize = 200;

/// A text with more different values is not made of a closed set.
pub const MAX_VALUES: usize = 12;

/// A longer text, in bytes, is none of a closed set.
const LONGEST_VALUE: usize = 64;

/// What stands deeper is not looked at.
pub const MAX_DEPTH: usize = 64;

/// What was seen in one place.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Schema {
    /// How often something stood here, `null` included.
    pub count: u64,
    /// How often each type stood here.
    pub types: Types,
    /// What the texts had in common.
    pub texts: Texts,
    /// What stood in lists.
    pub items: Option<Box<Schema>>,
    /// What stood in dicts.
    pub fields: Fields,
}

/// How often each type was seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are JSON's")]
pub struct Types {
    pub null: u64,
    pub boolean: u64,
    pub integer: u64,
    /// Numbers that are not integers.
    pub number: u64,
    pub string: u64,
    pub array: u64,
    pub object: u64,
}

/// What texts had in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Texts {
    /// The formats that all of them fit, but for empty ones.
    pub formats: TextFormats,
    /// All different ones, unless they are too many or too long.
    pub values: Option<BTreeSet<Box<str>>>,
    /// Whether one of them was masked.
    pub is_secret: bool,
    /// Whether one of them was empty, which says nothing of the formats.
    pub has_empty: bool,
}

/// The fields of dicts.
#[derive(Clone, Debug, Default)]
pub struct Fields {
    /// In the order in which they were first seen.
    known: Vec<(Box<str>, Schema)>,
    places: HashMap<Box<str>, usize, FixedState>,
    /// All that are too many.
    others: Option<Box<Schema>>,
}

impl Schema {
    /// Adds a payload, without what stands around its content. Returns the error of the first
    /// token that is none; what stands before it may have been added.
    pub fn add<'a>(
        &mut self,
        tokens: impl IntoIterator<Item = Result<Token<'a>, ReprError>>,
        envelope: Envelope,
    ) -> Result<(), ReprError> {
        let mut tokens = tokens.into_iter();
        let Some(first) = tokens.next().transpose()? else {
            return Ok(());
        };
        if envelope == Envelope::None || first != Token::DictStart {
            return self.read(first, &mut tokens, 0);
        }
        // A dict that turns out to be no envelope has given its first key away.
        let mut before = None;
        while let Some(token) = tokens.next().transpose()? {
            match token {
                Token::Key(key) if &*key == STATUS && before.is_none() => {
                    let mut status = Self::default();
                    read_value(&mut status, &mut tokens)?;
                    before = Some(status);
                }
                Token::Key(key) if envelope.is_envelope(&key) => {
                    read_value(self, &mut tokens)?;
                    let mut rest = Self::default();
                    return rest.read_fields(None, &mut tokens, 0);
                }
                token => {
                    self.count += 1;
                    self.types.object += 1;
                    if let Some(status) = before {
                        self.fields.merge_field(STATUS.into(), status);
                    }
                    return self.read_fields(Some(token), &mut tokens, 0);
                }
            }
        }
        Ok(())
    }

    /// Adds what another one has seen.
    pub fn merge(&mut self, other: Self) {
        self.count += other.count;
        self.types.merge(other.types);
        self.texts.merge(other.texts);
        if let Some(items) = other.items {
            self.items.get_or_insert_default().merge(*items);
        }
        self.fields.merge(other.fields);
    }

    /// Reads the value that `first` starts.
    fn read<'a>(
        &mut self,
        first: Token<'a>,
        tokens: &mut impl Iterator<Item = Result<Token<'a>, ReprError>>,
        depth: usize,
    ) -> Result<(), ReprError> {
        self.count += 1;
        match first {
            Token::Null => self.types.null += 1,
            Token::True | Token::False => self.types.boolean += 1,
            Token::Number(number) => {
                let is_integer = number
                    .bytes()
                    .all(|byte| byte.is_ascii_digit() || byte == b'-');
                *(if is_integer {
                    &mut self.types.integer
                } else {
                    &mut self.types.number
                }) += 1;
            }
            Token::Text(text) => {
                self.types.string += 1;
                self.texts.add(&text);
            }
            Token::ListStart => {
                self.types.array += 1;
                if depth == MAX_DEPTH {
                    return skip(tokens);
                }
                while let Some(token) = tokens.next().transpose()? {
                    if token == Token::ListEnd {
                        break;
                    }
                    let items = self.items.get_or_insert_default();
                    items.read(token, tokens, depth + 1)?;
                }
            }
            Token::DictStart => {
                self.types.object += 1;
                if depth == MAX_DEPTH {
                    return skip(tokens);
                }
                return self.read_fields(None, tokens, depth);
            }
            Token::Key(_) | Token::ListEnd | Token::DictEnd => {}
        }
        Ok(())
    }

    /// Reads the rest of a dict, of which `first` has been read.
    fn read_fields<'a>(
        &mut self,
        first: Option<Token<'a>>,
        tokens: &mut impl Iterator<Item = Result<Token<'a>, ReprError>>,
        depth: usize,
    ) -> Result<(), ReprError> {
        let mut first = first;
        let mut guess = 0;
        loop {
            let token = match first.take() {
                Some(token) => token,
                None => match tokens.next().transpose()? {
                    Some(token) => token,
                    None => return Ok(()),
                },
            };
            let Token::Key(key) = token else {
                return Ok(());
            };
            let Some(value) = tokens.next().transpose()? else {
                return Ok(());
            };
            let (field, place) = self.fields.field(&key, guess);
            guess = place + 1;
            field.read(value, tokens, depth + 1)?;
        }
    }
}

fn read_value<'a>(
    schema: &mut Schema,
    tokens: &mut impl Iterator<Item = Result<Token<'a>, ReprError>>,
) -> Result<(), ReprError> {
    match tokens.next().transpose()? {
        Some(first) => schema.read(first, tokens, 0),
        None => Ok(()),
    }
}

/// Passes the rest of a container.
fn skip<'a>(
    tokens: &mut impl Iterator<Item = Result<Token<'a>, ReprError>>,
) -> Result<(), ReprError> {
    let mut open = 1;
    while open > 0 {
        match tokens.next().transpose()? {
            Some(Token::ListStart | Token::DictStart) => open += 1,
            Some(Token::ListEnd | Token::DictEnd) => open -= 1,
            Some(_) => {}
            None => break,
        }
    }
    Ok(())
}

impl Fields {
    /// Returns the fields with their names, by name.
    #[must_use]
    pub fn by_name(&self) -> Vec<(&str, &Schema)> {
        let fields = self.known.iter().map(|(name, schema)| (&**name, schema));
        let mut fields: Vec<_> = fields.collect();
        fields.sort_unstable_by_key(|(name, _)| *name);
        fields
    }

    /// Returns the field of this name, unless it is one of too many.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Schema> {
        self.places.get(name).map(|&place| &self.known[place].1)
    }

    /// Returns what stood under the keys that are too many to be told apart.
    #[must_use]
    pub fn others(&self) -> Option<&Schema> {
        self.others.as_deref()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// The field of this name, and its place, which is likely to be `guess`: dicts of the same kind
    /// have their keys in the same order.
    fn field(&mut self, name: &str, guess: usize) -> (&mut Schema, usize) {
        let is_guessed = self
            .known
            .get(guess)
            .is_some_and(|(known, _)| **known == *name);
        let place = if is_guessed {
            Some(guess)
        } else {
            self.places.get(name).copied()
        };
        match place.or_else(|| self.insert(name.into(), Schema::default())) {
            Some(place) => (&mut self.known[place].1, place),
            None => (self.others.get_or_insert_default(), guess),
        }
    }

    /// Adds a field that is not there. Only those whose names come first in order are kept, and the
    /// rest is merged, whichever comes first. Returns its place if it is kept.
    fn insert(&mut self, name: Box<str>, schema: Schema) -> Option<usize> {
        if self.known.len() < MAX_FIELDS {
            let place = self.known.len();
            self.places.insert(name.clone(), place);
            self.known.push((name, schema));
            return Some(place);
        }
        let names = self.known.iter().enumerate();
        let (last, _) = names.max_by(|(_, (one, _)), (_, (other, _))| one.cmp(other))?;
        let others = self.others.get_or_insert_default();
        if *self.known[last].0 < *name {
            others.merge(schema);
            return None;
        }
        let (gone, its_schema) = std::mem::replace(&mut self.known[last], (name.clone(), schema));
        others.merge(its_schema);
        self.places.remove(&gone);
        self.places.insert(name, last);
        Some(last)
    }

    fn merge_field(&mut self, name: Box<str>, schema: Schema) {
        match self.places.get(&name) {
            Some(&place) => self.known[place].1.merge(schema),
            None => drop(self.insert(name, schema)),
        }
    }

    fn merge(&mut self, other: Self) {
        for (name, schema) in other.known {
            self.merge_field(name, schema);
        }
        if let Some(others) = other.others {
            self.others.get_or_insert_default().merge(*others);
        }
    }
}

/// The order in which fields were seen makes no difference.
impl PartialEq for Fields {
    fn eq(&self, other: &Self) -> bool {
        self.by_name() == other.by_name() && self.others == other.others
    }
}

impl Types {
    fn merge(&mut self, other: Self) {
        self.null += other.null;
        self.boolean += other.boolean;
        self.integer += other.integer;
        self.number += other.number;
        self.string += other.string;
        self.array += other.array;
        self.object += other.object;
    }

    /// Returns JSON Schema's names of the types that were seen, in its order. An integer is a
    /// number as well.
    #[must_use]
    pub fn names(&self) -> Vec<&'static str> {
        let is_number = self.number > 0;
        let types = [
            ("string", self.string > 0),
            ("number", is_number),
            ("integer", self.integer > 0 && !is_number),
            ("boolean", self.boolean > 0),
            ("array", self.array > 0),
            ("object", self.object > 0),
            ("null", self.null > 0),
        ];
        let seen = types.into_iter().filter(|(_, is_seen)| *is_seen);
        seen.map(|(name, _)| name).collect()
    }
}

impl Texts {
    fn add(&mut self, text: &str) {
        if text.contains(MASK) {
            self.is_secret = true;
            return;
        }
        self.has_empty |= text.is_empty();
        self.formats.narrow(text);
        if let Some(values) = &mut self.values
            && !values.contains(text)
        {
            if values.len() == MAX_VALUES || text.len() > LONGEST_VALUE {
                self.values = None;
            } else {
                values.insert(text.into());
            }
        }
    }

    fn merge(&mut self, other: Self) {
        self.formats.narrow_to(other.formats);
        self.is_secret |= other.is_secret;
        self.has_empty |= other.has_empty;
        self.values = match (self.values.take(), other.values) {
            (Some(mut ours), Some(theirs)) => {
                ours.extend(theirs);
                (ours.len() <= MAX_VALUES).then_some(ours)
            }
            _ => None,
        };
    }
}

impl Default for Texts {
    fn default() -> Self {
        Self {
            formats: TextFormats::default(),
            values: Some(BTreeSet::new()),
            is_secret: false,
            has_empty: false,
        }
    }
}

#[cfg(test)]
impl Schema {
    /// What these values have in common.
    pub(crate) fn of_values(values: &[serde_json::Value], envelope: Envelope) -> Self {
        use crate::pyrepr::{Notation, Tokens};

        let mut schema = Self::default();
        for value in values {
            let text = value.to_string();
            let tokens = Tokens::of_text(&text, Notation::Json);
            schema.add(tokens, envelope).expect("JSON is read");
        }
        schema
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn fields_and_types_are_counted() {
        let schema = Schema::of_values(
            &[
                json!({"id": 1, "name": "x", "rows": [1, 2.5, null]}),
                json!({"id": 2, "name": null}),
            ],
            Envelope::None,
        );
        assert_eq!((schema.count, schema.types.object), (2, 2));
        assert_eq!(schema.fields.get("id").unwrap().types.names(), ["integer"]);
        let name = schema.fields.get("name").unwrap();
        assert_eq!(
            (name.count, name.types.names()),
            (2, vec!["string", "null"])
        );
        let rows = schema.fields.get("rows").unwrap();
        assert_eq!(rows.count, 1);
        let items = rows.items.as_ref().unwrap();
        assert_eq!(
            (items.count, items.types.names()),
            (3, vec!["number", "null"])
        );
    }

    #[test]
    fn an_envelope_is_no_part_of_it() {
        let content = [json!([{"id": 1}]), json!(5), json!({"a": {}})];
        for content in content {
            let bare = Schema::of_values(std::slice::from_ref(&content), Envelope::None);
            let named =
                json!({"zato_env": {"x": 1}, "zato_x_response": content, "_meta": {"y": [1]}});
            assert_eq!(
                Schema::of_values(std::slice::from_ref(&named), Envelope::Named),
                bare
            );
            assert_eq!(Schema::of_values(&[named], Envelope::FirstKey), bare);
        }
        let other = json!({"zato_env": {"x": 1}, "id": 1});
        assert_eq!(
            Schema::of_values(std::slice::from_ref(&other), Envelope::Named),
            Schema::of_values(&[other], Envelope::None)
        );
        assert_eq!(
            Schema::of_values(&[json!({"id": [], "name": 1})], Envelope::FirstKey),
            Schema::of_values(&[json!([])], Envelope::None)
        );
    }

    #[test]
    fn secrets_are_no_values() {
        let schema = Schema::of_values(&[json!("******"), json!("x")], Envelope::None);
        assert!(schema.texts.is_secret);
        assert_eq!(schema.texts.values.unwrap().len(), 1);
    }

    fn values() -> impl Strategy<Value = Value> {
        let scalar = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i8>().prop_map(Value::from),
            any::<f32>().prop_map(Value::from),
            "[a-c]{0,2}|2018-11-1[0-9]".prop_map(Value::from),
        ];
        scalar.prop_recursive(3, 40, 300, |inner| {
            // More keys than are told apart.
            let key = "[a-z]{1,2}";
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(key, inner, 0..300)
                    .prop_map(|fields| fields.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn the_order_makes_no_difference(
            (values, shuffled) in prop::collection::vec(values(), 1..6)
                .prop_flat_map(|values| (Just(values.clone()), Just(values).prop_shuffle())),
            cut in 0_usize..6,
        ) {
            let whole = Schema::of_values(&values, Envelope::None);
            let (first, second) = shuffled.split_at(cut.min(shuffled.len()));
            let mut merged = Schema::of_values(first, Envelope::None);
            merged.merge(Schema::of_values(second, Envelope::None));
            prop_assert_eq!(merged, whole);
        }
    }
}
