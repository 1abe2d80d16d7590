//! Reads one value of the machine: scalars, and how containers open, in both notations.

use std::borrow::Cow;

use nom::Parser;
use nom::branch::alt;
use nom::sequence::terminated;

use super::call::{self, Called};
use super::error::{ReprError, ReprErrorKind};
use super::grammar;
use super::open::Open;
use super::text::{Prefix, unescape_json, unescape_repr};
use super::token::Token;
use super::tokens::{Step, Tokens};

impl<'a> Tokens<'a> {
    pub(super) fn json_value(&mut self) -> Step<'a> {
        match self.input[self.at] {
            b'{' => return self.start(1, Open::Dict),
            b'[' => return self.start(1, Open::List(b']')),
            b'"' => {
                let text = self.json_string()?;
                return Ok(self.scalar(Token::Text(text.into())));
            }
            _ => {}
        }
        if let Some(number) = self.take(grammar::number) {
            let number = self.text(number);
            return Ok(self.scalar(Token::Number(number)));
        }
        let start = self.at;
        let token = match self.take(alt((grammar::minus_infinity, grammar::name))) {
            Some(b"null") => Token::Null,
            Some(b"true") => Token::True,
            Some(b"false") => Token::False,
            Some(b"NaN") => Token::Text("NaN".into()),
            Some(b"Infinity") => Token::Text("Infinity".into()),
            Some(b"-Infinity") => Token::Text("-Infinity".into()),
            _ => {
                self.at = start;
                return self.unfit("a JSON value");
            }
        };
        Ok(self.scalar(token))
    }

    pub(super) fn json_string(&mut self) -> Result<Cow<'a, str>, ReprError> {
        let start = self.at;
        self.at += 1;
        let inside = match self.take(grammar::json_string_rest) {
            Some(inside) => inside,
            None => self.cut_string(start)?,
        };
        // A raw control character is no JSON.
        let is_clean = !inside.raw.iter().any(|&byte| byte < 0x20);
        let text = match inside.has_escapes {
            _ if !is_clean => None,
            false => Some(self.text(inside.raw)),
            true => unescape_json(inside.raw).map(Cow::Owned),
        };
        text.ok_or_else(|| ReprErrorKind::Expected("a JSON string").at(start))
    }

    pub(super) fn repr_value(&mut self) -> Step<'a> {
        let start = self.at;
        if let Some((prefix, quote)) = self.take(grammar::string_start) {
            let text = self.repr_string(prefix, quote)?;
            return Ok(self.scalar(Token::Text(text.into())));
        }
        if let Some(token) = self.take(grammar::infinity) {
            return Ok(self.scalar(Token::Text(token.into())));
        }
        if self.take(grammar::again).is_some() {
            return Ok(self.scalar(Token::Null));
        }
        match self.input[start] {
            b'0'..=b'9' | b'-' => self.repr_number(),
            b'{' => {
                let is_dict = self.is_dict()?;
                self.start(
                    1,
                    if is_dict {
                        Open::Dict
                    } else {
                        Open::List(b'}')
                    },
                )
            }
            b'[' => self.start(1, Open::List(b']')),
            b'(' => match self.take(grammar::complex) {
                Some(text) => {
                    let text = self.text(text);
                    Ok(self.scalar(Token::Text(text.into())))
                }
                None => self.start(1, Open::List(b')')),
            },
            b'<' => match self.take(grammar::object) {
                Some(text) => {
                    let text = self.text(text);
                    Ok(self.scalar(Token::Text(text.into())))
                }
                None => Err(ReprErrorKind::UnexpectedEnd.at(self.input.len())),
            },
            _ => match self.take(grammar::name) {
                Some(name) if self.rest().first() == Some(&b'(') => self.call(start, name),
                Some(name) => self.named(start, name),
                None => self.unfit("a value"),
            },
        }
    }

    fn repr_number(&mut self) -> Step<'a> {
        if let Some(text) = self.take(grammar::complex) {
            let text = self.text(text);
            return Ok(self.scalar(Token::Text(text.into())));
        }
        let Some(number) = self.take(grammar::number) else {
            return self.unfit("a number");
        };
        self.take(grammar::long_suffix);
        let number = self.text(number);
        Ok(self.scalar(Token::Number(number)))
    }

    pub(super) fn repr_string(
        &mut self,
        prefix: Prefix,
        quote: u8,
    ) -> Result<Cow<'a, str>, ReprError> {
        let start = self.at - 1;
        let inside = match self.take(|input| grammar::string_rest(input, quote)) {
            Some(inside) => inside,
            None => self.cut_string(start)?,
        };
        Ok(if inside.has_escapes {
            Cow::Owned(unescape_repr(inside.raw, prefix))
        } else {
            self.text(inside.raw)
        })
    }

    fn named(&mut self, start: usize, name: &'a [u8]) -> Step<'a> {
        let token = match name {
            b"None" | b"Ellipsis" => Token::Null,
            b"True" => Token::True,
            b"False" => Token::False,
            _ if self.names_are_values() => Token::Text(self.text(name).into()),
            _ => {
                self.at = start;
                return self.unfit("a value");
            }
        };
        Ok(self.scalar(token))
    }

    /// Reads a call, whose name is taken already: a container, a scalar, or its text.
    fn call(&mut self, start: usize, name: &'a [u8]) -> Step<'a> {
        let class = name.rsplit(|&byte| byte == b'.').next().unwrap_or(name);
        let inside = self.rest()[1..].trim_ascii_start();
        let skipped = self.rest().len() - inside.len();
        match (class, inside.first()) {
            (_, None) => return Err(ReprErrorKind::UnexpectedEnd.at(self.input.len())),
            (b"set" | b"frozenset" | b"deque", Some(b')')) => {
                return self.start(skipped, Open::List(b')'));
            }
            (
                b"set" | b"frozenset" | b"deque" | b"dict_keys" | b"dict_values",
                Some(b'[' | b'{'),
            )
            | (b"OrderedDict" | b"Counter" | b"mappingproxy" | b"defaultdict", Some(b'{')) => {
                return self.start(skipped, Open::Wrapper);
            }
            (b"defaultdict", Some(_)) => {
                // The factory comes first: `<class 'list'>`, `<type 'list'>` or `None`.
                let factory = alt((grammar::object, grammar::name));
                let dict = terminated(factory, grammar::comma).parse(inside);
                if let Ok((dict @ [b'{', ..], _)) = dict {
                    return self.start(self.rest().len() - dict.len(), Open::Wrapper);
                }
            }
            (b"OrderedDict", Some(b'[')) => {
                return match self.start(skipped, Open::Wrapper)? {
                    None => self.start(1, Open::Pairs),
                    too_deep => Ok(too_deep),
                };
            }
            (b"OrderedDict", Some(b')')) => return self.start(skipped, Open::Keywords),
            _ if class.ends_with(b"Bunch") => return self.start(skipped, Open::Keywords),
            _ => {}
        }
        let Some(arguments) = self.take(grammar::arguments) else {
            return Err(ReprErrorKind::UnexpectedEnd.at(self.input.len()));
        };
        let token = match call::scalar(class, arguments) {
            Some(Called::Text(text)) => Token::Text(text.into()),
            Some(Called::Number(number)) => Token::Number(Cow::Owned(number)),
            None => Token::Text(self.text(&self.input[start..self.at]).into()),
        };
        Ok(self.scalar(token))
    }
}
