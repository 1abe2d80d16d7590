//! Writes new entries into the text of a document, and leaves all that stands in it.

use std::collections::HashMap;
use std::ops::Range;

use serde_json::{Map, Value};

use super::tree::{DocumentError, Kind, Layout, Node, Notation, Tree};
use super::yaml::write_entries;
use crate::export::quote::{compact_json, indented_json, yaml_number};

/// An entry that a document lacks.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Insertion {
    /// The mapping that lacks it: the keys that lead there.
    pub(super) at: Vec<String>,
    pub(super) key: String,
    pub(super) value: Value,
}

/// A change of the text.
struct Edit {
    range: Range<usize>,
    text: String,
    /// Of two that are written at the same place, what belongs to the inner mapping stands first.
    depth: usize,
}

/// How often a text is read again at most to find the entries that change something else. What has
/// not been tried by then is not written.
const MOST_TRIES: usize = 128;

/// Returns the text with the entries in it, and those that could not be written: behind an alias,
/// or where something else than a mapping stands.
///
/// What comes out was read again: it is the document with the entries, and nothing else. An entry
/// whose text would change anything else is one that could not be written. Fails where the text with
/// its entries is larger than what is read.
pub(super) fn inserted(
    text: &str,
    tree: &Tree,
    insertions: &[Insertion],
) -> Result<(String, Vec<Insertion>), DocumentError> {
    let (written, left) = with_all(text, tree, insertions);
    if is_as_expected(&written, tree, insertions, &left)? {
        return Ok((written, left));
    }
    let mut halves = Halves {
        text: text.to_owned(),
        left: Vec::new(),
        tries: MOST_TRIES,
    };
    halves.insert(insertions)?;
    Ok((halves.text, halves.left))
}

/// Finds the entries that change something else by halving those that are tried at once.
struct Halves {
    text: String,
    left: Vec<Insertion>,
    /// How many tries there are left.
    tries: usize,
}

impl Halves {
    /// Inserts entries that can't all be written at once.
    fn insert(&mut self, insertions: &[Insertion]) -> Result<(), DocumentError> {
        if insertions.len() < 2 || self.tries < 2 {
            self.left.extend_from_slice(insertions);
            return Ok(());
        }
        let (first, second) = insertions.split_at(insertions.len() / 2);
        for half in [first, second] {
            self.tries = self.tries.saturating_sub(1);
            let tree = Tree::read(&self.text)?;
            let (written, left) = with_all(&self.text, &tree, half);
            if is_as_expected(&written, &tree, half, &left)? {
                self.text = written;
                self.left.extend(left);
            } else {
                self.insert(half)?;
            }
        }
        Ok(())
    }
}

fn with_all(text: &str, tree: &Tree, insertions: &[Insertion]) -> (String, Vec<Insertion>) {
    let mut edits: Vec<Edit> = Vec::new();
    let mut left = Vec::new();
    for (at, here) in by_place(insertions) {
        let entry = |one: &&Insertion| (one.key.clone(), one.value.clone());
        match edits_at(text, tree, at, &here.iter().map(entry).collect()) {
            Some(more) => edits.extend(more),
            None => left.extend(here.into_iter().cloned()),
        }
    }
    edits.sort_by_key(|edit| (edit.range.start, std::cmp::Reverse(edit.depth)));
    let mut out = String::with_capacity(text.len() + text.len() / 4);
    let mut place = 0;
    for edit in edits {
        out.push_str(&text[place.min(edit.range.start)..edit.range.start]);
        if edit.range.is_empty() && edit.range.start == text.len() && tree.is_block(&out) {
            out.push_str(newline(text));
        }
        out.push_str(&edit.text);
        place = edit.range.end;
    }
    out.push_str(&text[place..]);
    (out, left)
}

impl Tree {
    /// Whether what follows this text needs a line of its own and has none.
    fn is_block(&self, text: &str) -> bool {
        self.notation == Notation::Yaml && !text.is_empty() && !text.ends_with('\n')
    }
}

/// The new entries of each mapping, in the order in which they are given.
fn by_place(insertions: &[Insertion]) -> Vec<(&[String], Vec<&Insertion>)> {
    let mut places: Vec<(&[String], Vec<&Insertion>)> = Vec::new();
    let mut known: HashMap<&[String], usize> = HashMap::new();
    for insertion in insertions {
        let place = *known.entry(&insertion.at).or_insert_with(|| {
            places.push((&insertion.at, Vec::new()));
            places.len() - 1
        });
        places[place].1.push(insertion);
    }
    places
}

/// What has to be changed for these entries; `None` where they can't be written.
fn edits_at(
    text: &str,
    tree: &Tree,
    at: &[String],
    entries: &Map<String, Value>,
) -> Option<Vec<Edit>> {
    let mut node = &tree.root;
    // The indentation of the mapping around, unless that stands between braces.
    let mut around = None;
    for key in at {
        let next = match &node.kind {
            Kind::Mapping { layout, entries } => {
                around = match layout {
                    Layout::Block(indent) => Some(*indent),
                    Layout::Flow => None,
                };
                entries
                    .iter()
                    .find(|(name, _)| name == key)
                    .map(|(_, node)| node)
            }
            Kind::Sequence(items) => {
                around = None;
                key.parse::<usize>().ok().and_then(|nth| items.get(nth))
            }
            Kind::Scalar { .. } | Kind::Alias => None,
        };
        node = next?;
    }
    let depth = at.len();
    let new_block = |indent: usize| Edit {
        range: empty(next_line(text, node)),
        text: block(text, entries, indent + unit(tree)),
        depth,
    };
    match (&node.kind, around) {
        (
            Kind::Mapping {
                layout: Layout::Block(indent),
                ..
            },
            _,
        ) => Some(vec![Edit {
            range: empty(next_line(text, node)),
            text: block(text, entries, *indent),
            depth,
        }]),
        (
            Kind::Mapping {
                layout: Layout::Flow,
                entries: known,
            },
            around,
        ) => {
            let inside = text.get(node.start + 1..node.end.saturating_sub(1))?;
            let is_empty = known.is_empty() && inside.trim().is_empty();
            match (around, known.last()) {
                (Some(indent), None) if is_empty && tree.notation == Notation::Yaml => {
                    let before = text[..node.start].trim_end_matches(' ').len();
                    let is_last = text[node.end..].starts_with(['\r', '\n']);
                    let start = if is_last { before } else { node.start };
                    let gone = Edit {
                        range: start..node.end,
                        text: String::new(),
                        depth,
                    };
                    Some(vec![gone, new_block(indent)])
                }
                (_, None) if !is_empty => None,
                (_, last) => Some(vec![flow(text, tree, node, last, entries, depth)]),
            }
        }
        // Nothing stands behind the key.
        (Kind::Scalar { is_block: false }, Some(indent)) if node.start == node.end => {
            Some(vec![new_block(indent)])
        }
        (Kind::Scalar { .. } | Kind::Alias | Kind::Sequence(_), _) => None,
    }
}

/// Entries between braces: in lines of their own where the document is JSON in lines.
fn flow(
    text: &str,
    tree: &Tree,
    node: &Node,
    last: Option<&(String, Node)>,
    entries: &Map<String, Value>,
    depth: usize,
) -> Edit {
    let is_in_lines = tree.notation == Notation::Json && text.trim_end().contains('\n');
    let comma = if last.is_some() { "," } else { "" };
    let place = last.map_or(node.start + 1, |(_, last)| last.end);
    let mut new = comma.to_owned();
    if is_in_lines {
        let unit = json_unit(text);
        let own = indentation(text, node.start);
        let inner = match (
            text[node.start + 1..].split_once(|c: char| !c.is_whitespace()),
            last,
        ) {
            (Some((space, _)), Some(_)) if space.contains('\n') => {
                space.rsplit('\n').next().unwrap_or_default().to_owned()
            }
            _ => format!("{own}{unit}"),
        };
        let object = indented_json(&Value::Object(entries.clone()));
        // Without the braces and their lines.
        let lines = object.lines().skip(1);
        let count = object.lines().count().saturating_sub(2);
        for line in lines.take(count) {
            let content = line.trim_start_matches(' ');
            let level = (line.len() - content.len()) / 2;
            new.push_str(newline(text));
            new.push_str(&inner);
            new.push_str(&unit.repeat(level.saturating_sub(1)));
            new.push_str(content);
        }
        if last.is_none() {
            new.extend([newline(text), own]);
        }
    } else {
        let object = compact_json(&Value::Object(entries.clone()));
        if last.is_some() {
            new.push(' ');
        }
        new.push_str(&object[1..object.len() - 1]);
    }
    let range = if last.is_some() || !is_in_lines {
        empty(place)
    } else {
        // Between empty braces.
        place..node.end - 1
    };
    Edit {
        range,
        text: new,
        depth,
    }
}

fn block(text: &str, entries: &Map<String, Value>, indent: usize) -> String {
    let mut block = String::new();
    write_entries(entries, indent, &mut block);
    if newline(text) == "\r\n" {
        block = block.replace('\n', "\r\n");
    }
    block
}

fn empty(place: usize) -> Range<usize> {
    place..place
}

/// Where the line behind a value starts.
fn next_line(text: &str, node: &Node) -> usize {
    let last = last_leaf(node);
    if matches!(last.kind, Kind::Scalar { is_block: true }) {
        // Such a text ends where the next line's content starts, or with the file.
        let line = text[..last.end]
            .rfind('\n')
            .map_or(0, |newline| newline + 1);
        let is_in_line = !text[line..last.end].trim().is_empty();
        return if is_in_line { text.len() } else { line };
    }
    text[node.end..]
        .find('\n')
        .map_or(text.len(), |newline| node.end + newline + 1)
}

fn last_leaf(node: &Node) -> &Node {
    let last = match &node.kind {
        Kind::Mapping {
            layout: Layout::Block(_),
            entries,
        } => entries.last().map(|(_, node)| node),
        Kind::Sequence(items) => items.last().filter(|last| last.end == node.end),
        Kind::Mapping {
            layout: Layout::Flow,
            ..
        }
        | Kind::Scalar { .. }
        | Kind::Alias => None,
    };
    last.map_or(node, last_leaf)
}

/// By how many spaces the document indents.
fn unit(tree: &Tree) -> usize {
    let Kind::Mapping { entries, .. } = &tree.root.kind else {
        return 2;
    };
    let indents = entries.iter().filter_map(|(_, node)| match node.kind {
        Kind::Mapping {
            layout: Layout::Block(indent),
            ..
        } => Some(indent),
        Kind::Mapping { .. } | Kind::Sequence(_) | Kind::Scalar { .. } | Kind::Alias => None,
    });
    indents.filter(|indent| *indent > 0).min().unwrap_or(2)
}

/// By what a document of JSON in lines indents.
fn json_unit(text: &str) -> &str {
    let mut lines = text.lines().skip(1);
    let first = lines.find(|line| !line.trim().is_empty()).unwrap_or("");
    let unit = &first[..first.len() - first.trim_start().len()];
    if unit.is_empty() { "  " } else { unit }
}

/// What stands before the first character of a line.
fn indentation(text: &str, place: usize) -> &str {
    let start = text[..place].rfind('\n').map_or(0, |newline| newline + 1);
    let line = &text[start..place];
    &line[..line.len() - line.trim_start().len()]
}

fn newline(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

/// Whether a text is the document with what was inserted. Fails where it is too large to tell.
fn is_as_expected(
    text: &str,
    tree: &Tree,
    insertions: &[Insertion],
    left: &[Insertion],
) -> Result<bool, DocumentError> {
    let found = match Tree::read(text) {
        Ok(found) => found,
        Err(DocumentError::Size) => return Err(DocumentError::Size),
        Err(_) => return Ok(false),
    };
    let mut expected = tree.value.clone();
    for insertion in insertions.iter().filter(|one| !left.contains(one)) {
        let mut place = &mut expected;
        for key in &insertion.at {
            let next = match place {
                Value::Object(dict) => dict.get_mut(key),
                Value::Array(list) => key.parse::<usize>().ok().and_then(|nth| list.get_mut(nth)),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
            };
            let Some(next) = next else {
                return Ok(false);
            };
            place = next;
        }
        if place.is_null() {
            *place = Value::Object(Map::new());
        }
        let Value::Object(dict) = place else {
            return Ok(false);
        };
        dict.insert(insertion.key.clone(), insertion.value.clone());
    }
    Ok(is_same(&found.value, &expected))
}

/// Equality, but for the notation of numbers.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => yaml_number(one) == yaml_number(other),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .zip(other)
                    .all(|(one, other)| is_same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .all(|(key, value)| other.get(key).is_some_and(|other| is_same(value, other)))
        }
        (one, other) => one == other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn insertion(at: &[&str], key: &str, value: Value) -> Insertion {
        Insertion {
            at: at.iter().map(|key| (*key).to_owned()).collect(),
            key: key.to_owned(),
            value,
        }
    }

    #[track_caller]
    fn edited(text: &str, insertions: &[Insertion]) -> String {
        let (text, left) = inserted(text, &Tree::read(text).unwrap(), insertions).unwrap();
        assert_eq!(left, []);
        text
    }

    #[test]
    fn comments_order_and_style_stay() {
        let text = "# about\npaths: # all\n    /b:   # żó\n        post: {x: 1,  # flow\n               y: [2]}\n\
                    \x20       text: |\n            a\n\n            b\n    # between\n    /a: {} # none yet\n    /c:\n\n# end\nlast: 'x'";
        let written = edited(
            text,
            &[
                insertion(&["paths", "/b"], "new", json!({"a": [1, {"b": null}]})),
                insertion(&["paths", "/b", "post"], "z", json!({"a: b": "c"})),
                insertion(&["paths", "/a"], "get", json!("yes")),
                insertion(&["paths", "/c"], "get", json!({})),
                insertion(&["paths"], "/d", json!(1)),
                insertion(&[], "more", json!(true)),
            ],
        );
        insta::assert_snapshot!(written, @r#"
        # about
        paths: # all
            /b:   # żó
                post: {x: 1,  # flow
                       y: [2], "z":{"a: b":"c"}}
                text: |
                    a

                    b
                new:
                  a:
                    - 1
                    - b: null
            # between
            /a:  # none yet
                get: "yes"
            /c:
                get: {}
            /d: 1

        # end
        last: 'x'
        more: true
        "#);
    }

    #[test]
    fn json_keeps_its_indentation() {
        let text = "{\n\t\"a\": {\n\t\t\"b\": [1, 2]\n\t},\n\t\"c\": {}\n}\n";
        let written = edited(
            text,
            &[
                insertion(&["a"], "new", json!({"x": [1]})),
                insertion(&["c"], "y", json!(null)),
            ],
        );
        let expected = "{\n\t\"a\": {\n\t\t\"b\": [1, 2],\n\t\t\"new\": {\n\t\t\t\"x\": [\n\t\t\t\t1\n\t\t\t]\n\t\t}\n\t},\n\
                        \t\"c\": {\n\t\t\"y\": null\n\t}\n}\n";
        assert_eq!(written, expected);
        let one_line = edited("{\"a\": {}}", &[insertion(&["a"], "b", json!([1]))]);
        assert_eq!(one_line, "{\"a\": {\"b\":[1]}}");
    }

    #[test]
    fn ends_of_lines_stay() {
        let written = edited(
            "a:\r\n  b: 1\r\n",
            &[insertion(&["a"], "c", json!({"d": 2}))],
        );
        assert_eq!(written, "a:\r\n  b: 1\r\n  c:\r\n    d: 2\r\n");
    }

    #[test]
    fn a_text_that_keeps_its_newlines_is_not_changed() {
        for text in [
            "a:\n  b: |+\n    x\n\n\nc: 1\n",
            "a:\n  b: |+\n    x\n\n\n",
            "a:\n  b: >-\n    x",
        ] {
            let written = edited(text, &[insertion(&["a"], "new", json!(1))]);
            assert!(written.contains("  new: 1\n"), "{written}");
        }
    }

    #[test]
    fn what_can_not_be_written_is_left() {
        let text = "x: &x\n  a: 1\ny: *x\nz: [1]\n";
        let insertions = [
            insertion(&["y"], "b", json!(1)),
            insertion(&["z"], "b", json!(1)),
            insertion(&["gone"], "b", json!(1)),
            // The alias would change with it.
            insertion(&["x"], "b", json!(1)),
        ];
        let (written, left) = inserted(text, &Tree::read(text).unwrap(), &insertions).unwrap();
        assert_eq!(written, text);
        assert_eq!(left.len(), 4);
    }

    #[test]
    fn what_changes_something_else_is_found_among_many() {
        let places: Vec<String> = (0..300).map(|nth| format!("m{nth}")).collect();
        let mut text = String::new();
        for place in &places {
            let anchor = if place.ends_with("50") { " &x" } else { "" };
            text.extend([place, ":", anchor, "\n  a: 1\n"]);
        }
        // What is anchored twice is what was anchored last.
        text += "alias: *x\n";
        let insertions: Vec<Insertion> = places
            .iter()
            .map(|place| insertion(&[place], "b", json!(1)))
            .collect();
        let tree = Tree::read(&text).unwrap();
        let (written, left) = inserted(&text, &tree, &insertions).unwrap();
        assert_eq!(left, [insertion(&["m250"], "b", json!(1))]);
        assert_eq!(written.matches("  b: 1\n").count(), 299);
    }

    #[test]
    fn what_is_too_large_with_its_entries_is_an_error() {
        let items = "1, ".repeat(999_990);
        let text = format!("a: [{items}]\nb: {{}}\n");
        let insertions = [insertion(&["b"], "c", json!(vec![1; 20]))];
        let tree = Tree::read(&text).unwrap();
        let failed = inserted(&text, &tree, &insertions);
        assert!(matches!(failed, Err(DocumentError::Size)));
    }
}
