"""A role may do what its policies say; a refusal names who, what and on what, as AWS's does."""

import json

from lake import SONGS, trust
from test_worked_example import definition, machine_role


def names(message, *words):
    missing = [word for word in words if word not in message]
    assert not missing, f"{missing} not in: {message}"


def test_a_crawler_needs_its_role_to_read_objects(lake):
    lake.put("songs/songs.csv", SONGS)
    lake.create_crawler(lake.crawler_role(reads=False))
    last = lake.crawl()
    assert last["Status"] == "FAILED", last
    names(
        last["ErrorMessage"],
        f"assumed-role/{lake.name}-crawler/",
        "is not authorized to perform: s3:GetObject",
        f"arn:aws:s3:::{lake.data}/songs/songs.csv",
    )
    assert lake.glue.get_tables(DatabaseName=lake.database)["TableList"] == []

    lake.allow("crawler", (["s3:GetObject"], f"arn:aws:s3:::{lake.data}/*"))
    last = lake.crawl()
    assert last["Status"] == "SUCCEEDED", last
    assert [t["Name"] for t in lake.glue.get_tables(DatabaseName=lake.database)["TableList"]] == ["songs"]


def test_a_state_machine_needs_its_role_to_start_queries(lake):
    lake.songs_table()
    role = machine_role(lake)
    own = lake.iam.get_role_policy(RoleName=f"{lake.name}-machine", PolicyName="own")["PolicyDocument"]
    without = json.loads(json.dumps(own))
    without["Statement"][0]["Action"].remove("athena:StartQueryExecution")
    lake.iam.put_role_policy(RoleName=f"{lake.name}-machine", PolicyName="own", PolicyDocument=json.dumps(without))
    machine = lake.sfn.create_state_machine(
        name=lake.name, definition=json.dumps(definition(lake.database, lake.results)), roleArn=role
    )["stateMachineArn"]

    execution = lake.run(machine)
    assert execution["status"] == "FAILED", execution
    assert execution["error"] == "Athena.AmazonAthenaException"
    names(
        execution["cause"],
        f"assumed-role/{lake.name}-machine/",
        "is not authorized to perform: athena:StartQueryExecution",
        "arn:aws:athena:us-east-1:000000000000:workgroup/primary",
        "AccessDeniedException",
    )

    lake.iam.put_role_policy(RoleName=f"{lake.name}-machine", PolicyName="own", PolicyDocument=json.dumps(own))
    execution = lake.run(machine)
    assert execution["status"] == "SUCCEEDED", execution


def test_an_assumed_role_reads_what_it_may_and_nothing_else(cloud, lake, sts, refused):
    lake.put("open/a.txt", "a")
    lake.put("closed/b.txt", "b")
    lake.iam.create_role(
        RoleName=f"{lake.name}-reader",
        AssumeRolePolicyDocument=trust("ec2.amazonaws.com").replace(
            '{"Service": "ec2.amazonaws.com"}', '{"AWS": "arn:aws:iam::000000000000:root"}'
        ),
    )
    lake.allow("reader", (["s3:GetObject"], f"arn:aws:s3:::{lake.data}/open/*"))
    taken = sts.assume_role(RoleArn=f"arn:aws:iam::000000000000:role/{lake.name}-reader", RoleSessionName="reading")[
        "Credentials"
    ]
    credentials = {
        "aws_access_key_id": taken["AccessKeyId"],
        "aws_secret_access_key": taken["SecretAccessKey"],
        "aws_session_token": taken["SessionToken"],
    }
    who = cloud.client("sts", credentials).get_caller_identity()
    assert who["Arn"] == f"arn:aws:sts::000000000000:assumed-role/{lake.name}-reader/reading"

    s3 = cloud.client("s3", credentials)
    assert s3.get_object(Bucket=lake.data, Key="open/a.txt")["Body"].read() == b"a"
    code, message = refused(s3.get_object, Bucket=lake.data, Key="closed/b.txt")
    assert code == "AccessDenied"
    names(message, who["Arn"], "s3:GetObject", f"arn:aws:s3:::{lake.data}/closed/b.txt")
    code, message = refused(s3.put_object, Bucket=lake.data, Key="open/c.txt", Body=b"c")
    assert code == "AccessDenied"
    code, message = refused(cloud.client("glue", credentials).get_databases)
    assert code == "AccessDeniedException"
    names(message, who["Arn"], "glue:GetDatabases")
    code, message = refused(cloud.client("iam", credentials).list_roles)
    assert code == "AccessDenied"
    names(message, who["Arn"], "iam:ListRoles")


def test_an_explicit_deny_wins(cloud, lake, iam):
    lake.role("denied", "glue.amazonaws.com", (["s3:*"], "*"))
    deny = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Deny", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{lake.data}/*"}],
    }
    iam.put_role_policy(RoleName=f"{lake.name}-denied", PolicyName="deny", PolicyDocument=json.dumps(deny))
    role = f"arn:aws:iam::000000000000:role/{lake.name}-denied"

    def decision(action, resource):
        answer = iam.simulate_principal_policy(PolicySourceArn=role, ActionNames=[action], ResourceArns=[resource])
        return answer["EvaluationResults"][0]["EvalDecision"]

    assert decision("s3:GetObject", f"arn:aws:s3:::{lake.data}/a") == "explicitDeny"
    assert decision("s3:PutObject", f"arn:aws:s3:::{lake.data}/a") == "allowed"
    assert decision("glue:GetTable", "*") == "implicitDeny"


def test_a_role_that_does_not_trust_the_service_cannot_be_its_role(lake, refused):
    role = lake.role("wrong", "ec2.amazonaws.com", (["s3:GetObject"], "*"))
    code, message = refused(lake.create_crawler, role=role)
    assert code == "InvalidInputException"
    names(message, "Service is unable to assume provided role")
    code, message = refused(
        lake.sfn.create_state_machine,
        name=lake.name,
        definition=json.dumps({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}),
        roleArn=role,
    )
    assert code == "AccessDeniedException"
    names(message, "states.amazonaws.com", "authorized to assume the provided role")


def test_a_query_needs_its_caller_to_read_the_catalog_and_the_data(cloud, lake, sts):
    lake.songs_table()
    lake.iam.create_role(
        RoleName=f"{lake.name}-analyst",
        AssumeRolePolicyDocument=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"AWS": "arn:aws:iam::000000000000:root"},
                        "Action": "sts:AssumeRole",
                    }
                ],
            }
        ),
    )
    athena_and_results = [
        (["athena:*"], "*"),
        (["s3:PutObject", "s3:GetObject", "s3:GetBucketLocation"], [f"arn:aws:s3:::{lake.results}*"]),
    ]
    catalog = (["glue:GetDatabase", "glue:GetTable", "glue:GetPartitions"], "*")
    lake.allow("analyst", *athena_and_results)
    taken = sts.assume_role(RoleArn=f"arn:aws:iam::000000000000:role/{lake.name}-analyst", RoleSessionName="asking")[
        "Credentials"
    ]
    athena = cloud.client(
        "athena",
        {
            "aws_access_key_id": taken["AccessKeyId"],
            "aws_secret_access_key": taken["SecretAccessKey"],
            "aws_session_token": taken["SessionToken"],
        },
    )
    names(lake.failed("SELECT count(*) FROM songs", athena=athena), "glue:GetTable")
    lake.allow("analyst", *athena_and_results, catalog)
    names(lake.failed("SELECT count(*) FROM songs", athena=athena), lake.data)
    lake.allow(
        "analyst",
        *athena_and_results,
        catalog,
        (["s3:GetObject", "s3:ListBucket"], [f"arn:aws:s3:::{lake.data}", f"arn:aws:s3:::{lake.data}/*"]),
    )
    status = lake.finished(lake.start("SELECT count(*) FROM songs", athena=athena), athena)["Status"]
    assert status["State"] == "SUCCEEDED", status


def test_a_session_may_do_no_more_than_its_session_policy_says(cloud, lake, sts, refused):
    lake.put("open/a.txt", "a")
    lake.iam.create_role(
        RoleName=f"{lake.name}-limited",
        AssumeRolePolicyDocument=trust("ec2.amazonaws.com").replace(
            '{"Service": "ec2.amazonaws.com"}', '{"AWS": "arn:aws:iam::000000000000:root"}'
        ),
    )
    lake.allow("limited", (["s3:*", "glue:*"], "*"))
    only_reading = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{lake.data}/open/*"}],
    }
    taken = sts.assume_role(
        RoleArn=f"arn:aws:iam::000000000000:role/{lake.name}-limited",
        RoleSessionName="limited",
        Policy=json.dumps(only_reading),
    )["Credentials"]
    credentials = {
        "aws_access_key_id": taken["AccessKeyId"],
        "aws_secret_access_key": taken["SecretAccessKey"],
        "aws_session_token": taken["SessionToken"],
    }
    s3 = cloud.client("s3", credentials)
    assert s3.get_object(Bucket=lake.data, Key="open/a.txt")["Body"].read() == b"a"
    code, message = refused(s3.put_object, Bucket=lake.data, Key="open/b.txt", Body=b"b")
    assert code == "AccessDenied"
    names(message, "because no session policy allows the s3:PutObject action")
    code, message = refused(cloud.client("glue", credentials).get_databases)
    assert code == "AccessDeniedException"
    names(message, "because no session policy allows the glue:GetDatabases action")


def test_a_bucket_policy_refuses_whom_its_role_would_allow(lake, sts, cloud, refused):
    lake.put("a.txt", "a")
    lake.iam.create_role(
        RoleName=f"{lake.name}-shut-out",
        AssumeRolePolicyDocument=trust("ec2.amazonaws.com").replace(
            '{"Service": "ec2.amazonaws.com"}', '{"AWS": "arn:aws:iam::000000000000:root"}'
        ),
    )
    lake.allow("shut-out", (["s3:*"], "*"))
    role = f"arn:aws:iam::000000000000:role/{lake.name}-shut-out"
    deny = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:GetObject",
                "Resource": f"arn:aws:s3:::{lake.data}/*",
                "Condition": {"ArnEquals": {"aws:PrincipalArn": role}},
            }
        ],
    }
    lake.s3.put_bucket_policy(Bucket=lake.data, Policy=json.dumps(deny))
    taken = sts.assume_role(RoleArn=role, RoleSessionName="shut-out")["Credentials"]
    s3 = cloud.client(
        "s3",
        {
            "aws_access_key_id": taken["AccessKeyId"],
            "aws_secret_access_key": taken["SecretAccessKey"],
            "aws_session_token": taken["SessionToken"],
        },
    )
    code, message = refused(s3.get_object, Bucket=lake.data, Key="a.txt")
    assert code == "AccessDenied"
    names(message, "with an explicit deny in a resource-based policy")
    assert lake.s3.get_object(Bucket=lake.data, Key="a.txt")["Body"].read() == b"a"
