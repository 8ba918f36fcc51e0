"""TechEmpower's tests in py4web: applications/techempower/ holds the actions."""

import workplace
from shared_db import open_larder


def create_app(settings):
    """Return py4web's WSGI callable, which answers the six tests."""
    larder = open_larder(settings.database_url, settings.photos_dir)
    return workplace.start("techempower", settings, larder=larder)
