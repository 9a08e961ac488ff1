"""boto3 works with schedules and log groups, and a served schedule fires by itself."""

import json
import time

import pytest

REGION = "us-east-1"


@pytest.fixture(scope="session")
def scheduler(cloud):
    return cloud.client("scheduler")


@pytest.fixture(scope="session")
def logs(cloud):
    return cloud.client("logs")


@pytest.fixture
def role(iam, name):
    """Makes a role that a service takes and that may do some actions, and returns its ARN."""

    def role(service, *actions):
        statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
        role_name = f"{name}-{service.split('.')[0]}"
        made = iam.create_role(
            RoleName=role_name,
            AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": statement}),
        )
        allow = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
        iam.put_role_policy(
            RoleName=role_name,
            PolicyName="all",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": allow}),
        )
        return made["Role"]["Arn"]

    return role


@pytest.fixture
def machine(sfn, name, role):
    """The ARN of a state machine that does nothing."""
    definition = {"StartAt": "Show", "States": {"Show": {"Type": "Pass", "End": True}}}
    made = sfn.create_state_machine(
        name=name, definition=json.dumps(definition), roleArn=role("states.amazonaws.com", "logs:*")
    )
    return made["stateMachineArn"]


@pytest.fixture
def schedule(machine, name, role):
    """What a schedule of the state machine is made of."""
    return {
        "Name": name,
        "ScheduleExpression": "rate(1 hour)",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {
            "Arn": machine,
            "RoleArn": role("scheduler.amazonaws.com", "states:StartExecution"),
            "Input": '{"year": 1979}',
        },
    }


def test_a_schedule_is_made_read_listed_changed_and_deleted(scheduler, schedule, name, refused):
    group = scheduler.create_schedule_group(Name=name, Tags=[{"Key": "team", "Value": "data"}])
    schedule["GroupName"] = name
    made = scheduler.create_schedule(**schedule)
    assert made["ScheduleArn"] == f"arn:aws:scheduler:{REGION}:000000000000:schedule/{name}/{name}"
    there = scheduler.get_schedule(Name=name, GroupName=name)
    assert there["State"] == "ENABLED"
    assert there["Target"]["RetryPolicy"] == {"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185}
    pages = scheduler.get_paginator("list_schedules").paginate(GroupName=name, MaxResults=1)
    assert [s["Name"] for page in pages for s in page["Schedules"]] == [name]
    scheduler.update_schedule(**schedule | {"State": "DISABLED"})
    assert scheduler.get_schedule(Name=name, GroupName=name)["State"] == "DISABLED"
    assert scheduler.list_tags_for_resource(ResourceArn=group["ScheduleGroupArn"])["Tags"] == [
        {"Key": "team", "Value": "data"}
    ]
    scheduler.untag_resource(ResourceArn=group["ScheduleGroupArn"], TagKeys=["team", "none"])
    assert scheduler.list_tags_for_resource(ResourceArn=group["ScheduleGroupArn"])["Tags"] == []
    scheduler.delete_schedule(Name=name, GroupName=name)
    scheduler.delete_schedule_group(Name=name)
    code, message = refused(scheduler.get_schedule, Name=name, GroupName=name)
    assert (code, message) == ("ResourceNotFoundException", f"Schedule group {name} does not exist.")


def test_what_is_wrong_is_refused_with_the_exceptions_of_the_model(scheduler, schedule, name, role):
    with pytest.raises(scheduler.exceptions.ValidationException, match="Invalid Schedule Expression"):
        scheduler.create_schedule(**schedule | {"ScheduleExpression": "every day"})
    target = schedule["Target"] | {"RoleArn": role("glue.amazonaws.com", "*")}
    with pytest.raises(
        scheduler.exceptions.ValidationException,
        match="The execution role you provide must allow AWS EventBridge Scheduler to assume the role.",
    ):
        scheduler.create_schedule(**schedule | {"Target": target})
    scheduler.create_schedule(**schedule)
    with pytest.raises(scheduler.exceptions.ConflictException, match=f"Schedule {name} already exists."):
        scheduler.create_schedule(**schedule)
    with pytest.raises(scheduler.exceptions.ResourceNotFoundException, match="Schedule none does not exist."):
        scheduler.get_schedule(Name="none")
    scheduler.delete_schedule(Name=name)


def test_while_the_cloud_is_served_a_schedule_fires_by_itself(scheduler, sfn, schedule, machine, name):
    # A rate without a start begins at once.
    scheduler.create_schedule(**schedule)
    deadline = time.monotonic() + 20
    executions = []
    while not executions and time.monotonic() < deadline:
        time.sleep(0.2)
        executions = sfn.list_executions(stateMachineArn=machine)["executions"]
    scheduler.delete_schedule(Name=name)
    assert len(executions) == 1
    described = sfn.describe_execution(executionArn=executions[0]["executionArn"])
    assert json.loads(described["input"]) == {"year": 1979}


def test_a_log_group_is_made_filled_read_and_deleted(logs, name):
    group = f"/films/{name}"
    logs.create_log_group(logGroupName=group, tags={"team": "data"})
    with pytest.raises(logs.exceptions.ResourceAlreadyExistsException):
        logs.create_log_group(logGroupName=group)
    logs.put_retention_policy(logGroupName=group, retentionInDays=7)
    found = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"][0]
    assert found["retentionInDays"] == 7
    assert logs.list_tags_for_resource(resourceArn=found["logGroupArn"])["tags"] == {"team": "data"}
    logs.create_log_stream(logGroupName=group, logStreamName="one")
    now = int(time.time() * 1000)
    logs.put_log_events(
        logGroupName=group,
        logStreamName="one",
        logEvents=[{"timestamp": now + i, "message": f"film {i}"} for i in range(3)],
    )
    events = logs.get_log_events(logGroupName=group, logStreamName="one", startFromHead=True)["events"]
    assert [event["message"] for event in events] == ["film 0", "film 1", "film 2"]
    filtered = logs.filter_log_events(logGroupName=group, filterPattern='"film 1"')["events"]
    assert [event["message"] for event in filtered] == ["film 1"]
    assert logs.describe_log_streams(logGroupName=group)["logStreams"][0]["lastEventTimestamp"] == now + 2
    logs.delete_log_group(logGroupName=group)
    with pytest.raises(logs.exceptions.ResourceNotFoundException):
        logs.delete_log_group(logGroupName=group)


def test_an_execution_is_logged_where_its_state_machine_says(cloud, logs, name, role):
    sfn = cloud.client("stepfunctions")
    group = f"/aws/vendedlogs/states/{name}"
    logs.create_log_group(logGroupName=group)
    arn = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"][0]["arn"]
    definition = {"StartAt": "Show", "States": {"Show": {"Type": "Pass", "End": True}}}
    made = sfn.create_state_machine(
        name=name,
        type="EXPRESS",
        definition=json.dumps(definition),
        roleArn=role("states.amazonaws.com", "logs:*"),
        loggingConfiguration={
            "level": "ALL",
            "includeExecutionData": True,
            "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": arn}}],
        },
    )
    sfn.start_sync_execution(stateMachineArn=made["stateMachineArn"], input='{"year": 1979}')
    events = [json.loads(e["message"]) for e in logs.filter_log_events(logGroupName=group)["events"]]
    assert [event["type"] for event in events] == [
        "ExecutionStarted",
        "PassStateEntered",
        "PassStateExited",
        "ExecutionSucceeded",
    ]
    assert json.loads(events[0]["details"]["input"]) == {"year": 1979}
