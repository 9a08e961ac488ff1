"""Runs the scorers of the recorded cases, each against a cloud of its own."""

import argparse
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "tests", "clients"))

from served_cloud import ServedCloud  # noqa: E402

# A score: its name, the scorer's command after the endpoint's place, and how its last lines look.
SCORES = {
    "asl": (["{cases}/asl/run.py", "{endpoint}"], r"outcome \d+/\d+ +history \d+/\d+"),
    "validation": (
        [os.path.join(HERE, "validation.py"), "{endpoint}", "{cases}/asl/validation.jsonl"],
        r"validation \d+/\d+",
    ),
    "trino": (
        ["{cases}/trino/run.py", "{endpoint}", "{cases}/trino/cases.jsonl"],
        r"(must-fail|trino) \d+/\d+",
    ),
}


def arguments(description):
    """The arguments of the scripts beside this one."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--athglue", default="target/debug/athglue", help="the binary")
    parser.add_argument("--cases", default="../shared/conformance", help="the folder of the recorded cases")
    parser.add_argument("--only", choices=SCORES, action="append", help="this score alone")
    parser.add_argument("--failed", metavar="DIR", help="write the cases that fail here")
    return parser.parse_args()


def file_of(name):
    """Where a score is kept."""
    return os.path.join(HERE, f"{name}.txt")


def run(args):
    """Yields the name of each score and the lines that its scorer ends with."""
    if args.failed:
        os.makedirs(args.failed, exist_ok=True)
    for name in args.only or SCORES:
        command, form = SCORES[name]
        with ServedCloud(args.athglue) as cloud:
            command = [word.format(cases=args.cases, endpoint=cloud.endpoint) for word in command]
            if args.failed:
                command += ["--out", os.path.join(args.failed, f"{name}.jsonl")]
            scorer = subprocess.run(
                [sys.executable, *command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=True
            )
        print(scorer.stdout, end="", flush=True)
        lines = [line for line in scorer.stdout.splitlines() if re.fullmatch(form, line)]
        if not lines:
            raise SystemExit(f"the scorer of {name} printed no score")
        # A family of cases is printed in the same form; the whole comes last.
        yield name, lines


def figures(lines):
    """The (figure's name, passed, of how many) of a score's lines."""
    return [
        (name, int(passed), int(total))
        for line in lines
        for name, passed, total in re.findall(r"(\S+) (\d+)/(\d+)", line)
    ]
