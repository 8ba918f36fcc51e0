"""The behaviour probes' application in hug, written as in its examples."""

import quiet  # noqa: F401  # imported first for its side effect

# isort: split
from functools import partial

import falcon
import hug
from hug.middleware import SessionMiddleware
from hug.store import InMemoryStore

text = partial(hug.get, output=hug.output_format.text)
closed = []


def create_app(settings):
    """Return the application; it has no debug mode and no templates."""
    hug.API(__name__).http.add_middleware(SessionMiddleware(InMemoryStore()))
    hug.static("/static")(lambda: [settings.static_dir])
    return __hug_wsgi__  # noqa: F821  # hug adds the name to the module


@text("/hello")
def hello():
    return "hello"


@text("/slash/")
def slash():
    return "slash"


@text("/noslash")
def noslash():
    return "noslash"


@text("/item/{number}")
def item(number: hug.types.number):
    return f"item {number}"


@text("/segment/{name}")
def segment(name):
    return name


@hug.get("/query")
def query(request, a=None):
    return {"a": a, "all": request.get_param_as_list("a") or []}


@hug.post("/json")
def decode(body):
    return {"value": body}


@hug.post("/form")
def form(body, a=None):
    return {"a": a, "fields": len(body)}


@hug.post("/clash", output=hug.output_format.text)
def clash(a):
    return a


@hug.post("/upload")
def upload(body):
    # hug passes the bytes of a file, but not its name.
    return {"name": None, "safe": None, "bytes": len(body["file"]), "parts": len(body)}


@text("/cookie/set")
def set_cookie(response):
    response.set_cookie("taste", "salt")
    return "set"


@hug.get("/cookie")
def cookie(request):
    return {"taste": request.cookies.get("taste")}


@hug.get("/session")
def count_visits(hug_session):
    hug_session["visits"] = hug_session.get("visits", 0) + 1
    return {"visits": hug_session["visits"]}


@text("/header")
def header(response, value):
    response.set_header("X-Echo", value)
    return "header"


@text("/redirect")
def send_on(to):
    hug.redirect.to(to)


@text("/url")
def url(request):
    return request.prefix + hello.interface.http.url()


@text("/client")
def client(request):
    return request.remote_addr


@hug.get("/markup", output=hug.output_format.html)
def markup(name):
    return f"<p>{name}</p>"


@text("/abort")
def stop(why):
    hug.redirect.not_found(why)


@text("/error")
def error():
    raise RuntimeError("secret 4711")


@text("/stream")
def stream():
    return Lines(lines())


@text("/stream/error")
def stream_error():
    return Lines(broken_lines())


@text("/stream/close")
def stream_close():
    return Closing(lines())


@text("/closed")
def count_closed():
    return len(closed)


@text("/empty", status=falcon.HTTP_204)
def empty():
    return "body"


@hug.get("/none")
def nothing():
    return None


def lines():
    """Yield three lines."""
    yield from (b"one\n", b"two\n", b"three\n")


def broken_lines():
    """Yield a line, then fail."""
    yield b"one\n"
    raise RuntimeError("secret 4711")


class Lines:
    """A file-like object of lines; hug streams objects with read(), but no generators."""

    def __init__(self, lines):
        self._lines = lines

    def read(self, size):
        """Return the next line, or nothing at the end."""
        return next(self._lines, b"")


class Closing(Lines):
    """The same, which records when it is closed."""

    def close(self):
        """Record that the server called close(), as PEP 3333 requires."""
        closed.append(True)
