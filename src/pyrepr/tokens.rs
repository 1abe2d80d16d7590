//! The grammar's machine: a value as a flat run of tokens, without recursion.

use std::borrow::Cow;
use std::collections::HashMap;

use nom::Parser;

use super::error::{ReprError, ReprErrorKind};
use super::grammar::Inside;
use super::open::Open;
use super::scan::Scan;
use super::text::{Prefix, bytes_to_text};
use super::token::Token;
use super::{MAX_DEPTH, Notation, grammar};

/// What may come next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expect {
    Value,
    Element,
    ElementOrEnd,
    CommaOrEnd,
    Done,
}

/// A step of the machine: it may read something that has no token.
pub(super) type Step<'a> = Result<Option<Token<'a>>, ReprError>;

/// Reads the tokens of one value, which must be all that the text holds.
///
/// ```
/// use zalog::pyrepr::{Notation, Tokens};
/// let value = Tokens::new(b"{u'id': 1L, 'ok': True}", Notation::Repr).into_value();
/// assert_eq!(value.unwrap().to_string(), r#"{"id":1,"ok":true}"#);
/// ```
#[derive(Debug)]
pub struct Tokens<'a> {
    pub(super) input: &'a [u8],
    /// The input as text, where all of it is UTF-8: checked once instead of at each string.
    pub(super) text: Option<&'a str>,
    pub(super) at: usize,
    pub(super) notation: Notation,
    pub(super) open: Vec<Open>,
    pub(super) expect: Expect,
    cut_off: bool,
    ended_at: Option<usize>,
    too_deep_at: Option<usize>,
    /// The kinds of the brackets `{` that a look ahead has passed: dict or set.
    dicts: HashMap<usize, bool>,
    /// A token that is given first.
    single: Option<Token<'a>>,
}

impl<'a> Tokens<'a> {
    /// Reads `input`, which must hold one value and white space.
    #[must_use]
    pub fn new(input: &'a [u8], notation: Notation) -> Self {
        Self::checked(input, std::str::from_utf8(input).ok(), notation)
    }

    /// [`Self::new`] for what is known to be UTF-8.
    #[must_use]
    pub fn of_text(text: &'a str, notation: Notation) -> Self {
        Self::checked(text.as_bytes(), Some(text), notation)
    }

    /// The same tokens from here on, to look ahead.
    pub(crate) fn ahead(&self) -> Self {
        Self {
            at: self.at,
            open: self.open.clone(),
            expect: self.expect,
            cut_off: self.cut_off,
            ..Self::checked(self.input, self.text, self.notation)
        }
    }

    /// Whether a container that starts here is too deep, and read as text.
    pub(crate) fn is_deepest(&self) -> bool {
        self.open.len() >= MAX_DEPTH
    }

    fn checked(input: &'a [u8], text: Option<&'a str>, notation: Notation) -> Self {
        Self {
            input,
            text,
            at: 0,
            notation,
            open: Vec::new(),
            expect: Expect::Value,
            cut_off: false,
            ended_at: None,
            too_deep_at: None,
            dicts: HashMap::new(),
            single: None,
        }
    }

    /// Gives `token` alone.
    pub(crate) fn single(token: Token<'a>) -> Self {
        Self {
            single: Some(token),
            expect: Expect::Done,
            ..Self::new(b"", Notation::Repr)
        }
    }

    /// Tells that a token that stands [alone](Self::single) breaks off there.
    #[must_use]
    pub(crate) fn ending_at(mut self, at: usize) -> Self {
        self.ended_at = Some(at);
        self
    }

    /// Takes the end of the input for the end of everything that is still open. A key whose value
    /// is cut off whole is left out.
    #[must_use]
    pub fn cut_off(mut self) -> Self {
        self.cut_off = true;
        self
    }

    /// Returns where a cut-off value ended, once all tokens are read.
    #[must_use]
    pub fn ended_at(&self) -> Option<usize> {
        self.ended_at
    }

    /// Returns where the first container deeper than [`MAX_DEPTH`] stands that was read as text.
    #[must_use]
    pub fn too_deep_at(&self) -> Option<usize> {
        self.too_deep_at
    }

    /// Which notation is read.
    pub(crate) fn notation(&self) -> Notation {
        self.notation
    }

    /// Whether a value of a container was the last that was read.
    pub(crate) fn is_behind_value(&self) -> bool {
        self.expect == Expect::CommaOrEnd
    }

    /// Returns the next token, or `None` after the last.
    #[inline]
    pub fn next_token(&mut self) -> Result<Option<Token<'a>>, ReprError> {
        match self.quick() {
            Some(token) => Ok(Some(token)),
            None => self.step_by_step(),
        }
    }

    /// [`Self::next_token`], for anything that the grammar allows.
    pub(super) fn step_by_step(&mut self) -> Result<Option<Token<'a>>, ReprError> {
        loop {
            self.skip_space();
            if self.at == self.input.len() {
                return self.at_end();
            }
            let (start, expected) = (self.at, self.expect);
            let step = match self.expect {
                Expect::Done => Err(ReprErrorKind::TrailingText.at(self.at)),
                Expect::Value => self.value(),
                Expect::ElementOrEnd | Expect::CommaOrEnd if self.closes() => Ok(self.close()),
                Expect::Element | Expect::ElementOrEnd => self.element(),
                Expect::CommaOrEnd => self.comma(),
            };
            match step {
                Ok(None) => {}
                Err(error) if self.cut_off && error.kind == ReprErrorKind::UnexpectedEnd => {
                    self.ended_at.get_or_insert(error.offset);
                    self.at = self.input.len();
                    // A key has been given already: its value is what there is of it.
                    let innermost = self.open.last().map(|open| open.takes_keys());
                    if expected == Expect::Value && innermost == Some(true) {
                        let text = self.text(&self.input[start..]);
                        return Ok(self.scalar(Token::Text(text.into())));
                    }
                }
                given => return given,
            }
        }
    }

    /// [`Self::next_token`] without what makes it quick, which a fuzz target holds it against.
    #[cfg(fuzzing)]
    pub fn next_token_by_steps(&mut self) -> Result<Option<Token<'a>>, ReprError> {
        self.step_by_step()
    }

    /// Reads all tokens and keeps none: tells whether the text is a value.
    pub fn skip(mut self) -> Result<(), ReprError> {
        while self.next_token()?.is_some() {}
        Ok(())
    }

    #[inline(never)]
    fn next_by_steps(&mut self) -> Option<Result<Token<'a>, ReprError>> {
        let token = self.step_by_step();
        if token.is_err() {
            self.at = self.input.len();
            self.expect = Expect::Done;
        }
        token.transpose()
    }

    #[cold]
    fn at_end(&mut self) -> Result<Option<Token<'a>>, ReprError> {
        if self.expect == Expect::Done {
            return Ok(self.single.take());
        }
        let error = ReprErrorKind::UnexpectedEnd.at(self.at);
        if !self.cut_off {
            return Err(error);
        }
        self.ended_at.get_or_insert(self.at);
        if self.open.is_empty() {
            return Err(error);
        }
        while let Some(open) = self.open.pop() {
            let token = open.end();
            self.after_value();
            if token.is_some() {
                return Ok(token);
            }
        }
        Ok(None)
    }

    /// A part of the input as text.
    pub(super) fn text(&self, part: &'a [u8]) -> Cow<'a, str> {
        self.checked_text(part)
            .map_or_else(|| bytes_to_text(part), Cow::Borrowed)
    }

    /// A part of the input as text, if the whole input is text.
    #[inline]
    pub(super) fn checked_text(&self, part: &[u8]) -> Option<&'a str> {
        let start = part.as_ptr().addr() - self.input.as_ptr().addr();
        self.text?.get(start..start + part.len())
    }

    pub(crate) fn rest(&self) -> &'a [u8] {
        &self.input[self.at..]
    }

    pub(super) fn skip_space(&mut self) {
        self.take(grammar::space);
    }

    /// Takes what a production takes, if it fits here.
    pub(super) fn take<T>(
        &mut self,
        mut production: impl Parser<&'a [u8], Output = T, Error = nom::error::Error<&'a [u8]>>,
    ) -> Option<T> {
        let (rest, output) = production.parse(self.rest()).ok()?;
        self.at = self.input.len() - rest.len();
        Some(output)
    }

    /// The error of something else than `expected` here. At the end of the text, or before the
    /// last letters of it, that is an early end.
    pub(super) fn unfit<T>(&self, expected: &'static str) -> Result<T, ReprError> {
        let is_part_of_word =
            |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
        Err(if self.rest().iter().all(is_part_of_word) {
            ReprErrorKind::UnexpectedEnd.at(self.input.len())
        } else {
            ReprErrorKind::Expected(expected).at(self.at)
        })
    }

    fn closes(&self) -> bool {
        self.open
            .last()
            .is_some_and(|open| self.input[self.at] == open.closer())
    }

    pub(super) fn close(&mut self) -> Option<Token<'a>> {
        self.at += 1;
        let token = self.open.pop().and_then(Open::end);
        self.after_value();
        token
    }

    pub(super) fn after_value(&mut self) {
        self.expect = if self.open.is_empty() {
            Expect::Done
        } else {
            Expect::CommaOrEnd
        };
    }

    fn comma(&mut self) -> Step<'a> {
        let innermost = self.open.last().copied();
        if self.input[self.at] != b',' || innermost == Some(Open::Pair) {
            return self.unfit("`,` or a closing bracket");
        }
        self.at += 1;
        if innermost == Some(Open::Wrapper) {
            // `deque([…], maxlen=3)`: what follows the wrapped container adds nothing to it.
            self.skip_space();
            let argument = (grammar::keyword, grammar::argument_text);
            return if self.take(argument).is_some() {
                Ok(None)
            } else {
                self.unfit("`)`")
            };
        }
        self.expect = match self.notation {
            // `(1,)`
            Notation::Repr => Expect::ElementOrEnd,
            Notation::Json => Expect::Element,
        };
        Ok(None)
    }

    /// Reads what stands before the value of an element, or the value where nothing does.
    fn element(&mut self) -> Step<'a> {
        let key = match self.open.last() {
            Some(Open::Dict) => {
                let key = self.key()?;
                self.punctuation(b':', "`:` behind a key")?;
                key
            }
            Some(Open::Keywords) => match self.take(grammar::bunch_key) {
                Some(keyword) => self.text(keyword.trim_ascii()),
                None => return self.unfit("a key of a Bunch"),
            },
            Some(Open::Pairs) => {
                self.punctuation(b'(', "a pair of key and value")?;
                self.open.push(Open::Pair);
                self.skip_space();
                let key = self.key()?;
                self.punctuation(b',', "`,` behind a key")?;
                key
            }
            Some(Open::List(_) | Open::Pair | Open::Wrapper) | None => return self.value(),
        };
        self.skip_space();
        if self.at == self.input.len() {
            return self.unfit("a value");
        }
        self.expect = Expect::Value;
        Ok(Some(Token::Key(key.into())))
    }

    fn punctuation(&mut self, byte: u8, expected: &'static str) -> Result<(), ReprError> {
        self.skip_space();
        if self.input.get(self.at) != Some(&byte) {
            return self.unfit(expected);
        }
        self.at += 1;
        Ok(())
    }

    fn key(&mut self) -> Result<Cow<'a, str>, ReprError> {
        if self.notation == Notation::Json {
            return match self.rest().first() {
                Some(b'"') => self.json_string(),
                _ => self.unfit("a key in quotes"),
            };
        }
        let start = self.at;
        if let Some((prefix, quote)) = self.take(grammar::string_start) {
            let text = self.repr_string(prefix, quote)?;
            return Ok(match prefix {
                Prefix::Bytes => self.text(&self.input[start..self.at]),
                Prefix::Unicode | Prefix::Absent => text,
            });
        }
        self.at = Scan::new(self.input, start).end_of_value()?;
        let text = &self.input[start..self.at];
        let is_unknown_name =
            grammar::name(text).is_ok_and(|(rest, name)| rest.is_empty() && !is_known_name(name));
        if is_unknown_name {
            return Err(ReprErrorKind::Expected("a key").at(start));
        }
        let is_number = text.last() == Some(&b'L') && text[0] != b'<';
        Ok(bytes_to_text(if is_number {
            &text[..text.len() - 1]
        } else {
            text
        }))
    }

    fn value(&mut self) -> Step<'a> {
        match self.notation {
            Notation::Json => self.json_value(),
            Notation::Repr => self.repr_value(),
        }
    }

    /// A value of one token, as the step that it is.
    #[expect(clippy::unnecessary_wraps, reason = "it ends what is a `Step` else")]
    pub(super) fn scalar(&mut self, token: Token<'a>) -> Option<Token<'a>> {
        self.after_value();
        Some(token)
    }

    /// Opens a container whose opening takes `length` bytes.
    pub(super) fn start(&mut self, length: usize, open: Open) -> Step<'a> {
        if self.is_deepest() {
            return self.too_deep();
        }
        self.at += length;
        self.open.push(open);
        self.expect = if open == Open::Wrapper {
            Expect::Value
        } else {
            Expect::ElementOrEnd
        };
        Ok(open.start())
    }

    fn too_deep(&mut self) -> Step<'a> {
        let start = self.at;
        self.too_deep_at.get_or_insert(start);
        self.at = match Scan::new(self.input, start).end_of_value() {
            Err(error) if self.cut_off && error.kind == ReprErrorKind::UnexpectedEnd => {
                self.ended_at.get_or_insert(error.offset);
                self.input.len()
            }
            end => end?,
        };
        let text = self.text(&self.input[start..self.at]);
        Ok(self.scalar(Token::Text(text.into())))
    }

    /// What there is of a string that starts with the quote at `start` and has no closing one.
    pub(super) fn cut_string(&mut self, start: usize) -> Result<Inside<'a>, ReprError> {
        let end = self.input.len();
        let inside = &self.input[start + 1..];
        if self.notation == Notation::Repr && memchr::memchr(b'\n', inside).is_some() {
            return Err(ReprErrorKind::Expected("a closing quote on the same line").at(start));
        }
        let is_key =
            self.expect != Expect::Value && self.open.last().is_some_and(|open| open.takes_keys());
        if !self.cut_off || is_key {
            return Err(ReprErrorKind::UnexpectedEnd.at(end));
        }
        self.ended_at.get_or_insert(end);
        self.at = end;
        Ok(Inside {
            raw: without_cut_character(inside),
            has_escapes: true,
        })
    }

    /// Whether an unknown name may stand for a value: an object with a repr of its own inside a
    /// dict. Elsewhere a text such as `[hello]` is no repr.
    pub(super) fn names_are_values(&self) -> bool {
        self.open
            .iter()
            .any(|open| open.start() == Some(Token::DictStart))
    }

    /// Tells whether the `{` here opens a dict or a set, by what stands behind its first element.
    pub(super) fn is_dict(&mut self) -> Result<bool, ReprError> {
        let inside = self.rest()[1..].trim_ascii_start();
        if inside.is_empty() || inside.starts_with(b"}") {
            return Ok(true);
        }
        if let Ok((rest, _)) = grammar::string(inside)
            && let Some(next) = rest.trim_ascii_start().first()
        {
            return Ok(*next == b':');
        }
        if let Some(&is_dict) = self.dicts.get(&self.at) {
            return Ok(is_dict);
        }
        let mut scan = Scan::new(self.input, self.at);
        let is_dict = match scan.first_bracket_is_dict() {
            Some(is_dict) => is_dict,
            None if self.cut_off => true,
            None => return Err(ReprErrorKind::UnexpectedEnd.at(self.input.len())),
        };
        self.dicts.extend(scan.dicts);
        Ok(is_dict)
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Result<Token<'a>, ReprError>;

    /// The next token. After an error no more tokens come.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "a token that is moved through memory costs as much as reading it"
    )]
    fn next(&mut self) -> Option<Self::Item> {
        match self.quick() {
            Some(token) => Some(Ok(token)),
            None => self.next_by_steps(),
        }
    }
}

fn is_known_name(name: &[u8]) -> bool {
    matches!(
        name,
        b"None" | b"True" | b"False" | b"nan" | b"inf" | b"Ellipsis"
    )
}

/// Drops the escape or the UTF-8 character that the end of the text cut in two.
fn without_cut_character(inside: &[u8]) -> &[u8] {
    let tail = inside.len().saturating_sub(10);
    let escape = inside[tail..]
        .iter()
        .rposition(|&byte| byte == b'\\')
        .map(|at| tail + at);
    if let Some(at) = escape {
        let backslashes = inside[..=at]
            .iter()
            .rev()
            .take_while(|&&byte| byte == b'\\')
            .count();
        let length = match inside.get(at + 1) {
            _ if backslashes % 2 == 0 => 0,
            Some(b'x') => 4,
            Some(b'u') => 6,
            Some(b'U') => 10,
            Some(_) | None => 2,
        };
        if at + length > inside.len() {
            return &inside[..at];
        }
    }
    match std::str::from_utf8(inside) {
        Err(error) if error.error_len().is_none() => &inside[..error.valid_up_to()],
        _ => inside,
    }
}
