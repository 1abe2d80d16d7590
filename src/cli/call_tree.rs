//! Puts calls in the order of who called whom.

use std::collections::HashMap;

use super::call::Call;

/// Calls with what they invoked: each call, then its children in the order of their times, with
/// what these invoked.
#[derive(Debug)]
pub(super) struct CallTree {
    pub(super) calls: Vec<Placed>,
}

/// A call in its place.
#[derive(Debug)]
pub(super) struct Placed {
    /// How many calls it was made in, one in the other.
    pub(super) depth: usize,
    pub(super) call: Call,
}

impl CallTree {
    /// Orders `calls`: those below `root`, which comes first, or all of them, where no root is given.
    /// Of calls with the same ID, which are one call in two logs, the first is taken.
    pub(super) fn new(mut calls: Vec<Call>, root: Option<&str>) -> Self {
        calls.sort_by_cached_key(|call| (call.seen_at().map(str::to_owned), call.offset()));
        let mut places: HashMap<&str, usize> = HashMap::new();
        for (place, call) in calls.iter().enumerate() {
            places.entry(call.id()).or_insert(place);
        }
        let mut children: Vec<Vec<usize>> = vec![Vec::new(); calls.len()];
        let mut roots = Vec::new();
        for (place, call) in calls.iter().enumerate() {
            if places[call.id()] != place {
                continue;
            }
            match call.text("parent").and_then(|parent| places.get(parent)) {
                Some(&parent) => children[parent].push(place),
                None => roots.push(place),
            }
        }
        if let Some(root) = root {
            roots = places.get(root).copied().into_iter().collect();
        }
        drop(places);
        // A log may have calls nested as deep as it is long, so that this can't be a recursion.
        let mut calls: Vec<Option<Call>> = calls.into_iter().map(Some).collect();
        let mut open: Vec<(usize, usize)> = roots.into_iter().rev().map(|root| (root, 0)).collect();
        let mut ordered = Vec::with_capacity(calls.len());
        while let Some((place, depth)) = open.pop() {
            if let Some(call) = calls[place].take() {
                ordered.push(Placed { depth, call });
                let below = std::mem::take(&mut children[place]);
                open.extend(below.into_iter().rev().map(|child| (child, depth + 1)));
            }
        }
        Self { calls: ordered }
    }

    pub(super) fn find(&self, id: &str) -> Option<&Call> {
        let placed = self.calls.iter().find(|placed| placed.call.id() == id)?;
        Some(&placed.call)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn call(id: &str, parent: Option<&str>, started_at: &str) -> Call {
        let mut value = json!({"id": id, "started_at": started_at});
        if let Some(parent) = parent {
            value["parent"] = parent.into();
        }
        Call {
            value,
            records: Vec::new(),
        }
    }

    fn order(calls: Vec<Call>, root: Option<&str>) -> Vec<(usize, String)> {
        let tree = CallTree::new(calls, root);
        let placed = |placed: &Placed| (placed.depth, placed.call.id().to_owned());
        tree.calls.iter().map(placed).collect()
    }

    fn calls() -> Vec<Call> {
        vec![
            call("grandchild", Some("second"), "4"),
            call("second", Some("root"), "3"),
            call("first", Some("root"), "2"),
            call("orphan", Some("elsewhere"), "5"),
            call("root", None, "1"),
            call("first", Some("root"), "2"),
        ]
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
    fn calls_can_be_nested_as_deep_as_a_log_is_long() {
        let calls = (0..100_000_u32).map(|n| {
            let parent = n.checked_sub(1).map(|n| n.to_string());
            call(&n.to_string(), parent.as_deref(), "")
        });
        assert_eq!(order(calls.collect(), None).last().unwrap().0, 99_999);
    }
}
