//! Tells a response that belongs to no request, where another one of its thread should be answered.
//!
//! Where a header has no CID, a plain-text response that holds a closing delimiter ends there, and
//! whatever follows in it may pass for records: calls that were never made. The request of such a
//! response has no response then, and behind it there is one of the same thread without a request: of
//! the same service, or with the same CID. Or it is answered behind all of them, and one of the same
//! thread and service stands between.

use std::collections::{HashMap, VecDeque};
use std::hash::BuildHasher as _;

use foldhash::quality::FixedState;
use serde::{Deserialize, Serialize};

use super::change::At;
use super::rules::Evidence;
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
    /// Responses that belong to no request: one that is answered later may explain them.
    strays: VecDeque<Stray>,
    /// The latest of them with each hash of a service: what is lost of the calls that an answered one
    /// has made has its CID.
    latest_strays: HashMap<u64, Place, foldhash::fast::RandomState>,
}

/// A response that belongs to no request.
#[derive(Debug)]
pub(super) struct Stray {
    place: Place,
    in_common: InCommon,
    pub(super) service: String,
    pub(super) evidence: Evidence,
    pub(super) is_chosen: bool,
}

impl Stray {
    pub(super) fn new(
        response: &Invocation<'_>,
        place: Place,
        evidence: Evidence,
        is_chosen: bool,
    ) -> Self {
        Self {
            place,
            in_common: InCommon::of(response),
            service: response.service.to_owned(),
            evidence,
            is_chosen,
        }
    }
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

    /// Where the request is that such a response should belong to, and has no response.
    pub(super) fn request_of(&mut self, stray: &Stray) -> Option<&At> {
        self.leave_behind(stray.place);
        let mut hashes = stray.in_common.hashes().into_iter();
        let latest = hashes.find_map(|hash| self.latest.get(&hash));
        latest.map(|(_, at)| at)
    }

    /// Keeps a response for which none is known.
    pub(super) fn keep(&mut self, stray: Stray) {
        self.latest_strays
            .insert(stray.in_common.service, stray.place);
        self.strays.push_back(stray);
    }

    /// Whether there is any response without a request.
    pub(super) fn has_strays(&self) -> bool {
        !self.strays.is_empty()
    }

    /// The latest of the responses without a request that stands between both records of an answered
    /// call of the same thread and service.
    pub(super) fn stray_within(
        &mut self,
        call: &Invocation<'_>,
        request: Place,
        response: Place,
    ) -> Option<Stray> {
        self.leave_behind(response);
        let place = self.latest_strays.get(&InCommon::of(call).service);
        let place = *place.filter(|place| **place > request)?;
        let number = self
            .strays
            .binary_search_by_key(&place, |stray| stray.place);
        let stray = self.strays.remove(number.ok()?)?;
        self.forget_stray(&stray);
        Some(stray)
    }

    fn forget_stray(&mut self, stray: &Stray) {
        let service = stray.in_common.service;
        if self.latest_strays.get(&service) == Some(&stray.place) {
            self.latest_strays.remove(&service);
        }
    }

    /// Forgets what is too far away from here.
    fn leave_behind(&mut self, (file, offset): Place) {
        // A record may be in the file before.
        let is_far = |(its_file, its_offset): Place| {
            let distance = if its_file == file {
                offset.saturating_sub(its_offset)
            } else {
                offset
            };
            distance > LOOKAHEAD || its_file + 1 < file
        };
        while let Some(&(place, request)) =
            self.requests.front().filter(|(place, _)| is_far(*place))
        {
            self.requests.pop_front();
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
        while self.strays.front().is_some_and(|stray| is_far(stray.place))
            && let Some(stray) = self.strays.pop_front()
        {
            self.forget_stray(&stray);
        }
    }
}
