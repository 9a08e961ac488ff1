"""Writes the files of `binary/`, by writers that know nothing of the crawler.

    python -m venv venv
    venv/bin/pip install pyarrow pandas fastavro pyorc duckdb deltalake \
        'pyiceberg[sql-sqlite]' cramjam zstandard backports.zstd
    venv/bin/python write_binary.py [CASE…]

A case is a folder: `objects/` is what the bucket holds, `expected.json` the Glue tables that a
crawl of the bucket gives, and where the rule is written that says so. What is expected is
declared here, and not taken from a crawl. Some writers put times and random names into their
files, so only the cases that are named are written again; without names, those that are missing.
"""

import bz2
import datetime as dt
import decimal
import gzip
import io
import json
import lzma
import pathlib
import shutil
import sys
import tempfile
import zipfile

import cramjam
import duckdb
import fastavro
import pandas as pd
import pyarrow as pa
import pyarrow.orc
import pyarrow.parquet as pq
import pyorc
import zstandard

from glue_tables import BUCKET, FORMATS, listed

HERE = pathlib.Path(__file__).parent / "binary"

HIVE_AVRO = "Apache Hive wiki, AvroSerDe: Avro to Hive type conversion"
ORC_SPEC = "Apache ORC, ORC Specification v1: Type Information (the types are Hive's)"
PARQUET_SPEC = "Apache Parquet, LogicalTypes; Athena user guide, Data types in Amazon Athena"
BUILT_IN = "AWS Glue developer guide, Built-in classifiers: compressed formats"
PARTITIONS = "AWS Glue developer guide, How does a crawler determine when to create partitions?"
ATHENA_COMPRESSION = "Athena user guide, Compression support"
ICEBERG = "Apache Iceberg specification, Table Metadata; IcebergToGlueConverter of iceberg-aws"
DELTA = "Delta Lake protocol, Schema Serialization Format and Checkpoints"
HUDI = "Apache Hudi documentation, Table Configurations and Syncing to Hive Metastore"

CASES = {}


def case(write):
    """Registers a function that gives a case: objects by key, tables, and the rule."""
    CASES[write.__name__] = write
    return write


def table(kind, columns, name="t", at="t/", keys="", partitions=None, serde=None, input=None, **parameters):
    """A table of the bucket, with the parameters that are to be looked at."""
    input_format, output_format, library = FORMATS[kind]
    return {
        "Name": name,
        "StorageDescriptor": {
            "Columns": listed(columns),
            "Location": f"s3://{BUCKET}/{at}",
            "InputFormat": input or input_format,
            "OutputFormat": output_format,
            "SerdeInfo": {"SerializationLibrary": library, "Parameters": serde or {}},
        },
        "PartitionKeys": listed(keys),
        "Partitions": [{"Values": values} for values in partitions or []],
        "Parameters": {"classification": kind, **parameters},
    }


def avro(schema, records, codec="null"):
    file = io.BytesIO()
    fastavro.writer(file, fastavro.parse_schema(schema), records, codec=codec, sync_marker=b"0123456789abcdef")
    return file.getvalue()


def record(*fields, **more):
    fields = [{"name": name, "type": data_type} for name, data_type in fields]
    return {"type": "record", "name": "row", "fields": fields, **more}


def of_avro(schema, records, columns, source=HIVE_AVRO, codec="null"):
    known = {"compressionType": "none", "recordCount": str(len(records))}
    expected = table("avro", columns, **known, serde={"serialization.format": "1"})
    return {"t/data": avro(schema, records, codec)}, [expected], source


@case
def avro_primitives():
    schema = record(("a", "boolean"), ("b", "int"), ("c", "long"), ("d", "float"), ("e", "double"),
                    ("f", "bytes"), ("g", "string"))
    row = dict(a=True, b=1, c=2**40, d=1.5, e=2.5, f=b"x", g="x")
    return of_avro(schema, [row, row], "a boolean, b int, c bigint, d float, e double, f binary, g string")


@case
def avro_null_alone_is_a_string():
    return of_avro(record(("a", "null"), ("b", "int")), [dict(a=None, b=1)], "a string, b int")


@case
def avro_unions_with_null():
    schema = record(("a", ["null", "int"]), ("b", ["string", "null"]), ("c", ["null", {"type": "array", "items": "long"}]))
    return of_avro(schema, [dict(a=None, b="x", c=[1])], "a int, b string, c array<bigint>")


@case
def avro_nested():
    inner = {"type": "record", "name": "inner", "fields": [
        {"name": "x", "type": "int"}, {"name": "y", "type": {"type": "map", "values": ["null", "double"]}}]}
    schema = record(("a", inner), ("b", {"type": "array", "items": "inner"}), ("c", {"type": "map", "values": "string"}))
    one = dict(x=1, y={"k": 1.0})
    return of_avro(schema, [dict(a=one, b=[one], c={"k": "v"})],
                   "a struct<x:int,y:map<string,double>>, b array<struct<x:int,y:map<string,double>>>, c map<string,string>")


@case
def avro_enum_and_fixed():
    schema = record(("a", {"type": "enum", "name": "e", "symbols": ["A", "B"]}), ("b", {"type": "fixed", "name": "f", "size": 4}))
    return of_avro(schema, [dict(a="A", b=b"abcd")], "a string, b binary")


@case
def avro_logical_types():
    schema = record(
        ("a", {"type": "int", "logicalType": "date"}),
        ("b", {"type": "long", "logicalType": "timestamp-millis"}),
        ("c", {"type": "bytes", "logicalType": "decimal", "precision": 12, "scale": 3}),
        ("d", {"type": "fixed", "name": "f", "size": 8, "logicalType": "decimal", "precision": 10, "scale": 2}),
        ("e", ["null", {"type": "int", "logicalType": "date"}]),
    )
    row = dict(a=dt.date(2024, 1, 2), b=dt.datetime(2024, 1, 2, tzinfo=dt.timezone.utc), c=decimal.Decimal("1.234"),
               d=decimal.Decimal("1.23"), e=None)
    return of_avro(schema, [row], "a date, b timestamp, c decimal(12,3), d decimal(10,2), e date")


@case
def avro_logical_types_that_hive_lacks():
    schema = record(("a", {"type": "int", "logicalType": "time-millis"}), ("b", {"type": "long", "logicalType": "timestamp-micros"}),
                    ("c", {"type": "string", "logicalType": "uuid"}), ("d", {"type": "long", "logicalType": "local-timestamp-millis"}))
    row = dict(a=dt.time(1), b=dt.datetime(2024, 1, 1, tzinfo=dt.timezone.utc), c="00000000-0000-0000-0000-000000000000",
               d=dt.datetime(2024, 1, 1))
    return of_avro(schema, [row], "a int, b bigint, c string, d bigint")


@case
def avro_namespaces():
    inner = {"type": "record", "name": "inner", "namespace": "other", "fields": [{"name": "x", "type": "int"}]}
    schema = record(("a", inner), ("b", "other.inner"), ("c", {"type": "enum", "name": "e", "symbols": ["A"]}),
                    ("d", "my.space.e"), namespace="my.space")
    return of_avro(schema, [dict(a=dict(x=1), b=dict(x=2), c="A", d="A")],
                   "a struct<x:int>, b struct<x:int>, c string, d string")


@case
def avro_a_type_that_holds_itself():
    schema = {"type": "record", "name": "node", "fields": [
        {"name": "value", "type": "int"}, {"name": "next", "type": ["null", "node"]}]}
    return of_avro(schema, [dict(value=1, next=dict(value=2, next=None))], "value int, next string",
                   HIVE_AVRO + ": types that hold themselves have no Hive type")


@case
def avro_columns_are_lower_case():
    return of_avro(record(("userId", "int"), ("NAME", "string")), [dict(userId=1, NAME="x")], "userid int, name string",
                   "AWS Glue developer guide, Names of tables and columns are folded to lower case")


@case
def avro_without_rows():
    return of_avro(record(("a", "int")), [], "a int")


for _codec in ["deflate", "bzip2", "xz", "zstandard", "snappy"]:
    def _write(codec=_codec):
        rows = [dict(a=number, b="text " * 10) for number in range(50)]
        return of_avro(record(("a", "int"), ("b", "string")), rows, "a int, b string",
                       "AWS Glue developer guide, How crawlers work: what a format compresses is not compressionType", codec)
    CASES[f"avro_codec_{_codec}"] = _write


@case
def avro_the_schema_is_a_parameter():
    literal = '{"type": "record", "name": "row", "namespace": "n", "doc": "d", "fields": [{"name": "a", "type": ["null", "int"], "default": null}]}'
    file = avro(json.loads(literal), [dict(a=1)])
    # The header has the schema as the writer spells it.
    spelled = next(iter([fastavro.reader(io.BytesIO(file)).metadata["avro.schema"]]))
    expected = table("avro", "a int", serde={"serialization.format": "1", "avro.schema.literal": spelled},
                     **{"avro.schema.literal": spelled})
    return {"t/data": file}, [expected], "A table that a Glue crawler wrote, in the tests of DataHub's Glue source"


@case
def avro_partitions_of_growing_schema():
    old = avro(record(("a", "int"), ("b", "string")), [dict(a=1, b="x")])
    new = avro(record(("a", "long"), ("b", "string"), ("c", "double")), [dict(a=1, b="x", c=1.0)])
    expected = table("avro", "a bigint, b string, c double", keys="day string", partitions=[["1"], ["2"]])
    return {"t/day=1/x": old, "t/day=2/x": new}, [expected], PARTITIONS


def orc(data, **options):
    file = io.BytesIO()
    pyarrow.orc.write_table(data, file, **options)
    return file.getvalue()


def of_orc(data, columns, source=ORC_SPEC, **options):
    expected = table("orc", columns, compressionType="none", recordCount=str(data.num_rows), serde={"serialization.format": "1"})
    return {"t/data": orc(data, **options)}, [expected], source


def every_orc_type():
    return pa.table({
        "a": pa.array([True, None]), "b": pa.array([1, 2], pa.int8()), "c": pa.array([1, 2], pa.int16()),
        "d": pa.array([1, 2], pa.int32()), "e": pa.array([1, 2], pa.int64()), "f": pa.array([1.5, 2], pa.float32()),
        "g": pa.array([1.5, 2], pa.float64()), "h": pa.array(["x", "y"]), "i": pa.array([b"x", b"y"]),
        "j": pa.array([dt.datetime(2024, 1, 1)] * 2, pa.timestamp("ns")), "k": pa.array([dt.date(2024, 1, 1)] * 2),
        "l": pa.array([decimal.Decimal("1.23")] * 2, pa.decimal128(12, 2)),
    })


@case
def orc_primitives():
    return of_orc(every_orc_type(), "a boolean, b tinyint, c smallint, d int, e bigint, f float, g double, h string, "
                  "i binary, j timestamp, k date, l decimal(12,2)")


@case
def orc_nested():
    data = pa.table({
        "a": pa.array([[1, 2]], pa.list_(pa.int32())), "b": pa.array([[("k", 1.0)]], pa.map_(pa.string(), pa.float64())),
        "c": pa.array([dict(x=1, y=[dict(z="v")])], pa.struct([("x", pa.int64()), ("y", pa.list_(pa.struct([("z", pa.string())])))])),
    })
    return of_orc(data, "a array<int>, b map<string,double>, c struct<x:bigint,y:array<struct<z:string>>>")


for _codec in ["uncompressed", "zlib", "snappy", "lz4", "zstd"]:
    def _write(codec=_codec):
        data = pa.table({f"column_with_a_long_name_{number}": pa.array(range(100)) for number in range(40)})
        columns = ", ".join(f"{name} bigint" for name in data.column_names)
        return of_orc(data, columns, "Apache ORC, ORC Specification v1: Compression", compression=codec)
    CASES[f"orc_footer_{_codec}"] = _write


@case
def orc_without_rows():
    return of_orc(pa.table({"a": pa.array([], pa.int32())}), "a int")


@case
def orc_texts_of_a_length_and_instants():
    file = io.BytesIO()
    kind = "struct<a:varchar(10),b:char(3),c:timestamp with local time zone,d:decimal(38,10)>"
    with pyorc.Writer(file, kind) as writer:
        writer.write(("x", "abc", dt.datetime(2024, 1, 1, tzinfo=dt.timezone.utc), decimal.Decimal(1)))
    expected = table("orc", "a varchar(10), b char(3), c timestamp, d decimal(38,10)", recordCount="1")
    return {"t/data": file.getvalue()}, [expected], ORC_SPEC


@case
def orc_unions():
    file = io.BytesIO()
    with pyorc.Writer(file, "struct<a:uniontype<int,double>,b:int>") as writer:
        writer.write((1, 2))
    expected = table("orc", "a double, b int")
    return {"t/data": file.getvalue()}, [expected], "Athena has no unions; the type that holds the values of both"


@case
def orc_many_stripes():
    file = io.BytesIO()
    with pyorc.Writer(file, "struct<a:int,b:string>", stripe_size=1024, batch_size=16) as writer:
        for number in range(2000):
            writer.write((number, "text"))
    expected = table("orc", "a int, b string", recordCount="2000")
    return {"t/data": file.getvalue()}, [expected], ORC_SPEC


@case
def orc_text_that_begins_with_its_letters():
    return {"t/data": b"ORC,weight\n1,2\n"}, [table("csv", "orc bigint, weight bigint")], "Content decides: no postscript, no ORC"


@case
def orc_partitions():
    first, second = orc(pa.table({"a": [1]})), orc(pa.table({"a": [1], "b": ["x"]}))
    expected = table("orc", "a bigint, b string", keys="day string", partitions=[["1"], ["2"]])
    return {"t/day=1/x.orc": first, "t/day=2/x.orc": second}, [expected], PARTITIONS


def parquet(data, **options):
    file = io.BytesIO()
    pq.write_table(data, file, **options)
    return file.getvalue()


def of_parquet(data, columns, source=PARQUET_SPEC, **options):
    expected = table("parquet", columns, compressionType="none", recordCount=str(data.num_rows), serde={"serialization.format": "1"})
    return {"t/data": parquet(data, **options)}, [expected], source


@case
def parquet_primitives():
    return of_parquet(every_orc_type(), "a boolean, b tinyint, c smallint, d int, e bigint, f float, g double, h string, "
                      "i binary, j timestamp, k date, l decimal(12,2)")


@case
def parquet_unsigned_integers():
    kinds = [pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64()]
    data = pa.table({name: pa.array([1], kind) for name, kind in zip("abcd", kinds)})
    return of_parquet(data, "a smallint, b int, c bigint, d bigint")


@case
def parquet_times_and_timestamps():
    data = pa.table({
        "a": pa.array([1], pa.timestamp("ms")), "b": pa.array([1], pa.timestamp("us")), "c": pa.array([1], pa.timestamp("ns")),
        "d": pa.array([1], pa.timestamp("us", "Europe/Berlin")), "e": pa.array([1], pa.time32("ms")), "f": pa.array([1], pa.time64("us")),
        "g": pa.array([1], pa.date32()), "h": pa.array([86400000], pa.date64()),
    })
    return of_parquet(data, "a timestamp, b timestamp, c timestamp, d timestamp, e int, f bigint, g date, h date")


@case
def parquet_timestamps_of_96_bits():
    return of_parquet(pa.table({"a": pa.array([1], pa.timestamp("ns"))}), "a timestamp", use_deprecated_int96_timestamps=True)


@case
def parquet_decimals():
    one = decimal.Decimal("1.5")
    data = pa.table({"a": pa.array([one], pa.decimal128(5, 2)), "b": pa.array([one], pa.decimal128(38, 18)),
                     "c": pa.array([one], pa.decimal128(18, 1))})
    return of_parquet(data, "a decimal(5,2), b decimal(38,18), c decimal(18,1)", store_decimal_as_integer=True)


@case
def parquet_nested():
    data = pa.table({
        "a": pa.array([[1]], pa.list_(pa.int32())), "b": pa.array([[1]], pa.large_list(pa.int64())),
        "c": pa.array([[1, 2]], pa.list_(pa.int16(), 2)), "d": pa.array([[("k", [1.0])]], pa.map_(pa.string(), pa.list_(pa.float64()))),
        "e": pa.array([dict(x=1, y=dict(z=True))], pa.struct([("x", pa.int32()), ("y", pa.struct([("z", pa.bool_())]))])),
        "f": pa.array([[dict(x="v")]], pa.list_(pa.struct([("x", pa.string())]))),
    })
    return of_parquet(data, "a array<int>, b array<bigint>, c array<smallint>, d map<string,array<double>>, "
                      "e struct<x:int,y:struct<z:boolean>>, f array<struct<x:string>>")


@case
def parquet_lists_of_the_old_form():
    return of_parquet(pa.table({"a": pa.array([[1]], pa.list_(pa.int32()))}), "a array<int>", use_compliant_nested_type=False)


@case
def parquet_other_types_of_arrow():
    data = pa.table({
        "a": pa.array(["x"], pa.large_string()), "b": pa.array([b"x"], pa.large_binary()), "c": pa.array([b"abcd"], pa.binary(4)),
        "d": pa.array(["x"]).dictionary_encode(), "e": pa.array([None], pa.null()), "f": pa.array([1.5], pa.float16()),
    })
    return of_parquet(data, "a string, b binary, c binary, d string, e int, f float")


for _codec in ["none", "snappy", "gzip", "zstd", "lz4", "brotli"]:
    def _write(codec=_codec):
        data = pa.table({"a": pa.array(range(100)), "b": pa.array(["text"] * 100)})
        return of_parquet(data, "a bigint, b string", "AWS Glue developer guide, How crawlers work: what a format compresses is "
                          "not compressionType", compression=codec)
    CASES[f"parquet_codec_{_codec}"] = _write

for _version in ["1.0", "2.4", "2.6"]:
    def _write(version=_version):
        data = pa.table({"a": pa.array([1], pa.uint32()), "b": pa.array([1], pa.timestamp("ms"))})
        # The first version has no unsigned integers; its writer takes the next wider type.
        return of_parquet(data, "a bigint, b timestamp", version=version)
    CASES[f"parquet_version_{_version.replace('.', '_')}"] = _write


@case
def parquet_without_rows():
    return of_parquet(pa.table({"a": pa.array([], pa.int32()), "b": pa.array([], pa.string())}), "a int, b string")


@case
def parquet_many_row_groups():
    return of_parquet(pa.table({"a": pa.array(range(1000))}), "a bigint", row_group_size=100)


@case
def parquet_names_that_are_odd():
    data = pa.table({"User Id": [1], "a.b": [1], "Größe": [1], "c-d": [1], "1x": [1]})
    return of_parquet(data, "user id bigint, a.b bigint, größe bigint, c-d bigint, 1x bigint",
                      "Glue API, Column: a name is a single line of 1 to 255 characters")


@case
def parquet_names_that_differ_in_case_alone():
    data = pa.table([pa.array([1], pa.int32()), pa.array([1], pa.int64()), pa.array(["x"])], names=["id", "ID", "b"])
    return of_parquet(data, "id bigint, b string", "Athena user guide, Troubleshooting: a table has no column twice, "
                      "and Parquet's are read by name without regard to case")


@case
def parquet_a_name_that_is_empty():
    return of_parquet(pa.table({"a": [1], "": [1]}), "a bigint, col1 bigint",
                      "Glue API, Column: a name has at least one character; the name that CSV's columns get")


@case
def parquet_of_pandas():
    file = io.BytesIO()
    frame = pd.DataFrame({"n": [1, 2], "t": pd.to_datetime(["2024-01-01", "2024-01-02"]), "s": ["x", None],
                          "c": pd.Categorical(["a", "b"]), "o": pd.array([1, None], dtype="Int32")}, index=pd.Index([7, 8], name="key"))
    frame.to_parquet(file)
    expected = table("parquet", "n bigint, t timestamp, s string, c string, o int, key bigint", recordCount="2")
    return {"t/data.parquet": file.getvalue()}, [expected], PARQUET_SPEC


def of_duckdb(query, kind="parquet", options=""):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "file"
        duckdb.sql(f"copy ({query}) to '{path}' (format {kind}{options})")
        return path.read_bytes()


@case
def parquet_of_duckdb():
    query = """select true a, 1::tinyint b, 1::smallint c, 1::int d, 1::bigint e, 1::float f, 1::double g, 'x' h, 'x'::blob i,
        date '2024-01-01' j, timestamp '2024-01-01 00:00:00' k, 1::decimal(10,2) l, timestamptz '2024-01-01 00:00:00Z' m,
        [1] n, {'x': 1, 'y': ['z']} o, map {'k': 1} p, 'a'::enum('a', 'b') q, 1::utinyint r"""
    columns = ("a boolean, b tinyint, c smallint, d int, e bigint, f float, g double, h string, i binary, j date, k timestamp, "
               "l decimal(10,2), m timestamp, n array<int>, o struct<x:int,y:array<string>>, p map<string,int>, q string, r smallint")
    return {"t/x.parquet": of_duckdb(query)}, [table("parquet", columns, recordCount="1")], PARQUET_SPEC


@case
def parquet_of_duckdb_without_hive_types():
    query = "select 1::hugeint a, uuid '00000000-0000-0000-0000-000000000000' b, time '01:02:03' c, '{}'::json d"
    return {"t/x.parquet": of_duckdb(query)}, [table("parquet", "a double, b binary, c bigint, d string")], PARQUET_SPEC


@case
def parquet_files_whose_types_widen():
    files = {
        "t/1": parquet(pa.table({"a": pa.array([1], pa.int32()), "b": pa.array([1], pa.float32()), "c": pa.array([1], pa.decimal128(5, 2))})),
        "t/2": parquet(pa.table({"a": pa.array([1], pa.int64()), "b": pa.array([1], pa.float64()), "c": pa.array([1], pa.decimal128(10, 4))})),
    }
    return files, [table("parquet", "a bigint, b double, c decimal(10,4)")], "The narrowest type that holds the values of both files"


@case
def parquet_files_whose_structs_differ():
    one = pa.table({"a": pa.array([dict(x=1)], pa.struct([("x", pa.int32())])), "b": [1], "c": [1]})
    two = pa.table({"a": pa.array([dict(x=1, y="v")], pa.struct([("x", pa.int64()), ("y", pa.string())])), "b": [1], "c": [1]})
    return {"t/1": parquet(one), "t/2": parquet(two)}, [table("parquet", "a struct<x:bigint,y:string>, b bigint, c bigint")], \
        "Structs are merged field by field"


@case
def parquet_partitions_of_pyarrow():
    data = pa.table({"n": [1, 2, 3], "year": ["2023", "2024", "2024"], "month": ["1", "1", "2"]})
    with tempfile.TemporaryDirectory() as folder:
        pq.write_to_dataset(data, folder, partition_cols=["year", "month"], basename_template="part-{i}.parquet")
        objects = {f"t/{path.relative_to(folder)}": path.read_bytes() for path in pathlib.Path(folder).rglob("*.parquet")}
    expected = table("parquet", "n bigint", keys="year string, month string",
                     partitions=[["2023", "1"], ["2024", "1"], ["2024", "2"]], recordCount="3")
    return objects, [expected], PARTITIONS


@case
def parquet_partitions_beside_plain_folders():
    one = parquet(pa.table({"a": [1]}))
    objects = {f"t/{folder}/x": one for folder in ["day=1", "day=2", "day=3", "day=4", "old"]}
    # Four fifths of the folders are partitions of one table; the fifth is none.
    tables = [table("parquet", "a bigint", keys="day string", partitions=[["1"], ["2"], ["3"], ["4"]]),
              table("parquet", "a bigint", name="old", at="t/old/")]
    return objects, tables, PARTITIONS


@case
def parquet_partitions_of_plain_folders():
    one = parquet(pa.table({"a": [1]}))
    objects = {f"t/{folder}/x": one for folder in ["2023/1", "2023/2", "2024/1"]}
    expected = table("parquet", "a bigint", keys="partition_0 string, partition_1 string",
                     partitions=[["2023", "1"], ["2023", "2"], ["2024", "1"]])
    return objects, [expected], PARTITIONS


CSV = b"id,name\n1,ann\n2,bob\n3,cid\n"
JSON = b'{"id":1,"name":"ann"}\n{"id":2,"name":"bob"}\n'


def zipped(*files, method=zipfile.ZIP_DEFLATED):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", method) as writer:
        for name, body in files:
            writer.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), body, method)
    return archive.getvalue()


def streamed_zip(body):
    """An archive whose header does not know its length, as `zip` of a pipe writes it."""
    class Pipe(io.RawIOBase):
        def __init__(self):
            self.file = b""

        def writable(self):
            return True

        def write(self, part):
            self.file += bytes(part)
            return len(part)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as writer:
        writer.writestr("a.csv", body)
    return pipe.file


def lz4(body):
    file = pa.BufferOutputStream()
    with pa.CompressedOutputStream(file, "lz4") as writer:
        writer.write(body)
    return file.getvalue().to_pybytes()


COMPRESSIONS = {
    "gzip": ("gzip", lambda body: gzip.compress(body, mtime=0), BUILT_IN),
    "gzip_members": ("gzip", lambda body: gzip.compress(body[:10], mtime=0) + gzip.compress(body[10:], mtime=0), BUILT_IN),
    "bzip2": ("bzip2", bz2.compress, BUILT_IN),
    "bzip2_streams": ("bzip2", lambda body: bz2.compress(body[:10]) + bz2.compress(body[10:]), BUILT_IN),
    "bzip2_small_blocks": ("bzip2", lambda body: bz2.compress(body, 1), BUILT_IN),
    "xz": ("xz", lzma.compress, ATHENA_COMPRESSION + " (for xz: by content only)"),
    "xz_without_check": ("xz", lambda body: lzma.compress(body, check=lzma.CHECK_NONE), ATHENA_COMPRESSION),
    "zstd": ("zstd", lambda body: zstandard.ZstdCompressor(level=3).compress(body), ATHENA_COMPRESSION),
    "zstd_streamed": ("zstd", lambda body: zstandard.ZstdCompressor(write_content_size=False).compress(body), ATHENA_COMPRESSION),
    "lz4": ("lz4", lz4, BUILT_IN),
    "snappy": ("snappy", lambda body: bytes(cramjam.snappy.compress(body)), BUILT_IN),
    "zip": ("zip", lambda body: zipped(("a.csv", body)), BUILT_IN),
    "zip_stored": ("zip", lambda body: zipped(("a.csv", body), method=zipfile.ZIP_STORED), BUILT_IN),
    "zip_with_a_folder": ("zip", lambda body: zipped(("x/", b""), ("x/a.csv", body)), BUILT_IN),
    "zip_streamed": ("zip", streamed_zip, BUILT_IN),
}

for _name, _compression in COMPRESSIONS.items():
    def _write_csv(compression=_compression):
        name, compress, source = compression
        expected = table("csv", "id bigint, name string", compressionType=name, recordCount="3")
        return {"t/data": compress(CSV)}, [expected], source

    def _write_json(compression=_compression):
        name, compress, source = compression
        expected = table("json", "id int, name string", compressionType=name, recordCount="2")
        return {"t/data": compress(JSON)}, [expected], source
    CASES[f"csv_{_name}"] = _write_csv
    CASES[f"json_{_name}"] = _write_json


@case
def zip_of_two_files():
    return {"t/data": zipped(("a.csv", CSV), ("b.csv", CSV))}, [], BUILT_IN + ": archives that hold one file alone"


@case
def zip_of_a_method_that_is_not_read():
    return {"t/data": zipped(("a.csv", CSV), method=zipfile.ZIP_LZMA)}, [], "A method that is not read is a warning"


def iceberg(key, write):
    """What PyIceberg writes, with the bucket in the place of this machine's folder."""
    from pyiceberg.catalog.sql import SqlCatalog
    with tempfile.TemporaryDirectory() as folder:
        catalog = SqlCatalog("c", uri=f"sqlite:///{folder}/catalog.db", warehouse=f"file://{folder}/w")
        catalog.create_namespace("db")
        write(catalog)
        root = pathlib.Path(folder) / "w" / "db" / "t"
        objects = {f"{key}/{path.relative_to(root)}": path.read_bytes() for path in root.rglob("*") if path.is_file()}
        here = f"file://{root}".encode()
        there = f"s3://{BUCKET}/{key}".encode()
        return {name: body.replace(here, there) if name.endswith(".json") else body for name, body in objects.items()}


def newest(objects):
    return max(key for key in objects if key.endswith(".metadata.json"))


def of_iceberg(objects, columns, key="t", name="t"):
    return table("iceberg", columns, name=name, at=f"{key}/", table_type="ICEBERG",
                 metadata_location=f"s3://{BUCKET}/{newest(objects)}")


@case
def iceberg_table():
    data = pa.table({"id": pa.array([1, 2], pa.int64()), "name": ["x", "y"], "day": pa.array([dt.date(2024, 1, 1)] * 2)})

    def write(catalog):
        made = catalog.create_table("db.t", data.schema)
        made.append(data)
        made.append(data)
    objects = iceberg("t", write)
    return objects, [of_iceberg(objects, "id bigint, name string, day date")], ICEBERG


@case
def iceberg_every_type():
    from pyiceberg import types as of
    from pyiceberg.schema import Schema
    kinds = [of.BooleanType(), of.IntegerType(), of.LongType(), of.FloatType(), of.DoubleType(), of.DecimalType(20, 4), of.DateType(),
             of.TimeType(), of.TimestampType(), of.TimestamptzType(), of.StringType(), of.UUIDType(), of.FixedType(4), of.BinaryType(),
             of.ListType(100, of.IntegerType()), of.MapType(101, of.StringType(), 102, of.DoubleType()),
             of.StructType(of.NestedField(103, "x", of.IntegerType()), of.NestedField(104, "y", of.StringType()))]
    schema = Schema(*[of.NestedField(number + 1, letter, kind) for number, (letter, kind) in enumerate(zip("abcdefghijklmnopq", kinds))])
    objects = iceberg("t", lambda catalog: catalog.create_table("db.t", schema))
    columns = ("a boolean, b int, c bigint, d float, e double, f decimal(20,4), g date, h string, i timestamp, j timestamp, k string, "
               "l string, m binary, n binary, o array<int>, p map<string,double>, q struct<x:int,y:string>")
    return objects, [of_iceberg(objects, columns)], ICEBERG


@case
def iceberg_whose_schema_changed():
    from pyiceberg import types as of

    def write(catalog):
        data = pa.table({"id": pa.array([1], pa.int32()), "old": ["x"]})
        made = catalog.create_table("db.t", data.schema)
        made.append(data)
        with made.update_schema() as change:
            change.add_column("new", of.DoubleType())
            change.rename_column("old", "renamed")
            change.update_column("id", of.LongType())
    objects = iceberg("t", write)
    return objects, [of_iceberg(objects, "id bigint, renamed string, new double")], ICEBERG


@case
def iceberg_with_partitions_has_none_in_the_catalog():
    from pyiceberg import types as of
    from pyiceberg.partitioning import PartitionField, PartitionSpec
    from pyiceberg.schema import Schema
    from pyiceberg.transforms import IdentityTransform
    schema = Schema(of.NestedField(1, "id", of.LongType()), of.NestedField(2, "kind", of.StringType()))

    def write(catalog):
        spec = PartitionSpec(PartitionField(2, 1000, IdentityTransform(), "kind"))
        made = catalog.create_table("db.t", schema, partition_spec=spec)
        made.append(pa.table({"id": pa.array([1, 2], pa.int64()), "kind": ["a", "b"]}))
    objects = iceberg("t", write)
    return objects, [of_iceberg(objects, "id bigint, kind string")], ICEBERG


@case
def iceberg_beside_a_folder_of_files():
    data = pa.table({"id": pa.array([1], pa.int64())})
    objects = iceberg("db/lake", lambda catalog: catalog.create_table("db.t", data.schema).append(data))
    expected = [of_iceberg(objects, "id bigint", key="db/lake", name="lake"),
                table("parquet", "other string", name="plain", at="db/plain/")]
    return {**objects, "db/plain/x": parquet(pa.table({"other": ["x"]}))}, expected, ICEBERG


def hadoop_iceberg(objects, hint):
    """As a catalog that is a file system names its metadata."""
    metadata = sorted(key for key in objects if key.endswith(".metadata.json"))
    renamed = {key: body for key, body in objects.items() if key not in metadata}
    for number, key in enumerate(metadata, 1):
        renamed[f"t/metadata/v{number}.metadata.json"] = objects[key]
    if hint:
        renamed["t/metadata/version-hint.text"] = hint
    return renamed


@case
def iceberg_of_a_file_system():
    one, two = pa.table({"a": pa.array([1], pa.int64())}), pa.table({"a": pa.array([1], pa.int64()), "b": ["x"]})

    def write(catalog):
        made = catalog.create_table("db.t", one.schema)
        with made.update_schema() as change:
            change.union_by_name(two.schema)
    objects = hadoop_iceberg(iceberg("t", write), b"2")
    expected = table("iceberg", "a bigint, b string", table_type="ICEBERG",
                     metadata_location=f"s3://{BUCKET}/t/metadata/v2.metadata.json")
    return objects, [expected], "Apache Iceberg specification, File System Tables"


@case
def iceberg_whose_hint_is_older():
    one, two = pa.table({"a": pa.array([1], pa.int64())}), pa.table({"a": pa.array([1], pa.int64()), "b": ["x"]})

    def write(catalog):
        made = catalog.create_table("db.t", one.schema)
        with made.update_schema() as change:
            change.union_by_name(two.schema)
    objects = hadoop_iceberg(iceberg("t", write), b"1\n")
    expected = table("iceberg", "a bigint", metadata_location=f"s3://{BUCKET}/t/metadata/v1.metadata.json")
    return objects, [expected], "Apache Iceberg specification, File System Tables: the hint says which version is current"


def delta(key, write):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder) / "t"
        write(str(root))
        return {f"{key}/{path.relative_to(root)}": path.read_bytes() for path in root.rglob("*") if path.is_file()}


def of_delta(columns, key="t", name="t", keys=""):
    location = f"s3://{BUCKET}/{key}/"
    return table("delta", columns, name=name, at=f"{key}/", keys=keys, table_type="DELTA",
                 serde={"path": location, "serialization.format": "1"}, **{"spark.sql.sources.provider": "delta"})


@case
def delta_table():
    from deltalake import write_deltalake
    data = pa.table({"id": pa.array([1], pa.int64()), "name": ["x"], "day": pa.array([dt.date(2024, 1, 1)])})

    def write(path):
        write_deltalake(path, data)
        write_deltalake(path, data, mode="append")
    return delta("t", write), [of_delta("id bigint, name string, day date")], DELTA


@case
def delta_every_type():
    from deltalake import write_deltalake
    data = pa.table({
        "a": [True], "b": pa.array([1], pa.int8()), "c": pa.array([1], pa.int16()), "d": pa.array([1], pa.int32()),
        "e": pa.array([1], pa.int64()), "f": pa.array([1], pa.float32()), "g": pa.array([1], pa.float64()), "h": ["x"], "i": [b"x"],
        "j": pa.array([dt.date(2024, 1, 1)]), "k": pa.array([1], pa.timestamp("us", "UTC")), "l": pa.array([1], pa.timestamp("us")),
        "m": pa.array([decimal.Decimal("1.5")], pa.decimal128(12, 2)), "n": pa.array([[1]], pa.list_(pa.int32())),
        "o": pa.array([[("k", 1.0)]], pa.map_(pa.string(), pa.float64())), "p": pa.array([dict(x=1)], pa.struct([("x", pa.int64())])),
    })
    columns = ("a boolean, b tinyint, c smallint, d int, e bigint, f float, g double, h string, i binary, j date, k timestamp, "
               "l timestamp, m decimal(12,2), n array<int>, o map<string,double>, p struct<x:bigint>")
    return delta("t", lambda path: write_deltalake(path, data)), [of_delta(columns)], DELTA


@case
def delta_with_partitions():
    from deltalake import write_deltalake
    data = pa.table({"id": pa.array([1, 2], pa.int64()), "kind": ["a", "b"]})
    objects = delta("t", lambda path: write_deltalake(path, data, partition_by=["kind"]))
    return objects, [of_delta("id bigint", keys="kind string")], DELTA


@case
def delta_whose_schema_changed():
    from deltalake import write_deltalake

    def write(path):
        write_deltalake(path, pa.table({"id": pa.array([1], pa.int64())}))
        write_deltalake(path, pa.table({"id": pa.array([1], pa.int64()), "more": ["x"]}), mode="append", schema_mode="merge")
        write_deltalake(path, pa.table({"id": pa.array([1], pa.int64()), "more": ["x"]}), mode="append")
    return delta("t", write), [of_delta("id bigint, more string")], DELTA


@case
def delta_known_by_its_checkpoint_alone():
    from deltalake import DeltaTable, write_deltalake
    data = pa.table({"id": pa.array([1], pa.int64()), "kind": ["a"]})

    def write(path):
        for number in range(3):
            write_deltalake(path, data, mode="append", partition_by=["kind"])
        DeltaTable(path).create_checkpoint()
    objects = delta("t", write)
    log = sorted(key for key in objects if "_delta_log/" in key and key.endswith(".json"))
    # What came before a checkpoint is deleted after a time.
    for key in log:
        del objects[key]
    return objects, [of_delta("id bigint", keys="kind string")], DELTA


@case
def delta_whose_log_is_excluded_by_its_name():
    objects = {"t/_delta_log/x.json": b"{}", "t/a.parquet": parquet(pa.table({"id": [1]}))}
    return objects, [table("parquet", "id bigint")], "A log's files have twenty digits; others make no Delta table"


def hudi(kind, keys, files, more=""):
    properties = f"""#Updated at 2024-01-01T00:00:00Z
hoodie.table.name=t
hoodie.table.type={kind}
hoodie.table.version=6
hoodie.table.partition.fields={keys}
hoodie.table.base.file.format=PARQUET
hoodie.timeline.layout.version=1
{more}""".encode()
    objects = {"t/.hoodie/hoodie.properties": properties, "t/.hoodie/20240101000000000.commit": b"{}",
               "t/.hoodie/metadata/.hoodie/hoodie.properties": b"hoodie.table.type=MERGE_ON_READ\n",
               "t/.hoodie/metadata/files/files-0000_0-1-2_20240101000000000.hfile": b"data"}
    return {**objects, **files}


def hudi_rows(*columns):
    of_hudi = {name: pa.array(["x"]) for name in HUDI_COLUMNS}
    return parquet(pa.table({**of_hudi, **dict(columns)}))


HUDI_COLUMNS = ["_hoodie_commit_time", "_hoodie_commit_seqno", "_hoodie_record_key", "_hoodie_partition_path", "_hoodie_file_name"]
HUDI_TYPES = ", ".join(f"{name} string" for name in HUDI_COLUMNS)


def of_hudi(columns, name="t", read_optimized="false", **more):
    return table("hudi", columns, name=name, serde={"hoodie.query.as.ro.table": read_optimized, "path": f"s3://{BUCKET}/t/"},
                 **{"spark.sql.sources.provider": "hudi"}, **more)


@case
def hudi_copy_on_write():
    files = {"t/a_0-1-2_20240101000000000.parquet": hudi_rows(("id", [1])),
             "t/a_0-1-2_20240102000000000.parquet": hudi_rows(("id", [1]), ("more", ["x"]))}
    return hudi("COPY_ON_WRITE", "", files), [of_hudi(f"{HUDI_TYPES}, id bigint, more string")], HUDI


@case
def hudi_with_partitions():
    files = {}
    for day in ["2024-01-01", "2024-01-02"]:
        files[f"t/day={day}/.hoodie_partition_metadata"] = b"partitionDepth=1\n"
        files[f"t/day={day}/a_0-1-2_20240101000000000.parquet"] = hudi_rows(("id", [1]), ("day", [day]))
    expected = of_hudi(f"{HUDI_TYPES}, id bigint", keys="day string", partitions=[["2024-01-01"], ["2024-01-02"]])
    return hudi("COPY_ON_WRITE", "day", files), [expected], HUDI


@case
def hudi_merge_on_read():
    files = {"t/a_0-1-2_20240101000000000.parquet": hudi_rows(("id", [1])), "t/.a_20240101000000000.log.1_0-1-2": b"log"}
    columns = f"{HUDI_TYPES}, id bigint"
    tables = [of_hudi(columns, "t_ro", "true"),
              of_hudi(columns, "t_rt", input="org.apache.hudi.hadoop.realtime.HoodieParquetRealtimeInputFormat")]
    return hudi("MERGE_ON_READ", "", files), tables, HUDI


@case
def hudi_without_data():
    schema = json.dumps(record(("id", "long"), ("name", ["null", "string"]))).replace(":", "\\:")
    objects = hudi("COPY_ON_WRITE", "", {}, f"hoodie.table.create.schema={schema}\n")
    return objects, [of_hudi("id bigint, name string")], HUDI


def main():
    for name in sys.argv[1:] or [name for name in CASES if not (HERE / name).exists()]:
        objects, tables, source = CASES[name]()
        folder = HERE / name
        shutil.rmtree(folder, ignore_errors=True)
        for key, body in objects.items():
            path = folder / "objects" / key
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(body)
        expected = {"Source": source, "TableList": tables}
        (folder / "expected.json").write_text(json.dumps(expected, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
