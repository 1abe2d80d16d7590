//! Says in words why zalog has failed where it should not: another program has changed a log under
//! it, or there is a bug.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::panic::{self, PanicHookInfo};
use std::process;

use super::Status;
use super::output::say;
use crate::search::is_reading_index;
use crate::source::{changed_map, end_on_changed_map, remove_unfinished};

/// What is said of a log that was changed under its reader, behind its path.
const CHANGED: &str = ": changed by another program while it was read; --no-mmap reads such a log";

/// From now on there are words for all that may fail.
pub(super) fn tell() {
    end_on_changed_map(CHANGED, Status::Trouble as u8);
    panic::set_hook(Box::new(say_panic));
}

#[expect(
    clippy::exit,
    clippy::disallowed_methods,
    reason = "what was read is not what it was, so that nothing can be relied on to go on or to clean up"
)]
fn say_panic(panic: &PanicHookInfo<'_>) {
    if is_reading_index() {
        // It becomes an error.
        return;
    }
    if let Some(path) = changed_map() {
        remove_unfinished();
        say(&format!("error: {path}{CHANGED}"));
        process::exit(Status::Trouble as i32);
    }
    // The words of the panic may be a piece of the log.
    let version = env!("CARGO_PKG_VERSION");
    let place = panic
        .location()
        .map_or_else(String::new, |place| format!(", at {place}"));
    say(&format!(
        "error: a bug of zalog {version}{place}: please report it, with the command"
    ));
    let backtrace = Backtrace::capture();
    if backtrace.status() == BacktraceStatus::Captured {
        say(&backtrace.to_string());
    }
}
