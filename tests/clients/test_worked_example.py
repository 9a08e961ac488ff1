"""The example that a data engineer builds by hand first: crawl, query, and a state machine that pages."""

import json

from lake import EARTHQUAKES, SONGS

TITLES = ["Kind of Blue", "So What", "Take Five", "Giant Steps", "Naima", "Watermelon Man", "Maiden Voyage"]


def definition(database, results):
    """The tutorial's state machine: a query, its results page by page, a Map over each page's rows.

    The header is cut off with a slice, so the first row of later pages goes with it; what a page
    holds is seen in the history.
    """
    page = {"QueryExecutionId.$": "$.QueryExecution.QueryExecutionId", "MaxResults": 2}
    return {
        "StartAt": "Query",
        "States": {
            "Query": {
                "Type": "Task",
                "Resource": "arn:aws:states:::athena:startQueryExecution.sync",
                "Parameters": {
                    "QueryString": f"SELECT title FROM {database}.songs ORDER BY id LIMIT 5",
                    "ResultConfiguration": {"OutputLocation": f"s3://{results}/machine/"},
                },
                "Next": "First page",
            },
            "First page": {
                "Type": "Task",
                "Resource": "arn:aws:states:::athena:getQueryResults",
                "Parameters": page,
                "ResultPath": "$.GetQueryResults",
                "Next": "Each row",
            },
            "Each row": {
                "Type": "Map",
                "ItemsPath": "$.GetQueryResults.ResultSet.Rows[1:]",
                "Iterator": {
                    "StartAt": "Title",
                    "States": {
                        "Title": {
                            "Type": "Pass",
                            "Parameters": {"title.$": "$.Data[0].VarCharValue"},
                            "End": True,
                        }
                    },
                },
                "ResultPath": None,
                "Next": "More?",
            },
            "More?": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.GetQueryResults.NextToken", "IsPresent": True, "Next": "Next page"}],
                "Default": "Done",
            },
            "Next page": {
                "Type": "Task",
                "Resource": "arn:aws:states:::athena:getQueryResults",
                "Parameters": page | {"NextToken.$": "$.GetQueryResults.NextToken"},
                "ResultPath": "$.GetQueryResults",
                "Next": "Each row",
            },
            "Done": {"Type": "Succeed"},
        },
    }


def machine_role(lake):
    """The permissions that AWS's documentation asks for, for `startQueryExecution.sync`."""
    return lake.role(
        "machine",
        "states.amazonaws.com",
        (
            [
                "athena:StartQueryExecution",
                "athena:GetQueryExecution",
                "athena:GetQueryResults",
                "athena:StopQueryExecution",
                "athena:GetWorkGroup",
                "athena:GetDataCatalog",
            ],
            "*",
        ),
        (["s3:GetBucketLocation", "s3:GetObject", "s3:ListBucket", "s3:PutObject", "s3:AbortMultipartUpload"], "*"),
        (["s3:ListBucketMultipartUploads", "s3:ListMultipartUploadParts"], "*"),
        (["glue:GetDatabase", "glue:GetTable", "glue:GetTables", "glue:GetPartition", "glue:GetPartitions"], "*"),
    )


def plain(rows):
    """The songs without the one that needs quotes, which a crawler's CSV tables read differently."""
    return "\n".join(line for line in rows.splitlines() if '"' not in line) + "\n"


def test_a_crawler_finds_the_tables_and_athena_reads_them(lake, s3):
    lake.put("songs/songs.csv", plain(SONGS))
    lake.put("earthquakes/week.parquet", EARTHQUAKES.read_bytes())
    lake.create_crawler(lake.crawler_role())
    last = lake.crawl()
    assert last["Status"] == "SUCCEEDED", last

    tables = {t["Name"]: t for t in lake.glue.get_tables(DatabaseName=lake.database)["TableList"]}
    assert set(tables) == {"songs", "earthquakes"}
    songs = tables["songs"]
    assert [(c["Name"], c["Type"]) for c in songs["StorageDescriptor"]["Columns"]] == [
        ("id", "bigint"),
        ("title", "string"),
        ("artist", "string"),
        ("year", "bigint"),
        ("seconds", "double"),
    ]
    assert songs["Parameters"]["classification"] == "csv"
    assert songs["Parameters"]["skip.header.line.count"] == "1"
    assert tables["earthquakes"]["Parameters"]["classification"] == "parquet"
    metrics = lake.glue.get_crawler_metrics(CrawlerNameList=[lake.name])["CrawlerMetricsList"][0]
    assert metrics["TablesCreated"] == 2

    rows = lake.query("SELECT title FROM songs ORDER BY id")
    assert rows == [["title"]] + [[title] for title in TITLES]
    assert lake.query("SELECT count(*) AS n FROM earthquakes") == [["n"], ["1707"]]

    # What Athena answered is a file, too.
    query = lake.start("SELECT id, title, CAST(NULL AS varchar) AS nothing FROM songs ORDER BY id LIMIT 2")
    execution = lake.finished(query)
    assert execution["Status"]["State"] == "SUCCEEDED", execution
    location = execution["ResultConfiguration"]["OutputLocation"]
    assert location == f"s3://{lake.results}/q/{query}.csv"
    body = s3.get_object(Bucket=lake.results, Key=f"q/{query}.csv")["Body"].read().decode()
    assert body == '"id","title","nothing"\n"1","Kind of Blue",\n"2","So What",\n'
    assert execution["Statistics"]["DataScannedInBytes"] == len(plain(SONGS))
    assert execution["StatementType"] == "DML"


def test_a_second_crawl_changes_nothing(lake):
    lake.put("songs/songs.csv", plain(SONGS))
    lake.create_crawler(lake.crawler_role())
    lake.crawl()
    before = lake.glue.get_table(DatabaseName=lake.database, Name="songs")["Table"]
    last = lake.crawl()
    assert last["Status"] == "SUCCEEDED", last
    after = lake.glue.get_table(DatabaseName=lake.database, Name="songs")["Table"]
    assert after.get("VersionId") == before.get("VersionId")
    assert after["StorageDescriptor"] == before["StorageDescriptor"]


def test_a_state_machine_queries_and_maps_over_every_page(lake):
    lake.songs_table()
    machine = lake.sfn.create_state_machine(
        name=lake.name, definition=json.dumps(definition(lake.database, lake.results)), roleArn=machine_role(lake)
    )["stateMachineArn"]
    execution = lake.run(machine)
    assert execution["status"] == "SUCCEEDED", execution

    events = lake.history(execution["executionArn"])
    pages, titles = [], []
    for event in events:
        entered = event.get("stateEnteredEventDetails", {})
        exited = event.get("stateExitedEventDetails", {})
        if entered.get("name") == "Each row":
            pages.append(json.loads(entered["input"])["GetQueryResults"]["ResultSet"]["Rows"])
        if exited.get("name") == "Title":
            titles.append(json.loads(exited["output"])["title"])
    # Six rows with the header, two a page; the slice drops the first of each.
    assert [len(page) for page in pages] == [2, 2, 2]
    assert [row["Data"][0]["VarCharValue"] for page in pages for row in page] == [
        "title",
        *TITLES[:5],
    ]
    assert sorted(titles) == sorted([TITLES[0], TITLES[2], TITLES[4]])
    types = [event["type"] for event in events]
    assert types.count("MapStateStarted") == types.count("MapStateSucceeded") == 3
    assert types.count("MapIterationSucceeded") == 3
    assert types.count("TaskScheduled") == types.count("TaskSucceeded") == 4
    assert types.count("TaskSubmitted") == 1
    assert types[0] == "ExecutionStarted" and types[-1] == "ExecutionSucceeded"


def test_all_of_it_goes_away(lake, refused):
    lake.put("songs/songs.csv", SONGS)
    role = lake.crawler_role()
    lake.create_crawler(role)
    lake.crawl()
    machine = lake.sfn.create_state_machine(
        name=lake.name, definition=json.dumps(definition(lake.database, lake.results)), roleArn=machine_role(lake)
    )["stateMachineArn"]

    lake.sfn.delete_state_machine(stateMachineArn=machine)
    lake.glue.delete_crawler(Name=lake.name)
    lake.glue.delete_database(Name=lake.database)
    for bucket in (lake.data, lake.results):
        for page in lake.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            keys = [{"Key": entry["Key"]} for entry in page.get("Contents", [])]
            if keys:
                lake.s3.delete_objects(Bucket=bucket, Delete={"Objects": keys})
        lake.s3.delete_bucket(Bucket=bucket)
    for name in ("crawler", "machine"):
        name = f"{lake.name}-{name}"
        for attached in lake.iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
            lake.iam.detach_role_policy(RoleName=name, PolicyArn=attached["PolicyArn"])
        for own in lake.iam.list_role_policies(RoleName=name)["PolicyNames"]:
            lake.iam.delete_role_policy(RoleName=name, PolicyName=own)
        lake.iam.delete_role(RoleName=name)

    assert refused(lake.glue.get_crawler, Name=lake.name)[0] == "EntityNotFoundException"
    assert refused(lake.glue.get_database, Name=lake.database)[0] == "EntityNotFoundException"
    assert refused(lake.iam.get_role, RoleName=f"{lake.name}-machine")[0] == "NoSuchEntity"
    assert refused(lake.sfn.describe_state_machine, stateMachineArn=machine)[0] == "StateMachineDoesNotExist"
    assert lake.data not in [b["Name"] for b in lake.s3.list_buckets()["Buckets"]]
