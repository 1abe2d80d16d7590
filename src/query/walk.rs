//! Follows paths through a payload, token by token.

use super::path::{Path, Reached};
use crate::pyrepr::Token;

/// Some paths, and how far each has come.
pub(super) struct Walk<'p> {
    paths: Vec<&'p Path>,
    /// Whether each container that is open is a list, and how many of its items have been read.
    open: Vec<Option<usize>>,
    /// For each path how far it has come in each container, and behind all else at the payload.
    reached: Vec<Vec<Reached>>,
    /// For each path how far it has come at the value that comes next or has just come.
    next: Vec<Reached>,
    is_value: bool,
}

impl<'p> Walk<'p> {
    /// Starts before a payload.
    pub(super) fn new(paths: Vec<&'p Path>) -> Self {
        let next: Vec<Reached> = paths.iter().map(|path| path.start()).collect();
        Self {
            open: Vec::new(),
            reached: vec![Vec::new(); paths.len()],
            paths,
            next,
            is_value: false,
        }
    }

    /// Goes on to the next token.
    pub(super) fn step(&mut self, token: &Token<'_>) {
        self.is_value = false;
        match token {
            Token::Key(key) => {
                self.go(|path, reached| path.behind_key(reached, key));
                return;
            }
            Token::DictEnd | Token::ListEnd => {
                self.open.pop();
                for reached in &mut self.reached {
                    reached.pop();
                }
                return;
            }
            _ => {}
        }
        self.is_value = true;
        if let Some(Some(items)) = self.open.last_mut() {
            let number = *items;
            *items += 1;
            self.go(|path, reached| path.at_item(reached, number));
        }
        let items = match token {
            Token::ListStart => Some(0),
            Token::DictStart => None,
            _ => return,
        };
        self.open.push(items);
        for (reached, next) in self.reached.iter_mut().zip(&self.next) {
            reached.push(*next);
        }
    }

    /// Whether the value that the token before is, or starts, stands where this path ends.
    pub(super) fn is_at_end(&self, nth: usize) -> bool {
        self.is_value && self.paths[nth].is_end(self.next[nth])
    }

    /// Follows a path no more; the last one takes its number.
    pub(super) fn forget(&mut self, nth: usize) {
        self.paths.swap_remove(nth);
        self.reached.swap_remove(nth);
        self.next.swap_remove(nth);
    }

    fn go(&mut self, to: impl Fn(&Path, Reached) -> Reached) {
        for ((path, reached), next) in self.paths.iter().zip(&self.reached).zip(&mut self.next) {
            *next = to(path, reached.last().copied().unwrap_or_default());
        }
    }
}
