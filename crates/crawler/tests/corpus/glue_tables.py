"""How Glue writes columns and formats, as the writers of all cases declare what is expected."""

BUCKET = "my-lake"

TEXT = (
    "org.apache.hadoop.mapred.TextInputFormat",
    "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
)
LAZY = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
OPEN_CSV = "org.apache.hadoop.hive.serde2.OpenCSVSerde"
OPENX = "org.openx.data.jsonserde.JsonSerDe"
GROK = "com.amazonaws.glue.serde.GrokSerDe"

# Of each classification the input format, the output format and the SerDe.
FORMATS = {
    "avro": (
        "org.apache.hadoop.hive.ql.io.avro.AvroContainerInputFormat",
        "org.apache.hadoop.hive.ql.io.avro.AvroContainerOutputFormat",
        "org.apache.hadoop.hive.serde2.avro.AvroSerDe",
    ),
    "orc": (
        "org.apache.hadoop.hive.ql.io.orc.OrcInputFormat",
        "org.apache.hadoop.hive.ql.io.orc.OrcOutputFormat",
        "org.apache.hadoop.hive.ql.io.orc.OrcSerde",
    ),
    "parquet": (
        "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
        "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
        "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
    ),
    "csv": (*TEXT, LAZY),
    "json": (*TEXT, OPENX),
    "delta": (
        "org.apache.hadoop.mapred.SequenceFileInputFormat",
        "org.apache.hadoop.hive.ql.io.HiveSequenceFileOutputFormat",
        LAZY,
    ),
    "iceberg": ("", "", ""),
    "hudi": (
        "org.apache.hudi.hadoop.HoodieParquetInputFormat",
        "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
        "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
    ),
    # Athena has no SerDe for XML.
    "xml": (*TEXT, ""),
}


def format_of(kind):
    """The formats of a classification; that of a log, or of one's own, is read by patterns."""
    return FORMATS.get(kind, (*TEXT, GROK))


def listed(columns):
    """`a int, b struct<x:int,y:int>` as Glue lists columns."""
    found, depth, start = [], 0, 0
    for place, letter in enumerate(columns + ","):
        depth += {"<": 1, ">": -1, "(": 1, ")": -1}.get(letter, 0)
        if letter == "," and depth == 0:
            column = columns[start:place].strip()
            start = place + 1
            if column:
                name, _, data_type = column.rpartition(" ")
                found.append({"Name": name, "Type": data_type})
    return found
