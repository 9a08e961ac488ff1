"""`athglue local serve` on a free port, with a data folder of its own."""

import os
import re
import shutil
import signal
import subprocess
import tempfile

import boto3
import botocore.config

REGION = "us-east-1"
CREDENTIALS = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}


class ServedCloud:
    """Runs while the `with` block does; what it kept is deleted behind it."""

    def __init__(self, binary):
        self.binary = os.path.abspath(binary)

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="athglue-clients-")
        self.log = open(os.path.join(self.folder, "stderr"), "w+")
        environment = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
        self.process = subprocess.Popen(
            [self.binary, "local", "serve", "--port", "0", "--data-dir", os.path.join(self.folder, "data")],
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
        )
        line = self.process.stdout.readline()
        ready = re.match(r"Ready on (http://\S+)", line)
        if not ready:
            said = self._said()
            self.__exit__(None, None, None)
            raise RuntimeError(f"`athglue local serve` did not come up: {line}{said}")
        self.endpoint = ready[1]
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            # The first Ctrl-C waits for what is running.
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process.stdout.close()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _said(self):
        self.log.seek(0)
        return self.log.read()

    def client(self, service, credentials=None, **config):
        """A boto3 client that calls once and does not hide an error behind retries."""
        config = {"retries": {"max_attempts": 0}, "read_timeout": 60, "inject_host_prefix": False} | config
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            config=botocore.config.Config(**config),
            **(credentials or CREDENTIALS),
        )

    def environment(self):
        """What an AWS client needs in its environment to call this cloud and nothing else."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
        return environment | {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_PAGER": "",
        }
