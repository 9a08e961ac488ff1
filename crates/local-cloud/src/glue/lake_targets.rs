//! Targets of table formats: folders of Delta Lake, Iceberg and Hudi.
//!
//! Source: the Glue API, "DeltaTarget", "IcebergTarget" and "HudiTarget".

use ::crawler::{Lakes, TableFormat};

use crate::model::glue::CrawlerTargets;

/// Folders that may lie this deep where a target does not say, as the API says.
const MAX_DEPTH: usize = 20;

/// A folder in which tables of a format are looked for.
pub(super) struct LakePath {
    pub path: String,
    pub exclusions: Vec<String>,
    pub lakes: Lakes,
}

/// The folders of all such targets; an error is what of them there is not here.
pub(super) fn paths(targets: &CrawlerTargets) -> Result<Vec<LakePath>, &'static str> {
    let mut found = Vec::new();
    for target in targets.delta_targets.iter().flatten() {
        if target.connection_name.is_some() {
            return Err("connections of Delta targets");
        }
        if target.create_native_delta_table != Some(true) {
            return Err("Delta targets without CreateNativeDeltaTable, which make symlink tables");
        }
        let tables = target.delta_tables.iter().flatten();
        found.extend(tables.map(|path| LakePath {
            path: path.clone(),
            exclusions: Vec::new(),
            // The folder is the table.
            lakes: Lakes {
                format: TableFormat::Delta,
                max_depth: Some(0),
            },
        }));
    }
    let iceberg = targets.iceberg_targets.iter().flatten().map(|target| {
        (
            TableFormat::Iceberg,
            &target.paths,
            &target.exclusions,
            target.maximum_traversal_depth,
            target.connection_name.is_some(),
        )
    });
    let hudi = targets.hudi_targets.iter().flatten().map(|target| {
        (
            TableFormat::Hudi,
            &target.paths,
            &target.exclusions,
            target.maximum_traversal_depth,
            target.connection_name.is_some(),
        )
    });
    for (format, paths, exclusions, max_depth, has_connection) in iceberg.chain(hudi) {
        if has_connection {
            return Err("connections of Iceberg and Hudi targets");
        }
        let max_depth = max_depth.and_then(|depth| usize::try_from(depth).ok());
        found.extend(paths.iter().flatten().map(|path| LakePath {
            path: path.clone(),
            exclusions: exclusions.clone().unwrap_or_default(),
            lakes: Lakes {
                format,
                max_depth: Some(max_depth.unwrap_or(MAX_DEPTH)),
            },
        }));
    }
    Ok(found)
}
