//! Looks through all terms of a field for those that fit: patterns and regular expressions mean
//! here what they mean to a scan, letter by letter.

use std::collections::BTreeSet;

use tantivy::query::TermSetQuery;
use tantivy::schema::Field;
use tantivy::{Searcher, Term};

use super::plan::Plan;
use super::schema::LONG_NAME;
use super::words::LONG_WORD;

/// Finds the documents with a term of `field`, which holds text, that starts with `prefix` and
/// that `fits`.
pub(super) fn texts(
    searcher: &Searcher,
    field: Field,
    prefix: &str,
    fits: impl Fn(&str) -> bool,
) -> tantivy::Result<Plan> {
    let mut found = BTreeSet::new();
    for segment in searcher.segment_readers() {
        let index = segment.inverted_index(field)?;
        let mut terms = index.terms().range().ge(prefix).into_stream()?;
        while terms.advance() {
            let Ok(text) = std::str::from_utf8(terms.key()) else {
                continue;
            };
            if !text.starts_with(prefix) {
                break;
            }
            let stands_for_others = text == LONG_NAME || text == LONG_WORD;
            if !stands_for_others && fits(text) {
                found.insert(Term::from_field_text(field, text));
            }
        }
    }
    Ok(of_terms(found))
}

/// Gives `take` the terms of `field`, which holds text, until it returns `false`.
pub(super) fn each_text(
    searcher: &Searcher,
    field: Field,
    mut take: impl FnMut(&str) -> bool,
) -> tantivy::Result<()> {
    for segment in searcher.segment_readers() {
        let index = segment.inverted_index(field)?;
        let mut terms = index.terms().stream()?;
        while terms.advance() {
            let text = std::str::from_utf8(terms.key()).unwrap_or(LONG_NAME);
            if text != LONG_NAME && !take(text) {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Finds the documents with an ID in `field` that starts with `prefix` and that `fits`.
pub(super) fn ids(
    searcher: &Searcher,
    field: Field,
    prefix: &str,
    fits: impl Fn(&str) -> bool,
) -> tantivy::Result<Plan> {
    let least = u64::from_str_radix(&format!("{prefix:0<16}"), 16);
    let Ok(least) = least.as_ref().map(|least| least.to_be_bytes()) else {
        return Ok(Plan::none());
    };
    let mut found = BTreeSet::new();
    for segment in searcher.segment_readers() {
        let index = segment.inverted_index(field)?;
        let mut terms = index.terms().range().ge(least).into_stream()?;
        while terms.advance() {
            let Ok(bytes) = terms.key().try_into() else {
                continue;
            };
            let id = u64::from_be_bytes(bytes);
            let text = format!("{id:016x}");
            if !text.starts_with(prefix) {
                break;
            }
            if fits(&text) {
                found.insert(Term::from_field_u64(field, id));
            }
        }
    }
    Ok(of_terms(found))
}

fn of_terms(terms: BTreeSet<Term>) -> Plan {
    if terms.is_empty() {
        Plan::none()
    } else {
        Plan::of(TermSetQuery::new(terms))
    }
}
