"""The behaviour probes' application in Flask, written as in its tutorial."""

from flask import (
    Flask,
    Response,
    abort,
    make_response,
    redirect,
    render_template_string,
    request,
    session,
    url_for,
)
from werkzeug.utils import secure_filename


def create_app(settings):  # noqa: C901  # one small view for each probe
    """Return the application; settings.debug switches Flask's debug mode on."""
    app = Flask(__name__, static_folder=settings.static_dir)
    app.secret_key = settings.secret
    app.debug = settings.debug
    closed = []

    @app.get("/hello")
    def hello():
        return "hello"

    @app.get("/slash/")
    def slash():
        return "slash"

    @app.get("/noslash")
    def noslash():
        return "noslash"

    @app.get("/item/<int:number>")
    def item(number):
        return f"item {number}"

    @app.get("/segment/<name>")
    def segment(name):
        return name

    @app.get("/query")
    def query():
        return {"a": request.args.get("a"), "all": request.args.getlist("a")}

    @app.post("/json")
    def decode():
        return {"value": request.json}

    @app.post("/form")
    def form():
        return {"a": request.form.get("a"), "fields": len(request.form)}

    @app.post("/clash")
    def clash():
        return request.values["a"]

    @app.post("/upload")
    def upload():
        file = request.files["file"]
        return {
            "name": file.filename,
            "safe": secure_filename(file.filename),
            "bytes": len(file.read()),
            "parts": len(request.files) + len(request.form),
        }

    @app.get("/cookie/set")
    def set_cookie():
        response = make_response("set")
        response.set_cookie("taste", "salt")
        return response

    @app.get("/cookie")
    def cookie():
        return {"taste": request.cookies.get("taste")}

    @app.get("/session")
    def count_visits():
        session["visits"] = session.get("visits", 0) + 1
        return {"visits": session["visits"]}

    @app.get("/header")
    def header():
        return "header", {"X-Echo": request.args["value"]}

    @app.get("/redirect")
    def send_on():
        return redirect(request.args["to"])

    @app.get("/url")
    def url():
        return url_for("hello", _external=True)

    @app.get("/client")
    def client():
        return request.remote_addr

    @app.get("/template")
    def template():
        return render_template_string("<p>{{ name }}</p>", name=request.args["name"])

    @app.get("/markup")
    def markup():
        return f"<p>{request.args['name']}</p>"

    @app.get("/abort")
    def stop():
        abort(404, request.args["why"])

    @app.get("/error")
    def error():
        raise RuntimeError("secret 4711")

    @app.get("/stream")
    def stream():
        return lines()

    @app.get("/stream/error")
    def stream_error():
        return broken_lines()

    @app.get("/stream/close")
    def stream_close():
        return Response(Closing(closed))

    @app.get("/closed")
    def count_closed():
        return str(len(closed))

    @app.get("/empty")
    def empty():
        return "body", 204

    @app.get("/none")
    def nothing():
        return None

    return app


def lines():
    """Yield three lines."""
    yield from ("one\n", "two\n", "three\n")


def broken_lines():
    """Yield a line, then fail."""
    yield "one\n"
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
