//! The custom classifiers of a crawler, as the crawl asks them.

use ::crawler::{ContainsHeader, CsvClassifier, CustomClassifier, GrokClassifier, Serde};

use crate::cloud::Cloud;
use crate::glue::classifiers;
use crate::model::glue;

/// Reads them, or says why this crawl cannot be: as `LastCrawl`'s message.
pub(super) fn of(
    cloud: &Cloud,
    region: &str,
    names: &[String],
) -> Result<Vec<CustomClassifier>, String> {
    names
        .iter()
        .map(|name| {
            let found = cloud.store().read(|c| classifiers::find(c, region, name));
            let found = found.map_err(|error| error.message)?;
            let found = found.ok_or_else(|| format!("Classifier {name} not found."))?;
            custom(found).map_err(|why| format!("The classifier {name} cannot be asked: {why}."))
        })
        .collect()
}

fn custom(found: glue::Classifier) -> Result<CustomClassifier, String> {
    if let Some(json) = found.json_classifier {
        return Ok(CustomClassifier::Json {
            path: json.json_path,
        });
    }
    if let Some(xml) = found.xml_classifier {
        let row_tag = xml.row_tag.unwrap_or_default();
        return Ok(CustomClassifier::Xml { row_tag });
    }
    if let Some(grok) = found.grok_classifier {
        let custom = grok.custom_patterns.as_deref();
        let made = GrokClassifier::new(&grok.classification, &grok.grok_pattern, custom);
        return made
            .map(CustomClassifier::Grok)
            .map_err(|error| error.to_string());
    }
    let csv = found.csv_classifier.unwrap_or_default();
    let counts = csv.custom_datatype_configured == Some(true);
    Ok(CustomClassifier::Csv(CsvClassifier {
        delimiter: byte(csv.delimiter)?,
        quote: byte(csv.quote_symbol)?,
        contains_header: match csv.contains_header.as_deref() {
            Some("PRESENT") => ContainsHeader::Present,
            Some("ABSENT") => ContainsHeader::Absent,
            _ => ContainsHeader::Unknown,
        },
        header: csv.header.filter(|header| !header.is_empty()),
        trims_values: csv.disable_value_trimming == Some(false),
        allows_single_column: csv.allow_single_column == Some(true),
        datatypes: csv.custom_datatypes.filter(|_| counts),
        serde: match csv.serde.as_deref() {
            Some("OpenCSVSerDe") => Serde::OpenCsv,
            Some("LazySimpleSerDe") => Serde::LazySimple,
            _ => Serde::Detected,
        },
    }))
}

/// The files are read as bytes.
fn byte(symbol: Option<String>) -> Result<Option<u8>, String> {
    match symbol.as_deref().map(str::as_bytes) {
        None => Ok(None),
        Some([byte]) => Ok(Some(*byte)),
        Some(text) => Err(format!(
            "the embedded cloud's Glue does not have delimiters and quotes that are not ASCII, as {} is",
            String::from_utf8_lossy(text)
        )),
    }
}
