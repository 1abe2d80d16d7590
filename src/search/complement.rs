//! All documents but those that a query finds. Tantivy's own exclusion asks phrases for documents
//! that they have passed already, which they do not promise to answer.

use tantivy::query::{
    BitSetDocSet, ConstScorer, EnableScoring, Explanation, Query as TantivyQuery, Scorer, Weight,
};
use tantivy::{BitSet, DocId, DocSet as _, Score, SegmentReader, TantivyError};

/// All documents but those that the query finds.
#[derive(Debug)]
pub(super) struct Complement(pub(super) Box<dyn TantivyQuery>);

impl Clone for Complement {
    fn clone(&self) -> Self {
        Self(self.0.box_clone())
    }
}

impl TantivyQuery for Complement {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(ComplementWeight(self.0.weight(scoring)?)))
    }
}

struct ComplementWeight(Box<dyn Weight>);

impl Weight for ComplementWeight {
    fn scorer(&self, segment: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let mut left = BitSet::with_max_value_and_full(segment.max_doc());
        self.0.for_each_no_score(segment, &mut |ids| {
            for id in ids {
                left.remove(*id);
            }
        })?;
        Ok(Box::new(ConstScorer::new(BitSetDocSet::from(left), boost)))
    }

    fn explain(&self, segment: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        let mut scorer = self.scorer(segment, 1.0)?;
        if scorer.seek(doc) == doc {
            Ok(Explanation::new("not among the others", 1.0))
        } else {
            let missing = format!("document {doc} is not among the hits");
            Err(TantivyError::InvalidArgument(missing))
        }
    }
}
