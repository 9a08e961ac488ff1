//! Bringing in the partitions whose folders are new, of which no file is read.

use aws_sdk_glue::types::Table;
use crawler::Warning;
use crawler::catalog::{Rules, with_slash};

use super::plan::{Change, PartitionsPlan, TablePlan, Unseen, belongs_to_others, location, tables};
use super::{Error, Plan, partitions};
use crate::cloud::Cloud;

/// What is new below the tables that are there. `rules` whose roots are any bound the tables that
/// are looked at; `looked` is told how many folders were seen. A table that cannot be looked at does
/// not hold up the others.
pub async fn plan(
    cloud: &Cloud,
    database: &str,
    rules: &Rules,
    looked: &(dyn Fn(u64) + Send + Sync),
) -> Result<Plan, Error> {
    let there = tables(cloud, database).await?;
    let Some(before) = there else {
        return Err(Error::Refused(format!("there is no database {database}")));
    };
    let mut plan = Plan {
        database: database.to_owned(),
        misfits: without_table(rules, database, &before),
        ..Plan::default()
    };
    let is_meant = |table: &&Table| rules.roots.is_empty() || rules.cover(location(table));
    for table in before.iter().filter(has_partitions).filter(is_meant) {
        let unknown = match partitions::unknown(cloud, database, table, looked).await {
            Ok(unknown) => unknown,
            Err(error) => {
                plan.unseen.push(Unseen {
                    table: table.name().to_owned(),
                    location: location(table).to_owned(),
                    error,
                });
                continue;
            }
        };
        plan.misfits.extend(unknown.warnings);
        if !unknown.partitions.is_empty() {
            plan.tables.push(TablePlan {
                name: table.name().to_owned(),
                change: Change::Keep,
                index: None,
                partitions: PartitionsPlan {
                    create: unknown.partitions,
                    ..PartitionsPlan::default()
                },
            });
        }
    }
    plan.before = before;
    Ok(plan)
}

/// Whether a table has partitions that the catalog keeps, and a crawl may add some.
fn has_partitions(table: &&Table) -> bool {
    !table.partition_keys().is_empty() && !belongs_to_others(table)
}

/// The paths in which there is no table to add partitions to.
fn without_table(rules: &Rules, database: &str, tables: &[Table]) -> Vec<Warning> {
    let told = rules.roots.iter().filter_map(|root| {
        let folder = |table: &Table| with_slash(location(table));
        let mut here = tables.iter().filter(|table| folder(table).starts_with(root));
        let mut is_none = true;
        if here.any(|table| {
            is_none = false;
            has_partitions(&table)
        }) {
            return None;
        }
        let around = tables.iter().find(|table| root.starts_with(&folder(table)));
        let message = match around {
            _ if !is_none => {
                format!("no table of database {database} has partitions here that can be added to")
            }
            Some(table) => format!(
                "no table of database {database} is here, but this is within table {}; to look for \
                 its partitions, name its location, {}",
                table.name(),
                location(table)
            ),
            None => format!(
                "no table of database {database} is here; a crawl without --partitions-only makes it"
            ),
        };
        Some(Warning {
            location: root.clone(),
            message,
        })
    });
    told.collect()
}

#[cfg(test)]
mod tests {
    use aws_sdk_glue::types::{Column, StorageDescriptor};

    use super::*;
    use crate::native::NAMELESS;

    fn table(name: &str, location: &str, key: Option<&str>) -> Table {
        let stored = StorageDescriptor::builder().location(location).build();
        let keys = key.map(|key| vec![Column::builder().name(key).build().expect("a name")]);
        let built = Table::builder().name(name).storage_descriptor(stored);
        built.set_partition_keys(keys).build().expect("a name")
    }

    #[test]
    fn a_path_without_a_table_to_add_to_is_told() {
        let tables = [
            table("t", "s3://lake/t", Some("y")),
            table("flat", "s3://lake/flat/", None),
        ];
        let told = |root: &str| {
            let rules = Rules {
                crawler: NAMELESS.to_owned(),
                updates: true,
                gone: crawler::catalog::Gone::Log,
                configuration: crawler::catalog::Configuration::default(),
                roots: vec![root.to_owned()],
            };
            let warnings = without_table(&rules, "db", &tables);
            warnings.into_iter().map(|w| w.message).collect::<Vec<_>>()
        };
        assert_eq!(told("s3://lake/"), Vec::<String>::new());
        assert_eq!(told("s3://lake/t/"), Vec::<String>::new());
        assert!(told("s3://lake/t/y=1/")[0].contains("within table t"));
        assert!(told("s3://lake/zzz/")[0].contains("no table of database db is here;"));
        assert!(told("s3://lake/flat/")[0].contains("has partitions here"));
    }
}
