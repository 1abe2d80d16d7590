//! `zalog man`: the manual page, with all commands on it.
//!
//! What the page says is what `--help` says. `clap_mangen` makes a page for each command, and refers
//! from one to the other; here the commands are sections of one page.

use std::io::{self, Write as _};

use anyhow::{Context as _, Result};
use clap::{Args as _, Command, CommandFactory as _};
use clap_mangen::Man;

use super::logs::ReadingArgs;
use super::output::{NOT_WRITTEN, Output};
use super::{Cli, Status};

/// Print the manual page, in the format of man
///
/// For example: zalog man > ~/.local/share/man/man1/zalog.1
#[derive(Debug, clap::Args)]
pub(super) struct Args;

pub(super) fn run(output: &mut Output) -> Result<Status> {
    let page = page().context("failed to write the manual page")?;
    output
        .write_all(portable(&page).as_bytes())
        .context(NOT_WRITTEN)?;
    Ok(Status::Done)
}

/// The page in ASCII, which each version of roff reads alike.
fn portable(page: &[u8]) -> String {
    let mut portable = String::with_capacity(page.len());
    for c in String::from_utf8_lossy(page).chars() {
        if c.is_ascii() {
            portable.push(c);
        } else {
            portable.extend(["\\[u", &format!("{:04X}", u32::from(c)), "]"]);
        }
    }
    portable
}

fn page() -> io::Result<Vec<u8>> {
    let command = Cli::command()
        .disable_help_subcommand(true)
        .subcommand_value_name("COMMAND");
    let mut page = Vec::new();
    let man = Man::new(command.clone());
    // There is no date on it, which would be that of a build.
    writeln!(
        page,
        ".TH ZALOG 1 \"\" \"zalog {}\"",
        env!("CARGO_PKG_VERSION")
    )?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    let mut notes = Vec::new();
    man.render_extra_section(&mut notes)?;
    replace_heading(&notes, "DESCRIPTION", &mut page)?;
    man.render_options_section(&mut page)?;
    let reading = ReadingArgs::augment_args(Command::new("zalog")).disable_help_flag(true);
    writeln!(
        page,
        ".SH \"LOGS\"\nThe commands that read logs all take these."
    )?;
    let mut shared = Vec::new();
    Man::new(reading.clone()).render_options_section(&mut shared)?;
    demote_headings(&shared, &mut page);
    for subcommand in command.get_subcommands() {
        section(subcommand, &reading, &mut page)?;
    }
    Ok(page)
}

/// Writes what there is to say of one command, but for the flags of `above`.
fn section(command: &Command, above: &Command, page: &mut Vec<u8>) -> io::Result<()> {
    let name = format!("zalog {}", command.get_name());
    let command = command.clone().bin_name(&name).disable_help_flag(true);
    let man = Man::new(command.mut_args(|flag| {
        let is_above = above.get_arguments().any(|known| {
            known.get_id() == flag.get_id() && known.get_help_heading() == flag.get_help_heading()
        });
        flag.hide(is_above)
    }));
    let mut synopsis = Vec::new();
    man.render_synopsis_section(&mut synopsis)?;
    replace_heading(&synopsis, &name, page)?;
    let mut description = Vec::new();
    man.render_description_section(&mut description)?;
    writeln!(page, ".PP")?;
    keep_tables(&description, page);
    let mut options = Vec::new();
    man.render_options_section(&mut options)?;
    demote_headings(&options, page);
    Ok(())
}

/// Headings stand on lines of their own, and no other line starts like them.
fn is_heading(line: &[u8]) -> bool {
    line.starts_with(b".SH ")
}

fn lines(roff: &[u8]) -> impl Iterator<Item = &[u8]> {
    roff.split_inclusive(|&byte| byte == b'\n')
}

fn without_heading(roff: &[u8], page: &mut Vec<u8>) {
    lines(roff)
        .filter(|line| !is_heading(line))
        .for_each(|line| page.extend_from_slice(line));
}

/// Keeps lines as they are that are indented, which is where a table or an example stands.
fn keep_tables(roff: &[u8], page: &mut Vec<u8>) {
    let mut is_table = false;
    for line in lines(roff).filter(|line| !is_heading(line)) {
        if is_table != line.starts_with(b" ") {
            is_table = !is_table;
            page.extend_from_slice(if is_table { b".nf\n" } else { b".fi\n" });
        }
        page.extend_from_slice(line);
    }
    if is_table {
        page.extend_from_slice(b".fi\n");
    }
}

fn replace_heading(roff: &[u8], heading: &str, page: &mut Vec<u8>) -> io::Result<()> {
    writeln!(page, ".SH \"{heading}\"")?;
    without_heading(roff, page);
    Ok(())
}

fn demote_headings(roff: &[u8], page: &mut Vec<u8>) {
    for line in lines(roff) {
        if is_heading(line) {
            page.extend_from_slice(b".SS ");
            page.extend_from_slice(&line[b".SH ".len()..]);
        } else {
            page.extend_from_slice(line);
        }
    }
}
