"""The behaviour probes' application in web2py, with default settings."""

import workplace


def create_app(settings):
    """Return web2py's WSGI callable; web2py's debug mode would wait at a prompt."""
    return workplace.start("defaults", settings).main.wsgibase
