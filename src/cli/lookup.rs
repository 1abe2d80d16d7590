//! Finds the calls that an ID, a CID, or the start of either stands for: in logs or in the index.

use anyhow::{Result, bail};
use jiff::civil::DateTime;
use rayon::prelude::*;

use super::call::Call;
use super::kept_calls::KeptCalls;
use super::logs::ReadingArgs;
use super::open_set::OpenSet;
use super::output::printable_line;
use crate::invocation::{Batch, Invocation};
use crate::query::{Order, Page, Query, SortBy};
use crate::search::{Hits, Index};
use crate::view::{LineWriter, View};

/// The shortest start of an ID that is taken for one, in digits.
pub(super) const SHORTEST_ID: usize = 4;

/// How many digits an ID has.
const LENGTH_OF_ID: usize = 16;

/// How many calls or call trees are named when a text may stand for several.
const MOST_NAMED: usize = 5;

/// What a user asks for.
#[derive(Debug)]
pub(super) struct Wanted<'t> {
    text: &'t str,
    /// The text as an ID, or the start of one, if it can be that.
    id: Option<String>,
}

/// What that stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// One call, with what it invoked.
    Call {
        id: String,
        service: String,
        cid: Option<String>,
    },
    /// All calls with this CID.
    Tree(String),
}

/// All that a text may stand for.
#[derive(Debug, Default)]
struct Candidates {
    /// What is named in full.
    exact: Vec<Target>,
    /// What starts like this.
    partial: Vec<Target>,
    /// Whether more things start like this.
    has_more: bool,
}

/// The calls that were asked for.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) target: Target,
    /// These calls, and maybe others of the same CID.
    pub(super) calls: KeptCalls,
}

impl<'t> Wanted<'t> {
    pub(super) fn new(text: &'t str) -> Result<Self> {
        if text.trim().is_empty() {
            bail!("ID `{text}`: give the ID of a call, or a CID, or the start of either");
        }
        let can_be_id = (SHORTEST_ID..=LENGTH_OF_ID).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        Ok(Self {
            text,
            id: can_be_id.then(|| text.to_ascii_lowercase()),
        })
    }

    /// Whether the text is an ID in full.
    fn is_whole_id(&self) -> bool {
        self.id.as_ref().is_some_and(|id| id.len() == LENGTH_OF_ID)
    }

    /// What a call has to do with it: a target, and whether it is named in full.
    fn matches(&self, call: &Invocation<'_>) -> Vec<(Target, bool)> {
        let mut matches = Vec::new();
        if let Some(start) = &self.id {
            let id = call.identity.id().to_string();
            if id.starts_with(start) {
                let is_exact = id.len() == start.len();
                let target = Target::Call {
                    id,
                    service: call.service.to_owned(),
                    cid: call.cid.map(str::to_owned),
                };
                matches.push((target, is_exact));
            }
        }
        if let Some(cid) = call.cid.filter(|cid| cid.starts_with(self.text)) {
            matches.push((Target::Tree(cid.to_owned()), cid.len() == self.text.len()));
        }
        matches
    }
}

impl Target {
    /// Whether a call is in the same call tree.
    fn concerns(&self, call: &Invocation<'_>) -> bool {
        match self {
            Self::Call { cid: Some(cid), .. } | Self::Tree(cid) => call.cid == Some(cid),
            Self::Call { id, cid: None, .. } => call.identity.id().to_string() == *id,
        }
    }

    /// As it is named in a list, on one line.
    fn name(&self) -> String {
        printable_line(&match self {
            Self::Call { id, service, .. } => format!("ID {id}, a call of {service}"),
            Self::Tree(cid) => format!("CID {cid}"),
        })
    }

    fn cid(&self) -> Option<&str> {
        match self {
            Self::Call { cid, .. } => cid.as_deref(),
            Self::Tree(cid) => Some(cid),
        }
    }
}

impl Candidates {
    fn add(&mut self, target: Target, is_exact: bool) {
        let list = if is_exact {
            &mut self.exact
        } else {
            &mut self.partial
        };
        if list.contains(&target) {
            return;
        }
        if list.len() < MOST_NAMED {
            list.push(target);
        } else {
            self.has_more = true;
        }
    }

    /// All of which the calls may be needed.
    fn likely(&self) -> &[Target] {
        if self.exact.is_empty() {
            &self.partial
        } else {
            &self.exact
        }
    }

    /// What the text stands for: what is named in full, an ID before a CID, else what alone starts
    /// like it.
    fn choose(mut self, text: &str) -> Result<Option<Target>> {
        let is_call = |target: &Target| matches!(target, Target::Call { .. });
        if !self.exact.is_empty() {
            let call = self.exact.iter().position(is_call).unwrap_or(0);
            return Ok(Some(self.exact.swap_remove(call)));
        }
        if self.partial.len() > 1 || self.has_more {
            let names = self
                .partial
                .iter()
                .map(|target| format!("\n  {}", target.name()));
            let more = if self.has_more { "\n  and more" } else { "" };
            bail!(
                "`{text}` is the start of several: give more of it{}{more}",
                names.collect::<String>()
            );
        }
        Ok(self.partial.pop())
    }
}

/// Finds calls in logs that are read twice: a call is read before the one that it was made in, so
/// that it takes a second look to know what belongs to it.
#[derive(Debug)]
pub(super) struct LogLookup<'w> {
    wanted: &'w Wanted<'w>,
    candidates: Candidates,
    calls: KeptCalls,
}

impl<'w> LogLookup<'w> {
    pub(super) fn new(wanted: &'w Wanted<'w>) -> Self {
        Self {
            wanted,
            candidates: Candidates::default(),
            calls: KeptCalls::default(),
        }
    }

    /// Looks for what is wanted. Returns whether there is some of it.
    pub(super) fn look(&mut self, batch: &Batch<'_>) -> bool {
        let matches: Vec<(Target, bool)> = batch
            .invocations
            .par_iter()
            .flat_map_iter(|call| self.wanted.matches(call))
            .collect();
        let has_found = !matches.is_empty();
        for (target, is_exact) in matches {
            self.candidates.add(target, is_exact);
        }
        has_found
    }

    /// Takes the calls that belong to what was found, with their records if `with_records`.
    pub(super) fn take(
        &mut self,
        set: &OpenSet<'_>,
        batch: &Batch<'_>,
        view: &View,
        with_records: bool,
    ) -> Result<()> {
        let targets = self.candidates.likely();
        let is_wanted = |call: &&Invocation<'_>| targets.iter().any(|target| target.concerns(call));
        let calls: Vec<&Invocation<'_>> = batch.invocations.par_iter().filter(is_wanted).collect();
        let mut writer = LineWriter::new(view);
        let mut line = Vec::new();
        for invocation in calls {
            line.clear();
            writer.write(invocation, &mut line);
            let sides = [&invocation.request, &invocation.response];
            let sides = sides.into_iter().flatten().filter(|_| with_records);
            self.calls
                .add(&line, sides.map(|side| set.record(side.at)))?;
        }
        Ok(())
    }

    /// What was wanted, if it is there. Fails if it may be several things.
    pub(super) fn found(self) -> Result<Option<Found>> {
        let target = self.candidates.choose(self.wanted.text)?;
        let mut calls = self.calls;
        Ok(target.map(|target| {
            calls
                .heads
                .retain(|head| head.cid.as_deref() == target.cid());
            Found { target, calls }
        }))
    }
}

/// How many calls are looked at to tell what a text may stand for.
const LOOKED_AT: usize = 1_000;

/// Finds calls in the index.
pub(super) fn find_in_index(
    wanted: &Wanted<'_>,
    index: &Index,
    reading: &ReadingArgs,
) -> Result<Option<Found>> {
    let now = reading.now()?;
    let search =
        |query: &str, limit| search(index, &reading.narrowed(query.parse()?)?, &now, limit);
    let mut candidates = Candidates::default();
    if let Some(id) = &wanted.id {
        let pattern = if wanted.is_whole_id() { "" } else { "*" };
        let hits = search(&format!("id:{id}{pattern}"), LOOKED_AT)?;
        for call in calls(&hits)? {
            let target = Target::Call {
                id: call.id().to_owned(),
                service: call.service().to_owned(),
                cid: call.text("cid").map(str::to_owned),
            };
            candidates.add(target, wanted.is_whole_id());
        }
    }
    if search(&exactly_cid(wanted.text), 0)?.total > 0 {
        candidates.add(Target::Tree(wanted.text.to_owned()), true);
    }
    // No CID has a character that means something else in a pattern.
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    if candidates.exact.is_empty() && wanted.text.chars().all(is_plain) {
        let hits = search(&format!("cid:{}*", wanted.text), LOOKED_AT)?;
        let mut cid = String::new();
        for call in calls(&hits)? {
            call.text("cid").unwrap_or_default().clone_into(&mut cid);
            candidates.add(Target::Tree(cid.clone()), false);
        }
        if hits.total > hits.lines.len() {
            let with_last_cid = search(&exactly_cid(&cid), 0)?.total;
            candidates.has_more |= with_last_cid < hits.total;
        }
    }
    let Some(target) = candidates.choose(wanted.text)? else {
        return Ok(None);
    };
    let query = match (&target, target.cid()) {
        (_, Some(cid)) => exactly_cid(cid),
        (Target::Call { id, .. }, None) => format!("id:{id}"),
        (Target::Tree(cid), None) => exactly_cid(cid),
    };
    // All of the tree, whatever was asked for in it.
    let mut calls = KeptCalls::default();
    for line in self::search(index, &query.parse()?, &now, usize::MAX)?.lines {
        calls.add(line.as_bytes(), [])?;
    }
    Ok(Some(Found { target, calls }))
}

/// The query for calls with this CID.
fn exactly_cid(cid: &str) -> String {
    format!("cid:\"{}\"", cid.replace('\\', r"\\").replace('"', "\\\""))
}

fn search(index: &Index, query: &Query, now: &dyn Fn() -> DateTime, limit: usize) -> Result<Hits> {
    let page = Page {
        sort_by: Order::new(SortBy::Started),
        offset: 0,
        limit,
    };
    Ok(index.search(query, now, page)?)
}

fn calls(hits: &Hits) -> Result<Vec<Call>> {
    let call = |line: &String| Call::from_line(line.as_bytes());
    hits.lines.iter().map(call).collect()
}
