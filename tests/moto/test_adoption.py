"""What was there before, taken over with all that is in it."""

import json


def test_a_bucket_is_adopted_with_its_objects(stack, moto):
    s3 = moto.client("s3")
    # A bucket's name is taken in every account.
    name = f"t-old-{moto.number}"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket=name, Key="kept", Body=b"kept")
    stack.write(f'[buckets.old]\nname = "{name}"\nadopt = true\nexpire_after_days = 9\n')
    [(address, (action, _))] = stack.up().items()
    assert (address, action) == ("buckets.old", "adopt")
    assert stack.plan() == {}
    assert s3.get_object(Bucket=name, Key="kept")["Body"].read() == b"kept"
    # It holds what nobody of this stack made.
    stack.destroy()
    assert s3.get_object(Bucket=name, Key="kept")["Body"].read() == b"kept"
    stack.destroy("--force", "buckets.old")
    assert s3.list_buckets()["Buckets"] == []


def test_a_database_and_its_table_are_adopted_on_the_command_line(stack, moto):
    glue = moto.client("glue")
    glue.create_database(DatabaseInput={"Name": "old", "Parameters": {"by": "hand"}})
    columns = [{"Name": "id", "Type": "bigint"}]
    storage = {"Columns": columns, "Location": "s3://t-data/old/"}
    glue.create_table(DatabaseName="old", TableInput={"Name": "people", "StorageDescriptor": storage})
    stack.write(
        """
        [databases.old]
        name = "old"
        description = "taken over"

        [tables.people]
        database = "${databases.old}"
        location = "s3://t-data/old/"
        format = "csv"
        columns = [{ name = "id", type = "bigint" }]
        """
    )
    assert "not made by this stack" in stack.run("up", "--yes", code=1)
    stack.up("--adopt", "databases.old", "--adopt", "tables.people")
    assert stack.plan() == {}
    database = glue.get_database(Name="old")["Database"]
    assert database["Description"] == "taken over"
    assert database["Parameters"]["by"] == "hand"


def test_a_role_a_policy_and_a_state_machine_are_adopted(stack, moto):
    iam = moto.client("iam")
    statement = {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.create_role(RoleName="old", AssumeRolePolicyDocument=trust)
    reads = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
    iam.create_policy(PolicyName="old", PolicyDocument=json.dumps(reads))
    sfn = moto.client("stepfunctions")
    pass_through = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
    arn = f"arn:aws:iam::{moto.number}:role/old"
    made = sfn.create_state_machine(name="old", definition=json.dumps(pass_through), roleArn=arn)
    stack.write(
        """
        [roles.old]
        name = "old"
        path = "/"
        adopt = true
        trust = ["states.amazonaws.com"]

        [policies.old]
        name = "old"
        path = "/"
        adopt = true
        document = { Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "*" }] }

        [state_machines.old]
        name = "old"
        adopt = true
        role = "${roles.old.arn}"
        definition = { StartAt = "A", States = { A = { Type = "Succeed" } } }
        """
    )
    done = stack.up()
    assert {address: action for address, (action, _) in done.items()} == {
        "roles.old": "adopt",
        "policies.old": "adopt",
        "state_machines.old": "adopt",
    }
    assert stack.plan() == {}
    # The very same one, as it is wanted.
    live = sfn.describe_state_machine(stateMachineArn=made["stateMachineArn"])
    assert "Succeed" in live["definition"]
    assert live["creationDate"] == made["creationDate"]
    stack.destroy()
    assert iam.list_roles()["Roles"] == []
    assert iam.list_policies(Scope="Local")["Policies"] == []
