//! Custom classifiers as Glue's API describes them.

use crate::classify::custom::{ContainsHeader, CsvClassifier, Serde};

/// A CSV classifier in the words of Glue's API.
#[derive(Clone, Debug, Default)]
pub struct CsvSettings {
    pub delimiter: Option<String>,
    pub quote_symbol: Option<String>,
    /// `PRESENT`, `ABSENT` or `UNKNOWN`.
    pub contains_header: Option<String>,
    pub header: Vec<String>,
    pub disable_value_trimming: Option<bool>,
    pub allow_single_column: Option<bool>,
    pub custom_datatype_configured: Option<bool>,
    pub custom_datatypes: Vec<String>,
    /// `OpenCSVSerDe`, `LazySimpleSerDe` or `None`.
    pub serde: Option<String>,
}

/// A delimiter or a quote that is no single byte: files are read as bytes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("delimiters and quotes that are not ASCII, as `{0}` is, are not known here")]
pub struct NotAscii(pub String);

impl CsvSettings {
    pub fn classifier(self) -> Result<CsvClassifier, NotAscii> {
        let counts = self.custom_datatype_configured == Some(true);
        Ok(CsvClassifier {
            delimiter: byte(self.delimiter)?,
            quote: byte(self.quote_symbol)?,
            contains_header: match self.contains_header.as_deref() {
                Some("PRESENT") => ContainsHeader::Present,
                Some("ABSENT") => ContainsHeader::Absent,
                _ => ContainsHeader::Unknown,
            },
            header: Some(self.header).filter(|header| !header.is_empty()),
            trims_values: self.disable_value_trimming == Some(false),
            allows_single_column: self.allow_single_column == Some(true),
            datatypes: Some(self.custom_datatypes).filter(|types| counts && !types.is_empty()),
            serde: match self.serde.as_deref() {
                Some("OpenCSVSerDe") => Serde::OpenCsv,
                Some("LazySimpleSerDe") => Serde::LazySimple,
                _ => Serde::Detected,
            },
        })
    }
}

fn byte(symbol: Option<String>) -> Result<Option<u8>, NotAscii> {
    let Some(symbol) = symbol else {
        return Ok(None);
    };
    match symbol.as_bytes() {
        [byte] => Ok(Some(*byte)),
        _ => Err(NotAscii(symbol)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_symbol_is_one_byte() {
        let with = |delimiter: &str| CsvSettings {
            delimiter: Some(delimiter.to_owned()),
            ..CsvSettings::default()
        };
        assert_eq!(with("|").classifier().unwrap().delimiter, Some(b'|'));
        assert_eq!(
            with("é").classifier().unwrap_err(),
            NotAscii("é".to_owned())
        );
    }
}
