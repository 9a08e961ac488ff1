"""The operator over the wire: what `athglue up` makes through the port, boto3 sees."""

import shutil
import subprocess
from pathlib import Path

import pytest

from served_cloud import REGION

ROOT = Path(__file__).parents[2]


@pytest.fixture
def athglue(cloud, tmp_path):
    """Runs athglue on a copy of the example stack, against the served cloud, and returns stdout."""
    for part in ("stack.toml", "asl", "sql", "data"):
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, tmp_path / part)
        else:
            shutil.copy(ROOT / part, tmp_path / part)

    # boto3 and athglue have to look at the same region.
    stack = tmp_path / "stack.toml"
    stack.write_text(stack.read_text().replace('region = "eu-west-1"', f'region = "{REGION}"'))

    def athglue(*words, code=0):
        command = [cloud.binary, "--target", cloud.endpoint, *words]
        ran = subprocess.run(
            command, cwd=tmp_path, env=cloud.environment(), input="", capture_output=True, text=True, timeout=300
        )
        assert ran.returncode == code, f"{command} ended with {ran.returncode}\n{ran.stdout}{ran.stderr}"
        return ran.stdout

    return athglue


def test_the_example_goes_up_is_used_and_goes_away(athglue, glue, s3, sfn):
    athglue("up", "--yes")
    athglue("plan", "--detailed-exitcode")
    buckets = [b["Name"] for b in s3.list_buckets()["Buckets"]]
    assert "earth-data-000000000000" in buckets
    tags = {t["Key"]: t["Value"] for t in s3.get_bucket_tagging(Bucket="earth-data-000000000000")["TagSet"]}
    assert tags["athglue:stack"] == "earth" and tags["team"] == "data"

    athglue("crawl")
    databases = [d["Name"] for d in glue.get_databases()["DatabaseList"]]
    [database] = [d for d in databases if d.startswith("earth")]
    tables = {t["Name"] for t in glue.get_tables(DatabaseName=database)["TableList"]}
    assert tables == {"airports", "earthquakes", "weather"}
    assert "rain" in athglue("query", "SELECT DISTINCT weather FROM weather ORDER BY 1")
    athglue("run", "report")
    machines = [m["name"] for m in sfn.list_state_machines()["stateMachines"] if m["name"].startswith("earth")]
    assert len(machines) == 1

    force = ["buckets.data", "buckets.results", "databases.lake", "workgroups.main"]
    athglue("destroy", "--yes", *(word for address in force for word in ("--force", address)))
    assert not [b for b in s3.list_buckets()["Buckets"] if b["Name"].startswith("earth-")]
    assert not [d for d in glue.get_databases()["DatabaseList"] if d["Name"].startswith("earth")]
