"""A py4web application with COOKOFF_ROUTES routes; applications/many_routes/ has the action."""

import workplace


def create_app(settings):
    """Return py4web's WSGI callable."""
    return workplace.start("many_routes", settings)
