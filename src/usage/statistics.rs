//! Counts and measures the calls of each service.

use std::collections::BTreeMap;

use crate::entry::Asctime;
use crate::invocation::{Invocation, Outcome};

/// What the logs hold, service by service.
#[derive(Clone, Debug, Default)]
pub struct Statistics<'a> {
    services: BTreeMap<&'a str, ServiceStatistics<'a>>,
    outcomes: BTreeMap<Outcome, u64>,
    rest_wrappers: u64,
}

/// The calls of one service.
#[derive(Clone, Debug, Default)]
pub struct ServiceStatistics<'a> {
    /// All calls, whatever became of them.
    pub calls: u64,
    /// Calls without a response.
    pub unanswered: u64,
    /// How long the calls took that have a request and a response.
    pub durations: Durations,
    /// Bytes of all its requests and responses, as logged.
    pub bytes: u64,
    /// The first time at which it was seen.
    pub first_seen: Option<Asctime<'a>>,
    /// The last time at which it was seen.
    pub last_seen: Option<Asctime<'a>>,
}

/// How often calls took how many milliseconds: exact, in memory that grows with the number of
/// different durations only.
#[derive(Clone, Debug, Default)]
pub struct Durations {
    counts: BTreeMap<u64, u64>,
    total: u64,
}

impl<'a> Statistics<'a> {
    /// Counts one more invocation.
    pub fn add(&mut self, invocation: &Invocation<'a>) {
        let outcome = invocation.outcome();
        *self.outcomes.entry(outcome).or_default() += 1;
        if invocation.is_rest_wrapper() {
            self.rest_wrappers += 1;
            return;
        }
        let service = self.services.entry(invocation.service).or_default();
        service.calls += 1;
        service.unanswered += u64::from(outcome == Outcome::Unanswered);
        if let Some(duration) = invocation.duration_ms() {
            // A clock that was put back gives no duration.
            service.durations.add(u64::try_from(duration).ok());
        }
        for side in [invocation.request, invocation.response]
            .into_iter()
            .flatten()
        {
            service.bytes += side.payload.text.len() as u64;
            service.first_seen = earlier(service.first_seen, side.asctime);
            service.last_seen = service.last_seen.max(side.asctime);
        }
    }

    /// Returns the services with what is known of each, by name. The REST API's wrapper around
    /// another call is not among the calls of any.
    pub fn services(&self) -> impl Iterator<Item = (&'a str, &ServiceStatistics<'a>)> {
        self.services.iter().map(|(name, service)| (*name, service))
    }

    /// Returns how many invocations ended like this.
    #[must_use]
    pub fn count(&self, outcome: Outcome) -> u64 {
        self.outcomes.get(&outcome).copied().unwrap_or_default()
    }

    /// Returns how many invocations there are.
    #[must_use]
    pub fn invocations(&self) -> u64 {
        self.outcomes.values().sum()
    }

    /// Returns how many invocations are only the REST API's wrapper around another one.
    #[must_use]
    pub fn rest_wrappers(&self) -> u64 {
        self.rest_wrappers
    }

    /// Returns the first and the last time of any call.
    #[must_use]
    pub fn span(&self) -> Option<(Asctime<'a>, Asctime<'a>)> {
        let first = self
            .services
            .values()
            .filter_map(|service| service.first_seen)
            .min()?;
        let last = self
            .services
            .values()
            .filter_map(|service| service.last_seen)
            .max()?;
        Some((first, last))
    }
}

fn earlier<'a>(first: Option<Asctime<'a>>, second: Option<Asctime<'a>>) -> Option<Asctime<'a>> {
    [first, second].into_iter().flatten().min()
}

impl Durations {
    fn add(&mut self, duration_ms: Option<u64>) {
        if let Some(duration_ms) = duration_ms {
            *self.counts.entry(duration_ms).or_default() += 1;
            self.total += 1;
        }
    }

    /// Returns the duration that `percent` of the calls did not exceed, in milliseconds.
    #[must_use]
    pub fn percentile(&self, percent: u64) -> Option<u64> {
        let rank = (self.total * percent).div_ceil(100).max(1);
        let mut passed = 0;
        self.counts.iter().find_map(|(&duration, &count)| {
            passed += count;
            (passed >= rank).then_some(duration)
        })
    }

    /// Returns the longest duration in milliseconds.
    #[must_use]
    pub fn longest(&self) -> Option<u64> {
        self.counts.last_key_value().map(|(&duration, _)| duration)
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
        (1..=20).for_each(|duration| durations.add(Some(duration)));
        assert_eq!(durations.percentile(50), Some(10));
        assert_eq!(durations.percentile(95), Some(19));
        assert_eq!(durations.longest(), Some(20));
    }
}
