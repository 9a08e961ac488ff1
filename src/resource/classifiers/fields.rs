//! A classifier's fields, and the requests that set them.

use aws_sdk_glue::types as glue;
use serde_json::{Value, json};

use super::keys::{Csv, Keys};
use crate::resource::{CallError, Fields, built};

/// The name of a classifier of whatever type.
pub(super) fn name(classifier: &glue::Classifier) -> Option<&str> {
    let csv = classifier
        .csv_classifier()
        .map(aws_sdk_glue::types::CsvClassifier::name);
    let json = classifier
        .json_classifier()
        .map(aws_sdk_glue::types::JsonClassifier::name);
    let grok = classifier
        .grok_classifier()
        .map(aws_sdk_glue::types::GrokClassifier::name);
    let xml = classifier
        .xml_classifier()
        .map(aws_sdk_glue::types::XmlClassifier::name);
    csv.or(json).or(grok).or(xml)
}

/// The type, and what the file sets: `csv.delimiter`.
pub(super) fn desired(keys: &Keys) -> Fields {
    let types = [
        ("csv", keys.csv.as_ref().map(|csv| json!(csv))),
        ("json", keys.json.as_ref().map(|json| json!(json))),
        ("grok", keys.grok.as_ref().map(|grok| json!(grok))),
        ("xml", keys.xml.as_ref().map(|xml| json!(xml))),
    ];
    let mut fields = Fields::new();
    for (name, members) in types {
        if let Some(members) = members {
            put(&mut fields, name, &members);
        }
    }
    fields
}

fn put(fields: &mut Fields, name: &str, members: &Value) {
    fields.insert("type".to_owned(), json!(name));
    for (key, value) in members.as_object().into_iter().flatten() {
        if !value.is_null() {
            fields.insert(format!("{name}.{key}"), value.clone());
        }
    }
}

/// The type, and what is live.
pub(super) fn live(classifier: &glue::Classifier) -> Fields {
    let mut fields = Fields::new();
    if let Some(csv) = classifier.csv_classifier() {
        let header = csv.contains_header();
        let members = json!({
            "delimiter": csv.delimiter(),
            "quote_symbol": csv.quote_symbol(),
            "contains_header": header.map(glue::CsvHeaderOption::as_str),
            "header": csv.header,
            "disable_value_trimming": csv.disable_value_trimming(),
            "allow_single_column": csv.allow_single_column(),
            "custom_datatype_configured": csv.custom_datatype_configured(),
            "custom_datatypes": csv.custom_datatypes,
            "serde": csv.serde().map(glue::CsvSerdeOption::as_str),
        });
        put(&mut fields, "csv", &members);
    }
    if let Some(json) = classifier.json_classifier() {
        put(
            &mut fields,
            "json",
            &json!({ "json_path": json.json_path() }),
        );
    }
    if let Some(grok) = classifier.grok_classifier() {
        let members = json!({
            "classification": grok.classification(),
            "grok_pattern": grok.grok_pattern(),
            "custom_patterns": grok.custom_patterns(),
        });
        put(&mut fields, "grok", &members);
    }
    if let Some(xml) = classifier.xml_classifier() {
        let members = json!({
            "classification": xml.classification(),
            "row_tag": xml.row_tag(),
        });
        put(&mut fields, "xml", &members);
    }
    fields
}

fn texts<T: serde::Serialize>(list: &[T]) -> Vec<String> {
    let text = |item: &T| json!(item).as_str().unwrap_or_default().to_owned();
    list.iter().map(text).collect()
}

fn contains_header(csv: &Csv) -> Option<glue::CsvHeaderOption> {
    let name = json!(csv.contains_header?);
    name.as_str().map(glue::CsvHeaderOption::from)
}

fn serde(csv: &Csv) -> Option<glue::CsvSerdeOption> {
    let name = json!(csv.serde?);
    name.as_str().map(glue::CsvSerdeOption::from)
}

type Made<T> = Result<Option<T>, CallError>;

fn made<T, E: std::fmt::Display>(result: Result<T, E>) -> Made<T> {
    built("CreateClassifier", result).map(Some)
}

pub(super) fn create_csv(name: &str, keys: &Keys) -> Made<glue::CreateCsvClassifierRequest> {
    let Some(csv) = &keys.csv else {
        return Ok(None);
    };
    made(
        glue::CreateCsvClassifierRequest::builder()
            .name(name)
            .set_delimiter(csv.delimiter.clone())
            .set_quote_symbol(csv.quote_symbol.clone())
            .set_contains_header(contains_header(csv))
            .set_header(csv.header.clone())
            .set_disable_value_trimming(csv.disable_value_trimming)
            .set_allow_single_column(csv.allow_single_column)
            .set_custom_datatype_configured(csv.custom_datatype_configured)
            .set_custom_datatypes(csv.custom_datatypes.as_deref().map(texts))
            .set_serde(serde(csv))
            .build(),
    )
}

pub(super) fn create_json(name: &str, keys: &Keys) -> Made<glue::CreateJsonClassifierRequest> {
    let Some(json) = &keys.json else {
        return Ok(None);
    };
    let builder = glue::CreateJsonClassifierRequest::builder().name(name);
    made(builder.json_path(&json.json_path).build())
}

pub(super) fn create_grok(name: &str, keys: &Keys) -> Made<glue::CreateGrokClassifierRequest> {
    let Some(grok) = &keys.grok else {
        return Ok(None);
    };
    made(
        glue::CreateGrokClassifierRequest::builder()
            .name(name)
            .classification(&grok.classification)
            .grok_pattern(&grok.grok_pattern)
            .set_custom_patterns(grok.custom_patterns.clone())
            .build(),
    )
}

pub(super) fn create_xml(name: &str, keys: &Keys) -> Made<glue::CreateXmlClassifierRequest> {
    let Some(xml) = &keys.xml else {
        return Ok(None);
    };
    made(
        glue::CreateXmlClassifierRequest::builder()
            .name(name)
            .classification(&xml.classification)
            .set_row_tag(xml.row_tag.clone())
            .build(),
    )
}

/// All of it, over what is live: whether an update takes away what it does not name, AWS does not
/// say.
pub(super) fn update_csv(
    name: &str,
    keys: &Keys,
    live: Option<&glue::Classifier>,
) -> Made<glue::UpdateCsvClassifierRequest> {
    let Some(csv) = &keys.csv else {
        return Ok(None);
    };
    let live = live.and_then(|live| live.csv_classifier());
    let types = csv.custom_datatypes.as_deref().map(texts);
    made(
        glue::UpdateCsvClassifierRequest::builder()
            .name(name)
            .set_delimiter(csv.delimiter.clone().or_else(|| live?.delimiter.clone()))
            .set_quote_symbol(
                csv.quote_symbol
                    .clone()
                    .or_else(|| live?.quote_symbol.clone()),
            )
            .set_contains_header(contains_header(csv).or_else(|| live?.contains_header.clone()))
            .set_header(csv.header.clone().or_else(|| live?.header.clone()))
            .set_disable_value_trimming(
                csv.disable_value_trimming
                    .or_else(|| live?.disable_value_trimming),
            )
            .set_allow_single_column(
                csv.allow_single_column
                    .or_else(|| live?.allow_single_column),
            )
            .set_custom_datatype_configured(
                csv.custom_datatype_configured
                    .or_else(|| live?.custom_datatype_configured),
            )
            .set_custom_datatypes(types.or_else(|| live?.custom_datatypes.clone()))
            .set_serde(serde(csv).or_else(|| live?.serde.clone()))
            .build(),
    )
}

pub(super) fn update_json(name: &str, keys: &Keys) -> Made<glue::UpdateJsonClassifierRequest> {
    let Some(json) = &keys.json else {
        return Ok(None);
    };
    let builder = glue::UpdateJsonClassifierRequest::builder().name(name);
    made(builder.json_path(&json.json_path).build())
}

pub(super) fn update_grok(
    name: &str,
    keys: &Keys,
    live: Option<&glue::Classifier>,
) -> Made<glue::UpdateGrokClassifierRequest> {
    let Some(grok) = &keys.grok else {
        return Ok(None);
    };
    let live = live.and_then(|live| live.grok_classifier());
    let patterns = grok.custom_patterns.clone();
    made(
        glue::UpdateGrokClassifierRequest::builder()
            .name(name)
            .classification(&grok.classification)
            .grok_pattern(&grok.grok_pattern)
            .set_custom_patterns(patterns.or_else(|| live?.custom_patterns.clone()))
            .build(),
    )
}

pub(super) fn update_xml(
    name: &str,
    keys: &Keys,
    live: Option<&glue::Classifier>,
) -> Made<glue::UpdateXmlClassifierRequest> {
    let Some(xml) = &keys.xml else {
        return Ok(None);
    };
    let live = live.and_then(|live| live.xml_classifier());
    made(
        glue::UpdateXmlClassifierRequest::builder()
            .name(name)
            .classification(&xml.classification)
            .set_row_tag(xml.row_tag.clone().or_else(|| live?.row_tag.clone()))
            .build(),
    )
}
