//! What differs between two sets of calls: services that came or went, and fields of their
//! requests and responses.

use std::collections::BTreeMap;

use super::differences::{Difference, differences};
use super::gathering::Service;
use crate::entry::Direction;

/// What differs between two sets of calls.
#[derive(Clone, Debug, Default)]
pub struct Drift {
    /// Services that were called in the new set only, with how often.
    pub came: Vec<(String, u64)>,
    /// Services that were called in the old set only, with how often.
    pub went: Vec<(String, u64)>,
    /// Services that were called in both and whose shapes differ.
    pub changed: Vec<ServiceDrift>,
}

/// What differs between the old calls of a service and the new ones.
#[derive(Clone, Debug)]
pub struct ServiceDrift {
    /// The service's name.
    pub service: String,
    /// How many old and new payloads of each side were compared: requests, then responses.
    pub compared: [(u64, u64); 2],
    /// What differs: requests first.
    pub differences: Vec<(Direction, Difference)>,
}

/// Compares two sets of services, which must have been gathered with their schemas.
#[must_use]
pub fn drift(old: Vec<Service>, new: Vec<Service>) -> Drift {
    let mut drift = Drift::default();
    let by_name = new
        .into_iter()
        .map(|service| (service.name.clone(), service));
    let mut new: BTreeMap<String, Service> = by_name.collect();
    for old in old {
        let Some(new) = new.remove(&old.name) else {
            drift.went.push((old.name, old.calls));
            continue;
        };
        let sides = [
            (Direction::Request, &old.request, &new.request),
            (Direction::Response, &old.response, &new.response),
        ];
        let found = sides.iter().flat_map(|(side, old, new)| {
            let found = differences(old, new).into_iter();
            found.map(|difference| (*side, difference))
        });
        let found: Vec<_> = found.collect();
        if !found.is_empty() {
            drift.changed.push(ServiceDrift {
                service: old.name,
                compared: sides.map(|(_, old, new)| (old.count, new.count)),
                differences: found,
            });
        }
    }
    let came = new
        .into_values()
        .map(|service| (service.name, service.calls));
    drift.came = came.collect();
    drift
}

impl Drift {
    /// Whether nothing differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.came.is_empty() && self.went.is_empty() && self.changed.is_empty()
    }
}
