"""The behaviour probes' application as a WSGI callable without a framework."""

import json
import mimetypes
from http.cookies import SimpleCookie
from urllib.parse import parse_qs
from wsgiref.util import FileWrapper, request_uri, shift_path_info

from multipart import parse_form_data


def create_app(settings):  # noqa: C901  # one short function per route, no branches
    """Return the WSGI callable; it has no debug mode."""
    closed = []

    def hello(environ):
        return "200 OK", "hello"

    def item(environ):
        return "200 OK", f"item {int(shift_path_info(environ))}"

    def segment(environ):
        return "200 OK", environ["PATH_INFO"].removeprefix("/")

    def query(environ):
        values = query_of(environ).get("a", [])
        return "200 OK", json.dumps({"a": values[0] if values else None, "all": values})

    def decode(environ):
        return "200 OK", json.dumps({"value": json.loads(body_of(environ))})

    def form(environ):
        fields, _ = parse_form_data(environ)
        return "200 OK", json.dumps({"a": fields.get("a"), "fields": len(fields)})

    def clash(environ):
        return "200 OK", parse_form_data(environ)[0]["a"]

    def upload(environ):
        fields, files = parse_form_data(environ)
        sent = files["file"]
        facts = {"name": sent.filename, "safe": None, "bytes": sent.size}
        return "200 OK", json.dumps(facts | {"parts": len(fields) + len(files)})

    def cookie(environ):
        if environ["PATH_INFO"] == "/set":
            return "200 OK", "set", ("Set-Cookie", "taste=salt")
        morsel = SimpleCookie(environ.get("HTTP_COOKIE", "")).get("taste")
        return "200 OK", json.dumps({"taste": morsel.value if morsel else None})

    def header(environ):
        return "200 OK", "header", ("X-Echo", query_of(environ)["value"][0])

    def redirect(environ):
        return "303 See Other", "", ("Location", query_of(environ)["to"][0])

    def url(environ):
        environ["PATH_INFO"] = "/hello"
        environ["SCRIPT_NAME"] = ""
        return "200 OK", request_uri(environ, include_query=False)

    def client(environ):
        return "200 OK", environ["REMOTE_ADDR"]

    def markup(environ):
        return "200 OK", f"<p>{query_of(environ)['name'][0]}</p>"

    def abort(environ):
        return "404 Not Found", query_of(environ)["why"][0]

    def error(environ):
        raise RuntimeError("secret 4711")

    def stream(environ):
        ways = {"": lines, "/error": broken_lines, "/close": lambda: Closing(closed)}
        return "200 OK", ways[environ["PATH_INFO"]]()

    def count_closed(environ):
        return "200 OK", str(len(closed))

    def empty(environ):
        return "204 No Content", "body"

    def nothing(environ):
        return None

    def static(environ):
        path = settings.static_dir / environ["PATH_INFO"].lstrip("/")
        if not path.resolve().is_relative_to(settings.static_dir.resolve()) or not path.is_file():
            return "404 Not Found", ""
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        return "200 OK", FileWrapper(path.open("rb")), ("Content-Type", kind)

    pages = {
        "hello": hello, "slash": lambda environ: ("200 OK", "slash"),
        "noslash": lambda environ: ("200 OK", "noslash"), "item": item, "segment": segment,
        "query": query, "json": decode, "form": form, "clash": clash, "upload": upload,
        "cookie": cookie, "header": header, "redirect": redirect, "url": url, "client": client,
        "markup": markup, "abort": abort, "error": error, "stream": stream,
        "closed": count_closed, "empty": empty, "none": nothing, "static": static,
    }  # fmt: skip

    def application(environ, start_response):
        page = pages.get(shift_path_info(environ))
        if page is None:
            start_response("404 Not Found", [])
            return []
        status, body, *headers = page(environ)
        start_response(status, headers or [("Content-Type", "text/plain")])
        return [body.encode()] if isinstance(body, str) else body

    return application


def query_of(environ):
    """Return the query's values by name."""
    return parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)


def body_of(environ):
    """Return the whole body."""
    return environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))


def lines():
    """Yield three lines."""
    yield from (b"one\n", b"two\n", b"three\n")


def broken_lines():
    """Yield a line, then fail."""
    yield b"one\n"
    raise RuntimeError("secret 4711")


class Closing:
    """An iterable that records when it is closed."""

    def __init__(self, closed):
        self._closed = closed

    def __iter__(self):
        return lines()

    def close(self):
        """Record that the server called close(), as PEP 3333 requires."""
        self._closed.append(True)
