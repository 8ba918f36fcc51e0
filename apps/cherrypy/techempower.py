"""TechEmpower's tests in CherryPy."""

import cherrypy
from jinja2 import DictLoader, Environment

from shared_db import open_larder

FORTUNES = """<!doctype html><html><head><title>Fortunes</title></head><body><table>
<tr><th>id</th><th>message</th></tr>
{% for fortune in fortunes %}<tr><td>{{ fortune.id }}</td><td>{{ fortune.message }}</td></tr>
{% endfor %}</table></body></html>"""


def create_app(settings):
    """Return the application that answers the six tests."""
    cherrypy.config.update({"environment": "embedded"})  # do not log every request
    larder = open_larder(settings.database_url, settings.photos_dir)
    return cherrypy.Application(Tests(larder))


class Tests:
    """One page handler for each test."""

    def __init__(self, larder):
        self._larder = larder
        pages = Environment(loader=DictLoader({"fortunes": FORTUNES}), autoescape=True)
        self._page = pages.get_template("fortunes")

    @cherrypy.expose
    def plaintext(self):
        cherrypy.response.headers["Content-Type"] = "text/plain"
        return "Hello, World!"

    @cherrypy.expose
    @cherrypy.tools.json_out()
    def json(self):
        return {"message": "Hello, World!"}

    @cherrypy.expose
    @cherrypy.tools.json_out()
    def db(self):
        return self._larder.worlds.random().as_dict()

    @cherrypy.expose
    @cherrypy.tools.json_out()
    def queries(self, queries="1"):
        return [world.as_dict() for world in self._larder.worlds.some(how_many(queries))]

    @cherrypy.expose
    @cherrypy.tools.json_out()
    def updates(self, queries="1"):
        return [world.as_dict() for world in self._larder.worlds.update(how_many(queries))]

    @cherrypy.expose
    def fortunes(self):
        return self._page.render(fortunes=self._larder.fortunes.all())


def how_many(asked):
    """Return the requested number of queries: 1 to 500, and 1 for an invalid number."""
    return min(max(int(asked), 1), 500) if asked.isascii() and asked.isdigit() else 1
