"""TechEmpower's tests in Pyramid."""

from pyramid.config import Configurator
from pyramid.response import Response
from pyramid.view import view_config

from shared_db import open_larder

FORTUNES = """<!doctype html><html><head><title>Fortunes</title></head><body><table>
<tr><th>id</th><th>message</th></tr>
{% for fortune in fortunes %}<tr><td>{{ fortune.id }}</td><td>{{ fortune.message }}</td></tr>
{% endfor %}</table></body></html>"""


def create_app(settings):
    """Return the application that answers the six tests."""
    with Configurator() as config:
        config.include("pyramid_jinja2")
        for name in ("plaintext", "json", "db", "queries", "updates", "fortunes"):
            config.add_route(name, f"/{name}")
        config.scan("techempower")
    config.registry["larder"] = open_larder(settings.database_url, settings.photos_dir)
    config.registry["fortunes"] = config.get_jinja2_environment().from_string(FORTUNES)
    return config.make_wsgi_app()


@view_config(route_name="plaintext")
def plaintext(request):
    return Response("Hello, World!", content_type="text/plain")


@view_config(route_name="json", renderer="json")
def message(request):
    return {"message": "Hello, World!"}


@view_config(route_name="db", renderer="json")
def one_world(request):
    return request.registry["larder"].worlds.random().as_dict()


@view_config(route_name="queries", renderer="json")
def some_worlds(request):
    worlds = request.registry["larder"].worlds.some(how_many(request))
    return [world.as_dict() for world in worlds]


@view_config(route_name="updates", renderer="json")
def updated_worlds(request):
    worlds = request.registry["larder"].worlds.update(how_many(request))
    return [world.as_dict() for world in worlds]


@view_config(route_name="fortunes")
def fortunes(request):
    fortunes = request.registry["larder"].fortunes.all()
    return Response(request.registry["fortunes"].render(fortunes=fortunes))


def how_many(request):
    """Return the requested number of queries: 1 to 500, and 1 for an invalid number."""
    try:
        return min(max(int(request.GET.get("queries", 1)), 1), 500)
    except ValueError:
        return 1
