"""moto on a free port of this machine, as it is but for what is said here.

An access key of twelve digits is an account, so that every test has one of its own.

Three XML elements get the names that AWS gives them, which its SDK for Rust insists on and boto3 does
not look at. A schedule group takes
its tags along when it goes. What moto holds and has no operation to ask for is answered from what it holds:
BatchGetNamedQuery, ListPreparedStatements, BatchGetPreparedStatement. Of classifiers it has none, and says so. What else it
lacks is refused at once, where it would answer with a page of HTML and status 500, which an SDK
tries again for a minute.
"""

import io
import json
import re
import sys
import traceback

import moto.iam.models
from moto.athena.models import athena_backends
from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.scheduler.models import EventBridgeSchedulerBackend
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

# Of AWS's 1,400 managed policies, which each account would get, those that the tests name.
NAMED = ("AWSGlueServiceRole", "AmazonS3ReadOnlyAccess", "AmazonAthenaFullAccess")

# What moto 5.2.5 calls the root of an answer, and what AWS does
# (https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketVersioning.html).
ROOTS = {
    b"GetBucketVersioningResponse": b"VersioningConfiguration",
    b"GetBucketAccelerateConfigurationResponse": b"AccelerateConfiguration",
    b"GetBucketNotificationResponse": b"NotificationConfiguration",
}

CREDENTIAL = re.compile(r"Credential=(?P<account>\d{12})/\d+/(?P<region>[\w-]+)/")


def named_queries(athena, asked):
    """The queries of these ids, as GetNamedQuery gives each."""
    found = [athena.named_queries[i] for i in asked["NamedQueryIds"] if i in athena.named_queries]
    queries = [
        {
            "Name": query.name,
            "Description": query.description,
            "Database": query.database,
            "QueryString": query.query_string,
            "NamedQueryId": query.id,
            "WorkGroup": query.workgroup.name,
        }
        for query in found
    ]
    return {"NamedQueries": queries}


def prepared_statements(athena, asked):
    held = [s.statement_name for s in athena.prepared_statements.values() if s.workgroup == asked["WorkGroup"]]
    return {"PreparedStatements": [{"StatementName": name} for name in held]}


def prepared_statements_of(athena, asked):
    """The statements of these names, as GetPreparedStatement gives each."""
    held = [s for s in athena.prepared_statements.values() if s.workgroup == asked["WorkGroup"]]
    statements = [
        {
            "StatementName": statement.statement_name,
            "QueryStatement": statement.query_statement,
            "WorkGroupName": statement.workgroup,
            "Description": statement.description,
        }
        for statement in held
        if statement.statement_name in asked["PreparedStatementNames"]
    ]
    return {"PreparedStatements": statements}


def prepared_statement(athena, asked):
    """moto fails where there is none, and AWS says so."""
    if asked["StatementName"] not in athena.prepared_statements:
        return {"__type": "ResourceNotFoundException", "message": "no such prepared statement"}
    return None


def no_classifiers(_, __):
    return {"Classifiers": []}


ANSWERED = {
    "AWSGlue.GetClassifiers": no_classifiers,
    "AmazonAthena.ListPreparedStatements": prepared_statements,
    "AmazonAthena.BatchGetPreparedStatement": prepared_statements_of,
    "AmazonAthena.GetPreparedStatement": prepared_statement,
    "AmazonAthena.BatchGetNamedQuery": named_queries,
}


def delete_schedule_group(scheduler, name):
    group = scheduler.schedule_groups.pop(name)
    scheduler.tagger.delete_all_tags_for_resource(group.arn)


class AsAws:
    def __init__(self, app):
        self.app = app

    def __call__(self, environ, start_response):
        target = environ.get("HTTP_X_AMZ_TARGET", "")
        caller = CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", ""))
        if caller:
            environ["HTTP_X_MOTO_ACCOUNT_ID"] = caller["account"]
        if caller and target in ANSWERED:
            asked = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
            athena = athena_backends[caller["account"]][caller["region"]]
            document = ANSWERED[target](athena, json.loads(asked))
            if document is not None:
                status = "400 Bad Request" if "__type" in document else "200 OK"
                return answer(start_response, status, document)
            environ["wsgi.input"] = io.BytesIO(asked)
        started = []
        try:
            body = b"".join(self.app(environ, lambda status, headers, *_: started.extend((status, headers))))
        except Exception as error:  # What moto did not think of is told to the caller, not only logged.
            traceback.print_exc()
            return lacking(start_response, target or environ["PATH_INFO"], error)
        status, headers = started
        if status.startswith("500"):
            return lacking(start_response, target or environ["PATH_INFO"], status)
        if environ["REQUEST_METHOD"] == "GET" and environ.get("QUERY_STRING") in ("versioning", "accelerate", "notification"):
            for theirs, ours in ROOTS.items():
                body = body.replace(theirs, ours)
            headers = [(name, value) for name, value in headers if name.lower() != "content-length"]
            headers.append(("Content-Length", str(len(body))))
        start_response(status, headers)
        return [body]


def lacking(start_response, what, error):
    message = f"moto has no {what}, or failed in it: {error!r}"
    document = {"__type": "UnknownOperationException", "message": message}
    return answer(start_response, "400 Bad Request", document)


def answer(start_response, status, document):
    body = json.dumps(document).encode()
    headers = [("Content-Type", "application/x-amz-json-1.1"), ("Content-Length", str(len(body)))]
    start_response(status, headers)
    return [body]


def main():
    policies = json.loads(aws_managed_policies_data)
    moto.iam.models.aws_managed_policies_data = json.dumps({name: policies[name] for name in NAMED})
    EventBridgeSchedulerBackend.delete_schedule_group = delete_schedule_group
    app = AsAws(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    print(f"Ready on http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    sys.exit(main())
