//! Chains of calls that people really make: one lists or makes a thing, and those after it use what
//! came back.
//!
//! Calls belong together if a value that names a thing flows from a response into a request that
//! follows it; `flow` tells which values do. The log does not say who called. In the place of the
//! client stand what it does tell:
//!
//! * the server, and that the response had come before the request was sent, [`WINDOW_MS`] at the
//!   most;
//! * that no other service made the call, which would be under the same CID;
//! * how the call came in, where the log tells: through the REST API of 3.2 and 3.3 or not, and from
//!   which of the origins that the CIDs of 4.1 name. Processes and threads tell nothing: they serve
//!   any client.
//!
//! A value that was sent before any response had it was known already, and flows from nowhere. Where
//! several calls have returned a value, the last one counts: the client has just seen it there.
//!
//! A chain is what used the values of the same item of the same response, each service once, with
//! all that went before. One that goes on is counted as the longer one only.
//!
//! Memory does not grow with calls. What was returned is remembered for [`WINDOW_MS`], of
//! [`MAX_RECENT`] calls and [`MAX_RETURNED`] values at the most; a chain has at most [`MAX_USES`]
//! and [`DEEPEST`] links, and requests of [`MAX_REQUEST`] bytes; [`MAX_RECIPES`] different chains
//! are counted, those with the least hashes, which is a fair sample.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::rc::Rc;

use foldhash::fast::FixedState;
use rayon::prelude::*;
use serde_json::{Value, json};
use xxhash_rust::xxh3::xxh3_64;

use super::candidate::LONGEST_PAYLOAD;
use super::envelope::Envelope;
use super::flow::{Named, is_deeper, may_flow, named_values, object};
use super::invokers::is_invoker;
use super::recipe::{Flow, Link, Recipe, recipe, signature};
use crate::entry::Direction;
use crate::invocation::{Invocation, Rest, Side, is_cid_with_time};
use crate::view::View;

/// Between what is returned and what uses it, at the most, in milliseconds.
const WINDOW_MS: i64 = 15 * 60 * 1000;

/// So many calls may have returned a value that is used later.
const MAX_RECENT: usize = 2_000;

/// So many values that they returned are remembered, of all calls together.
const MAX_RETURNED: usize = 50_000;

/// So many values are remembered that were sent before they were returned.
const MAX_OWN: usize = 50_000;

/// When there are so many, those that are too old are forgotten once in so many milliseconds of the log:
/// each time takes a look at all of them.
const OWN_STEP_MS: u64 = 60 * 1000;

/// So many different chains are counted.
const MAX_RECIPES: usize = 2_048;

/// So many services use what one call has returned, at the most.
const MAX_USES: usize = 5;

/// So many calls of a chain each use what the one before has returned, at the most.
const DEEPEST: usize = 6;

/// The most bytes of a request, as JSON. A longer one uploads something.
const MAX_REQUEST: usize = 1 << 14;

/// A request that is nested deeper is no step of a chain.
const MAX_NESTING: usize = 20;

/// Finds chains in the calls of servers, one server after the other.
#[derive(Debug)]
pub struct Recipes<'v> {
    view: &'v View,
    /// Calls that returned something that may be used, the oldest first.
    recent: VecDeque<Rc<Call>>,
    next: u64,
    /// How many values the recent calls have returned.
    values: usize,
    /// Which recent calls returned a value, by its text: the numbers of the calls, and of the value.
    returned: HashMap<String, VecDeque<(u64, usize)>, FixedState>,
    /// When a value was sent last that was sent before it was returned, by its hash.
    own: HashMap<u64, i64, FixedState>,
    /// Up to which time such values were forgotten last.
    own_since: Option<i64>,
    /// Chains that may go on: what used the values of a dict, by its call and its number.
    open: BTreeMap<(u64, usize), Vec<Rc<Call>>>,
    seen: BTreeMap<u64, Recipe>,
}

/// What is kept of a call.
#[derive(Debug)]
struct Call {
    number: u64,
    service: String,
    origin: Origin,
    request: Value,
    returned: Vec<Named>,
    finished: i64,
    takes: Vec<Taken>,
    /// How many links lead to it.
    depth: usize,
    /// Whether it was asked for.
    is_wanted: bool,
}

/// How a call came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Origin {
    is_rest: bool,
    /// The last letter of a CID of 4.1.
    letter: Option<u8>,
}

/// What a call has taken of another one.
#[derive(Debug)]
struct Taken {
    value: Named,
    of: Rc<Call>,
    /// The number of the value among those that were returned.
    given: usize,
}

/// A call's payloads, read.
struct Read {
    request: Value,
    inputs: Vec<Named>,
    returned: Vec<Named>,
    started: i64,
    finished: i64,
}

impl<'v> Recipes<'v> {
    /// Starts without any.
    #[must_use]
    pub fn new(view: &'v View) -> Self {
        Self {
            view,
            recent: VecDeque::new(),
            next: 0,
            values: 0,
            returned: HashMap::default(),
            own: HashMap::default(),
            own_since: None,
            open: BTreeMap::new(),
            seen: BTreeMap::new(),
        }
    }

    /// Looks at more calls, in the order in which they were answered, each with whether it was asked
    /// for: a chain counts if one of its calls was.
    pub fn take(&mut self, invocations: &[(&Invocation<'_>, bool)]) {
        let view = self.view;
        let of_clients: Vec<&(&Invocation<'_>, bool)> = invocations
            .iter()
            .filter(|(invocation, _)| is_of_client(invocation))
            .collect();
        let read: Vec<Option<Read>> = of_clients
            .par_iter()
            .map(|(invocation, _)| read(invocation, view))
            .collect();
        for ((invocation, is_wanted), read) in of_clients.into_iter().zip(read) {
            if let Some(read) = read {
                self.add(invocation, *is_wanted, read);
            }
        }
    }

    /// Ends what is read of a server: nothing flows from one to the next.
    pub fn end_server(&mut self) {
        self.forget_before(i64::MAX);
        self.own.clear();
        self.own_since = None;
    }

    /// Returns the chains: those that were seen most often first, of these the longest.
    #[must_use]
    pub fn finish(mut self) -> Vec<Recipe> {
        self.end_server();
        let mut recipes: Vec<(u64, Recipe)> = self.seen.into_iter().collect();
        recipes.sort_by(|(hash, one), (other_hash, other)| {
            let rank = |recipe: &Recipe| Reverse((recipe.count, recipe.steps.len()));
            (rank(one).cmp(&rank(other)))
                .then_with(|| services(one).cmp(services(other)))
                .then_with(|| hash.cmp(other_hash))
        });
        recipes.into_iter().map(|(_, recipe)| recipe).collect()
    }

    fn add(&mut self, invocation: &Invocation<'_>, is_wanted: bool, read: Read) {
        let Read {
            request,
            inputs,
            mut returned,
            started,
            finished,
        } = read;
        self.forget_before(finished - WINDOW_MS);
        let service = invocation.service;
        let origin = Origin::of(invocation);
        // What only comes back as it was sent was not made here.
        let sent: HashSet<&str> = inputs.iter().map(|input| input.text.as_str()).collect();
        returned.retain(|named| !sent.contains(named.text.as_str()));
        let mut takes: Vec<Taken> = Vec::new();
        for input in inputs {
            let taken = self.producer(service, origin, &input, started);
            let own = own_value(service, origin, &input);
            let is_own = (self.own.get(&own)).is_some_and(|sent| started - sent <= WINDOW_MS);
            match taken {
                Some((of, given)) if !is_own => takes.push(Taken {
                    value: input,
                    of,
                    given,
                }),
                _ if self.own.len() < MAX_OWN => drop(self.own.insert(own, finished)),
                _ => {}
            }
        }
        drop_what_tells(&mut takes);
        let depths = takes.iter().map(|taken| taken.of.depth + 1);
        let depth = depths.max().unwrap_or_default();
        let call = Rc::new(Call {
            number: self.next,
            service: service.to_owned(),
            origin,
            request,
            returned,
            finished,
            takes,
            depth,
            is_wanted,
        });
        self.next += 1;
        let last = call.takes.iter().map(|taken| {
            let dict = taken.of.returned[taken.given].dict;
            (taken.of.number, dict)
        });
        if let Some(last) = last.max() {
            let uses = self.open.entry(last).or_default();
            let is_repeated = uses.iter().any(|used| used.service == call.service);
            if uses.len() < MAX_USES && !is_repeated {
                uses.push(Rc::clone(&call));
            }
        }
        self.remember(call);
    }

    /// The call that was the last to return what `input` is, and the number of the value.
    fn producer(
        &self,
        consumer: &str,
        origin: Origin,
        input: &Named,
        started: i64,
    ) -> Option<(Rc<Call>, usize)> {
        let places = self.returned.get(&input.text)?;
        let first = self.recent.front()?.number;
        places.iter().rev().find_map(|&(number, value)| {
            let nth = usize::try_from(number.checked_sub(first)?).ok()?;
            let call = self.recent.get(nth)?;
            let fits = call.finished <= started
                && call.origin == origin
                && call.depth < DEEPEST
                && may_flow(&call.service, &call.returned[value], consumer, input);
            fits.then(|| (Rc::clone(call), value))
        })
    }

    fn remember(&mut self, call: Rc<Call>) {
        self.values += call.returned.len();
        for (nth, named) in call.returned.iter().enumerate() {
            let place = (call.number, nth);
            if let Some(places) = self.returned.get_mut(&named.text) {
                places.push_back(place);
            } else {
                let places = VecDeque::from([place]);
                self.returned.insert(named.text.clone(), places);
            }
        }
        self.recent.push_back(call);
        while self.recent.len() > MAX_RECENT || self.values > MAX_RETURNED {
            self.forget_oldest();
        }
    }

    fn forget_before(&mut self, time: i64) {
        while self.recent.front().is_some_and(|call| call.finished < time) {
            self.forget_oldest();
        }
        let is_due = |since: i64| time.abs_diff(since) >= OWN_STEP_MS;
        if self.own.len() >= MAX_OWN && self.own_since.is_none_or(is_due) {
            self.own.retain(|_, sent| *sent >= time);
            self.own_since = Some(time);
        }
    }

    fn forget_oldest(&mut self) {
        let Some(call) = self.recent.pop_front() else {
            return;
        };
        self.values -= call.returned.len();
        for named in &call.returned {
            // The oldest call is the first of all that have returned this.
            if let Some(places) = self.returned.get_mut(&named.text) {
                places.pop_front();
                if places.is_empty() {
                    self.returned.remove(&named.text);
                }
            }
        }
        let of_call = self
            .open
            .range((call.number, 0)..=(call.number, usize::MAX));
        let dicts: Vec<(u64, usize)> = of_call.map(|(dict, _)| *dict).collect();
        for dict in dicts {
            if let Some(uses) = self.open.remove(&dict)
                && !self.goes_on(&uses)
            {
                self.count(&uses);
            }
        }
    }

    /// Whether what used a value has returned another one that was used.
    fn goes_on(&self, uses: &[Rc<Call>]) -> bool {
        let [only] = uses else {
            return false;
        };
        let number = only.number;
        let mut of_call = self.open.range((number, 0)..=(number, usize::MAX));
        of_call.next().is_some()
    }

    /// Counts a chain of calls that used what the same call has returned.
    fn count(&mut self, uses: &[Rc<Call>]) {
        let mut links = BTreeMap::new();
        let mut is_wanted = false;
        for call in uses {
            add_links(call, &mut links, &mut is_wanted);
        }
        if !is_wanted {
            return;
        }
        let recipe = recipe(&links);
        let hash = xxh3_64(signature(&recipe).as_bytes());
        match self.seen.get_mut(&hash) {
            Some(known) => {
                let count = known.count + 1;
                if size(&recipe) < size(known) {
                    *known = recipe;
                }
                known.count = count;
            }
            None => drop(self.seen.insert(hash, recipe)),
        }
        if self.seen.len() > MAX_RECIPES {
            self.seen.pop_last();
        }
    }
}

/// Adds a call, and those that returned what it uses.
fn add_links<'c>(call: &'c Call, links: &mut BTreeMap<u64, Link<'c>>, is_wanted: &mut bool) {
    if links.contains_key(&call.number) {
        return;
    }
    *is_wanted |= call.is_wanted;
    let takes = call.takes.iter().map(|taken| Flow {
        from: taken.of.number,
        given: &taken.of.returned[taken.given],
        taken: &taken.value,
    });
    let link = Link {
        service: &call.service,
        request: &call.request,
        takes: takes.collect(),
    };
    links.insert(call.number, link);
    for taken in &call.takes {
        add_links(&taken.of, links, is_wanted);
    }
}

/// What tells an item from others is how it is found, and stays as it was.
fn drop_what_tells(takes: &mut Vec<Taken>) {
    let found_by: HashSet<(u64, usize, String)> = takes
        .iter()
        .filter_map(|taken| {
            let given = &taken.of.returned[taken.given];
            let (key, _) = given.beside.as_ref()?;
            let is_name = given.key() == "name";
            (!is_name).then(|| (taken.of.number, given.dict, key.clone()))
        })
        .collect();
    takes.retain(|taken| {
        let given = &taken.of.returned[taken.given];
        let of = (taken.of.number, given.dict, given.key().to_owned());
        !found_by.contains(&of)
    });
}

impl Origin {
    fn of(invocation: &Invocation<'_>) -> Self {
        let cid = invocation.cid.filter(|cid| is_cid_with_time(cid));
        Self {
            is_rest: matches!(invocation.rest, Some(Rest::Call)),
            letter: cid.and_then(|cid| cid.bytes().last()),
        }
    }
}

/// Whether a client made this call, and no other service that is none of those that only call the
/// one that was asked for.
fn is_of_client(invocation: &Invocation<'_>) -> bool {
    if invocation.is_rest_wrapper() {
        return false;
    }
    match &invocation.parent {
        None => true,
        Some(parent) => {
            matches!(invocation.rest, Some(Rest::Call)) || parent.service().is_some_and(is_invoker)
        }
    }
}

fn read(invocation: &Invocation<'_>, view: &View) -> Option<Read> {
    let is_whole = |side: &Side<'_>| {
        !side.is_ambiguous && !side.payload.is_cut_off && side.payload.text.len() <= LONGEST_PAYLOAD
    };
    let response = invocation.response.as_ref().filter(|side| is_whole(side))?;
    let finished = response.asctime?.millis();
    let (request, started) = match &invocation.request {
        Some(side) if is_whole(side) => {
            let (request, undecoded) = view.payload(&side.payload, Direction::Request);
            let fits = undecoded.is_none()
                && !is_deeper(&request, MAX_NESTING)
                && request.to_string().len() <= MAX_REQUEST;
            (Some(request).filter(|_| fits)?, side.asctime?.millis())
        }
        // Zato 4.1 logs no request where it has nothing in it.
        None if invocation.cid.is_some_and(is_cid_with_time) => (json!({}), finished),
        Some(_) | None => return None,
    };
    let (response, _) = view.payload(&response.payload, Direction::Response);
    let envelope = Envelope::of(invocation.service, invocation.cid);
    Some(Read {
        inputs: named_values(&request),
        returned: named_values(envelope.content(&response)),
        request,
        started,
        finished,
    })
}

/// What is known of a value that was sent: which thing it names, and the thing's kind.
fn own_value(service: &str, origin: Origin, input: &Named) -> u64 {
    let (key, text) = (input.key(), &input.text);
    let object = if matches!(key, "id" | "name") {
        object(service)
    } else {
        ""
    };
    let Origin { is_rest, letter } = origin;
    let letter = letter.unwrap_or_default();
    xxh3_64(format!("{object}\0{key}\0{text}\0{is_rest}{letter}").as_bytes())
}

/// Of chains of the same kind the one is shown whose requests are the shortest.
fn size(recipe: &Recipe) -> (usize, Vec<String>) {
    let requests = recipe.steps.iter().map(|step| step.request.to_string());
    let requests: Vec<String> = requests.collect();
    (requests.iter().map(String::len).sum(), requests)
}

fn services(recipe: &Recipe) -> impl Iterator<Item = &str> {
    recipe.steps.iter().map(|step| step.service.as_str())
}
