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
    /// Bytes of the files that are finished.
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

    /// Goes on to where `part` of the `whole` of a file of so many bytes has been read.
    pub(super) fn advance_in_file(&mut self, size: u64, part: usize, whole: usize) {
        let in_file = u128::from(size) * part as u128 / (whole as u128).max(1);
        self.show(self.done + u64::try_from(in_file).unwrap_or(size));
    }

    /// Goes on to where so many bytes of a file have been read, as it is stored.
    pub(super) fn advance_to(&mut self, place: usize) {
        self.show(self.done + place as u64);
    }

    /// Goes on behind a file of so many bytes.
    pub(super) fn finish_file(&mut self, size: u64) {
        self.done += size;
    }

    fn show(&mut self, position: u64) {
        if !self.is_wanted || self.started.elapsed() < DELAY {
            return;
        }
        let bar = self.bar.get_or_insert_with(|| {
            let template = "{bar:30} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left";
            let style = ProgressStyle::with_template(template)
                .unwrap_or_else(|_| ProgressStyle::default_bar());
            ProgressBar::new(self.total).with_style(style)
        });
        bar.set_position(position);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
