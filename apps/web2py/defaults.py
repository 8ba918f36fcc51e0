"""web2py as it comes: what the behaviour probes ask of one application, nothing adjusted."""

import workplace


def create_app(settings):
    """Return web2py's WSGI callable; it has no debug mode that does not wait at a prompt."""
    return workplace.start("defaults", settings).main.wsgibase
