"""The Larder in TurboGears: the configurator, and the globals of all requests."""

import mimetypes
from functools import partial
from pathlib import Path

from crank.util import default_path_translator
from tg import MinimalApplicationConfigurator
from tg.appwrappers.errorpage import ErrorPageApplicationWrapper
from tg.configurator.components.error_pages import ErrorPagesConfigurationComponent
from tg.exceptions import HTTPNotFound
from tg.support.statics import StaticsMiddleware

import helpers
from controllers import Root
from hardening import Conditions, ReadableRequests
from problems import STATUS_CODES, translate_refusals
from session import SessionWrapper
from shared_db import open_larder
from wrappers import CommonHeaders, FailureLog

# Python 3.11 knows image/webp only if the machine has a mime.types file.
mimetypes.add_type("image/webp", ".webp")


class Globals:
    """The globals of all requests: tg.app_globals."""

    def __init__(self, settings):
        self.settings = settings
        self.larder = open_larder(settings.database_url, settings.photos_dir)
        self.static_files = StaticsMiddleware(HTTPNotFound(), str(settings.static_dir))
        self.photos = StaticsMiddleware(HTTPNotFound(), str(settings.photos_dir))


def create_app(settings):
    """Open the larder and return the application."""
    config = MinimalApplicationConfigurator()
    config.register(ErrorPagesConfigurationComponent)
    config.get_component("dispatch").register_controller_wrapper(translate_refusals)
    # From the controllers outwards; the component of the error pages adds its own wrapper.
    config.register_application_wrapper(SessionWrapper)
    config.register_application_wrapper(FailureLog, after=SessionWrapper)
    config.register_application_wrapper(ReadableRequests, after=FailureLog)
    config.register_application_wrapper(Conditions, after=ReadableRequests)
    config.register_application_wrapper(CommonHeaders, after=ErrorPageApplicationWrapper)
    config.update_blueprint(
        {
            "root_controller": Root(),
            "app_globals": partial(Globals, settings),
            "helpers": helpers,
            "renderers": ["kajiki"],
            "paths": {"templates": [str(Path(__file__).with_name("templates"))]},
            "auto_reload_templates": False,
            "disable_request_extensions": True,  # /menu.html is not another address of /menu
            "dispatch_path_translator": public_name,
            "tg.response_options": {
                "content_type": "text/html",
                "charset": "utf-8",
                "headers": {"Cache-Control": "private, no-cache"},
            },
            "errorpage.status_codes": STATUS_CODES,
            "errorpage.content_types": [],  # every type, also problem+json of the API
        }
    )
    return config.make_wsgi_app()


def public_name(path_piece):
    """Return the attribute for a segment of a path: orders_csv for orders.csv.

    This is TurboGears' own translator, except that Python names are not addresses: neither
    orders_csv nor index, nor a name that begins with an underscore.
    """
    name = default_path_translator(path_piece)
    return "" if "_" in path_piece or name.startswith("_") or name == "index" else name
