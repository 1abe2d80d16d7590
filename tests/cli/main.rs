//! Runs the program as its users do, and holds it against logs whose content is known.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't go on says so and ends"
)]
#![expect(clippy::print_stderr, reason = "what is skipped is said in words")]

mod audit;
mod audit_page;
mod bad_input;
mod browser;
mod corpora;
mod coverage;
mod drift;
mod examples;
#[cfg(unix)]
mod faults;
mod forms;
mod hostile;
mod index;
mod injection;
mod layers;
mod leaks;
mod limits;
mod manual;
mod openapi;
mod oracle;
mod pager;
mod pages;
mod pages_in_browser;
mod parse;
mod readme;
mod recipes;
mod recorded;
mod scan;
mod search;
mod server;
mod show;
mod snippets;
mod stats;
mod tail;
mod truth;
mod verify;
mod zalog;
