//! Finds invocations in an index.

use jiff::civil::DateTime;
use tantivy::collector::DocSetCollector;
use tantivy::error::DataCorruption;
use tantivy::schema::{Field, Value as _};
use tantivy::{ReloadPolicy, Searcher, TantivyDocument};

use super::compile::compile;
use super::error::SearchError;
use super::index::Index;
use crate::query::{Group, GroupBy, Groups, Line, Matcher, Page, Query, Rank, Scratch};

/// What a query found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hits {
    /// How many invocations it fits.
    pub total: usize,
    /// Those that were asked for, as JSON, without a newline.
    pub lines: Vec<String>,
}

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
        let mut found: Vec<(Rank, String)> = Vec::new();
        let matcher = Matcher::new(query, now);
        self.each(query, now, |line, text| {
            found.push((page.sort_by.rank(line, &matcher), text.to_owned()));
        })
        .map_err(SearchError::of_index(&self.directory))?;
        found.sort_unstable();
        let total = found.len();
        let lines = found.into_iter().skip(page.offset).take(page.limit);
        Ok(Hits {
            total,
            lines: lines.map(|(_, line)| line).collect(),
        })
    }

    /// Counts the invocations that fit `query` in groups.
    pub fn groups(
        &self,
        query: &Query,
        now: &dyn Fn() -> DateTime,
        by: GroupBy,
    ) -> Result<Vec<Group>, SearchError> {
        let mut groups = Groups::new(by);
        self.each(query, now, |line, _| groups.add(&line.facts))
            .map_err(SearchError::of_index(&self.directory))?;
        Ok(groups.finish())
    }

    fn each(
        &self,
        query: &Query,
        now: &dyn Fn() -> DateTime,
        mut take: impl FnMut(&Line<'_>, &str),
    ) -> tantivy::Result<()> {
        let matcher = Matcher::new(query, now);
        let plan = compile(query);
        let searcher = self.searcher()?;
        let mut scratch = Scratch::default();
        let mut candidates: Vec<_> = searcher
            .search(&*plan.candidates, &DocSetCollector)?
            .into_iter()
            .collect();
        candidates.sort_unstable();
        for address in candidates {
            let document: TantivyDocument = searcher.doc(address)?;
            let text = stored(&document, self.fields.line)?;
            let line = Line::read(&text)
                .map_err(|_| DataCorruption::comment_only("a line is none that zalog writes"))?;
            if plan.is_exact || matcher.fits_line(&line, &mut scratch) {
                take(&line, &text);
            }
        }
        Ok(())
    }

    fn searcher(&self) -> tantivy::Result<Searcher> {
        let reader = self
            .tantivy
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .try_into()?;
        Ok(reader.searcher())
    }
}

fn stored(document: &TantivyDocument, field: Field) -> tantivy::Result<String> {
    let text = document.get_first(field).and_then(|value| value.as_str());
    let missing = || DataCorruption::comment_only("a document lacks what is stored with each");
    Ok(text.ok_or_else(missing)?.to_owned())
}
