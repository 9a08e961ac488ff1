"""One embedded cloud for all tests; every test has names of its own in it."""

import itertools
import subprocess
import sys
from pathlib import Path

import botocore.exceptions
import pytest

from lake import Lake
from served_cloud import ServedCloud

_numbers = itertools.count(1)


def pytest_addoption(parser):
    parser.addoption("--athglue", default="target/debug/athglue", help="the binary that is tested")


@pytest.fixture(scope="session")
def cloud(request):
    with ServedCloud(request.config.getoption("--athglue")) as cloud:
        yield cloud


@pytest.fixture(scope="session")
def s3(cloud):
    return cloud.client("s3")


@pytest.fixture(scope="session")
def glue(cloud):
    return cloud.client("glue")


@pytest.fixture(scope="session")
def athena(cloud):
    return cloud.client("athena")


@pytest.fixture(scope="session")
def sfn(cloud):
    return cloud.client("stepfunctions")


@pytest.fixture(scope="session")
def iam(cloud):
    return cloud.client("iam")


@pytest.fixture(scope="session")
def sts(cloud):
    return cloud.client("sts")


@pytest.fixture
def name():
    """A name that no other test uses, good for a bucket, a database, a role."""
    return f"t{next(_numbers)}"


@pytest.fixture
def bucket(s3, name):
    """The name of an empty bucket."""
    s3.create_bucket(Bucket=f"{name}-bucket")
    return f"{name}-bucket"


@pytest.fixture
def lake(cloud, name):
    """A database, its data in a bucket, and a place for results."""
    return Lake(cloud, name)


@pytest.fixture
def refused():
    """Calls, and returns the error's code and message; success and faults of the server fail."""

    def refused(call, **members):
        with pytest.raises(botocore.exceptions.ClientError) as raised:
            call(**members)
        answer = raised.value.response
        assert answer["ResponseMetadata"]["HTTPStatusCode"] < 500, answer
        return answer["Error"]["Code"], answer["Error"].get("Message", "")

    return refused


@pytest.fixture
def aws(cloud):
    """Runs the aws cli and returns what it printed."""

    def aws(*words, code=0, stdin=None):
        command = [str(Path(sys.executable).parent / "aws"), *map(str, words)]
        ran = subprocess.run(
            command, env=cloud.environment(), input=stdin or "", capture_output=True, text=True, timeout=120
        )
        assert ran.returncode == code, f"{command} ended with {ran.returncode}\n{ran.stdout}{ran.stderr}"
        return ran.stdout if code == 0 else ran.stderr

    return aws
