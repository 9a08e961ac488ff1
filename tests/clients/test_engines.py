"""The calls of Trino's and of Spark's and Hive's Glue clients, with the parameters that they send.

Trino: GlueHiveMetastore and GlueExpressionUtil. Spark and Hive: HiveShim of Spark and
awslabs/aws-glue-data-catalog-client-for-apache-hive-metastore, whose ExpressionHelper rewrites expressions.
"""

import pytest

KEYS = [
    {"Name": "year", "Type": "int"},
    {"Name": "country", "Type": "string"},
    {"Name": "day", "Type": "date"},
    {"Name": "key", "Type": "string"},
]
NULL = "__HIVE_DEFAULT_PARTITION__"


@pytest.fixture
def events(lake):
    """The members that name a table whose partitions differ in every key."""
    names = {"DatabaseName": lake.database, "TableName": "events"}
    descriptor = {"Columns": [{"Name": "id", "Type": "bigint"}], "Location": "s3://lake/events/"}
    table = {"Name": "events", "PartitionKeys": KEYS, "StorageDescriptor": descriptor}
    lake.glue.create_table(DatabaseName=lake.database, TableInput=table)
    partitions = [
        {"Values": [str(year), country, f"{year}-05-06", "k"], "StorageDescriptor": descriptor}
        for year in range(2020, 2025)
        for country in ("de", "fr", "côte d'or", NULL)
    ]
    assert lake.glue.batch_create_partition(**names, PartitionInputList=partitions)["Errors"] == []
    return names


def found(lake, names, expression):
    partitions = lake.glue.get_partitions(**names, Expression=expression)["Partitions"]
    return sorted((p["Values"][0], p["Values"][1]) for p in partitions)


def every(years, countries):
    return sorted((str(year), country) for year in years for country in countries)


ALL = range(2020, 2025)


@pytest.mark.parametrize(
    ("expression", "years", "countries"),
    [
        ("", ALL, ["de", "fr", "côte d'or", NULL]),
        ("((year = 2022))", [2022], ["de", "fr", "côte d'or", NULL]),
        ("((year in (2020, 2024))) AND ((country = 'fr'))", [2020, 2024], ["fr"]),
        ("((year >= 2021 AND year < 2023) OR (year = 2024)) AND ((country = 'de'))", [2021, 2022, 2024], ["de"]),
        ("((country < 'de') OR (country > 'de' AND country <= 'fr'))", ALL, ["fr", "côte d'or", NULL]),
        # IS NULL, and IS NULL OR = 'fr'.
        (f"(country = '{NULL}')", ALL, [NULL]),
        (f"((country = 'fr') OR (country = '{NULL}'))", ALL, ["fr", NULL]),
    ],
)
def test_trino_s_expressions(lake, events, expression, years, countries):
    assert found(lake, events, expression) == every(years, countries)


@pytest.mark.parametrize(
    ("expression", "years", "countries"),
    [
        # Spark, whose double quotes Hive's client makes single ones.
        ("year = 2022 and country = 'fr'", [2022], ["fr"]),
        ('year = 2022 and country = "fr"', [2022], ["fr"]),
        ("2022 < year and (country = 'de' or country = 'fr')", [2023, 2024], ["de", "fr"]),
        ("(year != 2020 and year != 2021) and country != 'fr'", [2022, 2023, 2024], ["de", "côte d'or", NULL]),
        ("day >= '2023-01-01' and country = 'de'", [2023, 2024], ["de"]),
        # Hive.
        ("((year) IN (2020, 2021) and (country) NOT IN ('de', 'fr'))", [2020, 2021], ["côte d'or", NULL]),
        ("(year BETWEEN 2021 AND 2022 and (country = 'de'))", [2021, 2022], ["de"]),
        ("(year=2024) AND (country='côte d\\'or')", [2024], ["côte d'or"]),
        ("(year=2024) AND (country='côte d''or')", [2024], ["côte d'or"]),
    ],
)
def test_spark_s_and_hive_s_expressions(lake, events, expression, years, countries):
    assert found(lake, events, expression) == every(years, countries)


@pytest.mark.parametrize(
    "expression",
    [
        # What Spark 3 sends for a date, which fails on AWS as well.
        "day = 2022-05-06",
        # Trino leaves out columns that are called like a keyword of JSQLParser.
        "key = 'k'",
        "UDFToDouble(year) = 2024.0",
    ],
)
def test_expressions_that_fail_on_aws_fail_here(lake, events, refused, expression):
    said = refused(lake.glue.get_partitions, **events, Expression=expression)
    assert said == ("InvalidInputException", "Invalid partition expression!")


def test_segments_share_the_partitions_out(lake, events):
    paginator = lake.glue.get_paginator("get_partitions")
    for expression in ("", "((country in ('de', 'fr')))"):
        seen = []
        for segment in range(5):
            listing = paginator.paginate(
                **events,
                Expression=expression,
                ExcludeColumnSchema=True,
                Segment={"SegmentNumber": segment, "TotalSegments": 5},
                PaginationConfig={"PageSize": 3},
            )
            seen += [tuple(p["Values"]) for page in listing for p in page["Partitions"]]
        assert len(seen) == len(set(seen)) == (10 if expression else 20)


def test_a_thousand_partitions_are_asked_for_by_name_at_once(lake, events):
    there = [p["Values"] for p in lake.glue.get_partitions(**events)["Partitions"]]
    gone = [["1", "xx", "2020-01-01", str(n)] for n in range(1000 - len(there))]
    answer = lake.glue.batch_get_partition(**events, PartitionsToGet=[{"Values": v} for v in there + gone])
    # Trino asks again for the unprocessed ones until there are none.
    assert [p["Values"] for p in answer["Partitions"]] == there and answer["UnprocessedKeys"] == []


def test_trino_s_functions_are_found_by_their_quoted_names(lake):
    def make(name, digest):
        lake.glue.create_user_defined_function(
            DatabaseName=lake.database,
            FunctionInput={
                "FunctionName": f"trino__{name}__{digest}",
                "ClassName": "TrinoFunction",
                "OwnerType": "USER",
                "OwnerName": "ann",
                "ResourceUris": [{"ResourceType": "FILE", "Uri": "KLUv/QRY" + "A" * 1000}],
            },
        )

    def names(pattern):
        functions = lake.glue.get_user_defined_functions(DatabaseName=lake.database, Pattern=pattern)
        return [f["FunctionName"] for f in functions["UserDefinedFunctions"]]

    make("area", "aa"), make("area", "bb"), make("area_2", "cc")
    assert len(names("trino__.*")) == 3
    assert names(r"trino__\Qarea\E__.*") == ["trino__area__aa", "trino__area__bb"]
    assert names(r"trino__\Qare.\E__.*") == []
    # Hive's way to ask for all.
    assert len(names(".*")) == 3


def test_hive_s_patterns_of_tables(lake):
    for table in ("films", "film_casts", "songs"):
        lake.glue.create_table(DatabaseName=lake.database, TableInput={"Name": table})
    for pattern, tables in [
        ("film*", ["film_casts", "films"]),
        ("film.*", ["film_casts", "films"]),
        ("*s", ["film_casts", "films", "songs"]),
        ("songs|films", ["films", "songs"]),
        ("SONGS", ["songs"]),
        ("film", []),
        ("", ["film_casts", "films", "songs"]),
    ]:
        got = lake.glue.get_tables(DatabaseName=lake.database, Expression=pattern)["TableList"]
        assert [t["Name"] for t in got] == tables, pattern
