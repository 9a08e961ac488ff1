//! Targets of table formats: folders of Delta Lake, Iceberg and Hudi.
//!
//! Source: the Glue API, "DeltaTarget", "IcebergTarget" and "HudiTarget".

use aws_sdk_glue::types::CrawlerTargets;
use crawler::{Lakes, TableFormat};

/// Folders that may lie this deep where a target does not say, as the API says.
const MAX_DEPTH: usize = 20;

/// A folder in which tables of a format are looked for.
pub(super) struct LakePath<'a> {
    pub path: &'a str,
    pub exclusions: &'a [String],
    pub lakes: Lakes,
}

/// The folders of all such targets; an error is what of them only Glue's own crawls do.
pub(super) fn paths(targets: &CrawlerTargets) -> Result<Vec<LakePath<'_>>, &'static str> {
    let mut found = Vec::new();
    for target in targets.delta_targets() {
        if target.connection_name().is_some() {
            return Err("has Delta targets with a connection");
        }
        if target.create_native_delta_table() != Some(true) {
            return Err("makes symlink tables of Delta targets");
        }
        let tables = target.delta_tables().iter();
        found.extend(tables.map(|path| LakePath {
            path,
            exclusions: &[],
            // The folder is the table.
            lakes: Lakes {
                format: TableFormat::Delta,
                max_depth: Some(0),
            },
        }));
    }
    let iceberg = targets.iceberg_targets().iter().map(|target| {
        (
            TableFormat::Iceberg,
            target.paths(),
            target.exclusions(),
            target.maximum_traversal_depth(),
            target.connection_name(),
        )
    });
    let hudi = targets.hudi_targets().iter().map(|target| {
        (
            TableFormat::Hudi,
            target.paths(),
            target.exclusions(),
            target.maximum_traversal_depth(),
            target.connection_name(),
        )
    });
    for (format, paths, exclusions, max_depth, connection) in iceberg.chain(hudi) {
        if connection.is_some() {
            return Err("has Iceberg or Hudi targets with a connection");
        }
        let max_depth = max_depth.and_then(|depth| usize::try_from(depth).ok());
        found.extend(paths.iter().map(|path| LakePath {
            path,
            exclusions,
            lakes: Lakes {
                format,
                max_depth: Some(max_depth.unwrap_or(MAX_DEPTH)),
            },
        }));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use aws_sdk_glue::types::{DeltaTarget, IcebergTarget};

    use super::*;

    #[test]
    fn the_folders_of_table_formats_are_known_with_how_deep_they_may_lie() {
        let delta = DeltaTarget::builder().delta_tables("s3://lake/d/");
        let iceberg = IcebergTarget::builder()
            .paths("s3://lake/i/")
            .exclusions("x/**");
        let targets = CrawlerTargets::builder()
            .delta_targets(delta.clone().create_native_delta_table(true).build())
            .iceberg_targets(iceberg.build())
            .build();
        let found = paths(&targets).expect("they are known");
        let shown = found.iter().map(|one| {
            let lakes = one.lakes;
            (
                one.path,
                one.exclusions.len(),
                lakes.format,
                lakes.max_depth,
            )
        });
        assert_eq!(
            shown.collect::<Vec<_>>(),
            [
                ("s3://lake/d/", 0, TableFormat::Delta, Some(0)),
                ("s3://lake/i/", 1, TableFormat::Iceberg, Some(20)),
            ]
        );
        let symlinks = CrawlerTargets::builder()
            .delta_targets(delta.build())
            .build();
        assert!(paths(&symlinks).is_err());
    }
}
