//! The properties that Athena lets a table have, by Athena's names and by Iceberg's.
//!
//! Source: the Athena user guide, "Create Iceberg tables", "Specify table properties". The file
//! formats' defaults and `write.object-storage.*` are as in metadata that Athena has written.
//! What Athena calls its own settings of OPTIMIZE in metadata is not documented.

use std::collections::BTreeMap;

use crate::error::Error;

/// Athena's name and Iceberg's.
const NAMES: [(&str, &str); 11] = [
    ("format", "write.format.default"),
    ("write_compression", "write.parquet.compression-codec"),
    ("compression_level", "write.parquet.compression-level"),
    (
        "write_target_data_file_size_bytes",
        "write.target-file-size-bytes",
    ),
    (
        "optimize_rewrite_min_data_file_size_bytes",
        "athena.optimize.rewrite.min-data-file-size-bytes",
    ),
    (
        "optimize_rewrite_max_data_file_size_bytes",
        "athena.optimize.rewrite.max-data-file-size-bytes",
    ),
    (
        "optimize_rewrite_data_file_threshold",
        "athena.optimize.rewrite.data-file-threshold",
    ),
    (
        "optimize_rewrite_delete_file_threshold",
        "athena.optimize.rewrite.delete-file-threshold",
    ),
    (
        "vacuum_min_snapshots_to_keep",
        "history.expire.min-snapshots-to-keep",
    ),
    (
        "vacuum_max_metadata_files_to_keep",
        "write.metadata.previous-versions-max",
    ),
    (MAX_SNAPSHOT_AGE, "history.expire.max-snapshot-age-ms"),
];

/// In seconds, where Iceberg has milliseconds.
const MAX_SNAPSHOT_AGE: &str = "vacuum_max_snapshot_age_seconds";
const FORMAT: &str = "write.format.default";

/// The properties of a new table at a location without a slash at its end.
pub fn of_new(
    given: &[(String, String)],
    location: &str,
) -> Result<BTreeMap<String, String>, Error> {
    let mut properties = BTreeMap::from([(FORMAT.to_owned(), "parquet".to_owned())]);
    let mut by_data_path = false;
    for (key, value) in given {
        let bad = || {
            Error::user(
                "",
                format!("Invalid value of the table property {key}: {value}"),
            )
        };
        let name = key.to_ascii_lowercase();
        match name.as_str() {
            "table_type" => {}
            "write_data_path_enabled" => by_data_path = value.eq_ignore_ascii_case("true"),
            _ => {
                let (_, iceberg) = NAMES
                    .iter()
                    .find(|(athena, _)| *athena == name)
                    .ok_or_else(|| {
                        Error::user("", format!("Unsupported table property key: {key}"))
                    })?;
                let value = match name.as_str() {
                    MAX_SNAPSHOT_AGE => {
                        let seconds: i64 = value.trim().parse().map_err(|_| bad())?;
                        seconds.checked_mul(1000).ok_or_else(bad)?.to_string()
                    }
                    "format" => value.to_lowercase(),
                    _ => value.clone(),
                };
                properties.insert((*iceberg).to_owned(), value);
            }
        }
    }
    let format = properties.get(FORMAT).map(String::as_str);
    if !matches!(format, Some("parquet" | "orc" | "avro")) {
        let format = format.unwrap_or_default();
        return Err(Error::user(
            "",
            format!("Unsupported file format: {format}"),
        ));
    }
    let path = format!("{location}/data");
    if by_data_path {
        properties.insert("write.data.path".to_owned(), path);
    } else {
        properties.insert("write.object-storage.enabled".to_owned(), "true".to_owned());
        properties.insert("write.object-storage.path".to_owned(), path);
    }
    Ok(properties)
}

/// Those that Athena shows, by its names.
pub fn shown(properties: &BTreeMap<String, String>) -> Vec<(&'static str, String)> {
    NAMES
        .iter()
        .filter_map(|(athena, iceberg)| {
            let value = properties.get(*iceberg)?;
            let seconds = || value.parse::<i64>().ok().map(|ms| (ms / 1000).to_string());
            Some(match *athena {
                MAX_SNAPSHOT_AGE => (*athena, seconds().unwrap_or_else(|| value.clone())),
                athena => (athena, value.clone()),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new(given: &[(&str, &str)]) -> Result<BTreeMap<String, String>, Error> {
        let given: Vec<_> = given
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect();
        of_new(&given, "s3://lake/t")
    }

    #[test]
    fn athenas_properties_are_icebergs_by_other_names() {
        let properties = new(&[
            ("table_type", "ICEBERG"),
            ("format", "PARQUET"),
            ("vacuum_max_snapshot_age_seconds", "60"),
        ])
        .expect("properties");
        assert_eq!(properties["write.format.default"], "parquet");
        assert_eq!(properties["history.expire.max-snapshot-age-ms"], "60000");
        assert_eq!(properties["write.object-storage.path"], "s3://lake/t/data");
        assert_eq!(
            shown(&properties),
            [
                ("format", "parquet".to_owned()),
                ("vacuum_max_snapshot_age_seconds", "60".to_owned())
            ]
        );
    }

    #[test]
    fn a_property_that_athena_does_not_know_is_refused() {
        let refused = new(&[("write.object-storage.enabled", "false")]).expect_err("refused");
        assert_eq!(
            refused.to_string(),
            "Unsupported table property key: write.object-storage.enabled"
        );
    }
}
