//! The orders in which invocations are shown, and the groups in which they are counted.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::facts::{Facts, Line};
use super::matcher::Matcher;
use super::moment::civil_time;
use super::path::Path;
use super::payload::scalar_text;
use super::walk::Walk;
use crate::entry::Direction;
use crate::invocation::{Kind, verb};
use crate::pyrepr::{Notation, Tokens};

/// By what invocations are put in order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortBy {
    /// The newest first.
    #[default]
    Started,
    /// The longest first.
    Duration,
    /// The largest first.
    Size,
    /// Those first that fit best what is searched for.
    Score,
}

/// The place of an invocation among others: the least comes first. All have a place of their own,
/// so that the order is the same whoever finds them.
pub type Rank = (RankWithoutId, String);

/// A [`Rank`] that several invocations may share: what they are sorted by, and when they started
/// and finished.
pub type RankWithoutId = [Reverse<Option<i64>>; 3];

impl SortBy {
    /// All orders, in the order in which they are named to users.
    pub const ALL: [Self; 4] = [Self::Started, Self::Duration, Self::Size, Self::Score];

    /// The name by which users call it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Duration => "duration",
            Self::Size => "size",
            Self::Score => "score",
        }
    }
}

/// The order in which invocations are shown: the greatest first, or the least.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Order {
    /// By what they are put in order.
    pub by: SortBy,
    /// Whether the least comes first.
    pub is_reversed: bool,
}

impl Order {
    /// The greatest first.
    #[must_use]
    pub fn new(by: SortBy) -> Self {
        Self {
            by,
            is_reversed: false,
        }
    }

    /// The place of the invocation with this line, among what `matcher` finds.
    #[must_use]
    pub fn rank(self, line: &Line<'_>, matcher: &Matcher) -> Rank {
        let mut rank = self.rank_without_id(&line.facts);
        if self.by == SortBy::Score {
            rank[0] = self.place(Some(matcher.score(line)));
        }
        (rank, line.facts.id().into_owned())
    }

    /// The place of an invocation, but for its ID and its score. Those without a time or a duration
    /// come last.
    #[must_use]
    pub fn rank_without_id(self, facts: &Facts<'_>) -> RankWithoutId {
        let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        let first = match self.by {
            SortBy::Started | SortBy::Score => None,
            SortBy::Duration => facts.duration.map(number),
            SortBy::Size => Some(number(facts.size)),
        };
        [first, facts.started, facts.finished].map(|value| self.place(value))
    }

    /// The place of a value among others of its kind. What is unknown comes last in both orders.
    #[must_use]
    pub fn place(self, value: Option<i64>) -> Reverse<Option<i64>> {
        // Turns the order of all integers round; a minus would do so for all but one.
        Reverse(value.map(|value| if self.is_reversed { !value } else { value }))
    }
}

/// Which hits are asked for.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// In which order they are.
    pub sort_by: Order,
    /// How many are passed over.
    pub offset: usize,
    /// How many are given at the most.
    pub limit: usize,
}

/// By what invocations are counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Grouping {
    /// What they show besides their payloads.
    Fact(GroupBy),
    /// The scalars that stand where this path ends. An invocation counts once for each.
    Value(Path),
}

impl Grouping {
    /// The groups of the invocation with this line: one, unless a list has several values.
    #[must_use]
    pub fn keys(&self, line: &Line<'_>) -> Vec<Option<String>> {
        match self {
            Self::Fact(by) => vec![by.key(&line.facts).map(Cow::into_owned)],
            Self::Value(path) => {
                let payload = match path.side {
                    Direction::Request => line.request,
                    Direction::Response => line.response,
                };
                value_keys(path, payload)
            }
        }
    }
}

/// A value is told from others by no more of its characters.
const LONGEST_KEY: usize = 1_000;

/// The groups that a payload is in by the scalars where a path ends.
pub(super) fn value_keys(path: &Path, json: Option<&str>) -> Vec<Option<String>> {
    let mut keys = BTreeSet::new();
    let mut walk = Walk::new(vec![path]);
    let mut tokens = Tokens::of_text(json.unwrap_or_default(), Notation::Json);
    // What is shown is JSON, and what can't be read holds nothing.
    while let Ok(Some(token)) = tokens.next_token() {
        walk.step(&token);
        if walk.is_at_end(0)
            && let Some(text) = scalar_text(&token)
        {
            keys.insert(Some(text.chars().take(LONGEST_KEY).collect()));
        }
    }
    if keys.is_empty() {
        keys.insert(None);
    }
    keys.into_iter().collect()
}

/// By what of an invocation, besides its payloads, it is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupBy {
    /// The service's name.
    Service,
    /// The last part of it.
    Verb,
    /// What services with such a name do.
    Kind,
    /// The server.
    Server,
    /// What became of the call.
    Outcome,
    /// The hour in which it started, by the server's clock.
    Hour,
    /// The day on which it started, by the server's clock.
    Day,
}

impl GroupBy {
    /// All groupings, in the order in which they are named to users.
    pub const ALL: [Self; 7] = [
        Self::Service,
        Self::Verb,
        Self::Kind,
        Self::Server,
        Self::Outcome,
        Self::Hour,
        Self::Day,
    ];

    /// The name by which users call it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Verb => "verb",
            Self::Kind => "kind",
            Self::Server => "server",
            Self::Outcome => "outcome",
            Self::Hour => "hour",
            Self::Day => "day",
        }
    }

    /// The group of an invocation; `None` if what makes it is unknown.
    #[must_use]
    pub fn key<'f>(self, facts: &'f Facts<'_>) -> Option<Cow<'f, str>> {
        Some(match self {
            Self::Service => facts.service.as_ref().into(),
            Self::Verb => verb(&facts.service).into(),
            Self::Kind => Kind::of(&facts.service).as_str().into(),
            Self::Server => facts.server.as_deref()?.into(),
            Self::Outcome => facts.outcome.as_str().into(),
            Self::Hour | Self::Day => self.time_key(facts.started?)?.into(),
        })
    }

    /// The hour or the day of a time in milliseconds since 1970-01-01 00:00:00 of the server's
    /// clock: `2018-11-11 22:00`, `2018-11-11`. `None` if groups are no times.
    #[must_use]
    pub fn time_key(self, millis: i64) -> Option<String> {
        let time = civil_time(millis);
        match self {
            Self::Hour => Some(format!("{} {:02}:00", time.date(), time.hour())),
            Self::Day => Some(time.date().to_string()),
            Self::Service | Self::Verb | Self::Kind | Self::Server | Self::Outcome => None,
        }
    }
}

/// A group and how many are in it. What makes the group may be unknown.
pub type Group = (Option<String>, u64);

/// Puts groups in the order in which they are shown: times as they come, all else by size.
pub fn sort_groups(by: &Grouping, groups: &mut [Group]) {
    match by {
        Grouping::Fact(GroupBy::Hour | GroupBy::Day) => groups.sort_unstable(),
        _ => groups.sort_unstable_by(|one, other| {
            (Reverse(one.1), &one.0).cmp(&(Reverse(other.1), &other.0))
        }),
    }
}
