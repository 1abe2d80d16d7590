//! Finds invocations in an index.

use tantivy::collector::sort_key::{SortByStaticFastValue, SortByString};
use tantivy::collector::{Count, TopDocs};
use tantivy::error::DataCorruption;
use tantivy::schema::{Field, Value as _};
use tantivy::{ReloadPolicy, TantivyDocument};

use super::compile::compile;
use super::error::SearchError;
use super::index::Index;
use super::schema::{FINISHED_AT, ID, SEEN_AT};
use crate::query::Query;

/// What a query found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hits {
    /// How many invocations it fits.
    pub total: usize,
    /// The newest of them, the latest first; those without a time come last.
    pub hits: Vec<Hit>,
}

/// An invocation that fits a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The invocation's ID.
    pub id: String,
    /// The invocation as JSON, without a newline.
    pub line: String,
}

impl Index {
    /// Finds all invocations that fit `query`, and gives back as many as `limit` of them. What a
    /// writer has committed since the index was opened is found too.
    pub fn search(&self, query: &Query, limit: usize) -> Result<Hits, SearchError> {
        let query = compile(&self.fields, query)?;
        self.hits(&*query, limit)
            .map_err(SearchError::of_index(&self.directory))
    }

    fn hits(&self, query: &dyn tantivy::query::Query, limit: usize) -> tantivy::Result<Hits> {
        let reader = self
            .tantivy
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .try_into()?;
        let searcher = reader.searcher();
        // Tantivy makes room for as many hits as it is asked for, and can't be asked for none.
        let documents = usize::try_from(searcher.num_docs()).unwrap_or(usize::MAX);
        let newest = TopDocs::with_limit(limit.clamp(1, documents.max(1))).order_by((
            SortByStaticFastValue::<i64>::for_field(SEEN_AT),
            SortByStaticFastValue::<i64>::for_field(FINISHED_AT),
            // The same order whichever thread wrote what.
            SortByString::for_field(ID),
        ));
        let (total, newest) = searcher.search(query, &(Count, newest))?;
        let hits = newest.into_iter().take(limit).map(|(_, address)| {
            let document: TantivyDocument = searcher.doc(address)?;
            let (id, line) = (self.fields.id, self.fields.line);
            Ok(Hit {
                id: stored(&document, id)?,
                line: stored(&document, line)?,
            })
        });
        Ok(Hits {
            total,
            hits: hits.collect::<tantivy::Result<_>>()?,
        })
    }
}

fn stored(document: &TantivyDocument, field: Field) -> tantivy::Result<String> {
    let text = document.get_first(field).and_then(|value| value.as_str());
    let missing = || DataCorruption::comment_only("a document lacks what is stored with each");
    Ok(text.ok_or_else(missing)?.to_owned())
}
