"""The behaviour probes' application in Bottle, written as in its tutorial."""

import bottle
from bottle import Bottle, abort, redirect, request, response, static_file, template

app = Bottle()
closed = []


def create_app(settings):
    """Return the application with default settings; settings.debug is Bottle's debug mode."""
    bottle.debug(settings.debug)
    app.config["static_dir"] = settings.static_dir
    return app


@app.route("/hello")
def hello():
    return "hello"


@app.route("/slash/")
def slash():
    return "slash"


@app.route("/noslash")
def noslash():
    return "noslash"


@app.route("/item/<number:int>")
def item(number):
    return f"item {number}"


@app.route("/segment/<name>")
def segment(name):
    return name


@app.route("/query")
def query():
    return {"a": request.query.a, "all": request.query.getall("a")}


@app.post("/json")
def decode():
    return {"value": request.json}


@app.post("/form")
def form():
    return {"a": request.forms.a, "fields": len(list(request.forms.allitems()))}


@app.post("/clash")
def clash():
    return request.params.a


@app.post("/upload")
def upload():
    sent = request.files.get("file")
    size = len(sent.file.read())
    parts = len(list(request.POST.allitems()))
    return {"name": sent.raw_filename, "safe": sent.filename, "bytes": size, "parts": parts}


@app.route("/cookie/set")
def set_cookie():
    response.set_cookie("taste", "salt")
    return "set"


@app.route("/cookie")
def cookie():
    return {"taste": request.get_cookie("taste")}


@app.route("/header")
def header():
    response.set_header("X-Echo", request.query.value)
    return "header"


@app.route("/redirect")
def lead_on():
    redirect(request.query.to)


@app.route("/url")
def url():
    return request.url


@app.route("/client")
def client():
    return request.remote_addr


@app.route("/template")
def show_template():
    return template("<p>{{name}}</p>", name=request.query.name)


@app.route("/markup")
def markup():
    return f"<p>{request.query.name}</p>"


@app.route("/abort")
def refuse():
    abort(404, request.query.why)


@app.route("/error")
def error():
    raise RuntimeError("secret 4711")


@app.route("/stream")
def stream():
    yield "one\n"
    yield "two\n"
    yield "three\n"


@app.route("/stream/error")
def broken_stream():
    yield "one\n"
    raise RuntimeError("secret 4711")


@app.route("/stream/close")
def closing_stream():
    return Closing()


@app.route("/closed")
def count_closed():
    return str(len(closed))


@app.route("/empty")
def empty():
    response.status = 204
    return "body"


@app.route("/none")
def nothing():
    return None


@app.route("/static/<filename:path>")
def static(filename):
    return static_file(filename, root=app.config["static_dir"])


class Closing:
    """An iterable that records when it is closed."""

    def __iter__(self):
        yield from ("one\n", "two\n", "three\n")

    def close(self):
        """Record that close() was called, as PEP 3333 requires."""
        closed.append(True)
