"""An application with COOKOFF_ROUTES routes in the site's own table of routes."""

import os

from problems import Problem
from routing import Routes


def create_app(settings):
    """Return the WSGI callable."""
    routes = Routes()
    for number in range(int(os.environ["COOKOFF_ROUTES"])):
        routes.route("GET", f"/route-{number}/{{number}}")(show_number)

    def application(environ, start_response):
        try:
            handler, arguments = routes.find(environ["REQUEST_METHOD"], environ["PATH_INFO"])
            status, body = "200 OK", handler(**arguments).encode()
        except (Problem, ValueError):
            status, body = "404 Not Found", b""
        headers = [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))]
        start_response(status, headers)
        return [body]

    return application


def show_number(number):
    return str(int(number))
