//! `cron(MINUTE HOUR DAY MONTH WEEKDAY YEAR)`, field by field.

/// The six fields of a schedule, as
/// <https://docs.aws.amazon.com/glue/latest/dg/monitor-data-warehouse-schedule.html> has them.
pub(super) fn check(text: &str) -> Result<(), String> {
    const MONTHS: [&str; 12] = [
        "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
    ];
    const DAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
    let inner = text.strip_prefix("cron(").and_then(|t| t.strip_suffix(')'));
    let Some(inner) = inner else {
        return Err(
            "a schedule is written cron(MINUTE HOUR DAY MONTH WEEKDAY YEAR), as in cron(0 3 * * ? *)"
                .to_owned(),
        );
    };
    let fields: Vec<&str> = inner.split_whitespace().collect();
    let [minute, hour, day, month, weekday, year] = fields.as_slice() else {
        return Err(format!(
            "a schedule has six fields, this one has {}: MINUTE HOUR DAY MONTH WEEKDAY YEAR",
            fields.len()
        ));
    };
    cron_field("minute", minute, 0, 59, &[], "")?;
    cron_field("hour", hour, 0, 23, &[], "")?;
    cron_field("day of month", day, 1, 31, &[], "?LW")?;
    cron_field("month", month, 1, 12, &MONTHS, "")?;
    cron_field("day of week", weekday, 1, 7, &DAYS, "?L#")?;
    cron_field("year", year, 1970, 2199, &[], "")?;
    if (*day == "?") == (*weekday == "?") {
        return Err("exactly one of day of month and day of week is `?`".to_owned());
    }
    Ok(())
}

fn cron_field(
    name: &str,
    text: &str,
    low: u32,
    high: u32,
    names: &[&str],
    extra: &str,
) -> Result<(), String> {
    let wrong = || format!("`{text}` is no {name}: it goes from {low} to {high}");
    let number = |part: &str| -> Result<u32, String> {
        if let Some(at) = names.iter().position(|n| n.eq_ignore_ascii_case(part)) {
            return Ok(low + at as u32);
        }
        match part.parse() {
            Ok(number) if (low..=high).contains(&number) => Ok(number),
            _ => Err(wrong()),
        }
    };
    for item in text.split(',') {
        let (range, step) = match item.split_once('/') {
            Some((range, step)) => (range, Some(step)),
            None => (item, None),
        };
        if let Some(step) = step {
            match step.parse::<u32>() {
                Ok(step) if step > 0 => {}
                _ => return Err(wrong()),
            }
        }
        if range == "*" || (range == "?" && extra.contains('?')) {
            continue;
        }
        if range == "L" && extra.contains('L') {
            continue;
        }
        if let Some((day, nth)) = range.split_once('#')
            && extra.contains('#')
        {
            number(day)?;
            if !matches!(nth.parse::<u32>(), Ok(1..=5)) {
                return Err(wrong());
            }
            continue;
        }
        let range = match range.strip_suffix(['L', 'W']) {
            Some(rest) if extra.contains(&range[rest.len()..]) => rest,
            _ => range,
        };
        match range.split_once('-') {
            Some((from, to)) => {
                number(from)?;
                number(to)?;
            }
            None => {
                number(range)?;
            }
        }
    }
    Ok(())
}

/// The fewest minutes between two runs of an hour, as far as the field of minutes says.
pub(super) fn minutes_between(text: &str) -> Option<u32> {
    let minutes = text.strip_prefix("cron(")?.split_whitespace().next()?;
    let mut runs = Vec::new();
    for item in minutes.split(',') {
        let (range, step) = match item.split_once('/') {
            Some((range, step)) => (range, Some(step.parse::<u32>().ok()?)),
            None => (item, None),
        };
        let (from, to) = match range.split_once('-') {
            Some((from, to)) => (from.parse().ok()?, to.parse().ok()?),
            None if range == "*" => (0, 59),
            None => {
                let at = range.parse().ok()?;
                (at, if step.is_some() { 59 } else { at })
            }
        };
        runs.extend((from..=to).step_by(step.unwrap_or(1).max(1) as usize));
    }
    runs.sort_unstable();
    runs.windows(2).map(|pair| pair[1] - pair[0]).min()
}
