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
    /// Where it stands: `request.security.name`. A key stands at its own place.
    pub place: String,
    /// The text, or a part of it.
    pub text: String,
    /// The bytes of `text` that were searched for.
    pub found: Vec<Range<usize>>,
}

/// How many characters are shown on either side of what was found.
const CONTEXT: usize = 30;

impl Matcher {
    /// Returns the first places in the payloads of a line where something stands that is searched
    /// for, as many as `limit`.
    #[must_use]
    pub fn excerpts(&self, line: &Line<'_>, limit: usize) -> Vec<Excerpt> {
        let mut excerpts = Vec::new();
        for (direction, json) in [
            (Direction::Request, line.request),
            (Direction::Response, line.response),
        ] {
            if let Some(json) = json {
                self.find_excerpts(direction, json, limit, &mut excerpts);
            }
        }
        excerpts
    }

    fn find_excerpts(
        &self,
        direction: Direction,
        json: &str,
        limit: usize,
        excerpts: &mut Vec<Excerpt>,
    ) {
        let mut needles: Vec<&Needle> = Vec::new();
        let mut values: Vec<(&Path, &ValueTest)> = Vec::new();
        for condition in self.wanted() {
            match condition {
                Condition::Anywhere(needle, _) => needles.push(needle),
                Condition::Payload(path, test, _) if path.side == direction => {
                    values.push((path, test));
                }
                _ => {}
            }
        }
        let root = match direction {
            Direction::Request => "request",
            Direction::Response => "response",
        };
        let mut walk = Walk::new(values.iter().map(|(path, _)| *path).collect());
        let mut trail = Trail::new(root);
        let mut tokens = Tokens::of_text(json, Notation::Json);
        while let Ok(Some(token)) = tokens.next_token()
            && excerpts.len() < limit
        {
            walk.step(&token);
            trail.step(&token);
            let mut found: Vec<Range<usize>> = Vec::new();
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
                excerpts.push(excerpt(trail.place(), text, found));
            }
        }
    }
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

    fn place(&self) -> &str {
        &self.place
    }
}

/// Cuts a text to what was found in it and its surroundings.
fn excerpt(place: &str, text: &str, mut found: Vec<Range<usize>>) -> Excerpt {
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
