//! Paths into payloads, and where in a payload each of them is.

use serde_json::Value;

use crate::entry::Direction;

/// Where in a payload a value stands.
///
/// The items of a list stand for the list: a path goes through each of them without a step, but a
/// `*` or the item's number may be one. A key with dots is as many steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// Request or response.
    pub side: Direction,
    /// From the outermost to the innermost, at the most 63.
    pub steps: Vec<Step>,
}

/// A part of a [`Path`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// This key, letter by letter, or the item of a list with this number, from 0.
    Key(String),
    /// `*`: any key, or an item of a list.
    One,
    /// `**`: any number of keys, or none.
    Any,
}

/// A path has no more steps: as many as a set of bits holds, but for the end.
pub(super) const MOST_STEPS: usize = 63;

/// How far a path has come: bit `n` is set when `n` of its steps are behind.
pub(super) type Reached = u64;

impl Path {
    /// The values of a payload that stand where the path ends.
    #[must_use]
    pub fn values<'v>(&self, payload: &'v Value) -> Vec<&'v Value> {
        let mut found = Vec::new();
        // Last in, first out: what comes first in the payload comes last here.
        let mut left = vec![(self.start(), payload)];
        while let Some((reached, value)) = left.pop() {
            if self.is_end(reached) {
                found.push(value);
                continue;
            }
            match value {
                Value::Array(items) => {
                    let items = items.iter().enumerate().rev();
                    left.extend(items.map(|(nth, item)| (self.at_item(reached, nth), item)));
                }
                Value::Object(entries) => {
                    let entries = entries.iter().rev();
                    left.extend(entries.map(|(key, value)| (self.behind_key(reached, key), value)));
                }
                _ => {}
            }
        }
        found
    }

    /// At the payload itself.
    pub(super) fn start(&self) -> Reached {
        self.skip(1)
    }

    /// Behind a key.
    pub(super) fn behind_key(&self, reached: Reached, key: &str) -> Reached {
        let parts = key.split('.');
        parts.fold(reached, |reached, part| {
            self.go(reached, |step| match step {
                Step::Key(key) => key == part,
                Step::One | Step::Any => true,
            })
        })
    }

    /// At the item of a list with this number.
    pub(super) fn at_item(&self, reached: Reached, number: usize) -> Reached {
        let step = |step: &Step| match step {
            Step::Key(key) => is_number(key, number),
            Step::One => true,
            Step::Any => false,
        };
        reached | self.go(reached, step)
    }

    /// Whether all steps are behind.
    pub(super) fn is_end(&self, reached: Reached) -> bool {
        reached >> self.steps.len() & 1 != 0
    }

    fn go(&self, reached: Reached, fits: impl Fn(&Step) -> bool) -> Reached {
        let mut behind = 0;
        let mut left = reached & !(1 << self.steps.len());
        while left != 0 {
            let at = left.trailing_zeros();
            left &= left - 1;
            match &self.steps[at as usize] {
                step if !fits(step) => {}
                Step::Any => behind |= 1 << at,
                Step::Key(_) | Step::One => behind |= 1 << (at + 1),
            }
        }
        self.skip(behind)
    }

    /// A `**` may be nothing.
    fn skip(&self, mut reached: Reached) -> Reached {
        for (at, step) in self.steps.iter().enumerate() {
            if *step == Step::Any && reached >> at & 1 != 0 {
                reached |= 1 << (at + 1);
            }
        }
        reached
    }
}

fn is_number(key: &str, number: usize) -> bool {
    key.starts_with(|c: char| c.is_ascii_digit()) && key.parse() == Ok(number)
}
