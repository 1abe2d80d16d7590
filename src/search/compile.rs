//! Makes tantivy's query out of ours. Tantivy's own parser never sees what a user types: it can
//! hang, and it passes over what it does not know.

use tantivy::Term;
use tantivy::json_utils::convert_to_fast_value_and_append_to_json_term;
use tantivy::query::{
    BooleanQuery, EmptyQuery, PhraseQuery, Query as TantivyQuery, RegexQuery, TermQuery,
};
use tantivy::schema::{Field, IndexRecordOption};

use super::error::SearchError;
use super::schema::{END_OF_PATH, Fields, words};
use crate::query::{Clause, Pattern, Piece, Query, Value};

type Compiled = Box<dyn TantivyQuery>;

pub(super) fn compile(fields: &Fields, query: &Query) -> Result<Compiled, SearchError> {
    let clauses: Result<Vec<Compiled>, SearchError> = query
        .clauses
        .iter()
        .map(|part| clause(fields, part))
        .collect();
    Ok(Box::new(BooleanQuery::intersection(clauses?)))
}

fn clause(fields: &Fields, clause: &Clause) -> Result<Compiled, SearchError> {
    match clause {
        Clause::Text(text) => any_text(fields, text),
        Clause::Id(id) => pattern(fields.id, id),
        Clause::Service(name) => pattern(fields.service, name),
        Clause::Cid(cid) => pattern(fields.cid, cid),
        Clause::Server(name) => pattern(fields.server, name),
        Clause::Outcome(outcome) => Ok(term(Term::from_field_text(
            fields.outcome,
            outcome.as_str(),
        ))),
        Clause::Request { path, value } => value_at(fields, &format!("request.{path}"), value),
    }
}

fn term(term: Term) -> Compiled {
    Box::new(TermQuery::new(term, IndexRecordOption::Basic))
}

fn any_of(queries: Vec<Compiled>) -> Compiled {
    Box::new(BooleanQuery::union(queries))
}

/// The text in the service's name, the request or the response.
fn any_text(fields: &Fields, text: &str) -> Result<Compiled, SearchError> {
    let fields = [
        fields.service_words,
        fields.request_words,
        fields.response_words,
    ];
    let in_field = |field| phrase(text, |word| Term::from_field_text(field, word));
    fields
        .into_iter()
        .map(in_field)
        .collect::<Result<_, _>>()
        .map(any_of)
}

/// The words of the text, one behind the other.
fn phrase(text: &str, term_of: impl Fn(&str) -> Term) -> Result<Compiled, SearchError> {
    let mut terms = Vec::new();
    let mut analyzer = words();
    analyzer.token_stream(text).process(&mut |token| {
        terms.push((token.position, term_of(&token.text)));
    });
    match terms.len() {
        0 => Err(SearchError::LongWord(text.to_owned())),
        1 => Ok(terms
            .pop()
            .map(|(_, word)| term(word))
            .expect("there is one term")),
        _ => Ok(Box::new(PhraseQuery::new_with_offset(terms))),
    }
}

fn pattern(field: Field, pattern: &Pattern) -> Result<Compiled, SearchError> {
    if let [Piece::Text(text)] = pattern.pieces.as_slice() {
        return Ok(term(Term::from_field_text(field, text)));
    }
    let pieces = pattern.pieces.iter().map(|piece| match piece {
        Piece::Text(text) => regex::escape(text),
        Piece::AnyText => ".*".to_owned(),
        Piece::AnyCharacter => ".".to_owned(),
    });
    let regex: String = pieces.collect();
    match RegexQuery::from_pattern(&regex, field) {
        Ok(query) => Ok(Box::new(query)),
        Err(_) => Err(SearchError::Pattern(pattern.to_string())),
    }
}

/// The value under a path: its words, or the number, truth value or null that it spells.
fn value_at(fields: &Fields, path: &str, value: &Value) -> Result<Compiled, SearchError> {
    if path.contains(END_OF_PATH) {
        return Ok(Box::new(EmptyQuery));
    }
    let expand_dots = true;
    let start = Term::from_field_json_path(fields.values, &path.replace('\\', r"\\"), expand_dots);
    let text = |text: &str| {
        phrase(text, |word| {
            let mut term = start.clone();
            term.append_type_and_str(word);
            term
        })
    };
    let word = match value {
        Value::Phrase(words) => return text(words),
        Value::Word(word) => word,
    };
    let mut queries = vec![text(word)?];
    // Logs spell values as Python does, output as JSON does.
    let spelled = word.to_ascii_lowercase();
    let truncate_dates = false;
    let fast = convert_to_fast_value_and_append_to_json_term(&start, &spelled, truncate_dates);
    queries.extend(fast.map(term));
    if matches!(spelled.as_str(), "null" | "none") {
        queries.push(term(Term::from_field_text(fields.nulls, path)));
    }
    Ok(any_of(queries))
}
