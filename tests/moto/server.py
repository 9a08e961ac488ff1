"""moto on a free port of this machine, with two names on the wire put right.

moto is used as it is: no operation is added, no answer is changed but for the names of two XML
elements that AWS's own SDK for Rust insists on, and boto3 does not look at.
"""

import sys

from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

# What moto 5.2.5 calls the root of an answer, and what AWS does
# (https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketVersioning.html).
ROOTS = {
    b"GetBucketVersioningResponse": b"VersioningConfiguration",
    b"GetBucketAccelerateConfigurationResponse": b"AccelerateConfiguration",
}


class RightRoots:
    def __init__(self, app):
        self.app = app

    def __call__(self, environ, start_response):
        query = environ.get("QUERY_STRING", "")
        if environ["REQUEST_METHOD"] != "GET" or query not in ("versioning", "accelerate"):
            return self.app(environ, start_response)
        started = []
        body = b"".join(self.app(environ, lambda status, headers, *_: started.extend((status, headers))))
        for theirs, ours in ROOTS.items():
            body = body.replace(theirs, ours)
        status, headers = started
        headers = [(k, v) for k, v in headers if k.lower() != "content-length"]
        start_response(status, [*headers, ("Content-Length", str(len(body)))])
        return [body]


def main():
    app = RightRoots(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    print(f"Ready on http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    sys.exit(main())
