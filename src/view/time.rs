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
    offset: Option<UtcOffset>,
}

impl View {
    /// Joins a record's time with the offset that its CID tells, or else the time zone.
    #[must_use]
    pub fn timestamp<'a>(
        &self,
        asctime: Asctime<'a>,
        from_cid: Option<UtcOffset>,
    ) -> Timestamp<'a> {
        let from_zone = || {
            let civil: civil::DateTime = asctime.as_str().replace(',', ".").parse().ok()?;
            let timezone = self.timezone.as_ref()?;
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
impl fmt::Display for Timestamp<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.asctime.fmt(formatter)?;
        self.offset.map_or(Ok(()), |offset| offset.fmt(formatter))
    }
}
