"""A hug application with COOKOFF_ROUTES routes."""

import quiet  # noqa: F401  # imported first for its side effect

# isort: split
import os

import hug


def create_app(settings):
    """Return the application."""
    for number in range(int(os.environ["COOKOFF_ROUTES"])):
        hug.get(f"/route-{number}/{{number:int}}", output=hug.output_format.text)(show_number)
    return hug.API(__name__).http.server()


def show_number(number):
    return str(number)
