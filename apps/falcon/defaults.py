"""Falcon as it comes: what the behaviour probes ask, written as its own tutorial would."""

import falcon


def create_app(settings):
    """Return the application; it has no debug mode, no sessions and no templates."""
    app, probes, streams = falcon.App(), Probes(), Streams()
    paths = {
        "hello": "/hello", "slash": "/slash/", "noslash": "/noslash", "item": "/item/{number:int}",
        "segment": "/segment/{name}", "query": "/query", "json": "/json", "form": "/form",
        "clash": "/clash", "upload": "/upload", "cookie_set": "/cookie/set", "cookie": "/cookie",
        "header": "/header", "redirect": "/redirect", "url": "/url", "markup": "/markup",
        "abort": "/abort", "error": "/error", "empty": "/empty", "none": "/none",
    }  # fmt: skip
    for suffix, path in paths.items():
        app.add_route(path, probes, suffix=suffix)
    app.add_route("/stream", streams)
    app.add_route("/stream/error", streams, suffix="error")
    app.add_route("/stream/close", streams, suffix="close")
    app.add_route("/closed", streams, suffix="closed")
    app.add_static_route("/static", settings.static_dir)
    return app


class Probes:
    """One responder a probe."""

    def on_get_hello(self, req, resp):
        resp.text = "hello"

    def on_get_slash(self, req, resp):
        resp.text = "slash"

    def on_get_noslash(self, req, resp):
        resp.text = "noslash"

    def on_get_item(self, req, resp, number):
        resp.text = f"item {number}"

    def on_get_segment(self, req, resp, name):
        resp.text = name

    def on_get_query(self, req, resp):
        resp.media = {"a": req.get_param("a"), "all": req.get_param_as_list("a", default=[])}

    def on_post_json(self, req, resp):
        resp.media = {"value": req.get_media()}

    def on_post_form(self, req, resp):
        form = req.get_media()
        resp.media = {"a": form.get("a"), "fields": len(form)}

    def on_post_clash(self, req, resp):
        resp.text = req.get_media()["a"]

    def on_post_upload(self, req, resp):
        facts, count = {}, 0
        for part in req.get_media():
            count += 1
            if part.name == "file":
                facts = {"name": part.filename, "safe": part.secure_filename}
                facts["bytes"] = len(part.stream.read())
        resp.media = facts | {"parts": count}

    def on_get_cookie_set(self, req, resp):
        resp.set_cookie("taste", "salt")
        resp.text = "set"

    def on_get_cookie(self, req, resp):
        resp.media = {"taste": req.cookies.get("taste")}

    def on_get_header(self, req, resp):
        resp.set_header("X-Echo", req.get_param("value", required=True))
        resp.text = "header"

    def on_get_redirect(self, req, resp):
        raise falcon.HTTPFound(req.get_param("to", required=True))

    def on_get_url(self, req, resp):
        resp.text = f"{req.prefix}/hello"

    def on_get_markup(self, req, resp):
        resp.content_type = falcon.MEDIA_HTML
        resp.text = f"<p>{req.get_param('name')}</p>"

    def on_get_abort(self, req, resp):
        raise falcon.HTTPNotFound(description=req.get_param("why"))

    def on_get_error(self, req, resp):
        raise RuntimeError("secret 4711")

    def on_get_empty(self, req, resp):
        resp.status = falcon.HTTP_204
        resp.text = "body"

    def on_get_none(self, req, resp):
        return None


class Streams:
    """Bodies that come in pieces."""

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


def lines():
    """Yield three lines."""
    yield from (b"one\n", b"two\n", b"three\n")


def broken_lines():
    """Yield a line, then fail."""
    yield b"one\n"
    raise RuntimeError("secret 4711")


class Closing:
    """An iterable that notes when it is closed."""

    def __init__(self, closed):
        self._closed = closed

    def __iter__(self):
        return lines()

    def close(self):
        """Note that the server kept PEP 3333's promise."""
        self._closed.append(True)
