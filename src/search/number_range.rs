//! Documents whose number or time is in a range. Few of them are found by their
//! [buckets](super::buckets), many by reading the whole column.

use std::ops::Bound;

use tantivy::postings::TermInfo;
use tantivy::query::{
    BitSetDocSet, ConstScorer, EnableScoring, Explanation, Query as TantivyQuery, RangeQuery,
    Scorer, Weight,
};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{BitSet, DocId, DocSet as _, Score, SegmentReader, TantivyError};

use super::buckets::Bucketed;

/// To open the documents of a bucket takes as long as to read so many values of a column.
const OPENING: usize = 64;

/// The documents whose values are from `first` to `last`, which are both in the range.
#[derive(Clone, Debug)]
pub(super) struct NumberRange<T> {
    /// The column of the values, and the field that is the same.
    pub(super) column: &'static str,
    pub(super) field: Field,
    /// The field with the buckets of the values.
    pub(super) buckets: Field,
    pub(super) first: T,
    pub(super) last: T,
}

impl<T: Bucketed> TantivyQuery for NumberRange<T> {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        let bound = |value: T| Bound::Included(value.term(self.field));
        let column = RangeQuery::new(bound(self.first), bound(self.last));
        Ok(Box::new(NumberRangeWeight {
            range: self.clone(),
            column: column.weight(scoring)?,
        }))
    }
}

struct NumberRangeWeight<T> {
    range: NumberRange<T>,
    /// Finds the same by reading the column.
    column: Box<dyn Weight>,
}

/// The documents of a bucket.
struct Postings {
    terms: TermInfo,
    /// Whether the bucket also holds what is outside the range.
    is_mixed: bool,
}

impl<T: Bucketed> NumberRange<T> {
    /// The buckets that hold what is in the range, unless reading the column is faster.
    fn postings(&self, segment: &SegmentReader) -> tantivy::Result<Option<Vec<Postings>>> {
        let key = |value: T| {
            let term = value.bucket().term(self.buckets);
            term.serialized_value_bytes().to_vec()
        };
        let (first, last) = (key(self.first), key(self.last));
        let is_first_mixed = self.first.before().is_some_and(|value| key(value) == first);
        let is_last_mixed = self.last.after().is_some_and(|value| key(value) == last);
        let index = segment.inverted_index(self.buckets)?;
        let buckets = index.terms().range().ge(&first).le(&last);
        let mut buckets = buckets.into_stream()?;
        let mut postings = Vec::new();
        let mut cost = 0;
        while buckets.advance() {
            let bucket = buckets.key();
            let is_mixed = (is_first_mixed && bucket == first) || (is_last_mixed && bucket == last);
            let terms = buckets.value().clone();
            cost += OPENING + terms.doc_freq as usize * if is_mixed { 2 } else { 1 };
            if cost > segment.max_doc() as usize {
                return Ok(None);
            }
            postings.push(Postings { terms, is_mixed });
        }
        Ok(Some(postings))
    }

    /// The documents in some buckets.
    fn documents(&self, segment: &SegmentReader, postings: &[Postings]) -> tantivy::Result<BitSet> {
        let mut found = BitSet::with_max_value(segment.max_doc());
        let index = segment.inverted_index(self.buckets)?;
        let column = T::column(segment, self.column)?;
        let fits = |id| {
            let value = column.first(id);
            value.is_some_and(|value| self.first <= value && value <= self.last)
        };
        for Postings { terms, is_mixed } in postings {
            let mut block =
                index.read_block_postings_from_terminfo(terms, IndexRecordOption::Basic)?;
            while !block.docs().is_empty() {
                for &id in block.docs() {
                    if !is_mixed || fits(id) {
                        found.insert(id);
                    }
                }
                block.advance();
            }
        }
        Ok(found)
    }
}

impl<T: Bucketed> Weight for NumberRangeWeight<T> {
    fn scorer(&self, segment: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        match self.range.postings(segment)? {
            Some(postings) => {
                let found = self.range.documents(segment, &postings)?;
                Ok(Box::new(ConstScorer::new(BitSetDocSet::from(found), boost)))
            }
            None => self.column.scorer(segment, boost),
        }
    }

    fn explain(&self, segment: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        let mut scorer = self.scorer(segment, 1.0)?;
        if scorer.seek(doc) == doc {
            Ok(Explanation::new("in the range", 1.0))
        } else {
            let missing = format!("document {doc} is not in the range");
            Err(TantivyError::InvalidArgument(missing))
        }
    }
}
