"""An application that says who it is, at the pace the query asks for."""

import time
from urllib.parse import parse_qs


def create_app(settings):
    name = settings.framework.encode()

    def application(environ, start_response):
        query = {key: values[0] for key, values in parse_qs(environ["QUERY_STRING"]).items()}
        time.sleep(float(query.get("sleep", 0)))
        read = len(environ["wsgi.input"].read())
        headers = [("Content-Type", "text/plain"), ("X-Read", str(read))]
        if "pieces" in query:
            start_response("200 OK", headers)
            return slowly(name, int(query["pieces"]))
        start_response("200 OK", [*headers, ("Content-Length", str(len(name)))])
        return [name]

    return application


def slowly(piece, pieces):
    for _ in range(pieces):
        yield piece
        time.sleep(0.1)
