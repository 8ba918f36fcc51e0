"""A Bottle application with COOKOFF_ROUTES routes."""

import os

from bottle import Bottle


def create_app(settings):
    """Return the application."""
    app = Bottle()
    for number in range(int(os.environ["COOKOFF_ROUTES"])):
        app.get(f"/route-{number}/<number:int>")(show_number)
    return app


def show_number(number):
    return str(number)
