//! Finds invocations while logs are read.

use std::collections::HashMap;

use jiff::civil::DateTime;
use rayon::prelude::*;

use super::Query;
use super::facts::{Facts, Line};
use super::matcher::{Matcher, Scratch};
use super::order::{Group, Grouping, Page, Rank, SortBy, sort_groups, value_keys};
use super::path::Path;
use crate::entry::{Direction, Hints};
use crate::invocation::Invocation;
use crate::view::{LineWriter, PerThread, View};

/// How many invocations a thread looks at, at a time.
const SHARE: usize = 64;

/// Looks through invocations on all threads.
#[derive(Debug)]
pub struct Scan<'v> {
    matcher: Matcher,
    threads: PerThread<(LineWriter<'v>, Scratch)>,
}

impl<'v> Scan<'v> {
    /// Looks for what `query` means, in invocations as `view` shows them. `now` is asked for the
    /// time of the servers' clocks if the query is relative to it.
    #[must_use]
    pub fn new(query: &Query, now: impl Fn() -> DateTime, view: &'v View) -> Self {
        Self {
            matcher: Matcher::new(query, now),
            threads: PerThread::new(|| (LineWriter::new(view), Scratch::default())),
        }
    }

    /// The query.
    #[must_use]
    pub fn matcher(&self) -> &Matcher {
        &self.matcher
    }

    /// Tells what of that which the query asks for may stand in bytes of a log.
    #[must_use]
    pub fn hints(&self, bytes: &[u8]) -> Hints {
        self.matcher.hints(bytes)
    }

    /// Returns those that the query means, in their order.
    #[must_use]
    pub fn hits<'b, 'a>(&self, invocations: &'b [Invocation<'a>]) -> Vec<&'b Invocation<'a>> {
        let shares: Vec<Vec<&Invocation<'a>>> = invocations
            .par_chunks(SHARE)
            .map(|share| {
                self.threads.with(|(writer, scratch)| {
                    let fits = |invocation: &&Invocation<'a>| {
                        self.matcher.fits(invocation, writer, scratch)
                    };
                    share.iter().filter(fits).collect()
                })
            })
            .collect();
        shares.concat()
    }

    /// Returns the lines of invocations, without their newlines.
    #[must_use]
    pub fn lines(&self, invocations: &[&Invocation<'_>]) -> Vec<String> {
        let line = |invocation: &&Invocation<'_>| {
            self.threads.with(|(writer, _)| {
                let mut line = Vec::new();
                writer.write(invocation, &mut line);
                line.truncate(line.trim_ascii_end().len());
                String::from_utf8(line).expect("JSON is UTF-8")
            })
        };
        invocations.par_iter().map(line).collect()
    }

    /// Returns the groups of each of these invocations by the values where a path ends.
    fn value_keys(&self, path: &Path, invocations: &[&Invocation<'_>]) -> Vec<Vec<Option<String>>> {
        let keys = |invocation: &&Invocation<'_>| {
            let side = match path.side {
                Direction::Request => invocation.request.as_ref(),
                Direction::Response => invocation.response.as_ref(),
            };
            self.threads.with(|(writer, _)| {
                let mut json = Vec::new();
                if let Some(side) = side {
                    writer.write_payload(&side.payload, path.side, &mut json);
                }
                value_keys(path, std::str::from_utf8(&json).ok())
            })
        };
        invocations.par_iter().map(keys).collect()
    }
}

/// The first of all hits, in some order, as lines of JSON.
#[derive(Debug)]
pub struct Best {
    page: Page,
    total: usize,
    first: Vec<(Rank, String)>,
}

impl Best {
    /// Starts without any.
    #[must_use]
    pub fn new(page: Page) -> Self {
        Self {
            page,
            total: 0,
            first: Vec::new(),
        }
    }

    /// Takes more hits.
    pub fn take(&mut self, scan: &Scan<'_>, hits: &[&Invocation<'_>]) {
        self.total += hits.len();
        let wanted = self.page.offset.saturating_add(self.page.limit);
        if wanted == 0 || self.page.limit == 0 {
            return;
        }
        let mut hits = hits.to_vec();
        let sort_by = self.page.sort_by;
        if sort_by.by != SortBy::Score && hits.len() > wanted {
            // Most of many hits are no longer among the first when all are known: only those that
            // may be are written. What is equal but for the ID may be.
            let rank = |hit: &&Invocation<'_>| sort_by.rank_without_id(&Facts::of(hit));
            hits.sort_by_cached_key(rank);
            let last = rank(&hits[wanted - 1]);
            hits.retain(|hit| rank(hit) <= last);
        }
        let ranked = scan.lines(&hits).into_iter().map(|line| {
            let read = Line::read(&line).expect("it has just been written");
            (sort_by.rank(&read, &scan.matcher), line)
        });
        self.first.extend(ranked);
        if self.first.len() / 2 > wanted {
            self.first.sort_unstable();
            self.first.truncate(wanted);
        }
    }

    /// Returns how many hits there were, and the lines of those that were asked for.
    #[must_use]
    pub fn finish(mut self) -> (usize, Vec<String>) {
        self.first.sort_unstable();
        let page = self.first.into_iter().skip(self.page.offset);
        let lines = page.take(self.page.limit).map(|(_, line)| line);
        (self.total, lines.collect())
    }
}

/// How many hits there are of each group.
#[derive(Debug)]
pub struct Groups {
    by: Grouping,
    counts: HashMap<Option<String>, u64>,
}

impl Groups {
    /// Starts without any.
    #[must_use]
    pub fn new(by: Grouping) -> Self {
        Self {
            by,
            counts: HashMap::new(),
        }
    }

    /// Counts more hits.
    pub fn take(&mut self, scan: &Scan<'_>, hits: &[&Invocation<'_>]) {
        match &self.by {
            Grouping::Fact(by) => {
                for hit in hits {
                    let facts = Facts::of(hit);
                    let key = by.key(&facts).map(std::borrow::Cow::into_owned);
                    *self.counts.entry(key).or_default() += 1;
                }
            }
            Grouping::Value(path) => {
                for key in scan.value_keys(path, hits).into_iter().flatten() {
                    *self.counts.entry(key).or_default() += 1;
                }
            }
        }
    }

    /// Returns the groups in the order in which they are shown.
    #[must_use]
    pub fn finish(self) -> Vec<Group> {
        let mut groups: Vec<Group> = self.counts.into_iter().collect();
        sort_groups(&self.by, &mut groups);
        groups
    }
}
