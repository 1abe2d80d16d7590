//! Tells a response that belongs to no request, where one that it should belong to has none.
//!
//! Where a header has no CID, a plain-text response that holds a closing delimiter ends there, and
//! whatever follows in it may pass for records: calls that were never made. The request of such a
//! response has no response then, and not far behind it there is one of the same thread without a
//! request: of the same service, or with the same CID.

use std::collections::{HashMap, VecDeque};
use std::hash::BuildHasher as _;

use foldhash::quality::FixedState;
use serde::{Deserialize, Serialize};

use super::change::At;
use crate::entry::LOOKAHEAD;
use crate::invocation::Invocation;

/// Where a record is in the log of a server: the number of its file, and its offset in it, in bytes.
type Place = (usize, usize);

/// The requests of a server that have no response, up to where its log has been gone through: those
/// that are no farther away than a response may be long that quotes records.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    requests: VecDeque<(Place, InCommon)>,
    /// The latest request with each hash.
    latest: HashMap<u64, (Place, At), foldhash::fast::RandomState>,
}

/// What a response has in common with the request of its thread, as hashes.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct InCommon {
    service: u64,
    cid: u64,
}

impl InCommon {
    pub(super) fn of(call: &Invocation<'_>) -> Self {
        let hashes = FixedState::default();
        let thread = (call.process, call.thread_name());
        Self {
            service: hashes.hash_one((thread, "service", call.service)),
            cid: hashes.hash_one((thread, "cid", call.cid)),
        }
    }

    fn hashes(self) -> [u64; 2] {
        [self.cid, self.service]
    }
}

impl Waiting {
    /// Adds a request that has no response.
    pub(super) fn add(&mut self, request: InCommon, place: Place, at: &At) {
        self.leave_behind(place);
        self.requests.push_back((place, request));
        for hash in request.hashes() {
            self.latest.insert(hash, (place, at.clone()));
        }
    }

    /// Where the request is that a response should belong to which belongs to none.
    pub(super) fn request_of(&mut self, response: &Invocation<'_>, place: Place) -> Option<&At> {
        self.leave_behind(place);
        if self.requests.is_empty() {
            return None;
        }
        let mut hashes = InCommon::of(response).hashes().into_iter();
        let latest = hashes.find_map(|hash| self.latest.get(&hash));
        latest.map(|(_, at)| at)
    }

    /// Forgets what is too far away from here.
    fn leave_behind(&mut self, (file, offset): Place) {
        // A request may be in the file before.
        let is_far = |&((its_file, its_offset), _): &(Place, InCommon)| {
            let distance = if its_file == file {
                offset.saturating_sub(its_offset)
            } else {
                offset
            };
            distance > LOOKAHEAD || its_file + 1 < file
        };
        while self.requests.front().is_some_and(is_far)
            && let Some((place, request)) = self.requests.pop_front()
        {
            for hash in request.hashes() {
                if self
                    .latest
                    .get(&hash)
                    .is_some_and(|(latest, _)| *latest == place)
                {
                    self.latest.remove(&hash);
                }
            }
        }
    }
}
