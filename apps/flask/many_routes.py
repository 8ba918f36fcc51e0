"""A Flask application with COOKOFF_ROUTES routes."""

import os

from flask import Flask


def create_app(settings):
    """Return the application."""
    app = Flask(__name__)
    for number in range(int(os.environ["COOKOFF_ROUTES"])):
        app.get(f"/route-{number}/<int:number>", endpoint=f"route_{number}")(show_number)
    return app


def show_number(number):
    return str(number)
