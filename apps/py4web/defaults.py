"""py4web as it comes: what the behaviour probes ask of one application, nothing adjusted."""

import workplace


def create_app(settings):
    """Return py4web's WSGI callable; settings.debug is its own debug option."""
    return workplace.start("defaults", settings)
