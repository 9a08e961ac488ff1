//! What is said of objects beside their bytes: the headers of a PutObject that a stack may set.

use std::collections::BTreeMap;

use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::ETAG_KEY;
use crate::resource::{Fields, Problem};

/// Where S3 keeps the objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum StorageClass {
    Standard,
    StandardIa,
    OnezoneIa,
    IntelligentTiering,
    GlacierIr,
    Glacier,
    DeepArchive,
    ReducedRedundancy,
}

impl StorageClass {
    pub fn to_sdk(self) -> aws_sdk_s3::types::StorageClass {
        use aws_sdk_s3::types::StorageClass as Sdk;
        match self {
            Self::Standard => Sdk::Standard,
            Self::StandardIa => Sdk::StandardIa,
            Self::OnezoneIa => Sdk::OnezoneIa,
            Self::IntelligentTiering => Sdk::IntelligentTiering,
            Self::GlacierIr => Sdk::GlacierIr,
            Self::Glacier => Sdk::Glacier,
            Self::DeepArchive => Sdk::DeepArchive,
            Self::ReducedRedundancy => Sdk::ReducedRedundancy,
        }
    }
}

/// The headers of all objects of an upload.
#[derive(Debug, Clone, Default)]
pub(super) struct Headers {
    pub content_type: Option<String>,
    pub content_encoding: Option<String>,
    pub content_language: Option<String>,
    pub content_disposition: Option<String>,
    pub cache_control: Option<String>,
    pub metadata: Option<BTreeMap<String, String>>,
}

/// What S3 takes of metadata, names and values together.
const MAX_METADATA: usize = 2048;

impl Headers {
    pub fn is_empty(&self) -> bool {
        self.metadata.is_none() && self.texts().all(|(_, text)| text.is_none())
    }

    fn texts(&self) -> impl Iterator<Item = (&'static str, Option<&String>)> {
        [
            ("content_type", self.content_type.as_ref()),
            ("content_encoding", self.content_encoding.as_ref()),
            ("content_language", self.content_language.as_ref()),
            ("content_disposition", self.content_disposition.as_ref()),
            ("cache_control", self.cache_control.as_ref()),
        ]
        .into_iter()
    }

    /// The fields that the stack sets.
    pub fn fields(&self) -> Fields {
        let texts = self.texts();
        let mut fields: Fields = texts
            .filter_map(|(field, text)| Some((field.to_owned(), json!(text?))))
            .collect();
        if let Some(metadata) = &self.metadata {
            fields.insert("metadata".to_owned(), json!(metadata));
        }
        fields
    }

    /// What S3 would refuse.
    pub fn check(&self) -> Vec<Problem> {
        let mut found = Vec::new();
        for (field, text) in self.texts() {
            let is_header = |text: &String| text.chars().all(|c| c == ' ' || c.is_ascii_graphic());
            if text.is_some_and(|text| !is_header(text)) {
                found.push(Problem::new(
                    field,
                    "a header is of printable ASCII",
                    "not only that",
                ));
            }
        }
        let Some(metadata) = &self.metadata else {
            return found;
        };
        let is_name = |name: &String| {
            let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(c);
            !name.is_empty() && name.chars().all(fits)
        };
        for (name, value) in metadata {
            let key = format!("metadata.{name}");
            if !is_name(name) {
                let label = "a-z, 0-9, `-`, `_` and `.`";
                found.push(Problem::new(
                    &key,
                    format!("`{name}` is no name of metadata"),
                    label,
                ));
            } else if name == ETAG_KEY {
                let label = "used by athglue itself";
                found.push(Problem::new(&key, format!("`{name}` is taken"), label));
            }
            if !value.chars().all(|c| c == ' ' || c.is_ascii_graphic()) {
                let message = "a value of metadata is of printable ASCII";
                found.push(Problem::new(&key, message, "not only that"));
            }
        }
        let size: usize = metadata.iter().map(|(k, v)| k.len() + v.len()).sum();
        if size > MAX_METADATA {
            found.push(Problem::new(
                "metadata",
                format!("{size} bytes of metadata"),
                format!("{MAX_METADATA} are allowed"),
            ));
        }
        found
    }
}

/// Those headers of an object that the stack sets.
pub(super) fn of_head(wanted: &Headers, head: &HeadObjectOutput) -> Fields {
    let mut fields = Fields::new();
    for (field, text) in wanted.texts() {
        if text.is_none() {
            continue;
        }
        let live = match field {
            "content_type" => head.content_type(),
            "content_encoding" => head.content_encoding(),
            "content_language" => head.content_language(),
            "content_disposition" => head.content_disposition(),
            _ => head.cache_control(),
        };
        fields.insert(field.to_owned(), json!(live));
    }
    if wanted.metadata.is_some() {
        let live = head.metadata().into_iter().flatten();
        let live: BTreeMap<_, _> = live.filter(|(name, _)| *name != ETAG_KEY).collect();
        fields.insert("metadata".to_owned(), json!(live));
    }
    fields
}
