//! Examples as pages in Markdown with tables, as GitHub, `MkDocs` and Docusaurus read it.
//!
//! All text from logs stands in code, within a line or as a block, where nothing is obeyed.

use std::fmt::{Arguments, Write as _};

use super::fields::{Field, FieldTable};
use super::format::{File, Settings};
use super::quote::{markdown_code, markdown_fence, one_line, url_segment};
use super::shown_example::{Block, ShownExample};
use super::site::{Group, Page, groups};
use super::words::{MASKED, calls, effect, number, presence, purpose};
use crate::usage::Service;

/// Returns all services as one page, with a table of contents.
pub(super) fn document(services: &[Service], settings: &Settings) -> String {
    let groups = groups(services);
    let mut text = index(services, &groups, |page| {
        format!("#{}", url_segment(&page.stem))
    });
    for page in groups.iter().flat_map(|group| &group.pages) {
        // Programs make different anchors of one heading, so that it gets its own.
        write(
            &mut text,
            format_args!("\n<a id=\"{}\"></a>\n\n", page.stem),
        );
        write_service(page.service, 2, settings, &mut text);
    }
    text
}

/// Returns a page for each service, and an index.
pub(super) fn pages(services: &[Service], settings: &Settings) -> Vec<File> {
    let groups = groups(services);
    let index = index(services, &groups, |page| {
        format!("{}.md", url_segment(&page.stem))
    });
    let mut files = vec![File::new("index", ".md", index)];
    for page in groups.iter().flat_map(|group| &group.pages) {
        let mut text = String::new();
        write_service(page.service, 1, settings, &mut text);
        files.push(File::new(&page.stem, ".md", text));
    }
    files
}

fn index(
    services: &[Service],
    groups: &[Group<'_>],
    address: impl Fn(&Page<'_>) -> String,
) -> String {
    let all_calls = services.iter().map(|service| service.calls).sum();
    let mut text = format!(
        "# Services\n\n{}, {} in the logs.\n",
        number(services.len() as u64, "service"),
        number(all_calls, "call"),
    );
    for group in groups {
        let object = if group.object.is_empty() {
            "Other".to_owned()
        } else {
            code(group.object)
        };
        write(
            &mut text,
            format_args!(
                "\n## {object}\n\n\
                 | Service | What it does | Calls | Unanswered | Examples |\n\
                 |---|---|--:|--:|--:|\n"
            ),
        );
        for page in &group.pages {
            let service = page.service;
            write(
                &mut text,
                format_args!(
                    "| [{}]({}) | {} | {} | {} | {} |\n",
                    code(&service.name),
                    address(page),
                    effect(&service.name).unwrap_or_default(),
                    service.calls,
                    service.unanswered,
                    service.examples.len()
                ),
            );
        }
    }
    text
}

/// Writes a service under a heading of this level.
fn write_service(service: &Service, level: usize, settings: &Settings, text: &mut String) {
    let heading = "#".repeat(level);
    write(text, format_args!("{heading} {}\n\n", code(&service.name)));
    if let Some(purpose) = purpose(&service.name) {
        let found_by = purpose
            .found_by
            .map(|key| format!(", found by its {}", code(key)));
        write(
            text,
            format_args!(
                "{} {}{}. ",
                purpose.start,
                code(purpose.object),
                found_by.unwrap_or_default()
            ),
        );
    }
    write(text, format_args!("{}\n", calls(service)));
    let sides = [
        ("Request", &service.request),
        ("Response", &service.response),
    ];
    for (side, schema) in sides {
        write(text, format_args!("\n{heading}# {side}\n\n"));
        let table = FieldTable::of(schema);
        write_fields(&table, text);
        if side == "Request" && !table.rows.is_empty() {
            text.push_str("\nWhat was always sent is likely to be required.\n");
        }
    }
    write(text, format_args!("\n{heading}# Examples\n\n"));
    if service.examples.is_empty() {
        text.push_str("None: no answered call of it can be read whole.\n");
        return;
    }
    text.push_str(
        "The code takes the user and the password from `$ZATO_USER` and `$ZATO_PASSWORD`.\n",
    );
    for example in &service.examples {
        write_example(&ShownExample::new(example, settings), level + 2, text);
    }
}

fn write_fields(table: &FieldTable, text: &mut String) {
    if table.payloads == 0 {
        text.push_str("None in the logs that can be read whole.\n");
        return;
    }
    write(
        text,
        format_args!(
            "JSON: {}. Seen in {}.\n",
            table.types,
            number(table.payloads, "call")
        ),
    );
    if table.rows.is_empty() {
        return;
    }
    text.push_str("\n| Field | Type | Present | Notes |\n|---|---|---|---|\n");
    for field in &table.rows {
        write(
            text,
            format_args!(
                "| {} | {} | {} | {} |\n",
                code(&field.path),
                field.types,
                presence(field.presence),
                notes(field)
            ),
        );
    }
    if table.left_out > 0 {
        let more = number(table.left_out as u64, "field");
        write(text, format_args!("\n{more} more not shown.\n"));
    }
}

fn notes(field: &Field) -> String {
    let mut notes = Vec::new();
    if field.is_secret {
        notes.push("secret, masked".to_owned());
    }
    notes.extend(field.format.map(str::to_owned));
    if !field.values.is_empty() {
        let values = field.values.iter();
        let values = values.map(|value| match value.as_str() {
            "" => "empty".to_owned(),
            value => code(value),
        });
        let values: Vec<String> = values.collect();
        notes.push(format!("seen: {}", values.join(", ")));
    }
    notes.join("; ")
}

fn write_example(example: &ShownExample, level: usize, text: &mut String) {
    write(
        text,
        format_args!("\n{} {}\n", "#".repeat(level), example.title),
    );
    if !example.masked.is_empty() {
        let masked: Vec<String> = example.masked.iter().map(|path| code(path)).collect();
        write(text, format_args!("\n{MASKED}: {}\n", masked.join(", ")));
    }
    if let Some(length) = example.too_long {
        write(
            text,
            format_args!(
                "\nThe request is {length} bytes long, too long for code on a page. \
                 `zalog examples --format curl` writes it whole.\n"
            ),
        );
    }
    for block in example.snippets.iter().chain([&example.request]) {
        write_block(block, text);
    }
    match &example.response {
        Ok(block) => write_block(block, text),
        Err(reason) => write(text, format_args!("\n{reason}\n")),
    }
}

fn write_block(block: &Block, text: &mut String) {
    let cuts = if block.cuts.is_empty() {
        String::new()
    } else {
        let cuts: Vec<String> = block.cuts.iter().map(|cut| code(cut)).collect();
        format!(" (in part: {})", cuts.join(", "))
    };
    write(
        text,
        format_args!(
            "\n**{}**{cuts}\n\n{}",
            block.label,
            markdown_fence(block.language, &block.code)
        ),
    );
}

/// Text from a log within a line.
fn code(text: &str) -> String {
    markdown_code(&one_line(text))
}

fn write(text: &mut String, arguments: Arguments<'_>) {
    text.write_fmt(arguments)
        .expect("memory takes all that is written");
}
