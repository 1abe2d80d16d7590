//! Texts that repeat, each kept once and with its secrets masked: a client says what it likes of
//! itself.

use std::collections::BTreeMap;

use crate::redact::mask_text;

/// How many texts are kept. What comes behind them is unknown.
pub const MOST_TEXTS: usize = 1 << 16;

/// The number of a text that is not known.
pub(super) const NO_TEXT: u32 = u32::MAX;

/// The longest text that is kept, in bytes.
const LONGEST: usize = 512;

/// Texts with their numbers.
#[derive(Debug, Default)]
pub(super) struct Texts {
    texts: Vec<String>,
    numbers: BTreeMap<String, u32>,
}

impl Texts {
    /// Returns the number of a text.
    pub(super) fn number(&mut self, text: &str) -> u32 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        if text.is_empty() || text.len() > LONGEST || self.texts.len() >= MOST_TEXTS {
            return NO_TEXT;
        }
        let number = u32::try_from(self.texts.len()).unwrap_or(NO_TEXT);
        let masked = mask_text(text).unwrap_or_else(|| text.to_owned());
        self.texts.push(masked);
        self.numbers.insert(text.to_owned(), number);
        number
    }

    /// Returns the text with this number.
    pub(super) fn get(&self, number: u32) -> Option<&str> {
        self.texts.get(number as usize).map(String::as_str)
    }
}
