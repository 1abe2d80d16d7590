//! Counts and measures the calls of each service.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::entry::Asctime;
use crate::invocation::{Invocation, Outcome};

/// How many services are told apart: all others that come after them are counted as one. Zato has some
/// six hundred, and each takes a kilobyte.
pub const MOST_SERVICES: usize = 100_000;

/// What stands for the services that are not told apart.
pub const OTHER_SERVICES: &str = "(other services)";

/// How many different durations of a service are kept as they are. Others are kept to a thousandth.
const MOST_DURATIONS: usize = 100_000;

/// What the logs hold, service by service.
#[derive(Clone, Debug, Default)]
pub struct Statistics {
    services: HashMap<Box<str>, ServiceStatistics, RandomState>,
    others: ServiceStatistics,
    outcomes: [u64; Outcome::ALL.len()],
    rest_wrappers: u64,
}

/// The calls of one service.
#[derive(Clone, Debug, Default)]
pub struct ServiceStatistics {
    /// All calls, whatever became of them.
    pub calls: u64,
    /// Calls without a response.
    pub unanswered: u64,
    /// How long the calls took that have a request and a response.
    pub durations: Durations,
    /// Bytes of all its requests and responses, as logged.
    pub bytes: u64,
    /// The first time at which it was seen.
    pub first_seen: Option<Asctime>,
    /// The last time at which it was seen.
    pub last_seen: Option<Asctime>,
}

/// How often calls took how many milliseconds: exact, in memory that grows with the number of
/// different durations only: above 100,000 they are kept to a thousandth.
#[derive(Clone, Debug, Default)]
pub struct Durations {
    counts: HashMap<u64, u64, RandomState>,
}

impl Statistics {
    /// Counts one more invocation.
    pub fn add(&mut self, invocation: &Invocation<'_>) {
        let outcome = invocation.outcome();
        self.outcomes[outcome as usize] += 1;
        if invocation.is_rest_wrapper() {
            self.rest_wrappers += 1;
            return;
        }
        let is_full = self.services.len() >= MOST_SERVICES;
        match self.services.get_mut(invocation.service) {
            Some(service) => service.add(outcome, invocation),
            None if is_full => self.others.add(outcome, invocation),
            None => self
                .services
                .entry(invocation.service.into())
                .or_default()
                .add(outcome, invocation),
        }
    }

    /// Returns the services with what is known of each, by name; those above [`MOST_SERVICES`] are one,
    /// named [`OTHER_SERVICES`]. The REST API's wrapper around another call is not among the calls of
    /// any.
    #[must_use]
    pub fn services(&self) -> Vec<(&str, &ServiceStatistics)> {
        let others = self.has_others().then_some((OTHER_SERVICES, &self.others));
        let services = self.services.iter();
        let services = services.map(|(name, service)| (&**name, service));
        let mut services: Vec<_> = services.chain(others).collect();
        services.sort_unstable_by_key(|(name, _)| *name);
        services
    }

    /// Returns whether there are more services than are told apart.
    #[must_use]
    pub fn has_others(&self) -> bool {
        self.others.calls > 0
    }

    /// Returns how many invocations ended like this.
    #[must_use]
    pub fn count(&self, outcome: Outcome) -> u64 {
        self.outcomes[outcome as usize]
    }

    /// Returns how many invocations there are.
    #[must_use]
    pub fn invocations(&self) -> u64 {
        self.outcomes.iter().sum()
    }

    /// Returns how many invocations are only the REST API's wrapper around another one.
    #[must_use]
    pub fn rest_wrappers(&self) -> u64 {
        self.rest_wrappers
    }

    /// Returns the first and the last time of any call.
    #[must_use]
    pub fn span(&self) -> Option<(Asctime, Asctime)> {
        let services = || self.services.values().chain([&self.others]);
        let first = services().filter_map(|service| service.first_seen).min()?;
        let last = services().filter_map(|service| service.last_seen).max()?;
        Some((first, last))
    }
}

impl ServiceStatistics {
    fn add(&mut self, outcome: Outcome, invocation: &Invocation<'_>) {
        self.calls += 1;
        self.unanswered += u64::from(outcome == Outcome::Unanswered);
        // A clock that was put back gives no duration.
        let duration = invocation.duration_ms().map(u64::try_from);
        if let Some(Ok(duration)) = duration {
            self.durations.add(duration);
        }
        for side in [&invocation.request, &invocation.response]
            .into_iter()
            .flatten()
        {
            self.bytes += side.payload.text.len() as u64;
            self.first_seen = self.first_seen.into_iter().chain(side.asctime).min();
            self.last_seen = self.last_seen.max(side.asctime);
        }
    }
}

impl Durations {
    fn add(&mut self, duration_ms: u64) {
        let is_kept = self.counts.len() < MOST_DURATIONS || self.counts.contains_key(&duration_ms);
        let kept = if is_kept {
            duration_ms
        } else {
            // Ten binary digits.
            let lost = duration_ms.checked_ilog2().unwrap_or(0).saturating_sub(9);
            duration_ms >> lost << lost
        };
        *self.counts.entry(kept).or_default() += 1;
    }

    /// Returns the duration that `percent` of the calls did not exceed, in milliseconds.
    #[must_use]
    pub fn percentile(&self, percent: u64) -> Option<u64> {
        let total: u64 = self.counts.values().sum();
        let rank = (total * percent).div_ceil(100).max(1);
        let mut counts: Vec<(u64, u64)> = self
            .counts
            .iter()
            .map(|(&duration, &count)| (duration, count))
            .collect();
        counts.sort_unstable();
        let mut passed = 0;
        counts.into_iter().find_map(|(duration, count)| {
            passed += count;
            (passed >= rank).then_some(duration)
        })
    }

    /// Returns the longest duration in milliseconds.
    #[must_use]
    pub fn longest(&self) -> Option<u64> {
        self.counts.keys().copied().max()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_durations_that_were_measured() {
        let mut durations = Durations::default();
        assert_eq!(
            (durations.percentile(50), durations.longest()),
            (None, None)
        );
        (1..=20).for_each(|duration| durations.add(duration));
        assert_eq!(durations.percentile(50), Some(10));
        assert_eq!(durations.percentile(95), Some(19));
        assert_eq!(durations.longest(), Some(20));
    }

    #[test]
    fn many_durations_are_kept_to_a_thousandth() {
        let mut durations = Durations::default();
        (0..1_000_000).for_each(|nth| durations.add(nth * 1_000));
        let bound = MOST_DURATIONS + 1024 * 64;
        assert!(durations.counts.len() < bound, "{}", durations.counts.len());
        let median = durations.percentile(50).unwrap();
        assert!(median.abs_diff(500_000_000) < 600_000, "{median}");
    }
}
