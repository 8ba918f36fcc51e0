"""TechEmpower's tests in Falcon."""

import falcon
from jinja2 import DictLoader, Environment

from shared_db import open_larder

FORTUNES = """<!doctype html><html><head><title>Fortunes</title></head><body><table>
<tr><th>id</th><th>message</th></tr>
{% for fortune in fortunes %}<tr><td>{{ fortune.id }}</td><td>{{ fortune.message }}</td></tr>
{% endfor %}</table></body></html>"""


def create_app(settings):
    """Return the application that answers the six tests."""
    larder = open_larder(settings.database_url, settings.photos_dir)
    tests, worlds = Tests(larder), Worlds(larder)
    app = falcon.App()
    app.add_route("/plaintext", tests, suffix="plaintext")
    app.add_route("/json", tests, suffix="json")
    app.add_route("/fortunes", tests, suffix="fortunes")
    app.add_route("/db", worlds)
    app.add_route("/queries", worlds, suffix="queries")
    app.add_route("/updates", worlds, suffix="updates")
    return app


class Tests:
    """Text, JSON and a page."""

    def __init__(self, larder):
        self._larder = larder
        pages = Environment(loader=DictLoader({"fortunes": FORTUNES}), autoescape=True)
        self._fortunes = pages.get_template("fortunes")

    def on_get_plaintext(self, req, resp):
        resp.content_type = falcon.MEDIA_TEXT
        resp.text = "Hello, World!"

    def on_get_json(self, req, resp):
        resp.media = {"message": "Hello, World!"}

    def on_get_fortunes(self, req, resp):
        resp.content_type = falcon.MEDIA_HTML
        resp.text = self._fortunes.render(fortunes=self._larder.fortunes.all())


class Worlds:
    """Rows as JSON."""

    def __init__(self, larder):
        self._worlds = larder.worlds

    def on_get(self, req, resp):
        resp.media = self._worlds.random().as_dict()

    def on_get_queries(self, req, resp):
        resp.media = [world.as_dict() for world in self._worlds.some(how_many(req))]

    def on_get_updates(self, req, resp):
        resp.media = [world.as_dict() for world in self._worlds.update(how_many(req))]


def how_many(req):
    """Return the requested number of queries: 1 to 500, and 1 for an invalid number."""
    try:
        return min(max(req.get_param_as_int("queries", default=1), 1), 500)
    except falcon.HTTPInvalidParam:
        return 1
