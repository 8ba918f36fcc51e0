"""The Larder in TurboGears: the configurator, and the globals of all requests."""

import mimetypes
from functools import partial
from pathlib import Path

import tg
from tg import MinimalApplicationConfigurator
from tg.appwrappers.errorpage import ErrorPageApplicationWrapper
from tg.appwrappers.session import SessionApplicationWrapper
from tg.configurator.components.error_pages import ErrorPagesConfigurationComponent
from tg.configurator.components.session import SessionConfigurationComponent
from tg.exceptions import HTTPNotFound
from tg.support.statics import StaticsMiddleware

import helpers
from controllers import Root
from hardening import harden
from problems import STATUS_CODES, translate_refusals
from security import csrf_protect
from session import LarderSession
from shared_db import open_larder
from wrappers import CommonHeaders, FailureLog

# Python 3.11 knows image/webp only if the machine has a mime.types file.
mimetypes.add_type("image/webp", ".webp")

# https://turbogears.readthedocs.io/en/latest/turbogears/hooks.html: for every controller.
tg.hooks.register("before_validate", csrf_protect)


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
    config.register(SessionConfigurationComponent)
    config.register(ErrorPagesConfigurationComponent)
    config.get_component("dispatch").register_controller_wrapper(translate_refusals)
    config.register_application_wrapper(FailureLog, after=SessionApplicationWrapper)
    config.register_application_wrapper(CommonHeaders, after=ErrorPageApplicationWrapper)
    config.update_blueprint(
        {
            "root_controller": Root(),
            "app_globals": partial(Globals, settings),
            "helpers": helpers,
            "renderers": ["kajiki"],
            "paths": {"templates": [str(Path(__file__).with_name("templates"))]},
            # Production: templates are compiled once, and an error shows the error page.
            # https://turbogears.readthedocs.io/en/latest/turbogears/caching.html
            "auto_reload_templates": False,
            "debug": settings.debug,
            "disable_request_extensions": True,  # /menu.html is not another address of /menu
            "ignore_parameters": ["_method"],  # only the request says which method it has
            "flash.template": '<p class="flash" role="status">$message</p>',
            "session.session_class": LarderSession,
            "session.key": "larder_session",
            "session.httponly": True,
            "session.save_accessed_time": False,
            "tg.response_options": {
                "content_type": "text/html",
                "charset": "utf-8",
                "headers": {"Cache-Control": "private, no-cache"},
            },
            "errorpage.status_codes": STATUS_CODES,
            "errorpage.content_types": [],  # every type, also problem+json of the API
        }
    )
    if settings.hardened:
        harden(config)
    return config.make_wsgi_app()
