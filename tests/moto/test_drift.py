"""What somebody changed by hand: seen where it is managed, put right, and left alone elsewhere."""

import json

import pytest

from lake import FILES, LAKE


@pytest.fixture
def up(stack):
    stack.write(LAKE, **FILES)
    stack.up()
    return stack


def names(stack):
    return json.loads(stack.run("status", "--output", "json"))


def name_of(stack, address):
    [name] = [r["name"] for r in names(stack) if r["address"] == address]
    return name


def put_right(stack, address, *fields):
    assert stack.plan() == {address: ("update", list(fields))}
    stack.up()
    assert stack.plan() == {}


def test_a_lifecycle_rule_that_is_gone_comes_back(up, moto):
    bucket = name_of(up, "buckets.results")
    moto.client("s3").delete_bucket_lifecycle(Bucket=bucket)
    put_right(up, "buckets.results", "expire_after_days")


def test_an_object_that_is_another_is_sent_again(up, moto):
    bucket = name_of(up, "buckets.data")
    moto.client("s3").put_object(Bucket=bucket, Key="people/people.csv", Body=b"nothing")
    put_right(up, "uploads.people", "files.people/people.csv")


def test_a_databases_description_comes_back_and_its_other_parameters_stay(up, moto):
    glue = moto.client("glue")
    live = glue.get_database(Name="t_lake")["Database"]
    parameters = live["Parameters"] | {"by": "hand"}
    glue.update_database(Name="t_lake", DatabaseInput={"Name": "t_lake", "Description": "?", "Parameters": parameters})
    put_right(up, "databases.lake", "description")
    assert glue.get_database(Name="t_lake")["Database"]["Parameters"]["by"] == "hand"


def test_a_tables_columns_come_back(up, moto):
    glue = moto.client("glue")
    live = glue.get_table(DatabaseName="t_lake", Name="people")["Table"]
    storage = live["StorageDescriptor"] | {"Columns": [{"Name": "id", "Type": "string"}]}
    table = {"Name": "people", "StorageDescriptor": storage, "Parameters": live["Parameters"]}
    glue.update_table(DatabaseName="t_lake", TableInput=table)
    put_right(up, "tables.people", "columns")


def test_a_policy_that_was_widened_is_narrowed(up, moto):
    wide = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    moto.client("iam").put_role_policy(RoleName="t-crawler", PolicyName="data", PolicyDocument=json.dumps(wide))
    put_right(up, "roles.crawler", "inline")


def test_a_policy_that_was_detached_is_attached(up, moto):
    arn = "arn:aws:iam::aws:policy/service-role/AWSGlueServiceRole"
    moto.client("iam").detach_role_policy(RoleName="t-crawler", PolicyArn=arn)
    put_right(up, "roles.crawler", "managed")


def test_a_definition_that_was_changed_is_put_right(up, moto):
    sfn = moto.client("stepfunctions")
    [machine] = sfn.list_state_machines()["stateMachines"]
    other = {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}
    sfn.update_state_machine(stateMachineArn=machine["stateMachineArn"], definition=json.dumps(other))
    put_right(up, "state_machines.pass", "definition")


def test_a_field_that_nobody_set_is_left_as_it_is(up, moto):
    glue = moto.client("glue")
    bucket = name_of(up, "buckets.data")
    moto.client("s3").put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    live = glue.get_table(DatabaseName="t_lake", Name="people")["Table"]
    table = {"Name": "people", "Description": "by hand"}
    table |= {key: live[key] for key in ("StorageDescriptor", "Parameters")}
    glue.update_table(DatabaseName="t_lake", TableInput=table)
    assert up.plan() == {}


def test_what_was_deleted_by_hand_is_made_again(up, moto):
    glue = moto.client("glue")
    glue.delete_crawler(Name="t-own")
    glue.delete_table(DatabaseName="t_lake", Name="people")
    plan = up.plan()
    assert {address: action for address, (action, _) in plan.items()} == {
        "crawlers.own": "create",
        "tables.people": "create",
    }
    up.up()
    assert up.plan() == {}


def test_what_was_deleted_by_hand_does_not_block_destroy(up, moto):
    moto.client("glue").delete_crawler(Name="t-own")
    moto.client("glue").delete_database(Name="t_lake")
    up.destroy()
    assert up.destroy().startswith("Nothing to delete")
