//! Hive's DDL, as the Athena user guide has it.

use std::fmt;

use super::{ComparisonOperator, Identifier, Position, QualifiedName};

/// `'key'='value'` of TBLPROPERTIES, SERDEPROPERTIES and DBPROPERTIES.
pub type Properties = Vec<(String, String)>;

/// `CREATE [EXTERNAL] TABLE`, or an Iceberg table's CREATE TABLE.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateTable {
    pub position: Position,
    pub name: QualifiedName,
    pub external: bool,
    pub if_not_exists: bool,
    pub columns: Vec<HiveColumn>,
    pub comment: Option<String>,
    pub partitioned_by: Vec<PartitionField>,
    pub clustered_by: Option<Buckets>,
    pub row_format: Option<RowFormat>,
    pub stored_as: Option<StoredAs>,
    /// `WITH SERDEPROPERTIES (…)`, also those that stand apart from ROW FORMAT.
    pub serde_properties: Properties,
    pub location: Option<String>,
    pub properties: Properties,
}

/// A column with a Hive type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HiveColumn {
    pub name: Identifier,
    pub data_type: HiveType,
    pub comment: Option<String>,
}

/// A Hive type as Glue keeps it: lower case, no spaces: `struct<a:int,b:array<string>>`,
/// `decimal(10,2)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HiveType {
    pub text: String,
    pub position: Position,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartitionField {
    /// `PARTITIONED BY (year string)`.
    Column(HiveColumn),
    /// Of Iceberg: `PARTITIONED BY (a, bucket(16, b), day(c))`.
    Transform(PartitionTransform),
}

/// `a`, `day(a)`, `bucket(16, a)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartitionTransform {
    /// None for the column as it is.
    pub function: Option<Identifier>,
    pub parameter: Option<u32>,
    pub column: Identifier,
}

impl fmt::Display for PartitionTransform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let column = self.column.lower();
        match (&self.function, self.parameter) {
            (None, _) => f.write_str(&column),
            (Some(function), None) => write!(f, "{}({column})", function.lower()),
            (Some(function), Some(n)) => write!(f, "{}({n}, {column})", function.lower()),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Buckets {
    pub columns: Vec<Identifier>,
    pub count: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowFormat {
    Serde { class: String },
    Delimited(Delimited),
}

/// `ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' …`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delimited {
    pub fields: Option<String>,
    pub escaped_by: Option<String>,
    pub collection_items: Option<String>,
    pub map_keys: Option<String>,
    pub lines: Option<String>,
    pub null_defined_as: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoredAs {
    /// `PARQUET`, `TEXTFILE`, …, in upper case.
    Format {
        name: String,
        position: Position,
    },
    Classes {
        input: String,
        output: String,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub struct CreateDatabase {
    pub position: Position,
    pub name: QualifiedName,
    pub if_not_exists: bool,
    pub comment: Option<String>,
    pub location: Option<String>,
    pub properties: Properties,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DropDatabase {
    pub name: QualifiedName,
    pub if_exists: bool,
    pub cascade: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct AlterTable {
    pub position: Position,
    pub name: QualifiedName,
    pub action: AlterTableAction,
}

#[derive(Clone, Debug, PartialEq)]
pub enum AlterTableAction {
    AddPartitions {
        if_not_exists: bool,
        partitions: Vec<NewPartition>,
    },
    DropPartitions {
        if_exists: bool,
        partitions: Vec<Vec<PartitionCondition>>,
    },
    RenamePartition {
        from: PartitionSpec,
        to: PartitionSpec,
    },
    AddColumns(Vec<HiveColumn>),
    ReplaceColumns(Vec<HiveColumn>),
    /// `CHANGE COLUMN old new type`.
    ChangeColumn {
        from: Identifier,
        to: HiveColumn,
        place: Option<ColumnPlace>,
    },
    DropColumn(Identifier),
    RenameTo(QualifiedName),
    SetLocation {
        partition: Option<PartitionSpec>,
        location: String,
    },
    SetProperties(Properties),
    UnsetProperties(Vec<String>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ColumnPlace {
    First,
    After(Identifier),
}

/// `(year = '2024', month = '01')`: literals' values as text.
pub type PartitionSpec = Vec<(Identifier, String)>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPartition {
    pub position: Position,
    pub spec: PartitionSpec,
    pub location: Option<String>,
}

/// `month > '01'` of DROP PARTITION.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartitionCondition {
    pub column: Identifier,
    pub operator: ComparisonOperator,
    pub value: String,
}
