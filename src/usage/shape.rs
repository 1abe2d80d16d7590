//! The shape of a payload: which fields it has, and of which types.

use std::collections::HashSet;

use foldhash::fast::FixedState;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::entry::Direction;
use crate::pyrepr::{ReprError, Token, Tokens};

/// More fields than these are not told apart: a dict with a key for each of a million objects has
/// no shape worth knowing.
const MAX_FEATURES: usize = 4096;

/// The different fields of one or more payloads, each with its type, as hashes of both. The items
/// of a list are one field.
#[derive(Clone, Debug, Default)]
pub(super) struct Shape {
    features: HashSet<u64, FixedState>,
    /// The containers that are open: the hash of their path, and whether keys stand in them.
    open: Vec<(u64, bool)>,
}

/// What stands in a field. Its numbers are part of the hashes.
#[derive(Clone, Copy)]
enum Type {
    Null = 1,
    Bool,
    Number,
    Text,
    List,
    Dict,
}

/// In the place of a key, for the items of a list.
const ITEM: &[u8] = b"\0item";

impl Shape {
    /// Starts without any fields.
    pub(super) fn clear(&mut self) {
        self.features.clear();
    }

    /// Adds the fields of a payload. After an error some of them may be there.
    pub(super) fn add(
        &mut self,
        side: Direction,
        tokens: &mut Tokens<'_>,
    ) -> Result<(), ReprError> {
        self.open.clear();
        let mut at = match side {
            Direction::Request => 1,
            Direction::Response => 2,
        };
        while let Some(token) = tokens.next_token()? {
            let kind = match &token {
                Token::Key(key) => {
                    let around = self.open.last().map_or(0, |&(around, _)| around);
                    at = xxh3_64_with_seed(key.as_bytes(), around);
                    continue;
                }
                Token::DictEnd | Token::ListEnd => {
                    self.open.pop();
                    if let Some(&(around, false)) = self.open.last() {
                        at = xxh3_64_with_seed(ITEM, around);
                    }
                    continue;
                }
                Token::Null => Type::Null,
                Token::True | Token::False => Type::Bool,
                Token::Number(_) => Type::Number,
                Token::Text(_) => Type::Text,
                Token::ListStart => Type::List,
                Token::DictStart => Type::Dict,
            };
            if self.features.len() < MAX_FEATURES {
                self.features.insert(mix(at ^ kind as u64));
            }
            match kind {
                Type::List => {
                    self.open.push((at, false));
                    at = xxh3_64_with_seed(ITEM, at);
                }
                Type::Dict => self.open.push((at, true)),
                _ => {}
            }
        }
        Ok(())
    }

    /// How many different fields there are.
    pub(super) fn fields(&self) -> usize {
        self.features.len()
    }

    /// The same for the same fields, in any order.
    pub(super) fn hash(&self) -> u64 {
        // The features are all different, so that none can cancel another.
        let sum = |sum: u64, feature: &u64| sum.wrapping_add(*feature);
        mix(self.features.iter().fold(0, sum))
    }

    /// How many fields `known` does not have.
    pub(super) fn count_new(&self, known: &Self) -> usize {
        self.features.difference(&known.features).count()
    }

    /// Adds the fields of another payload.
    pub(super) fn extend(&mut self, other: &Self) {
        self.features.extend(&other.features);
    }
}

fn mix(bits: u64) -> u64 {
    xxh3_64_with_seed(&bits.to_le_bytes(), 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pyrepr::Notation;

    fn shape(json: &str) -> Shape {
        let mut shape = Shape::default();
        shape
            .add(
                Direction::Request,
                &mut Tokens::of_text(json, Notation::Json),
            )
            .unwrap();
        shape
    }

    #[test]
    fn a_shape_is_which_fields_there_are_and_of_which_types() {
        let first = shape(r#"{"id": 1, "rows": [{"a": 1, "b": null}, {"b": null}]}"#);
        let same = shape(r#"{"rows": [{"b": null, "a": 3}], "id": 22}"#);
        assert_eq!(first.hash(), same.hash());
        assert_eq!(first.fields(), 6);
        for other in [
            r#"{"id": "1", "rows": [{"a": 1, "b": null}]}"#,
            r#"{"id": 1, "rows": [{"a": 1}, {"b": true}]}"#,
            r#"{"id": 1, "rows": {"a": 1, "b": null}}"#,
            r#"{"id": 1, "rows": [], "a": 1, "b": null}"#,
            r#"{"id": 1, "rows": [[{"a": 1, "b": null}]]}"#,
        ] {
            assert_ne!(first.hash(), shape(other).hash(), "{other}");
        }
        assert_eq!(shape(r#"{"id": 1, "name": "x"}"#).count_new(&first), 1);
    }

    #[test]
    fn what_follows_a_list_in_a_list_is_an_item_of_the_outer_one() {
        assert_eq!(shape("[[1], 2]").hash(), shape("[2, [1]]").hash());
        assert_ne!(shape("[[1], 2]").hash(), shape("[[1, 2]]").hash());
    }
}
