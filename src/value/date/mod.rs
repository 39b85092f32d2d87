//! Points in time: reading, printing and reckoning as .NET does.

mod format;
mod parse;
mod zone;

pub use format::{format, iso, long_text, month_name, text, weekday_name};
pub use parse::{parse, parse_exact};
pub use zone::{now, offset_seconds, to_local, to_utc};

use super::{DateTime, DateTimeKind};

/// Ticks in a second.
pub const SECOND: i64 = 10_000_000;
/// Ticks in a minute.
pub const MINUTE: i64 = 60 * SECOND;
/// Ticks in an hour.
pub const HOUR: i64 = 60 * MINUTE;
/// Ticks in a day.
pub const DAY: i64 = 24 * HOUR;
/// Ticks at 1970-01-01.
pub const UNIX_EPOCH: i64 = 621_355_968_000_000_000;
/// Ticks of `[datetime]::MaxValue`.
pub const MAX_TICKS: i64 = 3_155_378_975_999_999_999;

/// Parts of a point in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts {
    /// 1 to 9999.
    pub year: i64,
    /// 1 to 12.
    pub month: i64,
    /// 1 to 31.
    pub day: i64,
    /// 0 to 23.
    pub hour: i64,
    /// 0 to 59.
    pub minute: i64,
    /// 0 to 59.
    pub second: i64,
    /// Ticks of 100 ns inside the second.
    pub fraction: i64,
}

/// Days from 0001-01-01 to a day of the Gregorian calendar.
fn days_before(year: i64, month: i64, day: i64) -> i64 {
    let shifted = if month <= 2 { year - 1 } else { year };
    let month_shifted = (month + 9) % 12;
    365 * shifted + shifted.div_euclid(4) - shifted.div_euclid(100)
        + shifted.div_euclid(400)
        + (month_shifted * 153 + 2) / 5
        + day
        - 1
        - 306
}

/// Whether a year has a 29th of February.
pub fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// How many days a month has; 0 for a month that is none.
pub fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + i64::from(is_leap(year)),
        _ => 0,
    }
}

impl Parts {
    /// The ticks of these parts; `None` if they name no point in time.
    pub fn ticks(&self) -> Option<i64> {
        let fits = (1..=9999).contains(&self.year)
            && (1..=days_in_month(self.year, self.month)).contains(&self.day)
            && (0..24).contains(&self.hour)
            && (0..60).contains(&self.minute)
            && (0..60).contains(&self.second)
            && (0..SECOND).contains(&self.fraction);
        fits.then(|| {
            days_before(self.year, self.month, self.day) * DAY
                + self.hour * HOUR
                + self.minute * MINUTE
                + self.second * SECOND
                + self.fraction
        })
    }

    /// The parts of ticks.
    pub fn of(ticks: i64) -> Parts {
        let days = ticks.div_euclid(DAY) + 306;
        let rest = ticks.rem_euclid(DAY);
        let era = days.div_euclid(146_097);
        let of_era = days.rem_euclid(146_097);
        let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * of_year + 2) / 153;
        let day = of_year - (153 * shifted + 2) / 5 + 1;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Parts {
            year,
            month,
            day,
            hour: rest / HOUR,
            minute: rest / MINUTE % 60,
            second: rest / SECOND % 60,
            fraction: rest % SECOND,
        }
    }
}

impl DateTime {
    /// A point in time of an unspecified zone; `None` if the parts name none.
    pub fn from_parts(parts: Parts, kind: DateTimeKind) -> Option<DateTime> {
        Some(DateTime { ticks: parts.ticks()?, kind })
    }

    /// Its parts, in its own zone.
    pub fn parts(self) -> Parts {
        Parts::of(self.ticks)
    }

    /// Ticks of 100 ns since 1970-01-01 UTC to a point in time of kind Utc.
    pub fn from_unix_ticks(ticks: i64) -> DateTime {
        DateTime { ticks: UNIX_EPOCH.saturating_add(ticks).clamp(0, MAX_TICKS), kind: DateTimeKind::Utc }
    }

    /// The day of the week, Sunday is 0.
    pub fn day_of_week(self) -> i64 {
        (self.ticks.div_euclid(DAY) + 1).rem_euclid(7)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_come_back_as_they_went() {
        assert_eq!(
            Parts::of(UNIX_EPOCH),
            Parts { year: 1970, month: 1, day: 1, hour: 0, minute: 0, second: 0, fraction: 0 }
        );
        assert_eq!(Parts::of(0).year, 1);
        assert_eq!(Parts::of(MAX_TICKS).year, 9999);
        for ticks in (0..MAX_TICKS).step_by(usize::try_from(DAY * 97 + 12_345).unwrap()) {
            assert_eq!(Parts::of(ticks).ticks(), Some(ticks));
        }
    }
}
