//! Finds where a value ends that stands inside text, whatever notation it is in.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::pattern::regex;

/// What stands before a value that has no quotes tells how far it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// `Authorization: Digest username="x", …`, quotes and folded lines and all
    Header,
    /// `password: all of the line`
    Line,
    /// `password = all of the line`, up to the next setting of the line
    Setting,
    /// `password=word`, somewhere in a line
    Assignment,
    /// `"password": word`, in JSON or a repr
    Value,
    /// `password%3Dword%26`
    Encoded,
}

/// What opens a text: a quote behind the letters that may stand before one.
static LITERAL: LazyLock<Regex> =
    LazyLock::new(|| regex(r#"^(?:[uUbBrRfFnNeE$]|[bBrRfFuU]{2})?(\\*)(["'`])"#));

/// A quote as XML, URLs or JSON escape it.
static ESCAPED_QUOTE: LazyLock<Regex> =
    LazyLock::new(|| regex(r"^(?:&quot;|&#3[49];|%2[27]|\\+u002[27])"));

/// How many bytes the arguments of a call take behind their first line at the most, where it may be
/// none: each such line is followed so far.
pub(super) const MOST_ARGUMENTS: usize = 1 << 10;

/// What YAML has before a value to tell its type.
static TAG: LazyLock<Regex> = LazyLock::new(|| regex(r"^!\S*[ \t]+"));

/// Credentials that are one word: what stands behind them belongs to somebody else.
static CREDENTIALS: LazyLock<Regex> =
    LazyLock::new(|| regex(r#"^(?i:bearer|basic|token|apikey)\s+[^\s"'\\,;]+"#));

/// The end of a header's line, behind which none is that goes on. In a literal it is escaped.
static END_OF_HEADER: LazyLock<Regex> =
    LazyLock::new(|| regex(r"^(?:\r|\\+r)?(?:\n|\\+n)(?:[^ \t]|$)"));

/// What ends a setting within its line.
static NEXT_SETTING: LazyLock<Regex> = LazyLock::new(|| {
    regex(r#"^(?:[ \t]+[\w.-]+[ \t]*=|[;&](?:\s*[\w .\[\]%-]{1,64}=|\s|["'`]|$))"#)
});

/// What stands between a value and the literal that counts where there is none: `get('x') or 'y'`,
/// `'y' if z else 'x'`.
static OR_ELSE: LazyLock<Regex> = LazyLock::new(|| {
    regex(r#"^[ \t]+(?:or|if\b[^\n"'\\]{1,64}\belse)[ \t]+(?:[uUbBrRfF]{0,2}\\*["'])"#)
});

/// A line behind others, with its indentation. In a literal, line breaks are escaped.
static NEXT_LINE: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"^(?:[ \t]*(?:\r?\n|(?:\\+r)?\\+n))+([ \t]*)(- )?((?:[^\n\r\\]|\\+[^nr\\])+)")
});

/// Where the value that starts at `at` stands in the text, without its quotes.
pub(super) fn value_at(text: &str, at: usize, style: Style) -> Range<usize> {
    let at = at + TAG.find(&text[at..]).map_or(0, |tag| tag.len());
    let mut part = part_at(text, at, style);
    let start = part.inside.start;
    // What stands side by side is one text: `'a''b'` in SQL, `'a' 'b'` in Python, `'a'"b"c` in a shell.
    while let Some(next) = part.next_of_same(text) {
        part = part_at(text, next, style);
    }
    start..part.inside.end
}

/// A part of a value.
struct Part {
    inside: Range<usize>,
    /// The quote around it, with how many backslashes stand before it.
    quote: Option<(char, usize)>,
    /// Where it ends, quote and all, if it has an end of its own.
    end: Option<usize>,
}

impl Part {
    /// One that nothing but what stands behind it ends.
    fn bare(inside: Range<usize>) -> Self {
        Self {
            inside,
            quote: None,
            end: None,
        }
    }

    /// Where the next part of the same value starts.
    fn next_of_same(&self, text: &str) -> Option<usize> {
        let end = self.end.filter(|end| *end < text.len())?;
        let rest = &text[end..];
        let goes_on = |c: char| {
            c.is_alphanumeric() || GLUE.contains(c) || (self.quote.is_none() && OPENING.contains(c))
        };
        if rest.starts_with(goes_on) {
            return Some(end);
        }
        if let Some(found) = OR_ELSE.find(rest) {
            let word = found
                .as_str()
                .trim_end_matches(|c| !matches!(c, ' ' | '\t'));
            return Some(end + word.len());
        }
        let (quote, escape) = self.quote?;
        let opens = |text: &str, quote: char, escape: usize| {
            let opening = text.trim_start_matches('\\');
            text.len() - opening.len() == escape && opening.starts_with(quote)
        };
        let is_space = |c: char| matches!(c, ' ' | '\t' | '\n' | '\r');
        let behind_space = rest.trim_start_matches(is_space);
        // `'a' + 'b'`
        let behind_space = behind_space
            .strip_prefix('+')
            .map_or(behind_space, |rest| rest.trim_start_matches(is_space));
        let start = text.len() - behind_space.len();
        if opens(behind_space, quote, escape) {
            return Some(start);
        }
        // `'a' u'b'`
        let letters = behind_space.len() - behind_space.trim_start_matches(is_prefix).len();
        if (1..=2).contains(&letters) && opens(&behind_space[letters..], quote, escape) {
            return Some(start);
        }
        let is_word = |rest: &str| rest.starts_with(char::is_alphanumeric);
        let is_opened = rest.starts_with(['"', '\'']) && is_word(&rest[1..]);
        is_opened.then_some(end)
    }
}

/// What joins a part of a value that has an end of its own with more of it: `{SSHA}$hash`,
/// `'a'+'b'`, `"a"$b`.
const GLUE: &str = "$!#@%^*+-_.~";

/// What does so behind a bracket: `{x}/hash`, `Secret[str]('x')`.
const OPENING: &str = "/=[({";

/// Whether this is a letter that may stand before a literal.
fn is_prefix(c: char) -> bool {
    "uUbBrRfF".contains(c)
}

fn part_at(text: &str, at: usize, style: Style) -> Part {
    let rest = &text[at..];
    if let Some(quote) = ESCAPED_QUOTE.find(rest) {
        let inside = at + quote.end();
        let length = text[inside..].find(quote.as_str());
        let end = length.map_or(text.len(), |length| inside + length);
        return Part::bare(inside..end);
    }
    if let Some(found) = LITERAL.captures(rest)
        && let (Some(opening), Some(escape), Some(quote)) =
            (found.get(0), found.get(1), found.get(2))
        && let Some(quote) = quote.as_str().chars().next()
    {
        let inside = at + opening.end();
        let end = closing_quote(text, inside, quote, escape.len());
        return Part {
            inside: inside..end,
            quote: Some((quote, escape.len())),
            end: Some(text.len().min(end + escape.len() + 1)),
        };
    }
    if let Some(open) = rest.chars().next().filter(|c| matches!(c, '{' | '[' | '(')) {
        let end = closing_bracket(text, at, open).unwrap_or(text.len());
        return Part {
            inside: at..end,
            quote: None,
            end: Some(end),
        };
    }
    let bare = at + bare_length(rest, style);
    let Some((start, open)) = arguments_of(rest).map(|(start, open)| (at + start, open)) else {
        return Part::bare(at..bare);
    };
    let end = match style {
        Style::Line | Style::Value => closing_bracket(text, start, open).unwrap_or(text.len()),
        Style::Setting | Style::Assignment => end_of_arguments(text, start, open),
        Style::Header | Style::Encoded => bare,
    };
    Part {
        inside: at..end.max(bare),
        quote: None,
        // A call may go on with another: `a('x').b('y')`.
        end: Some(end).filter(|end| *end > bare),
    }
}

/// A value that ends its line, with the lines behind it that are indented more than the name, or are
/// items of a list where nothing stands in its own line: a text or a list of YAML, or a setting that
/// goes on.
pub(super) fn continued(text: &str, value: Range<usize>, indentation: usize) -> Range<usize> {
    let mut end = value.end;
    while let Some(found) = NEXT_LINE.captures(&text[end..]) {
        let (Some(line), Some(space), Some(content)) = (found.get(0), found.get(1), found.get(3))
        else {
            break;
        };
        let is_item = found.get(2).is_some() && value.is_empty() && space.len() >= indentation;
        if space.len() <= indentation && !is_item {
            break;
        }
        let is_in_literal = !line.as_str()[..line.len() - content.len()].contains('\n');
        // The quote that ends the literal.
        match content.as_str().find(['"', '\'']).filter(|_| is_in_literal) {
            Some(quote) => return value.start..end + content.start() + quote,
            None => end += line.len(),
        }
    }
    value.start..end
}

/// Where the arguments of a call start, if the text is one, and with which bracket: `Token(1, 'x')`,
/// `Secret[str]('x')`, `x['y']`.
fn arguments_of(text: &str) -> Option<(usize, char)> {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
    let is_generic = |c: char| is_part(c) || matches!(c, '[' | ']');
    let arguments = text.trim_start_matches(is_part);
    let is_item = arguments.starts_with("['") || arguments.starts_with("[\"");
    if is_item && arguments.len() < text.len() {
        return Some((text.len() - arguments.len(), '['));
    }
    let arguments = text.trim_start_matches(is_generic);
    let start = text.len() - arguments.len();
    (start > 0 && arguments.starts_with('(')).then_some((start, '('))
}

/// Where the arguments end that start here, in the middle of anything. What neither its line closes nor
/// what follows soon is no call, and goes to the end of its line.
fn end_of_arguments(text: &str, start: usize, open: char) -> usize {
    let line = text[start..].find('\n').unwrap_or(text.len() - start);
    let most = text.len().min(start + line + MOST_ARGUMENTS);
    let part = &text[start..boundary_at(text, most)];
    let unclosed = if part.len() == text.len() - start {
        // The text breaks off.
        part.len()
    } else {
        line
    };
    start + closing_bracket(part, 0, open).unwrap_or(unclosed)
}

/// The length of a value that stands without quotes.
fn bare_length(rest: &str, style: Style) -> usize {
    if style == Style::Header
        && let Some(credentials) = CREDENTIALS.find(rest)
    {
        return credentials.end();
    }
    let mut last = None;
    let mut characters = rest.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        let next = characters.peek().map(|(_, next)| *next);
        let is_line = matches!(style, Style::Header | Style::Line | Style::Setting);
        let ends = match c {
            // The first backslash of a run sees what the others would.
            '\\' if last == Some('\\') => false,
            '\n' | '\r' | '\\' if style == Style::Header => END_OF_HEADER.is_match(&rest[at..]),
            '\n' => true,
            // An escape in the text of a literal.
            '\\' => {
                let escaped = rest[at..].trim_start_matches('\\').chars().next();
                escaped.is_none_or(|c| "nrt\"'".contains(c))
            }
            _ if style == Style::Header => false,
            '%' if style == Style::Encoded => rest[at..].starts_with("%26"),
            // `it's`
            '"' | '\'' | '`' => !next.is_some_and(char::is_alphanumeric),
            // The end of an element.
            '<' => next.is_none_or(|next| next == '/'),
            ',' | '}' | ']' | ')' => style == Style::Value,
            ';' | '&' | ' ' | '\t' if style == Style::Setting => {
                let is_first = !matches!((c, last), (' ' | '\t', Some(' ' | '\t')));
                is_first && NEXT_SETTING.is_match(&rest[at..])
            }
            ';' | '&' => style != Style::Line,
            _ => c.is_whitespace() && !is_line,
        };
        if ends {
            return at;
        }
        last = Some(c);
    }
    rest.len()
}

/// The start of the character that this byte is in.
pub(super) fn boundary_at(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// How many backslashes stand before this place.
pub(super) fn backslashes_before(text: &str, at: usize) -> usize {
    let before = text.as_bytes()[..at].iter().rev();
    before.take_while(|&&byte| byte == b'\\').count()
}

/// The place of the quote that closes one with `escape` backslashes before it: it has as many.
pub(super) fn closing_quote(text: &str, from: usize, quote: char, escape: usize) -> usize {
    let bytes = text.as_bytes();
    let mut backslashes = 0;
    for (at, &byte) in bytes.iter().enumerate().skip(from) {
        if byte == b'\\' {
            backslashes += 1;
            continue;
        }
        if byte == quote as u8 && (backslashes == escape || (escape == 0 && backslashes % 2 == 0)) {
            return at - escape;
        }
        backslashes = 0;
    }
    text.len()
}

/// The end of a bracketed value, if anything closes it; brackets in quoted strings do not count.
fn closing_bracket(text: &str, from: usize, open: char) -> Option<usize> {
    let close = match open {
        '{' => b'}',
        '[' => b']',
        _ => b')',
    };
    let bytes = text.as_bytes();
    let mut depth = 0_usize;
    let mut at = from;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'"' | b'\'' => {
                let escape = backslashes_before(text, at - 1);
                at = (closing_quote(text, at, char::from(byte), escape) + escape + 1)
                    .min(text.len());
            }
            _ if byte == open as u8 => depth += 1,
            _ if byte == close => {
                depth -= 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}
