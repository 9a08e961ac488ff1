//! Custom classifiers: kept here, asked by crawls.

use ::crawler::is_json_path;
use rusqlite::{Connection, OptionalExtension, Transaction};

use super::{errors, page_size};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::Timestamp;
use crate::model::glue::*;
use crate::paging;

const PAGE: usize = 100;

/// The types that a CSV classifier can give columns.
const DATATYPES: [&str; 11] = [
    "BINARY",
    "BOOLEAN",
    "DATE",
    "DECIMAL",
    "DOUBLE",
    "FLOAT",
    "INT",
    "LONG",
    "SHORT",
    "STRING",
    "TIMESTAMP",
];

/// The name of a classifier of whatever type.
pub(super) fn name(classifier: &Classifier) -> &str {
    let grok = classifier.grok_classifier.as_ref().map(|c| &c.name);
    let xml = classifier.xml_classifier.as_ref().map(|c| &c.name);
    let json = classifier.json_classifier.as_ref().map(|c| &c.name);
    let csv = classifier.csv_classifier.as_ref().map(|c| &c.name);
    grok.or(xml).or(json).or(csv).map_or("", String::as_str)
}

pub(super) fn find(
    c: &Connection,
    region: &str,
    name: &str,
) -> Result<Option<Classifier>, ServiceError> {
    let document: Option<String> = c
        .prepare_cached("SELECT document FROM glue_classifiers WHERE region = ?1 AND name = ?2")?
        .query_row([region, name], |row| row.get(0))
        .optional()?;
    Ok(document.map(|d| serde_json::from_str(&d)).transpose()?)
}

fn no_classifier(name: &str) -> ServiceError {
    errors::not_found(format!("Classifier {name} not found."))
}

/// Fails for the first name that no classifier has.
pub(super) fn require(c: &Connection, region: &str, names: &[String]) -> Result<(), ServiceError> {
    for name in names {
        if find(c, region, name)?.is_none() {
            return Err(errors::invalid_input(format!(
                "Classifier {name} does not exist."
            )));
        }
    }
    Ok(())
}

fn save(
    tx: &Transaction<'_>,
    region: &str,
    classifier: &Classifier,
    statement: &str,
) -> Result<usize, ServiceError> {
    let document = serde_json::to_string(classifier)?;
    Ok(tx
        .prepare_cached(statement)?
        .execute((region, name(classifier), document))?)
}

/// What has to fit together. A path and a tag that cannot lead to a record are refused, in words of
/// our own.
fn check(classifier: &Classifier) -> Result<(), ServiceError> {
    if let Some(json) = &classifier.json_classifier
        && !is_json_path(&json.json_path)
    {
        return Err(errors::invalid_input(format!(
            "Invalid JSON path: {}",
            json.json_path
        )));
    }
    let row_tag = classifier.xml_classifier.as_ref();
    let row_tag = row_tag.and_then(|xml| xml.row_tag.as_deref());
    if row_tag.is_some_and(|tag| tag.trim().is_empty()) {
        return Err(errors::invalid_input("The row tag must not be empty."));
    }
    let Some(csv) = &classifier.csv_classifier else {
        return Ok(());
    };
    if csv.delimiter.is_some() && csv.delimiter == csv.quote_symbol {
        return Err(errors::invalid_input(
            "The quote symbol must be different from the column delimiter.",
        ));
    }
    for datatype in csv.custom_datatypes.iter().flatten() {
        if !DATATYPES.contains(&datatype.to_uppercase().as_str()) {
            return Err(errors::invalid_input(format!(
                "Unsupported custom datatype: {datatype}"
            )));
        }
    }
    Ok(())
}

/// A request names the classifier of one type, and no more.
fn one_of(given: [bool; 4]) -> Result<(), ServiceError> {
    match given.iter().filter(|is_given| **is_given).count() {
        1 => Ok(()),
        _ => Err(errors::invalid_input(
            "Exactly one of GrokClassifier, XMLClassifier, JsonClassifier and CsvClassifier must be specified.",
        )),
    }
}

pub(super) async fn create(
    cloud: &Cloud,
    caller: &Caller,
    input: CreateClassifierRequest,
) -> Result<CreateClassifierResponse, ServiceError> {
    one_of([
        input.grok_classifier.is_some(),
        input.xml_classifier.is_some(),
        input.json_classifier.is_some(),
        input.csv_classifier.is_some(),
    ])?;
    let (now, version) = (Some(Timestamp::now()), Some(1));
    let classifier = Classifier {
        grok_classifier: input.grok_classifier.map(|grok| GrokClassifier {
            name: grok.name,
            classification: grok.classification,
            creation_time: now,
            last_updated: now,
            version,
            grok_pattern: grok.grok_pattern,
            custom_patterns: grok.custom_patterns,
        }),
        xml_classifier: input.xml_classifier.map(|xml| XMLClassifier {
            name: xml.name,
            classification: xml.classification,
            creation_time: now,
            last_updated: now,
            version,
            row_tag: xml.row_tag,
        }),
        json_classifier: input.json_classifier.map(|json| JsonClassifier {
            name: json.name,
            creation_time: now,
            last_updated: now,
            version,
            json_path: json.json_path,
        }),
        csv_classifier: input.csv_classifier.map(|csv| CsvClassifier {
            name: csv.name,
            creation_time: now,
            last_updated: now,
            version,
            delimiter: csv.delimiter,
            quote_symbol: csv.quote_symbol,
            contains_header: csv.contains_header,
            header: csv.header,
            disable_value_trimming: csv.disable_value_trimming,
            allow_single_column: csv.allow_single_column,
            custom_datatype_configured: csv.custom_datatype_configured,
            custom_datatypes: csv.custom_datatypes,
            serde: csv.serde,
        }),
    };
    check(&classifier)?;
    cloud.store().write(|tx| {
        let statement = "INSERT INTO glue_classifiers VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
        match save(tx, &caller.region, &classifier, statement)? {
            0 => Err(errors::already_exists(format!(
                "Classifier {} already exists.",
                name(&classifier)
            ))),
            _ => Ok(()),
        }
    })?;
    Ok(CreateClassifierResponse {})
}

pub(super) async fn get(
    cloud: &Cloud,
    caller: &Caller,
    input: GetClassifierRequest,
) -> Result<GetClassifierResponse, ServiceError> {
    let found = cloud
        .store()
        .read(|c| find(c, &caller.region, &input.name))?;
    Ok(GetClassifierResponse {
        classifier: Some(found.ok_or_else(|| no_classifier(&input.name))?),
    })
}

pub(super) async fn list(
    cloud: &Cloud,
    caller: &Caller,
    input: GetClassifiersRequest,
) -> Result<GetClassifiersResponse, ServiceError> {
    let documents: Vec<String> = cloud.store().read(|c| {
        Ok(c.prepare_cached(
            "SELECT document FROM glue_classifiers WHERE region = ?1 ORDER BY name",
        )?
        .query_map([&caller.region], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?)
    })?;
    let classifiers: Vec<Classifier> = documents
        .iter()
        .map(|document| serde_json::from_str(document))
        .collect::<Result<_, _>>()?;
    let (page, next_token) = paging::page(
        classifiers,
        input.next_token.as_deref(),
        page_size(input.max_results, PAGE),
        "InvalidInputException",
        |classifier| name(classifier).to_owned(),
    )?;
    Ok(GetClassifiersResponse {
        classifiers: Some(page),
        next_token,
    })
}

fn set<T>(place: &mut Option<T>, given: Option<T>) {
    if given.is_some() {
        *place = given;
    }
}

/// What is not given stays as it is; the type cannot change.
pub(super) async fn update(
    cloud: &Cloud,
    caller: &Caller,
    input: UpdateClassifierRequest,
) -> Result<UpdateClassifierResponse, ServiceError> {
    one_of([
        input.grok_classifier.is_some(),
        input.xml_classifier.is_some(),
        input.json_classifier.is_some(),
        input.csv_classifier.is_some(),
    ])?;
    let grok = input.grok_classifier.as_ref().map(|c| &c.name);
    let xml = input.xml_classifier.as_ref().map(|c| &c.name);
    let json = input.json_classifier.as_ref().map(|c| &c.name);
    let csv = input.csv_classifier.as_ref().map(|c| &c.name);
    let wanted = grok.or(xml).or(json).or(csv).cloned().unwrap_or_default();
    let now = Some(Timestamp::now());
    cloud.store().write(|tx| {
        let mut found = find(tx, &caller.region, &wanted)?.ok_or_else(|| no_classifier(&wanted))?;
        let of_type = || {
            errors::invalid_input(format!(
                "Classifier {wanted} is of another type, which cannot change."
            ))
        };
        if let Some(given) = input.grok_classifier {
            let kept = found.grok_classifier.as_mut().ok_or_else(of_type)?;
            kept.classification = given.classification.unwrap_or(kept.classification.clone());
            kept.grok_pattern = given.grok_pattern.unwrap_or(kept.grok_pattern.clone());
            set(&mut kept.custom_patterns, given.custom_patterns);
            kept.last_updated = now;
            kept.version = kept.version.map(|version| version + 1);
        }
        if let Some(given) = input.xml_classifier {
            let kept = found.xml_classifier.as_mut().ok_or_else(of_type)?;
            kept.classification = given.classification.unwrap_or(kept.classification.clone());
            set(&mut kept.row_tag, given.row_tag);
            kept.last_updated = now;
            kept.version = kept.version.map(|version| version + 1);
        }
        if let Some(given) = input.json_classifier {
            let kept = found.json_classifier.as_mut().ok_or_else(of_type)?;
            kept.json_path = given.json_path.unwrap_or(kept.json_path.clone());
            kept.last_updated = now;
            kept.version = kept.version.map(|version| version + 1);
        }
        if let Some(given) = input.csv_classifier {
            let kept = found.csv_classifier.as_mut().ok_or_else(of_type)?;
            set(&mut kept.delimiter, given.delimiter);
            set(&mut kept.quote_symbol, given.quote_symbol);
            set(&mut kept.contains_header, given.contains_header);
            set(&mut kept.header, given.header);
            set(
                &mut kept.disable_value_trimming,
                given.disable_value_trimming,
            );
            set(&mut kept.allow_single_column, given.allow_single_column);
            set(
                &mut kept.custom_datatype_configured,
                given.custom_datatype_configured,
            );
            set(&mut kept.custom_datatypes, given.custom_datatypes);
            set(&mut kept.serde, given.serde);
            kept.last_updated = now;
            kept.version = kept.version.map(|version| version + 1);
        }
        check(&found)?;
        let statement = "UPDATE glue_classifiers SET document = ?3 WHERE region = ?1 AND name = ?2";
        save(tx, &caller.region, &found, statement).map(drop)
    })?;
    Ok(UpdateClassifierResponse {})
}

pub(super) async fn delete(
    cloud: &Cloud,
    caller: &Caller,
    input: DeleteClassifierRequest,
) -> Result<DeleteClassifierResponse, ServiceError> {
    cloud.store().write(|tx| {
        let gone = tx
            .prepare_cached("DELETE FROM glue_classifiers WHERE region = ?1 AND name = ?2")?
            .execute([&caller.region, &input.name])?;
        match gone {
            0 => Err(no_classifier(&input.name)),
            _ => Ok(()),
        }
    })?;
    Ok(DeleteClassifierResponse {})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_and_a_tag_that_lead_to_no_record_are_refused() {
        let json = |path: &str| Classifier {
            json_classifier: Some(JsonClassifier {
                json_path: path.to_owned(),
                ..JsonClassifier::default()
            }),
            ..Classifier::default()
        };
        let xml = |tag: Option<&str>| Classifier {
            xml_classifier: Some(XMLClassifier {
                row_tag: tag.map(str::to_owned),
                ..XMLClassifier::default()
            }),
            ..Classifier::default()
        };
        for good in [json("$.songs[*]"), xml(Some("song")), xml(None)] {
            assert!(check(&good).is_ok(), "{good:?}");
        }
        for wrong in [json("not a path"), json(""), xml(Some(""))] {
            let error = check(&wrong).unwrap_err();
            assert_eq!(error.code, "InvalidInputException", "{wrong:?}");
        }
    }
}
