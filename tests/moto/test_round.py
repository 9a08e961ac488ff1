"""Made, unchanged, and taken away."""

import pytest

from lake import FILES, LAKE


def test_up_makes_each_kind_and_then_there_is_nothing_to_do(stack, moto):
    stack.write(LAKE, **FILES)
    stack.up()
    assert stack.plan() == {}
    glue = moto.client("glue")
    table = glue.get_table(DatabaseName="t_lake", Name="people")["Table"]
    assert [c["Name"] for c in table["StorageDescriptor"]["Columns"]] == ["id", "name"]
    assert glue.get_crawler(Name="t-people")["Crawler"]["Schedule"]["ScheduleExpression"] == "cron(0 3 * * ? *)"
    workgroup = moto.client("athena").get_work_group(WorkGroup="t-main")["WorkGroup"]
    assert workgroup["Configuration"]["BytesScannedCutoffPerQuery"] == 10_000_000
    machines = moto.client("stepfunctions").list_state_machines()["stateMachines"]
    assert [m["name"] for m in machines] == ["t-pass"]


def test_destroy_leaves_nothing_and_can_be_asked_twice(stack, moto):
    stack.write(LAKE, **FILES)
    stack.up()
    stack.destroy()
    assert moto.client("s3").list_buckets()["Buckets"] == []
    assert moto.client("glue").get_databases()["DatabaseList"] == []
    assert moto.client("glue").list_crawlers()["CrawlerNames"] == []
    assert moto.client("iam").list_roles()["Roles"] == []
    groups = moto.client("athena").list_work_groups()["WorkGroups"]
    assert [group["Name"] for group in groups] == ["primary"]
    assert moto.client("stepfunctions").list_state_machines()["stateMachines"] == []
    assert stack.destroy().startswith("Nothing to delete")


@pytest.mark.xfail(strict=True, reason="moto 5.2.5 has no BatchGetNamedQuery, by which queries are read")
def test_named_queries(stack):
    stack.write(
        """
        [databases.lake]
        [workgroups.main]
        [queries.one]
        database = "${databases.lake}"
        workgroup = "${workgroups.main}"
        sql = "SELECT 1"
        """
    )
    stack.up()
    assert stack.plan() == {}


@pytest.mark.xfail(strict=True, reason="the group that moto 5.2.5 has made is read without its tags; boto3 sees its own")
def test_schedules(stack):
    stack.write(
        """
        [state_machines.pass]
        definition = "pass.json"
        substitutions = { Word = "done" }

        [schedules.nightly]
        schedule = "cron(0 5 * * ? *)"
        state_machine = "${state_machines.pass}"
        """,
        pass_json=FILES["pass_json"],
    )
    stack.up()
    assert stack.plan() == {}
