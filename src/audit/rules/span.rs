//! Lengths of time and hours of the day as rules write them: `90s`, `5m`, `1h`, `1d`; `07:00`.

use serde::{Deserialize, Deserializer, de};

/// A length of time in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Length(pub(super) i64);

impl<'de> Deserialize<'de> for Length {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        length(&text).map(Self).ok_or_else(|| {
            de::Error::custom(format!(
                "expected a length such as `90s`, `5m`, `1h` or `1d`, not `{text}`"
            ))
        })
    }
}

fn length(text: &str) -> Option<i64> {
    let unit = match text.chars().next_back()? {
        's' => 1_000,
        'm' => 60_000,
        'h' => 3_600_000,
        'd' => 86_400_000,
        _ => return None,
    };
    let number: u32 = text[..text.len() - 1].parse().ok()?;
    i64::from(number).checked_mul(unit)
}

/// The hours in which something is usual.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Hours {
    from: Minute,
    to: Minute,
    days: Vec<Day>,
}

#[derive(Clone, Copy, Debug)]
struct Minute(i64);

impl<'de> Deserialize<'de> for Minute {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        minute(&text).map(Self).ok_or_else(|| {
            de::Error::custom(format!("expected a time such as `07:00`, not `{text}`"))
        })
    }
}

fn minute(text: &str) -> Option<i64> {
    let (hours, minutes) = text.split_once(':')?;
    let hours: i64 = hours
        .parse()
        .ok()
        .filter(|hours| (0..=24).contains(hours))?;
    let minutes: i64 = minutes
        .parse()
        .ok()
        .filter(|minutes| (0..=59).contains(minutes))?;
    Some(hours * 60 + minutes)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Day {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

const WEEK: [Day; 7] = [
    Day::Thu,
    Day::Fri,
    Day::Sat,
    Day::Sun,
    Day::Mon,
    Day::Tue,
    Day::Wed,
];

impl Hours {
    /// Whether a time of the server's clock, in milliseconds since 1970-01-01, is outside of them.
    pub(super) fn excludes(&self, millis: i64) -> bool {
        let day = usize::try_from(millis.div_euclid(86_400_000).rem_euclid(7)).unwrap_or_default();
        let minute = millis.rem_euclid(86_400_000) / 60_000;
        let is_within = self.from.0 <= minute && minute < self.to.0;
        !(is_within && self.days.contains(&WEEK[day]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::Asctime;

    #[test]
    fn lengths_have_a_unit() {
        let lengths = ["90s", "5m", "1h", "2d", "5", "m", "-1h", ""].map(length);
        let expected = [
            Some(90_000),
            Some(300_000),
            Some(3_600_000),
            Some(172_800_000),
        ];
        assert_eq!(lengths[..4], expected);
        assert_eq!(lengths[4..], [None; 4]);
    }

    #[test]
    fn office_hours_are_those_of_the_servers_clock() {
        let hours: Hours = toml::from_str(
            r#"from = "07:00"
            to = "19:00"
            days = ["mon", "tue", "wed", "thu", "fri"]"#,
        )
        .unwrap();
        for (time, expected) in [
            ("2026-11-23 06:59:59,999", true),
            ("2026-11-23 07:00:00,000", false),
            ("2026-11-27 18:59:59,999", false),
            ("2026-11-27 19:00:00,000", true),
            ("2026-11-28 12:00:00,000", true),
            ("2018-11-11 12:00:00,000", true),
        ] {
            let millis = Asctime::at_start_of(time.as_bytes()).unwrap().millis();
            assert_eq!(hours.excludes(millis), expected, "{time}");
        }
    }
}
