"""The Glue catalog as boto3 calls it: pages, locks, batches, statistics, and what is wrong in Glue's words."""

import concurrent.futures
import datetime
import json

import pytest

TABLE = {
    "Name": "sales",
    "PartitionKeys": [{"Name": "year", "Type": "int"}, {"Name": "country", "Type": "string"}],
    "StorageDescriptor": {
        "Columns": [{"Name": "id", "Type": "bigint"}, {"Name": "price", "Type": "decimal(10,2)"}],
        "Location": "s3://lake/sales/",
    },
}


def partition(year, country):
    location = f"s3://lake/sales/year={year}/country={country}/"
    columns = TABLE["StorageDescriptor"]["Columns"]
    return {"Values": [str(year), country], "StorageDescriptor": {"Columns": columns, "Location": location}}


@pytest.fixture
def sales(lake):
    """The members that name a table with ten partitions: 2020 to 2024, de and fr."""
    names = {"DatabaseName": lake.database, "TableName": "sales"}
    lake.glue.create_table(DatabaseName=lake.database, TableInput=TABLE)
    partitions = [partition(year, country) for year in range(2020, 2025) for country in ("de", "fr")]
    assert lake.glue.batch_create_partition(**names, PartitionInputList=partitions)["Errors"] == []
    return names


def pages(call, member, **members):
    """All pages of a listing, as lists."""
    found = []
    while True:
        answer = call(**members)
        found.append(answer[member])
        if "NextToken" not in answer:
            return found
        members["NextToken"] = answer["NextToken"]


def test_every_listing_gives_each_thing_once_in_pages_of_the_size_asked_for(lake, sales):
    glue, database = lake.glue, lake.database
    for n in range(5):
        glue.create_database(DatabaseInput={"Name": f"{lake.name}_page_{n}"})
        glue.create_table(DatabaseName=database, TableInput={"Name": f"table_{n}"})
        glue.update_table(DatabaseName=database, TableInput=TABLE | {"Description": str(n)})
        function = {"FunctionName": f"function_{n}", "ClassName": "a.B", "OwnerName": "ann", "OwnerType": "USER"}
        glue.create_user_defined_function(DatabaseName=database, FunctionInput=function)
    of_database = {"DatabaseName": database}
    for call, member, members, name, count in [
        (glue.get_databases, "DatabaseList", {}, lambda d: d["Name"], None),
        (glue.get_tables, "TableList", of_database, lambda t: t["Name"], 6),
        (glue.get_table_versions, "TableVersions", sales, lambda v: v["VersionId"], 6),
        (glue.get_partitions, "Partitions", sales, lambda p: tuple(p["Values"]), 10),
        (
            glue.get_user_defined_functions,
            "UserDefinedFunctions",
            of_database | {"Pattern": "*"},
            lambda f: f["FunctionName"],
            5,
        ),
        (glue.search_tables, "TableList", {"SearchText": database}, lambda t: t["Name"], 6),
    ]:
        whole = [name(one) for page in pages(call, member, **members, MaxResults=100) for one in page]
        paged = pages(call, member, **members, MaxResults=2)
        assert [name(one) for page in paged for one in page] == whole, call
        assert all(len(page) == 2 for page in paged[:-1]) and len(paged[-1]) in (1, 2), call
        assert len(whole) == len(set(whole)) and count in (None, len(whole)), call
        # An empty token is that of the first page.
        assert len(call(**members, NextToken="", MaxResults=2)[member]) == 2, call


def test_a_listing_of_names_has_nothing_else(lake, sales, refused):
    glue, database = lake.glue, lake.database
    tables = glue.get_tables(DatabaseName=database, AttributesToGet=["NAME"])["TableList"]
    assert tables == [{"Name": "sales"}]
    glue.create_table(DatabaseName=database, TableInput={"Name": "v", "TableType": "VIRTUAL_VIEW"})
    tables = glue.get_tables(DatabaseName=database, AttributesToGet=["NAME", "TABLE_TYPE"])["TableList"]
    assert tables == [{"Name": "sales"}, {"Name": "v", "TableType": "VIRTUAL_VIEW"}]
    databases = sum(pages(glue.get_databases, "DatabaseList", AttributesToGet=["NAME"]), [])
    assert {"Name": database} in databases and all(d.keys() == {"Name"} for d in databases)
    assert glue.get_databases(ResourceShareType="FOREIGN")["DatabaseList"] == []
    code, _ = refused(glue.get_tables, DatabaseName=database, AttributesToGet=["TABLE_TYPE"])
    assert code == "InvalidInputException"


def test_updates_that_race_for_a_version_are_all_done_one_after_the_other(cloud, lake, sales):
    def add_ten():
        glue, conflicts = cloud.client("glue"), 0
        for _ in range(10):
            while True:
                table = glue.get_table(DatabaseName=lake.database, Name="sales")["Table"]
                count = int(table.get("Parameters", {}).get("count", 0)) + 1
                try:
                    glue.update_table(
                        DatabaseName=lake.database,
                        TableInput=TABLE | {"Parameters": {"count": str(count)}},
                        VersionId=table["VersionId"],
                        SkipArchive=True,
                    )
                    break
                except glue.exceptions.ConcurrentModificationException:
                    conflicts += 1
        return conflicts

    with concurrent.futures.ThreadPoolExecutor(4) as threads:
        conflicts = [thread.result() for thread in [threads.submit(add_ten) for _ in range(4)]]
    table = lake.glue.get_table(DatabaseName=lake.database, Name="sales")["Table"]
    assert (table["Parameters"]["count"], table["VersionId"]) == ("40", "40"), conflicts
    # Nothing was archived.
    assert len(lake.glue.get_table_versions(**sales)["TableVersions"]) == 1


def test_versions_are_kept_read_and_deleted(lake, sales, refused):
    glue = lake.glue
    for description in ("one", "two"):
        glue.update_table(DatabaseName=lake.database, TableInput=TABLE | {"Description": description})
    versions = glue.get_table_versions(**sales)["TableVersions"]
    assert [(v["VersionId"], v["Table"].get("Description")) for v in versions] == [
        ("2", "two"),
        ("1", "one"),
        ("0", None),
    ]
    first = glue.get_table_version(**sales, VersionId="1")["TableVersion"]["Table"]
    assert first["Description"] == "one" and first["PartitionKeys"] == TABLE["PartitionKeys"]
    errors = glue.batch_delete_table_version(**sales, VersionIds=["0", "7"])["Errors"]
    assert [(e["VersionId"], e["ErrorDetail"]["ErrorCode"]) for e in errors] == [("7", "EntityNotFoundException")]
    glue.delete_table_version(**sales, VersionId="1")
    assert refused(glue.get_table_version, **sales, VersionId="1")[0] == "EntityNotFoundException"
    assert len(glue.get_table_versions(**sales)["TableVersions"]) == 1


def test_batches_do_what_can_be_done_and_name_the_rest(lake, sales):
    glue = lake.glue
    created = glue.batch_create_partition(
        **sales, PartitionInputList=[partition(2020, "de"), partition(2025, "de"), {"Values": ["2026"]}]
    )
    assert [(e["PartitionValues"], e["ErrorDetail"]["ErrorCode"]) for e in created["Errors"]] == [
        (["2020", "de"], "AlreadyExistsException"),
        (["2026"], "InvalidInputException"),
    ]
    # Those that are not there are left out, without a word.
    got = glue.batch_get_partition(**sales, PartitionsToGet=[{"Values": ["2025", "de"]}, {"Values": ["1", "xx"]}])
    assert [p["Values"] for p in got["Partitions"]] == [["2025", "de"]] and got["UnprocessedKeys"] == []
    updated = glue.batch_update_partition(
        **sales,
        Entries=[
            {
                "PartitionValueList": ["2025", "de"],
                "PartitionInput": {"Values": ["2025", "it"], "Parameters": {"k": "v"}},
            },
            {"PartitionValueList": ["1", "xx"], "PartitionInput": partition(1, "xx")},
        ],
    )
    assert [(e["PartitionValueList"], e["ErrorDetail"]["ErrorCode"]) for e in updated["Errors"]] == [
        (["1", "xx"], "EntityNotFoundException")
    ]
    moved = glue.get_partition(**sales, PartitionValues=["2025", "it"])["Partition"]
    assert moved["Parameters"] == {"k": "v"} and "CreationTime" in moved
    deleted = glue.batch_delete_partition(
        **sales, PartitionsToDelete=[{"Values": ["2025", "it"]}, {"Values": ["2025", "de"]}]
    )
    assert [(e["PartitionValues"], e["ErrorDetail"]["ErrorCode"]) for e in deleted["Errors"]] == [
        (["2025", "de"], "EntityNotFoundException")
    ]
    errors = glue.batch_delete_table(DatabaseName=lake.database, TablesToDelete=["sales", "none"])["Errors"]
    assert [(e["TableName"], e["ErrorDetail"]["ErrorCode"]) for e in errors] == [("none", "EntityNotFoundException")]


DAY = datetime.datetime(2024, 2, 29, tzinfo=datetime.timezone.utc)
STATISTICS = {
    "bigint": {"LongColumnStatisticsData": {"MinimumValue": -(2**63), "MaximumValue": 2**63 - 1}, "Type": "LONG"},
    "double": {"DoubleColumnStatisticsData": {"MinimumValue": -1.5, "MaximumValue": 1e300}, "Type": "DOUBLE"},
    "date": {"DateColumnStatisticsData": {"MinimumValue": DAY, "MaximumValue": DAY}, "Type": "DATE"},
    "decimal(10,2)": {
        "DecimalColumnStatisticsData": {
            "MinimumValue": {"UnscaledValue": b"\xff", "Scale": 2},
            "MaximumValue": {"UnscaledValue": b"\x01\x00", "Scale": 2},
        },
        "Type": "DECIMAL",
    },
    "string": {"StringColumnStatisticsData": {"MaximumLength": 9, "AverageLength": 4.5}, "Type": "STRING"},
    "boolean": {"BooleanColumnStatisticsData": {"NumberOfTrues": 3, "NumberOfFalses": 4}, "Type": "BOOLEAN"},
    "binary": {"BinaryColumnStatisticsData": {"MaximumLength": 9, "AverageLength": 4.5}, "Type": "BINARY"},
}


def test_statistics_of_every_type_are_given_back_as_they_were_put(lake, sales):
    glue = lake.glue
    statistics = []
    for n, (kind, data) in enumerate(STATISTICS.items()):
        numbers = {"NumberOfNulls": n} | ({} if kind in ("boolean", "binary") else {"NumberOfDistinctValues": 7})
        data = {key: value if key == "Type" else value | numbers for key, value in data.items()}
        statistics.append({"ColumnName": f"c{n}", "ColumnType": kind, "AnalyzedTime": DAY, "StatisticsData": data})
    columns = [one["ColumnName"] for one in statistics]
    table = glue.get_table(DatabaseName=sales["DatabaseName"], Name=sales["TableName"])["Table"]
    table["StorageDescriptor"]["Columns"] += [
        {"Name": one["ColumnName"], "Type": one["ColumnType"]} for one in statistics
    ]
    changed = {key: table[key] for key in ("Name", "StorageDescriptor", "PartitionKeys")}
    glue.update_table(DatabaseName=sales["DatabaseName"], TableInput=changed)
    of_partition = sales | {"PartitionValues": ["2020", "de"]}
    for kind, names in (("table", sales), ("partition", of_partition)):
        update = getattr(glue, f"update_column_statistics_for_{kind}")
        get = getattr(glue, f"get_column_statistics_for_{kind}")
        assert update(**names, ColumnStatisticsList=statistics)["Errors"] == []
        got = get(**names, ColumnNames=[*columns, "none"])
        assert got["ColumnStatisticsList"] == statistics
        assert [(e["ColumnName"], e["Error"]["ErrorCode"]) for e in got["Errors"]] == [
            ("none", "EntityNotFoundException")
        ]
        getattr(glue, f"delete_column_statistics_for_{kind}")(**names, ColumnName="c0")
        assert [e["ColumnName"] for e in get(**names, ColumnNames=["c0", "c1"])["Errors"]] == ["c0"]


def test_a_partition_index_is_there_at_once(lake, sales, refused):
    index = {"IndexName": "by_country", "Keys": ["country"]}
    lake.glue.create_partition_index(**sales, PartitionIndex=index)
    [shown] = lake.glue.get_partition_indexes(**sales)["PartitionIndexDescriptorList"]
    assert (shown["IndexName"], shown["IndexStatus"]) == ("by_country", "ACTIVE")
    assert refused(lake.glue.create_partition_index, **sales, PartitionIndex=index)[0] == "AlreadyExistsException"
    lake.glue.delete_partition_index(**sales, IndexName="by_country")
    assert lake.glue.get_partition_indexes(**sales)["PartitionIndexDescriptorList"] == []


def test_a_resource_policy_is_changed_by_its_hash(glue, refused):
    statement = {
        "Effect": "Deny",
        "Principal": {"AWS": "arn:aws:iam::000000000000:role/nobody"},
        "Action": "glue:DeleteTable",
        "Resource": "*",
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    policy_hash = glue.put_resource_policy(PolicyInJson=document, PolicyExistsCondition="NOT_EXIST")["PolicyHash"]
    try:
        got = glue.get_resource_policy()
        assert json.loads(got["PolicyInJson"]) == json.loads(document) and got["PolicyHash"] == policy_hash
        code, _ = refused(glue.put_resource_policy, PolicyInJson=document, PolicyHashCondition="another")
        assert code == "ConditionCheckFailureException"
        assert refused(glue.put_resource_policy, PolicyInJson="{]")[0] == "InvalidInputException"
    finally:
        glue.delete_resource_policy(PolicyHashCondition=policy_hash)
    assert refused(glue.get_resource_policy)[0] == "EntityNotFoundException"


def test_the_catalog_needs_no_import(glue):
    assert glue.get_catalog_import_status()["ImportStatus"]["ImportCompleted"] is True


@pytest.mark.parametrize(
    ("operation", "members", "code", "message"),
    [
        ("get_table", {"Name": "none"}, "EntityNotFoundException", "Table none not found."),
        ("delete_table", {"Name": "none"}, "EntityNotFoundException", "Table none not found."),
        ("update_table", {"TableInput": {"Name": "none"}}, "EntityNotFoundException", "Table none not found."),
        (
            "update_table",
            {"TableInput": {"Name": "sales"}, "VersionId": "9"},
            "ConcurrentModificationException",
            "Update table failed due to concurrent modifications.",
        ),
        ("create_table", {"TableInput": {"Name": "Sales"}}, "AlreadyExistsException", "Table already exists."),
        (
            "get_partition",
            {"TableName": "sales", "PartitionValues": ["2030", "de"]},
            "EntityNotFoundException",
            "Cannot find partition.",
        ),
        (
            "get_partition",
            {"TableName": "sales", "PartitionValues": ["2030"]},
            "InvalidInputException",
            "The number of partition keys do not match the number of partition values",
        ),
        (
            "create_partition",
            {"TableName": "sales", "PartitionInput": {"Values": ["2020", "de"]}},
            "AlreadyExistsException",
            "Partition already exists.",
        ),
        (
            "get_partitions",
            {"TableName": "sales", "Expression": "yaer = 2020"},
            "InvalidInputException",
            "Invalid partition expression!",
        ),
        (
            "get_partitions",
            {"TableName": "sales", "Expression": "year = 'x'"},
            "InvalidInputException",
            'For input string: "x" is not an integer.',
        ),
        (
            "get_partitions",
            {"TableName": "sales", "Segment": {"SegmentNumber": 2, "TotalSegments": 2}},
            "InvalidInputException",
            None,
        ),
        ("get_partitions", {"TableName": "sales", "NextToken": "no token"}, "InvalidInputException", None),
        ("get_tables", {"Expression": "("}, "InvalidInputException", None),
        ("get_table_version", {"TableName": "sales", "VersionId": "9"}, "EntityNotFoundException", None),
        ("get_user_defined_function", {"FunctionName": "none"}, "EntityNotFoundException", None),
        ("delete_partition_index", {"TableName": "sales", "IndexName": "none"}, "EntityNotFoundException", None),
        (
            "create_partition_index",
            {"TableName": "sales", "PartitionIndex": {"IndexName": "i", "Keys": ["id"]}},
            "InvalidInputException",
            None,
        ),
    ],
)
def test_what_is_wrong_is_said_in_glue_s_words(lake, sales, refused, operation, members, code, message):
    said = refused(getattr(lake.glue, operation), DatabaseName=lake.database, **members)
    assert said[0] == code and message in (None, said[1]), said


def test_a_database_is_not_renamed(lake, refused):
    renamed = {"Name": f"{lake.database}_2"}
    assert refused(lake.glue.update_database, Name=lake.database, DatabaseInput=renamed) == (
        "InvalidInputException",
        "Database cannot be renamed",
    )


def test_names_of_another_catalog_are_not_found(lake, refused):
    code, _ = refused(lake.glue.get_table, CatalogId="123456789012", DatabaseName=lake.database, Name="t")
    assert code == "EntityNotFoundException"
    lake.glue.get_database(CatalogId="000000000000", Name=lake.database)
