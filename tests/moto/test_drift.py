"""What somebody changed by hand: seen where it is managed, put right, and left alone elsewhere."""

import json

import pytest

from lake import FILES, LAKE


@pytest.fixture
def up(stack):
    stack.write(LAKE, **FILES)
    stack.up()
    return stack


def change_the_buckets(moto):
    s3 = moto.client("s3")
    s3.delete_bucket_lifecycle(Bucket=f"t-results-{moto.number}")
    s3.put_object(Bucket=f"t-data-{moto.number}", Key="people/people.csv", Body=b"nothing")
    s3.delete_bucket_tagging(Bucket=f"t-data-{moto.number}")
    marks = {"athglue:stack": "t", "athglue:id": "buckets.data", "what": "else"}
    tags = [{"Key": key, "Value": value} for key, value in marks.items()]
    s3.put_bucket_tagging(Bucket=f"t-data-{moto.number}", Tagging={"TagSet": tags})


def change_the_catalog(moto):
    glue = moto.client("glue")
    live = glue.get_database(Name="t_lake")["Database"]
    parameters = live["Parameters"] | {"by": "hand"}
    glue.update_database(Name="t_lake", DatabaseInput={"Name": "t_lake", "Description": "?", "Parameters": parameters})
    live = glue.get_table(DatabaseName="t_lake", Name="people")["Table"]
    storage = live["StorageDescriptor"] | {"Columns": [{"Name": "id", "Type": "string"}]}
    table = {"Name": "people", "StorageDescriptor": storage, "Parameters": live["Parameters"]}
    glue.update_table(DatabaseName="t_lake", TableInput=table)


def change_the_role(moto):
    iam = moto.client("iam")
    wide = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    iam.put_role_policy(RoleName="t-crawler", PolicyName="data", PolicyDocument=json.dumps(wide))
    iam.put_role_policy(RoleName="t-people-crawler", PolicyName="more", PolicyDocument=json.dumps(wide))
    arn = "arn:aws:iam::aws:policy/service-role/AWSGlueServiceRole"
    iam.detach_role_policy(RoleName="t-crawler", PolicyArn=arn)
    trust = {"Service": "lambda.amazonaws.com"}
    statement = {"Effect": "Allow", "Principal": trust, "Action": "sts:AssumeRole"}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    iam.update_assume_role_policy(RoleName="t-crawler", PolicyDocument=json.dumps(document))


def change_the_policy(moto):
    iam = moto.client("iam")
    wide = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    arn = f"arn:aws:iam::{moto.number}:policy/athglue/t/t-read"
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(wide), SetAsDefault=True)


def change_what_runs(moto):
    sfn = moto.client("stepfunctions")
    [machine] = sfn.list_state_machines()["stateMachines"]
    other = {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}
    sfn.update_state_machine(stateMachineArn=machine["stateMachineArn"], definition=json.dumps(other))
    scheduler = moto.client("scheduler")
    live = scheduler.get_schedule(GroupName="t", Name="t-nightly")
    kept = {key: live[key] for key in ("GroupName", "Name", "FlexibleTimeWindow", "Target")}
    scheduler.update_schedule(**kept, ScheduleExpression="rate(1 day)", State="ENABLED")


def test_what_was_changed_is_put_right(up, moto):
    for change in (
        change_the_buckets,
        change_the_catalog,
        change_the_role,
        change_the_policy,
        change_what_runs,
    ):
        change(moto)
    wanted = {
        "buckets.data": ["tags"],
        "buckets.results": ["expire_after_days"],
        "uploads.people": ["files.people/people.csv"],
        "databases.lake": ["description"],
        "tables.people": ["columns"],
        "policies.read": ["document"],
        "roles.crawler": ["inline", "managed", "trust_policy"],
        "crawlers.people.role": ["inline"],
        "state_machines.pass": ["definition"],
        "schedules.nightly": ["schedule"],
    }
    assert up.up() == {address: ("update", fields) for address, fields in wanted.items()}
    assert up.plan() == {}
    # What nobody manages stays.
    assert moto.client("glue").get_database(Name="t_lake")["Database"]["Parameters"]["by"] == "hand"


def test_a_field_that_nobody_set_is_left_as_it_is(up, moto):
    glue = moto.client("glue")
    versioning = {"Status": "Enabled"}
    moto.client("s3").put_bucket_versioning(Bucket=f"t-data-{moto.number}", VersioningConfiguration=versioning)
    live = glue.get_table(DatabaseName="t_lake", Name="people")["Table"]
    table = {"Name": "people", "Description": "by hand"}
    table |= {key: live[key] for key in ("StorageDescriptor", "Parameters")}
    glue.update_table(DatabaseName="t_lake", TableInput=table)
    scheduler = moto.client("scheduler")
    live = scheduler.get_schedule(GroupName="t", Name="t-nightly")
    kept = {key: live[key] for key in ("GroupName", "Name", "FlexibleTimeWindow", "Target", "ScheduleExpression")}
    scheduler.update_schedule(**kept, State="DISABLED")
    assert up.plan() == {}


def test_what_was_deleted_by_hand_is_made_again_and_does_not_block_destroy(up, moto):
    glue = moto.client("glue")
    glue.delete_crawler(Name="t-own")
    glue.delete_table(DatabaseName="t_lake", Name="people")
    moto.client("scheduler").delete_schedule(GroupName="t", Name="t-nightly")
    assert {address: action for address, (action, _) in up.up().items()} == {
        "crawlers.own": "create",
        "tables.people": "create",
        "schedules.nightly": "create",
    }
    assert up.plan() == {}
    glue.delete_crawler(Name="t-own")
    glue.delete_database(Name="t_lake")
    up.destroy()
    assert up.destroy().startswith("Nothing to delete")
