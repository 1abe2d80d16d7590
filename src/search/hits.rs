//! Finds invocations in an index.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::sync::PoisonError;

use jiff::civil::DateTime;
use rayon::prelude::*;
use tantivy::columnar::Column;
use tantivy::error::DataCorruption;
use tantivy::query::EnableScoring;
use tantivy::{DocId, ReloadPolicy, Searcher, SegmentMeta, SegmentReader};

use super::compile::compile;
use super::damage::reading;
use super::dictionary::each_text;
use super::document::StoredLine;
use super::error::SearchError;
use super::index::Index;
use super::schema::{
    DURATION, FINISHED, ID, KIND, LONG_NAME, OUTCOME, SERVER, SERVICE, SIZE, STARTED, VERB,
};
use crate::query::{
    AskedNames, Group, GroupBy, Grouping, Line, Matcher, Order, Page, Query, Scratch, SortBy,
    sort_groups,
};

/// What a query found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hits {
    /// How many invocations it fits.
    pub total: usize,
    /// Those that were asked for, as JSON, without a newline.
    pub lines: Vec<String>,
}

/// The documents of a segment that a query means, in the order of the segment.
type Found = Vec<DocId>;

/// What a document is put in order by, as [`Rank`](crate::query::Rank) is: an ID's digits are in
/// the order of its bits.
type Key = (
    Reverse<Option<i64>>,
    Reverse<Option<i64>>,
    Reverse<Option<i64>>,
    u64,
);

/// How many lines one thread looks at, at a time.
const LINES: usize = 256;

/// How many values are taken out of a column at a time.
const BLOCK: usize = 128;

/// How many blocks of lines a thread keeps: it reads them in order.
const BLOCKS: usize = 1;

impl Index {
    /// Finds all invocations that fit `query`, and gives back a page of them. `now` is asked for the
    /// time of the servers' clocks if the query is relative to it. What a writer has committed since
    /// the index was opened is found too.
    pub fn search(
        &self,
        query: &Query,
        now: &dyn Fn() -> DateTime,
        page: Page,
    ) -> Result<Hits, SearchError> {
        let search = || -> tantivy::Result<Hits> {
            let searcher = self.searcher()?;
            let found = self.find(&searcher, query, now)?;
            let total = found.iter().map(Vec::len).sum();
            let most = page.offset.saturating_add(page.limit);
            let segments = searcher.segment_readers().par_iter().zip(&found);
            let matcher = (page.sort_by.by == SortBy::Score).then(|| Matcher::new(query, now));
            let first = segments.enumerate().map(|(nth, (segment, found))| {
                let mut first = match &matcher {
                    Some(matcher) => scored(segment, found, matcher, page.sort_by)?,
                    None => first_of(segment, found, page.sort_by, most)?,
                };
                first.truncate(most);
                Ok(first.into_iter().map(move |(key, id)| (key, nth, id)))
            });
            let first: Vec<_> = first.collect::<tantivy::Result<_>>()?;
            let mut first: Vec<(Key, usize, DocId)> = first.into_iter().flatten().collect();
            first.sort_unstable();
            let page = first.into_iter().take(most).skip(page.offset);
            let mut stores = searcher
                .segment_readers()
                .iter()
                .map(|segment| segment.get_store_reader(BLOCKS))
                .collect::<Result<Vec<_>, _>>()?;
            let lines = page.map(|(_, segment, id)| {
                let StoredLine(line) = stores[segment].get(id)?;
                Ok(line)
            });
            let lines = lines.collect::<tantivy::Result<_>>()?;
            stores.clear();
            Ok(Hits { total, lines })
        };
        reading(&self.directory, search)
    }

    /// Counts the invocations that fit `query` in groups.
    pub fn groups(
        &self,
        query: &Query,
        now: &dyn Fn() -> DateTime,
        by: &Grouping,
    ) -> Result<Vec<Group>, SearchError> {
        let count = || -> tantivy::Result<Vec<Group>> {
            let searcher = self.searcher()?;
            let found = self.find(&searcher, query, now)?;
            let segments = searcher.segment_readers().par_iter().zip(&found);
            let counts = segments.map(|(segment, found)| match by {
                Grouping::Value(_) => count_lines(segment, found, by),
                Grouping::Fact(fact) => match fact {
                    GroupBy::Hour => count_times(segment, found, *fact, 3_600_000),
                    GroupBy::Day => count_times(segment, found, *fact, 86_400_000),
                    GroupBy::Service => count_names(segment, found, by, SERVICE),
                    GroupBy::Verb => count_names(segment, found, by, VERB),
                    GroupBy::Kind => count_names(segment, found, by, KIND),
                    GroupBy::Server => count_names(segment, found, by, SERVER),
                    GroupBy::Outcome => count_names(segment, found, by, OUTCOME),
                },
            });
            let counts: Vec<Vec<Group>> = counts.collect::<tantivy::Result<_>>()?;
            let mut all = BTreeMap::<Option<String>, u64>::new();
            for (group, count) in counts.into_iter().flatten() {
                *all.entry(group).or_default() += count;
            }
            Ok(all.into_iter().collect())
        };
        let mut groups = reading(&self.directory, count)?;
        sort_groups(by, &mut groups);
        Ok(groups)
    }

    /// Learns which services and servers are in the index.
    pub fn learn(&self, names: &mut AskedNames) -> Result<(), SearchError> {
        let look = || -> tantivy::Result<()> {
            let searcher = self.searcher()?;
            each_text(&searcher, self.fields.service, |name| {
                names.learn_service(name)
            })?;
            each_text(&searcher, self.fields.server, |name| {
                names.learn_server(name)
            })
        };
        reading(&self.directory, look)
    }

    /// Finds the documents that fit `query`, segment by segment.
    fn find(
        &self,
        searcher: &Searcher,
        query: &Query,
        now: &dyn Fn() -> DateTime,
    ) -> tantivy::Result<Vec<Found>> {
        let plan = compile(query, now, &self.fields, searcher)?;
        let is_exact = plan.is_exact;
        let weight = plan
            .into_query()
            .weight(EnableScoring::disabled_from_searcher(searcher))?;
        let segments = searcher.segment_readers().par_iter();
        let matcher = (!is_exact).then(|| Matcher::new(query, now));
        let candidates = segments.map(|segment| {
            let mut found = Vec::new();
            weight.for_each_no_score(segment, &mut |ids| match segment.alive_bitset() {
                None => found.extend_from_slice(ids),
                Some(alive) => found.extend(ids.iter().filter(|id| alive.is_alive(**id))),
            })?;
            Ok(found)
        });
        let candidates: Vec<Found> = candidates.collect::<tantivy::Result<_>>()?;
        let Some(matcher) = matcher else {
            return Ok(candidates);
        };
        let segments = searcher.segment_readers().par_iter().zip(&candidates);
        let found = segments.map(|(segment, candidates)| {
            let parts = candidates
                .par_chunks(LINES)
                .map(|ids| fitting(segment, ids, &matcher));
            let parts: Vec<Found> = parts.collect::<tantivy::Result<_>>()?;
            Ok(parts.concat())
        });
        found.collect()
    }

    /// What the last commit holds.
    pub(super) fn searcher(&self) -> tantivy::Result<Searcher> {
        let metas = self.tantivy.load_metas()?;
        let segments = metas.segments.iter();
        let commit = (metas.opstamp, segments.map(SegmentMeta::id).collect());
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, searcher)) = &*latest
            && *known == commit
        {
            return Ok(searcher.clone());
        }
        // To open all segments takes longer than most queries do.
        let reader = self
            .tantivy
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .try_into()?;
        let searcher = reader.searcher();
        *latest = Some((commit, searcher.clone()));
        Ok(searcher)
    }
}

/// Those of some documents whose lines a query means.
fn fitting(segment: &SegmentReader, ids: &[DocId], matcher: &Matcher) -> tantivy::Result<Found> {
    let store = segment.get_store_reader(BLOCKS)?;
    let mut scratch = Scratch::default();
    let mut found = Vec::new();
    for &id in ids {
        let StoredLine(text) = store.get(id)?;
        let line = Line::read(&text).map_err(|_| unreadable())?;
        if matcher.fits_line(&line, &mut scratch) {
            found.push(id);
        }
    }
    Ok(found)
}

pub(super) fn unreadable() -> DataCorruption {
    DataCorruption::comment_only("a line is none that zalog writes")
}

/// The documents that come first, at the least `most` if there are so many, in any order.
fn first_of(
    segment: &SegmentReader,
    found: &Found,
    order: Order,
    most: usize,
) -> tantivy::Result<Vec<(Key, DocId)>> {
    if most == 0 {
        return Ok(Vec::new());
    }
    let columns = segment.fast_fields();
    let (started, finished) = (columns.i64(STARTED)?, columns.i64(FINISHED)?);
    let id = columns.u64(ID)?;
    let measured = match order.by {
        SortBy::Started | SortBy::Score => None,
        SortBy::Duration => Some(columns.u64(DURATION)?),
        SortBy::Size => Some(columns.u64(SIZE)?),
    };
    let measure = |measured: u64| i64::try_from(measured).unwrap_or(i64::MAX);
    let mut first: Vec<(Key, DocId)> = Vec::new();
    let room = most.saturating_mul(2).max(256);
    // Nothing behind this is among the first.
    let mut last = None;
    let mut times = [None; BLOCK];
    let mut measures = [None; BLOCK];
    // The newest, which mostly come first, are the last in the log.
    let blocks: Box<dyn Iterator<Item = &[DocId]>> = if order.is_reversed {
        Box::new(found.chunks(BLOCK))
    } else {
        Box::new(found.rchunks(BLOCK))
    };
    for ids in blocks {
        let (times, measures) = (&mut times[..ids.len()], &mut measures[..ids.len()]);
        times.fill(None);
        started.first_vals(ids, times);
        if let Some(measured) = &measured {
            measures.fill(None);
            measured.first_vals(ids, measures);
        }
        for ((&doc, &mut time), &mut measured) in ids.iter().zip(times).zip(measures) {
            let place = (order.place(measured.map(measure)), order.place(time));
            if last.is_some_and(|last| place > last) {
                continue;
            }
            let (measured, started) = place;
            let finished = order.place(finished.first(doc));
            let id = id.first(doc).unwrap_or_default();
            first.push(((measured, started, finished, id), doc));
            if first.len() == room {
                let ((measured, started, _, _), _) = *first.select_nth_unstable(most - 1).1;
                first.truncate(most);
                last = Some((measured, started));
            }
        }
    }
    first.sort_unstable();
    Ok(first)
}

/// All documents by their scores.
fn scored(
    segment: &SegmentReader,
    found: &Found,
    matcher: &Matcher,
    order: Order,
) -> tantivy::Result<Vec<(Key, DocId)>> {
    let columns = segment.fast_fields();
    let (started, finished) = (columns.i64(STARTED)?, columns.i64(FINISHED)?);
    let id = columns.u64(ID)?;
    let store = segment.get_store_reader(BLOCKS)?;
    let keys = found.iter().map(|&doc| {
        let StoredLine(text) = store.get(doc)?;
        let line = Line::read(&text).map_err(|_| unreadable())?;
        let score = order.place(Some(matcher.score(&line)));
        let (started, finished) = (started.first(doc), finished.first(doc));
        let id = id.first(doc).unwrap_or_default();
        let key = (score, order.place(started), order.place(finished), id);
        Ok((key, doc))
    });
    let mut keys: Vec<(Key, DocId)> = keys.collect::<tantivy::Result<_>>()?;
    keys.sort_unstable();
    Ok(keys)
}

fn count_names(
    segment: &SegmentReader,
    found: &Found,
    by: &Grouping,
    column: &str,
) -> tantivy::Result<Vec<Group>> {
    let Some(names) = segment.fast_fields().str(column)? else {
        return Ok(vec![(None, found.len() as u64)]);
    };
    let mut counts = vec![0_u64; names.num_terms()];
    let mut unknown = 0;
    each_first(names.ords(), found, |name| match name {
        Some(name) => counts[usize::try_from(name).unwrap_or(usize::MAX)] += 1,
        None => unknown += 1,
    });
    let mut groups = Vec::new();
    for (name, count) in (0_u64..).zip(counts) {
        if count == 0 {
            continue;
        }
        let mut text = String::new();
        names.ord_to_str(name, &mut text)?;
        if text == LONG_NAME {
            return count_lines(segment, found, by);
        }
        groups.push((Some(text), count));
    }
    if unknown > 0 {
        groups.push((None, unknown));
    }
    Ok(groups)
}

/// Counts by the lines, where what is counted is not in the index, or too long for it.
fn count_lines(
    segment: &SegmentReader,
    found: &Found,
    by: &Grouping,
) -> tantivy::Result<Vec<Group>> {
    let parts = found.par_chunks(LINES).map(|ids| {
        let store = segment.get_store_reader(BLOCKS)?;
        let mut counts = HashMap::<Option<String>, u64>::new();
        for &id in ids {
            let StoredLine(text) = store.get(id)?;
            let line = Line::read(&text).map_err(|_| unreadable())?;
            for key in by.keys(&line) {
                *counts.entry(key).or_default() += 1;
            }
        }
        Ok(counts)
    });
    let parts: Vec<_> = parts.collect::<tantivy::Result<_>>()?;
    Ok(parts.into_iter().flatten().collect())
}

fn count_times(
    segment: &SegmentReader,
    found: &Found,
    by: GroupBy,
    length: i64,
) -> tantivy::Result<Vec<Group>> {
    let started = segment.fast_fields().i64(STARTED)?;
    let mut counts = HashMap::<Option<i64>, u64>::new();
    // Calls that are near each other in the log mostly are of the same hour.
    let mut latest = (None, 0);
    each_first(&started, found, |time| {
        let group = time.map(|time| time.div_euclid(length));
        if latest.0 != group {
            *counts.entry(latest.0).or_default() += latest.1;
            latest = (group, 0);
        }
        latest.1 += 1;
    });
    *counts.entry(latest.0).or_default() += latest.1;
    let groups = counts.into_iter().filter(|(_, count)| *count > 0);
    let groups = groups.map(|(group, count)| {
        let start = group.map(|group| group.saturating_mul(length));
        (start.and_then(|start| by.time_key(start)), count)
    });
    Ok(groups.collect())
}

/// Gives the values of some documents, a block at a time.
fn each_first<T: PartialOrd + Copy + std::fmt::Debug + Send + Sync + Default + 'static>(
    column: &Column<T>,
    found: &Found,
    mut take: impl FnMut(Option<T>),
) {
    let mut values = [None; BLOCK];
    for ids in found.chunks(values.len()) {
        let values = &mut values[..ids.len()];
        values.fill(None);
        column.first_vals(ids, values);
        for value in values {
            take(*value);
        }
    }
}
