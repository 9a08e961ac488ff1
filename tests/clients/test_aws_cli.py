"""The aws cli, as a tutorial has it typed."""

import json
import os

from lake import EARTHQUAKES, SONGS, policy, trust, wait_for
from test_worked_example import definition, plain


def test_the_lake_by_hand(aws, name, tmp_path):
    data, results, database = f"{name}-data", f"{name}-results", f"{name}_db"
    assert json.loads(aws("sts", "get-caller-identity"))["Account"] == "000000000000"
    aws("s3", "mb", f"s3://{data}")
    aws("s3", "mb", f"s3://{results}")
    (tmp_path / "songs").mkdir()
    (tmp_path / "songs/songs.csv").write_text(plain(SONGS))
    # S3 tells whole seconds: a file of this very second would look newer than its object.
    for file in tmp_path.rglob("*"):
        os.utime(file, (0, 0))
    aws("s3", "sync", tmp_path, f"s3://{data}/")
    aws("s3", "cp", EARTHQUAKES, f"s3://{data}/earthquakes/week.parquet")
    listed = aws("s3", "ls", "--recursive", f"s3://{data}/").split()
    assert "songs/songs.csv" in listed and "earthquakes/week.parquet" in listed
    assert aws("s3", "sync", tmp_path, f"s3://{data}/") == ""

    aws("glue", "create-database", "--database-input", json.dumps({"Name": database}))
    role = json.loads(
        aws(
            "iam",
            "create-role",
            "--role-name",
            f"{name}-crawler",
            "--assume-role-policy-document",
            trust("glue.amazonaws.com"),
        )
    )["Role"]["Arn"]
    aws(
        "iam",
        "attach-role-policy",
        "--role-name",
        f"{name}-crawler",
        "--policy-arn",
        "arn:aws:iam::aws:policy/service-role/AWSGlueServiceRole",
    )
    aws(
        "iam",
        "put-role-policy",
        "--role-name",
        f"{name}-crawler",
        "--policy-name",
        "read",
        "--policy-document",
        policy((["s3:GetObject"], f"arn:aws:s3:::{data}/*")),
    )
    targets = json.dumps({"S3Targets": [{"Path": f"s3://{data}/"}]})
    aws("glue", "create-crawler", "--name", name, "--role", role, "--database-name", database, "--targets", targets)
    aws("glue", "start-crawler", "--name", name)
    crawler = wait_for(
        lambda: json.loads(aws("glue", "get-crawler", "--name", name))["Crawler"], lambda c: c["State"] == "READY"
    )
    assert crawler["LastCrawl"]["Status"] == "SUCCEEDED", crawler
    tables = json.loads(aws("glue", "get-tables", "--database-name", database, "--query", "TableList[].Name"))
    assert sorted(tables) == ["earthquakes", "songs"]

    query = aws(
        "athena",
        "start-query-execution",
        "--query-string",
        f"SELECT title FROM {database}.songs ORDER BY id LIMIT 2",
        "--result-configuration",
        f"OutputLocation=s3://{results}/cli/",
        "--output",
        "text",
    ).strip()
    state = wait_for(
        lambda: json.loads(aws("athena", "get-query-execution", "--query-execution-id", query))["QueryExecution"],
        lambda q: q["Status"]["State"] not in ("QUEUED", "RUNNING"),
    )
    assert state["Status"]["State"] == "SUCCEEDED", state
    rows = json.loads(aws("athena", "get-query-results", "--query-execution-id", query))["ResultSet"]["Rows"]
    assert [row["Data"][0]["VarCharValue"] for row in rows] == ["title", "Kind of Blue", "So What"]
    assert aws("s3", "cp", f"s3://{results}/cli/{query}.csv", "-") == '"title"\n"Kind of Blue"\n"So What"\n'

    machine_role = json.loads(
        aws(
            "iam",
            "create-role",
            "--role-name",
            f"{name}-machine",
            "--assume-role-policy-document",
            trust("states.amazonaws.com"),
        )
    )["Role"]["Arn"]
    aws(
        "iam",
        "put-role-policy",
        "--role-name",
        f"{name}-machine",
        "--policy-name",
        "all",
        "--policy-document",
        policy((["athena:*", "s3:*", "glue:Get*"], "*")),
    )
    machine = json.loads(
        aws(
            "stepfunctions",
            "create-state-machine",
            "--name",
            name,
            "--role-arn",
            machine_role,
            "--definition",
            json.dumps(definition(database, results)),
        )
    )["stateMachineArn"]
    execution = json.loads(aws("stepfunctions", "start-execution", "--state-machine-arn", machine))["executionArn"]
    ended = wait_for(
        lambda: json.loads(aws("stepfunctions", "describe-execution", "--execution-arn", execution)),
        lambda e: e["status"] != "RUNNING",
    )
    assert ended["status"] == "SUCCEEDED", ended
    events = json.loads(aws("stepfunctions", "get-execution-history", "--execution-arn", execution))["events"]
    assert [e["type"] for e in events].count("MapStateSucceeded") == 3

    aws("stepfunctions", "delete-state-machine", "--state-machine-arn", machine)
    aws("glue", "delete-crawler", "--name", name)
    aws("glue", "delete-database", "--name", database)
    aws("s3", "rb", "--force", f"s3://{data}")
    aws("s3", "rb", "--force", f"s3://{results}")
    aws(
        "iam",
        "detach-role-policy",
        "--role-name",
        f"{name}-crawler",
        "--policy-arn",
        "arn:aws:iam::aws:policy/service-role/AWSGlueServiceRole",
    )
    aws("iam", "delete-role-policy", "--role-name", f"{name}-crawler", "--policy-name", "read")
    aws("iam", "delete-role-policy", "--role-name", f"{name}-machine", "--policy-name", "all")
    aws("iam", "delete-role", "--role-name", f"{name}-crawler")
    aws("iam", "delete-role", "--role-name", f"{name}-machine")
    assert data not in aws("s3", "ls")


def test_an_error_is_shown_in_the_words_of_aws(aws):
    said = aws("glue", "get-database", "--name", "none", code=255)
    assert said.strip().startswith(
        "An error occurred (EntityNotFoundException) when calling the GetDatabase operation:"
    )


def test_a_large_file_goes_both_ways(aws, bucket, tmp_path):
    body = bytes(range(256)) * 4096 * 12
    (tmp_path / "up").write_bytes(body)
    aws("s3", "cp", tmp_path / "up", f"s3://{bucket}/large")
    aws("s3", "cp", f"s3://{bucket}/large", tmp_path / "down")
    assert (tmp_path / "down").read_bytes() == body


def test_moving_and_removing(aws, bucket):
    aws("s3", "cp", "-", f"s3://{bucket}/a/1", stdin="one")
    aws("s3", "mv", f"s3://{bucket}/a/1", f"s3://{bucket}/b/1")
    assert aws("s3", "cp", f"s3://{bucket}/b/1", "-") == "one"
    aws("s3", "rm", "--recursive", f"s3://{bucket}/")
    assert aws("s3", "ls", "--recursive", f"s3://{bucket}/", code=0) == ""
