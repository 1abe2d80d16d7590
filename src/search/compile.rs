//! Makes tantivy's query out of ours. Tantivy's own parser never sees what a user types: it can
//! hang, and it passes over what it does not know.
//!
//! What the index can't tell, it narrows down: then the lines of what it finds are looked at.

use std::ops::Bound;

use jiff::civil::DateTime;
use tantivy::query::{PhraseQuery, RangeQuery, TermQuery};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{Searcher, Term};

use super::buckets::Bucketed;
use super::dictionary;
use super::document::parse_id;
use super::number_range::NumberRange;
use super::paths::{ODD_NUMBER, PathHash, hash_of};
use super::plan::Plan;
use super::schema::{
    DURATION, FINISHED, Fields, LONG_NAME, LONGEST_NAME, SIZE, STARTED, name_term,
};
use super::words::LONG_WORD;
use crate::entry::Direction;
use crate::query::{
    Clause, Name, NameField, Node, Path, Pattern, Phrase, Piece, Query, Scalar, Step, Test, Text,
    TimeField, Word, compile_regex, each_word, milliseconds, regex_literals,
};

/// Makes the plan of a query over what `searcher` sees.
pub(super) fn compile(
    query: &Query,
    now: &dyn Fn() -> DateTime,
    fields: &Fields,
    searcher: &Searcher,
) -> tantivy::Result<Plan> {
    let compiler = Compiler {
        now,
        fields,
        searcher,
    };
    compiler.node(&query.root, false)
}

struct Compiler<'c> {
    now: &'c dyn Fn() -> DateTime,
    fields: &'c Fields,
    searcher: &'c Searcher,
}

impl Compiler<'_> {
    /// What fulfils a node, or what does not. A `NOT` goes down to the clauses, since what the
    /// index only narrows down can't be taken from the rest.
    fn node(&self, node: &Node, is_negated: bool) -> tantivy::Result<Plan> {
        let each = |nodes: &[Node]| -> tantivy::Result<Vec<Plan>> {
            let nodes = nodes.iter();
            nodes.map(|node| self.node(node, is_negated)).collect()
        };
        Ok(match (node, is_negated) {
            (Node::All(nodes), false) | (Node::Any(nodes), true) => {
                Plan::intersection(each(nodes)?)
            }
            (Node::All(nodes), true) | (Node::Any(nodes), false) => Plan::union(each(nodes)?),
            (Node::Not(node), _) => self.node(node, !is_negated)?,
            (Node::Clause(clause), false) => self.clause(clause)?,
            (Node::Clause(clause), true) => self.clause(clause)?.negated(),
        })
    }

    fn clause(&self, clause: &Clause) -> tantivy::Result<Plan> {
        let fields = self.fields;
        Ok(match clause {
            Clause::Anywhere(Text::Phrase(phrase)) => self.phrase(phrase)?,
            Clause::Anywhere(Text::Regex(regex)) => self.regex(regex)?,
            Clause::Name(field, name) => self.name(*field, name)?,
            Clause::Outcome(outcome) => term(name_term(fields.outcome, outcome.as_str())),
            Clause::Kind(kind) => term(name_term(fields.kind, kind.as_str())),
            Clause::Process(process) => {
                let process = Term::from_field_u64(fields.process, u64::from(*process));
                let bound = Bound::Included(process);
                Plan::of(RangeQuery::new(bound.clone(), bound))
            }
            Clause::Duration(range) => {
                numbers((DURATION, fields.duration, fields.duration_buckets), *range)
            }
            Clause::Size(range) => numbers((SIZE, fields.size, fields.size_buckets), *range),
            Clause::Time(field, range) => {
                let field = match field {
                    TimeField::Started => (STARTED, fields.started, fields.started_buckets),
                    TimeField::Finished => (FINISHED, fields.finished, fields.finished_buckets),
                };
                let (first, last) = milliseconds(range, &self.now);
                values(field, first, last)
            }
            Clause::Payload(path, test) => self.payload(path, test)?,
        })
    }

    /// Where the phrase stands, anywhere.
    fn phrase(&self, phrase: &Phrase) -> tantivy::Result<Plan> {
        let words = phrase.words();
        let literals: Option<Vec<&str>> = words.iter().map(Pattern::as_literal).collect();
        if let Some(literals) = literals {
            return Ok(self.literals(&literals));
        }
        if let [word] = words {
            return self.word(word);
        }
        let words = words.iter().filter(|word| word.pieces != [Piece::AnyText]);
        let words: Vec<Plan> = words
            .map(|word| self.word(word))
            .collect::<tantivy::Result<_>>()?;
        Ok(Plan::intersection(words).inexact())
    }

    fn literals(&self, words: &[&str]) -> Plan {
        let words = words.iter();
        let terms = words.map(|word| Term::from_field_text(self.fields.words, word));
        let mut terms: Vec<Term> = terms.collect();
        match (terms.len(), terms.pop()) {
            (_, None) => Plan::all(),
            (1, Some(word)) => term(word),
            (_, Some(last)) => {
                terms.push(last);
                Plan::of(PhraseQuery::new(terms))
            }
        }
    }

    fn word(&self, word: &Pattern) -> tantivy::Result<Plan> {
        match word.as_literal() {
            Some(literal) => Ok(self.literals(&[literal])),
            None => dictionary::texts(self.searcher, self.fields.words, prefix(word), |text| {
                word.fits(text)
            }),
        }
    }

    /// Where some text may fit a regular expression.
    fn regex(&self, regex: &str) -> tantivy::Result<Plan> {
        let Some(literals) = regex_literals(regex) else {
            return Ok(Plan::all().inexact());
        };
        let mut choices = vec![self.long_word()];
        for literal in &literals {
            let literal = without_time_marks(literal);
            let parts = literal.split(|c: char| !c.is_alphanumeric());
            let parts = parts.filter(|part| !part.is_empty()).map(|part| {
                // A letter in the text may be of either case.
                dictionary::texts(self.searcher, self.fields.words, "", |word| {
                    word.contains(part)
                })
            });
            let parts: Vec<Plan> = parts.collect::<tantivy::Result<_>>()?;
            choices.push(Plan::intersection(parts));
        }
        Ok(Plan::union(choices).inexact())
    }

    /// Where a word stands that is too long to be looked at.
    fn long_word(&self) -> Plan {
        self.literals(&[LONG_WORD])
    }

    fn name(&self, field: NameField, name: &Name) -> tantivy::Result<Plan> {
        let fields = self.fields;
        let (field, is_id) = match field {
            NameField::Id => (fields.id, true),
            NameField::Parent => (fields.parent, true),
            NameField::Service => (fields.service, false),
            NameField::Verb => (fields.verb, false),
            NameField::Cid => (fields.cid, false),
            NameField::Server => (fields.server, false),
            NameField::Thread => (fields.thread, false),
        };
        match name {
            Name::Pattern(pattern) => match pattern.as_literal() {
                Some(id) if is_id => Ok(parse_id(id)
                    .map_or_else(Plan::none, |id| term(Term::from_field_u64(field, id)))),
                Some(name) => {
                    let plan = term(name_term(field, name));
                    let is_short = name.len() <= LONGEST_NAME;
                    Ok(if is_short { plan } else { plan.inexact() })
                }
                None => self.names(field, is_id, prefix(pattern), |name| pattern.fits(name)),
            },
            Name::Regex(regex) => match compile_regex(regex) {
                Ok(regex) => self.names(field, is_id, "", |name| regex.is_match(name)),
                Err(_) => Ok(Plan::all().inexact()),
            },
        }
    }

    fn names(
        &self,
        field: Field,
        is_id: bool,
        prefix: &str,
        fits: impl Fn(&str) -> bool,
    ) -> tantivy::Result<Plan> {
        if is_id {
            return dictionary::ids(self.searcher, field, prefix, fits);
        }
        let short = dictionary::texts(self.searcher, field, prefix, fits)?;
        let long = Term::from_field_text(field, LONG_NAME);
        Ok(if self.searcher.doc_freq(&long)? == 0 {
            short
        } else {
            Plan::union([short, term(long).inexact()])
        })
    }

    fn payload(&self, path: &Path, test: &Test) -> tantivy::Result<Plan> {
        let hash = hash_of(path);
        let place = match hash {
            Some(hash) => self.path(hash.exists()),
            None => self.may_be_there(path),
        };
        Ok(match test {
            Test::Exists => place,
            Test::Number(_) => place.inexact(),
            Test::Value(phrase, scalar) => {
                let text = match hash {
                    Some(hash) if path.side == Direction::Request => self.text_at(hash, phrase)?,
                    _ => Plan::intersection([place, self.phrase(phrase)?]).inexact(),
                };
                let scalar = scalar.as_ref().map(|scalar| match hash {
                    Some(hash) => self.scalar_at(hash, path.side, scalar),
                    None => self.scalar(path, scalar),
                });
                Plan::union([Some(text), scalar].into_iter().flatten())
            }
            Test::Regex(regex) => {
                let fits = compile_regex(regex).ok();
                let fits = |text| fits.as_ref().is_none_or(|regex| regex.is_match(text));
                // These are no words.
                let is_any = fits("null") || fits("true") || fits("false");
                if is_any {
                    place.inexact()
                } else {
                    Plan::intersection([place, self.regex(regex)?]).inexact()
                }
            }
        })
    }

    /// Where a path of a request may lead to a text with a phrase.
    fn text_at(&self, hash: PathHash, phrase: &Phrase) -> tantivy::Result<Plan> {
        let words = phrase.words();
        let literals = words.iter().filter_map(Pattern::as_literal);
        let mut plans: Vec<Plan> = literals.map(|word| self.path(hash.word(word))).collect();
        if let ([word], [_]) = (words, plans.as_slice())
            && word.as_literal().is_some()
        {
            return Ok(Plan::intersection(plans));
        }
        plans.push(self.path(hash.exists()));
        plans.push(self.phrase(phrase)?);
        Ok(Plan::intersection(plans).inexact())
    }

    /// Where a path may lead to a scalar.
    fn scalar_at(&self, hash: PathHash, side: Direction, scalar: &Scalar) -> Plan {
        match (scalar, side) {
            (Scalar::Null, _) => self.path(hash.null()),
            (Scalar::Bool(truth), _) => self.path(hash.truth(*truth)),
            (Scalar::Number(number), Direction::Request) => self.path(hash.number(number)),
            (Scalar::Number(number), Direction::Response) => {
                Plan::intersection([self.path(hash.exists()), self.number(number)]).inexact()
            }
        }
    }

    /// Where a path with steps that are no keys may lead to a scalar.
    fn scalar(&self, path: &Path, scalar: &Scalar) -> Plan {
        let place = self.may_be_there(path);
        match scalar {
            Scalar::Null | Scalar::Bool(_) => place,
            Scalar::Number(number) => Plan::intersection([place, self.number(number)]),
        }
        .inexact()
    }

    /// Where a number may be, however it is written.
    fn number(&self, canonical: &str) -> Plan {
        let as_written = self.words_of(canonical).unwrap_or_else(Plan::all);
        Plan::union([as_written, self.path(ODD_NUMBER)]).inexact()
    }

    /// Where there may be something under a path with steps that are no keys.
    fn may_be_there(&self, path: &Path) -> Plan {
        let keys = path.steps.iter().filter_map(|step| match step {
            // It may be the number of an item.
            Step::Key(key) if key.starts_with(|c: char| c.is_ascii_digit()) => None,
            Step::Key(key) => self.words_of(key),
            Step::One | Step::Any => None,
        });
        let side = self.path(PathHash::root(path.side).exists());
        Plan::intersection(keys.chain([side])).inexact()
    }

    /// Where the words of a text stand one behind the other, if it has such.
    fn words_of(&self, text: &str) -> Option<Plan> {
        let mut words = Vec::new();
        let mut is_known = true;
        each_word(text, |_, word| {
            match word {
                Word::Short(word, _) => words.push(word.to_owned()),
                Word::Long(_) => is_known = false,
            }
            is_known
        });
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        (is_known && !words.is_empty()).then(|| self.literals(&words))
    }

    fn path(&self, path: u64) -> Plan {
        term(Term::from_field_u64(self.fields.paths, path))
    }
}

/// A part of a text, in lower case, with a space for each `t` that may stand between digits there: it
/// is no part of a word then.
fn without_time_marks(literal: &str) -> String {
    let bytes = literal.as_bytes();
    let may_be_digit = |at: Option<usize>| {
        let byte = at.and_then(|at| bytes.get(at));
        byte.is_none_or(u8::is_ascii_digit)
    };
    let is_mark = |at: usize| may_be_digit(at.checked_sub(1)) && may_be_digit(Some(at + 1));
    let chars = literal.char_indices();
    chars
        .map(|(at, c)| if c == 't' && is_mark(at) { ' ' } else { c })
        .collect()
}

fn term(term: Term) -> Plan {
    Plan::of(TermQuery::new(term, IndexRecordOption::Basic))
}

/// A column with the field of the same name and that of its buckets.
type Ranged = (&'static str, Field, Field);

fn numbers(field: Ranged, (from, to): crate::query::Range<u64>) -> Plan {
    let first = match from {
        Bound::Included(number) => Some(number),
        Bound::Excluded(number) => number.checked_add(1),
        Bound::Unbounded => Some(0),
    };
    let last = match to {
        Bound::Included(number) => Some(number),
        Bound::Excluded(number) => number.checked_sub(1),
        Bound::Unbounded => Some(u64::MAX),
    };
    match (first, last) {
        (Some(first), Some(last)) => values(field, first, last),
        _ => Plan::none(),
    }
}

fn values<T: Bucketed>((column, field, buckets): Ranged, first: T, last: T) -> Plan {
    if first > last {
        return Plan::none();
    }
    Plan::of(NumberRange {
        column,
        field,
        buckets,
        first,
        last,
    })
}

/// What all that fits a pattern starts with.
fn prefix(pattern: &Pattern) -> &str {
    match pattern.pieces.first() {
        Some(Piece::Text(text)) => text,
        Some(Piece::AnyText | Piece::AnyCharacter) | None => "",
    }
}
