//! Masks secrets in a run of tokens.

#![expect(
    clippy::inline_always,
    reason = "a token that is moved through memory costs as much as reading it"
)]

use std::borrow::Cow;

use super::encoded::{SHORTEST_BASE64, may_hold_base64};
use super::forms::start_of_cut_password;
use super::hints::{Hints, may_name_secret};
use super::key::{Holds, holds, is_session};
use super::text::mask_hinted;
use super::{MASK, Redactor, is_secret};
use crate::pyrepr::{Keys, Next, ReprError, Text, Token, Tokens, Watch, write_token};

/// The tokens of a value, with its secrets masked.
pub(super) struct Masked<'t, 'a> {
    tokens: &'t mut Tokens<'a>,
    guard: Guard<'a>,
}

/// What is known of the place that is read, as far as it tells secrets.
struct Guard<'a> {
    redactor: Redactor,
    /// Whether the next value is that of a secret's key.
    is_secret: bool,
    /// What the next value is by its key or its place.
    role: Role,
    /// The names that the dicts which are being read give to their values, the innermost last.
    names: Vec<Option<Cow<'a, str>>>,
    /// Whether the last text was a line of a private key, and more of it may follow.
    is_in_key: bool,
    /// Keys that hold no secret themselves, with what they tell: the rows of a list repeat theirs,
    /// and to know them again takes a tenth of the time of looking at them again.
    known: [Option<(&'a str, bool, Role)>; KNOWN],
}

/// How the name of a secret and the secret stand to each other where the name is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Other,
    /// The first of `('Authorization', 'Basic …')`.
    FirstOfList,
    /// `password` in `{'name': 'password', 'value': …}`.
    Name,
    /// What stands under `value` there.
    Value,
    /// What an envelope holds: as a text it is no envelope.
    Enveloped,
    /// What stands under `auth`.
    Login,
}

impl Role {
    #[inline]
    fn under(key: &str) -> Self {
        let is = |words: &[&str]| words.iter().any(|word| key.eq_ignore_ascii_case(word));
        let names: &[&str] = match key.len() {
            3 => &["key"],
            4 => &["name", "path"],
            5 => &["field", "param", "label"],
            6 => &["header", "option"],
            7 => &["setting"],
            8 => &["property", "variable"],
            9 => &["parameter", "attribute"],
            _ => &[],
        };
        let values: &[&str] = match key.len() {
            3 => &["val", "old", "new"],
            5 => &["value"],
            6 => &["values"],
            7 => &["default"],
            9 => &["new_value", "old_value"],
            _ => &[],
        };
        if is(names) {
            Self::Name
        } else if is(values) {
            Self::Value
        } else {
            Self::Other
        }
    }
}

/// How many keys are remembered: more than the fields that most rows have.
const KNOWN: usize = 64;

impl<'t, 'a> Masked<'t, 'a> {
    pub(super) fn new(tokens: &'t mut Tokens<'a>, redactor: Redactor) -> Self {
        Self {
            tokens,
            guard: Guard {
                redactor,
                is_secret: false,
                role: Role::Other,
                names: Vec::new(),
                is_in_key: false,
                known: [None; KNOWN],
            },
        }
    }

    pub(super) fn write_json(
        mut self,
        keys: &mut Keys,
        out: &mut Vec<u8>,
    ) -> Result<(), ReprError> {
        let mut needs_comma = false;
        loop {
            if !self.guard.is_secret
                && let Some(next) = self.tokens.copy(keys, &mut self.guard, out)
            {
                self.guard.role = match next {
                    Next::FirstOfList => Role::FirstOfList,
                    Next::ValueOf { gives_name: true } => Role::Name,
                    Next::ValueOf { gives_name: false } | Next::Other => Role::Other,
                };
                needs_comma = self.tokens.is_behind_value();
            }
            let Some(token) = self.next() else {
                return Ok(());
            };
            let token = token?;
            if let Token::Key(key) = &token {
                self.learn(key, keys);
            }
            write_token(token, &mut needs_comma, out);
        }
    }

    /// Remembers a key whose value is no secret.
    fn learn(&self, key: &Text<'a>, keys: &mut Keys) {
        let gives_name = match (self.guard.redactor, self.guard.role) {
            (Redactor::Mask, Role::Name) => true,
            (Redactor::Show, _) | (Redactor::Mask, Role::Other) => false,
            (Redactor::Mask, Role::FirstOfList | Role::Value | Role::Enveloped | Role::Login) => {
                return;
            }
        };
        if let Some(name) = key.as_borrowed()
            && key.is_plain()
            && !self.guard.is_secret
        {
            self.tokens.learn_key(name, gives_name, keys);
        }
    }
}

impl<'a> Guard<'a> {
    #[inline(always)]
    fn key(&mut self, key: Text<'a>) -> Text<'a> {
        // Most keys are short words that name no secret.
        if is_short_word(&key) && !may_name_secret(&key) && !is_session(&key) {
            self.role = Role::under(&key);
            return key;
        }
        self.suspicious_key(key)
    }

    fn suspicious_key(&mut self, key: Text<'a>) -> Text<'a> {
        let place = match key.as_bytes() {
            [first, .., last] => key.len() * 31 + usize::from(*first) * 7 + usize::from(*last),
            _ => 0,
        };
        let known = &mut self.known[place % KNOWN];
        if let Some((known_key, is_secret, role)) = known
            && **known_key == *key
        {
            (self.is_secret, self.role) = (*is_secret, *role);
            return key;
        }
        let holds = holds(&key);
        self.is_secret = holds == Holds::Secret;
        self.role = match holds {
            Holds::Envelope => Role::Enveloped,
            Holds::Login => Role::Login,
            Holds::Secret | Holds::Other => Role::under(&key),
        };
        if let Some(masked) = mask_hinted(&key, &hints(&key)) {
            return masked.into();
        }
        if let Some(key) = key.as_borrowed() {
            *known = Some((key, self.is_secret, self.role));
        }
        key
    }

    #[inline(always)]
    fn mask(&mut self, token: Token<'a>, tokens: &mut Tokens<'a>) -> Result<Token<'a>, ReprError> {
        let role = std::mem::replace(&mut self.role, Role::Other);
        let mut is_secret = std::mem::take(&mut self.is_secret);
        is_secret |= match role {
            Role::Other | Role::FirstOfList | Role::Name => false,
            Role::Value => match self.names.last().and_then(Option::as_deref) {
                Some(name) => self::is_secret(name),
                // Python 2 has dicts in any order.
                None => is_named_behind(&token, tokens),
            },
            Role::Enveloped => matches!(token, Token::Text(_) | Token::Number(_)),
            Role::Login => token == Token::ListStart && is_pair(tokens),
        };
        Ok(match token {
            Token::Key(key) => Token::Key(self.key(key)),
            Token::Text(text) if is_secret && text.is_empty() => Token::Text(text),
            Token::ListStart | Token::DictStart if is_secret => {
                skip_container(tokens)?;
                Token::Text(MASK.into())
            }
            Token::Text(_) | Token::Number(_) if is_secret => Token::Text(MASK.into()),
            Token::Text(text) if self.is_in_key && self.goes_on_key(&text) => {
                Token::Text(MASK.into())
            }
            Token::Text(text) => {
                self.is_in_key = is_first_of_key(&text);
                match role {
                    Role::FirstOfList => self.is_secret = self::is_secret(&text),
                    Role::Name => self.give_name(text.clone()),
                    // `['--password', 'x']`
                    Role::Value | Role::Enveloped | Role::Login | Role::Other => {
                        self.is_secret = is_option(&text) && self::is_secret(&text);
                    }
                }
                // Nothing comes behind what a log breaks off in.
                let is_cut = tokens.ended_at().is_some();
                Token::Text(if is_cut {
                    masked_cut(text)
                } else {
                    masked(text)
                })
            }
            Token::ListStart => {
                self.role = Role::FirstOfList;
                Token::ListStart
            }
            Token::DictStart => {
                self.names.push(None);
                token
            }
            Token::DictEnd => {
                self.names.pop();
                token
            }
            Token::Null | Token::True | Token::False | Token::Number(_) | Token::ListEnd => token,
        })
    }

    /// Whether a text is a line of a private key whose lines are a list, behind the first one.
    fn goes_on_key(&mut self, text: &str) -> bool {
        self.is_in_key = is_line_of_key(text);
        self.is_in_key || text.starts_with("-----END")
    }

    /// Takes the name that the innermost dict gives to its value.
    #[inline(always)]
    fn give_name(&mut self, text: Text<'a>) {
        if let Some(name) = self.names.last_mut()
            && !name.as_deref().is_some_and(is_secret)
        {
            *name = Some(text.into_cow());
        }
    }
}

impl<'a> Watch<'a> for Guard<'a> {
    #[inline(always)]
    fn text(&mut self, text: Text<'a>, is_name: bool) -> Option<String> {
        if self.redactor == Redactor::Show {
            return None;
        }
        if self.is_in_key && self.goes_on_key(&text) {
            return Some(MASK.to_owned());
        }
        let may_hold_secrets =
            (!text.is_word() && may_name_secret(&text)) || may_hold_base64(&text);
        let mask = if may_hold_secrets {
            self.is_in_key = is_first_of_key(&text);
            mask_hinted(&text, &hints(&text))
        } else {
            None
        };
        if is_name {
            self.give_name(text);
        }
        mask
    }

    #[inline(always)]
    fn start_of_dict(&mut self) {
        if self.redactor == Redactor::Mask {
            self.names.push(None);
        }
    }

    #[inline(always)]
    fn end_of_dict(&mut self) {
        if self.redactor == Redactor::Mask {
            self.names.pop();
        }
    }
}

/// How many tokens behind a value may stand before its name.
const MOST_AHEAD: usize = 128;

/// How many containers within one another may stand there.
const DEEPEST_AHEAD: usize = 8;

/// Whether the value that starts with this token has behind it, in the same dict, the name of a secret.
fn is_named_behind(value: &Token<'_>, tokens: &Tokens<'_>) -> bool {
    let mut depth = match value {
        Token::ListStart | Token::DictStart => 1,
        Token::Text(_) | Token::Number(_) => 0,
        _ => return false,
    };
    let mut ahead = tokens.ahead();
    let mut is_name = false;
    for _ in 0..MOST_AHEAD {
        if depth > DEEPEST_AHEAD || ahead.is_deepest() || is_slow_to_tell(ahead.rest()) {
            return false;
        }
        match ahead.next_token() {
            Ok(Some(Token::Key(key))) if depth == 0 => is_name = Role::under(&key) == Role::Name,
            Ok(Some(Token::Text(name))) if depth == 0 && is_name => {
                if is_secret(&name) {
                    return true;
                }
            }
            Ok(Some(Token::ListStart | Token::DictStart)) => depth += 1,
            Ok(Some(Token::ListEnd | Token::DictEnd)) if depth > 0 => depth -= 1,
            Ok(Some(Token::ListEnd | Token::DictEnd) | None) | Err(_) => return false,
            Ok(Some(_)) => {}
        }
    }
    false
}

/// Whether a brace is next that may open a dict or a set, which only its end may tell.
fn is_slow_to_tell(rest: &[u8]) -> bool {
    let is_between = |byte: &u8| matches!(byte, b',' | b':') || byte.is_ascii_whitespace();
    let next = rest
        .iter()
        .position(|byte| !is_between(byte))
        .map(|at| &rest[at..]);
    let Some([b'{', inside @ ..]) = next else {
        return false;
    };
    let inside = inside.trim_ascii_start();
    let inside = inside.strip_prefix(b"u").unwrap_or(inside);
    !matches!(inside, [b'}' | b'\'' | b'"', ..])
}

/// Whether a list that has just started holds two texts.
fn is_pair(tokens: &Tokens<'_>) -> bool {
    let mut ahead = tokens.ahead();
    let mut is_text = || matches!(ahead.next_token(), Ok(Some(Token::Text(_))));
    is_text() && is_text() && matches!(ahead.next_token(), Ok(Some(Token::ListEnd)))
}

/// Whether a text is the first line of a private key (RFC 7468), and not all of it.
#[inline]
fn is_first_of_key(text: &str) -> bool {
    // Most texts start with another letter.
    text.as_bytes().first() == Some(&b'-')
        && text.starts_with("-----BEGIN")
        && text.contains("PRIVATE KEY-----")
        && !text.contains("-----END")
}

/// The longest line of base64 that programs write into a key.
const LONGEST_LINE_OF_KEY: usize = 76;

/// Whether a text may be another line of a private key: base64, or a header that tells how it is
/// encrypted (RFC 1421).
fn is_line_of_key(text: &str) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    let line = text.trim_end_matches(['\r', '\n']);
    (line.len() <= LONGEST_LINE_OF_KEY && line.bytes().all(is_digit))
        || line.starts_with("Proc-Type:")
        || line.starts_with("DEK-Info:")
}

/// Passes the rest of a container that has just started.
fn skip_container(tokens: &mut Tokens<'_>) -> Result<(), ReprError> {
    let mut depth = 1_usize;
    while depth > 0 {
        match tokens.next_token()? {
            Some(Token::ListStart | Token::DictStart) => depth += 1,
            Some(Token::ListEnd | Token::DictEnd) => depth -= 1,
            Some(_) => {}
            None => break,
        }
    }
    Ok(())
}

/// Whether a text is an option of a command: `-password`, `--password`.
fn is_option(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    text.starts_with('-') && !text.starts_with("---") && text.bytes().all(is_part)
}

/// A text with the secrets inside it masked.
#[inline]
fn masked(text: Text<'_>) -> Text<'_> {
    if is_short_word(&text) {
        return text;
    }
    mask_hinted(&text, &hints(&text)).map_or(text, Text::from)
}

/// [`masked`] for a text that breaks off somewhere.
fn masked_cut(text: Text<'_>) -> Text<'_> {
    let text = masked(text);
    match start_of_cut_password(&text) {
        Some(start) => Text::from(format!("{}{MASK}", &text[..start])),
        None => text,
    }
}

fn hints(text: &Text<'_>) -> Hints {
    if text.is_word() {
        Hints::default()
    } else {
        Hints::find(text)
    }
}

/// Whether a text is too short for base64 and has nothing in it that could stand before a secret.
#[inline]
fn is_short_word(text: &Text<'_>) -> bool {
    text.is_word() && text.len() < SHORTEST_BASE64
}

impl<'a> Iterator for Masked<'_, 'a> {
    type Item = Result<Token<'a>, ReprError>;

    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        let token = self.tokens.next()?;
        Some(match (self.guard.redactor, token) {
            (Redactor::Mask, Ok(token)) => self.guard.mask(token, self.tokens),
            (Redactor::Show, token) | (Redactor::Mask, token @ Err(_)) => token,
        })
    }
}
