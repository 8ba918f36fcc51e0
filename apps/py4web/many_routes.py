"""As many routes as COOKOFF_ROUTES says, in py4web: applications/many_routes/ holds the action."""

import workplace


def create_app(settings):
    """Return py4web's WSGI callable."""
    return workplace.start("many_routes", settings)
