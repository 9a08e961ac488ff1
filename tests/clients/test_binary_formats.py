"""Avro by fastavro, ORC by pyorc, and logs are crawled, queried, and hold what these libraries wrote."""

import datetime
import decimal
import io
import random
import zoneinfo

import fastavro
import pyorc
import pytest

from athena_text import said
from lake import Lake

UTC = datetime.timezone.utc
D, at = decimal.Decimal, datetime.datetime
CODECS = ["null", "deflate", "snappy", "zstandard", "bzip2", "xz"]

ADDRESS = {
    "type": "record",
    "name": "address",
    "fields": [{"name": "City", "type": "string"}, {"name": "zip", "type": ["null", "int"], "default": None}],
}


def nullable(data_type):
    return ["null", data_type]


def logical(data_type, name, **more):
    return {"type": data_type, "logicalType": name, **more}


EVERY_TYPE = {
    "boolean": nullable("boolean"),
    "int": nullable("int"),
    "long": nullable("long"),
    "float": nullable("float"),
    "double": nullable("double"),
    "bytes": nullable("bytes"),
    "string": ["string", "null"],
    "day": nullable(logical("int", "date")),
    "millis": nullable(logical("long", "timestamp-millis")),
    "small": nullable(logical("bytes", "decimal", precision=10, scale=2)),
    "large": nullable({"name": "large", **logical("fixed", "decimal", precision=38, scale=10), "size": 16}),
    "enum": nullable({"type": "enum", "name": "suit", "symbols": ["SPADES", "HEARTS"]}),
    "fixed": nullable({"type": "fixed", "name": "four", "size": 4}),
    "array": nullable({"type": "array", "items": nullable("long")}),
    "map": nullable({"type": "map", "values": "double"}),
    "row": nullable(ADDRESS),
    "rows": nullable({"type": "array", "items": "address"}),
}
ROWS = [
    {
        "boolean": True,
        "int": -(2**31),
        "long": 2**63 - 1,
        "float": 1.5,
        "double": -1.25e-7,
        "bytes": b"\x00\xff",
        "string": 'Ωmega, "q"\n',
        "day": datetime.date(1969, 12, 31),
        "millis": at(2024, 1, 2, 3, 4, 5, 678000, UTC),
        "small": D("-12345678.90"),
        "large": D("1234567890123456789012345678.0123456789"),
        "enum": "HEARTS",
        "fixed": b"abcd",
        "array": [1, None, 3],
        "map": {"k": 1.0},
        "row": {"City": "é", "zip": 7},
        "rows": [{"City": "a", "zip": None}, {"City": "b", "zip": 1}],
    },
    dict.fromkeys(EVERY_TYPE),
]


def schema(fields):
    return {"type": "record", "name": "row", "fields": [{"name": name, "type": kind} for name, kind in fields.items()]}


def avro(fields, rows, codec="null"):
    written = io.BytesIO()
    fastavro.writer(written, schema(fields), rows, codec=codec)
    return written.getvalue()


def numbers():
    """Rows whose numbers come in every kind of run that ORC has."""
    chance = random.Random(7)
    return [
        (
            n,
            chance.randrange(-(2**63), 2**63),
            # Small, with outliers.
            chance.randrange(2**40) if n % 97 == 0 else chance.randrange(100),
            7 if n % 1000 < 600 else -n,
            None if n % 3 == 0 else n * n,
            chance.choice(["red", "green", "blue"]),
            f"{chance.random()}" * (n % 3),
            n % 5 == 0,
            n % 256 - 128,
            D(chance.randrange(-(10**12), 10**12)) / 1000,
            at(1950, 1, 1, tzinfo=UTC) + datetime.timedelta(days=n * 7, milliseconds=n),
            [chance.randrange(10) for _ in range(n % 4)] or None,
            {f"k{n % 7}": float(n)},
        )
        for n in range(4000)
    ]


NUMBERS = (
    "struct<n:bigint,wide:bigint,outliers:bigint,runs:int,squares:bigint,colour:string,text:string,flag:boolean,"
    "byte:tinyint,price:decimal(18,3),moment:timestamp,list:array<int>,map:map<string,double>>"
)


def orc(kind, rows, **options):
    written = io.BytesIO()
    with pyorc.Writer(written, kind, **options) as writer:
        writer.writerows(rows)
    return written.getvalue()


def log_lines():
    for n in range(40):
        moment = f"{n % 28 + 1:02}/Mar/2024:10:00:{n:02} +0000"
        yield f'10.0.0.{n} - ann [{moment}] "GET /p/{n} HTTP/1.1" 200 {n * 10} "-" "curl/8"'
    yield "a stack trace"


@pytest.fixture(scope="module")
def crawled(cloud):
    lake = Lake(cloud, "binary")
    for codec in CODECS:
        lake.put(f"avro_{codec}/a.avro", avro(EVERY_TYPE, ROWS, codec))
    lake.put(
        "growing/day=1/a.avro",
        avro(
            {"id": "int", "price": logical("bytes", "decimal", precision=6, scale=2)}, [{"id": 1, "price": D("1.25")}]
        ),
    )
    grown = {"id": "long", "price": logical("bytes", "decimal", precision=8, scale=4), "Name": nullable("string")}
    lake.put("growing/day=2/b.avro", avro(grown, [{"id": 2**40, "price": D("2.5001"), "Name": "x"}]))
    lake.put(
        "blocks/a.avro",
        avro({"n": "long", "text": "string"}, [{"n": n, "text": "é" * 50} for n in range(20_000)], "deflate"),
    )
    lake.put("numbers/a.orc", orc(NUMBERS, numbers(), stripe_size=64 << 10))
    lake.put(
        "dictionaries/a.orc",
        orc(NUMBERS, numbers(), dict_key_size_threshold=1.0, compression=pyorc.CompressionKind.SNAPPY),
    )
    zone = zoneinfo.ZoneInfo("America/New_York")
    moments = [(at(2024, month, 2, 3, 4, 5, tzinfo=zone),) for month in (1, 7)]
    lake.put("zoned/a.orc", orc("struct<moment:timestamp>", moments, timezone=zone))
    lake.put("renamed/a.orc", orc("struct<_col0:int,_col1:string>", [(1, "x")]))
    lake.put("logs/access.log", "\n".join(log_lines()) + "\n")
    lake.create_crawler(lake.crawler_role())
    assert lake.crawl()["Status"] == "SUCCEEDED"
    return lake


@pytest.mark.parametrize("codec", CODECS)
def test_avro_of_every_type_and_codec_is_what_fastavro_wrote(crawled, codec):
    header, *rows = crawled.query(f"SELECT * FROM avro_{codec}")
    assert header == list(EVERY_TYPE)
    # The names of a struct's fields are lower case to Athena.
    expected = [[said(value) for value in row.values()] for row in ROWS]
    assert [[cell and cell.replace("City", "city") for cell in row] for row in expected] == rows
    assert crawled.query(f"SELECT row.city, map['k'] FROM avro_{codec} WHERE \"int\" < 0")[1:] == [["é", "1.0"]]


def test_partitions_of_a_growing_avro_schema_are_one_table(crawled):
    rows = crawled.query("SELECT * FROM growing ORDER BY id")
    assert rows == [["id", "price", "name", "day"], ["1", "1.2500", None, "1"], [str(2**40), "2.5001", "x", "2"]]


def test_avro_of_many_blocks_is_read_to_its_end(crawled):
    assert crawled.query("SELECT count(*), sum(n), min(length(text)), max(length(text)) FROM blocks")[1:] == [
        ["20000", str(sum(range(20_000))), "50", "50"]
    ]


@pytest.mark.parametrize("table", ["numbers", "dictionaries"])
def test_orc_of_every_kind_of_run_is_what_pyorc_wrote(crawled, table):
    header, *rows = crawled.query(f"SELECT * FROM {table} ORDER BY n")
    assert len(header) == 13

    def expected(row):
        *plain, price, moment, listed, mapped = row
        return [said(v) for v in (*plain, price.quantize(D("0.001")), moment, listed, mapped)]

    assert rows == [expected(row) for row in numbers()]


def test_a_column_of_orc_is_read_without_the_others(crawled):
    def scanned(sql):
        return crawled.finished(crawled.start(sql))["Statistics"]["DataScannedInBytes"]

    assert scanned("SELECT n FROM numbers") < scanned("SELECT * FROM numbers") / 2


def test_moments_of_orc_are_those_of_the_writers_clock(crawled):
    assert crawled.query("SELECT * FROM zoned")[1:] == [
        ["2024-01-02 03:04:05.000"],
        ["2024-07-02 03:04:05.000"],
    ]


def test_columns_of_orc_are_found_by_place_unless_the_table_says_otherwise(crawled):
    ddl = "CREATE EXTERNAL TABLE {} (id int, name string) STORED AS ORC LOCATION 's3://{}/renamed/'{}"
    crawled.query(ddl.format("by_place", crawled.data, ""))
    assert crawled.query("SELECT * FROM by_place")[1:] == [["1", "x"]]
    crawled.query(ddl.format("by_name", crawled.data, " TBLPROPERTIES ('orc.column.index.access'='false')"))
    assert crawled.query("SELECT * FROM by_name")[1:] == [[None, None]]


def test_a_log_is_taken_apart_and_what_is_none_of_it_is_null(crawled):
    rows = crawled.query("SELECT clientip, auth, verb, request, response, bytes FROM logs")[1:]
    expected = [[f"10.0.0.{n}", "ann", "GET", f"/p/{n}", "200", str(n * 10)] for n in range(40)]
    assert rows == [*expected, [None] * 6]
    assert crawled.query("SELECT count(*) FROM logs WHERE cast(bytes AS bigint) > 100")[1:] == [["29"]]


def test_grok_patterns_of_a_users_own_are_read(crawled):
    crawled.put("own/app.log", "2024-01-02 03:04:05 [WARN] 7 ms: slow\nnonsense\n")
    crawled.query(
        f"""CREATE EXTERNAL TABLE own (at string, level string, took int, message string)
        ROW FORMAT SERDE 'com.amazonaws.glue.serde.GrokSerDe'
        WITH SERDEPROPERTIES (
            'input.grokCustomPatterns' = 'LEVEL (WARN|INFO)\\nTOOK [0-9]+',
            'input.format' = '%{{TIMESTAMP_ISO8601:at}} \\\\[%{{LEVEL:level}}\\\\] %{{TOOK:took:int}} ms: %{{GREEDYDATA:message}}')
        STORED AS INPUTFORMAT 'org.apache.hadoop.mapred.TextInputFormat'
        OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'
        LOCATION 's3://{crawled.data}/own/'"""
    )
    assert crawled.query("SELECT * FROM own")[1:] == [
        ["2024-01-02 03:04:05", "WARN", "7", "slow"],
        [None] * 4,
    ]
