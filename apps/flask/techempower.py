"""TechEmpower's tests in Flask."""

from flask import Flask, Response, render_template, request
from jinja2 import DictLoader

from shared_db import open_larder

FORTUNES = """<!doctype html><html><head><title>Fortunes</title></head><body><table>
<tr><th>id</th><th>message</th></tr>
{% for fortune in fortunes %}<tr><td>{{ fortune.id }}</td><td>{{ fortune.message }}</td></tr>
{% endfor %}</table></body></html>"""


def create_app(settings):
    """Return the application that answers the six tests."""
    larder = open_larder(settings.database_url, settings.photos_dir)
    app = Flask(__name__)
    app.jinja_loader = DictLoader({"fortunes.html": FORTUNES})  # compiled once, unlike a string

    @app.get("/plaintext")
    def plaintext():
        return Response("Hello, World!", content_type="text/plain")

    @app.get("/json")
    def message():
        return {"message": "Hello, World!"}

    @app.get("/db")
    def one_world():
        return larder.worlds.random().as_dict()

    @app.get("/queries")
    def some_worlds():
        return [world.as_dict() for world in larder.worlds.some(how_many())]

    @app.get("/updates")
    def updated_worlds():
        return [world.as_dict() for world in larder.worlds.update(how_many())]

    @app.get("/fortunes")
    def fortunes():
        return render_template("fortunes.html", fortunes=larder.fortunes.all())

    return app


def how_many():
    """Return the requested number of queries: 1 to 500, and 1 for an invalid number."""
    return min(max(request.args.get("queries", 1, type=int), 1), 500)
