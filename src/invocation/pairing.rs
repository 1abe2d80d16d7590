//! Finds the request that a response belongs to, and the call that a call was made in.
//!
//! A response belongs to the latest unanswered request of the same process, CID and service: a
//! stack, since a service may call itself. Without a CID the service alone has to do.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::id::Identity;
use super::{Invocation, Place, REST_WRAPPER, Rest, Side, UtcOffset};
use crate::entry::{Call, Direction, Header, Wording};

/// How many calls are remembered to tell equal records apart.
const REMEMBERED: usize = 1 << 14;

/// The process and the CID of a call tree.
type Tree<'a> = (Option<u32>, Option<&'a str>);

/// The open calls of one server.
#[derive(Debug, Default)]
pub struct Pairing<'a> {
    open: HashMap<(Tree<'a>, &'a str), Vec<Open<'a>>, FixedState>,
    /// For each call tree the calls that are open in it, the outermost first.
    trees: HashMap<Tree<'a>, Vec<Nested<'a>>, FixedState>,
    /// How often each record has been seen of late.
    seen: HashMap<&'a [u8], u32, FixedState>,
    seen_before: HashMap<&'a [u8], u32, FixedState>,
    requests: usize,
}

/// A call that has not been answered.
#[derive(Debug)]
struct Open<'a> {
    invocation: Invocation<'a>,
    /// Its place in its call tree.
    depth: usize,
    /// Its place among all requests.
    nth: usize,
}

#[derive(Debug)]
struct Nested<'a> {
    identity: Identity<'a>,
    utc_offset: Option<UtcOffset>,
    is_rest_wrapper: bool,
    /// The first call that was made in it.
    first_call: Option<Identity<'a>>,
}

impl<'a> Pairing<'a> {
    /// Takes the next record of a call. Returns the invocation that it completes, if it does.
    pub fn take(
        &mut self,
        server: Option<&'a str>,
        header: Option<Header<'a>>,
        call: Call<'a>,
        at: Place<'a>,
        record: &'a [u8],
    ) -> Option<Invocation<'a>> {
        let tree = (header.map(|header| header.process), call.cid);
        let asctime = header.map(|header| header.asctime);
        let side = Side {
            at,
            asctime,
            payload: call.payload,
            is_ambiguous: call.is_ambiguous,
        };
        // A record that breaks off before its CID can't be paired, and needs none to wait for.
        let is_lone = call.cid.is_none() && header.is_some();
        if call.direction == Direction::Response
            && !is_lone
            && let Some(open) = self.answered(tree, call.service)
        {
            return Some(self.complete(tree, open, side));
        }
        let ordinal = self.ordinal(record.trim_ascii_end());
        let mut invocation = Invocation {
            identity: Identity { record, ordinal },
            service: call.service,
            cid: call.cid,
            server,
            process: header.map(|header| header.process),
            thread_name: header.map(|header| header.thread_name),
            request: None,
            response: None,
            parent: None,
            rest: None,
            utc_offset: asctime
                .zip(call.cid)
                .and_then(|(time, cid)| UtcOffset::between(cid, time)),
        };
        match call.direction {
            Direction::Request => {
                invocation.request = Some(side);
                if is_lone {
                    return Some(invocation);
                }
                self.open(tree, invocation);
                None
            }
            Direction::Response => {
                invocation.response = Some(side);
                let parent = self.trees.get(&tree).and_then(|nested| nested.last());
                invocation.parent = parent.map(|parent| parent.identity);
                // A CID tells the offset of the first record that bears it, which this is not.
                invocation.utc_offset = parent.and_then(|parent| parent.utc_offset);
                Some(invocation)
            }
        }
    }

    /// Returns the calls that were never answered, in the order of their requests.
    #[must_use]
    pub fn unanswered(self) -> Vec<Invocation<'a>> {
        let Self { open, trees, .. } = self;
        let mut rest: Vec<(Tree<'a>, Open<'a>)> = open
            .into_iter()
            .flat_map(|((tree, _), stack)| stack.into_iter().map(move |open| (tree, open)))
            .collect();
        rest.sort_unstable_by_key(|(_, open)| open.nth);
        rest.into_iter()
            .map(|(tree, open)| {
                let nested = trees.get(&tree).and_then(|nested| nested.get(open.depth));
                let mut invocation = open.invocation;
                if let Some(nested) = nested.filter(|nested| nested.identity == invocation.identity)
                {
                    invocation.rest = invocation.rest.or(nested.rest());
                }
                invocation
            })
            .collect()
    }

    fn open(&mut self, tree: Tree<'a>, mut invocation: Invocation<'a>) {
        // Without a CID nothing tells which call tree a call belongs to.
        let nested = match tree.1 {
            Some(_) => self.trees.entry(tree).or_default(),
            None => &mut Vec::new(),
        };
        if let Some(parent) = nested.last_mut() {
            invocation.parent = Some(parent.identity);
            invocation.utc_offset = parent.utc_offset.or(invocation.utc_offset);
            if parent.is_rest_wrapper {
                parent.first_call.get_or_insert(invocation.identity);
                invocation.rest = Some(Rest::Call);
            }
        }
        let depth = nested.len();
        nested.push(Nested {
            identity: invocation.identity,
            utc_offset: invocation.utc_offset,
            is_rest_wrapper: invocation.service == REST_WRAPPER,
            first_call: None,
        });
        let nth = self.requests;
        self.requests += 1;
        self.open
            .entry((tree, invocation.service))
            .or_default()
            .push(Open {
                invocation,
                depth,
                nth,
            });
    }

    fn answered(&mut self, tree: Tree<'a>, service: &'a str) -> Option<Open<'a>> {
        let stack = self.open.get_mut(&(tree, service))?;
        let open = stack.pop();
        if stack.is_empty() {
            self.open.remove(&(tree, service));
        }
        open
    }

    fn complete(
        &mut self,
        tree: Tree<'a>,
        open: Open<'a>,
        mut response: Side<'a>,
    ) -> Invocation<'a> {
        let mut invocation = open.invocation;
        if let Some(nested) = self.trees.get_mut(&tree)
            && nested
                .get(open.depth)
                .is_some_and(|nested| nested.identity == invocation.identity)
        {
            invocation.rest = invocation.rest.or(nested[open.depth].rest());
            // What was called in it and has not answered is over with it.
            nested.truncate(open.depth);
            if nested.is_empty() {
                self.trees.remove(&tree);
            }
        }
        let request_wording = invocation.request.map(|request| request.payload.wording);
        if let (Some(Wording::Brackets), Wording::Backticks) =
            (request_wording, response.payload.wording)
        {
            response.payload.wording = Wording::Mixed;
        }
        invocation.response = Some(response);
        invocation
    }

    /// Counts records that are equal byte for byte.
    fn ordinal(&mut self, key: &'a [u8]) -> u32 {
        if self.seen.len() >= REMEMBERED {
            self.seen_before = std::mem::take(&mut self.seen);
        }
        let before = self.seen_before.get(&key).copied();
        let count = self.seen.entry(key).or_insert_with(|| before.unwrap_or(0));
        *count += 1;
        *count - 1
    }
}

impl<'a> Nested<'a> {
    fn rest(&self) -> Option<Rest<'a>> {
        self.first_call.map(Rest::WrapperOf)
    }
}
