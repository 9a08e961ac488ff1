//! The calendar: days, weeks, and the parts of a point in time, in UTC.

/// Milliseconds of a day.
pub(in crate::jsonata) const DAY: i64 = 86_400_000;
/// The farthest points in time that JavaScript has, on either side of 1970.
pub(in crate::jsonata) const LIMIT: f64 = 8.64e15;

/// The day number of a date, from 1970-01-01; the month counts from 0 and may overflow.
pub(in crate::jsonata) fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = year + month.div_euclid(12);
    let month = month.rem_euclid(12);
    // Years begin in March, so that the leap day is the last.
    let (year, month) = if month < 2 {
        (year - 1, month + 10)
    } else {
        (year, month - 2)
    };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// A point in time, taken apart.
#[derive(Clone, Copy, Debug)]
pub(in crate::jsonata) struct Moment {
    pub millis: i64,
    pub year: i64,
    /// From 0.
    pub month: i64,
    pub day: i64,
}

/// A month of a year; the month counts from 0.
#[derive(Clone, Copy)]
struct Month {
    year: i64,
    month: i64,
}

impl Month {
    fn add(self, months: i64) -> Self {
        let month = self.month + months;
        Self {
            year: self.year + month.div_euclid(12),
            month: month.rem_euclid(12),
        }
    }

    /// The Monday of the week that holds the first Thursday, as a day number.
    fn first_week(self) -> i64 {
        let first = days(self.year, self.month, 1);
        let weekday = weekday(first);
        if weekday > 4 {
            first + 8 - weekday
        } else {
            first - (weekday - 1)
        }
    }
}

/// 1 for Monday to 7 for Sunday.
fn weekday(day: i64) -> i64 {
    (day + 3).rem_euclid(7) + 1
}

impl Moment {
    pub fn new(millis: i64) -> Self {
        let day_number = millis.div_euclid(DAY);
        let shifted = day_number + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 2 } else { month - 10 };
        let year = year_of_era + era * 400 + i64::from(month < 2);
        Self {
            millis,
            year,
            month,
            day,
        }
    }

    fn day_number(self) -> i64 {
        self.millis.div_euclid(DAY)
    }

    fn part_of_day(self, unit: i64, count: i64) -> i64 {
        self.millis.rem_euclid(DAY) / unit % count
    }

    pub fn hour(self) -> i64 {
        self.part_of_day(3_600_000, 24)
    }

    /// The number of the week of `period`, which is `next - this` months long.
    fn week(self, period: Month, length: i64) -> i64 {
        let today = self.day_number();
        let week = |start: i64| (today - start).div_euclid(7) + 1;
        let first = week(period.first_week());
        if first < 1 {
            return week(period.add(-length).first_week());
        }
        if today >= period.add(length).first_week() {
            return 1;
        }
        first
    }

    /// The component of that letter as a number.
    pub fn component(self, component: char) -> Option<i64> {
        let today = self.day_number();
        let this_year = Month {
            year: self.year,
            month: 0,
        };
        let this_month = Month {
            year: self.year,
            month: self.month,
        };
        Some(match component {
            'Y' => self.year,
            'M' => self.month + 1,
            'D' => self.day,
            'd' => today - days(self.year, 0, 1) + 1,
            'F' => weekday(today),
            'W' => self.week(this_year, 12),
            'w' => self.week(this_month, 1),
            'X' => {
                if today < this_year.first_week() {
                    self.year - 1
                } else if today >= this_year.add(12).first_week() {
                    self.year + 1
                } else {
                    self.year
                }
            }
            'x' => {
                let month = if today < this_month.first_week() {
                    this_month.add(-1)
                } else if today >= this_month.add(1).first_week() {
                    this_month.add(1)
                } else {
                    this_month
                };
                month.month + 1
            }
            'H' => self.hour(),
            'h' => match self.hour() % 12 {
                0 => 12,
                hour => hour,
            },
            'P' => i64::from(self.hour() >= 12),
            'm' => self.part_of_day(60_000, 60),
            's' => self.part_of_day(1000, 60),
            'f' => self.part_of_day(1, 1000),
            _ => return None,
        })
    }
}
