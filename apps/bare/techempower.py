"""TechEmpower's tests as a plain WSGI callable."""

import json
from urllib.parse import parse_qs

from jinja2 import DictLoader, Environment

from shared_db import open_larder

FORTUNES = """<!doctype html><html><head><title>Fortunes</title></head><body><table>\
<tr><th>id</th><th>message</th></tr>\
{% for fortune in fortunes %}<tr><td>{{ fortune.id }}</td><td>{{ fortune.message }}</td></tr>\
{% endfor %}</table></body></html>"""


def create_app(settings):
    """Return the WSGI callable that answers the six tests."""
    larder = open_larder(settings.database_url, settings.photos_dir)
    page = Environment(loader=DictLoader({"fortunes": FORTUNES}), autoescape=True)
    fortunes = page.get_template("fortunes")

    tests = {
        "/plaintext": lambda count: ("text/plain", b"Hello, World!"),
        "/json": lambda count: as_json({"message": "Hello, World!"}),
        "/db": lambda count: as_json(larder.worlds.random().as_dict()),
        "/queries": lambda count: as_json([w.as_dict() for w in larder.worlds.some(count)]),
        "/updates": lambda count: as_json([w.as_dict() for w in larder.worlds.update(count)]),
        "/fortunes": lambda count: (
            "text/html; charset=utf-8",
            fortunes.render(fortunes=larder.fortunes.all()).encode(),
        ),
    }

    def application(environ, start_response):
        test = tests.get(environ["PATH_INFO"])
        if test is None:
            start_response("404 Not Found", [("Content-Length", "0")])
            return [b""]
        content_type, body = test(how_many(environ.get("QUERY_STRING", "")))
        headers = [("Content-Type", content_type), ("Content-Length", str(len(body)))]
        start_response("200 OK", headers)
        return [body]

    return application


def as_json(document):
    """Return a document's content type and bytes."""
    return "application/json", json.dumps(document).encode()


def how_many(query):
    """Return the requested number of queries: 1 to 500, and 1 for an invalid number."""
    asked = parse_qs(query).get("queries", ["1"])[0]
    return min(max(int(asked), 1), 500) if asked.isascii() and asked.isdigit() else 1
