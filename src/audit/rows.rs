//! Where the objects stand in a response that shows some, and by what each may be asked for: found
//! in one pass over the text, so that only those that are asked for are decoded.
//!
//! This reads less strictly than `pyrepr`: what it finds is decoded before anybody believes it, and
//! of what it can't follow it finds nothing, so that the whole is decoded.

use std::ops::Range;

use super::asked::{Asked, By, Keys};
use super::object::{About, list_of_rows};
use super::quotes::first_of;
use crate::usage::Envelope;

/// The objects in a response that have not been told of. What an object is asked for by is kept apart
/// from where it stands: an edit looks at the IDs of all objects of its type.
#[derive(Debug, Default)]
pub(super) struct Rows {
    /// Where they stand in the text; nothing is left of those that have been told of.
    spans: Vec<Range<usize>>,
    ids: Keys,
    names: Keys,
}

impl Rows {
    /// Takes those that may be the one that is asked for by its ID, or by its name.
    pub(super) fn take(&mut self, asked: Asked, key: By) -> Vec<Range<usize>> {
        let keys = match key {
            By::Id => &self.ids,
            By::Name => &self.names,
        };
        let mut taken = Vec::new();
        for place in keys.places(asked) {
            let span = std::mem::take(&mut self.spans[place]);
            if !span.is_empty() {
                taken.push(span);
            }
        }
        taken
    }

    /// Takes all that are left.
    pub(super) fn take_all(&mut self) -> impl Iterator<Item = Range<usize>> {
        let rows = std::mem::take(self);
        rows.spans.into_iter().filter(|span| !span.is_empty())
    }

    fn push(&mut self, row: Row) {
        self.spans.push(row.span);
        self.ids.push(row.id);
        self.names.push(row.name);
    }
}

/// An object in a response.
struct Row {
    span: Range<usize>,
    id: Asked,
    name: Asked,
}

/// Finds the objects that a response shows, out of its wrapping. `None` if that takes decoding.
pub(super) fn split(text: &[u8], about: &About) -> Option<Rows> {
    let mut scanner = Scanner { text, at: 0 };
    scanner.skip_space();
    let mut rows = Rows::default();
    scanner.response(about, &mut rows)?;
    scanner.skip_space();
    (scanner.at == text.len()).then_some(rows)
}

struct Scanner<'t> {
    text: &'t [u8],
    at: usize,
}

impl<'t> Scanner<'t> {
    /// Reads a list, or a dict that is an object or holds a list or an envelope.
    fn response(&mut self, about: &About, rows: &mut Rows) -> Option<()> {
        match self.peek()? {
            b'[' => self.list(about, rows),
            b'{' => {
                let mut first = None;
                let (mut keys, mut lists) = (Vec::new(), Vec::new());
                let text = self.text;
                let row = self.row(about, |key, span| {
                    if first.is_none() && !Envelope::is_beside(key) {
                        first = Some((key, span.clone()));
                    }
                    if text[span.start] == b'[' {
                        keys.push(key);
                        lists.push(span);
                    }
                })?;
                let envelope = first.filter(|(key, _)| {
                    std::str::from_utf8(key).is_ok_and(|key| Envelope::Named.is_envelope(key))
                });
                let inner = match envelope {
                    Some((_, span)) => Some(span),
                    None => list_of_rows(&keys).map(|nth| lists.swap_remove(nth)),
                };
                let Some(span) = inner else {
                    rows.push(row);
                    return Some(());
                };
                let mut inner = Scanner {
                    text: &self.text[..span.end],
                    at: span.start,
                };
                inner.response(about, rows)
            }
            _ => None,
        }
    }

    fn list(&mut self, about: &About, rows: &mut Rows) -> Option<()> {
        self.at += 1;
        loop {
            self.skip_space();
            match self.peek()? {
                b']' => {
                    self.at += 1;
                    return Some(());
                }
                b'{' => {
                    let row = self.row(about, |_, _| ())?;
                    rows.push(row);
                }
                _ => {
                    let other = self.value()?;
                    if self.text[other].contains(&b'{') {
                        return None;
                    }
                }
            }
            self.skip_comma(b']')?;
        }
    }

    /// Reads a dict. `entry` gets each key, as it is written between its quotes, and where its value
    /// is.
    fn row(&mut self, about: &About, mut entry: impl FnMut(&'t [u8], Range<usize>)) -> Option<Row> {
        let name_key = about.name_field().as_bytes();
        let start = self.at;
        let (mut id, mut name) = (Asked::NOTHING, Asked::NOTHING);
        self.at += 1;
        loop {
            self.skip_space();
            if self.peek()? == b'}' {
                self.at += 1;
                let span = start..self.at;
                return Some(Row { span, id, name });
            }
            if self.peek()? == b'u' {
                self.at += 1;
            }
            let key = self.string()?;
            self.skip_space();
            if self.peek()? != b':' {
                return None;
            }
            self.at += 1;
            self.skip_space();
            let value = self.value()?;
            if key == b"id" {
                id = Asked::value(&self.text[value.clone()]);
            } else if key == name_key {
                name = Asked::value(&self.text[value.clone()]);
            } else if key.contains(&b'\\') {
                // It may be either.
                return None;
            }
            entry(key, value);
            self.skip_comma(b'}')?;
        }
    }

    /// Comes to the next element, or to the end.
    fn skip_comma(&mut self, closer: u8) -> Option<()> {
        self.skip_space();
        match self.peek()? {
            b',' => self.at += 1,
            next if next == closer => {}
            _ => return None,
        }
        Some(())
    }

    /// Passes over a value, to the comma or the bracket behind it.
    fn value(&mut self) -> Option<Range<usize>> {
        let start = self.at;
        if matches!(self.peek()?, b'\'' | b'"') {
            self.string()?;
            if matches!(self.peek()?, b',' | b'}') {
                return Some(start..self.at);
            }
        }
        let mut depth = 0_usize;
        loop {
            match self.peek()? {
                b'\'' | b'"' => _ = self.string()?,
                b'[' | b'{' | b'(' => {
                    depth += 1;
                    self.at += 1;
                }
                b']' | b'}' | b')' if depth > 0 => {
                    depth -= 1;
                    self.at += 1;
                }
                b']' | b'}' | b')' => break,
                b',' if depth == 0 => break,
                _ => self.at += 1,
            }
        }
        let end = start + self.text[start..self.at].trim_ascii_end().len();
        (end > start).then_some(start..end)
    }

    /// Passes over a string, and returns what is between its quotes.
    fn string(&mut self) -> Option<&'t [u8]> {
        let quote = self.peek().filter(|quote| matches!(quote, b'\'' | b'"'))?;
        let start = self.at + 1;
        let mut at = start;
        loop {
            at += first_of(quote, self.text.get(at..)?)?;
            if self.text[at] == quote {
                break;
            }
            // A backslash and what it escapes.
            at += 2;
        }
        self.at = at + 1;
        Some(&self.text[start..at])
    }

    #[inline]
    fn skip_space(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(service: &str, text: &str) -> String {
        let about = About::service(service);
        let Some(rows) = split(text.as_bytes(), &about) else {
            return "to be decoded".to_owned();
        };
        let asked = |asked| match asked {
            Asked::NOTHING => "-",
            Asked::ANYTHING => "?",
            found => ["1", "12", "a", "b"]
                .into_iter()
                .find(|text| Asked::text(text) == found)
                .unwrap_or("other"),
        };
        let keys = rows.ids.all.iter().zip(&rows.names.all);
        let rows = rows.spans.iter().zip(keys).map(|(span, (id, name))| {
            let text = &text[span.clone()];
            format!("{} {} {text}", asked(*id), asked(*name))
        });
        rows.collect::<Vec<_>>().join(" | ")
    }

    #[test]
    fn rows_are_found_with_what_they_are_asked_for_by() {
        let list = "zato.http-soap.get-list";
        for (service, text, expected) in [
            (list, "[]", ""),
            (
                list,
                "[{'id': 1, 'name': 'a'}, {\"name\": \"b\", \"id\": \"12\"}]",
                "1 a {'id': 1, 'name': 'a'} | 12 b {\"name\": \"b\", \"id\": \"12\"}",
            ),
            (
                list,
                "[{u'id': 1L, u'name': u'a'}]",
                "1 a {u'id': 1L, u'name': u'a'}",
            ),
            (
                list,
                r"[{'x': '}\'', 'y': [{'id': 2}], 'id': None, 'name': '\xfc'}, 3]",
                r"- ? {'x': '}\'', 'y': [{'id': 2}], 'id': None, 'name': '\xfc'}",
            ),
            (
                list,
                r#"{"zato_env": {"id": 7}, "zato_x_response": [{"id": 1}]}"#,
                r#"1 - {"id": 1}"#,
            ),
            (
                list,
                r#"{"_meta": [1], "response": [{"id": 1}, {"id": 1.5}]}"#,
                r#"1 - {"id": 1} | ? - {"id": 1.5}"#,
            ),
            (
                list,
                "{'id': 12, 'at': datetime.datetime(2018, 11, 12), 'name': 'a' }",
                "12 a {'id': 12, 'at': datetime.datetime(2018, 11, 12), 'name': 'a' }",
            ),
            (
                "zato.hot-deploy.create",
                "{'payload_name': 'a'}",
                "- a {'payload_name': 'a'}",
            ),
            (list, "[{'id': 1}", "to be decoded"),
            (list, "[{'id': 1}] x", "to be decoded"),
            (list, "[Bunch({'id': 1})]", "to be decoded"),
            (list, "'[]'", "to be decoded"),
            (list, r"[{'\x69d': 1}]", "to be decoded"),
            (list, "[{1: 2}]", "to be decoded"),
        ] {
            assert_eq!(shown(service, text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_asked_for_is_found_among_many() {
        let about = About::service("zato.http-soap.get-list");
        let list: Vec<String> = (0..500)
            .map(|id| format!("{{'id': {id}, 'name': 'n{id}'}}"))
            .collect();
        let list = format!("[{}]", list.join(", "));
        let mut rows = split(list.as_bytes(), &about).unwrap();
        let mut take = |asked: &str, by| rows.take(Asked::text(asked), by).len();
        for id in (0..500).step_by(3) {
            assert_eq!(take(&id.to_string(), By::Id), 1);
            assert_eq!(take(&id.to_string(), By::Id), 0);
            assert_eq!(
                take(&format!("n{}", id + 1), By::Name),
                usize::from(id + 1 < 500)
            );
        }
        assert_eq!(take("500", By::Id), 0);
        let mut rows = split(br"[{'id': '\xfc'}]", &about).unwrap();
        assert_eq!(rows.take(Asked::text("1"), By::Id).len(), 1);
    }
}
