//! Makes Python values a data format of serde: any `Deserialize` type can be read from a repr.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, DeserializeSeed, IntoDeserializer as _, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;
use thiserror::Error;

use super::error::ReprError;
use super::token::Token;
use super::tokens::Tokens;

/// Reads a value of type `T` from the tokens of one Python value.
///
/// Numbers arrive as `i64`, `u64`, `i128`, `u128` or `f64`, whichever holds them first. A whole
/// number that none of them holds arrives as text, so that it is never rounded.
///
/// ```
/// use zalog::pyrepr::{Notation, Tokens, from_tokens};
/// let channel: (String, Option<u32>) =
///     from_tokens(Tokens::new(b"(u'CRM', None)", Notation::Repr)).unwrap();
/// assert_eq!(channel, ("CRM".to_owned(), None));
/// ```
pub fn from_tokens<'de, T: de::Deserialize<'de>>(tokens: Tokens<'de>) -> Result<T, DecodeError> {
    let mut deserializer = Deserializer::new(tokens);
    let value = T::deserialize(&mut deserializer)?;
    match deserializer.take()? {
        None => Ok(value),
        Some(_) => Err(de::Error::custom("not all of the value was read")),
    }
}

/// Why a text could not be read as the type that was asked for.
#[derive(Debug, Error)]
pub enum DecodeError {
    /// The text is no Python value.
    #[error(transparent)]
    Repr(#[from] ReprError),
    /// The value does not fit the type.
    #[error("{0}")]
    Type(String),
}

impl de::Error for DecodeError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::Type(message.to_string())
    }
}

/// Gives the tokens of a Python value to serde.
#[derive(Debug)]
pub struct Deserializer<'de> {
    tokens: Tokens<'de>,
    peeked: Option<Token<'de>>,
}

impl<'de> Deserializer<'de> {
    /// Reads from `tokens`, which must be at their start.
    #[must_use]
    pub fn new(tokens: Tokens<'de>) -> Self {
        Self {
            tokens,
            peeked: None,
        }
    }

    fn take(&mut self) -> Result<Option<Token<'de>>, DecodeError> {
        match self.peeked.take() {
            Some(token) => Ok(Some(token)),
            None => Ok(self.tokens.next_token()?),
        }
    }

    fn peek(&mut self) -> Result<Option<&Token<'de>>, DecodeError> {
        if self.peeked.is_none() {
            self.peeked = self.tokens.next_token()?;
        }
        Ok(self.peeked.as_ref())
    }
}

fn visit_number<'de, V: Visitor<'de>>(number: &str, visitor: V) -> Result<V::Value, DecodeError> {
    if let Ok(number) = number.parse::<i64>() {
        visitor.visit_i64(number)
    } else if let Ok(number) = number.parse::<u64>() {
        visitor.visit_u64(number)
    } else if let Ok(number) = number.parse::<i128>() {
        visitor.visit_i128(number)
    } else if let Ok(number) = number.parse::<u128>() {
        visitor.visit_u128(number)
    } else {
        let is_whole = !number.contains(['.', 'e', 'E']);
        match number.parse() {
            Ok(number) if !is_whole => visitor.visit_f64(number),
            _ => visitor.visit_str(number),
        }
    }
}

impl<'de> de::Deserializer<'de> for &mut Deserializer<'de> {
    type Error = DecodeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.take()? {
            Some(Token::Null) => visitor.visit_unit(),
            Some(Token::True) => visitor.visit_bool(true),
            Some(Token::False) => visitor.visit_bool(false),
            Some(Token::Number(number)) => visit_number(&number, visitor),
            Some(Token::Text(text) | Token::Key(text)) => match text.into_cow() {
                Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
                Cow::Owned(text) => visitor.visit_string(text),
            },
            Some(Token::ListStart) => {
                let mut container = Container {
                    deserializer: self,
                    has_ended: false,
                };
                let value = visitor.visit_seq(&mut container)?;
                container.end(value)
            }
            Some(Token::DictStart) => {
                let mut container = Container {
                    deserializer: self,
                    has_ended: false,
                };
                let value = visitor.visit_map(&mut container)?;
                container.end(value)
            }
            Some(Token::ListEnd | Token::DictEnd) | None => {
                Err(de::Error::custom("the value has no more parts"))
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        if self.peek()? == Some(&Token::Null) {
            self.peeked = None;
            return visitor.visit_none();
        }
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        visitor.visit_newtype_struct(self)
    }

    /// Only variants without content have a form in Python: text.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        match self.take()? {
            Some(Token::Text(name)) => visitor.visit_enum(name.into_cow().into_deserializer()),
            _ => Err(de::Error::custom("expected the name of a variant as text")),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

/// The rest of the list or dict that is being read.
struct Container<'a, 'de> {
    deserializer: &'a mut Deserializer<'de>,
    has_ended: bool,
}

impl Container<'_, '_> {
    fn ends(&mut self) -> Result<bool, DecodeError> {
        if self.has_ended {
            return Ok(true);
        }
        let next = self.deserializer.peek()?;
        self.has_ended = matches!(next, Some(Token::ListEnd | Token::DictEnd) | None);
        if self.has_ended {
            self.deserializer.peeked = None;
        }
        Ok(self.has_ended)
    }

    /// Gives `value` back if the visitor has read all of the container: a tuple stops at its size.
    fn end<T>(mut self, value: T) -> Result<T, DecodeError> {
        if self.ends()? {
            Ok(value)
        } else {
            Err(de::Error::custom(
                "a list or dict has more parts than expected",
            ))
        }
    }
}

impl<'de> SeqAccess<'de> for &mut Container<'_, 'de> {
    type Error = DecodeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, DecodeError> {
        if self.ends()? {
            Ok(None)
        } else {
            seed.deserialize(&mut *self.deserializer).map(Some)
        }
    }
}

impl<'de> MapAccess<'de> for &mut Container<'_, 'de> {
    type Error = DecodeError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, DecodeError> {
        if self.ends()? {
            Ok(None)
        } else {
            seed.deserialize(&mut *self.deserializer).map(Some)
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, DecodeError> {
        seed.deserialize(&mut *self.deserializer)
    }
}
