//! The formats of data, as SerDe, input and output format.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

/// How a table's data is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Format {
    /// Values between commas, never quoted.
    Csv,
    /// Values between tabs.
    Tsv,
    /// Values between commas, where quotes may hold commas; every column is text.
    Quoted,
    /// Values between ^A, as Hive writes text.
    Text,
    /// An object a line.
    Json,
    /// Apache Parquet.
    Parquet,
    /// Apache ORC.
    Orc,
    /// Apache Avro, whose SerDe needs `serde_parameters."avro.schema.literal"`.
    Avro,
    /// Amazon Ion.
    Ion,
    /// Kept by Athena; made through it.
    Iceberg,
}

/// The classes that read and write a format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Classes {
    pub serde: &'static str,
    pub input_format: &'static str,
    pub output_format: &'static str,
}

const TEXT: &str = "org.apache.hadoop.mapred.TextInputFormat";
const TEXT_OUT: &str = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat";

impl Format {
    /// As Athena's documentation has them; none for Iceberg, whose engine sets them.
    /// <https://docs.aws.amazon.com/athena/latest/ug/supported-serdes.html>
    pub fn classes(self) -> Option<Classes> {
        let classes = |serde, input_format, output_format| Classes {
            serde,
            input_format,
            output_format,
        };
        Some(match self {
            Self::Csv | Self::Tsv | Self::Text => classes(
                "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
                TEXT,
                TEXT_OUT,
            ),
            Self::Quoted => classes("org.apache.hadoop.hive.serde2.OpenCSVSerde", TEXT, TEXT_OUT),
            Self::Json => classes("org.openx.data.jsonserde.JsonSerDe", TEXT, TEXT_OUT),
            Self::Parquet => classes(
                "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
                "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
                "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
            ),
            Self::Orc => classes(
                "org.apache.hadoop.hive.ql.io.orc.OrcSerde",
                "org.apache.hadoop.hive.ql.io.orc.OrcInputFormat",
                "org.apache.hadoop.hive.ql.io.orc.OrcOutputFormat",
            ),
            Self::Avro => classes(
                "org.apache.hadoop.hive.serde2.avro.AvroSerDe",
                "org.apache.hadoop.hive.ql.io.avro.AvroContainerInputFormat",
                "org.apache.hadoop.hive.ql.io.avro.AvroContainerOutputFormat",
            ),
            Self::Ion => classes(
                "com.amazon.ionhiveserde.IonHiveSerDe",
                "com.amazon.ionhiveserde.formats.IonInputFormat",
                "com.amazon.ionhiveserde.formats.IonOutputFormat",
            ),
            Self::Iceberg => return None,
        })
    }

    pub fn serde_parameters(self) -> BTreeMap<&'static str, &'static str> {
        match self {
            Self::Csv => BTreeMap::from([("field.delim", ","), ("serialization.format", ",")]),
            Self::Tsv => BTreeMap::from([("field.delim", "\t"), ("serialization.format", "\t")]),
            Self::Quoted => BTreeMap::from([("separatorChar", ","), ("quoteChar", "\"")]),
            Self::Iceberg => BTreeMap::new(),
            _ => BTreeMap::from([("serialization.format", "1")]),
        }
    }

    pub fn classification(self) -> Option<&'static str> {
        Some(match self {
            Self::Csv | Self::Tsv | Self::Quoted | Self::Text => "csv",
            Self::Json => "json",
            Self::Parquet => "parquet",
            Self::Orc => "orc",
            Self::Avro => "avro",
            Self::Ion => "ion",
            Self::Iceberg => return None,
        })
    }
}
