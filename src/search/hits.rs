//! Finds invocations in an index.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::sync::PoisonError;

use jiff::civil::DateTime;
use rayon::prelude::*;
use tantivy::columnar::Column;
use tantivy::error::DataCorruption;
use tantivy::query::EnableScoring;
use tantivy::schema::Field;
use tantivy::{DocId, ReloadPolicy, Searcher, SegmentMeta, SegmentReader};

use super::buckets::{HOUR_MS, time_of_term};
use super::compile::compile;
use super::damage::reading;
use super::dictionary::each_text;
use super::document::StoredLine;
use super::error::SearchError;
use super::index::Index;
use super::schema::{
    DURATION, FINISHED, Fields, ID, KIND, LONG_NAME, OUTCOME, SERVER, SERVICE, SIZE, STARTED, VERB,
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

/// How many documents one thread puts in order at a time.
const PART: usize = 1 << 17;

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
            let matcher = (page.sort_by.by == SortBy::Score).then(|| Matcher::new(query, now));
            // A segment may hold most of the index.
            let parts = searcher.segment_readers().iter().zip(&found).enumerate();
            let parts = parts.flat_map(|(nth, (segment, found))| {
                found.chunks(PART).map(move |found| (nth, segment, found))
            });
            let parts: Vec<_> = parts.collect();
            let first = parts.into_par_iter().map(|(nth, segment, found)| {
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
            first.truncate(most);
            let page = first.get(page.offset..).unwrap_or_default();
            // Each is in another block, which has to be decompressed.
            let lines = page.par_iter().map(|(_, segment, id)| {
                let store = searcher.segment_readers()[*segment].get_store_reader(BLOCKS)?;
                let StoredLine(line) = store.get(*id)?;
                Ok(line)
            });
            let lines = lines.collect::<tantivy::Result<_>>()?;
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
        let count_found = || -> tantivy::Result<Vec<Group>> {
            let searcher = self.searcher()?;
            let found = self.find(&searcher, query, now)?;
            let segments = searcher.segment_readers().par_iter().zip(&found);
            let counts = segments.map(|(segment, found)| {
                if let Grouping::Fact(fact) = by
                    && found.len() == segment.max_doc() as usize
                    && let Some(counts) = self.count_all(segment, *fact)?
                {
                    return Ok(counts);
                }
                let parts = found
                    .par_chunks(PART)
                    .map(|found| self.count_some(segment, found, by));
                let parts: Vec<Vec<Group>> = parts.collect::<tantivy::Result<_>>()?;
                Ok(parts.concat())
            });
            let counts: Vec<Vec<Group>> = counts.collect::<tantivy::Result<_>>()?;
            let mut all = BTreeMap::<Option<String>, u64>::new();
            for (group, count) in counts.into_iter().flatten() {
                *all.entry(group).or_default() += count;
            }
            Ok(all.into_iter().collect())
        };
        let mut groups = reading(&self.directory, count_found)?;
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

    /// Counts some documents in groups; a group may be there several times.
    fn count_some(
        &self,
        segment: &SegmentReader,
        found: &[DocId],
        by: &Grouping,
    ) -> tantivy::Result<Vec<Group>> {
        let fact = match by {
            Grouping::Value(_) => return count_lines(segment, found, by),
            Grouping::Fact(fact) => *fact,
        };
        match Grouped::of(fact, &self.fields) {
            Grouped {
                length: Some(length),
                ..
            } => count_times(segment, found, fact, length),
            Grouped { column, .. } => count_names(segment, found, by, column),
        }
    }

    /// Counts all documents of a segment by how many of them the index's own dictionary names;
    /// `None` if it does not tell.
    fn count_all(
        &self,
        segment: &SegmentReader,
        fact: GroupBy,
    ) -> tantivy::Result<Option<Vec<Group>>> {
        let Grouped { field, length, .. } = Grouped::of(fact, &self.fields);
        let index = segment.inverted_index(field)?;
        let mut terms = index.terms().stream()?;
        let mut groups = Vec::new();
        let mut unknown = u64::from(segment.max_doc());
        while terms.advance() {
            let count = u64::from(terms.value().doc_freq);
            unknown -= count;
            let name = match length {
                Some(length) => time_of_term(terms.key())
                    .and_then(|hour| fact.time_key((hour * HOUR_MS).div_euclid(length) * length)),
                None => Some(String::from_utf8_lossy(terms.key()).into_owned()),
            };
            if name.as_deref() == Some(LONG_NAME) {
                return Ok(None);
            }
            groups.push((name, count));
        }
        if unknown > 0 {
            groups.push((None, unknown));
        }
        Ok(Some(groups))
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

/// The column that counts first in an order.
enum Sorted {
    Times(Column<i64>),
    Numbers(Column<u64>),
}

impl Sorted {
    /// What a document is put in order by before its time.
    fn measure(&self, doc: DocId) -> Option<i64> {
        match self {
            Self::Times(_) => None,
            Self::Numbers(numbers) => numbers.first(doc).map(as_place),
        }
    }

    /// Writes a number for each document, which is the less the earlier it comes.
    fn ranks(&self, ids: &[DocId], order: Order, ranks: &mut [i64]) {
        match self {
            Self::Times(times) => ranks_of(times, ids, order, ranks, |time| time),
            Self::Numbers(numbers) => ranks_of(numbers, ids, order, ranks, as_place),
        }
    }
}

fn as_place(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Of at most [`BLOCK`] documents. What is unknown comes last in both orders.
fn ranks_of<T: PartialOrd + Copy + std::fmt::Debug + Send + Sync + 'static>(
    column: &Column<T>,
    ids: &[DocId],
    order: Order,
    ranks: &mut [i64],
    place: impl Fn(T) -> i64,
) {
    let mut values = [None; BLOCK];
    let values = &mut values[..ids.len()];
    column.first_vals(ids, values);
    for (rank, value) in ranks.iter_mut().zip(values) {
        *rank = value.map_or(i64::MAX, |value| {
            let place = place(value);
            if order.is_reversed { place } else { !place }
        });
    }
}

/// The documents that come first, at the least `most` if there are so many, in any order.
fn first_of(
    segment: &SegmentReader,
    found: &[DocId],
    order: Order,
    most: usize,
) -> tantivy::Result<Vec<(Key, DocId)>> {
    if most == 0 {
        return Ok(Vec::new());
    }
    let columns = segment.fast_fields();
    let (started, finished) = (columns.i64(STARTED)?, columns.i64(FINISHED)?);
    let id = columns.u64(ID)?;
    let main = match order.by {
        SortBy::Started | SortBy::Score => Sorted::Times(started.clone()),
        SortBy::Duration => Sorted::Numbers(columns.u64(DURATION)?),
        SortBy::Size => Sorted::Numbers(columns.u64(SIZE)?),
    };
    let mut first: Vec<(Key, DocId)> = Vec::new();
    let room = most.saturating_mul(2).max(256);
    // What has a higher rank is not among the first.
    let mut highest = i64::MAX;
    let mut ranks = [0; BLOCK];
    // The newest, which mostly come first, are the last in the log.
    let blocks: Box<dyn Iterator<Item = &[DocId]>> = if order.is_reversed {
        Box::new(found.chunks(BLOCK))
    } else {
        Box::new(found.rchunks(BLOCK))
    };
    for ids in blocks {
        let ranks = &mut ranks[..ids.len()];
        main.ranks(ids, order, ranks);
        for (&doc, &rank) in ids.iter().zip(&*ranks) {
            if rank > highest {
                continue;
            }
            let key = (
                order.place(main.measure(doc)),
                order.place(started.first(doc)),
                order.place(finished.first(doc)),
                id.first(doc).unwrap_or_default(),
            );
            first.push((key, doc));
            if first.len() == room {
                let (_, last, _) = first.select_nth_unstable(most - 1);
                main.ranks(&[last.1], order, std::slice::from_mut(&mut highest));
                first.truncate(most);
            }
        }
    }
    first.sort_unstable();
    Ok(first)
}

/// All documents by their scores.
fn scored(
    segment: &SegmentReader,
    found: &[DocId],
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

/// Where the index holds what calls are grouped by.
struct Grouped {
    /// The field of its terms: of times, the buckets.
    field: Field,
    column: &'static str,
    /// How many milliseconds are a group, of times.
    length: Option<i64>,
}

impl Grouped {
    fn of(fact: GroupBy, fields: &Fields) -> Self {
        let (field, column, length) = match fact {
            GroupBy::Hour => (fields.started_buckets, STARTED, Some(HOUR_MS)),
            GroupBy::Day => (fields.started_buckets, STARTED, Some(24 * HOUR_MS)),
            GroupBy::Service => (fields.service, SERVICE, None),
            GroupBy::Verb => (fields.verb, VERB, None),
            GroupBy::Kind => (fields.kind, KIND, None),
            GroupBy::Server => (fields.server, SERVER, None),
            GroupBy::Outcome => (fields.outcome, OUTCOME, None),
        };
        Self {
            field,
            column,
            length,
        }
    }
}

fn count_names(
    segment: &SegmentReader,
    found: &[DocId],
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
    found: &[DocId],
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
    found: &[DocId],
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
    found: &[DocId],
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
