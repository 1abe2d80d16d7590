//! Which services each caller used, so that it can be allowed these and no others.

use std::collections::BTreeMap;

use serde::Serialize;

use super::actor::{Actor, Origin};

/// A caller with the services that it used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Caller {
    /// The way by which its calls came.
    pub origin: Origin,
    /// The address they came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote: Option<String>,
    /// The channel they came through.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// The service that made them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// The services, with how many calls of each.
    pub services: BTreeMap<String, u64>,
}

/// How many callers are told apart. The calls of all others are counted as those of one.
const MOST_CALLERS: usize = 10_000;

/// How many pairs of caller and service are counted.
const MOST_PAIRS: usize = 1_000_000;

type Key = (Origin, Option<String>, Option<String>, Option<String>);

/// Callers, as they are counted.
#[derive(Debug, Default)]
pub(super) struct Callers {
    callers: BTreeMap<Key, BTreeMap<String, u64>>,
    pairs: usize,
}

impl Callers {
    pub(super) fn add(&mut self, actor: &Actor<'_>, service: &str) {
        let owned =
            |text: &Option<std::borrow::Cow<'_, str>>| text.as_deref().map(ToOwned::to_owned);
        let mut key: Key = (
            actor.origin,
            owned(&actor.remote),
            owned(&actor.channel),
            owned(&actor.parent),
        );
        if self.callers.len() >= MOST_CALLERS && !self.callers.contains_key(&key) {
            key = Key::default();
        }
        let services = self.callers.entry(key).or_default();
        match services.get_mut(service) {
            Some(calls) => *calls += 1,
            None if self.pairs < MOST_PAIRS => {
                self.pairs += 1;
                services.insert(service.to_owned(), 1);
            }
            None => {}
        }
    }

    pub(super) fn finish(self) -> Vec<Caller> {
        let callers = self.callers.into_iter();
        let caller = |((origin, remote, channel, parent), services)| Caller {
            origin,
            remote,
            channel,
            parent,
            services,
        };
        callers.map(caller).collect()
    }
}
