//! Times as they are shown: ISO 8601, with the UTC offset where it is known.

use std::fmt;

use jiff::civil;

use super::View;
use crate::entry::Asctime;
use crate::invocation::UtcOffset;

/// The time of a record.
#[derive(Clone, Copy, Debug)]
pub struct Timestamp {
    asctime: Asctime,
    offset: Option<UtcOffset>,
}

impl View {
    /// Joins a record's time with the offset that its CID tells, or else the time zone.
    #[must_use]
    pub fn timestamp(&self, asctime: Asctime, from_cid: Option<UtcOffset>) -> Timestamp {
        let from_zone = || {
            let timezone = self.timezone.as_ref()?;
            let civil: civil::DateTime = asctime.to_string().parse().ok()?;
            let zoned = timezone
                .to_ambiguous_zoned_datetime(civil)
                .compatible()
                .ok()?;
            UtcOffset::from_seconds(zoned.offset().seconds())
        };
        Timestamp {
            asctime,
            offset: from_cid.or_else(from_zone),
        }
    }
}

/// `2018-11-11T22:01:57.123+01:00`
impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.asctime.fmt(formatter)?;
        self.offset.map_or(Ok(()), |offset| offset.fmt(formatter))
    }
}
