"""Wrong calls get AWS's own errors: a code of the service's, a status of the client's making."""

import json

import botocore.exceptions
import pytest

from lake import trust

# Members that boto3 would refuse by itself go to the service, as other clients would send them.
UNCHECKED = {"parameter_validation": False}

NO_SUCH = "arn:aws:states:us-east-1:000000000000:stateMachine:none"


@pytest.fixture
def unchecked(cloud):
    return lambda service: cloud.client(service, **UNCHECKED)


@pytest.mark.parametrize(
    ("service", "operation", "members", "code"),
    [
        ("glue", "create_database", {}, "ValidationException"),
        ("glue", "get_table", {"DatabaseName": "d"}, "ValidationException"),
        ("glue", "get_partitions", {"DatabaseName": "d"}, "ValidationException"),
        ("glue", "create_crawler", {"Name": "c"}, "ValidationException"),
        ("glue", "start_crawler", {}, "ValidationException"),
        ("athena", "start_query_execution", {}, "InvalidRequestException"),
        ("athena", "get_query_results", {}, "InvalidRequestException"),
        ("athena", "create_work_group", {}, "InvalidRequestException"),
        ("athena", "create_named_query", {"Name": "n"}, "InvalidRequestException"),
        ("stepfunctions", "create_state_machine", {"name": "m"}, "ValidationException"),
        ("stepfunctions", "start_execution", {}, "ValidationException"),
        ("stepfunctions", "describe_execution", {}, "ValidationException"),
        ("iam", "create_role", {"RoleName": "r"}, "ValidationError"),
        ("iam", "put_role_policy", {"RoleName": "r"}, "ValidationError"),
        ("sts", "assume_role", {"RoleArn": "arn:aws:iam::000000000000:role/r"}, "ValidationError"),
    ],
)
def test_a_required_member_that_is_missing(unchecked, refused, service, operation, members, code):
    assert refused(getattr(unchecked(service), operation), **members)[0] == code


@pytest.mark.parametrize(
    ("service", "operation", "members", "code"),
    [
        (
            "glue",
            "create_crawler",
            {
                "Name": "c",
                "Role": "r",
                "DatabaseName": "d",
                "Targets": {"S3Targets": [{"Path": "s3://b/"}]},
                "SchemaChangePolicy": {"UpdateBehavior": "SOMETIMES"},
            },
            "ValidationException",
        ),
        ("glue", "get_partitions", {"DatabaseName": "d", "TableName": "t", "MaxResults": 0}, "ValidationException"),
        ("athena", "update_work_group", {"WorkGroup": "primary", "State": "ASLEEP"}, "InvalidRequestException"),
        ("athena", "create_work_group", {"Name": "not a name!"}, "InvalidRequestException"),
        (
            "stepfunctions",
            "create_state_machine",
            {"name": "m", "definition": "{}", "roleArn": "arn:aws:iam::000000000000:role/r", "type": "SLOW"},
            "ValidationException",
        ),
        (
            "stepfunctions",
            "list_executions",
            {"stateMachineArn": NO_SUCH, "statusFilter": "ASLEEP"},
            "ValidationException",
        ),
        (
            "iam",
            "create_role",
            {"RoleName": "no/slash", "AssumeRolePolicyDocument": trust("x.amazonaws.com")},
            "ValidationError",
        ),
        (
            "sts",
            "assume_role",
            {"RoleArn": "arn:aws:iam::000000000000:role/r", "RoleSessionName": "s", "DurationSeconds": 1},
            "ValidationError",
        ),
    ],
)
def test_a_value_that_the_api_does_not_know(unchecked, refused, service, operation, members, code):
    assert refused(getattr(unchecked(service), operation), **members)[0] == code


QUERY = "00000000-0000-4000-8000-000000000000"


@pytest.mark.parametrize(
    ("service", "operation", "members", "code"),
    [
        ("glue", "get_database", {"Name": "none"}, "EntityNotFoundException"),
        ("glue", "delete_database", {"Name": "none"}, "EntityNotFoundException"),
        ("glue", "get_table", {"DatabaseName": "none", "Name": "t"}, "EntityNotFoundException"),
        ("glue", "get_tables", {"DatabaseName": "none"}, "EntityNotFoundException"),
        ("glue", "get_partitions", {"DatabaseName": "none", "TableName": "t"}, "EntityNotFoundException"),
        ("glue", "get_crawler", {"Name": "none"}, "EntityNotFoundException"),
        ("glue", "start_crawler", {"Name": "none"}, "EntityNotFoundException"),
        ("glue", "delete_crawler", {"Name": "none"}, "EntityNotFoundException"),
        ("athena", "get_query_execution", {"QueryExecutionId": QUERY}, "InvalidRequestException"),
        ("athena", "get_query_results", {"QueryExecutionId": QUERY}, "InvalidRequestException"),
        ("athena", "get_work_group", {"WorkGroup": "none"}, "InvalidRequestException"),
        ("athena", "get_named_query", {"NamedQueryId": QUERY}, "InvalidRequestException"),
        (
            "athena",
            "get_prepared_statement",
            {"StatementName": "none", "WorkGroup": "primary"},
            "ResourceNotFoundException",
        ),
        ("athena", "get_database", {"CatalogName": "AwsDataCatalog", "DatabaseName": "none"}, "MetadataException"),
        ("stepfunctions", "describe_state_machine", {"stateMachineArn": NO_SUCH}, "StateMachineDoesNotExist"),
        ("stepfunctions", "start_execution", {"stateMachineArn": NO_SUCH}, "StateMachineDoesNotExist"),
        (
            "stepfunctions",
            "describe_execution",
            {"executionArn": NO_SUCH.replace("stateMachine", "execution") + ":e"},
            "ExecutionDoesNotExist",
        ),
        ("stepfunctions", "describe_state_machine", {"stateMachineArn": "nonsense"}, "InvalidArn"),
        ("iam", "get_role", {"RoleName": "none"}, "NoSuchEntity"),
        ("iam", "delete_role", {"RoleName": "none"}, "NoSuchEntity"),
        ("iam", "get_policy", {"PolicyArn": "arn:aws:iam::aws:policy/None"}, "NoSuchEntity"),
        ("s3", "list_objects_v2", {"Bucket": "there-is-none"}, "NoSuchBucket"),
        ("s3", "get_object", {"Bucket": "there-is-none", "Key": "k"}, "NoSuchBucket"),
        ("s3", "head_bucket", {"Bucket": "there-is-none"}, "404"),
        ("s3", "delete_bucket", {"Bucket": "there-is-none"}, "NoSuchBucket"),
    ],
)
def test_a_name_that_is_not_there(cloud, refused, service, operation, members, code):
    assert refused(getattr(cloud.client(service), operation), **members)[0] == code


def test_a_key_that_is_not_there(s3, bucket, refused):
    assert refused(s3.get_object, Bucket=bucket, Key="none")[0] == "NoSuchKey"
    assert refused(s3.head_object, Bucket=bucket, Key="none")[0] == "404"
    s3.delete_object(Bucket=bucket, Key="none")


def test_a_name_that_is_taken(cloud, lake, refused):
    glue, iam, athena = lake.glue, lake.iam, lake.athena
    assert refused(glue.create_database, DatabaseInput={"Name": lake.database})[0] == "AlreadyExistsException"
    glue.create_table(DatabaseName=lake.database, TableInput={"Name": "t"})
    assert (
        refused(glue.create_table, DatabaseName=lake.database, TableInput={"Name": "t"})[0] == "AlreadyExistsException"
    )
    role = lake.role("r", "glue.amazonaws.com")
    assert (
        refused(iam.create_role, RoleName=f"{lake.name}-r", AssumeRolePolicyDocument=trust("glue.amazonaws.com"))[0]
        == "EntityAlreadyExists"
    )
    lake.create_crawler(role)
    assert refused(lake.create_crawler, role=role)[0] == "AlreadyExistsException"
    athena.create_work_group(Name=lake.name)
    assert refused(athena.create_work_group, Name=lake.name)[0] == "InvalidRequestException"
    eu = cloud.client("s3")
    assert refused(
        eu.create_bucket,
        Bucket=lake.data,
        CreateBucketConfiguration={"LocationConstraint": "eu-west-1"},
    )[0] in ("BucketAlreadyOwnedByYou", "IllegalLocationConstraintException")
    # In us-east-1 one's own bucket may be created again.
    lake.s3.create_bucket(Bucket=lake.data)


def test_a_state_machine_of_the_same_name_must_be_the_same(lake, refused):
    role = lake.role("m", "states.amazonaws.com")
    machine = {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}
    members = {"name": lake.name, "definition": json.dumps(machine), "roleArn": role}
    first = lake.sfn.create_state_machine(**members)
    assert lake.sfn.create_state_machine(**members)["stateMachineArn"] == first["stateMachineArn"]
    machine["Comment"] = "another"
    members["definition"] = json.dumps(machine)
    assert refused(lake.sfn.create_state_machine, **members)[0] == "StateMachineAlreadyExists"


def test_what_is_not_empty_stays(lake, refused):
    lake.put("k", "v")
    assert refused(lake.s3.delete_bucket, Bucket=lake.data)[0] == "BucketNotEmpty"
    lake.role("r", "glue.amazonaws.com", (["s3:GetObject"], "*"))
    assert refused(lake.iam.delete_role, RoleName=f"{lake.name}-r")[0] == "DeleteConflict"
    lake.athena.create_work_group(Name=lake.name)
    lake.athena.create_named_query(Name="q", Database="d", QueryString="SELECT 1", WorkGroup=lake.name)
    assert refused(lake.athena.delete_work_group, WorkGroup=lake.name)[0] == "InvalidRequestException"
    lake.athena.delete_work_group(WorkGroup=lake.name, RecursiveDeleteOption=True)
    assert refused(lake.athena.delete_work_group, WorkGroup="primary")[0] == "InvalidRequestException"


def test_a_definition_that_is_wrong_says_where(lake, refused):
    role = lake.role("m", "states.amazonaws.com")
    definition = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}}})
    code, message = refused(lake.sfn.create_state_machine, name=lake.name, definition=definition, roleArn=role)
    assert code == "InvalidDefinition"
    assert "MISSING_TRANSITION_TARGET" in message and "/States/A" in message


def test_a_query_without_a_place_for_its_results(athena, refused):
    code, message = refused(athena.start_query_execution, QueryString="SELECT 1")
    assert code == "InvalidRequestException"
    assert message.startswith("No output location provided.")


def test_an_execution_name_is_used_once(lake, refused):
    role = lake.role("m", "states.amazonaws.com")
    definition = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}})
    machine = lake.sfn.create_state_machine(name=lake.name, definition=definition, roleArn=role)["stateMachineArn"]
    lake.sfn.start_execution(stateMachineArn=machine, name="once", input="{}")
    code, _ = refused(lake.sfn.start_execution, stateMachineArn=machine, name="once", input='{"a": 1}')
    assert code == "ExecutionAlreadyExists"
    assert refused(lake.sfn.start_execution, stateMachineArn=machine, input="{")[0] == "InvalidExecutionInput"


def test_a_policy_that_is_no_policy(lake, refused):
    lake.role("r", "glue.amazonaws.com")
    for document in ("{", "{}", '{"Version": "2012-10-17", "Statement": [{"Effect": "Perhaps"}]}'):
        code, _ = refused(lake.iam.put_role_policy, RoleName=f"{lake.name}-r", PolicyName="p", PolicyDocument=document)
        assert code == "MalformedPolicyDocument"


def test_wrong_keys_are_refused(cloud, refused):
    wrong = {"aws_access_key_id": "test", "aws_secret_access_key": "wrong"}
    assert refused(cloud.client("s3", wrong).list_buckets)[0] == "SignatureDoesNotMatch"
    assert refused(cloud.client("iam", wrong).list_roles)[0] == "SignatureDoesNotMatch"
    assert refused(cloud.client("glue", wrong).get_databases)[0] == "InvalidSignatureException"
    nobody = {"aws_access_key_id": "AKIANOBODY0000000000", "aws_secret_access_key": "wrong"}
    assert refused(cloud.client("s3", nobody).list_buckets)[0] == "InvalidAccessKeyId"
    assert refused(cloud.client("sts", nobody).get_caller_identity)[0] == "InvalidClientTokenId"
    assert refused(cloud.client("glue", nobody).get_databases)[0] == "UnrecognizedClientException"


def test_a_bucket_name_follows_the_rules(unchecked, refused):
    s3 = unchecked("s3")
    for bad in ("ab", "Upper-Case", "192.168.0.1", "xn--bucket", "bucket-s3alias", "under_score", "a" * 64):
        assert refused(s3.create_bucket, Bucket=bad)[0] == "InvalidBucketName", bad


def test_what_the_cloud_does_not_have_says_so(cloud):
    with pytest.raises(botocore.exceptions.ClientError) as raised:
        cloud.client("glue").get_jobs()
    error = raised.value.response["Error"]
    assert error["Code"] == "UnsupportedOperation"
    assert "glue:GetJobs" in error["Message"] and "docs/differences.md" in error["Message"]
