"""A Pyramid application with COOKOFF_ROUTES routes."""

import os

from pyramid.config import Configurator
from pyramid.response import Response


def create_app(settings):
    """Return the application."""
    with Configurator() as config:
        for number in range(int(os.environ["COOKOFF_ROUTES"])):
            config.add_route(f"route-{number}", rf"/route-{number}/{{number:\d+}}")
            config.add_view(show_number, route_name=f"route-{number}")
    return config.make_wsgi_app()


def show_number(request):
    return Response(str(int(request.matchdict["number"])))
