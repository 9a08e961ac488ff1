"""What is no longer in the file, and what belongs to somebody else."""

from lake import FILES, LAKE


def test_what_is_taken_out_of_the_file_goes(stack, moto):
    stack.write(LAKE, **FILES)
    stack.up()
    stack.write(LAKE.split("[workgroups.main]")[0], **FILES)
    gone = {"workgroups.main", "state_machines.pass", "schedules.nightly"}
    gone |= {"state_machines.pass.role", "schedules.nightly.role"}
    assert stack.plan() == {address: ("delete", []) for address in gone}
    stack.up("--keep-orphans")
    assert stack.up() == {address: ("delete", []) for address in gone}
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
    moto.client("scheduler").create_schedule_group(Name="t")
    stack.write('[databases.lake]\n[schedules.nightly]\nschedule = "rate(1 day)"\ncrawler = "none"\n')
    said = stack.run("up", "--yes", code=1)
    assert "`t_lake` exists already and was not made by this stack" in said
    stack.write('[schedules.nightly]\nschedule = "rate(1 day)"\ncrawler = "none"\n')
    said = stack.run("up", "--yes", code=1)
    assert "the schedule group `t` was not made by this stack" in said
