"""The behaviour probes' application in py4web, with default settings."""

import workplace


def create_app(settings):
    """Return py4web's WSGI callable; settings.debug is its own debug option."""
    return workplace.start("defaults", settings)
