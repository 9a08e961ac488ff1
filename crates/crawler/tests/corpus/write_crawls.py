"""Writes the cases of `crawls/`: crawlers as the Glue API has them, and what one crawl after the
other makes of the catalog.

    python -m venv venv && venv/bin/pip install pyarrow
    venv/bin/python write_crawls.py

A case is a folder with a `case.json`: classifiers, what is set of the crawler, and steps. A step
puts the objects of a folder of `objects/` or deletes some, calls an operation of Glue, or crawls
and says what the catalog is then. What is expected is declared here and not taken from a crawl;
`*` stands for any text, `*x*` for one with `x` in it, and `null` for what is not there.
"""

import csv
import gzip
import hashlib
import io
import json
import pathlib
import shutil
from xml.etree import ElementTree

import pyarrow as pa
import pyarrow.orc as orc
import pyarrow.parquet as pq

from glue_tables import BUCKET, LAZY, OPEN_CSV, TEXT, format_of, listed

HERE = pathlib.Path(__file__).parent / "crawls"

GUIDE = "AWS Glue developer guide, "
CUSTOM_CSV = GUIDE + "Writing CSV custom classifiers"
CUSTOM_JSON = GUIDE + "Writing JSON custom classifiers"
CUSTOM_GROK = GUIDE + "Writing grok custom classifiers"
CUSTOM_XML = GUIDE + "Writing XML custom classifiers"
ORDER = GUIDE + "Defining and managing classifiers: custom classifiers first, in the order of the crawler"
DATA_SOURCES = GUIDE + "Data sources for crawling, Amazon S3"
COMBINE = GUIDE + "Creating a single schema for each Amazon S3 include path"
LEVEL = GUIDE + "Specifying the table location and partitioning level"
THRESHOLD = GUIDE + "Specifying the maximum number of tables the crawler is allowed to create"
CHANGES = GUIDE + "Setting crawler configuration options: schema change policy"
MERGE = GUIDE + "Setting crawler configuration options: MergeNewColumns"
INHERIT = GUIDE + "Setting crawler configuration options: InheritFromTable"
NEW_FOLDERS = GUIDE + "Scheduling incremental crawls for adding new partitions"
EVENTS = GUIDE + "Accelerating crawls using Amazon S3 event notifications"
INDEX = GUIDE + "Creating partition indexes: CreatePartitionIndex"
CATALOG = GUIDE + "Specifying existing Data Catalog tables"
BY_PLACE = "Athena user guide, Handle schema updates: CSV and ORC go by the place of a column, JSON by its name"
CLASHES = GUIDE + "How crawlers work: duplicate table names"
API = GUIDE + "Crawlers and classifiers API"
SCHEDULES = GUIDE + "Crawler scheduler API"
SIMILAR = "AWS re:Post, How does the AWS Glue crawler detect the schema?"
ICEBERG = "Apache Iceberg specification, Table Metadata"
OURS = "not documented; chosen: "

LOG_ALL = {"UpdateBehavior": "LOG", "DeleteBehavior": "LOG"}
NOTHING = {}
CASES = {}


def table(name, columns, kind="csv", at=None, keys="", partitions=(), library=None, serde=None,
          comments=None, lacks=(), version=None, **parameters):
    """A table of the catalog. Two underscores in the name of a parameter stand for a dot; of a
    partition the columns may be given."""
    input_format, output_format, usual = format_of(kind)
    columns = listed(columns)
    for column in columns:
        if comment := (comments or {}).get(column["Name"]):
            column["Comment"] = comment
    expected = {
        "Name": name,
        "StorageDescriptor": {
            "Columns": columns,
            "Location": f"s3://{BUCKET}/{name + '/' if at is None else at}",
            "InputFormat": input_format or None,
            "OutputFormat": output_format or None,
            "SerdeInfo": {"SerializationLibrary": library or usual or None, "Parameters": serde or {}},
        },
        "PartitionKeys": listed(keys),
        "Partitions": [partition(of, partitions) for of in partitions],
        "Parameters": {
            "classification": kind,
            "UPDATED_BY_CRAWLER": "c",
            "DEPRECATED_BY_CRAWLER": None,
            **{name.replace("__", "."): value for name, value in parameters.items()},
            **{name: None for name in lacks},
        },
    }
    if version is not None:
        expected["VersionId"] = str(version)
    return expected


def partition(of, partitions):
    expected = {"Values": of.split("/")}
    if isinstance(partitions, dict):
        expected["StorageDescriptor"] = {"Columns": listed(partitions[of])}
    return expected


def put(objects):
    return {"Put": {key: v.encode() if isinstance(v, str) else v for key, v in objects.items()}}


def delete(*keys):
    return {"Delete": list(keys)}


def call(operation, input, output=None, error=None):
    """`error` is a code and what its message holds."""
    if error:
        code, part = error
        return {"Call": operation, "Input": input, "Error": {"Code": code, "Message": f"*{part}*"}}
    return {"Call": operation, "Input": input, "Output": output or {}}


def crawl(*tables, summary=None, log=(), fails=None):
    """`summary` is that of ListCrawls; `log` are parts of lines of the crawl's log."""
    last = {"Status": "FAILED", "ErrorMessage": f"*{fails}*"} if fails else {"Status": "SUCCEEDED"}
    step = {"Crawl": last, "TableList": list(tables), "Log": list(log)}
    return step if summary is None else {**step, "Summary": summary}


def settings(**settings):
    return call("UpdateCrawler", {"Name": "c", **settings})


def configuration(**members):
    return json.dumps({"Version": 1.0, **members})


MERGES = configuration(CrawlerOutput={"Tables": {"AddOrUpdateBehavior": "MergeNewColumns"}})


def added(partitions=0, tables=()):
    return changed("ADD", partitions, tables)


def changed(action, partitions=0, tables=()):
    found = {}
    if tables:
        found["TABLE"] = {action: {"Details": {"names": list(tables)}, "Count": len(tables)}}
    if partitions:
        found["PARTITION"] = {action: {"Count": partitions}}
    return found


def case(name, source, *steps, classifiers=(), statements=None, **crawler):
    """Registers a case; what is set of the crawler is written as CreateCrawler has it."""
    assert name not in CASES, name
    given = {"Source": source, "Classifiers": list(classifiers), "Crawler": crawler}
    if classifiers:
        names = [next(iter(one.values()))["Name"] for one in classifiers]
        given["Crawler"] = {"Classifiers": names, **crawler}
    if statements:
        given["Statements"] = statements
    CASES[name] = given, list(steps)


def rows(records, **dialect):
    """Records as Python's csv module writes them."""
    text = io.StringIO(newline="")
    csv.writer(text, **dialect).writerows(records)
    return text.getvalue()


def lines(*records):
    return "".join(json.dumps(record) + "\n" for record in records)


def parquet(**columns):
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file)
    return file.getvalue()


def orc_file(**columns):
    file = io.BytesIO()
    orc.write_table(pa.table(columns), file)
    return file.getvalue()


def csv_classifier_cases():
    def one(name, text, columns, source=CUSTOM_CSV, table_of="csv", library=None, serde=None, lacks=(),
            parameters=None, **classifier):
        own = {"CsvClassifier": {"Name": "own", **classifier}}
        case(f"csv_classifier_{name}", source, put({"t/a": text}),
             crawl(table("t", columns, table_of, library=library, serde=serde, lacks=lacks,
                         **(parameters or {}))),
             classifiers=[own])

    one("delimiter_and_quote",
        rows([["id", "title"], [1, "Blue#Green"], [2, "Red"]], delimiter="#", quotechar="'"),
        "id bigint, title string", Delimiter="#", QuoteSymbol="'", serde={"field.delim": "#"},
        parameters={"delimiter": "#", "areColumnsQuoted": "true"})
    names = rows([["name", "city"], ["ann", "rome"], ["bob", "oslo"]])
    one("header_present", names, "name string, city string", ContainsHeader="PRESENT",
        parameters={"skip__header__line__count": "1", "recordCount": "2"})
    one("header_unknown", names, "col0 string, col1 string", ContainsHeader="UNKNOWN",
        lacks=["skip.header.line.count"], parameters={"recordCount": "3"})
    years = rows([["id", "year"], [1, 1979], [2, 1986]])
    one("header_absent", years, "col0 string, col1 string", ContainsHeader="ABSENT",
        lacks=["skip.header.line.count"], parameters={"recordCount": "3"})
    one("names", years, "a string, b string", ContainsHeader="ABSENT", Header=["a", "b"],
        lacks=["skip.header.line.count"], parameters={"recordCount": "3"})
    one("names_of_another_number", years, "id bigint, year bigint",
        OURS + "such a file is left to the next classifier", Header=["only"])
    one("types", rows([list("abcdefg"), [1, 2, 3, 4, 5, 6, "true"]]),
        "a smallint, b string, c timestamp, d bigint, e decimal(10,0), f double, g boolean",
        CUSTOM_CSV + "; LanguageManual Types of Hive: DECIMAL alone is decimal(10,0)",
        CustomDatatypeConfigured=True,
        CustomDatatypes=["SHORT", "STRING", "TIMESTAMP", "LONG", "DECIMAL", "DOUBLE", "BOOLEAN"])
    spaced = "id,year\n1, 1979\n2, 1986\n"
    one("trims", spaced, "id bigint, year bigint", DisableValueTrimming=False)
    one("does_not_trim", spaced, "id bigint, year string", DisableValueTrimming=True)
    one("one_column", "year\n1979\n1986\n", "year bigint", AllowSingleColumn=True,
        parameters={"skip__header__line__count": "1"})
    quoted = rows([["id", "name"], [1, "ann"], [2, "bob"]], quoting=csv.QUOTE_NONNUMERIC)
    one("serde_of_open_csv", quoted, "id bigint, name string", Serde="OpenCSVSerDe", library=OPEN_CSV,
        serde={"separatorChar": ",", "quoteChar": '"'}, parameters={"areColumnsQuoted": "true"})
    warned = "nothing tells whether the first row is a header"
    case("csv_classifier_that_tells_no_header", CUSTOM_CSV + ": UNKNOWN; chosen: a warning", put({"t/a": names}),
         crawl(table("t", "col0 string, col1 string"), log=[warned]),
         classifiers=[{"CsvClassifier": {"Name": "own", "ContainsHeader": "UNKNOWN"}}])
    case("csv_classifier_of_another_table", CUSTOM_CSV + "; chosen: a warning of files that it does not know",
         put({"t/a": names, "u/a": "a#b\nx#y\n"}),
         crawl(table("t", "col0 string, col1 string"), table("u", "a string, b string"),
               log=["all columns of t are text", warned]),
         classifiers=[{"CsvClassifier": {"Name": "own", "Delimiter": "#", "ContainsHeader": "PRESENT"}}])
    times = rows([["id", "day", "at"], [1, "2020-01-01", "2020-01-01 10:00:00"]])
    case("csv_classifier_of_times_under_open_csv", "Athena user guide, Open CSV SerDe for processing CSV: numbers alone",
         put({"t/a": times}),
         crawl(table("t", "id int, day date, at timestamp", library=OPEN_CSV),
               log=["column day is date, which OpenCSVSerDe reads as the number of days",
                    "column at is timestamp, which OpenCSVSerDe reads as the number of milliseconds"]),
         classifiers=[{"CsvClassifier": {
             "Name": "own", "Serde": "OpenCSVSerDe", "ContainsHeader": "PRESENT",
             "CustomDatatypeConfigured": True, "CustomDatatypes": ["INT", "DATE", "TIMESTAMP"]}}])
    one("serde_that_is_lazy", quoted, "id bigint, name string", Serde="LazySimpleSerDe", library=LAZY,
        serde={"field.delim": ","})


def json_classifier_cases():
    def one(name, path, text, columns, source=CUSTOM_JSON, **parameters):
        case(f"json_classifier_{name}", source, put({"t/a": text}),
             crawl(table("t", columns, "json", **parameters)),
             classifiers=[{"JsonClassifier": {"Name": "own", "JsonPath": path}}])

    songs = json.dumps({"page": 1, "songs": [{"id": 1, "title": "Blue"}, {"id": 2.5}]})
    one("of_an_array", "$[*]", json.dumps([{"id": 1, "title": "Blue"}, {"id": 2}]),
        "id int, title string", jsonPath="$[*]", recordCount="2")
    one("of_an_inner_array", "$.songs[*]", songs, "id double, title string", jsonPath="$.songs[*]")
    one("in_brackets", "$['songs'][*]", songs, "id double, title string")
    one("that_leads_nowhere", "$.films[*]", songs,
        "page int, songs array<struct<id:double,title:string>>", ORDER, jsonPath=None)


def grok_classifier_cases():
    def one(name, pattern, text, columns, source=CUSTOM_GROK, custom=None, kind="special",
            serde=None, **parameters):
        own = {"Name": "own", "Classification": "special", "GrokPattern": pattern}
        if custom:
            own["CustomPatterns"] = custom
        case(f"grok_classifier_{name}", source, put({"t/a": text}),
             crawl(table("t", columns, kind, serde=serde, **parameters)),
             classifiers=[{"GrokClassifier": own}])

    pattern = "%{TIMESTAMP_ISO8601:timestamp} %{LEVEL:level} %{NUMBER:took:double} %{GREEDYDATA:message}"
    custom = "LEVEL (INFO|WARN)"
    one("with_patterns_of_its_own", pattern,
        "2024-02-03 10:11:12 INFO 1.5 all is well\n2024-02-03 10:11:13 WARN 2 it is not\n",
        "timestamp string, level string, took double, message string", custom=custom,
        serde={"input.format": pattern, "input.grokCustomPatterns": custom},
        grokPattern=pattern, grokCustomPatterns=custom, recordCount="2")
    one("types", "%{INT:a:int} %{INT:b:long} %{NUMBER:c:float} %{WORD:d:boolean} %{INT:e:short} %{INT:f:byte}",
        "1 2 3.5 true 4 5\n", "a int, b bigint, c float, d boolean, e smallint, f tinyint")
    one("before_the_built_in_ones", "%{IP:who} %{GREEDYDATA:rest}",
        '127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /a.gif HTTP/1.0" 200 2326\n' * 3,
        "who string, rest string", ORDER)
    one("that_matches_no_line", "%{INT:id:int};%{WORD:who}", rows([["id", "name"], [1, "ann"], [2, "bob"]]),
        "id bigint, name string", ORDER, kind="csv")
    one("that_matches_some_lines_where_csv_is_certain", "%{INT:id:int},%{WORD:who}",
        rows([["id", "name"], [1, "ann"], [2, "bob"]]), "id bigint, name string",
        ORDER + "; a certainty below 1.0 lets the others be asked", kind="csv")
    one("that_matches_some_lines_of_no_other_format", "%{INT:id:int} %{WORD:who}",
        "started\n17 ann\n18 bob\n", "id int, who string",
        GUIDE + "Defining and managing classifiers: the highest certainty wins")
    case("grok_classifier_of_a_pattern_that_is_not_there", OURS + "the crawl fails, and says why",
         put({"t/a": "1 ann\n"}), crawl(fails="the pattern `NONE` is not known"),
         classifiers=[{"GrokClassifier": {"Name": "own", "Classification": "x", "GrokPattern": "%{NONE:a}"}}])


def xml_classifier_cases():
    def one(name, row_tag, text, columns, source=CUSTOM_XML, **parameters):
        own = {"Name": "own", "Classification": "catalogue", "RowTag": row_tag}
        case(f"xml_classifier_{name}", source, put({"t/a": text}),
             crawl({**table("t", columns, "xml", **parameters),
                    "Parameters": {"classification": "catalogue", "rowTag": row_tag, **parameters}}),
             classifiers=[{"XMLClassifier": own}])

    books = ElementTree.Element("catalog")
    for number, (author, title) in enumerate(
        [("Rivera, Martha", "AnyCompany Developer Guide"), ("Stiles, John", "Style Guide for AnyCompany")]
    ):
        book = ElementTree.SubElement(books, "book", id=f"bk10{number}")
        company = ElementTree.SubElement(book, "AnyCompany")
        ElementTree.SubElement(company, "author").text = author
        ElementTree.SubElement(company, "title").text = title
    text = ElementTree.tostring(books, encoding="utf-8", xml_declaration=True)
    one("of_the_guide", "AnyCompany", text, "author string, title string", recordCount="2")
    one("of_an_outer_element", "book", text,
        "_id string, anycompany struct<author:string,title:string>",
        GUIDE + "Using the XML format in AWS Glue: attributePrefix")
    songs = ElementTree.Element("songs")
    song = ElementTree.SubElement(songs, "song", id="1", rare="true")
    by = ElementTree.SubElement(song, "by")
    ElementTree.SubElement(by, "name").text = "Joni"
    ElementTree.SubElement(by, "born").text = "1943"
    for tag in ["folk", "70s"]:
        ElementTree.SubElement(song, "tag").text = tag
    ElementTree.SubElement(song, "length", unit="s").text = "183.5"
    song = ElementTree.SubElement(songs, "song", id="99999999999")
    ElementTree.SubElement(song, "tag").text = "pop"
    one("of_attributes_and_lists", "song", ElementTree.tostring(songs),
        "_id bigint, _rare boolean, by struct<name:string,born:int>, tag array<string>, "
        "length struct<_unit:string,_VALUE:double>",
        GUIDE + "Using the XML format in AWS Glue: attributePrefix, valueTag")
    case("xml_classifier_of_a_tag_that_is_not_there", ORDER, put({"t/a": text}),
         crawl(table("t", "book array<struct<_id:string,AnyCompany:struct<author:string,title:string>>>", "xml",
                     rowTag="catalog")),
         classifiers=[{"XMLClassifier": {"Name": "own", "Classification": "catalogue", "RowTag": "film"}}])


def order_cases():
    bars = {"CsvClassifier": {"Name": "bars", "ContainsHeader": "ABSENT", "Header": ["number", "name"]}}
    other = {"CsvClassifier": {"Name": "other", "ContainsHeader": "ABSENT", "Header": ["a", "b"]}}
    text = "1,Blue\n2,Red\n"
    case("classifiers_in_the_order_of_the_crawler", ORDER, put({"t/a": text}),
         crawl(table("t", "number bigint, name string")),
         settings(Classifiers=["other", "bars"]), put({"t/a": text + "3,Green\n"}),
         crawl(table("t", "a bigint, b string")),
         classifiers=[bars, other])
    case("classifier_that_is_not_there", API, put({"t/a": text}),
         call("UpdateCrawler", {"Name": "c", "Classifiers": ["none"]},
              error=("InvalidInputException", "none")),
         crawl(table("t", "col0 bigint, col1 string")))


A = lines({"a": 1, "b": "x"})
A_B = "a int, b string"
C = lines({"c": 1, "d": 2})


def target_cases():
    def targets(*paths, **more):
        return {"S3Targets": [{"Path": f"s3://{BUCKET}/{path}", **more} for path in paths]}

    alike = {"x/t1/a": A, "x/t2/a": A}
    t1, t2 = (table(name, A_B, "json", at=f"x/{name}/") for name in ["t1", "t2"])
    case("targets_that_are_alike", DATA_SOURCES + ": each include path is a table of its own", put(alike),
         crawl(t1, t2, summary=added(tables=["t1", "t2"])), Targets=targets("x/t1/", "x/t2/"))
    case("target_without_a_slash", DATA_SOURCES, put({"x/t1/a": A, "x/t10/a": C}), crawl(t1),
         Targets=targets("x/t1"))
    case("target_that_is_an_object", DATA_SOURCES, put({"t/a.json": A, "t/b.json": C}),
         crawl(table("a_json", A_B, "json", at="t/a.json", objectCount="1")), Targets=targets("t/a.json"))
    case("target_that_is_empty", OURS + "a warning says so", crawl(log=["there is no object here"]),
         Targets=targets("nothing/"))
    case("target_with_exclusions", GUIDE + "Include and exclude patterns",
         put({"t/a": A, "t/b.csv": "p,q\n1,2\n", "tmp/c": C}), crawl(table("t", A_B, "json")),
         Targets=targets("", Exclusions=["**.csv", "tmp/**"]))
    case("target_of_a_bucket_that_is_not_there", API,
         call("UpdateCrawler", {"Name": "c", "Targets": {"S3Targets": [{"Path": "s3://none/x"}]}},
              error=("InvalidInputException", "none")))
    case("sample_size", DATA_SOURCES + ": sample size",
         put({"t/1": A, "t/2": lines({"a": 1, "b": "x", "extra": True})}),
         crawl(table("t", A_B, "json", objectCount="2")), Targets=targets("", SampleSize=1))
    data = hashlib.md5(f"s3://{BUCKET}/y/data/".encode()).hexdigest()
    case("targets_whose_names_clash", CLASHES + "; chosen: the MD5 of the location",
         put({"x/data/a": A, "y/data/a": C}),
         crawl(table("data", A_B, "json", at="x/data/"),
               table(f"data_{data}", "c int, d int", "json", at="y/data/")),
         crawl(table("data", A_B, "json", at="x/data/", version=0),
               table(f"data_{data}", "c int, d int", "json", at="y/data/", version=0), summary=NOTHING),
         Targets=targets("x/", "y/"))
    mine = {"Name": "t", "StorageDescriptor": {
        "Location": "s3://elsewhere/t/", "Columns": [{"Name": "mine", "Type": "int"}]}}
    hashed = hashlib.md5(f"s3://{BUCKET}/t/".encode()).hexdigest()
    case("name_of_somebody_elses_table", CLASHES + "; chosen: the MD5 of the location", put({"t/a": A}),
         call("CreateTable", {"DatabaseName": "lake", "TableInput": mine}),
         crawl({**mine, "VersionId": "0"},
               table(f"t_{hashed}", A_B, "json", at="t/"),
               log=[f"WARN : s3://{BUCKET}/t/: another table has its folder's name, so it is called t_{hashed}"]))
    case("table_prefix", API + ": TablePrefix", put({"t/a": A}), crawl(table("raw_t", A_B, "json", at="t/")),
         TablePrefix="raw_")


def configuration_cases():
    two = {"x/t1/a": A, "x/t2/a": C}
    one = table("x", A_B + ", c int, d int", "json", keys="partition_0 string",
                partitions={"t1": A_B, "t2": "c int, d int"})
    apart = [table("t1", A_B, "json", at="x/t1/"), table("t2", "c int, d int", "json", at="x/t2/")]
    x = {"S3Targets": [{"Path": f"s3://{BUCKET}/x/"}]}
    combine = configuration(Grouping={"TableGroupingPolicy": "CombineCompatibleSchemas"})
    case("combine_compatible_schemas", COMBINE, put(two), crawl(one), Configuration=combine, Targets=x)
    case("combine_compatible_schemas_is_not_the_usual", COMBINE, put(two), crawl(*apart), Targets=x)
    case("combine_compatible_schemas_of_two_formats", COMBINE + ": the same data format",
         put({"x/t1/a": A, "x/t2/a": "p,q\n1,2\n3,4\n"}),
         crawl(apart[0], table("t2", "p bigint, q bigint", at="x/t2/")), Configuration=combine, Targets=x)
    deep = {f"x/{t}/{p}/a": A for t in ["t1", "t2"] for p in ["p", "q"]}
    case("table_level", LEVEL, put(deep),
         crawl(*(table(t, A_B, "json", at=f"x/{t}/", keys="partition_0 string", partitions=["p", "q"])
                 for t in ["t1", "t2"])),
         Configuration=configuration(Grouping={"TableLevelConfiguration": 3}))
    case("table_level_is_not_set", LEVEL, put(deep),
         crawl(table("x", A_B, "json", keys="partition_0 string, partition_1 string",
                     partitions=["t1/p", "t1/q", "t2/p", "t2/q"])))
    threshold = lambda most: configuration(CrawlerOutput={"Tables": {"TableThreshold": most}})
    case("table_threshold", THRESHOLD, put(two),
         crawl(fails="The number of tables detected by crawler: 2 is greater than the table "
                     "threshold value provided: 1."),
         settings(Configuration=threshold(2)), crawl(*apart), Configuration=threshold(1), Targets=x)
    case("configuration_that_is_not_known", API,
         call("UpdateCrawler", {"Name": "c", "Configuration": configuration(CrawlerOutput={"Nope": {}})},
              error=("InvalidInputException", "CrawlerOutput.Nope")))
    index = lambda *names: call(
        "GetPartitionIndexes", {"DatabaseName": "lake", "TableName": "t"},
        {"PartitionIndexDescriptorList": [
            {"IndexName": name, "IndexStatus": "ACTIVE",
             "Keys": [{"Name": "y", "Type": "string"}, {"Name": "m", "Type": "string"}]}
            for name in names]})
    partitioned = {"t/y=1/m=1/a": A, "t/y=1/m=2/a": A}
    t = table("t", A_B, "json", keys="y string, m string", partitions=["1/1", "1/2"])
    case("partition_index", INDEX, put(partitioned), crawl(t), index("crawler_partition_index"))
    case("partition_index_that_is_not_wanted", INDEX, put(partitioned), crawl(t), index(),
         Configuration=configuration(CreatePartitionIndex=False))


def songs(**more):
    """The table `songs` of a year each, after a first crawl."""
    years = more.pop("years", ["2023", "2024"])
    columns = more.pop("columns", "id bigint, title string")
    return table("songs", columns, keys="year string", partitions=years, **more)


SONGS = {
    "songs/year=2023/1": rows([["id", "title"], [1, "Blue"], [2, "Red"]]),
    "songs/year=2024/1": rows([["id", "title"], [3, "Green"], [4, "Black"]]),
}
FILMS = {"films/1": lines({"name": "Alien", "year": 1979})}
NAME_YEAR = "name string, year int"


def films(columns=NAME_YEAR, **more):
    return table("films", columns, "json", **more)


def again_cases():
    first = added(2, ["films", "songs"])
    case("again_nothing_new", GUIDE + "How crawlers work; chosen: no new version of a table that is as it was",
         put(SONGS | FILMS),
         crawl(songs(version=0), films(version=0), summary=first,
               log=["Created table songs in database lake",
                    "Created partitions with values [[2023], [2024]] for table songs in database lake"]),
         crawl(songs(version=0), films(version=0), summary=NOTHING))
    case("again_new_partitions", CHANGES + "; chosen: the numbers of objects and records follow", put(SONGS), crawl(songs()),
         put({f"songs/year={year}/1": SONGS["songs/year=2023/1"] for year in [2025, 2026]}),
         crawl(songs(years=["2023", "2024", "2025", "2026"], objectCount="4", recordCount="8"),
               summary={**changed("UPDATE", tables=["songs"]), **added(2)},
               log=["Created partitions with values [[2025], [2026]] for table songs in database lake"]))
    case("again_a_new_table", CHANGES, put(SONGS), crawl(songs()), put(FILMS),
         crawl(songs(version=0), films(), summary=added(tables=["films"])))
    people = {"t/a": rows([["id", "name"], [1, "x"], [2, "y"]])}
    commented = call("UpdateTable", {"DatabaseName": "lake", "TableInput": {
        "Name": "t", "TableType": "EXTERNAL_TABLE",
        "Parameters": {"classification": "csv", "UPDATED_BY_CRAWLER": "c"},
        "StorageDescriptor": {
            "Location": f"s3://{BUCKET}/t/", "InputFormat": TEXT[0], "OutputFormat": TEXT[1],
            "SerdeInfo": {"SerializationLibrary": LAZY, "Parameters": {"field.delim": ","}},
            "Columns": [{"Name": "id", "Type": "bigint"},
                        {"Name": "name", "Type": "string", "Comment": "in full"}]}}})
    cities = {"t/a": rows([["id", "city", "name"], [1, "Rome", "x"], [2, "Oslo", "y"]])}
    full = {"name": "in full"}
    case("again_csv_with_a_column_in_between", BY_PLACE, put(people), crawl(table("t", "id bigint, name string")),
         commented, put(cities),
         crawl(table("t", "id bigint, city string, name string", comments=full)),
         put({"t/a": rows([["city", "id", "name"], ["Rome", 1, "x"], ["Oslo", 2, "y"]])}),
         crawl(table("t", "city string, id bigint, name string", comments=full)))
    case("again_csv_partitions_with_a_column_in_between", BY_PLACE, put({"t/d=1/a": people["t/a"]}),
         crawl(table("t", "id bigint, name string", keys="d string", partitions=["1"])),
         put({"t/d=1/a": cities["t/a"]}),
         crawl(table("t", "id bigint, city string, name string", keys="d string",
                     partitions={"1": "id bigint, city string, name string"})))
    case("again_orc_in_another_order", BY_PLACE, put({"t/a": orc_file(a=pa.array([1]), b=pa.array(["x"]))}),
         crawl(table("t", "a bigint, b string", "orc")),
         put({"t/a": orc_file(b=pa.array(["x"]), a=pa.array([1]))}),
         crawl(table("t", "b string, a bigint", "orc")))
    updated = changed("UPDATE", tables=["films"])
    case("again_a_new_column", CHANGES + ": UPDATE_IN_DATABASE; chosen: it goes last", put(FILMS), crawl(films()),
         put({"films/2": lines({"name": "Aliens", "director": "Cameron", "year": 1986})}),
         crawl(films(NAME_YEAR + ", director string", version=1), summary=updated))
    case("again_a_wider_type", CHANGES + ": UPDATE_IN_DATABASE", put(FILMS), crawl(films()),
         put({"films/1": lines({"name": "Alien", "year": 1979.5})}),
         crawl(films("name string, year double", version=1), summary=updated))
    case("again_a_column_that_vanished", CHANGES + ": UPDATE_IN_DATABASE", put(FILMS), crawl(films()),
         put({"films/1": lines({"name": "Alien"})}),
         crawl(films("name string", version=1), summary=updated))
    case("again_another_order_of_columns", OURS + "columns stay where they are", put(FILMS), crawl(films()),
         put({"films/1": lines({"year": 1979, "name": "Alien"})}),
         crawl(films(version=0), summary=NOTHING))
    case("again_a_new_column_of_a_struct", CHANGES + ": UPDATE_IN_DATABASE",
         put({"t/1": lines({"a": {"x": 1}})}), crawl(table("t", "a struct<x:int>", "json")),
         put({"t/2": lines({"a": {"x": 1, "y": "s"}})}),
         crawl(table("t", "a struct<x:int,y:string>", "json", version=1)))
    case("again_parquet_with_a_new_column", CHANGES + ": UPDATE_IN_DATABASE; partitions have their own columns",
         put({"t/d=1/a": parquet(a=pa.array([1, 2]), b=pa.array(["x", "y"]))}),
         crawl(table("t", "a bigint, b string", "parquet", keys="d string", partitions=["1"])),
         put({"t/d=2/a": parquet(a=pa.array([1]), b=pa.array(["x"]), c=pa.array([1.5]))}),
         crawl(table("t", "a bigint, b string, c double", "parquet", keys="d string", version=1,
                     partitions={"1": "a bigint, b string", "2": "a bigint, b string, c double"})))
    case("again_with_comments_and_parameters_of_somebody", GUIDE + "How crawlers work; chosen: they stay",
         put(FILMS), crawl(films()),
         call("UpdateTable", {"DatabaseName": "lake", "TableInput": {
             "Name": "films", "TableType": "EXTERNAL_TABLE",
             "Parameters": {"classification": "json", "UPDATED_BY_CRAWLER": "c", "owner": "ann"},
             "StorageDescriptor": {
                 "Location": f"s3://{BUCKET}/films/", "InputFormat": TEXT[0], "OutputFormat": TEXT[1],
                 "SerdeInfo": {"SerializationLibrary": format_of("json")[2],
                               "Parameters": {"paths": "name,year"}},
                 "Columns": [{"Name": "name", "Type": "string", "Comment": "as on the poster"},
                             {"Name": "year", "Type": "int"}]}}}),
         put({"films/2": lines({"name": "Aliens", "year": 1986, "director": "Cameron"})}),
         crawl(films(NAME_YEAR + ", director string", comments={"name": "as on the poster"}, owner="ann")))
    years = {"songs/year=2023/m=1/1": SONGS["songs/year=2023/1"], "songs/year=2024/m=1/1": SONGS["songs/year=2024/1"]}
    case("again_other_partition_keys", OURS + "partitions of other keys give way", put(SONGS), crawl(songs()),
         delete(*SONGS), put(years),
         crawl(table("songs", "id bigint, title string", keys="year string, m string",
                     partitions=["2023/1", "2024/1"])))
    old, new = (json.dumps({
        "format-version": 2, "current-schema-id": 0,
        "schemas": [{"schema-id": 0, "type": "struct", "fields": [
            {"id": n, "name": name, "type": "long", "required": False}
            for n, name in enumerate(names, 1)]}],
    }) for names in [["id"], ["id", "extra"]])
    metadata = "ice/t/metadata/0000{}.metadata.json"
    iceberg = lambda columns, n: {
        "Name": "t", "StorageDescriptor": {"Columns": listed(columns)},
        "Parameters": {"metadata_location": f"s3://{BUCKET}/{metadata.format(n)}"}}
    case("again_an_iceberg_table", ICEBERG, put({metadata.format("0-a"): old}), crawl(iceberg("id bigint", "0-a")),
         put({metadata.format("1-b"): new}), crawl(iceberg("id bigint, extra bigint", "1-b")))


def gone_cases():
    delete_films = delete(*FILMS)
    gone = lambda behavior: {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": behavior}
    case("gone_deprecated", CHANGES + ": DEPRECATE_IN_DATABASE, the default", put(SONGS | FILMS),
         crawl(songs(), films()), delete_films,
         crawl(songs(version=0), films(DEPRECATED_BY_CRAWLER="*")),
         crawl(songs(version=0), films(DEPRECATED_BY_CRAWLER="*"), summary=NOTHING),
         put(FILMS), crawl(songs(version=0), films()))
    case("gone_deleted", CHANGES + ": DELETE_FROM_DATABASE", put(SONGS | FILMS), crawl(songs(), films()),
         delete_films, delete("songs/year=2023/1"),
         crawl(songs(years=["2024"]),
               summary={"TABLE": {action: changed(action, tables=[name])["TABLE"][action]
                                  for action, name in [("UPDATE", "songs"), ("DELETE", "films")]},
                        **changed("DELETE", 1)}),
         SchemaChangePolicy=gone("DELETE_FROM_DATABASE"))
    case("gone_logged", CHANGES + ": LOG", put(SONGS | FILMS), crawl(songs(), films()), delete_films,
         delete("songs/year=2023/1"),
         crawl(songs(), films(version=0), summary=changed("UPDATE", tables=["songs"]), log=["films"]),
         SchemaChangePolicy=gone("LOG"))
    case("gone_grouped_anew", OURS + "a table whose data is part of others now stays", put(FILMS), crawl(films()),
         put({"films/2": "p,q\n1,2\n3,4\n"}),
         crawl(films(version=0), table("1", NAME_YEAR, "json", at="films/1"),
               table("2", "p bigint, q bigint", at="films/2")))


def policy_cases():
    more = {
        "films/2": lines({"name": "Aliens", "year": 1986, "director": "Cameron"}),
        "songs/year=2025/1": SONGS["songs/year=2023/1"],
    }
    all_years = ["2023", "2024", "2025"]
    case("log_changes_alone", CHANGES + ": LOG; new tables and partitions come", put(SONGS | FILMS),
         crawl(songs(), films()), put(more),
         crawl(songs(years=all_years, version=0), films(version=0), summary=added(1),
               log=["table films in database lake has changed"]),
         SchemaChangePolicy=LOG_ALL)
    case("merge_new_columns", MERGE, put(FILMS), crawl(films()),
         put({"films/1": lines({"name": "Alien", "year": "about 1979", "rating": 8.5})}),
         crawl(films(NAME_YEAR + ", rating double")),
         put({"films/1": lines({"rating": 8.5, "name": "Alien"})}),
         crawl(films(NAME_YEAR + ", rating double")),
         settings(Configuration=""), crawl(films("name string, rating double")),
         Configuration=MERGES)
    csv_table = put({"t/a": rows([["id", "name"], [1, "x"], [2, "y"]])}), crawl(table("t", "id bigint, name string"))
    case("merge_new_columns_that_would_move", MERGE + "; " + BY_PLACE + "; chosen: a warning", *csv_table,
         put({"t/a": rows([["id", "city", "name"], [1, "Rome", "x"], [2, "Oslo", "y"]])}),
         crawl(table("t", "id bigint, name string, city string"),
               log=["WARN : Table t in database lake: its columns stay in their places, and its data has the column city where"]),
         Configuration=MERGES)
    kept = "id bigint, name string"
    kinds = {
        "classification": ({"t/a": lines({"id": 1, "name": "x"})}, 'the classification was "csv" and is "json"'),
        "delimiter": ({"t/a": rows([["id", "name"], [1, "x"], [2, "y"]], delimiter=";")},
                      'the delimiter was "," and is ";"'),
        "compression": ({"t/a": gzip.compress(rows([["id", "name"], [1, "x"], [2, "y"]]).encode(), mtime=0)},
                        'the compression was "none" and is "gzip"'),
    }
    for what, (objects, said) in kinds.items():
        deprecated = table("t", kept, serde={"field.delim": ","}, DEPRECATED_BY_CRAWLER="*", version=1)
        case(f"merge_new_columns_of_another_{what}", MERGE + ": the table is marked as deprecated", *csv_table,
             put(objects), crawl(deprecated, summary=changed("UPDATE", tables=["t"]), log=[said, "it is deprecated, because the crawler adds new columns only"]),
             crawl(deprecated, summary=NOTHING, log=[said]),
             csv_table[0], crawl(table("t", kept, version=2)),
             Configuration=MERGES)
    case("merge_new_columns_of_partitions_of_another_classification", MERGE + "; chosen: partitions stay", put(SONGS),
         crawl(songs()), put({key: lines({"id": 1, "title": "x"}) for key in [*SONGS, "songs/year=2025/1"]}),
         crawl(songs(DEPRECATED_BY_CRAWLER="*"), summary=changed("UPDATE", tables=["songs"])),
         Configuration=MERGES)
    priced = {"songs/year=2024/1": rows([["id", "title", "price"], [3, "Green", 1.5], [4, "Black", 2]])}
    wide = "id bigint, title string, price double"
    own = {"2023": "id bigint, title string", "2024": wide}
    inherit = configuration(CrawlerOutput={"Partitions": {"AddOrUpdateBehavior": "InheritFromTable"}})
    case("partitions_of_their_own_columns", INHERIT + " is not the usual", put(SONGS | priced),
         crawl(songs(columns=wide, years=own)))
    case("partitions_that_inherit", INHERIT, put(SONGS | priced), crawl(songs(columns=wide, years=own)),
         settings(Configuration=inherit),
         crawl(songs(columns=wide, years={"2023": wide, "2024": wide}), summary=changed("UPDATE", 1)),
         crawl(songs(columns=wide, years={"2023": wide, "2024": wide}), summary=NOTHING))
    case("partitions_that_inherit_at_once", INHERIT, put(SONGS | priced),
         crawl(songs(columns=wide, years={"2023": wide, "2024": wide})), Configuration=inherit)
    new_folders = {"RecrawlPolicy": {"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"}, "SchemaChangePolicy": LOG_ALL}
    case("new_folders_only", NEW_FOLDERS, put(SONGS), crawl(songs()),
         # What comes to a folder that was crawled is not looked at.
         put({"songs/year=2023/2": "\x01\x02", "songs/year=2025/1": SONGS["songs/year=2023/1"]}),
         crawl(songs(years=all_years, version=0), summary=added(1)),
         crawl(songs(years=all_years, version=0), summary=NOTHING), **new_folders)
    case("new_folders_only_of_another_format", NEW_FOLDERS + ": with the same schema; chosen: others are named",
         put(SONGS), crawl(songs()), put({"songs/year=2025/1": A}),
         crawl(songs(version=0), summary=NOTHING,
               log=["songs/year=2025/: its data is json, and that of table songs is csv"]), **new_folders)
    case("new_folders_only_makes_no_table", NEW_FOLDERS + "; chosen: what fits no table is named", put(SONGS),
         crawl(songs()), put(FILMS),
         crawl(songs(version=0), summary=NOTHING,
               log=[f"s3://{BUCKET}/films/: no table that the crawler has made"]), **new_folders)
    case("new_folders_only_wants_log", NEW_FOLDERS + ": the policies are LOG",
         call("UpdateCrawler", {"Name": "c", "RecrawlPolicy": new_folders["RecrawlPolicy"]},
              error=("InvalidInputException", "LOG")))
    case("crawl_event_mode", EVENTS + "; chosen: refused by its name, as there are no queues",
         call("UpdateCrawler", {"Name": "c", "RecrawlPolicy": {"RecrawlBehavior": "CRAWL_EVENT_MODE"}},
              error=("*", "CRAWL_EVENT_MODE")))


def by_hand_cases():
    mine = {
        "Name": "mine", "TableType": "EXTERNAL_TABLE", "Parameters": {"owner": "ann"},
        "StorageDescriptor": {
            "Location": f"s3://{BUCKET}/songs/", "Columns": [{"Name": "id", "Type": "bigint", "Comment": "its number"}],
            "InputFormat": TEXT[0], "OutputFormat": TEXT[1],
            "SerdeInfo": {"SerializationLibrary": LAZY, "Parameters": {"field.delim": ","}},
        },
        "PartitionKeys": [{"Name": "year", "Type": "int"}],
    }
    updates = {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "LOG"}
    targets = {"CatalogTargets": [{"DatabaseName": "lake", "Tables": ["mine"]}]}
    made = call("CreateTable", {"DatabaseName": "lake", "TableInput": mine})
    found = {
        "Name": "mine", "Parameters": {"owner": "ann"}, "PartitionKeys": [{"Name": "year", "Type": "string"}],
        "StorageDescriptor": {
            "Location": f"s3://{BUCKET}/songs/",
            "Columns": [*mine["StorageDescriptor"]["Columns"], {"Name": "title", "Type": "string"}]},
        "Partitions": [{"Values": ["2023"]}, {"Values": ["2024"]}],
    }
    case("catalog_target", CATALOG + "; " + CHANGES + ": definitions are updated", made, put(SONGS | FILMS),
         settings(Targets=targets, SchemaChangePolicy=updates), crawl(found, summary={
             **changed("ADD", 2), **changed("UPDATE", tables=["mine"])}))
    case("catalog_target_with_merge_new_columns", CATALOG + "; " + MERGE, made, put(SONGS),
         settings(Targets=targets, SchemaChangePolicy=updates, Configuration=MERGES),
         crawl({**found, "PartitionKeys": mine["PartitionKeys"]}))
    case("catalog_target_with_log", CATALOG + "; " + CHANGES + ": LOG", made, put(SONGS),
         settings(Targets=targets, SchemaChangePolicy=LOG_ALL),
         crawl({"Name": "mine", "VersionId": "0",
                "StorageDescriptor": {"Columns": mine["StorageDescriptor"]["Columns"]},
                "Partitions": [{"Values": ["2023"]}, {"Values": ["2024"]}]}))
    case("catalog_target_that_would_be_deprecated", CATALOG + ": DeleteBehavior is LOG", made,
         call("UpdateCrawler", {"Name": "c", "Targets": targets},
              error=("InvalidInputException", "DEPRECATE_IN_DATABASE")))


def run_cases():
    of = {"Name": "c"}
    case("crawler_that_is_stopped_before_it_runs", API,
         call("StopCrawler", of, error=("CrawlerNotRunningException", "c")))
    case("crawler_that_is_not_there", API,
         call("StartCrawler", {"Name": "none"}, error=("EntityNotFoundException", "none")))
    run = lambda operation, **more: call(operation, of, **more)
    case("crawler_that_is_stopped_as_it_runs", API, put(FILMS), run("StartCrawler"),
         *(run(operation, error=("CrawlerRunningException", "c"))
           for operation in ["StartCrawler", "UpdateCrawler", "DeleteCrawler"]),
         run("GetCrawler", output={"Crawler": {"State": "RUNNING"}}),
         run("StopCrawler"), run("StopCrawler", error=("CrawlerStoppingException", "c")),
         run("GetCrawler", output={"Crawler": {"State": "STOPPING"}}))
    state = lambda schedule: call("GetCrawler", of, {"Crawler": {"Schedule": schedule}})
    schedule = "cron(15 12 * * ? *)"
    case("crawler_with_a_schedule", SCHEDULES,
         state({"ScheduleExpression": schedule, "State": "SCHEDULED"}),
         call("StopCrawlerSchedule", {"CrawlerName": "c"}),
         state({"State": "NOT_SCHEDULED"}),
         call("StopCrawlerSchedule", {"CrawlerName": "c"}, error=("SchedulerNotRunningException", "")),
         call("StartCrawlerSchedule", {"CrawlerName": "c"}), state({"State": "SCHEDULED"}),
         settings(Schedule=""), state(None),
         call("StartCrawlerSchedule", {"CrawlerName": "c"}, error=("NoScheduleException", "")),
         call("UpdateCrawler", {**of, "Schedule": "cron(* * * * ? *)"},
              error=("InvalidInputException", "faster than 5 minutes")),
         Schedule=schedule)
    case("crawler_with_metrics_and_a_list_of_crawls", API, put(SONGS | FILMS), crawl(songs(), films()),
         put({"songs/year=2025/1": SONGS["songs/year=2023/1"]}),
         crawl(songs(years=["2023", "2024", "2025"]), films()),
         call("GetCrawlerMetrics", {"CrawlerNameList": ["c"]},
              {"CrawlerMetricsList": [{"CrawlerName": "c", "TablesCreated": 0, "TablesUpdated": 1,
                                       "TablesDeleted": 0, "StillEstimating": False}]}),
         call("ListCrawls", {"CrawlerName": "c"},
              {"Crawls": [{"State": "COMPLETED", "LogGroup": "/aws-glue/crawlers", "LogStream": "c",
                           "Summary": json.dumps(summary, separators=(",", ":"))}
                          for summary in [{**changed("UPDATE", tables=["songs"]), **added(1)},
                                      added(2, ["films", "songs"])]]}))
    may = lambda *actions: [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}]
    case("crawler_whose_role_may_not_list", GUIDE + "Create an IAM role for AWS Glue", put(SONGS),
         crawl(fails="is not authorized to perform: s3:ListBucket"),
         statements=may("glue:*", "logs:*", "s3:GetBucketLocation"))
    case("crawler_whose_role_may_not_write", GUIDE + "Create an IAM role for AWS Glue", put(SONGS),
         crawl(fails="glue:CreateTable"), statements=may("s3:*", "glue:Get*", "logs:*"))
    case("crawler_whose_role_may_not_log", GUIDE + "Create an IAM role for AWS Glue", put(SONGS),
         {"Crawl": {"Status": "FAILED", "ErrorMessage": "*logs:CreateLogGroup*"}},
         statements=may("s3:*", "glue:*"))
    case("crawl_with_its_log", GUIDE + "Crawler logs", put(FILMS),
         crawl(films(), log=["BENCHMARK : Running Start Crawl for Crawler c",
                             "BENCHMARK : Classification complete, writing results to database lake",
                             "INFO : Created table films in database lake",
                             "BENCHMARK : Finished writing to Catalog",
                             "BENCHMARK : Crawler has finished running and is in state READY"]))
    case("crawl_with_a_warning", GUIDE + "Crawler logs", put({"films/1": A, "films/2": "p,q\n1,2\n3,4\n"}),
         crawl(table("1", A_B, "json", at="films/1"), table("2", "p bigint, q bigint", at="films/2"),
               log=[f"WARN : Multiple tables are found under location s3://{BUCKET}/films/: 1, 2"]))


def main():
    for write in [
        csv_classifier_cases, json_classifier_cases, grok_classifier_cases, xml_classifier_cases,
        order_cases, target_cases, configuration_cases, again_cases, gone_cases, policy_cases,
        by_hand_cases, run_cases,
    ]:
        write()
    shutil.rmtree(HERE, ignore_errors=True)
    for name, (given, steps) in CASES.items():
        folder = HERE / name
        folder.mkdir(parents=True)
        for nth, step in enumerate(steps):
            if "Put" not in step:
                continue
            for key, body in step["Put"].items():
                path = folder / "objects" / str(nth) / key
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(body)
            steps[nth] = {"Put": str(nth)}
        text = json.dumps({**given, "Steps": steps}, indent=1, ensure_ascii=False) + "\n"
        (folder / "case.json").write_text(text, encoding="utf-8")
    print(len(CASES), "cases")


main()
