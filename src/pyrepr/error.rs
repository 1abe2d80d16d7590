//! Says what in a text is no Python value, and where.

use thiserror::Error;

/// Why a text could not be read as a Python value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{kind} at byte {offset}")]
pub struct ReprError {
    /// Where reading stopped, in bytes from the start of the text.
    pub offset: usize,
    /// What was wrong there.
    pub kind: ReprErrorKind,
}

/// The kinds of [`ReprError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ReprErrorKind {
    /// The text ended inside a value.
    #[error("value ends too early")]
    UnexpectedEnd,
    /// Something else stood where this was expected.
    #[error("expected {0}")]
    Expected(&'static str),
    /// A whole value was read, and more text follows it.
    #[error("unexpected text after the value")]
    TrailingText,
}

impl ReprErrorKind {
    pub(super) fn at(self, offset: usize) -> ReprError {
        ReprError { offset, kind: self }
    }
}
