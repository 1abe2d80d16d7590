//! What a rule remembers of calls that belong together, within limits.

use std::collections::HashMap;

/// How many groups a rule remembers.
pub const MOST_GROUPS: usize = 10_000;

/// Groups by what their calls have in common, each with the time of its last call.
#[derive(Debug)]
pub(super) struct Groups<T> {
    groups: HashMap<Vec<String>, (i64, T), foldhash::fast::RandomState>,
    /// No group's last call was before this time.
    oldest: i64,
}

impl<T> Default for Groups<T> {
    fn default() -> Self {
        Self {
            groups: HashMap::default(),
            oldest: i64::MAX,
        }
    }
}

impl<T: Default> Groups<T> {
    /// Returns the group with this key for a call at this time.
    pub(super) fn at(&mut self, key: &[String], time: i64) -> &mut T {
        if !self.groups.contains_key(key) {
            if self.groups.len() >= MOST_GROUPS {
                self.forget_half();
            }
            self.groups.insert(key.to_vec(), Default::default());
        }
        self.oldest = self.oldest.min(time);
        let group = self.groups.get_mut(key);
        let (last, group) = group.expect("it was there or has just been added");
        *last = time;
        group
    }

    pub(super) fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    pub(super) fn get_mut(&mut self, key: &[String]) -> Option<&mut T> {
        self.groups.get_mut(key).map(|(_, group)| group)
    }

    pub(super) fn remove(&mut self, key: &[String]) -> Option<T> {
        self.groups.remove(key).map(|(_, group)| group)
    }

    /// Takes away the groups whose last call was before a time, in the order of their keys.
    pub(super) fn take_before(&mut self, time: i64) -> Vec<T> {
        if self.oldest >= time {
            return Vec::new();
        }
        let over = self.groups.extract_if(|_, (last, _)| *last < time);
        let mut over: Vec<(Vec<String>, (i64, T))> = over.collect();
        over.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        let times = self.groups.values().map(|(last, _)| *last);
        self.oldest = times.min().unwrap_or(i64::MAX);
        over.into_iter().map(|(_, (_, group))| group).collect()
    }

    fn forget_half(&mut self) {
        let mut times: Vec<i64> = self.groups.values().map(|(last, _)| *last).collect();
        let middle = times.len() / 2;
        let (_, median, _) = times.select_nth_unstable(middle);
        let median = *median;
        self.groups.retain(|_, (last, _)| *last > median);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_half_is_forgotten() {
        let mut groups: Groups<u32> = Groups::default();
        for time in 0..25_000 {
            *groups.at(&[time.to_string()], time) += 1;
            assert!(groups.groups.len() <= MOST_GROUPS);
        }
        assert!(groups.get_mut(&["24999".to_owned()]).is_some());
        assert!(groups.get_mut(&["0".to_owned()]).is_none());
    }
}
