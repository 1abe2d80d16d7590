//! Times as they are shown: ISO 8601, with the UTC offset where it is known.

use std::fmt;

use jiff::civil;

use super::View;
use crate::entry::Asctime;
use crate::invocation::UtcOffset;

/// The time of a record.
#[derive(Clone, Copy, Debug)]
pub struct Timestamp<'a> {
    asctime: Asctime<'a>,
    /// Seconds ahead of UTC.
    offset: Option<i32>,
}

impl View {
    /// Joins a record's time with the offset that its CID tells, or else the time zone.
    #[must_use]
    pub fn timestamp<'a>(
        &self,
        asctime: Asctime<'a>,
        from_cid: Option<UtcOffset>,
    ) -> Timestamp<'a> {
        let from_zone = self.timezone.as_ref().and_then(|timezone| {
            let civil: civil::DateTime = asctime.as_str().replace(',', ".").parse().ok()?;
            Some(
                timezone
                    .to_ambiguous_zoned_datetime(civil)
                    .compatible()
                    .ok()?
                    .offset()
                    .seconds(),
            )
        });
        Timestamp {
            asctime,
            offset: from_cid.map(UtcOffset::seconds).or(from_zone),
        }
    }
}

/// `2018-11-11T22:01:57.123+01:00`
impl fmt::Display for Timestamp<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.asctime.fmt(formatter)?;
        let Some(offset) = self.offset else {
            return Ok(());
        };
        let sign = if offset < 0 { '-' } else { '+' };
        let minutes = offset.unsigned_abs() / 60;
        write!(formatter, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    }
}
