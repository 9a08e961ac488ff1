"""Made, unchanged, and taken away."""

from lake import FILES, KEPT, LAKE


def test_up_makes_each_kind_and_then_there_is_nothing_to_do(stack, moto):
    stack.write(LAKE, **FILES)
    assert {action for action, _ in stack.up().values()} == {"create"}
    assert stack.plan() == {}
    glue = moto.client("glue")
    table = glue.get_table(DatabaseName="t_lake", Name="people")["Table"]
    assert [c["Name"] for c in table["StorageDescriptor"]["Columns"]] == ["id", "name"]
    assert glue.get_crawler(Name="t-people")["Crawler"]["Schedule"]["ScheduleExpression"] == "cron(0 3 * * ? *)"
    workgroup = moto.client("athena").get_work_group(WorkGroup="t-main")["WorkGroup"]
    assert workgroup["Configuration"]["BytesScannedCutoffPerQuery"] == 10_000_000
    [machine] = moto.client("stepfunctions").list_state_machines()["stateMachines"]
    assert machine["name"] == "t-pass"
    schedule = moto.client("scheduler").get_schedule(GroupName="t", Name="t-nightly")
    assert schedule["Target"]["Arn"] == machine["stateMachineArn"]


def test_destroy_leaves_nothing_and_can_be_asked_twice(stack, moto):
    stack.write(LAKE, **FILES)
    stack.up()
    stack.destroy()
    assert moto.client("s3").list_buckets()["Buckets"] == []
    assert moto.client("glue").get_databases()["DatabaseList"] == []
    assert moto.client("glue").list_crawlers()["CrawlerNames"] == []
    assert moto.client("iam").list_roles()["Roles"] == []
    assert moto.client("iam").list_policies(Scope="Local")["Policies"] == []
    groups = moto.client("athena").list_work_groups()["WorkGroups"]
    assert [group["Name"] for group in groups] == ["primary"]
    assert moto.client("stepfunctions").list_state_machines()["stateMachines"] == []
    groups = moto.client("scheduler").list_schedule_groups()["ScheduleGroups"]
    assert [group["Name"] for group in groups] == ["default"]
    assert stack.destroy().startswith("Nothing to delete")
    # And nothing of it is in the way of the next.
    assert {action for action, _ in stack.up().values()} == {"create"}
    assert stack.plan() == {}


def test_queries_and_prepared_statements_are_made_and_read(stack, moto):
    stack.write(KEPT)
    stack.up()
    assert stack.plan() == {}
    athena = moto.client("athena")
    [query] = athena.list_named_queries(WorkGroup="t-main")["NamedQueryIds"]
    assert athena.get_named_query(NamedQueryId=query)["NamedQuery"]["QueryString"] == "SELECT 1"
    statement = athena.get_prepared_statement(StatementName="t_one", WorkGroup="t-main")
    assert statement["PreparedStatement"]["QueryStatement"] == "SELECT ?"


def test_what_moto_cannot_change_is_planned_and_refused_by_name(stack):
    """moto 5.2.5 has no UpdateCrawler, UpdateWorkGroup, UpdateNamedQuery, UpdatePreparedStatement."""
    crawler = '\n[crawlers.c]\ndatabase = "${databases.lake}"\npaths = ["s3://t-data/"]\n'
    stack.write(KEPT + crawler)
    stack.up()
    changed = KEPT.replace("SELECT", "SELECT ALL").replace("[workgroups.main]", '[workgroups.main]\ndescription = "all"')
    stack.write(changed + crawler + 'description = "new"\n')
    wanted = {
        "crawlers.c": ("description", "UpdateCrawler"),
        "workgroups.main": ("description", "UpdateWorkGroup"),
        "queries.one": ("sql", "UpdateNamedQuery"),
        "prepared_statements.one": ("sql", "UpdatePreparedStatement"),
    }
    assert stack.plan() == {address: ("update", [field]) for address, (field, _) in wanted.items()}
    said = stack.run("up", "--yes", code=1)
    for address, (_, operation) in wanted.items():
        # What depends on the workgroup may not be tried once it failed.
        assert f"{address}: {operation} failed" in said or f"{address}: workgroups.main failed" in said
