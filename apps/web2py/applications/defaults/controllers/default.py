"""The actions of the behaviour probes."""

from gluon import current

go_to = redirect  # an action has the same name, and this file has one namespace


def hello():
    return "hello"


def slash():
    return "slash"


def noslash():
    return "noslash"


def item():
    return f"item {request.args(0, cast=int)}"


def segment():
    return request.args(0)


def query():
    return response.json(dict(a=request.get_vars.a, all=request.get_vars.getlist("a")))


def json():
    return response.json(dict(value=request.post_vars))


def form():
    return response.json(dict(a=request.post_vars.a, fields=len(request.post_vars)))


def clash():
    return f"{request.vars.a}"


def upload():
    file = request.post_vars.file
    size, parts = len(file.file.read()), len(request.post_vars)
    return response.json(dict(name=file.filename, safe=None, bytes=size, parts=parts))


def cookie():
    if request.args(0) == "set":
        response.cookies["taste"] = "salt"
        return "set"
    taste = request.cookies.get("taste")
    return response.json(dict(taste=taste and taste.value))


def session():
    current.session.visits = (current.session.visits or 0) + 1
    return response.json(dict(visits=current.session.visits))


def header():
    response.headers["X-Echo"] = request.get_vars.value
    return "header"


def redirect():
    go_to(request.get_vars.to)


def url():
    return URL("hello", scheme=True, host=True)


def client():
    return request.client


def template():
    return dict(name=request.get_vars.name)


def markup():
    return f"<p>{request.get_vars.name}</p>"


def abort():
    raise HTTP(404, request.get_vars.why)


def error():
    raise RuntimeError("secret 4711")


def stream():
    ways = {None: lines, "error": broken_lines, "close": Closing}
    return ways[request.args(0)](cache.ram("closed", list, None))


def lines(_closed):
    yield from (b"one\n", b"two\n", b"three\n")


def broken_lines(_closed):
    yield b"one\n"
    raise RuntimeError("secret 4711")


class Closing:
    """Three lines; the iterator records when it is closed."""

    def __init__(self, closed):
        self.closed = closed

    def __iter__(self):
        return lines(self.closed)

    def close(self):
        self.closed.append(True)


def closed():
    return str(len(cache.ram("closed", list, None)))


def empty():
    response.status = 204
    return "body"


def none():
    return None
