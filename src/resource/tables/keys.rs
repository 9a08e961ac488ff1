//! What `stack.toml` says of a table.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::format::Format;
use super::projection::{self, Projection};
use crate::resource::Problem;
use crate::stack::types::{CatalogName, ColumnName, S3Path, WorkGroupName};

/// A table of the Glue catalog, whose definition is known beforehand; a crawler finds the others.
/// Its parameters carry the mark of ownership. What crawlers and engines write into parameters is
/// kept, and is no change. What an Iceberg table's engine keeps (parameters, columns, storage) is
/// never written over.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Keys {
    /// The table's name. Default: `ID`, in lower case. Another name is another table.
    #[schemars(extend("x-aws" = "CreateTable.TableInput.Name"))]
    pub name: Option<CatalogName>,
    /// The database it is in. Another database is another table.
    #[schemars(extend("x-aws" = "CreateTable.DatabaseName"))]
    pub database: CatalogName,
    /// What is in it. `""` takes it away.
    #[schemars(length(max = 2048), extend("x-aws" = "CreateTable.TableInput.Description"))]
    pub description: Option<String>,
    /// Whom it belongs to, as engines show it.
    #[schemars(length(min = 1, max = 255), extend("x-aws" = "CreateTable.TableInput.Owner"))]
    pub owner: Option<String>,
    /// How many days its data is kept, as engines show it.
    #[schemars(range(min = 0), extend("x-aws" = "CreateTable.TableInput.Retention"))]
    pub retention: Option<i32>,
    /// `EXTERNAL_TABLE`, which is the default, `VIRTUAL_VIEW`, or what an engine calls it.
    #[schemars(length(max = 255), extend("x-aws" = "CreateTable.TableInput.TableType"))]
    pub table_type: Option<String>,
    /// The folder of its data. Every table but a view and a link has one.
    #[schemars(extend("x-aws" = "CreateTable.TableInput.StorageDescriptor.Location", "x-change" = "in place; anew of an Iceberg table"))]
    pub location: Option<S3Path>,
    /// Further folders of its data.
    #[schemars(extend("x-aws" = "CreateTable.TableInput.StorageDescriptor.AdditionalLocations"))]
    pub additional_locations: Option<Vec<S3Path>>,
    /// How the data is written. Stands for `serde`, `serde_parameters`, `input_format`,
    /// `output_format` and the parameter `classification`; each of them may be set beside it.
    /// `iceberg` makes the table through Athena.
    #[schemars(extend("x-aws" = "CreateTable.TableInput.StorageDescriptor", "x-change" = "in place; anew where it becomes `iceberg`"))]
    pub format: Option<Format>,
    /// The SerDe's class.
    #[schemars(
        length(min = 1, max = 255),
        extend("x-aws" = "CreateTable.TableInput.StorageDescriptor.SerdeInfo.SerializationLibrary")
    )]
    pub serde: Option<String>,
    /// The SerDe's name.
    #[schemars(
        length(min = 1, max = 255),
        extend("x-aws" = "CreateTable.TableInput.StorageDescriptor.SerdeInfo.Name")
    )]
    pub serde_name: Option<String>,
    /// Parameters of the SerDe; others that it has stay, unless the SerDe becomes another.
    #[serde(default)]
    #[schemars(extend("x-aws" = "CreateTable.TableInput.StorageDescriptor.SerdeInfo.Parameters"))]
    pub serde_parameters: BTreeMap<String, String>,
    /// The input format's class.
    #[schemars(
        length(max = 128),
        extend("x-aws" = "CreateTable.TableInput.StorageDescriptor.InputFormat")
    )]
    pub input_format: Option<String>,
    /// The output format's class.
    #[schemars(
        length(max = 128),
        extend("x-aws" = "CreateTable.TableInput.StorageDescriptor.OutputFormat")
    )]
    pub output_format: Option<String>,
    /// Its columns, in their order. Without them, those that a crawler or an engine keeps stay.
    #[schemars(extend("x-aws" = "CreateTable.TableInput.StorageDescriptor.Columns"))]
    pub columns: Option<Vec<Column>>,
    /// The columns that folders such as `year=2024/` stand for. Other names, types or another order
    /// are another table; comments change in place.
    #[schemars(extend("x-aws" = "CreateTable.TableInput.PartitionKeys"))]
    pub partition_keys: Option<Vec<Column>>,
    /// Whether the data is compressed.
    #[schemars(extend("x-aws" = "CreateTable.TableInput.StorageDescriptor.Compressed"))]
    pub compressed: Option<bool>,
    /// The columns by whose values rows are put into buckets.
    #[schemars(extend("x-aws" = "CreateTable.TableInput.StorageDescriptor.BucketColumns"))]
    pub bucket_columns: Option<Vec<ColumnName>>,
    /// How many buckets there are.
    #[schemars(
        range(min = -1),
        extend("x-aws" = "CreateTable.TableInput.StorageDescriptor.NumberOfBuckets")
    )]
    pub number_of_buckets: Option<i32>,
    /// The order of rows within a bucket.
    #[schemars(extend("x-aws" = "CreateTable.TableInput.StorageDescriptor.SortColumns"))]
    pub sort_columns: Option<Vec<SortColumn>>,
    /// Whether skewed values are in folders of their own.
    #[schemars(extend("x-aws" = "CreateTable.TableInput.StorageDescriptor.StoredAsSubDirectories"))]
    pub stored_as_sub_directories: Option<bool>,
    /// Values that come so often that they are kept apart.
    #[schemars(extend("x-aws" = "CreateTable.TableInput.StorageDescriptor.SkewedInfo"))]
    pub skewed_info: Option<SkewedInfo>,
    /// Parameters of the storage; others that it has stay.
    #[serde(default)]
    #[schemars(extend("x-aws" = "CreateTable.TableInput.StorageDescriptor.Parameters"))]
    pub storage_parameters: BTreeMap<String, String>,
    /// The schema of the Schema Registry that the columns are of. The embedded cloud has none.
    #[schemars(extend("x-aws" = "CreateTable.TableInput.StorageDescriptor.SchemaReference"))]
    pub schema_reference: Option<SchemaReference>,
    /// A view's text. Athena's is `/* Presto View: BASE64 */`.
    #[schemars(
        length(max = 409_600),
        extend("x-aws" = "CreateTable.TableInput.ViewOriginalText")
    )]
    pub view_original_text: Option<String>,
    /// A view's text with all names written out. Athena's is `/* Presto View */`.
    #[schemars(
        length(max = 409_600),
        extend("x-aws" = "CreateTable.TableInput.ViewExpandedText")
    )]
    pub view_expanded_text: Option<String>,
    /// The table that this one stands for, as a resource link. The embedded cloud has none.
    #[schemars(extend("x-aws" = "CreateTable.TableInput.TargetTable"))]
    pub target_table: Option<TargetTable>,
    /// Parameters of the table; others that it has stay.
    #[serde(default)]
    #[schemars(extend("x-aws" = "CreateTable.TableInput.Parameters"))]
    pub parameters: BTreeMap<String, String>,
    /// Partition projection: for every partition key, the values that Athena computes instead of
    /// asking the catalog. Stands for the parameters `projection.*`, of which no other stays;
    /// an empty table turns projection off.
    #[schemars(extend("x-aws" = "CreateTable.TableInput.Parameters"))]
    pub projection: Option<BTreeMap<String, Projection>>,
    /// Where a projected partition is, when not at `KEY=VALUE/`:
    /// `s3://BUCKET/songs/$${year}/`. It names every partition key.
    #[schemars(extend("x-aws" = "CreateTable.TableInput.Parameters"))]
    pub storage_location_template: Option<String>,
    /// How an Iceberg table is partitioned: `year`, `day(at)`, `bucket(16, id)`. Only a new table
    /// takes it.
    #[schemars(extend("x-aws" = "StartQueryExecution.QueryString", "x-change" = "none"))]
    pub partitioning: Option<Vec<String>>,
    /// The workgroup in which Athena makes an Iceberg table. It has a place for results. Default:
    /// `primary`.
    #[schemars(extend("x-aws" = "StartQueryExecution.WorkGroup", "x-change" = "none"))]
    pub workgroup: Option<WorkGroupName>,
    /// Whether an update leaves no version of what was. AWS's default: false.
    #[schemars(extend("x-aws" = "UpdateTable.SkipArchive", "x-change" = "none"))]
    pub skip_archive: Option<bool>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Column {
    /// Its name. Athena says one that has other letters than a-z, 0-9 and `_` between double quotes.
    #[schemars(extend("x-aws" = "Column.Name"))]
    pub name: ColumnName,
    /// Its type as Hive writes it: `bigint`, `array<string>`, … `integer` is `int`, and neither
    /// case nor white space matters.
    #[schemars(length(max = 131_072), extend("x-aws" = "Column.Type"))]
    pub r#type: String,
    /// What it says. Without it, the live one stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 255), extend("x-aws" = "Column.Comment", "x-change" = "in place"))]
    pub comment: Option<String>,
    /// Parameters of the column. Without them, the live ones stay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-aws" = "Column.Parameters", "x-change" = "in place"))]
    pub parameters: Option<BTreeMap<String, String>>,
}

/// A column by which rows are sorted.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SortColumn {
    /// The column.
    pub column: ColumnName,
    /// Which values come first. AWS's numbers are 1 for ascending and 0 for descending.
    #[serde(default)]
    pub sort_order: SortOrder,
}

/// Which values come first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum SortOrder {
    #[default]
    Ascending,
    Descending,
}

/// Values that come so often that they are kept apart.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SkewedInfo {
    /// The columns that have such values.
    #[serde(default)]
    pub skewed_column_names: Vec<ColumnName>,
    /// The values.
    #[serde(default)]
    pub skewed_column_values: Vec<String>,
    /// Where each value is kept.
    #[serde(default)]
    pub skewed_column_value_location_maps: BTreeMap<String, String>,
}

/// A schema of the Schema Registry: by its ARN or name, or one version by its id.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SchemaReference {
    /// The schema's ARN.
    pub schema_arn: Option<String>,
    /// The schema's name.
    #[schemars(regex(pattern = r"^[a-zA-Z0-9-_$#.]{1,255}$"))]
    pub schema_name: Option<String>,
    /// The registry it is in.
    #[schemars(regex(pattern = r"^[a-zA-Z0-9-_$#.]{1,255}$"))]
    pub registry_name: Option<String>,
    /// The id of one version.
    #[schemars(regex(
        pattern = r"^[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}$"
    ))]
    pub schema_version_id: Option<String>,
    /// The number of one version.
    #[schemars(range(min = 1, max = 100_000))]
    pub schema_version_number: Option<i64>,
}

/// A table of this or another account.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TargetTable {
    /// The account whose catalog it is in.
    #[schemars(length(min = 1, max = 255))]
    pub catalog_id: Option<String>,
    /// The database it is in.
    #[schemars(length(min = 1, max = 255))]
    pub database_name: String,
    /// Its name.
    #[schemars(length(min = 1, max = 255))]
    pub name: String,
    /// The region it is in.
    #[schemars(length(min = 1, max = 255))]
    pub region: Option<String>,
}

impl Keys {
    pub fn is_iceberg(&self) -> bool {
        self.format == Some(Format::Iceberg)
    }

    pub fn is_view(&self) -> bool {
        self.view_original_text.is_some() || self.table_type.as_deref() == Some("VIRTUAL_VIEW")
    }

    /// Parameters that a key other than `parameters` stands for.
    pub fn derived_parameters(&self) -> BTreeMap<String, String> {
        let mut parameters = BTreeMap::new();
        let classification = self.format.and_then(Format::classification);
        if let Some(classification) = classification {
            parameters.insert("classification".to_owned(), classification.to_owned());
        }
        parameters
    }

    /// What does not fit together.
    pub fn mistakes(&self) -> Vec<Problem> {
        let mut found = Vec::new();
        if !self.is_view() && self.target_table.is_none() {
            if self.location.is_none() {
                found.push(Problem::new(
                    "",
                    "`location` is missing",
                    "a table that is neither a view nor a link needs it",
                ));
            }
            // Glue's own tables of XML and of Iceberg have no SerDe.
            let says_format = self.parameters.contains_key("classification");
            if self.format.is_none() && self.serde.is_none() && !says_format {
                found.push(
                    Problem::new("", "`format` is missing", "how is the data written?").with_help(
                        "format = \"parquet\", or serde, input_format and output_format",
                    ),
                );
            }
        }
        found.extend(self.doubled_columns());
        found.extend(self.iceberg_mistakes());
        let keys = self.partition_keys.as_deref().unwrap_or_default();
        let keys: Vec<&str> = keys.iter().map(|key| key.name.as_str()).collect();
        if let Some(projected) = &self.projection {
            found.extend(projection::mistakes(projected, &keys));
        }
        if let Some(template) = &self.storage_location_template {
            found.extend(projection::template_mistakes(template, &keys));
        }
        found
    }

    fn doubled_columns(&self) -> Option<Problem> {
        let of = |columns: &'static str, list: &Option<Vec<Column>>| {
            let names = list.iter().flatten().enumerate();
            names
                .map(|(i, column)| (format!("{columns}.{i}.name"), column.name.to_string()))
                .collect::<Vec<_>>()
        };
        let mut seen = BTreeSet::new();
        let mut all = of("columns", &self.columns);
        all.extend(of("partition_keys", &self.partition_keys));
        let (place, name) = all
            .into_iter()
            .find(|(_, name)| !seen.insert(name.to_lowercase()))?;
        Some(Problem::new(
            &place,
            format!("there are two columns `{name}`"),
            "a column's name, and a partition key's, is there once, in whatever case",
        ))
    }

    fn iceberg_mistakes(&self) -> Vec<Problem> {
        let mut found = Vec::new();
        if !self.is_iceberg() {
            for (key, is_set) in [
                ("partitioning", self.partitioning.is_some()),
                ("workgroup", self.workgroup.is_some()),
            ] {
                if is_set {
                    found.push(Problem::new(
                        key,
                        format!("`{key}` is of Iceberg tables alone"),
                        "needs format = \"iceberg\"",
                    ));
                }
            }
            return found;
        }
        if self.columns.as_ref().is_none_or(Vec::is_empty) {
            found.push(Problem::new(
                "",
                "`columns` is missing",
                "an Iceberg table is made with its columns",
            ));
        }
        for (key, is_set) in [
            ("serde", self.serde.is_some()),
            ("serde_name", self.serde_name.is_some()),
            ("serde_parameters", !self.serde_parameters.is_empty()),
            ("input_format", self.input_format.is_some()),
            ("output_format", self.output_format.is_some()),
            ("compressed", self.compressed.is_some()),
            ("bucket_columns", self.bucket_columns.is_some()),
            ("number_of_buckets", self.number_of_buckets.is_some()),
            ("sort_columns", self.sort_columns.is_some()),
            ("skewed_info", self.skewed_info.is_some()),
            ("storage_parameters", !self.storage_parameters.is_empty()),
            ("schema_reference", self.schema_reference.is_some()),
            ("additional_locations", self.additional_locations.is_some()),
            ("projection", self.projection.is_some()),
            ("table_type", self.table_type.is_some()),
            (
                "stored_as_sub_directories",
                self.stored_as_sub_directories.is_some(),
            ),
        ] {
            if is_set {
                found.push(Problem::new(
                    key,
                    format!("an Iceberg table has no `{key}`"),
                    "its engine keeps this itself",
                ));
            }
        }
        if self.partition_keys.is_some() {
            let problem = Problem::new(
                "partition_keys",
                "an Iceberg table has no `partition_keys`",
                "write partitioning = [\"day(at)\"]",
            );
            found.push(problem);
        }
        found
    }
}
