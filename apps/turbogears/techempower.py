"""TechEmpower's tests in TurboGears."""

from kajiki import XMLTemplate
from tg import MinimalApplicationConfigurator, TGController, expose, request
from tg import app_globals as g

from shared_db import open_larder

FORTUNES = """<html><head><title>Fortunes</title></head><body><table>
<tr><th>id</th><th>message</th></tr>
<tr py:for="fortune in fortunes"><td>${fortune.id}</td><td>${fortune.message}</td></tr>
</table></body></html>"""


class Globals:
    """The globals of all requests."""

    def __init__(self, settings):
        self.larder = open_larder(settings.database_url, settings.photos_dir)
        self.fortunes = XMLTemplate(FORTUNES, mode="html5")


def create_app(settings):
    """Return the application that answers the six tests."""
    config = MinimalApplicationConfigurator()
    config.update_blueprint(
        {
            "root_controller": Root(),
            "app_globals": lambda: Globals(settings),
            "json.allow_lists": True,  # TurboGears rejects JSON lists, because of old browsers
        }
    )
    return config.make_wsgi_app()


class Root(TGController):
    """The six tests."""

    @expose(content_type="text/plain")
    def plaintext(self):
        return "Hello, World!"

    @expose("json")
    def json(self):
        return {"message": "Hello, World!"}

    @expose("json")
    def db(self):
        return g.larder.worlds.random().as_dict()

    @expose("json", render_params={"key": "worlds"})
    def queries(self):
        return {"worlds": [world.as_dict() for world in g.larder.worlds.some(how_many())]}

    @expose("json", render_params={"key": "worlds"})
    def updates(self):
        return {"worlds": [world.as_dict() for world in g.larder.worlds.update(how_many())]}

    @expose()
    def fortunes(self):
        return g.fortunes({"fortunes": g.larder.fortunes.all()}).render()


def how_many():
    """Return the requested number of queries: 1 to 500, and 1 for an invalid number."""
    try:
        return min(max(int(request.GET.get("queries", 1)), 1), 500)
    except ValueError:
        return 1
