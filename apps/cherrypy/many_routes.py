"""A CherryPy application with COOKOFF_ROUTES routes, as methods of the root object."""

import os

import cherrypy


def create_app(settings):
    """Return the application."""
    cherrypy.config.update({"environment": "embedded"})  # do not log every request
    for number in range(int(os.environ["COOKOFF_ROUTES"])):
        setattr(Root, f"route_{number}", show_number)  # _ stands for a hyphen
    return cherrypy.Application(Root())


class Root:
    """The site's root."""


@cherrypy.expose
def show_number(self, number):
    try:
        return str(int(number))
    except ValueError as error:
        raise cherrypy.NotFound() from error
