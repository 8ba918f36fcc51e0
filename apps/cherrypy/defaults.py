"""The behaviour probes' application in CherryPy, written as in its tutorial."""

import json

import cherrypy


def create_app(settings):
    """Return the application; CherryPy has no debug mode, and by default no environment."""
    static = {"tools.staticdir.on": True, "tools.staticdir.dir": str(settings.static_dir)}
    return cherrypy.Application(Probes(), config={"/static": static})


class Slash:
    """An address that ends in a slash."""

    @cherrypy.expose
    def index(self):
        return "slash"


class Probes:
    """The site's root."""

    def __init__(self):
        self._closed = []
        self.slash = Slash()

    @cherrypy.expose
    def hello(self):
        return "hello"

    @cherrypy.expose
    def noslash(self):
        return "noslash"

    @cherrypy.expose
    def item(self, number):
        return f"item {int(number)}"

    @cherrypy.expose
    def segment(self, name):
        return name

    @cherrypy.expose
    @cherrypy.tools.json_out()
    def query(self, a=None):
        return {"a": a, "all": cherrypy.request.params.get("a", [])}

    @cherrypy.expose
    @cherrypy.tools.json_in()
    @cherrypy.tools.json_out()
    def json(self):
        return {"value": cherrypy.request.json}

    @cherrypy.expose
    @cherrypy.tools.json_out()
    def form(self, a=None, **others):
        return {"a": a, "fields": len(cherrypy.request.body.params)}

    @cherrypy.expose
    def clash(self, a):
        return a

    @cherrypy.expose
    @cherrypy.tools.json_out()
    def upload(self, file, **others):
        size = len(file.file.read())
        parts = len(others) + 1
        return {"name": file.filename, "safe": None, "bytes": size, "parts": parts}

    @cherrypy.expose
    def cookie(self, action=None):
        if action == "set":
            cherrypy.response.cookie["taste"] = "salt"
            return "set"
        taste = cherrypy.request.cookie.get("taste")
        cherrypy.response.headers["Content-Type"] = "application/json"
        return json.dumps({"taste": taste.value if taste else None}).encode()

    @cherrypy.expose
    @cherrypy.tools.sessions()
    @cherrypy.tools.json_out()
    def session(self):
        cherrypy.session["visits"] = cherrypy.session.get("visits", 0) + 1
        return {"visits": cherrypy.session["visits"]}

    @cherrypy.expose
    def header(self, value):
        cherrypy.response.headers["X-Echo"] = value
        return "header"

    @cherrypy.expose
    def redirect(self, to):
        raise cherrypy.HTTPRedirect(to)

    @cherrypy.expose
    def url(self):
        return cherrypy.url("/hello")

    @cherrypy.expose
    def client(self):
        return cherrypy.request.remote.ip

    @cherrypy.expose
    def markup(self, name):
        return f"<p>{name}</p>"

    @cherrypy.expose
    def abort(self, why):
        raise cherrypy.HTTPError(404, why)

    @cherrypy.expose
    def error(self):
        raise RuntimeError("secret 4711")

    @cherrypy.expose
    @cherrypy.config(**{"response.stream": True})
    def stream(self, kind=None):
        if kind == "close":
            return Closing(self._closed)
        return broken_lines() if kind == "error" else lines()

    @cherrypy.expose
    def closed(self):
        return str(len(self._closed))

    @cherrypy.expose
    def empty(self):
        cherrypy.response.status = 204
        return "body"

    @cherrypy.expose
    def none(self):
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

    def __init__(self, closed):
        self._closed = closed

    def __iter__(self):
        return lines()

    def close(self):
        """Record that the server called close(), as PEP 3333 requires."""
        self._closed.append(True)
