"""moto, with an account for each test, and a folder with a stack in it that athglue is run in."""

import itertools
import json
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import boto3
import botocore.config
import pytest

REGION = "eu-west-1"
HERE = Path(__file__).parent
SERVER = pytest.StashKey()


def pytest_addoption(parser):
    parser.addoption("--athglue", default="target/debug/athglue", help="the binary that is tested")


def pytest_configure(config):
    """One server for all processes of pytest."""
    if not hasattr(config, "workerinput"):
        config.stash[SERVER] = Server()
        config.endpoint = config.stash[SERVER].endpoint


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node):
    node.workerinput["endpoint"] = node.config.endpoint


def pytest_unconfigure(config):
    if SERVER in config.stash:
        config.stash[SERVER].stop()


class Server:
    def __init__(self):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
        self.process = subprocess.Popen(
            [sys.executable, HERE / "server.py"],
            # AWS's managed policies are there without being made.
            env=environment | {"MOTO_IAM_LOAD_MANAGED_POLICIES": "true"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        line = self.process.stdout.readline()
        ready = re.match(r"Ready on (http://\S+)", line)
        if not ready:
            self.stop()
            raise RuntimeError(f"moto did not come up: {line}")
        self.endpoint = ready[1]

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


class Account:
    """An account of moto's in which nothing is yet, and clients of it."""

    def __init__(self, endpoint, number):
        self.endpoint = endpoint
        self.number = number

    def client(self, service):
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id=self.number,
            aws_secret_access_key="test",
            config=botocore.config.Config(retries={"max_attempts": 0}),
        )


@pytest.fixture(scope="session")
def accounts(request):
    """Numbers that no other process of pytest has."""
    worker = getattr(request.config, "workerinput", {})
    endpoint = worker.get("endpoint") or request.config.endpoint
    first = 1_000_000 * (1 + int(worker.get("workerid", "gw0").removeprefix("gw")))
    return (Account(endpoint, f"{number:012}") for number in itertools.count(first))


@pytest.fixture
def moto(accounts):
    return next(accounts)


class Stack:
    """A folder with a stack.toml, and the binary run there."""

    def __init__(self, folder, binary, account):
        self.folder = folder
        self.binary = os.path.abspath(binary)
        self.account = account

    def write(self, text, **files):
        """Writes stack.toml; a file's name has `_` for its `.`."""
        head = f'[stack]\nname = "t"\nregion = "{REGION}"\n\n'
        (self.folder / "stack.toml").write_text(head + textwrap.dedent(text))
        for name, content in files.items():
            (self.folder / name.replace("_", ".")).write_text(content)

    def run(self, *words, code=0):
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "ATHGLUE_"))}
        environment |= {
            "AWS_ENDPOINT_URL": self.account.endpoint,
            "AWS_ACCESS_KEY_ID": self.account.number,
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        ran = subprocess.run(
            [self.binary, *words, "--target", "aws"],
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert ran.returncode == code, f"{words} ended with {ran.returncode}\n{ran.stdout}{ran.stderr}"
        return ran.stdout if code == 0 else ran.stdout + ran.stderr

    def up(self, *words):
        """Brings the stack up, and gives what was planned for it."""
        done = json.loads(self.run("up", "--yes", "--output", "json", *words))
        return changes(done["plan"])

    def destroy(self, *words):
        return self.run("destroy", "--yes", *words)

    def plan(self):
        """What would be done: address → (action, the paths of the fields that differ)."""
        return changes(json.loads(self.run("plan", "--output", "json")))

    def name(self, address):
        status = json.loads(self.run("status", "--output", "json"))
        [name] = [resource["name"] for resource in status if resource["address"] == address]
        return name


def changes(plan):
    return {
        change["address"]: (change["action"], sorted(field["path"] for field in change["fields"]))
        for change in plan["changes"]
        if change["action"] != "none"
    }


@pytest.fixture
def stack(moto, tmp_path, request):
    return Stack(tmp_path, request.config.getoption("--athglue"), moto)


@pytest.fixture(scope="module")
def shared(accounts, tmp_path_factory, request):
    """A stack that the tests of a file use one after the other, as the one before left it."""
    binary = request.config.getoption("--athglue")
    return Stack(tmp_path_factory.mktemp("shared"), binary, next(accounts))
