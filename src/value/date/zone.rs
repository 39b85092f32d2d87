//! Zones: the local one and UTC.

use super::super::{DateTime, DateTimeKind};
use super::{MAX_TICKS, SECOND, UNIX_EPOCH};
use jiff::tz::TimeZone;
use jiff::{Timestamp, civil};

/// The point in time that the computer's clock shows, of kind Utc.
pub fn now() -> DateTime {
    let nanoseconds = Timestamp::now().as_nanosecond() / 100;
    DateTime::from_unix_ticks(i64::try_from(nanoseconds).unwrap_or(0))
}

fn offset_of_utc(ticks: i64) -> i64 {
    let seconds = (ticks - UNIX_EPOCH) / SECOND;
    Timestamp::from_second(seconds).map_or(0, |at| i64::from(TimeZone::system().to_offset(at).seconds()))
}

fn offset_of_local(ticks: i64) -> i64 {
    let parts = super::Parts::of(ticks);
    // Every part fits: the year has at most four digits.
    let small = |n: i64| i8::try_from(n).unwrap_or(1);
    let civil = civil::DateTime::new(
        i16::try_from(parts.year).unwrap_or(1),
        small(parts.month),
        small(parts.day),
        small(parts.hour),
        small(parts.minute),
        small(parts.second),
        0,
    );
    civil
        .ok()
        .and_then(|at| TimeZone::system().to_ambiguous_timestamp(at).compatible().ok())
        .map_or(0, |at| i64::from(TimeZone::system().to_offset(at).seconds()))
}

/// Seconds that a point in time is ahead of UTC; without a zone it counts as local.
pub fn offset_seconds(at: DateTime) -> i64 {
    match at.kind {
        DateTimeKind::Utc => 0,
        DateTimeKind::Local | DateTimeKind::Unspecified => offset_of_local(at.ticks),
    }
}

/// The same point in time in the local zone; without a zone it counts as UTC.
pub fn to_local(at: DateTime) -> DateTime {
    let ticks = match at.kind {
        DateTimeKind::Local => at.ticks,
        DateTimeKind::Utc | DateTimeKind::Unspecified => at.ticks + offset_of_utc(at.ticks) * SECOND,
    };
    DateTime { ticks: ticks.clamp(0, MAX_TICKS), kind: DateTimeKind::Local }
}

/// The same point in time in UTC; without a zone it counts as local.
pub fn to_utc(at: DateTime) -> DateTime {
    let ticks = at.ticks - offset_seconds(at) * SECOND;
    DateTime { ticks: ticks.clamp(0, MAX_TICKS), kind: DateTimeKind::Utc }
}
