//! Points in time by a picture: `[Y0001]-[M01]-[D01]T[H01]:[m01]`.

use super::calendar::{DAY, LIMIT, Moment, days};
use super::integer::{Case, Grouping, IntegerPicture, Primary, WIDTH, parse_int};
use crate::jsonata::error::Error;

const DAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The picture of a timestamp as ISO 8601 writes it.
pub(in crate::jsonata) const ISO_8601: &str =
    "[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01].[f001][Z01:01t]";

enum Part {
    Literal(String),
    Marker(Marker),
}

struct Marker {
    component: char,
    /// Written as a name.
    names: Option<Case>,
    /// `t`: UTC is written as `Z`.
    zulu: bool,
    most: Option<usize>,
    integer: Option<IntegerPicture>,
    /// How many of a year's last digits are written.
    year_digits: Option<usize>,
}

pub(in crate::jsonata) struct DateTimePicture {
    parts: Vec<Part>,
}

fn default_presentation(component: char) -> Option<&'static str> {
    Some(match component {
        'Y' | 'M' | 'D' | 'd' | 'W' | 'w' | 'X' | 'x' | 'H' | 'h' | 'f' => "1",
        'F' | 'P' | 'C' | 'E' => "n",
        'm' | 's' => "01",
        'Z' | 'z' => "01:01",
        _ => return None,
    })
}

impl DateTimePicture {
    pub fn parse(picture: &str) -> Result<Self, Error> {
        let mut parts = Vec::new();
        let mut rest = picture;
        while let Some(open) = rest.find('[') {
            push_literal(&mut parts, &rest[..open]);
            rest = &rest[open + 1..];
            if let Some(after) = rest.strip_prefix('[') {
                parts.push(Part::Literal("[".to_owned()));
                rest = after;
                continue;
            }
            let Some(close) = rest.find(']') else {
                return Err(Error::of("D3135"));
            };
            let text: String = rest[..close].split_whitespace().collect();
            let marker = Marker::parse(&text)?;
            // Digits after digits: the first are read by their width.
            if marker.is_integer()
                && let Some(Part::Marker(previous)) = parts.last_mut()
                && let Some(integer) = &mut previous.integer
            {
                integer.parse_width = Some(integer.mandatory_digits);
            }
            parts.push(Part::Marker(marker));
            rest = &rest[close + 1..];
        }
        push_literal(&mut parts, rest);
        Ok(Self { parts })
    }

    /// Writes a point in time, in milliseconds since 1970, in a time zone like `+0100`.
    pub fn format(&self, millis: f64, timezone: Option<&str>) -> Result<String, Error> {
        let offset = timezone.map_or(0.0, parse_int);
        let hours = (offset / 100.0).floor();
        let minutes = offset % 100.0;
        let local = millis.trunc() + (60.0 * hours + minutes) * 60_000.0;
        if local.is_nan() || local.abs() > LIMIT {
            return Err(Error::of("D1001").with("value", &crate::jsonata::number::to_text(millis)));
        }
        let moment = Moment::new(local as i64);
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Literal(literal) => text.push_str(literal),
                Part::Marker(marker) => {
                    text.push_str(&marker.format(moment, hours, minutes)?);
                }
            }
        }
        Ok(text)
    }
}

fn push_literal(parts: &mut Vec<Part>, text: &str) {
    if !text.is_empty() {
        parts.push(Part::Literal(text.replace("]]", "]")));
    }
}

impl Marker {
    /// Parses what stands between the brackets, without blanks.
    fn parse(text: &str) -> Result<Self, Error> {
        let mut characters = text.chars();
        let component = characters.next();
        let shown = component.map(String::from).unwrap_or_default();
        let unknown = || Error::of("D3132").with_text("value", &shown);
        let component = component.ok_or_else(unknown)?;
        let (presentation, width) = match characters.as_str().rsplit_once(',') {
            Some((presentation, width)) => (presentation, Some(width)),
            None => (characters.as_str(), None),
        };
        let (least, most) = match width {
            None => (None, None),
            Some(width) => match width.split_once('-') {
                None => (parse_width(width), None),
                Some((least, most)) => (parse_width(least), parse_width(most)),
            },
        };
        let last = presentation.chars().next_back();
        let (presentation, modifier) = match last {
            Some(last @ ('a' | 't' | 'c' | 'o')) if presentation.len() > 1 => {
                (&presentation[..presentation.len() - 1], Some(last))
            }
            Some(_) => (presentation, None),
            None => (default_presentation(component).ok_or_else(unknown)?, None),
        };
        let mut marker = Self {
            component,
            names: None,
            zulu: modifier == Some('t'),
            most,
            integer: None,
            year_digits: None,
        };
        if presentation.starts_with('n') {
            marker.names = Some(Case::Lower);
        } else if presentation.starts_with("Nn") {
            marker.names = Some(Case::Title);
        } else if presentation.starts_with('N') {
            marker.names = Some(Case::Upper);
        } else if "YMDdFWwXxHhmsf".contains(component) {
            let picture = match modifier {
                Some(modifier) => format!("{presentation};{modifier}"),
                None => presentation.to_owned(),
            };
            let mut integer = IntegerPicture::parse(&picture)?;
            if let Some(least) = least {
                integer.mandatory_digits = integer.mandatory_digits.max(least);
            }
            if component == 'Y' {
                let digits = integer.mandatory_digits + integer.optional_digits;
                if let Some(most) = most {
                    marker.year_digits = Some(most);
                    integer.mandatory_digits = most;
                } else if digits >= 2 {
                    marker.year_digits = Some(digits);
                }
            }
            marker.integer = Some(integer);
        }
        if matches!(component, 'Z' | 'z') {
            marker.integer = Some(IntegerPicture::parse(presentation)?);
        }
        Ok(marker)
    }

    fn is_integer(&self) -> bool {
        self.integer.is_some() && !matches!(self.component, 'Z' | 'z')
    }

    fn unnamed(&self) -> Error {
        Error::of("D3133").with_text("value", &self.component.to_string())
    }

    fn format(&self, moment: Moment, hours: f64, minutes: f64) -> Result<String, Error> {
        match self.component {
            'Z' | 'z' => return self.format_timezone(hours, minutes),
            'P' => {
                let text = if moment.hour() >= 12 { "pm" } else { "am" };
                return Ok(if self.names == Some(Case::Upper) {
                    text.to_uppercase()
                } else {
                    text.to_owned()
                });
            }
            'C' | 'E' => return Ok("ISO".to_owned()),
            _ => {}
        }
        let value = moment.component(self.component).unwrap_or_default();
        if let Some(case) = self.names {
            return self.format_name(value, case);
        }
        let mut value = value as f64;
        if let Some(digits) = self.year_digits {
            value %= 10f64.powi(digits.min(WIDTH) as i32);
        }
        match &self.integer {
            Some(integer) => integer.format(value),
            None => Err(Error::of("D3132").with_text("value", &self.component.to_string())),
        }
    }

    fn format_name(&self, value: i64, case: Case) -> Result<String, Error> {
        let names: &[&str] = match self.component {
            'M' | 'x' => &MONTHS,
            'F' => &DAYS,
            _ => return Err(self.unnamed()),
        };
        let name = names.get(value as usize - 1).copied().unwrap_or_default();
        let name = match case {
            Case::Upper => name.to_uppercase(),
            Case::Lower => name.to_lowercase(),
            Case::Title => name.to_owned(),
        };
        Ok(self.shortened(&name).to_owned())
    }

    fn shortened<'n>(&self, name: &'n str) -> &'n str {
        let most = self.most.filter(|&most| most > 0).unwrap_or(name.len());
        name.get(..most).unwrap_or(name)
    }

    fn format_timezone(&self, hours: f64, minutes: f64) -> Result<String, Error> {
        let offset = hours * 100.0 + minutes;
        if offset == 0.0 && self.zulu {
            return Ok("Z".to_owned());
        }
        let Some(integer) = &self.integer else {
            return Err(self.unnamed());
        };
        let regular = matches!(
            integer.primary,
            Primary::Decimal {
                grouping: Grouping::Regular(_),
                ..
            }
        );
        let mut text = if regular {
            integer.format(offset)?
        } else {
            match integer.mandatory_digits {
                1 | 2 => {
                    let mut text = integer.format(hours)?;
                    if minutes != 0.0 {
                        text.push(':');
                        text.push_str(&IntegerPicture::parse("00")?.format(minutes)?);
                    }
                    text
                }
                3 | 4 => integer.format(offset)?,
                _ => return Err(Error::of("D3134")),
            }
        };
        if offset >= 0.0 {
            text.insert(0, '+');
        }
        if self.component == 'z' {
            text.insert_str(0, "GMT");
        }
        Ok(text)
    }

    /// A regular expression of what [`Marker::read`] reads.
    fn pattern(&self) -> Result<String, Error> {
        match (self.component, &self.integer) {
            ('Z' | 'z', integer) => {
                let gmt = if self.component == 'z' { "GMT" } else { "" };
                let minutes = match integer.as_ref().and_then(separator) {
                    Some(separator) => {
                        format!("{}[0-9]+", regex::escape(&separator.to_string()))
                    }
                    None => String::new(),
                };
                Ok(format!("{gmt}[-+][0-9]+{minutes}"))
            }
            ('f', Some(_)) => Ok("[0-9]+".to_owned()),
            (_, Some(integer)) => integer.pattern(),
            ('M' | 'x' | 'F' | 'P', None) => Ok("[a-zA-Z]+".to_owned()),
            _ => Err(self.unnamed()),
        }
    }

    fn read(&self, text: &str) -> Result<f64, Error> {
        match (self.component, &self.integer) {
            ('Z' | 'z', integer) => {
                let text = text.strip_prefix("GMT").unwrap_or(text);
                let (hours, minutes) = match integer.as_ref().and_then(separator) {
                    Some(separator) => text.split_once(separator).unwrap_or((text, "0")),
                    None if text.len() <= 3 => (text, "0"),
                    None => (
                        text.get(..3).unwrap_or(text),
                        text.get(3..).unwrap_or_default(),
                    ),
                };
                Ok(parse_int(hours) * 60.0 + parse_int(minutes))
            }
            ('f', Some(_)) => {
                let digits = text.get(..3).unwrap_or(text);
                Ok(format!("0.{digits}").parse::<f64>().unwrap_or(0.0) * 1000.0)
            }
            (_, Some(integer)) => integer.parse_text(text),
            (component, None) => {
                let position = |names: &[&str]| {
                    names
                        .iter()
                        .position(|name| self.shortened(name) == text)
                        .map_or(f64::NAN, |index| index as f64 + 1.0)
                };
                Ok(match component {
                    'M' | 'x' => position(&MONTHS),
                    'F' => position(&DAYS),
                    _ => match text {
                        "am" | "AM" => 0.0,
                        "pm" | "PM" => 1.0,
                        _ => f64::NAN,
                    },
                })
            }
        }
    }
}

fn parse_width(text: &str) -> Option<usize> {
    if text == "*" {
        return None;
    }
    let width = parse_int(text);
    (width >= 0.0).then_some((width as usize).min(WIDTH))
}

/// What stands between the hours and the minutes of a time zone.
fn separator(integer: &IntegerPicture) -> Option<char> {
    match &integer.primary {
        Primary::Decimal {
            grouping: Grouping::Regular(separator),
            ..
        } => Some(separator.character),
        _ => None,
    }
}

/// The components that were read, by their letters. A component that is not a number counts as
/// one that is missing.
#[derive(Default)]
struct Components(Vec<(char, f64)>);

impl Components {
    fn get(&self, component: char) -> Option<f64> {
        self.0
            .iter()
            .rev()
            .find(|(own, _)| *own == component)
            .map(|(_, value)| *value)
            .filter(|value| !value.is_nan())
    }

    /// Whether there are components of this list only, of those in `all`, and some.
    fn are_among(&self, list: &str, all: &str) -> bool {
        let given = |component: char| self.get(component).is_some_and(|value| value != 0.0);
        list.chars().any(given) && !all.chars().any(|own| given(own) && !list.contains(own))
    }
}

impl DateTimePicture {
    /// Reads a timestamp, to milliseconds since 1970; `None` if it is not as the picture says.
    /// What the picture leaves out on the left is taken from `now`.
    pub fn read(&self, timestamp: &str, now: f64) -> Result<Option<f64>, Error> {
        let mut pattern = "^".to_owned();
        for part in &self.parts {
            match part {
                Part::Literal(literal) => {
                    pattern.push_str(&format!("({})", regex::escape(literal)));
                }
                Part::Marker(marker) => pattern.push_str(&format!("({})", marker.pattern()?)),
            }
        }
        pattern.push('$');
        let regex = regex::RegexBuilder::new(&pattern)
            .case_insensitive(true)
            .build()
            .map_err(|error| Error::new("D3136", error.to_string()))?;
        let Some(captures) = regex.captures(timestamp) else {
            return Ok(None);
        };
        let mut components = Components::default();
        for (index, part) in self.parts.iter().enumerate() {
            if let (Part::Marker(marker), Some(text)) = (part, captures.get(index + 1)) {
                components
                    .0
                    .push((marker.component, marker.read(text.as_str())?));
            }
        }
        if components.0.is_empty() {
            return Ok(None);
        }
        components.to_millis(now).map(Some)
    }
}

impl Components {
    fn to_millis(&self, now: f64) -> Result<f64, Error> {
        const DATE: &str = "YXMxWwdD";
        let by_day_of_year = !self.are_among("YMD", DATE) && self.are_among("Yd", DATE);
        let by_week_of_month = self.are_among("XxwF", DATE);
        let by_week_of_year = !by_week_of_month && self.are_among("XWF", DATE);
        if by_week_of_month || by_week_of_year {
            return Err(Error::of("D3136"));
        }
        let by_half_day = !self.are_among("Hmsf", "PHhmsf") && self.are_among("Phmsf", "PHhmsf");
        let date = if by_day_of_year { "YD" } else { "YMD" };
        let time = if by_half_day { "Phmsf" } else { "Hmsf" };
        let now = Moment::new(now as i64);
        let mut filled = Vec::new();
        let mut started = false;
        let mut ended = false;
        for component in date.chars().chain(time.chars()) {
            let value = match self.get(component) {
                Some(_) if ended => return Err(Error::of("D3136")),
                Some(value) => {
                    started = true;
                    value
                }
                None if started => {
                    // The day of the year stands for the day.
                    ended = !(by_day_of_year && component == 'D');
                    f64::from(u8::from("MDd".contains(component)))
                }
                None => moment_component(now, component),
            };
            filled.push((component, value));
        }
        let get = |component: char| {
            filled
                .iter()
                .find(|(own, _)| *own == component)
                .map_or(0.0, |(_, value)| *value)
        };
        let whole = |number: f64| number.clamp(-1e9, 1e9) as i64;
        let day_number = if by_day_of_year {
            days(whole(get('Y')), 0, 1) + whole(self.get('d').unwrap_or(1.0)) - 1
        } else {
            let month = whole(get('M') - 1.0).max(0);
            days(whole(get('Y')), month, 1) + whole(get('D')) - 1
        };
        let hour = if by_half_day {
            let hour = if get('h') == 12.0 { 0.0 } else { get('h') };
            hour + 12.0 * get('P')
        } else {
            get('H')
        };
        let millis = day_number as f64 * DAY as f64
            + hour * 3_600_000.0
            + get('m') * 60_000.0
            + get('s') * 1000.0
            + get('f').trunc();
        let offset = self.get('Z').or_else(|| self.get('z')).unwrap_or(0.0);
        Ok(millis - offset * 60_000.0)
    }
}

fn moment_component(moment: Moment, component: char) -> f64 {
    moment.component(component).unwrap_or_default() as f64
}
