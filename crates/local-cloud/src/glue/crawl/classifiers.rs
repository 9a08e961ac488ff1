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
            custom(found, name)
        })
        .collect()
}

fn custom(found: glue::Classifier, name: &str) -> Result<CustomClassifier, String> {
    if let Some(xml) = found.xml_classifier {
        // Without a row tag there is nothing that is a record.
        return match xml.row_tag.filter(|tag| !tag.is_empty()) {
            Some(row_tag) => Ok(CustomClassifier::Xml { row_tag }),
            None => Err(format!("Classifier {name} has no row tag.")),
        };
    }
    if let Some(grok) = found.grok_classifier {
        let patterns = grok.custom_patterns.as_deref();
        return GrokClassifier::new(&grok.classification, &grok.grok_pattern, patterns)
            .map(CustomClassifier::Grok)
            .map_err(|error| format!("Classifier {name}: {error}"));
    }
    if let Some(json) = found.json_classifier {
        return Ok(CustomClassifier::Json {
            path: json.json_path,
        });
    }
    let Some(csv) = found.csv_classifier else {
        return Err(format!("Classifier {name} is of no type."));
    };
    let byte = |symbol: Option<String>| byte(symbol, name);
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
fn byte(symbol: Option<String>, classifier: &str) -> Result<Option<u8>, String> {
    match symbol.as_deref().map(str::as_bytes) {
        None => Ok(None),
        Some([byte]) => Ok(Some(*byte)),
        Some(_) => Err(format!(
            "The embedded cloud's Glue does not have delimiters and quotes that are not ASCII, which classifier {classifier} has."
        )),
    }
}
