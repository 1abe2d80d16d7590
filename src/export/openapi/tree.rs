//! Reads an OpenAPI document, in YAML or JSON, with the place of each value in its text.
//!
//! JSON is read as JSON, since not all of it is YAML. Of YAML, one document is read by the core
//! schema of version 1.2. What stands twice in a mapping, and a key that is no text, is an error.

use std::collections::{HashMap, HashSet};
use std::fmt;

use saphyr_parser::{Event, Parser, ScalarStyle, Span};
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Number, Value};
use thiserror::Error;

/// A document that is nested deeper is not read.
const MAX_DEPTH: usize = 200;

/// A document with more values, those behind aliases counted each time, is not read.
const MAX_VALUES: usize = 1_000_000;

/// Why a text is not read as a document.
#[derive(Debug, Error)]
pub enum DocumentError {
    /// It is no YAML.
    #[error("no YAML")]
    Syntax(#[from] saphyr_parser::ScanError),
    /// A mapping has this key twice.
    #[error("the key `{key}` stands twice in a mapping, in line {line}")]
    Twice {
        /// The key.
        key: String,
        /// The line, from 1.
        line: usize,
    },
    /// A key is a list or a mapping.
    #[error("a key that is no text, in line {line}")]
    Key {
        /// The line, from 1.
        line: usize,
    },
    /// There is no document, or more than one.
    #[error("expected one document, found {0}")]
    Documents(usize),
    /// There is more than is read.
    #[error("nested deeper than {MAX_DEPTH} levels, or more than {MAX_VALUES} values")]
    Size,
}

/// The notation of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notation {
    /// YAML.
    Yaml,
    /// JSON.
    Json,
}

/// A document that was read.
#[derive(Debug)]
pub(super) struct Tree {
    pub(super) notation: Notation,
    pub(super) root: Node,
    pub(super) value: Value,
}

/// A value in its place.
#[derive(Debug)]
pub(super) struct Node {
    /// Where it starts.
    pub(super) start: usize,
    /// Where its text ends, comments not included.
    pub(super) end: usize,
    pub(super) kind: Kind,
}

#[derive(Debug)]
pub(super) enum Kind {
    Scalar {
        /// It stands between the indicators `|` or `>` and the next line that is no part of it.
        is_block: bool,
    },
    /// Another value of the document stands here by its name.
    Alias,
    Sequence(Vec<Node>),
    Mapping {
        layout: Layout,
        entries: Vec<(String, Node)>,
    },
}

/// How the entries of a mapping are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// A line each, behind so many spaces.
    Block(usize),
    /// Between braces.
    Flow,
}

/// Returns what a document holds.
pub fn read_document(text: &str) -> Result<Value, DocumentError> {
    Tree::read(text).map(|tree| tree.value)
}

impl Tree {
    pub(super) fn read(text: &str) -> Result<Self, DocumentError> {
        if text.trim_start().starts_with('{')
            && let Ok(raw) = serde_json::from_str::<&RawValue>(text)
            && let Ok(value) = serde_json::from_str(text)
        {
            return Ok(Self {
                notation: Notation::Json,
                root: json_node(text, raw)?,
                value,
            });
        }
        let mut reader = Reader::new(text);
        let (root, value) = reader.document()?;
        Ok(Self {
            notation: Notation::Yaml,
            root,
            value,
        })
    }
}

/// The members of an object of JSON, each as its text.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = Vec<(String, &'de RawValue)>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut members = Vec::new();
                let mut names = HashSet::new();
                while let Some((name, value)) = map.next_entry::<String, &RawValue>()? {
                    if !names.insert(name.clone()) {
                        return Err(M::Error::custom(name));
                    }
                    members.push((name, value));
                }
                Ok(members)
            }
        }

        deserializer.deserialize_map(Collect).map(Members)
    }
}

/// The depth of JSON is held by its own reader.
fn json_node(text: &str, raw: &RawValue) -> Result<Node, DocumentError> {
    let own = raw.get();
    let start = own.as_ptr().addr() - text.as_ptr().addr();
    let kind = match own.as_bytes().first() {
        Some(b'{') => {
            let members: Members<'_> =
                serde_json::from_str(own).map_err(|error| DocumentError::Twice {
                    key: error.to_string(),
                    line: text[..start].lines().count(),
                })?;
            let entries = members
                .0
                .into_iter()
                .map(|(name, value)| Ok((name, json_node(text, value)?)));
            Kind::Mapping {
                layout: Layout::Flow,
                entries: entries.collect::<Result<_, DocumentError>>()?,
            }
        }
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(own).unwrap_or_default();
            let items = items.into_iter().map(|item| json_node(text, item));
            Kind::Sequence(items.collect::<Result<_, _>>()?)
        }
        _ => Kind::Scalar { is_block: false },
    };
    Ok(Node {
        start,
        end: start + own.len(),
        kind,
    })
}

/// Reads YAML.
struct Reader<'a> {
    text: &'a str,
    events: Parser<'a, saphyr_parser::StrInput<'a>>,
    /// The place in bytes of each character; the parser counts characters.
    places: Vec<usize>,
    anchors: HashMap<usize, Value>,
    values: usize,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        let places = text.char_indices().map(|(place, _)| place);
        Self {
            text,
            events: Parser::new_from_str(text),
            places: places.chain([text.len()]).collect(),
            anchors: HashMap::new(),
            values: 0,
        }
    }

    fn document(&mut self) -> Result<(Node, Value), DocumentError> {
        let mut root = None;
        let mut documents = 0;
        while let Some(event) = self.events.next_event() {
            match event? {
                (Event::DocumentStart(_), _) => {
                    documents += 1;
                    let (event, span) = self.next()?;
                    root = Some(self.node(event, span, 0)?);
                }
                (
                    Event::Nothing
                    | Event::StreamStart
                    | Event::StreamEnd
                    | Event::DocumentEnd
                    | Event::Alias(_)
                    | Event::Scalar(..)
                    | Event::SequenceStart(..)
                    | Event::SequenceEnd
                    | Event::MappingStart(..)
                    | Event::MappingEnd,
                    _,
                ) => {}
            }
        }
        match root {
            Some(root) if documents == 1 => Ok(root),
            _ => Err(DocumentError::Documents(documents)),
        }
    }

    fn next(&mut self) -> Result<(Event<'a>, Span), DocumentError> {
        match self.events.next_event() {
            Some(event) => Ok(event?),
            None => Err(DocumentError::Documents(0)),
        }
    }

    fn place(&self, characters: usize) -> usize {
        self.places
            .get(characters)
            .copied()
            .unwrap_or(self.text.len())
    }

    fn node(
        &mut self,
        event: Event<'a>,
        span: Span,
        depth: usize,
    ) -> Result<(Node, Value), DocumentError> {
        self.values += 1;
        if depth > MAX_DEPTH || self.values > MAX_VALUES {
            return Err(DocumentError::Size);
        }
        let start = self.place(span.start.index());
        let mut end = self.place(span.end.index());
        let is_flow = |open: char| self.text[start..].starts_with(open) && span.len() == 1;
        let (kind, value, anchor) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let is_plain = style == ScalarStyle::Plain && tag.is_none();
                let value = if is_plain {
                    plain(&text)
                } else {
                    Value::String(text.into_owned())
                };
                let is_block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
                (Kind::Scalar { is_block }, value, anchor)
            }
            Event::Alias(anchor) => {
                let value = self.anchors.get(&anchor).cloned().unwrap_or_default();
                self.values += count(&value);
                (Kind::Alias, value, 0)
            }
            Event::SequenceStart(anchor, _) => {
                let is_flow = is_flow('[');
                let mut items = Vec::new();
                let mut values = Vec::new();
                loop {
                    let (event, span) = self.next()?;
                    if event == Event::SequenceEnd {
                        end = self.end(is_flow, span, items.last(), end);
                        break;
                    }
                    let (item, value) = self.node(event, span, depth + 1)?;
                    items.push(item);
                    values.push(value);
                }
                (Kind::Sequence(items), Value::Array(values), anchor)
            }
            Event::MappingStart(anchor, _) => {
                let is_flow = is_flow('{');
                let mut layout = Layout::Flow;
                let mut entries: Vec<(String, Node)> = Vec::new();
                let mut values = serde_json::Map::new();
                loop {
                    let (event, key_span) = self.next()?;
                    let line = key_span.start.line();
                    let key = match event {
                        Event::MappingEnd => {
                            let last = entries.last().map(|(_, node)| node);
                            end = self.end(is_flow, key_span, last, end);
                            break;
                        }
                        Event::Scalar(key, ..) => key.into_owned(),
                        _ => return Err(DocumentError::Key { line }),
                    };
                    if entries.is_empty() && !is_flow {
                        layout = Layout::Block(key_span.start.col());
                    }
                    let (event, span) = self.next()?;
                    let (node, value) = self.node(event, span, depth + 1)?;
                    if values.insert(key.clone(), value).is_some() {
                        return Err(DocumentError::Twice { key, line });
                    }
                    entries.push((key, node));
                }
                (Kind::Mapping { layout, entries }, merged(values), anchor)
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd
            | Event::SequenceEnd
            | Event::MappingEnd => return Err(DocumentError::Documents(0)),
        };
        if anchor != 0 {
            self.anchors.insert(anchor, value.clone());
        }
        Ok((Node { start, end, kind }, value))
    }

    /// Where a container ends whose end the parser sees here: between brackets with the bracket,
    /// and otherwise with the last that stands in it.
    fn end(&self, is_flow: bool, seen: Span, last: Option<&Node>, otherwise: usize) -> usize {
        if is_flow {
            self.place(seen.start.index()) + 1
        } else {
            last.map_or(otherwise, |node| node.end)
        }
    }
}

/// What text without quotes stands for.
fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ => match serde_json::from_str::<Number>(text) {
            Ok(number) => Value::Number(number),
            Err(_) => Value::String(text.to_owned()),
        },
    }
}

/// A mapping with what the key `<<` brings in.
fn merged(mut values: serde_json::Map<String, Value>) -> Value {
    if let Some(sources) = values.remove("<<") {
        let sources = match sources {
            Value::Array(sources) => sources,
            source => vec![source],
        };
        for source in sources {
            if let Value::Object(source) = source {
                for (key, value) in source {
                    values.entry(key).or_insert(value);
                }
            }
        }
    }
    Value::Object(values)
}

fn count(value: &Value) -> usize {
    match value {
        Value::Array(list) => list.iter().map(count).sum::<usize>() + 1,
        Value::Object(dict) => dict.values().map(count).sum::<usize>() + 1,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 1,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn yaml_and_json_are_read() {
        let yaml = "# żó\na: &x\n  b: 200 # c\n  '200': |\n    text\n\nlist:\n- *x\n- {c: null, d: [1.5, no]}\n\
                    m:\n  <<: *x\n  b: 1\nempty:\n";
        let expected = json!({
            "a": {"b": 200, "200": "text\n"},
            "list": [{"b": 200, "200": "text\n"}, {"c": null, "d": [1.5, "no"]}],
            "m": {"b": 1, "200": "text\n"},
            "empty": null,
        });
        assert_eq!(read_document(yaml).unwrap(), expected);
        let json = r#"{"a\/b": "\ud83d\ude00"}"#;
        assert_eq!(read_document(json).unwrap(), json!({"a/b": "😀"}));
    }

    #[test]
    fn what_is_no_document_is_said() {
        let error = |text: &str| read_document(text).unwrap_err().to_string();
        assert_eq!(
            error("a: 1\nb: 2\na: 3\n"),
            "the key `a` stands twice in a mapping, in line 3"
        );
        assert_eq!(error("a: 1\n---\nb: 2\n"), "expected one document, found 2");
        assert_eq!(error(""), "expected one document, found 0");
        assert_eq!(error("[a]: 1\n"), "a key that is no text, in line 1");
        assert_eq!(error("a: [\n"), "no YAML");
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for nth in 1..9 {
            let before = format!("*a{}, ", nth - 1).repeat(10);
            bomb.extend([format!("a{nth}: &a{nth} [{before}]\n")]);
        }
        assert!(error(&bomb).starts_with("nested deeper"));
    }
}
