"""What is no longer in the file, and what belongs to somebody else."""

from lake import FILES, LAKE


def test_what_is_taken_out_of_the_file_goes(stack, moto):
    stack.write(LAKE, **FILES)
    stack.up()
    stack.write(LAKE.split("[workgroups.main]")[0], **FILES)
    plan = stack.plan()
    assert set(plan) == {"workgroups.main", "state_machines.pass", "state_machines.pass.role"}
    assert {action for action, _ in plan.values()} == {"delete"}
    stack.up()
    assert stack.plan() == {}
    groups = moto.client("athena").list_work_groups()["WorkGroups"]
    assert [group["Name"] for group in groups] == ["primary"]


def test_everything_is_found_by_its_mark(stack):
    stack.write(LAKE, **FILES)
    stack.up()
    stack.write("", **FILES)
    stack.destroy("--force", "buckets.data")
    assert stack.destroy().startswith("Nothing to delete")


def test_what_is_somebody_elses_is_refused_by_name(stack, moto):
    moto.client("glue").create_database(DatabaseInput={"Name": "t_lake"})
    stack.write("[databases.lake]\n")
    said = stack.run("up", "--yes", code=1)
    assert "t_lake" in said
    assert "not made by this stack" in said
