//! What differs between two sets of calls, as Markdown.

use std::fmt::Write as _;

use super::quote::{markdown_code, one_line};
use super::words::number;
use crate::usage::{Drift, ServiceDrift};

/// Returns a section each for services that came, that went and that changed.
#[must_use]
pub fn drift_in_markdown(drift: &Drift) -> String {
    let mut text = "# Drift\n".to_owned();
    if drift.is_empty() {
        text.push_str("\nNothing differs.\n");
    }
    for (title, services) in [
        ("Services that came", &drift.came),
        ("Services that went", &drift.went),
    ] {
        if services.is_empty() {
            continue;
        }
        write(&mut text, format_args!("\n## {title}\n\n"));
        for (service, calls) in services {
            let calls = number(*calls, "call");
            write(&mut text, format_args!("* {} ({calls})\n", code(service)));
        }
    }
    if !drift.changed.is_empty() {
        text.push_str("\n## Services that changed\n");
    }
    for service in &drift.changed {
        write_service(service, &mut text);
    }
    text
}

fn write_service(service: &ServiceDrift, text: &mut String) {
    let [(old_requests, new_requests), (old_responses, new_responses)] = service.compared;
    write(
        text,
        format_args!(
            "\n### {}\n\nCompared: {old_requests} old requests with {new_requests} new ones, \
             {old_responses} old responses with {new_responses} new ones.\n\n\
             | field | change | old | new |\n|---|---|---|---|\n",
            code(&service.service)
        ),
    );
    for (side, difference) in &service.differences {
        let place = difference.place(*side);
        let types = |types: Option<&[&str]>| types.map_or("-".to_owned(), |types| types.join(", "));
        write(
            text,
            format_args!(
                "| {} | {} | {} | {} |\n",
                code(&place),
                difference.change.as_str(),
                types(difference.change.old_types()),
                types(difference.change.new_types())
            ),
        );
    }
}

fn code(text: &str) -> String {
    markdown_code(&one_line(text))
}

fn write(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    text.write_fmt(arguments)
        .expect("memory takes all that is written");
}
