"""moto, emptied before each test, and a folder with a stack in it that athglue is run in."""

import json
import os
import re
import subprocess
import sys
import textwrap
import tomllib
import urllib.request
from pathlib import Path

import boto3
import botocore.config
import pytest

REGION = "eu-west-1"
HERE = Path(__file__).parent


def pytest_addoption(parser):
    parser.addoption("--athglue", default="target/debug/athglue", help="the binary that is tested")


class Moto:
    """A running server, and clients of it."""

    def __init__(self, endpoint):
        self.endpoint = endpoint

    def reset(self):
        request = urllib.request.Request(f"{self.endpoint}/moto-api/reset", method="POST")
        urllib.request.urlopen(request, timeout=30).close()

    def client(self, service):
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=botocore.config.Config(retries={"max_attempts": 0}),
        )


@pytest.fixture(scope="session")
def server():
    environment = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
    process = subprocess.Popen(
        [sys.executable, HERE / "server.py"],
        # AWS's managed policies are there without being made.
        env=environment | {"MOTO_IAM_LOAD_MANAGED_POLICIES": "true"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        line = process.stdout.readline()
        ready = re.match(r"Ready on (http://\S+)", line)
        assert ready, f"moto did not come up: {line}"
        yield Moto(ready[1])
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.fixture
def moto(server):
    server.reset()
    return server


class Stack:
    """A folder with a stack.toml, and the binary run there."""

    def __init__(self, folder, binary, endpoint):
        self.folder = folder
        self.binary = os.path.abspath(binary)
        self.endpoint = endpoint

    def write(self, text, **files):
        """Writes stack.toml; a file's name has `_` for its `.`."""
        head = f'[stack]\nname = "t"\nregion = "{REGION}"\n\n'
        (self.folder / "stack.toml").write_text(head + textwrap.dedent(text))
        for name, content in files.items():
            (self.folder / name.replace("_", ".")).write_text(content)

    def run(self, *words, code=0):
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "ATHGLUE_"))}
        environment |= {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "test",
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
        return self.run("up", "--yes", *words)

    def destroy(self, *words):
        return self.run("destroy", "--yes", *words)

    def plan(self):
        """What would be done: address → (action, the paths of the fields that differ)."""
        plan = json.loads(self.run("plan", "--output", "json"))
        return {
            str(change["address"]): (change["action"], sorted(field["path"] for field in change["fields"]))
            for change in plan["changes"]
            if change["action"] != "none"
        }

    def set(self, table, **keys):
        """Changes keys of a table that is written `[table]` in stack.toml, as TOML literals."""
        text = (self.folder / "stack.toml").read_text()
        for key, literal in keys.items():
            table_at = text.index(f"[{table}]")
            end = text.find("\n[", table_at)
            end = len(text) if end < 0 else end
            body = re.sub(rf"(?m)^{key} *=.*\n", "", text[table_at:end] + "\n")
            if literal is not None:
                body = body.rstrip("\n") + f"\n{key} = {literal}\n"
            text = text[:table_at] + body + text[end:]
        tomllib.loads(text)
        (self.folder / "stack.toml").write_text(text)


@pytest.fixture
def stack(moto, tmp_path, request):
    return Stack(tmp_path, request.config.getoption("--athglue"), moto.endpoint)
