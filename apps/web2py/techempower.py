"""TechEmpower's tests in web2py: applications/techempower/ holds the actions."""

import workplace
from shared_db import open_larder


def create_app(settings):
    """Return web2py's WSGI callable, which answers the six tests."""
    gluon = workplace.start("techempower", settings, compiled=True)
    larder = open_larder(settings.database_url, settings.photos_dir)
    gluon.settings.global_settings.larder = larder
    return gluon.main.wsgibase
