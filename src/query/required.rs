//! What must stand in the bytes of a payload, as logged, for a condition to hold: so that the
//! payloads that can't fulfil it are never decoded.
//!
//! A word is looked for by a run of ASCII in it, which no notation that Zato logs escapes. What
//! may make letters that are not in the bytes as such lets a payload pass: escapes of ASCII
//! (`\x41`, `\u0041`, `\101`), and calls that stand for a date, a time or a number.
//!
//! Masking is no reason to pass, since it makes no words, but for base64 that it writes anew.

use std::cmp::Reverse;

use regex_syntax::hir::{Hir, HirKind};

use super::Scalar;
use super::path::{Path, Step};
use super::payload::{Needle, ValueTest};
use super::words::Phrase;

/// What must stand in the bytes of a payload: of each of these something.
#[derive(Clone, Debug, Default)]
pub(super) struct Required(pub(super) Vec<AnyOf>);

/// What of which one must stand there.
#[derive(Clone, Debug)]
pub(super) struct AnyOf {
    /// Texts in lower case, which may stand there in any case.
    pub(super) texts: Vec<String>,
    /// Whether a number with an exponent does as well.
    pub(super) or_exponent: bool,
}

impl AnyOf {
    fn new(texts: Vec<String>) -> Self {
        Self {
            texts,
            or_exponent: false,
        }
    }
}

impl Required {
    /// What must stand in a payload with `needle` in a key or a value.
    pub(super) fn by_needle(needle: &Needle) -> Self {
        match needle {
            Needle::Phrase(phrase) => Self(of_phrase(phrase)),
            Needle::Regex(regex) => Self(of_regex(regex.as_str()).into_iter().collect()),
        }
    }

    /// What must stand in a payload with such a value under `path`.
    pub(super) fn by_value(path: &Path, test: &ValueTest) -> Self {
        let keys = path.steps.iter().filter_map(|step| match step {
            // It may be the number of an item.
            Step::Key(key) if key.starts_with(|c: char| c.is_ascii_digit()) => None,
            Step::Key(key) => as_logged(key),
            Step::One | Step::Any => None,
        });
        let key = keys.max_by_key(String::len);
        let key = key.map(|key| AnyOf::new(vec![key]));
        let value = match test {
            ValueTest::Exists | ValueTest::Value(_, Some(Scalar::Null)) | ValueTest::Number(_) => {
                Vec::new()
            }
            ValueTest::Value(phrase, Some(Scalar::Number(number))) => {
                // The same number may look different.
                let texts = as_logged(phrase.longest_text()).zip(as_logged(number));
                let any_of = texts.map(|(word, number)| AnyOf {
                    texts: vec![word, number],
                    or_exponent: true,
                });
                any_of.into_iter().collect()
            }
            ValueTest::Value(phrase, _) => of_phrase(phrase),
            ValueTest::Regex(regex) => of_regex(regex.as_str()).into_iter().collect(),
        };
        Self(key.into_iter().chain(value).collect())
    }
}

/// What must stand where a phrase does: the longest of its words, since one of them may be rare.
fn of_phrase(phrase: &Phrase) -> Vec<AnyOf> {
    let mut words: Vec<String> = phrase.texts().filter_map(as_logged).collect();
    words.sort_by_key(|word| Reverse(word.len()));
    words.dedup();
    words.truncate(MOST_WORDS);
    let words = words.into_iter();
    words.map(|word| AnyOf::new(vec![word])).collect()
}

/// More words cost more to look for than they save.
const MOST_WORDS: usize = 3;

fn of_regex(regex: &str) -> Option<AnyOf> {
    regex_literals(regex).map(AnyOf::new)
}

/// The longest part of a text that stands in the log as it is, if it is not disguised.
fn as_logged(text: &str) -> Option<String> {
    let is_as_logged = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':');
    let runs = text.split(|c| !is_as_logged(c));
    let run = runs.max_by_key(|run| run.len())?.to_ascii_lowercase();
    // The texts for `nan`, `inf` and `None`.
    let is_made = ["-infinity", "nan", "null"]
        .iter()
        .any(|made| made.contains(&run));
    (!run.is_empty() && !is_made).then_some(run)
}

/// Texts in lower case, one of which is, in any case, in each text that fits a regular expression,
/// if there are such.
pub(crate) fn regex_literals(regex: &str) -> Option<Vec<String>> {
    required(&regex_syntax::parse(regex).ok()?)
}

fn required(hir: &Hir) -> Option<Vec<String>> {
    match hir.kind() {
        HirKind::Literal(literal) => {
            let literal = std::str::from_utf8(&literal.0).ok()?;
            as_logged(literal).map(|literal| vec![literal])
        }
        HirKind::Capture(capture) => required(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => required(&repetition.sub),
        HirKind::Concat(parts) => {
            let shortest = |literals: &Vec<String>| literals.iter().map(String::len).min();
            parts.iter().filter_map(required).max_by_key(shortest)
        }
        HirKind::Alternation(choices) => {
            let choices: Option<Vec<_>> = choices.iter().map(required).collect();
            choices.map(|choices| choices.concat())
        }
        HirKind::Empty | HirKind::Class(_) | HirKind::Look(_) | HirKind::Repetition(_) => None,
    }
}
