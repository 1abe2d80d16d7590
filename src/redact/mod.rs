//! Masks secrets, once, before anyone sees a payload.
//!
//! [`Redactor::tokens`] stands between a payload's tokens and all that use them: the value of a
//! key that names a secret becomes [`MASK`], whatever it is, and secrets inside text are masked
//! where they stand. A payload that can't be decoded passes as one text, so its secrets are masked
//! all the same. When in doubt it masks.
//!
//! Zato itself masks only the top level of requests, and only keys with `password` in lower case.

mod elements;
mod encoded;
mod forms;
mod hints;
mod key;
mod named;
mod pattern;
mod text;
mod tokens;
mod value;
mod writer;

#[cfg(test)]
mod tests;

pub use key::is_secret;
pub use text::mask_text;
pub use writer::Writer;

use crate::pyrepr::{ReprError, Token, Tokens};

/// What stands in the place of a secret: the same as in Zato's own log.
pub const MASK: &str = "******";

/// Whether secrets are masked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Redactor {
    /// Secrets are masked.
    #[default]
    Mask,
    /// Everything is shown as it was logged.
    Show,
}

impl Redactor {
    /// Returns `tokens` with their secrets masked, unless they are to be shown.
    pub fn tokens<'a>(
        self,
        tokens: &mut Tokens<'a>,
    ) -> impl Iterator<Item = Result<Token<'a>, ReprError>> {
        tokens::Masked::new(tokens, self)
    }
}
