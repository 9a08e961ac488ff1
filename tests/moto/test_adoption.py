"""What was there before, taken over with all that is in it."""


def test_a_bucket_is_adopted_with_its_objects(stack, moto):
    s3 = moto.client("s3")
    s3.create_bucket(Bucket="t-old", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket="t-old", Key="kept", Body=b"kept")
    stack.write('[buckets.old]\nname = "t-old"\nadopt = true\nexpire_after_days = 9\n')
    [(address, (action, _))] = stack.plan().items()
    assert (address, action) == ("buckets.old", "adopt")
    stack.up()
    assert stack.plan() == {}
    assert s3.get_object(Bucket="t-old", Key="kept")["Body"].read() == b"kept"
    # It holds what nobody of this stack made.
    stack.destroy()
    assert s3.get_object(Bucket="t-old", Key="kept")["Body"].read() == b"kept"
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


def test_a_role_is_adopted(stack, moto):
    iam = moto.client("iam")
    trust = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}]}'
    iam.create_role(RoleName="old", Path="/athglue/t/", AssumeRolePolicyDocument=trust)
    stack.write('[roles.old]\nname = "old"\nadopt = true\ntrust = ["glue.amazonaws.com"]\n')
    stack.up()
    assert stack.plan() == {}
    stack.destroy()
    assert iam.list_roles()["Roles"] == []
