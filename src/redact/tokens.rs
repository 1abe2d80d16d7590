//! Masks secrets in a run of tokens.

use std::borrow::Cow;

use super::hints::Hints;
use super::text::mask_hinted;
use super::{MASK, Redactor, is_secret};
use crate::pyrepr::{ReprError, Token, Tokens};

/// The tokens of a value, with its secrets masked.
pub(super) struct Masked<'t, 'a> {
    tokens: &'t mut Tokens<'a>,
    redactor: Redactor,
    /// Whether the next value is that of a secret's key.
    is_secret: bool,
    /// Whether the next text may name the secret that follows it.
    expects_name: Option<Name>,
    /// Whether the dict that is being read has named a secret: `{'name': 'password', 'value': …}`.
    has_secret_name: bool,
    /// Keys that hold no secret themselves, with whether they name one: the rows of a list repeat
    /// theirs, and to know them again takes a tenth of the time of looking at them again.
    known: [Option<(&'a str, bool)>; KNOWN],
}

/// Where the name of a secret stands when it is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Name {
    /// `('Authorization', 'Basic …')`
    InPair,
    /// `{'name': 'password', 'value': …}`
    InDict,
}

/// How many keys are remembered: more than the fields that most rows have.
const KNOWN: usize = 64;

impl<'t, 'a> Masked<'t, 'a> {
    pub(super) fn new(tokens: &'t mut Tokens<'a>, redactor: Redactor) -> Self {
        Self {
            tokens,
            redactor,
            is_secret: false,
            expects_name: None,
            has_secret_name: false,
            known: [None; KNOWN],
        }
    }

    /// Passes the rest of a container that has just started.
    fn skip_container(&mut self) -> Result<(), ReprError> {
        let mut depth = 1_usize;
        while depth > 0 {
            match self.tokens.next().transpose()? {
                Some(Token::ListStart | Token::DictStart) => depth += 1,
                Some(Token::ListEnd | Token::DictEnd) => depth -= 1,
                Some(_) => {}
                None => break,
            }
        }
        Ok(())
    }

    fn key(&mut self, key: Cow<'a, str>) -> Cow<'a, str> {
        let place = match key.as_bytes() {
            [first, .., last] => key.len() * 31 + usize::from(*first) * 7 + usize::from(*last),
            _ => 0,
        };
        let known = &mut self.known[place % KNOWN];
        if let Some((known_key, is_secret)) = known
            && *known_key == key
        {
            self.is_secret = *is_secret;
            return key;
        }
        self.is_secret = is_secret(&key);
        let hints = Hints::find(&key);
        if let Some(masked) = mask_hinted(&key, &hints) {
            return Cow::Owned(masked);
        }
        if let Cow::Borrowed(key) = key {
            *known = Some((key, self.is_secret));
        }
        key
    }

    fn mask(&mut self, token: Token<'a>) -> Result<Token<'a>, ReprError> {
        let is_secret = std::mem::take(&mut self.is_secret);
        let expects_name = std::mem::take(&mut self.expects_name);
        Ok(match token {
            Token::Key(key) => {
                let key = self.key(key);
                self.is_secret |= self.has_secret_name && matches!(&*key, "value" | "val");
                self.expects_name = if matches!(&*key, "name" | "key" | "header" | "field") {
                    Some(Name::InDict)
                } else {
                    None
                };
                Token::Key(key)
            }
            Token::ListEnd => token,
            Token::DictEnd => {
                self.has_secret_name = false;
                token
            }
            Token::Null | Token::Bool(_) => token,
            Token::Text(text) if is_secret && text.is_empty() => Token::Text(text),
            Token::ListStart | Token::DictStart if is_secret => {
                self.skip_container()?;
                Token::Text(Cow::Borrowed(MASK))
            }
            Token::Text(_) | Token::Number(_) if is_secret => Token::Text(Cow::Borrowed(MASK)),
            Token::Text(text) => {
                match expects_name {
                    Some(Name::InDict) => self.has_secret_name = self::is_secret(&text),
                    Some(Name::InPair) => self.is_secret = self::is_secret(&text),
                    None => {}
                }
                let hints = Hints::find(&text);
                Token::Text(masked(text, &hints))
            }
            Token::Number(_) => token,
            Token::ListStart => {
                self.expects_name = Some(Name::InPair);
                token
            }
            Token::DictStart => {
                self.has_secret_name = false;
                token
            }
        })
    }
}

fn masked<'a>(text: Cow<'a, str>, hints: &Hints) -> Cow<'a, str> {
    mask_hinted(&text, hints).map_or(text, Cow::Owned)
}

impl<'a> Iterator for Masked<'_, 'a> {
    type Item = Result<Token<'a>, ReprError>;

    fn next(&mut self) -> Option<Self::Item> {
        let token = self.tokens.next()?;
        Some(match (self.redactor, token) {
            (Redactor::Mask, Ok(token)) => self.mask(token),
            (Redactor::Show, token) | (Redactor::Mask, token @ Err(_)) => token,
        })
    }
}
