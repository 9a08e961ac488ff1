"""A small lake made by hand: what a data engineer does with boto3, step by step."""

import json
import time
from pathlib import Path

EARTHQUAKES = Path(__file__).parents[2] / "data/earthquakes/week.parquet"
WEATHER = Path(__file__).parents[2] / "data/weather"

SONGS = """id,title,artist,year,seconds
1,Kind of Blue,Miles Davis,1959,545.5
2,So What,Miles Davis,1959,562.0
3,Take Five,Dave Brubeck,1959,324.25
4,Giant Steps,John Coltrane,1960,286.0
5,Naima,John Coltrane,1960,261.5
6,Watermelon Man,Herbie Hancock,1962,429.0
7,"Goodbye, Pork Pie Hat",Charles Mingus,1959,283.0
8,Maiden Voyage,Herbie Hancock,1965,477.0
"""


def trust(service):
    """A trust policy for a service."""
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}],
        }
    )


def policy(*statements):
    """A policy that allows; a statement is (actions, resources)."""
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Action": actions, "Resource": resources} for actions, resources in statements
            ],
        }
    )


def wait_for(ask, done, seconds=60):
    """Asks until `done` holds of the answer, and returns it."""
    deadline = time.monotonic() + seconds
    while True:
        answer = ask()
        if done(answer):
            return answer
        assert time.monotonic() < deadline, f"still not there after {seconds} s: {answer}"
        time.sleep(0.05)


class Lake:
    """The names of a lake's things, and the calls that take several steps."""

    def __init__(self, cloud, name):
        self.name = name
        self.database = f"{name}_db"
        self.data = f"{name}-data"
        self.results = f"{name}-results"
        self.s3, self.glue, self.athena = cloud.client("s3"), cloud.client("glue"), cloud.client("athena")
        self.iam, self.sfn = cloud.client("iam"), cloud.client("stepfunctions")
        self.s3.create_bucket(Bucket=self.data)
        self.s3.create_bucket(Bucket=self.results)
        self.glue.create_database(DatabaseInput={"Name": self.database})

    def put(self, key, body):
        self.s3.put_object(Bucket=self.data, Key=key, Body=body)

    def role(self, name, service, *statements, managed=()):
        """Creates a role of a service and returns its ARN."""
        role = self.iam.create_role(RoleName=f"{self.name}-{name}", AssumeRolePolicyDocument=trust(service))
        for arn in managed:
            self.iam.attach_role_policy(RoleName=f"{self.name}-{name}", PolicyArn=arn)
        if statements:
            self.allow(name, *statements)
        return role["Role"]["Arn"]

    def allow(self, name, *statements):
        """Makes the statements all that the role's own policy allows."""
        self.iam.put_role_policy(RoleName=f"{self.name}-{name}", PolicyName="own", PolicyDocument=policy(*statements))

    def crawler_role(self, reads=True):
        """A role as AWS's tutorials make it: AWSGlueServiceRole and, mostly, reading of the bucket."""
        statements = [(["s3:GetObject"], f"arn:aws:s3:::{self.data}/*")] if reads else []
        return self.role(
            "crawler",
            "glue.amazonaws.com",
            *statements,
            managed=["arn:aws:iam::aws:policy/service-role/AWSGlueServiceRole"],
        )

    def create_crawler(self, role, path="", **members):
        self.glue.create_crawler(
            Name=self.name,
            Role=role,
            DatabaseName=self.database,
            Targets={"S3Targets": [{"Path": f"s3://{self.data}/{path}"}]},
            **members,
        )

    def crawl(self):
        """Runs the crawler to its end and returns its LastCrawl."""
        self.glue.start_crawler(Name=self.name)
        crawler = wait_for(lambda: self.glue.get_crawler(Name=self.name)["Crawler"], lambda c: c["State"] == "READY")
        return crawler["LastCrawl"]

    def start(self, sql, athena=None, **members):
        return (athena or self.athena).start_query_execution(
            QueryString=sql,
            QueryExecutionContext={"Database": self.database},
            ResultConfiguration={"OutputLocation": f"s3://{self.results}/q/"},
            **members,
        )["QueryExecutionId"]

    def finished(self, query, athena=None):
        """The QueryExecution once it has ended."""
        return wait_for(
            lambda: (athena or self.athena).get_query_execution(QueryExecutionId=query)["QueryExecution"],
            lambda q: q["Status"]["State"] not in ("QUEUED", "RUNNING"),
        )

    def query(self, sql, **members):
        """Runs a statement that must succeed and returns its rows as lists, the header first."""
        query = self.start(sql, **members)
        status = self.finished(query)["Status"]
        assert status["State"] == "SUCCEEDED", f"{sql}: {status}"
        pages = self.athena.get_paginator("get_query_results").paginate(QueryExecutionId=query)
        return [
            [cell.get("VarCharValue") for cell in row["Data"]] for page in pages for row in page["ResultSet"]["Rows"]
        ]

    def failed(self, sql, **members):
        """Runs a statement that must fail and returns the reason."""
        status = self.finished(self.start(sql, **members), members.get("athena"))["Status"]
        assert status["State"] == "FAILED", f"{sql}: {status}"
        return status["StateChangeReason"]

    def songs_table(self):
        """The songs, as a table that a statement of Hive's DDL makes."""
        self.put("songs/songs.csv", SONGS)
        self.query(
            f"""CREATE EXTERNAL TABLE songs (id bigint, title string, artist string, year int, seconds double)
            ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde'
            LOCATION 's3://{self.data}/songs/'
            TBLPROPERTIES ('skip.header.line.count'='1')"""
        )

    def run(self, machine, document="{}"):
        """Runs a state machine to its end and returns the execution."""
        execution = self.sfn.start_execution(stateMachineArn=machine, input=document)["executionArn"]
        return wait_for(lambda: self.sfn.describe_execution(executionArn=execution), lambda e: e["status"] != "RUNNING")

    def history(self, execution):
        pages = self.sfn.get_paginator("get_execution_history").paginate(executionArn=execution)
        return [event for page in pages for event in page["events"]]
