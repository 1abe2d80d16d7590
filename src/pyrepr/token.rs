//! What values are made of.

use std::borrow::Cow;
use std::ops::Deref;

/// A piece of a value. A container is its start, what it holds, and its end; in a dict each value
/// stands behind its [`Token::Key`].
// No part is smaller than a word: moves of smaller ones overlap, and wait for each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token<'a> {
    /// `None`, `Ellipsis`, `...`
    Null,
    /// `True`
    True,
    /// `False`
    False,
    /// A number in the notation of JSON, exact at any size.
    Number(Cow<'a, str>),
    /// Text, or anything that JSON has no other form for.
    Text(Text<'a>),
    /// Start of a list, tuple or set.
    ListStart,
    /// End of a list, tuple or set.
    ListEnd,
    /// Start of a dict or of what prints like one.
    DictStart,
    /// A key of a dict; one that is not text as its Python text.
    Key(Text<'a>),
    /// End of a dict.
    DictEnd,
}

/// Text, with what has been seen of it while its end was looked for.
///
/// ```
/// use zalog::pyrepr::Text;
/// let text = Text::from("it's");
/// assert_eq!((text.len(), &*text), (4, "it's"));
/// ```
#[derive(Clone, Debug)]
pub struct Text<'a> {
    text: Cow<'a, str>,
    look: Look,
}

/// What is known of a text before anybody looks at it again.
// As large as its neighbours in `Text`: a byte and its padding were moved by loads that overlap
// stores and wait for them, which took 15 % of `zalog parse`.
#[repr(usize)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// Nothing.
    Unknown,
    /// It is printable ASCII without quotes and backslashes, so it is the inside of a JSON string.
    Plain,
    /// It is plain, and none of its bytes is one of [`SEPARATORS`].
    Word,
}

/// What stands between words, and between names and their values: in a list that is a comma, in a
/// URL that is a part of another one of them percent-encoded.
pub const SEPARATORS: [u8; 6] = [b':', b'=', b'<', b' ', b',', b'%'];

impl<'a> Text<'a> {
    pub(super) fn new(text: Cow<'a, str>, look: Look) -> Self {
        Self { text, look }
    }

    /// Whether this is surely printable ASCII without quotes and backslashes.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.look != Look::Unknown
    }

    /// Whether this is surely plain and none of its bytes is one of [`SEPARATORS`].
    #[must_use]
    pub fn is_word(&self) -> bool {
        self.look == Look::Word
    }

    /// The text, where it is a part of the input.
    #[must_use]
    pub fn as_borrowed(&self) -> Option<&'a str> {
        match self.text {
            Cow::Borrowed(text) => Some(text),
            Cow::Owned(_) => None,
        }
    }

    /// The text itself.
    #[must_use]
    pub fn into_cow(self) -> Cow<'a, str> {
        self.text
    }
}

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl<'a> From<Cow<'a, str>> for Text<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        Self::new(text, Look::Unknown)
    }
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Self {
        Self::from(Cow::Borrowed(text))
    }
}

impl From<String> for Text<'_> {
    fn from(text: String) -> Self {
        Self::from(Cow::Owned(text))
    }
}

/// Texts are equal by what they say, whatever has been seen of them.
impl PartialEq for Text<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Text<'_> {}
