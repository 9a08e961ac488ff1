"""What `athglue up`, `crawl` and `query` make of files of each format is what other readers read in them."""

import csv
import datetime
import decimal
import gzip
import io
import json
import os
import subprocess

import deltalake
import duckdb
import fastavro
import pyarrow
import pyarrow.orc
import pyarrow.parquet
import pytest

from athena_text import said

STACK = """
[stack]
name = "trips"
region = "eu-west-1"

[buckets.data]
[buckets.results]

[uploads.files]
from = "files/"
to = "s3://${buckets.data}/"

[databases.lake]

[crawlers.all]
database = "${databases.lake}"
paths = ["s3://${buckets.data}/"]

[workgroups.main]
results = "s3://${buckets.results}/athena/"
"""


def row(n):
    return {
        "id": n,
        "name": f"Ωmega {n}" if n % 7 else None,
        "price": decimal.Decimal(n * n) / 8,
        "ratio": n / 7,
        "ok": None if n % 5 == 0 else n % 2 == 0,
        "day": datetime.date(1969, 12, 25) + datetime.timedelta(days=n),
        "tags": [f"é{n}", None] if n % 3 else [],
        "place": {"x": n, "y": "z"} if n % 4 else None,
    }


COLUMNS = pyarrow.schema(
    [
        ("id", pyarrow.int64()),
        ("name", pyarrow.string()),
        ("price", pyarrow.decimal128(12, 3)),
        ("ratio", pyarrow.float64()),
        ("ok", pyarrow.bool_()),
        ("day", pyarrow.date32()),
        ("tags", pyarrow.list_(pyarrow.string())),
        ("place", pyarrow.struct([("x", pyarrow.int32()), ("y", pyarrow.string())])),
    ]
)
ROWS = [row(n) for n in range(50)]
TABLE = pyarrow.Table.from_pylist(ROWS, schema=COLUMNS)
AVRO = {
    "type": "record",
    "name": "row",
    "fields": [
        {"name": "id", "type": "long"},
        {"name": "name", "type": ["null", "string"]},
        {"name": "price", "type": {"type": "bytes", "logicalType": "decimal", "precision": 12, "scale": 3}},
        {"name": "ratio", "type": "double"},
        {"name": "ok", "type": ["null", "boolean"]},
        {"name": "day", "type": {"type": "int", "logicalType": "date"}},
        {"name": "tags", "type": {"type": "array", "items": ["null", "string"]}},
    ],
}


def parquet(folder):
    pyarrow.parquet.write_table(TABLE, folder / "a.parquet")
    return lambda: pyarrow.parquet.read_table(folder / "a.parquet").to_pylist()


def partitions(folder):
    for year in ("2023", "2024"):
        (folder / f"year={year}").mkdir()
        half = TABLE.slice(0 if year == "2023" else 25, 25)
        pyarrow.parquet.write_table(half, folder / f"year={year}/a.parquet", compression="zstd")
    return lambda: duckdb.sql(
        f"""SELECT * FROM read_parquet('{folder}/**/*.parquet', hive_partitioning = true,
            hive_types = {{'year': VARCHAR}}) ORDER BY id"""
    )


def orc(folder):
    pyarrow.orc.write_table(TABLE, folder / "a.orc", compression="zlib")
    return lambda: pyarrow.orc.read_table(folder / "a.orc").to_pylist()


def avro(folder):
    with open(folder / "a.avro", "wb") as file:
        fastavro.writer(file, AVRO, ROWS, codec="deflate")
    return lambda: list(fastavro.reader(open(folder / "a.avro", "rb")))


def text(folder):
    flat = [name for name in COLUMNS.names if name not in ("tags", "place")]
    with open(folder / "a.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, flat, extrasaction="ignore")
        writer.writeheader()
        # LazySimpleSerDe takes an empty text for a text, so no name is NULL here.
        writer.writerows({**row, "name": row["name"] or "none"} for row in ROWS)
    types = {"id": "BIGINT", "name": "VARCHAR", "price": "DOUBLE", "ratio": "DOUBLE", "ok": "VARCHAR", "day": "VARCHAR"}
    return lambda: duckdb.sql(f"SELECT * FROM read_csv('{folder}/a.csv', header = true, columns = {types})")


def lines(folder):
    rows = [{**row, "price": float(row["price"]), "day": f"{row['day']}"} for row in ROWS]
    body = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (folder / "a.json.gz").write_bytes(gzip.compress(body.encode()))
    types = {
        "id": "BIGINT",
        "name": "VARCHAR",
        "price": "DOUBLE",
        "ratio": "DOUBLE",
        "ok": "BOOLEAN",
        "day": "VARCHAR",
        "tags": "VARCHAR[]",
        "place": "STRUCT(x INTEGER, y VARCHAR)",
    }
    return lambda: duckdb.sql(f"SELECT * FROM read_json('{folder}/a.json.gz', columns = {types})")


def delta(folder):
    for start in (0, 20):
        deltalake.write_deltalake(folder, TABLE.slice(start, 30 if start else 20), mode="append")
    return lambda: deltalake.DeltaTable(folder).to_pyarrow_table().sort_by("id").to_pylist()


FORMATS = {write.__name__: write for write in [parquet, partitions, orc, avro, text, lines, delta]}


@pytest.fixture(scope="module")
def stack(request, tmp_path_factory):
    """A command of athglue in a stack on the embedded cloud, crawled, and how others read its files."""
    folder = tmp_path_factory.mktemp("stack")
    binary = os.path.abspath(request.config.getoption("--athglue"))
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "ATHGLUE_"))}

    def athglue(*words):
        ran = subprocess.run([binary, *words], cwd=folder, env=clean, capture_output=True, text=True, timeout=300)
        assert ran.returncode == 0, f"{words}\n{ran.stdout}{ran.stderr}"
        return ran.stdout

    (folder / "stack.toml").write_text(STACK)
    readers = {}
    for name, write in FORMATS.items():
        of_format = folder / "files" / f"of_{name}"
        of_format.mkdir(parents=True)
        readers[name] = write(of_format)
    athglue("up", "--yes")
    athglue("crawl")
    return athglue, readers


def shown(value):
    """A cell of CSV: NULL is an empty one."""
    return said(value) or ""


@pytest.mark.parametrize("name", FORMATS)
def test_query_prints_what_others_read(stack, name):
    athglue, readers = stack
    read = readers[name]()
    if isinstance(read, list):
        columns, expected = list(read[0]), [list(row.values()) for row in read]
    else:
        columns, expected = read.columns, [list(row) for row in read.fetchall()]
    printed = athglue("query", f"SELECT * FROM of_{name} ORDER BY id", "--format", "csv")
    header, *rows = csv.reader(io.StringIO(printed))
    assert header == columns
    assert len(rows) == len(ROWS)
    assert rows == [[shown(value) for value in row] for row in expected]
