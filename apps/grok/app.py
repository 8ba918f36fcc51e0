"""The Larder in Grok: its configuration, and the root object in a ZODB in memory."""

from pathlib import Path

import grok
from ZODB import DB
from zope.app.appsetup import appsetup
from zope.app.wsgi import WSGIPublisherApplication
from zope.component import provideUtility
from zope.error.error import globalErrorReportingUtility
from zope.error.interfaces import IErrorReportingUtility
from zope.event import notify

import problems
from files import provide_static
from house import House
from interfaces import ILarder, ISettings
from shared_db import open_larder

CONNECTIONS = 100  # more than a server has threads: the ZODB warns if its pool is too small


def create_app(settings):
    """Open the larder and return the WSGI callable."""
    provideUtility(open_larder(settings.database_url, settings.photos_dir), ILarder)
    provideUtility(settings, ISettings)
    provide_static(settings.static_dir)
    globalErrorReportingUtility.setProperties(keep_entries=20, ignored_exceptions=problems.EXPECTED)
    provideUtility(globalErrorReportingUtility, IErrorReportingUtility)
    appsetup.config(str(Path(__file__).with_name("site.zcml")))
    return WSGIPublisherApplication(build_house())


def build_house():
    """Return a ZODB that contains only the root object; the data is in the larder."""
    database = DB(None, pool_size=CONNECTIONS)
    with database.transaction() as connection:
        house = connection.root()["Application"] = House()
        notify(grok.ObjectAddedEvent(house))
    return database
