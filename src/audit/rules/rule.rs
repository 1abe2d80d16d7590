//! Reads rules.

use std::collections::{HashMap, HashSet};

use serde::Deserialize;
use thiserror::Error;

use super::super::event::Field;
use super::condition::{Conditions, WrittenConditions};
use super::finding::Severity;
use super::span::{Hours, Length};

/// Rules, in the order in which they were read.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    pub(super) rules: Vec<Rule>,
    /// The IDs of findings that nobody wants.
    pub(super) disabled: HashSet<String>,
}

/// The IDs of findings that no rule makes.
const NO_RULES: [&str; 7] = [
    "clock-back",
    "foreign-response",
    "forged-record",
    "gap",
    "missing-file",
    "secret-in-clear",
    "utc-offset",
];

/// A rule.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub(super) id: String,
    pub(super) severity: Severity,
    pub(super) sentence: String,
    pub(super) when: Conditions,
    pub(super) outside: Option<Hours>,
    /// Fields whose values calls must have in common to belong together.
    pub(super) by: Vec<Field>,
    pub(super) kind: Kind,
}

/// What makes a finding of calls.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// Each call.
    Each,
    /// So many calls within a time.
    Count { of: usize, within: i64 },
    /// Calls that follow each other within a time.
    Steps { steps: Vec<Step>, within: i64 },
    /// A call that no other one follows within a time.
    NotFollowed { by: Conditions, within: i64 },
    /// A value of a field that none had before, after a time of getting to know them.
    First { of: Field, after: i64 },
    /// A field that gets the value back that it had.
    Reverts { within: i64 },
}

#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) when: Conditions,
    pub(super) times: usize,
}

/// Why a text holds no rules.
#[derive(Debug, Error)]
#[error("{}: {kind}", .rule.as_deref().map_or_else(|| "not rules".to_owned(), |rule| format!("rule `{rule}`")))]
pub struct RuleError {
    /// The rule's ID, if the text could be read that far.
    pub rule: Option<String>,
    /// What is wrong.
    pub kind: RuleErrorKind,
}

/// The kinds of [`RuleError`].
#[derive(Debug, Error)]
pub enum RuleErrorKind {
    /// The text is no TOML, or it has other keys or values than rules have.
    #[error("{0}")]
    Toml(toml::de::Error),
    /// A field that no call has.
    #[error("unknown field `{0}`: the fields are {names}", names = Field::names())]
    UnknownField(String),
    /// There is more than one of what makes a finding.
    #[error("only one of `count`, `steps`, `followed_by`, `first` and `reverts` can be given")]
    SeveralKinds,
    /// There is no rule with this ID that could be disabled.
    #[error("there is none to be disabled: the IDs are {0}")]
    NotThere(String),
    /// There is nothing to look for.
    #[error("`{0}` is missing")]
    Missing(&'static str),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRules {
    #[serde(default)]
    rule: Vec<WrittenRule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRule {
    id: String,
    #[serde(default = "yes")]
    enabled: bool,
    severity: Option<Severity>,
    sentence: Option<String>,
    when: Option<WrittenConditions>,
    outside: Option<Hours>,
    #[serde(default)]
    by: Vec<String>,
    within: Option<Length>,
    count: Option<WrittenCount>,
    steps: Option<Vec<WrittenStep>>,
    followed_by: Option<WrittenConditions>,
    first: Option<WrittenFirst>,
    reverts: Option<Length>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenCount {
    of: usize,
    within: Length,
    #[serde(default)]
    by: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenStep {
    when: WrittenConditions,
    #[serde(default = "once")]
    times: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenFirst {
    of: String,
    after: Length,
}

fn yes() -> bool {
    true
}

fn once() -> usize {
    1
}

impl Rules {
    /// The rules that come with zalog.
    #[must_use]
    pub fn built_in() -> Self {
        let mut rules = Self::default();
        let read = rules.add(include_str!("default.toml"));
        read.expect("the file is part of the program and tested");
        rules
    }

    /// Adds rules to these. One with the ID of another takes its place; with `enabled = false`
    /// there is none in its place, and a finding that no rule makes is not said.
    pub fn add(&mut self, text: &str) -> Result<(), RuleError> {
        let written: WrittenRules = toml::from_str(text).map_err(|error| RuleError {
            rule: None,
            kind: RuleErrorKind::Toml(error),
        })?;
        let ids = written.rule.iter().map(|rule| rule.id.clone());
        // Of several with the same ID the last counts.
        let last: HashMap<String, usize> = ids.zip(0..).collect();
        let before: HashSet<String> = self.rules.iter().map(|rule| rule.id.clone()).collect();
        self.rules.retain(|rule| !last.contains_key(&rule.id));
        for (nth, written) in written.rule.into_iter().enumerate() {
            let is_last = last.get(&written.id) == Some(&nth);
            if written.enabled {
                let id = written.id.clone();
                let rule = Rule::read(written).map_err(|kind| RuleError {
                    rule: Some(id),
                    kind,
                })?;
                if is_last {
                    self.disabled.remove(&rule.id);
                    self.rules.push(rule);
                }
            } else if is_last {
                self.disable(written.id, &before)?;
            }
        }
        Ok(())
    }

    /// Switches off what has this ID: a rule that was there before, or a finding that none makes.
    fn disable(&mut self, id: String, before: &HashSet<String>) -> Result<(), RuleError> {
        let is_there = before.contains(&id) || NO_RULES.contains(&id.as_str());
        if !is_there && !self.disabled.contains(&id) {
            let ids = before.iter().map(String::as_str).chain(NO_RULES);
            let mut ids: Vec<&str> = ids.collect();
            ids.sort_unstable();
            return Err(RuleError {
                kind: RuleErrorKind::NotThere(ids.join(", ")),
                rule: Some(id),
            });
        }
        self.disabled.insert(id);
        Ok(())
    }
}

impl Rule {
    fn read(written: WrittenRule) -> Result<Self, RuleErrorKind> {
        let within = || {
            written
                .within
                .map(|within| within.0)
                .ok_or(RuleErrorKind::Missing("within"))
        };
        let mut by = fields(&written.by)?;
        let mut kinds = Vec::new();
        if let Some(count) = written.count {
            by.extend(fields(&count.by)?);
            kinds.push(Kind::Count {
                of: count.of.max(1),
                within: count.within.0,
            });
        }
        if let Some(steps) = written.steps {
            let steps = steps.into_iter().map(|step| {
                Ok(Step {
                    when: Conditions::read(step.when)?,
                    times: step.times.max(1),
                })
            });
            let steps: Vec<Step> = steps.collect::<Result<_, _>>()?;
            if steps.is_empty() {
                return Err(RuleErrorKind::Missing("steps"));
            }
            kinds.push(Kind::Steps {
                steps,
                within: within()?,
            });
        }
        if let Some(followed_by) = written.followed_by {
            kinds.push(Kind::NotFollowed {
                by: Conditions::read(followed_by)?,
                within: within()?,
            });
        }
        if let Some(first) = written.first {
            let of = Field::named(&first.of).ok_or(RuleErrorKind::UnknownField(first.of))?;
            kinds.push(Kind::First {
                of,
                after: first.after.0,
            });
        }
        kinds.extend(
            written
                .reverts
                .map(|within| Kind::Reverts { within: within.0 }),
        );
        if kinds.len() > 1 {
            return Err(RuleErrorKind::SeveralKinds);
        }
        let kind = kinds.pop().unwrap_or(Kind::Each);
        let when = match (written.when, &kind) {
            (Some(when), _) => Conditions::read(when)?,
            (None, Kind::Steps { .. }) => Conditions::default(),
            (None, _) => return Err(RuleErrorKind::Missing("when")),
        };
        Ok(Self {
            id: written.id,
            severity: written.severity.ok_or(RuleErrorKind::Missing("severity"))?,
            sentence: written.sentence.ok_or(RuleErrorKind::Missing("sentence"))?,
            when,
            outside: written.outside,
            by,
            kind,
        })
    }
}

fn fields(names: &[String]) -> Result<Vec<Field>, RuleErrorKind> {
    let field =
        |name: &String| Field::named(name).ok_or_else(|| RuleErrorKind::UnknownField(name.clone()));
    names.iter().map(field).collect()
}
