//! The brackets that are open while a value is read.

use super::token::Token;

/// An open bracket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Open {
    /// A list, tuple or set, with the byte that closes it.
    List(u8),
    /// `{key: value}`
    Dict,
    /// `Bunch(key=value)`
    Keywords,
    /// `OrderedDict([(key, value)])`, up to the `]`.
    Pairs,
    /// The value of a pair, up to its `)`.
    Pair,
    /// `name(` around another container, which gives the tokens.
    Wrapper,
}

impl Open {
    pub(super) fn closer(self) -> u8 {
        match self {
            Self::List(closer) => closer,
            Self::Dict => b'}',
            Self::Pairs => b']',
            Self::Keywords | Self::Pair | Self::Wrapper => b')',
        }
    }

    /// The token of the end of this container, if it has tokens of its own.
    pub(super) fn end<'a>(self) -> Option<Token<'a>> {
        match self {
            Self::List(_) => Some(Token::ListEnd),
            Self::Dict | Self::Keywords | Self::Pairs => Some(Token::DictEnd),
            Self::Pair | Self::Wrapper => None,
        }
    }

    pub(super) fn takes_keys(self) -> bool {
        matches!(self, Self::Dict | Self::Keywords | Self::Pair)
    }

    pub(super) fn start<'a>(self) -> Option<Token<'a>> {
        match self {
            Self::List(_) => Some(Token::ListStart),
            Self::Dict | Self::Keywords | Self::Pairs => Some(Token::DictStart),
            Self::Pair | Self::Wrapper => None,
        }
    }
}
