//! Where a command writes: data to standard output, words to standard error.

use std::io::{self, BufWriter, IsTerminal as _, Write};

use clap::ValueEnum;

use crate::pyrepr::is_obeyed;

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

/// Standard output.
#[derive(Debug)]
pub(super) struct Output {
    out: BufWriter<io::StdoutLock<'static>>,
    is_coloured: bool,
    width: Option<usize>,
}

impl Output {
    pub(super) fn stdout(args: &OutputArgs) -> Self {
        let is_terminal = io::stdout().is_terminal();
        let is_coloured = match args.color {
            Color::Auto => is_terminal && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty()),
            Color::Always => true,
            Color::Never => false,
        };
        let width = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
        Self {
            out: BufWriter::with_capacity(1 << 16, io::stdout().lock()),
            is_coloured,
            width: width.filter(|_| is_terminal),
        }
    }

    /// The terminal's width in columns; `None` when the output goes elsewhere.
    pub(super) fn width(&self) -> Option<usize> {
        self.width
    }

    /// The text as what was searched for, where colours are on.
    pub(super) fn highlighted(&self, text: &str) -> String {
        if self.is_coloured && !text.is_empty() {
            format!("\x1b[1;31m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }

    /// Writes a line in bold, where colours are on.
    pub(super) fn bold_line(&mut self, line: &str) -> io::Result<()> {
        if self.is_coloured {
            writeln!(self, "\x1b[1m{line}\x1b[0m")
        } else {
            writeln!(self, "{line}")
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Standard error.
#[derive(Debug)]
pub(super) struct Messages {
    pub(super) is_quiet: bool,
    pub(super) is_verbose: bool,
}

impl Messages {
    pub(super) fn new(args: &OutputArgs) -> Self {
        Self {
            is_quiet: args.quiet,
            is_verbose: args.verbose,
        }
    }

    #[expect(
        clippy::unused_self,
        reason = "errors are said like all else, and always"
    )]
    pub(super) fn error(&self, text: &str) {
        say(&format!("error: {text}"));
    }

    pub(super) fn note(&self, text: &str) {
        if !self.is_quiet {
            say(text);
        }
    }
}

fn say(text: &str) {
    // When standard error is closed there is nobody to tell.
    let _unheard = writeln!(io::stderr(), "{}", printable(text));
}

/// The text with a mark in the place of each character that a terminal would obey. Newlines stay.
pub(super) fn printable(text: &str) -> String {
    let shown = |c: char| {
        if c != '\n' && is_obeyed(c) {
            char::REPLACEMENT_CHARACTER
        } else {
            c
        }
    };
    text.chars().map(shown).collect()
}
