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

/// The hours in which something is usual: those of the days that they start on, up to the next day
/// where they end earlier than they start.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "WrittenHours")]
pub(super) struct Hours {
    from: i64,
    to: i64,
    days: Vec<Day>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenHours {
    from: Minute,
    to: Minute,
    days: Vec<Day>,
}

impl TryFrom<WrittenHours> for Hours {
    type Error = &'static str;

    fn try_from(written: WrittenHours) -> Result<Self, &'static str> {
        let WrittenHours { from, to, days } = written;
        if from.0 == to.0 {
            return Err("`from` and `to` are the same time: the whole day is 00:00 to 24:00");
        }
        Ok(Self {
            from: from.0,
            to: to.0,
            days,
        })
    }
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
        let day = millis.div_euclid(86_400_000);
        let minute = millis.rem_euclid(86_400_000) / 60_000;
        let is_on = |day: i64| {
            let day = usize::try_from(day.rem_euclid(7)).unwrap_or_default();
            self.days.contains(&WEEK[day])
        };
        let is_within = if self.from < self.to {
            (self.from..self.to).contains(&minute) && is_on(day)
        } else {
            (minute >= self.from && is_on(day)) || (minute < self.to && is_on(day - 1))
        };
        !is_within
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
    fn hours_may_go_over_midnight() {
        let hours: Hours = toml::from_str(
            r#"from = "22:00"
            to = "06:00"
            days = ["mon"]"#,
        )
        .unwrap();
        // 2026-11-23 is a Monday.
        for (time, expected) in [
            ("2026-11-23 02:00:00,000", true),
            ("2026-11-23 12:00:00,000", true),
            ("2026-11-23 22:00:00,000", false),
            ("2026-11-24 02:00:00,000", false),
            ("2026-11-24 06:00:00,000", true),
            ("2026-11-24 23:00:00,000", true),
        ] {
            let millis = Asctime::at_start_of(time.as_bytes()).unwrap().millis();
            assert_eq!(hours.excludes(millis), expected, "{time}");
        }
        let same = toml::from_str::<Hours>("from = '07:00'\nto = '07:00'\ndays = []");
        assert!(same.unwrap_err().to_string().contains("the same time"));
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
