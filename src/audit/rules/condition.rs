//! Conditions on fields of a call.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::super::actor::pattern;
use super::super::event::{Event, Field};
use super::rule::RuleErrorKind;
use crate::query::Pattern;

/// Conditions as a rule writes them: all of a table, or of any of several tables.
#[derive(Clone, Debug, Deserialize)]
#[serde(
    untagged,
    expecting = "expected a table of fields, or a list of such tables; a field is a text, a list of texts, \
                 { not = … }, { over = 5 }, { under = 5 } or { known = false }"
)]
pub(super) enum WrittenConditions {
    All(BTreeMap<String, WrittenTest>),
    Any(Vec<BTreeMap<String, WrittenTest>>),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum WrittenTest {
    Fits(String),
    FitsAny(Vec<String>),
    Other(WrittenOther),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenOther {
    not: Option<OneOrMany>,
    over: Option<f64>,
    under: Option<f64>,
    known: Option<bool>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

/// Conditions that a call fulfils if it fulfils all of one of these lists.
#[derive(Clone, Debug, Default)]
pub(super) struct Conditions(Vec<Vec<(Field, Test)>>);

/// What a field must be. What is unknown fulfils none but `known = false`.
#[derive(Clone, Debug)]
enum Test {
    FitsAny(Vec<Pattern>),
    FitsNone(Vec<Pattern>),
    Over(f64),
    Under(f64),
    Known(bool),
}

impl Conditions {
    /// Reads conditions.
    pub(super) fn read(written: WrittenConditions) -> Result<Self, RuleErrorKind> {
        let tables = match written {
            WrittenConditions::All(table) => vec![table],
            WrittenConditions::Any(tables) => tables,
        };
        let read = tables.into_iter().map(|table| {
            let mut tests = Vec::new();
            for (name, written) in table {
                let field = Field::named(&name).ok_or(RuleErrorKind::UnknownField(name))?;
                tests.extend(
                    read_tests(written)
                        .into_iter()
                        .map(|test| (field.clone(), test)),
                );
            }
            Ok(tests)
        });
        read.collect::<Result<_, _>>().map(Self)
    }

    /// Whether a call fulfils them.
    pub(super) fn fit(&self, event: &Event<'_>) -> bool {
        let fits = |(field, test): &(Field, Test)| match (field, event.change) {
            (Field::Changed, Some(change)) => {
                test.fits_any(change.changed.keys().map(|name| &**name))
            }
            _ => test.fits(event.field(field).as_deref()),
        };
        self.0.iter().any(|tests| tests.iter().all(fits))
    }
}

fn read_tests(written: WrittenTest) -> Vec<Test> {
    let patterns = |texts: Vec<String>| texts.iter().map(|text| pattern(text)).collect();
    match written {
        WrittenTest::Fits(text) => vec![Test::FitsAny(vec![pattern(&text)])],
        WrittenTest::FitsAny(texts) => vec![Test::FitsAny(patterns(texts))],
        WrittenTest::Other(WrittenOther {
            not,
            over,
            under,
            known,
        }) => {
            let not = not.map(|not| match not {
                OneOrMany::One(text) => vec![text],
                OneOrMany::Many(texts) => texts,
            });
            let tests = [
                not.map(|not| Test::FitsNone(patterns(not))),
                over.map(Test::Over),
                under.map(Test::Under),
                known.map(Test::Known),
            ];
            tests.into_iter().flatten().collect()
        }
    }
}

impl Test {
    /// Whether one of several values fits, or none of them what none is to fit.
    fn fits_any<'v>(&self, mut values: impl Iterator<Item = &'v str>) -> bool {
        match self {
            Self::FitsNone(_) => values.all(|value| self.fits(Some(value))),
            Self::Known(is_known) => *is_known,
            Self::FitsAny(_) | Self::Over(_) | Self::Under(_) => {
                values.any(|value| self.fits(Some(value)))
            }
        }
    }

    fn fits(&self, value: Option<&str>) -> bool {
        let Some(value) = value else {
            return matches!(self, Self::Known(false));
        };
        let number = || value.parse::<f64>().ok();
        match self {
            Self::FitsAny(patterns) => patterns.iter().any(|pattern| pattern.fits(value)),
            Self::FitsNone(patterns) => !patterns.iter().any(|pattern| pattern.fits(value)),
            Self::Over(limit) => number().is_some_and(|number| number > *limit),
            Self::Under(limit) => number().is_some_and(|number| number < *limit),
            Self::Known(is_known) => *is_known,
        }
    }
}
