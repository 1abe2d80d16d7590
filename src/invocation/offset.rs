//! Tells a server's UTC offset from the CIDs of Zato 4.1, which start with the time in UTC.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::entry::Asctime;

/// Minutes that a server's clock is ahead of UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct UtcOffset(i16);

/// All offsets in use are multiples of this.
const STEP_MS: i64 = 15 * 60 * 1000;

/// A CID is made when a call comes in; its first record follows at once.
const LONGEST_DELAY_MS: i64 = 5_000;

impl UtcOffset {
    /// Compares the time in `cid` with that of the first record that bears it. `None` if the CID
    /// holds no time, or one that no time zone explains.
    #[must_use]
    pub fn between(cid: &str, asctime: Asctime) -> Option<Self> {
        let ahead_ms = asctime.millis() - utc_millis(cid)?;
        let steps = (ahead_ms - LONGEST_DELAY_MS / 2 + STEP_MS / 2).div_euclid(STEP_MS);
        // The CID's time has no milliseconds.
        let delay_ms = ahead_ms - steps * STEP_MS;
        let is_in_use = (-12 * 4..=14 * 4).contains(&steps);
        let minutes = i16::try_from(steps * 15).ok()?;
        ((0..=LONGEST_DELAY_MS).contains(&delay_ms) && is_in_use).then_some(Self(minutes))
    }

    /// Takes the offset of a time zone, in seconds ahead of UTC. `None` if it is none of the Earth.
    #[must_use]
    pub fn from_seconds(seconds: i32) -> Option<Self> {
        i16::try_from(seconds / 60).ok().map(Self)
    }
}

/// `+01:00`
impl fmt::Display for UtcOffset {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { '-' } else { '+' };
        let minutes = self.0.unsigned_abs();
        write!(formatter, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    }
}

/// Whether this is a CID of Zato 4.1, which starts with the time in UTC.
#[must_use]
pub fn is_cid_with_time(cid: &str) -> bool {
    utc_millis(cid).is_some()
}

/// The time at the start of `20261123-181300-2024-a35d8d189a27bcf3a`.
fn utc_millis(cid: &str) -> Option<i64> {
    let cid = cid.as_bytes();
    let (date, time) = (cid.get(..8)?, cid.get(9..15)?);
    if cid[8] != b'-' || cid.get(15) != Some(&b'-') {
        return None;
    }
    let mut text = *b"0000-00-00 00:00:00,000";
    text[..4].copy_from_slice(&date[..4]);
    text[5..7].copy_from_slice(&date[4..6]);
    text[8..10].copy_from_slice(&date[6..]);
    text[11..13].copy_from_slice(&time[..2]);
    text[14..16].copy_from_slice(&time[2..4]);
    text[17..19].copy_from_slice(&time[4..]);
    Some(Asctime::at_start_of(&text)?.millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_offset_is_the_whole_quarter_hours_between_cid_and_record() {
        for (asctime, expected) in [
            ("2026-11-23 18:13:00,834", Some("+00:00")),
            ("2026-11-23 18:13:04,999", Some("+00:00")),
            ("2026-11-23 19:13:00,000", Some("+01:00")),
            ("2026-11-23 23:58:01,000", Some("+05:45")),
            ("2026-11-23 10:13:00,500", Some("-08:00")),
            ("2026-11-23 18:13:05,000", Some("+00:00")),
            ("2026-11-23 18:13:05,001", None),
            ("2026-11-23 18:12:59,999", None),
            ("2026-11-24 08:13:00,000", Some("+14:00")),
            ("2026-11-24 08:28:00,000", None),
            ("2026-11-23 18:18:00,834", None),
            ("2026-11-24 18:13:00,834", None),
        ] {
            let asctime = Asctime::at_start_of(asctime.as_bytes()).unwrap();
            let offset = UtcOffset::between("20261123-181300-2024-a35d8d189a27bcf3a", asctime);
            assert_eq!(offset.map(|offset| offset.to_string()).as_deref(), expected);
            assert_eq!(
                UtcOffset::between("3fb438ee9cc2491c4861a140", asctime),
                None
            );
        }
    }

    #[test]
    fn an_offset_is_taken_from_a_time_zone() {
        for (seconds, expected) in [
            (0, Some("+00:00")),
            (20_700, Some("+05:45")),
            (-28_800, Some("-08:00")),
            (i32::MAX, None),
        ] {
            let offset = UtcOffset::from_seconds(seconds);
            assert_eq!(offset.map(|offset| offset.to_string()).as_deref(), expected);
        }
    }

    #[test]
    fn cids_of_zato_4_1_start_with_a_time() {
        for (cid, has_time) in [
            ("20261123-181300-2024-a35d8d189a27bcf3a", true),
            ("20261123-181300-", true),
            ("20261123-181300", false),
            ("20261123-181300x2024", false),
            ("20261123x181300-2024", false),
            ("20261323-181300-2024", false),
            ("K06XT2H", false),
        ] {
            assert_eq!(is_cid_with_time(cid), has_time, "{cid}");
        }
    }
}
