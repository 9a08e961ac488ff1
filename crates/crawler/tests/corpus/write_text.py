"""Writes the files of `text/`: CSV, JSON, logs, XML, and how folders make tables and partitions.

    python -m venv venv && venv/bin/pip install pandas duckdb
    venv/bin/python write_text.py

A case is a folder: `objects/` is what the bucket holds, `expected.json` the Glue tables that a
crawl of the bucket gives, how it is crawled, and where the rule is written that says so. What is
expected is declared here, and not taken from a crawl. Objects without a byte are in the list
`EmptyObjects` of `expected.json`.
"""

import csv
import gzip
import hashlib
import io
import json
import pathlib
import shutil
import tempfile
from xml.etree import ElementTree

import duckdb
import pandas as pd

from glue_tables import BUCKET, format_of, listed

HERE = pathlib.Path(__file__).parent / "text"

CSV_PAGE = "AWS Glue developer guide, Built-in classifiers: Built-in CSV classifier"
FORMATS_PAGE = "AWS Glue developer guide, Built-in classifiers"
CUSTOM_PAGE = "AWS Glue developer guide, Writing custom classifiers"
PARTITIONS = "AWS Glue developer guide, How does a crawler determine when to create partitions?"
SIMILAR = "AWS re:Post, How does the AWS Glue crawler detect the schema?"
COMBINE = "AWS Glue developer guide, Creating a single schema for each Amazon S3 include path"
LEVEL = "AWS Glue developer guide, Specifying the table location and partitioning level"
EXCLUDE = "AWS Glue developer guide, Include and exclude patterns"
NAMES = "AWS Glue developer guide, How crawlers work; Athena user guide, Name databases and tables"
XML_PAGE = (
    "AWS Glue developer guide, Using the XML format in AWS Glue (attributePrefix, valueTag); "
    "chosen: without a row tag the document is the record"
)
OURS = "not documented; chosen: "
NAMELESS = OURS + "columns are counted from 0 (the page on built-in classifiers shows them from 1)"
TYPES = OURS + "bigint, double and string, the types of LazySimpleSerDe that hold such values"
JSON_TYPES = COMBINE + ' ({"A": 1} is A:int); other types by the same measure'
QUOTES = CSV_PAGE + ": data that contains quoted strings wants OpenCSVSerDe"

CASES = {}


def table(name, columns, kind="csv", at=None, keys="", partitions=(), **parameters):
    """A table; two underscores in the name of a parameter stand for a dot."""
    input_format, output_format, library = format_of(kind)
    parameters = {key.replace("__", "."): value for key, value in parameters.items()}
    own = {"classification": kind, "compressionType": "none", "typeOfData": "file"}
    return {
        "Name": name,
        "StorageDescriptor": {
            "Columns": listed(columns),
            "Location": f"s3://{BUCKET}/{name + '/' if at is None else at}",
            "InputFormat": input_format,
            "OutputFormat": output_format,
            "SerdeInfo": {"SerializationLibrary": library, "Parameters": {}},
        },
        "PartitionKeys": listed(keys),
        "Partitions": [{"Values": values.split("/")} for values in partitions],
        "Parameters": own | parameters,
    }


def case(name, source, objects, *tables, warnings=(), **options):
    """Registers a case; `warnings` are parts of messages that the crawl gives."""
    assert name not in CASES, name
    objects = {k: v.encode() if isinstance(v, str) else v for k, v in objects.items()}
    CASES[name] = (
        objects,
        {
            "Source": source,
            "Options": options,
            "EmptyObjects": sorted(key for key, body in objects.items() if not body),
            "TableList": list(tables),
            "Warnings": list(warnings),
        },
    )


def rows(records, **dialect):
    """Records as Python's csv module writes them."""
    text = io.StringIO(newline="")
    csv.writer(text, **dialect).writerows(records)
    return text.getvalue()


def lines(*records):
    return "".join(json.dumps(record) + "\n" for record in records)


PEOPLE = [["id", "name"], [1, "ann"], [2, "bob"]]
ID_NAME = "id bigint, name string"
AB = "a,b\n1,x\n2,y\n"
A_B = "a bigint, b string"


def csv_cases():
    for what, delimiter in [
        ("comma", ","), ("pipe", "|"), ("tab", "\t"), ("semicolon", ";"), ("ctrl_a", "\x01"),
    ]:
        case(f"csv_{what}", CSV_PAGE, {"t/a": rows(PEOPLE, delimiter=delimiter)},
             table("t", ID_NAME, delimiter=delimiter, skip__header__line__count="1",
                   areColumnsQuoted="false", columnsOrdered="true", recordCount="2"))
        case(f"csv_{what}_without_header", NAMELESS,
             {"t/a": rows(PEOPLE[1:], delimiter=delimiter)},
             table("t", "col0 bigint, col1 string", delimiter=delimiter, recordCount="2"))
    for what, quoting in [("all", csv.QUOTE_ALL), ("text", csv.QUOTE_NONNUMERIC)]:
        case(f"csv_quoted_{what}", QUOTES, {"t/a": rows(PEOPLE, quoting=quoting)},
             table("t", ID_NAME, areColumnsQuoted="true"), warnings=["OpenCSVSerde"])
    case("csv_quoted_newlines", OURS + "a quoted cell may hold newlines (RFC 4180)",
         {"t/a": rows([["id", "note"], [1, "one\ntwo"], [2, "a,b"], [3, 'say "x"']])},
         table("t", "id bigint, note string", areColumnsQuoted="true", recordCount="3"))
    case("csv_line_feeds", CSV_PAGE, {"t/a": rows(PEOPLE, lineterminator="\n")},
         table("t", ID_NAME, recordCount="2"))
    case("csv_without_a_last_newline", CSV_PAGE, {"t/a": rows(PEOPLE).rstrip()},
         table("t", ID_NAME, recordCount="2"))
    case("csv_byte_order_mark", OURS + "the mark is no part of the first name",
         {"t/a": rows(PEOPLE).encode("utf-8-sig")}, table("t", ID_NAME))
    for order in ["le", "be"]:
        mark = {"le": b"\xff\xfe", "be": b"\xfe\xff"}[order]
        case(f"csv_utf_16_{order}", OURS + "text is UTF-8, as the SerDes that a crawler sets read it",
             {"t/a": mark + rows(PEOPLE).encode(f"utf-16-{order}")}, warnings=["UTF-16"])
    case("csv_one_column", CSV_PAGE + ": at least two columns", {"t/a": "a\n1\n2\n"},
         warnings=["no classifier"])
    case("csv_one_row", CSV_PAGE + ": at least two rows", {"t/a": "1,2\n"},
         warnings=["no classifier"])
    case("csv_header_of_text_alone", CSV_PAGE + ": a header differs from rows, one of which has other than strings",
         {"t/a": "id,name\nx,ann\ny,bob\n"}, table("t", "col0 string, col1 string"))
    case("csv_header_that_another_file_shows", OURS + "a header shown by a sibling is believed",
         {"t/a": "id,name\nx,ann\ny,bob\n", "t/b": "id,name\nz,1\nw,2\n"},
         table("t", "id string, name string", skip__header__line__count="1"))
    case("csv_header_cell_of_150", CSV_PAGE + ": but for the last, cells of a header have fewer than 150 characters",
         {"t/a": f"{'h' * 150},b\n1,2\n3,4\n"}, table("t", "col0 string, col1 string"))
    case("csv_header_cell_of_149", CSV_PAGE + ": but for the last, cells of a header have fewer than 150 characters",
         {"t/a": f"{'h' * 149},b\n1,2\n3,4\n"}, table("t", f"{'h' * 149} bigint, b bigint"))
    case("csv_last_header_cell_of_150", CSV_PAGE + ": but for the last, cells of a header have fewer than 150 characters",
         {"t/a": f"a,{'h' * 150}\n1,2\n3,4\n"}, table("t", f"a bigint, {'h' * 150} bigint"))
    case("csv_trailing_delimiter", CSV_PAGE + ": the last column may be empty, for a delimiter at the end of lines",
         {"t/a": "a,b,\n1,x,\n2,y,\n"}, table("t", "a bigint, b string, col2 string"))
    case("csv_empty_header_cell", CSV_PAGE + ": every column of a header parses as a string",
         {"t/a": "a,,c\n1,2,3\n4,5,6\n"}, table("t", "col0 string, col1 bigint, col2 string"))
    case("csv_number_in_header", CSV_PAGE + ": every column of a header parses as a string",
         {"t/a": "a,2024\nx,1\ny,2\n"}, table("t", "col0 string, col1 bigint"))
    case("csv_duplicate_names", OURS + "a number tells the second from the first",
         {"t/a": "a,a,A\n1,2,3\n4,5,6\n"}, table("t", "a bigint, a_1 bigint, a_2 bigint"))
    case("csv_names_with_space_around", OURS + "space around names is no part of them",
         {"t/a": " a , b\n1,x\n2,y\n"}, table("t", A_B))
    case("csv_names_of_other_scripts", OURS + "names are kept", {"t/a": "é,名\n1,x\n2,y\n"},
         table("t", "é bigint, 名 string"))
    case("csv_types", TYPES + "; dates stay strings",
         {"t/a": "i,d,e,s,day,flag\n1,1.5,1e3,x,2024-01-01,true\n-2,2,-1.0,y,2024-01-02,false\n"},
         table("t", "i bigint, d double, e double, s string, day string, flag string"))
    case("csv_integers_beyond_bigint", OURS + "a double holds them",
         {"t/a": "a,b\n9223372036854775808,x\n1,y\n"}, table("t", "a double, b string"))
    case("csv_empty_cells", OURS + "an empty cell is no value", {"t/a": "a,b\n,x\n1,\n2,y\n"},
         table("t", A_B))
    case("csv_words_that_are_numbers_elsewhere", OURS + "words are text",
         {"t/a": "a,b\nNaN,1\ninf,2\n"}, table("t", "a string, b bigint"))
    case("csv_a_few_ragged_rows", OURS + "a fifth of the rows may be of another width",
         {"t/a": AB + "3,z\n4,v\n5,w\n6\n"}, table("t", A_B))
    case("csv_ragged_rows", OURS + "rows of many widths are no table",
         {"t/a": "a,b\n1\n2,3,4\n5\n6,7\n8,9,1,2\n"}, warnings=["no classifier"])
    case("csv_delimiters_within_text", OURS + "the delimiter that makes rows of like width is the one",
         {"t/a": "id|note\n1|a, b\n2|c; d\n3|plain\n"}, table("t", "id bigint, note string"))
    case("csv_of_another_name", FORMATS_PAGE + ": a classifier reads the data", {"t/a.json": AB}, table("t", A_B))
    case("csv_gzip", FORMATS_PAGE, {"t/a": gzip.compress(AB.encode(), mtime=0)},
         table("t", A_B, compressionType="gzip"))
    case("csv_of_pandas", CSV_PAGE,
         {"t/a": pd.DataFrame({"n": [1, 2], "x": [0.5, None], "s": ["a", "b"]}).to_csv(index=False)},
         table("t", "n bigint, x double, s string"))
    case("csv_of_pandas_with_index", CSV_PAGE + ": every column of a header parses as a string, and an empty one is none",
         {"t/a": pd.DataFrame({"n": [1, 2]}).to_csv()}, table("t", "col0 bigint, col1 string"))
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "x"
        query = "select i as id, i / 2 as half, 'n' || i as name, date '2024-01-01' as d from range(3) r(i)"
        duckdb.sql(f"copy ({query}) to '{path}' (format csv)")
        case("csv_of_duckdb", CSV_PAGE, {"t/a": path.read_bytes()},
             table("t", "id bigint, half double, name string, d string"))
        duckdb.sql(f"copy ({query}) to '{path}' (format json)")
        case("json_of_duckdb", FORMATS_PAGE, {"t/a": path.read_bytes()},
             table("t", "id int, half double, name string, d string", "json"))


def json_cases():
    def one(name, text, columns, source=JSON_TYPES, **parameters):
        case(f"json_{name}", source, {"t/a": text}, table("t", columns, "json", **parameters))

    one("object_a_line", lines({"a": 1, "b": "x"}, {"a": 2, "b": "y"}), "a int, b string",
        recordCount="2")
    one("without_a_last_newline", lines({"a": 1}, {"a": 2}).rstrip(), "a int", recordCount="2")
    one("carriage_returns", lines({"a": 1}, {"a": 2}).replace("\n", "\r\n"), "a int")
    one("byte_order_mark", lines({"a": 1}).encode("utf-8-sig"), "a int",
        OURS + "the mark is no part of the text")
    one("pretty_printed", json.dumps({"a": 1, "b": {"c": [1.5]}}, indent=2),
        "a int, b struct<c:array<double>>")
    one("array", json.dumps([{"id": 1}, {"id": 2, "s": "x"}]), "array array<struct<id:int,s:string>>",
        CUSTOM_PAGE + ": the built-in classifier takes it for one array; chosen: the column is `array`")
    one("nested", lines({"a": {"b": {"c": [{"d": True}]}}}),
        "a struct<b:struct<c:array<struct<d:boolean>>>>")
    one("structs_that_differ", lines({"a": {"x": 1}}, {"a": {"y": "s"}}), "a struct<x:int,y:string>")
    one("bigint", lines({"a": 2147483647, "b": 2147483648}), "a int, b bigint")
    one("int_and_bigint", lines({"a": 1}, {"a": 3000000000}), "a bigint")
    one("int_and_double", lines({"a": 1}, {"a": 1.5}), "a double")
    one("number_and_text", lines({"a": 1}, {"a": "x"}), "a string", OURS + "text holds both")
    one("boolean_and_number", lines({"a": True}, {"a": 1}), "a string", OURS + "text holds both")
    one("array_of_mixed", lines({"a": [1, "x"]}), "a array<string>", OURS + "text holds both")
    one("null_then_value", lines({"a": None}, {"a": 1}), "a int")
    one("null_alone", lines({"a": None, "b": 1}), "a string, b int", OURS + "nulls alone are text")
    one("empty_array", lines({"a": [], "b": 1}), "a array<string>, b int", OURS + "text")
    one("empty_then_filled_array", lines({"a": []}, {"a": [1]}), "a array<int>")
    one("new_keys_go_last", lines({"b": 1}, {"a": 1, "b": 2}), "b int, a int", SIMILAR)
    one("dates_are_text", lines({"a": "2024-01-01T00:00:00Z"}), "a string")
    one("escapes", lines({"a\u00e9": "\u2028\n"}), "a\u00e9 string")
    one("case_of_names", lines({"A": 1}, {"a": 1.5}), "a double",
        OURS + "one column: Hive's names do not differ in case alone")
    one("of_pandas", pd.DataFrame({"n": [1, 2], "s": ["a", "b"]}).to_json(orient="records", lines=True),
        "n int, s string")
    one("of_pandas_records", pd.DataFrame({"n": [1, 2]}).to_json(orient="records"),
        "array array<struct<n:int>>", CUSTOM_PAGE)
    case("json_gzip", FORMATS_PAGE,
         {"t/a": gzip.compress(lines({"a": 1}).encode(), mtime=0)},
         table("t", "a int", "json", compressionType="gzip"))
    case("json_of_another_name", FORMATS_PAGE + ": a classifier reads the data", {"t/a.csv": lines({"a": 1})},
         table("t", "a int", "json"))
    case("json_array_by_classifier", CUSTOM_PAGE + ": JSON path `$[*]`",
         {"t/a": json.dumps([{"id": 1, "s": "x"}])}, table("t", "id int, s string", "json"),
         JsonPath="$[*]")


def hash_of(folder):
    return hashlib.md5(f"s3://{BUCKET}/{folder}".encode()).hexdigest()


def grouping_cases():
    j = lines({"a": 1, "b": "x"})
    cols = "a int, b string"
    json_table = lambda name, **more: table(name, cols, "json", **more)
    case("folders_key_value", PARTITIONS, {"t/year=2024/a": j, "t/year=2025/a": j},
         json_table("t", keys="year string", partitions=["2024", "2025"]))
    case("folders_plain", PARTITIONS, {"t/2024/01/a": j, "t/2024/02/a": j, "t/2025/01/a": j},
         json_table("t", keys="partition_0 string, partition_1 string",
                    partitions=["2024/01", "2024/02", "2025/01"]))
    case("folders_key_value_then_plain", PARTITIONS, {"t/y=1/p/a": j, "t/y=1/q/a": j, "t/y=2/p/a": j},
         json_table("t", keys="y string, partition_1 string", partitions=["1/p", "1/q", "2/p"]))
    case("folder_key_value_alone", PARTITIONS, {"t/year=2024/a": j},
         json_table("t", keys="year string", partitions=["2024"]))
    case("folders_of_two_schemas", PARTITIONS,
         {"x/t1/a": j, "x/t2/a": lines({"c": 1, "d": 2})},
         table("t1", cols, "json", at="x/t1/"), table("t2", "c int, d int", "json", at="x/t2/"))
    case("folders_of_two_formats", PARTITIONS, {"x/t1/a": j, "x/t2/a": AB},
         table("t1", cols, "json", at="x/t1/"), table("t2", A_B, at="x/t2/"))
    case("folders_of_two_compressions", PARTITIONS,
         {"x/t1/a": j, "x/t2/a": gzip.compress(j.encode(), mtime=0)},
         table("t1", cols, "json", at="x/t1/"),
         table("t2", cols, "json", at="x/t2/", compressionType="gzip"))
    case("files_of_two_formats_in_a_folder", SIMILAR + " (one format, compression and include path)", {"t/a": j, "t/b": AB},
         table("a", cols, "json", at="t/a"), table("b", A_B, at="t/b"), warnings=["differ in format"])
    case("partitions_that_widen", SIMILAR + "; chosen: the wider type",
         {"t/y=1/a": j, "t/y=2/a": lines({"a": 1.5, "b": "x"})},
         table("t", "a double, b string", "json", keys="y string", partitions=["1", "2"]))
    case("partitions_that_grow", SIMILAR,
         {"t/y=1/a": j, "t/y=2/a": lines({"a": 1, "b": "x", "c": True})},
         table("t", cols + ", c boolean", "json", keys="y string", partitions=["1", "2"]))
    cells = "a bigint, b string"
    semicolons = rows([["a", "b"], [1, "x"], [2, "y"]], delimiter=";")
    of_year = lambda year, columns, kind="csv": table(f"y_{year}", columns, kind, at=f"t/y={year}/")
    case("partitions_of_two_delimiters", PARTITIONS + "; chosen: a warning", {"t/y=1/a": AB, "t/y=2/a": semicolons},
         of_year(1, cells), of_year(2, cells),
         warnings=['its folders differ in format (1 csv with the delimiter "," with compression none as `y=1`, 1 csv'])
    case("partitions_of_which_one_has_another_format", PARTITIONS + "; chosen: a warning",
         {f"t/y={year}/a": AB for year in range(10, 30)} | {"t/y=99/a": j},
         table("t", cells, keys="y string", partitions=[str(year) for year in range(10, 30)]),
         of_year(99, cols, "json"),
         warnings=["(20 csv with compression none as `y=10`, 1 json with compression none as `y=99`)"])
    case("partitions_of_which_one_has_a_header", PARTITIONS + "; chosen: a warning",
         {"t/y=1/a": AB, "t/y=2/a": "1,x\n2,y\n"}, of_year(1, cells), of_year(2, "col0 bigint, col1 string"),
         warnings=["1 csv with compression none as `y=1`, 1 csv without header with compression none as `y=2`"])
    case("partitions_of_other_columns", SIMILAR + "; chosen: a warning",
         {"t/y=1/a": j, "t/y=2/a": lines({"c": 1, "d": 2})}, of_year(1, cols, "json"),
         of_year(2, "c int, d int", "json"), warnings=["(`y=1` has a, b, and `y=2` has c, d)"])
    case("plain_folders_of_which_one_has_another_format", PARTITIONS + "; chosen: a warning",
         {f"t/{year}/a": AB for year in range(10, 30)} | {"t/99/a": j},
         table("t", cells, keys="partition_0 string", partitions=[str(year) for year in range(10, 30)]),
         table("99", cols, "json", at="t/99/"), warnings=["20 csv with compression none as `10`, 1 json"])
    numbers = rows([["id", "n"], *([number, number] for number in range(40))])
    many = {f"t/{file:02}": numbers for file in range(10)}
    few = "column n is string because of 1 value in 403 records that were read; all others are numbers; the first is in "
    text = "id bigint, n string"
    case("few_texts_in_one_of_many_files", TYPES + "; a warning",
         many | {"t/odd": rows([["id", "n"], [1, 2], [2, "oops"], [3, 5]])}, table("t", text), warnings=[few + "odd, line 3"])
    case("few_texts_in_one_of_many_json_files", JSON_TYPES + "; a warning",
         {key: lines(*({"id": n, "n": n} for n in range(40))) for key in many}
         | {"t/odd": lines({"id": 1, "n": 2}, {"id": 2, "n": "oops"}, {"id": 3, "n": 5})},
         table("t", "id int, n string", "json"), warnings=[few + "odd, line 2"])
    case("few_texts_in_a_file_of_texts", TYPES + "; a warning",
         many | {"t/odd": rows([["id", "n"], [1, "N/A"], [2, "none"], [3, "N/A"]])}, table("t", text),
         warnings=["because of 3 values in 403 records that were read; all others are numbers; the first is in odd"])
    case("few_texts_in_a_partition", TYPES + "; a warning",
         {f"t/d={file:02}/a": numbers for file in range(10)} | {"t/d=10/a": rows([["id", "n"], [1, "N/A"], [2, "N/A"]])},
         table("t", text, keys="d string", partitions=[f"{day:02}" for day in range(11)]),
         warnings=["because of 2 values in 402 records that were read; all others are numbers; the first is in d=10/a"])
    case("combine_compatible_schemas", COMBINE,
         {"x/t1/a": j, "x/t2/a": lines({"c": 1, "d": 2})},
         table("x", cols + ", c int, d int", "json", keys="partition_0 string",
               partitions=["t1", "t2"]),
         Prefix="x/", CombineCompatibleSchemas=True)
    case("table_level", LEVEL, {"x/t1/p/a": j, "x/t1/q/a": j, "x/t2/p/a": j, "x/t2/q/a": j},
         table("t1", cols, "json", at="x/t1/", keys="partition_0 string", partitions=["p", "q"]),
         table("t2", cols, "json", at="x/t2/", keys="partition_0 string", partitions=["p", "q"]),
         TableLevel=3)
    case("exclusion_of_a_suffix", EXCLUDE, {"t/a.json": j, "t/b.csv": AB}, json_table("t"),
         Exclusions=["**.csv"])
    case("exclusion_of_a_folder", EXCLUDE, {"t/a": j, "tmp/b": AB}, json_table("t"),
         Exclusions=["tmp/**"])
    case("exclusion_of_alternatives", EXCLUDE, {"t/a": j, "u/b": AB, "v/c": AB}, json_table("t"),
         Exclusions=["{u,v}/**"])
    case("hidden_files", OURS + "as for Hive, files that begin with `_` or `.` are no data",
         {"t/a": j, "t/_SUCCESS": AB, "t/.a.crc": AB, "t/_temporary/b": AB}, json_table("t"))
    case("empty_objects", OURS + "objects without a byte have no format",
         {"t/a": j, "t/empty": "", "t/sub_$folder$": ""}, json_table("t", objectCount="1"))
    whole = gzip.compress("".join(f'{{"a": {n}, "b": "{hashlib.md5(str(n).encode()).hexdigest()}"}}\n'
                                  for n in range(500)).encode(), mtime=0)
    case("gzip_that_was_cut_off", OURS + "what can be read is; a warning", {"t/a.gz": whole[: len(whole) // 2]},
         table("t", "a int, b string", "json", compressionType="gzip"),
         warnings=["compressed as gzip, and cannot be decompressed to its end"])
    case("nothing", OURS + "objects without a byte have no format", {"t/empty": ""})
    case("names_are_folded", NAMES, {"My-Films 2024/a": j},
         table("my_films_2024", cols, "json", at="My-Films 2024/"))
    case("table_prefix", NAMES, {"t/a": j}, table("raw_t", cols, "json", at="t/"),
         TablePrefix="raw_")
    case("root_of_the_bucket", NAMES, {"a": j}, table("my_lake", cols, "json", at=""))
    case("include_path", NAMES, {"x/t/a": j, "y/u/a": AB}, table("t", cols, "json", at="x/t/"),
         Prefix="x/t/")
    case("folders_of_different_depth", OURS + "partitions of one table are of one depth",
         {"t/a/x": AB, "t/b/year=2024/x": AB},
         table("a", A_B, at="t/a/"),
         table("b", A_B, at="t/b/", keys="year string", partitions=["2024"]))
    case("folders_named_and_not", OURS + "folders of one parent, some `key=value`, are no partitions of one table",
         {"t/year=2024/x": AB, "t/rest/x": AB},
         table("year_2024", A_B, at="t/year=2024/"), table("rest", A_B, at="t/rest/"),
         warnings=["KEY=VALUE"])
    case("file_beside_folders_key_value", OURS + "a file beside partitions is a table of its own",
         {"t/extra": j, "t/year=2024/a": AB, "t/year=2025/a": AB},
         table("t", A_B, keys="year string", partitions=["2024", "2025"]),
         table("extra", cols, "json", at="t/extra"), warnings=["beside folders"])
    case("folders_of_one_key_and_different_depth", OURS + "a folder without the second key has no value for it",
         {"t/y=1/m=1/a": j, "t/y=1/m=2/a": j, "t/y=2/a": j},
         table("y_1", cols, "json", at="t/y=1/", keys="m string", partitions=["1", "2"]),
         table("y_2", cols, "json", at="t/y=2/"),
         warnings=["(1 as `y=2`, 1 as `y=1/m=…`)"])
    case("folders_whose_values_are_escaped", "Apache Hive, FileUtils.unescapePathName",
         {"t/at=10%3A30/a": j, "t/at=10%3A45/a": j},
         json_table("t", keys="at string", partitions=["10:30", "10:45"]))
    case("names_that_clash", NAMES + "; chosen: the MD5 of the location",
         {"x/data/a": j, "y/data/a": AB, "x/u/a": lines({"c": 1}), "y/u/a": lines({"d": 1}) },
         table("data", cols, "json", at="x/data/"),
         table(f"data_{hash_of('y/data/')}", A_B, at="y/data/"),
         table("u", "c int", "json", at="x/u/"),
         table(f"u_{hash_of('y/u/')}", "d int", "json", at="y/u/"), warnings=["data"])
    case("names_that_are_too_long", NAMES,
         {f"{'x' * 200}/a": j}, table("x" * 128, cols, "json", at=f"{'x' * 200}/"))
    case("column_called_as_a_key", "Athena: HIVE_INVALID_METADATA, duplicate columns; chosen: the key stays",
         {"t/a=1/f": j, "t/a=2/f": j},
         table("t", "b string", "json", keys="a string", partitions=["1", "2"]),
         warnings=["a"])


# The lines are those that the pages of the formats show.
APACHE = '127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /a.gif HTTP/1.0" 200 2326'
SYSLOG = "Feb  1 06:25:43 host sshd[17]: Accepted publickey for ann"
RUBY = "I, [2013-05-13T18:00:00.123456 #1234]  INFO -- main: started"
SQUID = (
    "1286536309.586    921 192.168.0.227 TCP_MISS/200 507 POST http://example.com/a ann "
    "HIER_DIRECT/64.127.132.15 text/html"
)
REDIS_MONITOR = '1339518083.107412 [0 127.0.0.1:60866] "keys" "*"'
REDIS = "[4018] 14 Nov 07:01:22.119 * Background saving terminated with success"
ELB = (
    "2015-05-13T23:39:43.945958Z my-loadbalancer 192.168.131.39:2817 10.0.0.1:80 0.000073 0.001048 "
    '0.000057 200 200 0 29 "GET http://www.example.com:80/ HTTP/1.1" "curl/7.38.0" - -'
)
ALB = (
    "http 2018-07-02T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 192.168.131.39:2817 "
    '10.0.0.1:80 0.000 0.001 0.000 200 200 34 366 "GET http://www.example.com:80/ HTTP/1.1" '
    '"curl/7.46.0" - - arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-targets/'
    '73e2d6bc24d8a067 "Root=1-58337262-36d228ad5d99923122bbe354" "-" "-" 0 '
    '2018-07-02T22:22:48.364000Z "forward" "-" "-"'
)
CLOUDFRONT = (
    "#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem "
    "sc-status cs(Referer) cs(User-Agent) cs-uri-query\n"
    "2019-12-04\t21:02:31\tLAX1\t392\t192.0.2.100\tGET\td111111abcdef8.cloudfront.net\t/index.html\t"
    "200\t-\tMozilla/5.0\t-\t-\tHit"
)
FLOW = (
    "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end "
    "action log-status\n"
    "2 123456789010 eni-1235b8ca123456789 172.31.16.139 172.31.16.21 20641 22 6 20 4249 1418530010 "
    "1418530070 ACCEPT OK\n"
    "2 123456789010 eni-1235b8ca123456789 - - - - - - - 1431280876 1431280934 - NODATA"
)


def log_cases():
    strings = lambda names: ", ".join(f"{name} string" for name in names.split())
    apache = strings(
        "clientip ident auth timestamp verb request httpversion rawrequest response bytes"
    )
    request = "request string, user_agent string, ssl_cipher string, ssl_protocol string"
    sizes = "received_bytes bigint, sent_bytes bigint"

    def log(name, kind, text, columns, source=FORMATS_PAGE, times=3, warnings=(), **parameters):
        case(f"log_{name}", source, {"t/a": (text + "\n") * times},
             table("t", columns, kind, **parameters), warnings=warnings)

    log("apache", "apache", APACHE, apache)
    log("combined_apache", "combined_apache", APACHE + ' "http://x/" "Mozilla/5.0"',
        apache + ", referrer string, agent string")
    log("of_a_linux_kernel", "linux_kernel", SYSLOG,
        strings("timestamp facility priority logsource program pid message"), recordCount="3")
    log("with_a_line_that_is_cut", "linux_kernel", f"{SYSLOG}\n" * 20 + "-- cut --\n" + SYSLOG,
        strings("timestamp facility priority logsource program pid message"),
        OURS + "a log is known by nine of ten lines", times=1)
    log("of_ruby", "ruby_logger", RUBY, strings("timestamp pid loglevel progname message"))
    log("of_squid", "squid", SQUID,
        strings("timestamp duration client_address cache_result status_code bytes request_method "
                "url user hierarchy_code server content_type"))
    log("of_a_redis_monitor", "redismonlog", REDIS_MONITOR,
        strings("timestamp database client port command params"))
    log("of_redis", "redislog", REDIS, strings("pid role timestamp level message"))

    # Glue has no classifiers of these: a warning says which one to give the crawler on AWS.
    athena = lambda service: OURS + f"columns as Athena user guide, Query {service} logs, has them"
    ours = ["for which Glue has no classifier"]
    log("of_a_load_balancer", "elb", ELB,
        "timestamp string, elb_name string, client_ip_port string, backend_ip_port string, "
        "request_processing_time double, backend_processing_time double, "
        "client_response_time double, elb_response_code string, backend_response_code string, "
        f"{sizes}, {request}", athena("Classic Load Balancer"), warnings=ours)
    log("of_an_application_load_balancer", "alb", ALB,
        "type string, time string, elb string, client_ip_port string, target_ip_port string, "
        "request_processing_time double, target_processing_time double, "
        "response_processing_time double, elb_status_code string, target_status_code string, "
        f"{sizes}, {request}, other_fields string", athena("Application Load Balancer"), warnings=ours)
    log("of_cloudfront", "cloudfront", CLOUDFRONT,
        "date string, time string, x_edge_location string, sc_bytes bigint, c_ip string, "
        "cs_method string, cs_host string, cs_uri_stem string, sc_status string, "
        "cs_referer string, cs_user_agent string, cs_uri_query string, other_fields string",
        athena("Amazon CloudFront"), times=1, warnings=ours, skip__header__line__count="2")
    log("of_vpc_flows", "vpc_flow", FLOW,
        "version int, account_id string, interface_id string, srcaddr string, dstaddr string, "
        "srcport string, dstport string, protocol string, packets string, bytes string, "
        "start bigint, end bigint, action string, log_status string",
        athena("Amazon VPC flow"), times=1, warnings=ours, skip__header__line__count="1",
        recordCount="2")
    case("log_gzip", FORMATS_PAGE,
         {"t/a": gzip.compress((APACHE + "\n").encode() * 3, mtime=0)},
         table("t", apache, "apache", compressionType="gzip"))


def xml_cases():
    def one(name, root, columns, **parameters):
        text = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
        case(f"xml_{name}", XML_PAGE, {"t/a": text}, table("t", columns, "xml", **parameters),
             warnings=["XML"])

    song = ElementTree.Element("song", id="7")
    ElementTree.SubElement(song, "title").text = "Blue"
    ElementTree.SubElement(song, "year").text = "1971"
    one("without_a_row_tag", song, "_id int, title string, year int", rowTag="song", recordCount="1")
    case("xml_that_ends_early", OURS + "what is not well-formed is no XML",
         {"t/a": ElementTree.tostring(song)[:-3]}, warnings=["no classifier"])
    case("xml_that_is_html", OURS + "what is not well-formed is no XML",
         {"t/a": "<!DOCTYPE html><html><p>hello</html>"}, warnings=["no classifier"])


def main():
    for write in [csv_cases, json_cases, grouping_cases, log_cases, xml_cases]:
        write()
    shutil.rmtree(HERE, ignore_errors=True)
    for name, (objects, expected) in CASES.items():
        for key, body in objects.items():
            if body:
                path = HERE / name / "objects" / key
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(body)
        (HERE / name).mkdir(parents=True, exist_ok=True)
        text = json.dumps(expected, indent=1, ensure_ascii=False) + "\n"
        (HERE / name / "expected.json").write_text(text, encoding="utf-8")
    print(len(CASES), "cases")


main()
