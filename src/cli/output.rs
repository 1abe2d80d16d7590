//! Where a command writes: data to standard output, words to standard error.

use std::borrow::Cow;
use std::io::{self, BufWriter, IsTerminal as _, Write};

use clap::ValueEnum;

use super::pager;
use super::width::width;
use crate::pyrepr::{is_obeyed, is_plain};

/// What is said besides the data, and how it looks.
#[derive(Debug, clap::Args)]
pub(super) struct OutputArgs {
    /// Colour the output
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        help_heading = "Output"
    )]
    color: Color,
    /// Never show long output in a pager ($PAGER, or less), which is done on a terminal only
    #[arg(long, global = true, help_heading = "Output")]
    no_pager: bool,
    /// Say nothing but errors
    #[arg(long, short, global = true, help_heading = "Output")]
    quiet: bool,
    /// Say what was read, even when all went well
    #[arg(
        long,
        short,
        global = true,
        conflicts_with = "quiet",
        help_heading = "Output"
    )]
    verbose: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// How a piece of text looks where colours are on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Paint {
    /// What a reader looks for first.
    Title,
    Good,
    Bad,
    /// What is there to be looked up.
    Faint,
    Key,
    Text,
    Number,
    /// `true`, `false` and `null`.
    Word,
}

impl Paint {
    /// The parameters of the terminal's escape sequence, from the eight colours that every theme
    /// defines.
    fn code(self) -> &'static str {
        match self {
            Self::Title => "1",
            Self::Good | Self::Text => "32",
            Self::Bad => "31",
            Self::Faint => "2",
            Self::Key => "36",
            Self::Number => "33",
            Self::Word => "35",
        }
    }
}

/// Standard output.
#[derive(Debug)]
pub(super) struct Output {
    out: BufWriter<io::StdoutLock<'static>>,
    is_terminal: bool,
    is_coloured: bool,
    /// The terminal's size in columns and rows.
    size: Option<(usize, usize)>,
    can_page: bool,
    /// What is held back until it is known whether it needs a pager.
    held: Option<Vec<u8>>,
}

impl Output {
    pub(super) fn stdout(args: &OutputArgs) -> Self {
        let is_terminal = io::stdout().is_terminal();
        let is_coloured = match args.color {
            Color::Auto => is_terminal && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty()),
            Color::Always => true,
            Color::Never => false,
        };
        let size = terminal_size::terminal_size()
            .map(|(width, height)| (usize::from(width.0), usize::from(height.0)));
        Self {
            out: BufWriter::with_capacity(1 << 16, io::stdout().lock()),
            is_terminal,
            is_coloured,
            size: size.filter(|_| is_terminal),
            can_page: is_terminal && !args.no_pager,
            held: None,
        }
    }

    /// The terminal's width in columns; `None` when the output goes elsewhere.
    pub(super) fn width(&self) -> Option<usize> {
        self.size.map(|(width, _)| width)
    }

    pub(super) fn is_terminal(&self) -> bool {
        self.is_terminal
    }

    /// The text as what was searched for, where colours are on.
    pub(super) fn highlighted(&self, text: &str) -> String {
        if self.is_coloured && !text.is_empty() {
            format!("\x1b[1;31m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }

    /// From here to the next `flush` the output is for a person to read: what does not fit on the
    /// terminal's screen is shown in a pager.
    pub(super) fn page(&mut self) {
        if self.can_page && self.held.is_none() {
            self.held = Some(Vec::new());
        }
    }

    /// Writes a line in bold, where colours are on.
    pub(super) fn bold_line(&mut self, line: &str) -> io::Result<()> {
        self.paint(Paint::Title, line)?;
        writeln!(self)
    }

    /// Writes text in a colour, where colours are on.
    pub(super) fn paint(&mut self, paint: Paint, text: &str) -> io::Result<()> {
        if self.is_coloured {
            write!(self, "\x1b[{}m{text}\x1b[0m", paint.code())
        } else {
            self.write_all(text.as_bytes())
        }
    }

    /// Whether text takes more rows than the terminal has, the next prompt included.
    fn is_long(&self, text: &[u8]) -> bool {
        // A terminal that does not tell its size is an old one.
        let (width, height) = self.size.unwrap_or((80, 24));
        let mut rows = 0;
        // Behind the last newline is the row of the prompt.
        text.split(|&byte| byte == b'\n').any(|line| {
            rows += columns(line).div_ceil(width).max(1);
            rows > height
        })
    }
}

/// How many columns a line takes, near enough: its text but for what sets colours.
fn columns(line: &[u8]) -> usize {
    let text = String::from_utf8_lossy(line);
    let mut parts = text.split('\x1b');
    let before = parts.next().map_or(0, width);
    let behind = parts.filter_map(|part| part.split_once('m'));
    before + behind.map(|(_, text)| width(text)).sum::<usize>()
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.held {
            Some(held) => held.write(bytes),
            None => self.out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        if let Some(held) = self.held.take()
            && !(self.is_long(&held) && pager::show(&held))
        {
            self.out.write_all(&held)?;
        }
        self.out.flush()
    }
}

/// Standard error.
#[derive(Debug)]
pub(super) struct Messages {
    pub(super) is_quiet: bool,
    pub(super) is_verbose: bool,
    is_unheard: bool,
}

impl Messages {
    pub(super) fn new(args: &OutputArgs) -> Self {
        Self {
            is_quiet: args.quiet,
            is_verbose: args.verbose,
            is_unheard: false,
        }
    }

    /// Says nothing at all: for what has been said already.
    pub(super) fn unheard() -> Self {
        Self {
            is_quiet: true,
            is_verbose: false,
            is_unheard: true,
        }
    }

    pub(super) fn error(&self, text: &str) {
        if !self.is_unheard {
            say(&format!("error: {text}"));
        }
    }

    pub(super) fn note(&self, text: &str) {
        if !self.is_quiet {
            say(text);
        }
    }
}

/// Says something on standard error, whatever was asked.
pub(super) fn say(text: &str) {
    // When standard error is closed there is nobody to tell.
    let _unheard = writeln!(io::stderr(), "{}", printable(text));
}

/// What failed when standard output takes no more.
pub(super) const NOT_WRITTEN: &str = "failed to write to standard output";

/// The text with a mark in the place of each character that a terminal would obey. Newlines stay.
pub(super) fn printable(text: &str) -> Cow<'_, str> {
    if is_plain(text) {
        return Cow::Borrowed(text);
    }
    let shown = |c: char| {
        if c != '\n' && is_obeyed(c) {
            char::REPLACEMENT_CHARACTER
        } else {
            c
        }
    };
    Cow::Owned(text.chars().map(shown).collect())
}

/// The text on one line: where it reads on, a space is better than a mark.
pub(super) fn one_line(text: &str) -> Cow<'_, str> {
    let text = printable(text);
    if text.contains('\n') {
        return Cow::Owned(text.replace('\n', " "));
    }
    text
}

/// A name on one line: a newline is as strange in it as all else that is marked.
pub(super) fn printable_line(text: &str) -> String {
    printable(text).replace('\n', "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_take_no_columns() {
        assert_eq!(columns("\x1b[1mż ó\x1b[0m\x1b[33m7\x1b[0m".as_bytes()), 4);
        assert_eq!(columns("\x1b[1m漢字\x1b[0m".as_bytes()), 4);
        assert_eq!(columns(b""), 0);
    }
}
