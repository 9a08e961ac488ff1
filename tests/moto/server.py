"""moto on a free port of this machine, as it is but for three things.

Two XML elements get the names that AWS gives them, which its SDK for Rust insists on and boto3 does
not look at. And Glue's classifiers and Athena's prepared statements, which moto cannot list, are
answered to be none: every plan asks for them. What else moto lacks is refused at once, where it would answer with a page of
HTML and status 500, which an SDK tries again for a minute.
"""

import json
import sys

from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

# What moto 5.2.5 calls the root of an answer, and what AWS does
# (https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketVersioning.html).
ROOTS = {
    b"GetBucketVersioningResponse": b"VersioningConfiguration",
    b"GetBucketAccelerateConfigurationResponse": b"AccelerateConfiguration",
}


NONE = {
    "AWSGlue.GetClassifiers": {"Classifiers": []},
    "AmazonAthena.ListPreparedStatements": {"PreparedStatements": []},
}
LACKING = {"__type": "UnknownOperationException", "message": "moto has no such operation, or failed in it"}


class AsAws:
    def __init__(self, app):
        self.app = app

    def __call__(self, environ, start_response):
        target = environ.get("HTTP_X_AMZ_TARGET", "")
        if target in NONE:
            return answer(start_response, "200 OK", NONE[target])
        started = []
        body = b"".join(self.app(environ, lambda status, headers, *_: started.extend((status, headers))))
        status, headers = started
        if target and status.startswith("500"):
            return answer(start_response, "400 Bad Request", LACKING)
        if environ["REQUEST_METHOD"] == "GET" and environ.get("QUERY_STRING") in ("versioning", "accelerate"):
            for theirs, ours in ROOTS.items():
                body = body.replace(theirs, ours)
            headers = [(name, value) for name, value in headers if name.lower() != "content-length"]
            headers.append(("Content-Length", str(len(body))))
        start_response(status, headers)
        return [body]


def answer(start_response, status, document):
    body = json.dumps(document).encode()
    headers = [("Content-Type", "application/x-amz-json-1.1"), ("Content-Length", str(len(body)))]
    start_response(status, headers)
    return [body]


def main():
    app = AsAws(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    print(f"Ready on http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    sys.exit(main())
