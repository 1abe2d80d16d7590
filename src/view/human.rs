//! Quantities and times for a person.

/// Returns a duration in at most two units: `62ms`, `1.2s`, `3m05s`, `2h00m`.
#[must_use]
pub fn human_duration(ms: u64) -> String {
    match ms {
        0..1_000 => format!("{ms}ms"),
        1_000..60_000 => format!("{}.{}s", ms / 1_000, ms % 1_000 / 100),
        60_000..3_600_000 => format!("{}m{:02}s", ms / 60_000, ms % 60_000 / 1_000),
        _ => format!("{}h{:02}m", ms / 3_600_000, ms % 3_600_000 / 60_000),
    }
}

/// Returns bytes in powers of 1,000: `930 B`, `12.3 kB`, `1.0 GB`.
#[must_use]
pub fn human_bytes(bytes: u64) -> String {
    if bytes < 1_000 {
        return format!("{bytes} B");
    }
    let mut unit = 1_000;
    let mut names = ["kB", "MB", "GB", "TB", "PB", "EB"].iter();
    let mut name = names.next();
    while bytes / unit >= 1_000
        && let Some(next) = names.next()
    {
        unit *= 1_000;
        name = Some(next);
    }
    format!(
        "{}.{} {}",
        bytes / unit,
        bytes % unit / (unit / 10),
        name.unwrap_or(&"EB")
    )
}

/// Returns a time without the fraction of its second and its UTC offset: `2018-11-11 22:01:57`; a
/// dash where none is known.
#[must_use]
pub fn seconds(time: Option<&str>) -> String {
    let time = time.unwrap_or("-");
    time.split('.').next().unwrap_or_default().replace('T', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_sizes_and_times_are_short() {
        let durations = [0, 999, 1_250, 61_000, 3_660_000].map(human_duration);
        assert_eq!(durations, ["0ms", "999ms", "1.2s", "1m01s", "1h01m"]);
        let sizes = [0, 999, 1_000, 12_345_678, u64::MAX].map(human_bytes);
        assert_eq!(sizes, ["0 B", "999 B", "1.0 kB", "12.3 MB", "18.4 EB"]);
        let times = [Some("2018-11-11T22:01:57.123+01:00"), None].map(seconds);
        assert_eq!(times, ["2018-11-11 22:01:57", "-"]);
    }
}
