//! Counts changes: what changed most, and by whom.

use std::collections::BTreeMap;

use serde::Serialize;

use super::change::Change;

/// How many changes there are, by what and by whom.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Changes {
    /// All calls that were to change something.
    pub total: u64,
    /// Those that were answered.
    pub done: u64,
    /// By type of object and action, the most frequent first.
    pub by_type: Vec<Count>,
    /// By caller, the most frequent first.
    pub by_caller: Vec<Count>,
}

/// How many changes have something in common.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Count {
    /// What they have in common.
    pub name: String,
    /// How many of each action.
    pub actions: BTreeMap<String, u64>,
    /// How many in all.
    pub count: u64,
}

/// How many types and callers are told apart. All others are counted as one.
const MOST: usize = 10_000;

/// Changes as they are counted.
#[derive(Debug, Default)]
pub(super) struct Tally {
    total: u64,
    done: u64,
    by_type: BTreeMap<String, BTreeMap<String, u64>>,
    by_caller: BTreeMap<String, BTreeMap<String, u64>>,
}

impl Tally {
    pub(super) fn add(&mut self, change: &Change<'_>) {
        self.total += 1;
        self.done += u64::from(change.is_done());
        count(&mut self.by_type, &change.object_type, &change.action);
        count(&mut self.by_caller, &change.caller.short(), &change.action);
    }

    pub(super) fn finish(self) -> Changes {
        Changes {
            total: self.total,
            done: self.done,
            by_type: sorted(self.by_type),
            by_caller: sorted(self.by_caller),
        }
    }
}

fn count(counts: &mut BTreeMap<String, BTreeMap<String, u64>>, name: &str, action: &str) {
    let name = if counts.len() >= MOST && !counts.contains_key(name) {
        "others"
    } else {
        name
    };
    let known = counts
        .get_mut(name)
        .and_then(|actions| actions.get_mut(action));
    if let Some(known) = known {
        *known += 1;
        return;
    }
    let actions = counts.entry(name.to_owned()).or_default();
    actions.insert(action.to_owned(), 1);
}

fn sorted(counts: BTreeMap<String, BTreeMap<String, u64>>) -> Vec<Count> {
    let counts = counts.into_iter().map(|(name, actions)| Count {
        name,
        count: actions.values().sum(),
        actions,
    });
    let mut counts: Vec<Count> = counts.collect();
    counts.sort_by_key(|count| std::cmp::Reverse(count.count));
    counts
}
