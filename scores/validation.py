#!/usr/bin/env python3
"""Score ValidateStateMachineDefinition against answers recorded on AWS.

usage: validation.py ENDPOINT CASES.jsonl [--out FILE]
A case passes when result, diagnostics and truncation are the same. Prints, last: 'validation A/N'.
"""

import argparse
import json

import boto3
import botocore.config
import botocore.exceptions


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("endpoint")
    parser.add_argument("cases")
    parser.add_argument("--out", help="write the cases that fail here, a JSON object a line")
    args = parser.parse_args()

    sfn = boto3.client(
        "stepfunctions",
        endpoint_url=args.endpoint,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=botocore.config.Config(parameter_validation=False),
    )
    with open(args.cases) as file:
        cases = [json.loads(line) for line in file]
    failed = []
    for case in cases:
        try:
            answer = sfn.validate_state_machine_definition(**case["request"])
            answer.pop("ResponseMetadata")
        except botocore.exceptions.BotoCoreError as error:
            answer = {"error": str(error)}
        except botocore.exceptions.ClientError as error:
            answer = error.response["Error"]
        if answer != case["expected"]:
            failed.append({"id": case["id"], "want": case["expected"], "got": answer})
    if args.out:
        with open(args.out, "w") as file:
            file.writelines(json.dumps(case) + "\n" for case in failed)
    print(f"validation {len(cases) - len(failed)}/{len(cases)}")


if __name__ == "__main__":
    main()
