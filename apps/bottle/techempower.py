"""TechEmpower's tests in Bottle."""

import json

from bottle import Bottle, SimpleTemplate, request, response

from shared_db import open_larder

FORTUNES = SimpleTemplate("""\
<!doctype html><html><head><title>Fortunes</title></head><body><table>
<tr><th>id</th><th>message</th></tr>
% for fortune in fortunes:
<tr><td>{{fortune.id}}</td><td>{{fortune.message}}</td></tr>
% end
</table></body></html>
""")


def create_app(settings):
    """Return the application that answers the six tests."""
    larder = open_larder(settings.database_url, settings.photos_dir)
    app = Bottle()

    @app.get("/plaintext")
    def plaintext():
        response.content_type = "text/plain"
        return "Hello, World!"

    @app.get("/json")
    def greet():
        return {"message": "Hello, World!"}

    @app.get("/db")
    def db():
        return larder.worlds.random().as_dict()

    @app.get("/queries")
    def queries():
        return as_json(larder.worlds.some(how_many()))

    @app.get("/updates")
    def updates():
        return as_json(larder.worlds.update(how_many()))

    @app.get("/fortunes")
    def fortunes():
        return FORTUNES.render(fortunes=larder.fortunes.all())

    return app


def as_json(worlds):
    """Return a list as JSON; Bottle converts only dicts by itself."""
    response.content_type = "application/json"
    return json.dumps([world.as_dict() for world in worlds])


def how_many():
    """Return the requested number of queries: 1 to 500, and 1 for an invalid number."""
    asked = request.query.queries
    return min(max(int(asked), 1), 500) if asked.isascii() and asked.isdigit() else 1
