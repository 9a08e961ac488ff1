//! `Wait`: for a time, or until one.

use super::{Amount, Fields, Reader, Transition, reader};
use crate::{
    query::{PathField, QueryLanguage, Template},
    timestamp,
};

#[derive(Debug)]
pub(crate) struct Wait {
    pub until: Until,
    pub transition: Transition,
}

#[derive(Debug)]
pub(crate) enum Until {
    Seconds(Amount),
    Timestamp(String),
    TimestampPath(PathField),
    TimestampJsonata(Template),
}

impl Wait {
    pub const FIELDS: Fields = Fields {
        any: &["Next", "End", "Assign", "Seconds", "Timestamp"],
        json_path: &["InputPath", "OutputPath", "SecondsPath", "TimestampPath"],
        jsonata: &["Output"],
    };

    pub fn read(reader: &Reader) -> Option<Self> {
        let transition = Transition::read(reader);
        let fields = ["Seconds", "SecondsPath", "Timestamp", "TimestampPath"];
        match fields.iter().filter(|field| reader.has(field)).count() {
            1 => {}
            0 => reader.mistake(reader::only_one_of(&fields)),
            _ => reader.at_most_one(&["SecondsPath", "Seconds", "TimestampPath", "Timestamp"]),
        }
        let until = Amount::whole(reader, "Seconds", "SecondsPath", 0, 99_999_999)
            .map(Until::Seconds)
            .or_else(|| timestamp_field(reader));
        Some(Self {
            until: until?,
            transition: transition?,
        })
    }
}

fn timestamp_field(reader: &Reader) -> Option<Until> {
    if !reader.has("Timestamp") {
        return reader.path("TimestampPath").map(Until::TimestampPath);
    }
    let text = reader.text("Timestamp")?;
    if reader.language == QueryLanguage::Jsonata
        && let template @ Template::Jsonata(_) = reader.template("Timestamp")?
    {
        return Some(Until::TimestampJsonata(template));
    }
    if timestamp::parse(text).is_none() {
        reader.mistake_at("Timestamp", "String does not match RFC3339 timestamp");
        return None;
    }
    Some(Until::Timestamp(text.to_owned()))
}
