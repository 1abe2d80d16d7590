//! Puts calls in the order of who called whom.

use std::collections::HashMap;

use anyhow::Result;

use super::call::Call;
use super::kept_calls::{Head, KeptCalls};

/// Calls with what they invoked: each call, then its children in the order of their times, with
/// what these invoked.
#[derive(Debug)]
pub(super) struct CallTree {
    pub(super) calls: Vec<Placed>,
    kept: KeptCalls,
    /// The numbers of these calls by their IDs.
    numbers: HashMap<Box<str>, usize>,
}

/// A call in its place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Placed {
    /// How many calls it was made in, one in the other.
    pub(super) depth: usize,
    number: usize,
}

impl CallTree {
    /// Orders `kept`: those below `root`, which comes first, or all of them, where no root is given.
    /// Of calls with the same ID, which are one call in two logs, the first is taken.
    pub(super) fn new(mut kept: KeptCalls, root: Option<&str>) -> Self {
        let order = |one: &Head, other: &Head| {
            (&one.seen_at, one.offset).cmp(&(&other.seen_at, other.offset))
        };
        kept.heads.sort_by(order);
        let heads = &kept.heads;
        let mut numbers: HashMap<Box<str>, usize> = HashMap::new();
        for (number, head) in heads.iter().enumerate() {
            numbers.entry(head.id.clone()).or_insert(number);
        }
        let mut children: HashMap<usize, Vec<usize>> = HashMap::new();
        let mut roots = Vec::new();
        for (number, head) in heads.iter().enumerate() {
            if numbers[&head.id] != number {
                continue;
            }
            match head.parent.as_ref().and_then(|parent| numbers.get(parent)) {
                Some(&parent) => children.entry(parent).or_default().push(number),
                None => roots.push(number),
            }
        }
        if let Some(root) = root {
            roots = numbers.get(root).copied().into_iter().collect();
        }
        // A log may have calls nested as deep as it is long, so that this can't be a recursion.
        let placed = |depth| move |number| Placed { depth, number };
        let mut open: Vec<Placed> = roots.into_iter().rev().map(placed(0)).collect();
        let mut calls = Vec::with_capacity(heads.len());
        let mut is_placed = vec![false; heads.len()];
        while let Some(next) = open.pop() {
            // In a damaged index a call may be below itself.
            if !std::mem::replace(&mut is_placed[next.number], true) {
                calls.push(next);
                let below = children.remove(&next.number).unwrap_or_default();
                open.extend(below.into_iter().rev().map(placed(next.depth + 1)));
            }
        }
        numbers.retain(|_, number| is_placed[*number]);
        Self {
            calls,
            kept,
            numbers,
        }
    }

    /// A call of this tree.
    pub(super) fn call(&self, placed: &Placed) -> Result<Call> {
        self.kept.call(self.head(placed))
    }

    /// The records of all calls, as logged, if they were kept.
    pub(super) fn records(&self) -> impl Iterator<Item = &[u8]> {
        let heads = self.calls.iter().map(|placed| self.head(placed));
        heads.flat_map(|head| self.kept.records(head))
    }

    /// The call of this tree that the REST API's wrapper `call` wraps.
    pub(super) fn wrapped(&self, call: &Call) -> Result<Option<Call>> {
        let number = call.text("wraps").and_then(|id| self.numbers.get(id));
        let call = number.map(|number| self.kept.call(&self.kept.heads[*number]));
        call.transpose()
    }

    fn head(&self, placed: &Placed) -> &Head {
        &self.kept.heads[placed.number]
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    type TestCall = (&'static str, Option<&'static str>, &'static str);

    fn add(calls: &mut KeptCalls, id: &str, parent: Option<&str>, started_at: &str) {
        let mut value = json!({"id": id, "started_at": started_at});
        if let Some(parent) = parent {
            value["parent"] = parent.into();
        }
        calls.add(value.to_string().as_bytes(), []).unwrap();
    }

    fn order(calls: KeptCalls, root: Option<&str>) -> Vec<(usize, String)> {
        let tree = CallTree::new(calls, root);
        let placed = |placed: &Placed| (placed.depth, tree.call(placed).unwrap().id().to_owned());
        tree.calls.iter().map(placed).collect()
    }

    const CALLS: [TestCall; 6] = [
        ("grandchild", Some("second"), "4"),
        ("second", Some("root"), "3"),
        ("first", Some("root"), "2"),
        ("orphan", Some("elsewhere"), "5"),
        ("root", None, "1"),
        ("first", Some("root"), "2"),
    ];

    fn calls() -> KeptCalls {
        let mut calls = KeptCalls::default();
        for (id, parent, started_at) in CALLS {
            add(&mut calls, id, parent, started_at);
        }
        calls
    }

    #[test]
    fn children_stand_below_their_parents_in_the_order_of_their_times() {
        let expected = [
            (0, "root"),
            (1, "first"),
            (1, "second"),
            (2, "grandchild"),
            (0, "orphan"),
        ];
        let expected = expected.map(|(depth, id)| (depth, id.to_owned()));
        assert_eq!(order(calls(), None), expected);
    }

    #[test]
    fn a_call_is_shown_with_what_it_invoked() {
        let expected = [(0, "second".to_owned()), (1, "grandchild".to_owned())];
        assert_eq!(order(calls(), Some("second")), expected);
        assert_eq!(order(calls(), Some("nowhere")), []);
    }

    #[test]
    fn a_call_below_itself_is_there_once() {
        let mut calls = KeptCalls::default();
        add(&mut calls, "a", Some("b"), "1");
        add(&mut calls, "b", Some("a"), "2");
        let expected = [(0, "a".to_owned()), (1, "b".to_owned())];
        assert_eq!(order(calls, Some("a")), expected);
    }

    #[test]
    fn calls_can_be_nested_as_deep_as_a_log_is_long() {
        let mut calls = KeptCalls::default();
        for n in 0..100_000_u32 {
            let parent = n.checked_sub(1).map(|n| n.to_string());
            add(&mut calls, &n.to_string(), parent.as_deref(), "");
        }
        assert_eq!(order(calls, None).last().unwrap().0, 99_999);
    }
}
