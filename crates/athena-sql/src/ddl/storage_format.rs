//! What STORED AS stands for: Hive's classes.

/// Classes that read and write a format.
pub struct StorageFormat {
    pub input: &'static str,
    pub output: &'static str,
    pub serde: &'static str,
}

pub const LAZY_SIMPLE_SERDE: &str = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe";

const FORMATS: [(&str, StorageFormat); 7] = [
    (
        "TEXTFILE",
        StorageFormat {
            input: "org.apache.hadoop.mapred.TextInputFormat",
            output: "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
            serde: LAZY_SIMPLE_SERDE,
        },
    ),
    (
        "SEQUENCEFILE",
        StorageFormat {
            input: "org.apache.hadoop.mapred.SequenceFileInputFormat",
            output: "org.apache.hadoop.hive.ql.io.HiveSequenceFileOutputFormat",
            serde: LAZY_SIMPLE_SERDE,
        },
    ),
    (
        "RCFILE",
        StorageFormat {
            input: "org.apache.hadoop.hive.ql.io.RCFileInputFormat",
            output: "org.apache.hadoop.hive.ql.io.RCFileOutputFormat",
            serde: "org.apache.hadoop.hive.serde2.columnar.LazyBinaryColumnarSerDe",
        },
    ),
    (
        "ORC",
        StorageFormat {
            input: "org.apache.hadoop.hive.ql.io.orc.OrcInputFormat",
            output: "org.apache.hadoop.hive.ql.io.orc.OrcOutputFormat",
            serde: "org.apache.hadoop.hive.ql.io.orc.OrcSerde",
        },
    ),
    (
        "PARQUET",
        StorageFormat {
            input: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
            output: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
            serde: "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
        },
    ),
    (
        "AVRO",
        StorageFormat {
            input: "org.apache.hadoop.hive.ql.io.avro.AvroContainerInputFormat",
            output: "org.apache.hadoop.hive.ql.io.avro.AvroContainerOutputFormat",
            serde: "org.apache.hadoop.hive.serde2.avro.AvroSerDe",
        },
    ),
    (
        "ION",
        StorageFormat {
            input: "com.amazon.ionhiveserde.formats.IonInputFormat",
            output: "com.amazon.ionhiveserde.formats.IonOutputFormat",
            serde: "com.amazon.ionhiveserde.IonHiveSerDe",
        },
    ),
];

impl StorageFormat {
    /// The format of a name in upper case.
    pub fn named(name: &str) -> Option<&'static Self> {
        FORMATS
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, format)| format)
    }
}

/// What a table is stored as when nobody says.
pub const TEXTFILE: &StorageFormat = &FORMATS[0].1;
