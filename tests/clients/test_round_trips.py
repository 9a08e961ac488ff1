"""Files are crawled, queried, and hold what DuckDB or pyarrow read in them.

Athena's results are texts, so what others read is written as Athena would. Where a reading of Athena's is
another one by its own rules, the test says so.
"""

import datetime
import decimal
import gzip
import io
import json
import subprocess

import duckdb
import pyarrow
import pyarrow.orc
import pyarrow.parquet
import pytest

from athena_text import said
from lake import Lake
from served_cloud import REGION

D, at = decimal.Decimal, datetime.datetime
SMALL = pyarrow.decimal128(10, 2)
WORDS = pyarrow.array(['Ωmega, "q"\n', "", None])
MOMENTS = [at(2024, 1, 2, 3, 4, 5, 678901), at(1960, 1, 1), None]
NESTED = pyarrow.struct([("x", pyarrow.int32()), ("y", pyarrow.string())])
DEEP = pyarrow.list_(pyarrow.struct([("a", pyarrow.list_(pyarrow.float64())), ("b", NESTED)]))
EVERY_TYPE = pyarrow.table(
    {
        "boolean": pyarrow.array([True, False, None]),
        "int8": pyarrow.array([-(2**7), 2**7 - 1, None], pyarrow.int8()),
        "int16": pyarrow.array([-(2**15), 2**15 - 1, None], pyarrow.int16()),
        "int32": pyarrow.array([-(2**31), 2**31 - 1, None], pyarrow.int32()),
        "int64": pyarrow.array([-(2**63), 2**63 - 1, None], pyarrow.int64()),
        "float32": pyarrow.array([1.5, -0.25, None], pyarrow.float32()),
        "float64": pyarrow.array([1e300, -1.25e-7, None], pyarrow.float64()),
        "small": pyarrow.array([D("12345678.90"), D("-0.01"), None], SMALL),
        "large": pyarrow.array([D("1234567890123456789012345678.0123456789"), D(0), None], pyarrow.decimal128(38, 10)),
        "text": WORDS,
        "bytes": pyarrow.array([b"\x00\xff", "é".encode(), None], pyarrow.binary()),
        "day": pyarrow.array([datetime.date(1969, 12, 31), datetime.date(2024, 2, 29), None]),
        "millis": pyarrow.array([at(2024, 1, 2, 3, 4, 5, 678000), at(1969, 12, 31, 23), None], pyarrow.timestamp("ms")),
        "micros": pyarrow.array(MOMENTS, pyarrow.timestamp("us")),
        "list": pyarrow.array([[1, None, 3], [], None], pyarrow.list_(pyarrow.int64())),
        "row": pyarrow.array([{"x": 1, "y": "é"}, {"x": None, "y": None}, None], NESTED),
        "map": pyarrow.array([[("k", 1), ("l", None)], None, None], pyarrow.map_(pyarrow.string(), pyarrow.int64())),
        "deep": pyarrow.array([[{"a": [1.5], "b": {"x": 2, "y": "z"}}], [None], None], DEEP),
    }
)
# What Parquet has and ORC has not.
MORE_TYPES = pyarrow.table(
    {
        "uint8": pyarrow.array([0, 2**8 - 1, None], pyarrow.uint8()),
        "uint16": pyarrow.array([0, 2**16 - 1, None], pyarrow.uint16()),
        "uint32": pyarrow.array([0, 2**32 - 1, None], pyarrow.uint32()),
        "nanos": pyarrow.array(MOMENTS, pyarrow.timestamp("ns")),
        "utc": pyarrow.array(MOMENTS, pyarrow.timestamp("us", "UTC")),
        "dictionary": WORDS.dictionary_encode(),
    }
)
CODECS = ["NONE", "SNAPPY", "GZIP", "ZSTD", "LZ4", "BROTLI"]
ORC_CODECS = ["UNCOMPRESSED", "SNAPPY", "ZLIB", "LZ4", "ZSTD"]

CSV = {
    "comma": "id,name,price,day\n1,Ωmega,1.5,2024-01-02\n2,b c,-2.25,2024-01-03\n3,,,\n",
    "pipe": "id|name|price\n1|a|1.5\n2|b,c|2\n",
    "tab": "id\tname\n1\ta\n2\tb,c\n",
    "semicolon": "id;name;n\n1;a;2\n2;b;-9223372036854775808\n",
    "windows": "id,name\r\n1,a\r\n2,b\r\n",
    "marked": "\ufeffid,name\n1,a\n2,b\n",
    "texts": "id,ok,at\n1,true,2024-01-02 03:04:05\n2,false,2024-01-03 00:00:00\n",
}
QUOTED = 'id,name,note\n1,"a,b","say ""hi"""\n2,c,"é"\n'
JSON = {
    "flat": [
        {"id": 1, "name": "Ωmega", "price": 1.5, "ok": True},
        {"id": 2**63 - 1, "name": 'b\n"q"', "price": 2, "ok": False},
        {"id": None, "name": ""},
    ],
    "nested": [
        {"id": 1, "st": {"x": 1, "y": "é", "z": {"w": [1, 2]}}, "arr": [1, None], "objs": [{"k": "a"}, {"k": None}]},
        {"id": 2, "st": {"x": None}, "arr": [], "objs": []},
        {"id": 3, "st": None},
    ],
    "dates": [{"id": 1, "at": "2024-01-02T03:04:05Z"}, {"id": 2, "at": "2024-01-03"}],
    "mixed": [{"v": 1}, {"v": "x"}, {"v": 2.5}],
}


def parquet(table, **options):
    written = io.BytesIO()
    pyarrow.parquet.write_table(table, written, **options)
    return written.getvalue()


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """What is in the lake: the bytes of each file by its key."""
    every = EVERY_TYPE
    for column in MORE_TYPES.column_names:
        every = every.append_column(column, MORE_TYPES[column])
    files = {f"parquet_{codec.lower()}/a.parquet": parquet(every, compression=codec) for codec in CODECS}
    files["parquet_int96/a.parquet"] = parquet(EVERY_TYPE.select(["micros"]), use_deprecated_int96_timestamps=True)
    duck = tmp_path_factory.mktemp("duck") / "a.parquet"
    duckdb.sql(
        f"""COPY (SELECT range AS id, 'é' || range AS text, DATE '2024-01-01' + range::INT AS day,
            TIMESTAMP '2024-01-01 01:02:03.456' + to_hours(range) AS moment, [range, NULL] AS list,
            {{'a': range, 'b': 'x'}} AS row, MAP {{'k': range}} AS map, range::DECIMAL(20, 3) AS price
        FROM range(3)) TO '{duck}' (FORMAT parquet)"""
    )
    files["parquet_duckdb/a.parquet"] = duck.read_bytes()
    for codec in ORC_CODECS:
        orc = io.BytesIO()
        pyarrow.orc.write_table(EVERY_TYPE, orc, compression=codec)
        files[f"orc_{codec.lower()}/a.orc"] = orc.getvalue()
    times = {"at": pyarrow.array([datetime.time(1, 2, 3, 456789), None], pyarrow.time64("us"))}
    files["parquet_times/a.parquet"] = parquet(pyarrow.table(times))
    for year in (2023, 2024):
        files[f"parts/year={year}/month=0{year % 10}/a.parquet"] = parquet(pyarrow.table({"id": [year]}))
    files |= {f"csv_{name}/a.csv": text.encode() for name, text in CSV.items()}
    files["quoted/a.csv"] = QUOTED.encode()
    files["csv_gzip/a.csv.gz"] = gzip.compress(CSV["comma"].encode())
    for name, rows in JSON.items():
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        files[f"json_{name}/a.json"] = lines.encode()
    files["json_gzip/a.json.gz"] = gzip.compress(files["json_flat/a.json"])
    return files


@pytest.fixture(scope="module")
def crawled(cloud, files):
    """The lake with these files, once it is crawled."""
    lake = Lake(cloud, "roundtrip")
    for key, body in files.items():
        lake.put(key, body)
    lake.create_crawler(lake.crawler_role())
    assert lake.crawl()["Status"] == "SUCCEEDED"
    return lake


def types(lake, table):
    table = lake.glue.get_table(DatabaseName=lake.database, Name=table)["Table"]
    return {column["Name"]: column["Type"] for column in table["StorageDescriptor"]["Columns"]}


@pytest.mark.parametrize("codec", CODECS)
def test_parquet_of_every_type_and_codec_is_what_pyarrow_wrote(crawled, files, codec):
    table = f"parquet_{codec.lower()}"
    wrote = pyarrow.parquet.read_table(io.BytesIO(files[f"{table}/a.parquet"]))
    header, *rows = crawled.query(f"SELECT * FROM {table}")
    assert header == wrote.column_names
    assert rows == [[said(value) for value in row.values()] for row in wrote.to_pylist()]
    assert {name: types(crawled, table)[name] for name in ("uint8", "uint16", "uint32", "small", "deep")} == {
        # The smallest type that holds all of an unsigned one.
        "uint8": "smallint",
        "uint16": "int",
        "uint32": "bigint",
        "small": "decimal(10,2)",
        "deep": "array<struct<a:array<double>,b:struct<x:int,y:string>>>",
    }


def test_timestamps_of_old_parquet_files_are_the_same(crawled):
    rows = crawled.query("SELECT micros FROM parquet_int96")[1:]
    assert rows == [[said(moment)] for moment in MOMENTS]


def test_parquet_of_duckdb_is_what_duckdb_reads(crawled, files, tmp_path):
    (tmp_path / "a.parquet").write_bytes(files["parquet_duckdb/a.parquet"])
    read = duckdb.sql(f"SELECT * FROM '{tmp_path}/a.parquet' ORDER BY id")
    header, *rows = crawled.query("SELECT * FROM parquet_duckdb ORDER BY id")
    assert header == read.columns
    assert rows == [[said(value) for value in row] for row in read.fetchall()]


def test_times_of_day_are_the_microseconds_that_parquet_has(crawled):
    assert types(crawled, "parquet_times") == {"at": "bigint"}
    assert crawled.query("SELECT at FROM parquet_times")[1:] == [["3723456789"], [None]]


@pytest.mark.parametrize("codec", ORC_CODECS)
def test_orc_of_every_type_and_codec_is_what_pyarrow_wrote(crawled, codec):
    table = f"orc_{codec.lower()}"
    # As Parquet's, which pyarrow wrote from the same table.
    of_parquet = types(crawled, "parquet_none")
    assert types(crawled, table) == {name: of_parquet[name] for name in EVERY_TYPE.column_names}
    header, *rows = crawled.query(f"SELECT * FROM {table}")
    assert header == EVERY_TYPE.column_names
    assert rows == [[said(value) for value in row.values()] for row in EVERY_TYPE.to_pylist()]
    assert crawled.query(f"SELECT deep, int8 FROM {table} WHERE int64 < 0")[1:] == [rows[0][-1:] + rows[0][1:2]]


def test_folders_are_partitions_as_duckdb_reads_them(crawled, files, tmp_path):
    for key, body in files.items():
        if key.startswith("parts/"):
            (tmp_path / key).parent.mkdir(parents=True)
            (tmp_path / key).write_bytes(body)
    # The crawler's partition keys are texts, so `03` stays what it is.
    read = duckdb.sql(
        f"""SELECT id, year, month FROM read_parquet('{tmp_path}/parts/**/*.parquet', hive_partitioning = true,
            hive_types = {{'year': VARCHAR, 'month': VARCHAR}}) ORDER BY id"""
    )
    assert crawled.query("SELECT * FROM parts ORDER BY id")[1:] == [
        [said(value) for value in row] for row in read.fetchall()
    ]
    assert crawled.query("SELECT id FROM parts WHERE year = '2024' AND month > '03'") == [["id"], ["2024"]]


@pytest.mark.parametrize("name", [*CSV, "gzip"])
def test_csv_is_what_duckdb_reads(crawled, files, name, tmp_path):
    [(key, body)] = [(key, body) for key, body in files.items() if key.startswith(f"csv_{name}/")]
    path = tmp_path / key.split("/")[1]
    path.write_bytes(body)
    columns = types(crawled, f"csv_{name}")
    # DuckDB is told the columns; the delimiter it finds out.
    told = {column: kind.replace("string", "varchar") for column, kind in columns.items()}
    read = duckdb.sql(f"SELECT * FROM read_csv('{path}', header = true, columns = {told})")
    header, *rows = crawled.query(f"SELECT * FROM csv_{name} ORDER BY id")
    assert header == list(columns)
    # An empty text is a text to LazySimpleSerDe and NULL to DuckDB.
    is_text = [kind == "string" for kind in columns.values()]
    expected = [
        ["" if value is None and text else said(value) for value, text in zip(row, is_text)] for row in read.fetchall()
    ]
    assert rows == expected


def test_quoted_csv_wants_another_serde(crawled, tmp_path):
    # The crawler's LazySimpleSerDe knows no quotes, as on AWS.
    assert crawled.query("SELECT * FROM quoted")[1:] == [["1", '"a', 'b"'], ["2", "c", '"é"']]
    crawled.query(
        f"""CREATE EXTERNAL TABLE unquoted (id int, name string, note string)
        ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde' WITH SERDEPROPERTIES ('escapeChar' = '\\\\')
        LOCATION 's3://{crawled.data}/quoted/' TBLPROPERTIES ('skip.header.line.count' = '1')"""
    )
    (tmp_path / "a.csv").write_text(QUOTED)
    read = duckdb.sql(f"SELECT * FROM read_csv('{tmp_path}/a.csv', header = true)")
    assert crawled.query("SELECT * FROM unquoted")[1:] == [[said(value) for value in row] for row in read.fetchall()]


@pytest.mark.parametrize("name", [*JSON, "gzip"])
def test_json_is_what_duckdb_reads(crawled, files, name, tmp_path):
    [(key, body)] = [(key, body) for key, body in files.items() if key.startswith(f"json_{name}/")]
    path = tmp_path / key.split("/")[1]
    path.write_bytes(body)
    # A value that is a number here and a text there is a text to both.
    kinds = ", columns = {'v': 'VARCHAR'}" if name == "mixed" else ", timestampformat = 'none', dateformat = 'none'"
    read = duckdb.sql(f"SELECT * FROM read_json('{path}', map_inference_threshold = -1{kinds})")
    header, *rows = crawled.query(f"SELECT * FROM json_{name}")
    assert header == read.columns
    assert rows == [[said(value) for value in row] for row in read.fetchall()]


def test_the_command_line_shows_the_same(crawled, cloud, files, tmp_path):
    command = [cloud.binary, "query", "SELECT * FROM json_flat ORDER BY id", "--database", crawled.database]
    options = ["--format", "json", "--results", f"s3://{crawled.results}/", "--region", REGION]
    ran = subprocess.run(
        [*command, *options, "--target", cloud.endpoint],
        cwd=tmp_path,
        env=cloud.environment(),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    wrote = [json.loads(line) for line in files["json_flat/a.json"].decode().splitlines()]
    shown = json.loads(ran.stdout)
    assert [(row["id"], row["name"], row["price"], row["ok"]) for row in shown] == [
        (row["id"], row["name"], row.get("price"), row.get("ok")) for row in wrote
    ]
