//! Says in words why zalog has failed where it should not: another program has changed a log under
//! it, or there is a bug.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::process;

use super::Status;
use super::output::say;
use crate::search::is_reading_index;
use crate::source::{changed_map, end_on_changed_map, remove_unfinished};

/// What is said of a log that was written to while it was read, behind its path. That servers append to
/// it is no fault: nobody can tell whether it is the reason.
const CHANGED: &str = ": written to by another program while it was read, which --no-mmap can bear; if \
    zalog fails with that too, it has a bug: please report it";

/// Runs a command, with words for all that may fail. `None` if it has failed at a bug.
pub(super) fn told<T>(run: impl FnOnce() -> T) -> Option<T> {
    end_on_changed_map(CHANGED, Status::Trouble.code());
    panic::set_hook(Box::new(say_panic));
    // What it has worked with is not used any more.
    panic::catch_unwind(AssertUnwindSafe(run)).ok()
}

/// What is said of a log that was written to while it was read, if one was.
pub(super) fn changed_log() -> Option<String> {
    changed_map().map(|path| format!("{path}{CHANGED}"))
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
    // The words of the panic may be a piece of the log.
    let version = env!("CARGO_PKG_VERSION");
    let place = panic
        .location()
        .map_or_else(String::new, |place| format!(" at {place}"));
    if let Some(words) = changed_log() {
        remove_unfinished();
        say(&format!(
            "error: {words}\nzalog {version} has failed{place}"
        ));
        process::exit(Status::Trouble.code().into());
    }
    // An index is read with what panics at what it did not write, also in threads of its own.
    let is_in_index = panic
        .location()
        .is_some_and(|place| place.file().contains("tantivy"));
    let words = if is_in_index {
        "the index can't be read or written: `zalog index --verify` tells whether it is damaged; if it is \
         not, this is a bug: please report it"
    } else {
        "a bug: please report it, with the command"
    };
    say(&format!(
        "error: {words}\nzalog {version} has failed{place}"
    ));
    let backtrace = Backtrace::capture();
    if backtrace.status() == BacktraceStatus::Captured {
        say(&backtrace.to_string());
    }
}
