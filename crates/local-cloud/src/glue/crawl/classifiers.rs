//! The custom classifiers of a crawler, as the crawl asks them.

use ::crawler::catalog::CsvSettings;
use ::crawler::{CustomClassifier, GrokClassifier};

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
        return Ok(CustomClassifier::Xml {
            classification: xml.classification,
            row_tag: xml.row_tag.unwrap_or_default(),
        });
    }
    if let Some(grok) = found.grok_classifier {
        let custom = grok.custom_patterns.as_deref();
        let made = GrokClassifier::new(&grok.classification, &grok.grok_pattern, custom);
        return made
            .map(CustomClassifier::Grok)
            .map_err(|error| error.to_string());
    }
    let csv = found.csv_classifier.unwrap_or_default();
    let settings = CsvSettings {
        delimiter: csv.delimiter,
        quote_symbol: csv.quote_symbol,
        contains_header: csv.contains_header,
        header: csv.header.unwrap_or_default(),
        disable_value_trimming: csv.disable_value_trimming,
        allow_single_column: csv.allow_single_column,
        custom_datatype_configured: csv.custom_datatype_configured,
        custom_datatypes: csv.custom_datatypes.unwrap_or_default(),
        serde: csv.serde,
    };
    let made = settings.classifier();
    made.map(CustomClassifier::Csv)
        .map_err(|error| error.to_string())
}
