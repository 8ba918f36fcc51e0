"""A TurboGears application with COOKOFF_ROUTES routes, as methods of the root controller."""

import os

from tg import MinimalApplicationConfigurator, TGController, abort, expose, validate
from tg.validation import Convert


def create_app(settings):
    """Return the application."""
    for number in range(int(os.environ["COOKOFF_ROUTES"])):
        setattr(Root, f"route_{number}", show_number)  # _ stands for a hyphen
    config = MinimalApplicationConfigurator()
    config.update_blueprint({"root_controller": Root()})
    return config.make_wsgi_app()


class Root(TGController):
    """The site's root."""


@expose()
@validate({"number": Convert(int)}, error_handler=abort(404, error_handler=True))
def show_number(self, number):
    return str(number)
