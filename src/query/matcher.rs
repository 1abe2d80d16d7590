//! Tells which invocations a query means.

use jiff::civil::DateTime;
use regex::{Regex, RegexBuilder};

use super::disguise::is_disguised;
use super::facts::{Facts, Line};
use super::finder::Finder;
use super::path::Path;
use super::payload::{Needle, ValueTest, Wanted};
use super::required::Required;
use super::{Clause, Moment, Name, NameField, Node, Pattern, Query, Range, Test, Text, TimeField};
use crate::entry::{Direction, Hints};
use crate::invocation::{Invocation, Kind, Outcome, Side, verb};
use crate::view::LineWriter;

/// A query that is ready to be asked.
#[derive(Clone, Debug)]
pub struct Matcher {
    root: Expression,
    /// The conditions that `root` joins.
    conditions: Vec<Condition>,
    finder: Finder,
}

#[derive(Clone, Debug)]
enum Expression {
    All(Vec<Expression>),
    Any(Vec<Expression>),
    Not(Box<Expression>),
    /// The condition at this place.
    Condition(usize),
}

/// A condition that is ready to be asked.
#[derive(Clone, Debug)]
pub(super) enum Condition {
    Anywhere(Needle),
    Name(NameField, NameTest),
    Outcome(Outcome),
    Kind(Kind),
    Process(u32),
    Duration(Range<u64>),
    Size(Range<u64>),
    /// The first and the last millisecond.
    Time(TimeField, (i64, i64)),
    Payload(Path, ValueTest),
}

#[derive(Clone, Debug)]
pub(super) enum NameTest {
    Pattern(Pattern),
    Regex(Regex),
}

/// For each condition whether it holds, as far as that is known.
type Known = Vec<Option<bool>>;

/// What one thread needs to ask one invocation after the other.
#[derive(Debug, Default)]
pub struct Scratch {
    known: Known,
    may_hold: Vec<bool>,
    json: Vec<u8>,
}

impl Matcher {
    /// Makes a query ready. `now` is asked for the time of the servers' clocks if the query has a
    /// time that is relative to it.
    #[must_use]
    pub fn new(query: &Query, now: impl Fn() -> DateTime) -> Self {
        let mut conditions = Vec::new();
        let root = expression(&query.root, &now, &mut conditions);
        let required: Vec<Option<Required>> = conditions.iter().map(Condition::required).collect();
        Self {
            root,
            finder: Finder::new(&required),
            conditions,
        }
    }

    /// The conditions of which some must hold: those that are not negated.
    pub(super) fn wanted(&self) -> impl Iterator<Item = &Condition> {
        let mut wanted = vec![false; self.conditions.len()];
        self.root.mark_wanted(true, &mut wanted);
        let conditions = self.conditions.iter().zip(wanted);
        conditions.filter_map(|(condition, is_wanted)| is_wanted.then_some(condition))
    }

    /// Whether the query means this invocation, as `writer` shows it.
    pub fn fits(
        &self,
        invocation: &Invocation<'_>,
        writer: &mut LineWriter<'_>,
        scratch: &mut Scratch,
    ) -> bool {
        let sides = [
            (Direction::Request, invocation.request.as_ref()),
            (Direction::Response, invocation.response.as_ref()),
        ];
        let known = &mut scratch.known;
        if let Some(verdict) = self.look_at_hints(sides, known) {
            return verdict;
        }
        if let Some(verdict) = self.look_at(&Facts::of(invocation), known) {
            return verdict;
        }
        if let Some(verdict) = self.look_at_bytes(invocation.service, sides, scratch) {
            return verdict;
        }
        let Scratch { known, json, .. } = scratch;
        if let Some(verdict) = self.look_into_name(invocation.service, known) {
            return verdict;
        }
        for (direction, side) in sides {
            let Some(side) = side else { continue };
            json.clear();
            writer.write_payload(&side.payload, direction, json);
            // What is written is JSON; what is none would hold nothing.
            if let Ok(json) = std::str::from_utf8(json) {
                self.look_into(direction, json, known);
            }
        }
        self.decide(known)
    }

    /// Whether the query means the invocation with this line.
    #[must_use]
    pub fn fits_line(&self, line: &Line<'_>, scratch: &mut Scratch) -> bool {
        let known = &mut scratch.known;
        known.clear();
        known.resize(self.conditions.len(), None);
        let verdict = self.look_at(&line.facts, known);
        let verdict = verdict.or_else(|| self.look_into_name(&line.facts.service, known));
        if let Some(verdict) = verdict {
            return verdict;
        }
        for (direction, payload) in [
            (Direction::Request, line.request),
            (Direction::Response, line.response),
        ] {
            if let Some(payload) = payload {
                self.look_into(direction, payload, known);
            }
        }
        self.decide(known)
    }

    /// Tells which conditions on payloads and words may hold for some of these bytes of a log.
    pub(super) fn hints(&self, bytes: &[u8]) -> Hints {
        let mut may_hold = vec![false; self.conditions.len()];
        self.finder.mark(bytes, |_| true, &mut may_hold);
        if may_hold.contains(&false) && is_disguised(bytes) {
            return Hints::UNKNOWN;
        }
        Hints::new(may_hold)
    }

    /// Forgets what is `known`, and finds out what can't hold by the bytes around the records.
    /// Returns whether the query fits, if that is known.
    fn look_at_hints(
        &self,
        sides: [(Direction, Option<&Side<'_>>); 2],
        known: &mut Known,
    ) -> Option<bool> {
        known.clear();
        known.extend(self.conditions.iter().enumerate().map(|(nth, condition)| {
            let may_hold = sides.iter().any(|(direction, side)| {
                condition.may_be_in(*direction) && side.is_some_and(|side| side.hints.may_hold(nth))
            });
            (!may_hold).then_some(false)
        }));
        self.root.verdict(known)
    }

    /// Finds out what can be known without names and payloads. Returns whether the query fits, if
    /// that is known.
    fn look_at(&self, facts: &Facts<'_>, known: &mut Known) -> Option<bool> {
        for (condition, known) in self.conditions.iter().zip(&mut *known) {
            if known.is_none() {
                *known = condition.holds(facts);
            }
        }
        self.root.verdict(known)
    }

    /// Finds out what can't be in the service's name and the payloads.
    fn look_at_bytes(
        &self,
        service: &str,
        sides: [(Direction, Option<&Side<'_>>); 2],
        scratch: &mut Scratch,
    ) -> Option<bool> {
        let Scratch {
            known, may_hold, ..
        } = scratch;
        may_hold.clear();
        may_hold.resize(self.conditions.len(), false);
        let is_of_words = |nth: usize| matches!(self.conditions[nth], Condition::Anywhere(_));
        let is_asked = |nth: usize| known[nth].is_none() && is_of_words(nth);
        self.finder.mark(service.as_bytes(), is_asked, may_hold);
        for (direction, side) in sides {
            let Some(side) = side else { continue };
            let is_asked = |nth: usize| {
                known[nth].is_none()
                    && self.conditions[nth].may_be_in(direction)
                    && side.hints.may_hold(nth)
            };
            let text = side.payload.text;
            self.finder.mark(text, is_asked, may_hold);
            let mut others = (0..).zip(&mut *may_hold);
            let mut others = others
                .by_ref()
                .filter(|(nth, may_hold)| !**may_hold && is_asked(*nth));
            if let Some((_, first)) = others.next().filter(|_| is_disguised(text)) {
                *first = true;
                others.for_each(|(_, may_hold)| *may_hold = true);
            }
        }
        for (known, may_hold) in known.iter_mut().zip(may_hold) {
            if known.is_none() && !*may_hold {
                *known = Some(false);
            }
        }
        self.root.verdict(known)
    }

    /// Finds out which words are in the service's name.
    fn look_into_name(&self, service: &str, known: &mut Known) -> Option<bool> {
        for (condition, known) in self.conditions.iter().zip(&mut *known) {
            if let Condition::Anywhere(needle) = condition
                && known.is_none()
                && needle.is_in(service)
            {
                *known = Some(true);
            }
        }
        self.root.verdict(known)
    }

    /// Finds out what is in a payload.
    fn look_into(&self, direction: Direction, json: &str, known: &mut Known) {
        let mut wanted = Wanted::default();
        for (place, condition) in self.conditions.iter().enumerate() {
            match condition {
                _ if known[place].is_some() => {}
                Condition::Anywhere(needle) => wanted.anywhere.push((place, needle)),
                Condition::Payload(path, test) if path.side == direction => {
                    wanted.values.push((place, path, test));
                }
                _ => {}
            }
        }
        // What is shown is JSON, and what can't be read holds nothing.
        let _unreadable = wanted.find_in(json, |place| known[place] = Some(true));
    }

    /// Whether the query fits, now that all is known: what was not found is not there.
    fn decide(&self, known: &mut Known) -> bool {
        for known in &mut *known {
            known.get_or_insert(false);
        }
        self.root.verdict(known).unwrap_or(false)
    }
}

impl Condition {
    /// What must stand in the bytes of a record for it to hold, if it depends on these.
    fn required(&self) -> Option<Required> {
        match self {
            Self::Anywhere(needle) => Some(Required::by_needle(needle)),
            Self::Payload(path, test) => Some(Required::by_value(path, test)),
            Self::Name(..)
            | Self::Outcome(_)
            | Self::Kind(_)
            | Self::Process(_)
            | Self::Duration(_)
            | Self::Size(_)
            | Self::Time(..) => None,
        }
    }

    /// Whether it may hold for this side of a call.
    fn may_be_in(&self, direction: Direction) -> bool {
        match self {
            Self::Payload(path, _) => path.side == direction,
            _ => true,
        }
    }

    /// Whether it holds, if that is known without names and payloads.
    fn holds(&self, facts: &Facts<'_>) -> Option<bool> {
        Some(match self {
            Self::Anywhere(_) | Self::Payload(..) => return None,
            Self::Name(field, test) => match field {
                NameField::Id => test.fits(&facts.id()),
                NameField::Parent => facts.parent().is_some_and(|parent| test.fits(&parent)),
                NameField::Service => test.fits(&facts.service),
                NameField::Verb => test.fits(verb(&facts.service)),
                NameField::Cid => facts.cid.as_deref().is_some_and(|cid| test.fits(cid)),
                NameField::Server => facts.server.as_deref().is_some_and(|name| test.fits(name)),
                NameField::Thread => facts.thread.as_deref().is_some_and(|name| test.fits(name)),
            },
            Self::Outcome(outcome) => facts.outcome == *outcome,
            Self::Kind(kind) => Kind::of(&facts.service) == *kind,
            Self::Process(process) => facts.process == Some(*process),
            Self::Duration(range) => facts
                .duration
                .is_some_and(|duration| is_in(range, duration)),
            Self::Size(range) => is_in(range, facts.size),
            Self::Time(field, (first, last)) => {
                let time = match field {
                    TimeField::Started => facts.started,
                    TimeField::Finished => facts.finished,
                };
                time.is_some_and(|time| (*first..=*last).contains(&time))
            }
        })
    }
}

impl Expression {
    /// Whether it holds, if that can be told by what is known.
    fn verdict(&self, known: &Known) -> Option<bool> {
        match self {
            Self::Condition(place) => known[*place],
            Self::Not(inner) => inner.verdict(known).map(|verdict| !verdict),
            Self::All(parts) => joined(parts, known, false),
            Self::Any(parts) => joined(parts, known, true),
        }
    }
}

impl Expression {
    fn mark_wanted(&self, is_wanted: bool, wanted: &mut [bool]) {
        match self {
            Self::Condition(place) => wanted[*place] = is_wanted,
            Self::Not(inner) => inner.mark_wanted(!is_wanted, wanted),
            Self::All(parts) | Self::Any(parts) => {
                for part in parts {
                    part.mark_wanted(is_wanted, wanted);
                }
            }
        }
    }
}

/// One `decisive` part decides for all.
fn joined(parts: &[Expression], known: &Known, decisive: bool) -> Option<bool> {
    let mut verdict = Some(!decisive);
    for part in parts {
        match part.verdict(known) {
            Some(other) if other == decisive => return Some(decisive),
            Some(_) => {}
            None => verdict = None,
        }
    }
    verdict
}

impl NameTest {
    fn new(name: &Name) -> Self {
        match name {
            Name::Pattern(pattern) => Self::Pattern(pattern.clone()),
            Name::Regex(text) => Self::Regex(regex(text)),
        }
    }

    fn fits(&self, name: &str) -> bool {
        match self {
            Self::Pattern(pattern) => pattern.fits(name),
            Self::Regex(regex) => regex.is_match(name),
        }
    }
}

fn is_in(range: &Range<u64>, number: u64) -> bool {
    std::ops::RangeBounds::contains(range, &number)
}

/// A regular expression that the grammar has checked already.
fn regex(text: &str) -> Regex {
    compile_regex(text).expect("the query has been read")
}

/// A regular expression of a query.
pub(crate) fn compile_regex(text: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(text).size_limit(LARGEST_REGEX).build()
}

/// How much memory a regular expression may take, in bytes.
const LARGEST_REGEX: usize = 1 << 20;

fn expression(
    node: &Node,
    now: &impl Fn() -> DateTime,
    conditions: &mut Vec<Condition>,
) -> Expression {
    let mut each = |nodes: &[Node]| {
        let nodes = nodes.iter();
        nodes
            .map(|node| expression(node, now, conditions))
            .collect()
    };
    match node {
        Node::All(nodes) => Expression::All(each(nodes)),
        Node::Any(nodes) => Expression::Any(each(nodes)),
        Node::Not(node) => Expression::Not(Box::new(expression(node, now, conditions))),
        Node::Clause(clause) => {
            conditions.push(condition(clause, now));
            Expression::Condition(conditions.len() - 1)
        }
    }
}

fn condition(clause: &Clause, now: &impl Fn() -> DateTime) -> Condition {
    match clause {
        Clause::Anywhere(text) => {
            let needle = match text {
                Text::Phrase(phrase) => Needle::Phrase(phrase.clone()),
                Text::Regex(text) => Needle::Regex(regex(text)),
            };
            Condition::Anywhere(needle)
        }
        Clause::Name(field, name) => Condition::Name(*field, NameTest::new(name)),
        Clause::Outcome(outcome) => Condition::Outcome(*outcome),
        Clause::Kind(kind) => Condition::Kind(*kind),
        Clause::Process(process) => Condition::Process(*process),
        Clause::Duration(range) => Condition::Duration(*range),
        Clause::Size(range) => Condition::Size(*range),
        Clause::Time(field, range) => Condition::Time(*field, milliseconds(range, now)),
        Clause::Payload(path, test) => {
            let test = match test {
                Test::Exists => ValueTest::Exists,
                Test::Value(phrase, scalar) => ValueTest::Value(phrase.clone(), scalar.clone()),
                Test::Regex(text) => ValueTest::Regex(regex(text)),
                Test::Number(range) => ValueTest::Number(range.clone()),
            };
            Condition::Payload(path.clone(), test)
        }
    }
}

/// The first and the last millisecond of a range of moments.
pub(crate) fn milliseconds(range: &Range<Moment>, now: &impl Fn() -> DateTime) -> (i64, i64) {
    use std::ops::Bound::{Excluded, Included, Unbounded};

    let (from, to) = range;
    let first = match from {
        Included(moment) => moment.milliseconds(now).0,
        Excluded(moment) => moment.milliseconds(now).1.saturating_add(1),
        Unbounded => i64::MIN,
    };
    let last = match to {
        Included(moment) => moment.milliseconds(now).1,
        Excluded(moment) => moment.milliseconds(now).0.saturating_sub(1),
        Unbounded => i64::MAX,
    };
    (first, last)
}
