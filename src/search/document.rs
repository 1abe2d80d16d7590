//! Makes a document of the index out of an invocation's line.
//!
//! What can be found is what the line shows: what is masked there is not in the index at all. And
//! as the index keeps the line, it can make a document again when its log is gone.

use std::collections::HashSet;
use std::iter::Empty;

use foldhash::fast::FixedState;
use serde::de::Error as _;
use tantivy::schema::Field;
use tantivy::schema::document::{
    DeserializeError, Document, DocumentDeserialize, DocumentDeserializer, ReferenceValue,
    ReferenceValueLeaf, Value,
};
use xxhash_rust::xxh3::xxh3_64;

use super::buckets::Bucketed as _;
use super::in_flight::Ticket;
use super::paths::{ODD_NUMBER, PathHash};
use super::schema::{Fields, name_in_index};
use super::words::add_words;
use crate::entry::Direction;
use crate::invocation::{Kind, Outcome, verb};
use crate::pyrepr::{Notation, Token, Tokens};
use crate::query::{Line, canonical_number};

/// What tantivy gets.
#[derive(Debug)]
pub(super) struct CallDocument {
    values: Vec<(Field, Held)>,
    /// Held while it waits.
    pub(super) ticket: Option<Ticket>,
}

/// A value of a field.
#[derive(Debug)]
pub(super) enum Held {
    Text(String),
    Unsigned(u64),
    Signed(i64),
}

/// What has to be known of a document that is added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Summary {
    pub(super) id: u64,
    pub(super) is_completed: bool,
    /// See [`Fields::records`].
    pub(super) records: Vec<u64>,
}

impl CallDocument {
    /// About how much memory it takes.
    pub(super) fn bytes(&self) -> usize {
        let texts = self.values.iter().map(|(_, value)| match value {
            Held::Text(text) => text.capacity(),
            Held::Unsigned(_) | Held::Signed(_) => 0,
        });
        self.values.capacity() * size_of::<(Field, Held)>() + texts.sum::<usize>()
    }

    /// The line that it was made of.
    pub(super) fn line(&self) -> &str {
        match self.values.last() {
            Some((_, Held::Text(line))) => line,
            _ => "",
        }
    }
}

/// Takes out of a line what it is known by.
pub(super) fn summary(line: &Line<'_>) -> Result<Summary, serde_json::Error> {
    let facts = &line.facts;
    let id = parse_id(&facts.id()).ok_or_else(|| serde_json::Error::custom("not an ID"))?;
    let times = match facts.outcome {
        Outcome::ResponseOnly => [None, facts.finished],
        Outcome::Completed | Outcome::Unanswered => [facts.started, facts.finished],
    };
    let offsets = [line.request_offset, line.response_offset];
    let records = times.into_iter().zip(offsets);
    let records = records.filter_map(|(time, offset)| {
        // Where the time is unknown, nothing tells the records of one log from those of another.
        let mut record = Vec::with_capacity(128);
        record.extend(time?.to_le_bytes());
        record.extend(offset?.to_le_bytes());
        record.extend(facts.process.unwrap_or_default().to_le_bytes());
        for name in [Some(&facts.service), facts.server.as_ref()] {
            record.extend(name.map_or(&b""[..], |name| name.as_bytes()));
            record.push(b'\n');
        }
        Some(xxh3_64(&record))
    });
    Ok(Summary {
        id,
        is_completed: facts.outcome == Outcome::Completed,
        records: records.collect(),
    })
}

/// The 64 bits of an ID, if it is one.
pub(super) fn parse_id(id: &str) -> Option<u64> {
    let is_digit = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f');
    let is_id = id.len() == 16 && id.bytes().all(is_digit);
    is_id.then(|| u64::from_str_radix(id, 16).ok()).flatten()
}

/// Makes the document of a line, which `read` is of `text`.
pub(super) fn document(
    fields: &Fields,
    text: String,
    read: &Line<'_>,
    summary: &Summary,
) -> CallDocument {
    let facts = &read.facts;
    let mut values = Vec::with_capacity(32);
    values.push((fields.id, Held::Unsigned(summary.id)));
    let parent = facts.parent().as_deref().and_then(parse_id);
    values.extend(parent.map(|parent| (fields.parent, Held::Unsigned(parent))));
    for record in &summary.records {
        values.push((fields.records, Held::Unsigned(*record)));
    }
    for (field, name) in [
        (fields.service, Some(&*facts.service)),
        (fields.verb, Some(verb(&facts.service))),
        (fields.kind, Some(Kind::of(&facts.service).as_str())),
        (fields.server, facts.server.as_deref()),
        (fields.outcome, Some(facts.outcome.as_str())),
        (fields.cid, facts.cid.as_deref()),
        (fields.thread, facts.thread.as_deref()),
    ] {
        values.extend(name.map(|name| (field, Held::Text(name_in_index(name).to_owned()))));
    }
    let process = facts.process.map(u64::from);
    values.extend(process.map(|process| (fields.process, Held::Unsigned(process))));
    for (field, buckets, number) in [
        (fields.duration, fields.duration_buckets, facts.duration),
        (fields.size, fields.size_buckets, Some(facts.size)),
    ] {
        let Some(number) = number else { continue };
        values.push((field, Held::Unsigned(number)));
        values.push((buckets, Held::Unsigned(number.bucket())));
    }
    for (field, buckets, time) in [
        (fields.started, fields.started_buckets, facts.started),
        (fields.finished, fields.finished_buckets, facts.finished),
    ] {
        let Some(time) = time else { continue };
        values.push((field, Held::Signed(time)));
        values.push((buckets, Held::Signed(time.bucket())));
    }
    let mut contents = Contents {
        words: String::with_capacity(text.len() / 2),
        paths: Vec::with_capacity(64),
        seen: HashSet::with_capacity_and_hasher(256, FixedState::default()),
    };
    contents.add_words(&facts.service);
    for (side, payload) in [
        (Direction::Request, read.request),
        (Direction::Response, read.response),
    ] {
        if let Some(payload) = payload {
            contents.add(side, payload);
        }
    }
    let Contents {
        words, mut paths, ..
    } = contents;
    paths.sort_unstable();
    paths.dedup();
    values.extend(
        paths
            .into_iter()
            .map(|path| (fields.paths, Held::Unsigned(path))),
    );
    values.push((fields.words, Held::Text(words)));
    values.push((fields.line, Held::Text(text)));
    CallDocument {
        values,
        ticket: None,
    }
}

/// What the payloads hold.
struct Contents {
    words: String,
    paths: Vec<u64>,
    /// Hashes of the keys and values whose words are there. As no phrase goes from one to the next,
    /// each is there once: the keys of a list's rows are the same again and again.
    seen: HashSet<u64, FixedState>,
}

impl Contents {
    fn add_words(&mut self, text: &str) {
        if self.is_new(text) {
            add_words(text, &mut self.words, |_| {});
        }
    }

    fn is_new(&mut self, text: &str) -> bool {
        self.seen.insert(xxh3_64(text.as_bytes()))
    }

    fn add(&mut self, side: Direction, json: &str) {
        let mut tokens = Tokens::of_text(json, Notation::Json);
        let mut open: Vec<PathHash> = Vec::new();
        let mut at = PathHash::root(side);
        // What is shown is JSON, and what can't be read holds nothing.
        while let Ok(Some(token)) = tokens.next_token() {
            if let Token::Key(key) = &token {
                self.add_words(key);
                let around = open.last().copied().unwrap_or(at);
                at = around.key(key);
                continue;
            }
            if let Token::DictEnd | Token::ListEnd = token {
                open.pop();
                // The next item of the list around it, if it is one.
                at = open.last().copied().unwrap_or(at);
                continue;
            }
            self.paths.push(at.exists());
            match &token {
                Token::Null => self.paths.push(at.null()),
                Token::True => self.paths.push(at.truth(true)),
                Token::False => self.paths.push(at.truth(false)),
                Token::Number(number) => {
                    self.add_words(number);
                    let canonical = canonical_number(number);
                    if canonical != *number {
                        self.paths.push(ODD_NUMBER);
                    }
                    if side == Direction::Request {
                        self.paths.push(at.number(&canonical));
                    }
                }
                Token::Text(text) if side == Direction::Request => {
                    let is_new = self.is_new(text);
                    let before = self.words.len();
                    add_words(text, &mut self.words, |word| self.paths.push(at.word(word)));
                    if !is_new {
                        self.words.truncate(before);
                    }
                }
                Token::Text(text) => self.add_words(text),
                Token::ListStart | Token::DictStart => open.push(at),
                Token::Key(_) | Token::ListEnd | Token::DictEnd => {}
            }
        }
    }
}

impl Document for CallDocument {
    type Value<'a> = &'a Held;
    type FieldsValuesIter<'a> = FieldsValues<'a>;

    fn iter_fields_and_values(&self) -> FieldsValues<'_> {
        FieldsValues(self.values.iter())
    }
}

/// The fields and values of a document.
#[derive(Debug)]
pub(super) struct FieldsValues<'a>(std::slice::Iter<'a, (Field, Held)>);

impl<'a> Iterator for FieldsValues<'a> {
    type Item = (Field, &'a Held);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(field, value)| (*field, value))
    }
}

impl<'a> Value<'a> for &'a Held {
    type ArrayIter = Empty<Self>;
    type ObjectIter = Empty<(&'a str, Self)>;

    fn as_value(&self) -> ReferenceValue<'a, Self> {
        ReferenceValue::Leaf(match self {
            Held::Text(text) => ReferenceValueLeaf::Str(text),
            Held::Unsigned(number) => ReferenceValueLeaf::U64(*number),
            Held::Signed(number) => ReferenceValueLeaf::I64(*number),
        })
    }
}

/// What tantivy gives back: the line.
#[derive(Debug)]
pub(super) struct StoredLine(pub(super) String);

impl DocumentDeserialize for StoredLine {
    fn deserialize<'de, D: DocumentDeserializer<'de>>(
        mut deserializer: D,
    ) -> Result<Self, DeserializeError> {
        match deserializer.next_field::<String>()? {
            Some((_, line)) => Ok(Self(line)),
            None => Err(DeserializeError::custom("a document without its line")),
        }
    }
}
