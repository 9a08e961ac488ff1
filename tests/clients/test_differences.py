"""docs/differences.md names every operation that the embedded cloud has, and none that it has not."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "crates/local-cloud/src"


def documented(service):
    text = (ROOT / "docs/differences.md").read_text()
    section = re.search(rf"^## {service}\n(.*?)(?=^## |\Z)", text, re.M | re.S)[1]
    return set(re.findall(r"`(\w+)`", re.search(r"^\*\*Has:\*\*(.*)$", section, re.M)[1]))


@pytest.mark.parametrize(
    ("service", "folder"),
    [
        ("Glue", "glue"),
        ("Athena", "athena"),
        ("Step Functions", "sfn"),
        ("EventBridge Scheduler", "scheduler"),
        ("CloudWatch Logs", "logs"),
        ("IAM", "iam"),
        ("STS", "sts"),
    ],
)
def test_operations_are_those_of_the_service(service, folder):
    source = (SOURCES / folder / "mod.rs").read_text()
    listed = re.search(r"^operations! \{(.*?)^\}", source, re.M | re.S)[1]
    assert documented(service) == set(re.findall(r"(\w+) =>", listed))


def test_operations_are_those_of_s3():
    source = (SOURCES / "s3/adapter.rs").read_text()
    listed = re.search(r"^s3_operations! \{(.*?)^\}", source, re.M | re.S)[1]
    names = re.findall(r"^\s*(\w+): \w+Input =>", listed, re.M)
    assert documented("S3") == {"".join(word.title() for word in name.split("_")) for name in names}
