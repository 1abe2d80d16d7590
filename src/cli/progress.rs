//! A progress bar, on a terminal and only when work lasts.

use std::io::{self, IsTerminal as _};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// Work that is over sooner needs no bar.
const DELAY: Duration = Duration::from_millis(500);

/// How much of the logs has been read.
#[derive(Debug)]
pub(super) struct Progress {
    total: u64,
    done: u64,
    started: Instant,
    bar: Option<ProgressBar>,
    is_wanted: bool,
}

impl Progress {
    pub(super) fn new(total: u64, is_quiet: bool) -> Self {
        let is_wanted = !is_quiet && io::stderr().is_terminal();
        Self {
            total,
            done: 0,
            started: Instant::now(),
            bar: None,
            is_wanted,
        }
    }

    pub(super) fn advance(&mut self, bytes: u64) {
        self.done += bytes;
        if !self.is_wanted || self.started.elapsed() < DELAY {
            return;
        }
        let bar = self.bar.get_or_insert_with(|| {
            let template = "{bar:30} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left";
            let style = ProgressStyle::with_template(template)
                .unwrap_or_else(|_| ProgressStyle::default_bar());
            ProgressBar::new(self.total).with_style(style)
        });
        bar.set_position(self.done);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
