"""The behaviour probes' application, written as in py4web's documentation."""

from py4web import URL, Session, abort, action, redirect, request, response

session = Session()
closed = []


@action("hello")
def hello():
    return "hello"


@action("slash/")
def slash():
    return "slash"


@action("noslash")
def noslash():
    return "noslash"


@action("item/<number:int>")
def item(number):
    return f"item {number}"


@action("segment/<name>")
def segment(name):
    return name


@action("query")
def query():
    given = request.query.get("a")
    return {"a": given, "all": given if isinstance(given, list) else [given]}


@action("json", method="POST")
def decode():
    return {"value": request.json}


@action("form", method="POST")
def form():
    return {"a": request.forms.get("a"), "fields": len(request.forms)}


@action("clash", method="POST")
def clash():
    return request.params["a"]


@action("upload", method="POST")
def upload():
    file = request.files["file"]
    size, parts = len(file.file.read()), len(request.POST)
    return {"name": file.raw_filename, "safe": file.filename, "bytes": size, "parts": parts}


@action("cookie/set")
def set_cookie():
    response.set_cookie("taste", "salt")
    return "set"


@action("cookie")
def cookie():
    return {"taste": request.get_cookie("taste")}


@action("session")
@action.uses(session)
def count_visits():
    session["visits"] = session.get("visits", 0) + 1
    return {"visits": session["visits"]}


@action("header")
def header():
    response.headers["X-Echo"] = request.query["value"]
    return "header"


@action("redirect")
def send_on():
    redirect(request.query["to"])


@action("url")
def url():
    return URL("hello", scheme=True)


@action("client")
def client():
    return request.remote_addr


@action("template")
@action.uses("template.html")
def template():
    return {"name": request.query["name"]}


@action("markup")
def markup():
    return f"<p>{request.query['name']}</p>"


@action("abort")
def stop():
    abort(404, request.query["why"])


@action("error")
def error():
    raise RuntimeError("secret 4711")


@action("stream")
def stream():
    return lines()


@action("stream/error")
def stream_error():
    return broken_lines()


@action("stream/close")
def stream_close():
    return Closing()


@action("closed")
def count_closed():
    return str(len(closed))


@action("empty")
def empty():
    response.status = 204
    return "body"


@action("none")
def nothing():
    return None


def lines():
    """Yield three lines."""
    yield from ("one\n", "two\n", "three\n")


def broken_lines():
    """Yield a line, then fail."""
    yield "one\n"
    raise RuntimeError("secret 4711")


class Closing:
    """An iterable that records when it is closed."""

    def __iter__(self):
        return lines()

    def close(self):
        """Record that the server called close(), as PEP 3333 requires."""
        closed.append(True)
