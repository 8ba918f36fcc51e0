"""TechEmpower's tests in hug."""

import quiet  # noqa: F401  # imported first for its side effect

# isort: split
import hug
from jinja2 import DictLoader, Environment

from shared_db import open_larder

FORTUNES = """<!doctype html><html><head><title>Fortunes</title></head><body><table>
<tr><th>id</th><th>message</th></tr>
{% for fortune in fortunes %}<tr><td>{{ fortune.id }}</td><td>{{ fortune.message }}</td></tr>
{% endfor %}</table></body></html>"""


def create_app(settings):
    """Return the application that answers the six tests."""
    larder = open_larder(settings.database_url, settings.photos_dir)
    pages = Environment(loader=DictLoader({"fortunes": FORTUNES}), autoescape=True)

    @hug.get(output=hug.output_format.text)
    def plaintext():
        return "Hello, World!"

    @hug.get("/json")
    def message():
        return {"message": "Hello, World!"}

    @hug.get("/db")
    def one_world():
        return larder.worlds.random().as_dict()

    @hug.get("/queries")
    def some_worlds(queries="1"):
        return [world.as_dict() for world in larder.worlds.some(how_many(queries))]

    @hug.get("/updates")
    def updated_worlds(queries="1"):
        return [world.as_dict() for world in larder.worlds.update(how_many(queries))]

    @hug.get(output=hug.output_format.html)
    def fortunes():
        return pages.get_template("fortunes").render(fortunes=larder.fortunes.all())

    return hug.API(__name__).http.server()


def how_many(asked):
    """Return the requested number of queries: 1 to 500, and 1 for an invalid number."""
    try:
        return min(max(int(asked), 1), 500)
    except (TypeError, ValueError):  # a repeated parameter is a list
        return 1
