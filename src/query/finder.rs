//! Tells which conditions may hold by the bytes of a log: those that require texts which are not
//! there do not.
//!
//! The texts of few conditions are looked for one after the other, each in the fastest way that
//! there is for it. Those of many are looked for in one pass.

use std::collections::BTreeMap;
use std::ops::Range;

use aho_corasick::AhoCorasick;
use regex::bytes::{Regex, RegexBuilder};

use super::required::{AnyOf, Required};

/// The texts of more conditions are looked for in one pass.
const MOST_ALONE: usize = 16;

/// A number with an exponent, which may be equal to one that looks different.
const EXPONENT: &str = r"[0-9][eE][+\-]?[0-9]";

/// Finds the texts that conditions require.
#[derive(Clone, Debug)]
pub(super) enum Finder {
    /// For each condition that depends on bytes the texts that it requires, all of them.
    Alone(Vec<Option<Vec<Regex>>>),
    Together(Box<Together>),
}

/// The texts of many conditions.
#[derive(Clone, Debug)]
pub(super) struct Together {
    texts: AhoCorasick,
    /// For each text the numbers of what it does for.
    does_for: Vec<Vec<usize>>,
    /// For each condition that depends on bytes the numbers of what it requires.
    conditions: Vec<Option<Range<usize>>>,
    /// The numbers of what a number with an exponent does for as well.
    exponent_does_for: Vec<usize>,
    exponent: Regex,
    count: usize,
}

impl Finder {
    /// Prepares for conditions by what each requires, if it depends on bytes.
    pub(super) fn new(conditions: &[Option<Required>]) -> Self {
        if conditions.iter().flatten().count() > MOST_ALONE
            && let Some(together) = Together::new(conditions)
        {
            return Self::Together(Box::new(together));
        }
        let regex = |required: &AnyOf| {
            let exponent = required.or_exponent.then_some(EXPONENT);
            any_of(&required.texts, exponent)
        };
        let regexes = |required: &Required| required.0.iter().filter_map(regex).collect();
        let conditions = conditions.iter();
        Self::Alone(
            conditions
                .map(|required| required.as_ref().map(regexes))
                .collect(),
        )
    }

    /// Marks the conditions, of those that are asked for, that may hold for these bytes. Those that
    /// do not depend on bytes may always.
    pub(super) fn mark(
        &self,
        bytes: &[u8],
        is_asked: impl Fn(usize) -> bool,
        may_hold: &mut [bool],
    ) {
        match self {
            Self::Alone(conditions) => {
                for (nth, (regexes, may_hold)) in conditions.iter().zip(may_hold).enumerate() {
                    if !*may_hold && is_asked(nth) {
                        *may_hold = regexes.iter().flatten().all(|regex| regex.is_match(bytes));
                    }
                }
            }
            Self::Together(together) => {
                let is_there = together.find(bytes);
                for (nth, (range, may_hold)) in together.conditions.iter().zip(may_hold).enumerate()
                {
                    let is_all_there = |range: &Range<usize>| {
                        is_there[range.clone()].iter().all(|is_there| *is_there)
                    };
                    if !*may_hold && is_asked(nth) {
                        *may_hold = range.as_ref().is_none_or(is_all_there);
                    }
                }
            }
        }
    }
}

impl Together {
    /// `None` if there are too many.
    fn new(conditions: &[Option<Required>]) -> Option<Self> {
        let mut does_for: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        let mut exponent_does_for = Vec::new();
        let mut count = 0;
        let mut ranges = Vec::with_capacity(conditions.len());
        for required in conditions {
            let first = count;
            for any_of in required.iter().flat_map(|required| &required.0) {
                for text in &any_of.texts {
                    does_for.entry(text).or_default().push(count);
                }
                if any_of.or_exponent {
                    exponent_does_for.push(count);
                }
                count += 1;
            }
            ranges.push(required.is_some().then_some(first..count));
        }
        let texts = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(does_for.keys());
        Some(Self {
            texts: texts.ok()?,
            does_for: does_for.into_values().collect(),
            conditions: ranges,
            exponent_does_for,
            exponent: any_of(&[], Some(EXPONENT))?,
            count,
        })
    }

    /// Tells of each number whether something is in these bytes that does for it.
    fn find(&self, bytes: &[u8]) -> Vec<bool> {
        let mut is_there = vec![false; self.count];
        for found in self.texts.find_overlapping_iter(bytes) {
            for &number in &self.does_for[found.pattern().as_usize()] {
                is_there[number] = true;
            }
        }
        if !self.exponent_does_for.is_empty() && self.exponent.is_match(bytes) {
            for &number in &self.exponent_does_for {
                is_there[number] = true;
            }
        }
        is_there
    }
}

/// A regular expression for bytes with one of these in upper or lower case, or with what else is
/// given.
fn any_of(texts: &[String], or: Option<&str>) -> Option<Regex> {
    let texts = texts.iter().map(|text| regex::escape(text));
    let texts: Vec<String> = texts.map(|text| format!("(?i:{text})")).collect();
    let choices = texts.iter().map(String::as_str).chain(or);
    let regex = choices.collect::<Vec<_>>().join("|");
    RegexBuilder::new(&regex).unicode(false).build().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn required() -> impl Strategy<Value = Option<Required>> {
        let any_of = (prop::collection::vec("[abE1.]{1,3}", 1..3), any::<bool>());
        let any_of = any_of.prop_map(|(texts, or_exponent)| AnyOf {
            texts: texts.iter().map(|text| text.to_lowercase()).collect(),
            or_exponent,
        });
        prop::option::of(prop::collection::vec(any_of, 0..3).prop_map(Required))
    }

    proptest! {
        #[test]
        fn texts_are_found_alike_alone_and_together(
            conditions in prop::collection::vec(required(), 1..MOST_ALONE),
            bytes in "[aAbBeE1. ]{0,12}",
            asked in any::<u16>(),
        ) {
            let marked = |finder: Finder| {
                let mut may_hold = vec![false; conditions.len()];
                finder.mark(bytes.as_bytes(), |nth| asked >> nth & 1 == 1, &mut may_hold);
                may_hold
            };
            let together = Together::new(&conditions).unwrap();
            let alone = Finder::new(&conditions);
            prop_assert!(matches!(alone, Finder::Alone(_)));
            prop_assert_eq!(marked(alone), marked(Finder::Together(Box::new(together))));
        }
    }
}
