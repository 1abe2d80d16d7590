//! Shows why an invocation is meant: what is searched for, in its context.

use std::ops::Range;

use super::facts::Line;
use super::matcher::{Condition, Matcher};
use super::path::Path;
use super::payload::{Needle, ValueTest, scalar_text, searched_text};
use super::walk::Walk;
use crate::entry::Direction;
use crate::pyrepr::{Notation, Token, Tokens};

/// A key or a value in which something was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// Where it stands: `request.security.name`; for a key, in what: `request.security`.
    pub place: String,
    /// Whether it is a key.
    pub is_key: bool,
    /// The text, or a part of it.
    pub text: String,
    /// The bytes of `text` that were searched for.
    pub found: Vec<Range<usize>>,
}

/// How many characters are shown on either side of what was found.
const CONTEXT: usize = 30;

impl Matcher {
    /// Returns the first places in the payloads of a line where something stands that is searched
    /// for, as many as `limit`. Values come before keys.
    #[must_use]
    pub fn excerpts(&self, line: &Line<'_>, limit: usize) -> Vec<Excerpt> {
        let mut in_values = Vec::new();
        let mut in_keys = Vec::new();
        self.each_find(line, |find| {
            let excerpts = if find.is_key {
                &mut in_keys
            } else {
                &mut in_values
            };
            if excerpts.len() < limit {
                excerpts.push(excerpt(find));
            }
            in_values.len() < limit
        });
        in_values.extend(in_keys);
        in_values.truncate(limit);
        in_values
    }

    /// How well a line fits what is searched for, for [`SortBy::Score`](super::SortBy::Score): the
    /// more often something stands in it and the shorter it is the better, and best in the
    /// service's name.
    #[must_use]
    pub fn score(&self, line: &Line<'_>) -> i64 {
        let mut finds: u32 = 0;
        self.each_find(line, |find| {
            finds = finds.saturating_add(u32::try_from(find.found.len()).unwrap_or(u32::MAX));
            true
        });
        let in_service = self.wanted().filter(|condition| {
            matches!(condition, Condition::Anywhere(needle) if needle.is_in(&line.facts.service))
        });
        let in_service = u32::try_from(in_service.count()).unwrap_or(u32::MAX);
        let payloads = [line.request, line.response].into_iter().flatten();
        let length = u32::try_from(payloads.map(str::len).sum::<usize>()).unwrap_or(u32::MAX);
        let weight = f64::from(finds).ln_1p() + 4.0 * f64::from(in_service);
        // A call of a kilobyte weighs half of what an empty one does.
        let score = 1e6 * weight / (1.0 + (f64::from(length) / 1000.0).ln_1p() / f64::ln(2.0));
        #[expect(clippy::cast_possible_truncation, reason = "a score is small")]
        let rounded = score as i64;
        rounded
    }

    /// Gives `take` all keys and values in which something stands that is searched for, until it
    /// returns `false`.
    fn each_find(&self, line: &Line<'_>, mut take: impl FnMut(Find<'_>) -> bool) {
        for (direction, json) in [
            (Direction::Request, line.request),
            (Direction::Response, line.response),
        ] {
            if let Some(json) = json
                && !self.each_find_in(direction, json, &mut take)
            {
                return;
            }
        }
    }

    /// Returns whether to go on.
    fn each_find_in(
        &self,
        direction: Direction,
        json: &str,
        take: &mut impl FnMut(Find<'_>) -> bool,
    ) -> bool {
        let mut needles: Vec<&Needle> = Vec::new();
        let mut values: Vec<(&Path, &ValueTest)> = Vec::new();
        for condition in self.wanted() {
            match condition {
                Condition::Anywhere(needle) => needles.push(needle),
                Condition::Payload(path, test) if path.side == direction => {
                    values.push((path, test));
                }
                _ => {}
            }
        }
        if needles.is_empty() && values.is_empty() {
            return true;
        }
        let root = match direction {
            Direction::Request => "request",
            Direction::Response => "response",
        };
        let mut walk = Walk::new(values.iter().map(|(path, _)| *path).collect());
        let mut trail = Trail::new(root);
        let mut tokens = Tokens::of_text(json, Notation::Json);
        let mut found: Vec<Range<usize>> = Vec::new();
        while let Ok(Some(token)) = tokens.next_token() {
            walk.step(&token);
            trail.step(&token);
            if let Some(text) = searched_text(&token) {
                for needle in &needles {
                    needle.places(text, &mut found);
                }
            }
            for (nth, (_, test)) in values.iter().enumerate() {
                if walk.is_at_end(nth) && test.fits(&token) {
                    let text = scalar_text(&token).unwrap_or_default();
                    test.places(text, &mut found);
                }
            }
            if let Some(text) = searched_text(&token).or_else(|| scalar_text(&token))
                && !found.is_empty()
            {
                let is_key = matches!(token, Token::Key(_));
                let find = Find {
                    place: if is_key { trail.around() } else { &trail.place },
                    is_key,
                    text,
                    found: std::mem::take(&mut found),
                };
                if !take(find) {
                    return false;
                }
            }
        }
        true
    }
}

/// A key or a value in which something was found, and its bytes that were searched for.
struct Find<'f> {
    place: &'f str,
    is_key: bool,
    text: &'f str,
    found: Vec<Range<usize>>,
}

/// The keys that lead to a token.
struct Trail {
    place: String,
    /// The length of `place` at each container that is open, and whether the container is a list.
    open: Vec<(usize, bool)>,
}

impl Trail {
    fn new(root: &str) -> Self {
        Self {
            place: root.to_owned(),
            open: Vec::new(),
        }
    }

    /// The keys that lead to what the token is in.
    fn around(&self) -> &str {
        let length = self.open.last().map_or(0, |(length, _)| *length);
        &self.place[..length]
    }

    fn step(&mut self, token: &Token<'_>) {
        match token {
            Token::Key(key) => {
                if let Some((length, _)) = self.open.last() {
                    self.place.truncate(*length);
                }
                self.place.push('.');
                self.place.push_str(key);
            }
            Token::DictStart => self.open.push((self.place.len(), false)),
            Token::ListStart => self.open.push((self.place.len(), true)),
            Token::DictEnd | Token::ListEnd => {
                if let Some((length, _)) = self.open.pop() {
                    self.place.truncate(length);
                }
            }
            _ => {}
        }
    }
}

/// Cuts a text to what was found in it and its surroundings.
fn excerpt(find: Find<'_>) -> Excerpt {
    let Find {
        place,
        is_key,
        text,
        mut found,
    } = find;
    found.sort_unstable_by_key(|range| (range.start, range.end));
    found.dedup_by(|next, range| {
        let overlaps = next.start <= range.end;
        if overlaps {
            range.end = range.end.max(next.end);
        }
        overlaps
    });
    let first = found.first().map_or(0, |range| range.start);
    let start = back(text, first, CONTEXT);
    let last = found.first().map_or(0, |range| range.end);
    let end = forth(text, last, 2 * CONTEXT);
    let mut shown = String::new();
    let before = if start > 0 { "…" } else { "" };
    shown.push_str(before);
    shown.push_str(&text[start..end]);
    if end < text.len() {
        shown.push('…');
    }
    let found = found
        .into_iter()
        .filter(|range| range.start < end)
        .map(|range| {
            let shift = |at: usize| at - start + before.len();
            shift(range.start)..shift(range.end.min(end))
        })
        .collect();
    Excerpt {
        place: place.to_owned(),
        is_key,
        text: shown,
        found,
    }
}

/// The byte so many characters before another.
fn back(text: &str, at: usize, characters: usize) -> usize {
    let mut before = text[..at].char_indices().rev();
    before
        .nth(characters.saturating_sub(1))
        .map_or(0, |(at, _)| at)
}

/// The byte so many characters behind another.
fn forth(text: &str, at: usize, characters: usize) -> usize {
    let mut behind = text[at..].char_indices();
    behind
        .nth(characters)
        .map_or(text.len(), |(offset, _)| at + offset)
}
