"""The behaviour probes' application in Falcon: a small resource for each, as in its tutorial."""

import falcon
from falcon.media.multipart import MultipartForm


def create_app(settings):
    """Return the application; it has no debug mode, no sessions and no templates."""
    app, fields, cookies, streams = falcon.App(), Fields(), Cookies(), Streams()
    app.add_route("/hello", Text("hello"))
    app.add_route("/slash/", Text("slash"))
    app.add_route("/noslash", Text("noslash"))
    app.add_route("/item/{number:int}", Item())
    app.add_route("/segment/{name}", Segment())
    app.add_route("/query", Query())
    app.add_route("/json", Document())
    app.add_route("/form", fields)
    app.add_route("/clash", fields, suffix="clash")
    app.add_route("/upload", Upload())
    app.add_route("/cookie", cookies)
    app.add_route("/cookie/set", cookies, suffix="set")
    app.add_route("/header", Header())
    app.add_route("/redirect", Redirect())
    app.add_route("/url", Address())
    app.add_route("/client", Client())
    app.add_route("/markup", Markup())
    app.add_route("/abort", Abort())
    app.add_route("/error", Error())
    app.add_route("/stream", streams)
    app.add_route("/stream/error", streams, suffix="error")
    app.add_route("/stream/close", streams, suffix="close")
    app.add_route("/closed", streams, suffix="closed")
    app.add_route("/empty", Empty())
    app.add_route("/none", Nothing())
    app.add_static_route("/static", settings.static_dir)
    return app


class Text:
    """A fixed text."""

    def __init__(self, text):
        self._text = text

    def on_get(self, req, resp):
        resp.text = self._text


class Item:
    """A number in the address."""

    def on_get(self, req, resp, number):
        resp.text = f"item {number}"


class Segment:
    """A part of the address."""

    def on_get(self, req, resp, name):
        resp.text = name


class Query:
    """The query."""

    def on_get(self, req, resp):
        resp.media = {"a": req.get_param("a"), "all": req.get_param_as_list("a", default=[])}


class Document:
    """JSON, decoded and encoded."""

    def on_post(self, req, resp):
        resp.media = {"value": req.get_media()}


class Fields:
    """A form's fields."""

    def on_post(self, req, resp):
        form = req.get_media()
        resp.media = {"a": form.get("a"), "fields": len(form)}

    def on_post_clash(self, req, resp):
        form = req.get_media()
        if isinstance(form, MultipartForm):
            form = {part.name: part.text for part in form}
        resp.text = form["a"]


class Upload:
    """A file."""

    def on_post(self, req, resp):
        facts, count = {}, 0
        for part in req.get_media():
            count += 1
            if part.name == "file":
                facts = {"name": part.filename, "safe": part.secure_filename}
                facts["bytes"] = len(part.stream.read())
        resp.media = facts | {"parts": count}


class Cookies:
    """A cookie, set and read."""

    def on_get(self, req, resp):
        resp.media = {"taste": req.cookies.get("taste")}

    def on_get_set(self, req, resp):
        resp.set_cookie("taste", "salt")
        resp.text = "set"


class Header:
    """Input of the client in a header."""

    def on_get(self, req, resp):
        resp.set_header("X-Echo", req.get_param("value", required=True))
        resp.text = "header"


class Redirect:
    """A redirect."""

    def on_get(self, req, resp):
        raise falcon.HTTPFound(req.get_param("to", required=True))


class Address:
    """An absolute address of this site."""

    def on_get(self, req, resp):
        resp.text = f"{req.prefix}/hello"


class Client:
    """The address of the client."""

    def on_get(self, req, resp):
        resp.text = req.remote_addr


class Markup:
    """Input of the client in HTML; Falcon has no templates that escape it."""

    def on_get(self, req, resp):
        resp.content_type = falcon.MEDIA_HTML
        resp.text = f"<p>{req.get_param('name')}</p>"


class Abort:
    """A missing page, and its reason."""

    def on_get(self, req, resp):
        raise falcon.HTTPNotFound(description=req.get_param("why"))


class Error:
    """A failure."""

    def on_get(self, req, resp):
        raise RuntimeError("secret 4711")


class Streams:
    """Streamed bodies."""

    def __init__(self):
        self._closed = []

    def on_get(self, req, resp):
        resp.stream = lines()

    def on_get_error(self, req, resp):
        resp.stream = broken_lines()

    def on_get_close(self, req, resp):
        resp.stream = Closing(self._closed)

    def on_get_closed(self, req, resp):
        resp.text = str(len(self._closed))


class Empty:
    """A status without content, and content."""

    def on_get(self, req, resp):
        resp.status = falcon.HTTP_204
        resp.text = "body"


class Nothing:
    """A responder that does nothing."""

    def on_get(self, req, resp):
        pass


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
