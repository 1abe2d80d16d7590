//! What values are made of.

use std::borrow::Cow;

/// A piece of a value. A container is its start, what it holds, and its end; in a dict each value
/// stands behind its [`Token::Key`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token<'a> {
    /// `None`, `Ellipsis`, `...`
    Null,
    /// `True` or `False`
    Bool(bool),
    /// A number in the notation of JSON, exact at any size.
    Number(Cow<'a, str>),
    /// Text, or anything that JSON has no other form for.
    Text(Cow<'a, str>),
    /// Start of a list, tuple or set.
    ListStart,
    /// End of a list, tuple or set.
    ListEnd,
    /// Start of a dict or of what prints like one.
    DictStart,
    /// A key of a dict; one that is not text as its Python text.
    Key(Cow<'a, str>),
    /// End of a dict.
    DictEnd,
}
