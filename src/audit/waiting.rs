//! Tells a response that belongs to no request, while a request that it should belong to waits on.
//!
//! Where a header has no CID, a plain-text response that holds a closing delimiter ends there, and
//! whatever follows in it may pass for records: calls that were never made. The request of such a
//! response waits on, though a thread does nothing else meanwhile, and a response of its service, or
//! one with its CID, is there without a request.

use std::collections::HashMap;
use std::hash::BuildHasher as _;

use foldhash::quality::FixedState;
use serde::{Deserialize, Serialize};

use super::change::At;
use crate::invocation::Invocation;

/// How many requests are remembered.
const MOST_REQUESTS: usize = 10_000;

/// The requests of a server that have no response, up to where its log has been gone through.
#[derive(Debug, Default)]
pub(super) struct Waiting(HashMap<u64, At, foldhash::fast::RandomState>);

/// What a response has in common with the request of its thread.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct InCommon {
    service: u64,
    cid: u64,
}

impl InCommon {
    pub(super) fn of(call: &Invocation<'_>) -> Self {
        let hash = |what: &str| {
            let thread = (call.process, call.thread_name());
            FixedState::default().hash_one((thread, what))
        };
        Self {
            service: hash(call.service),
            // No service has a name like that.
            cid: hash(&format!("cid:{}", call.cid.unwrap_or_default())),
        }
    }
}

impl Waiting {
    /// Adds a request that has no response.
    pub(super) fn add(&mut self, request: InCommon, at: &At) {
        for key in [request.service, request.cid] {
            if self.0.len() < MOST_REQUESTS {
                self.0.entry(key).or_insert_with(|| at.clone());
            }
        }
    }

    /// Where the request is that a response should belong to which belongs to none.
    pub(super) fn request_of(&self, response: &Invocation<'_>) -> Option<&At> {
        if self.0.is_empty() {
            return None;
        }
        let InCommon { service, cid } = InCommon::of(response);
        self.0.get(&cid).or_else(|| self.0.get(&service))
    }
}
