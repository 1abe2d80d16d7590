//! Keeps the time of the server that writes a log: it goes on by small steps and never back.

use std::io::Write as _;

use jiff::SignedDuration;
use jiff::civil::DateTime;

/// A server's clock, which shows UTC.
pub(super) struct Clock(DateTime);

impl Clock {
    pub(super) fn new(start: DateTime) -> Self {
        Self(start)
    }

    pub(super) fn advance(&mut self, millis: u64) {
        let millis = i64::try_from(millis).expect("a step is short");
        self.0 += SignedDuration::from_millis(millis);
    }

    /// `2018-11-11 22:01:57,123`
    pub(super) fn write_asctime(&self, out: &mut Vec<u8>) {
        let (date, time) = (self.0.date(), self.0.time());
        write!(
            out,
            "{:04}-{:02}-{:02} {:02}:{:02}:{:02},{:03}",
            date.year(),
            date.month(),
            date.day(),
            time.hour(),
            time.minute(),
            time.second(),
            time.millisecond()
        )
        .expect("memory takes all that is written");
    }

    /// `20181111-220157`, as a CID of 4.1 starts.
    pub(super) fn compact(&self) -> String {
        self.0.strftime("%Y%m%d-%H%M%S").to_string()
    }
}
