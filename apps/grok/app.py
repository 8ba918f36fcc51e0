"""The Larder in Grok: its configuration, its root object, and the code around every request."""

from pathlib import Path

import chameleon.template
import grok
from grokcore.view.interfaces import IAfterTraversalEvent
from ZODB import DB
from zope.app.appsetup import appsetup
from zope.app.wsgi import WSGIPublisherApplication
from zope.component import getUtility, provideUtility
from zope.error.error import globalErrorReportingUtility
from zope.error.interfaces import IErrorReportingUtility
from zope.event import notify
from zope.publisher.interfaces import IEndRequestEvent, StartRequestEvent

from files import provide_folder
from hardening import harden
from house import House
from interfaces import ILarder, INotStored, ISettings
from problems import EXPECTED
from shared_db import open_larder

CONNECTIONS = 100  # more than a server has threads: the ZODB warns if its pool is too small


def create_app(settings):
    """Open the larder and return the WSGI callable."""
    # Production: Zope's developer mode is off, and Chameleon compiles a template once. Both are the
    # defaults: https://chameleon.readthedocs.io/en/latest/configuration.html
    provideUtility(open_larder(settings.database_url, settings.photos_dir), ILarder)
    provideUtility(settings, ISettings)
    provide_folder(settings.static_dir, "static")
    provide_folder(settings.photos_dir, "photos")
    globalErrorReportingUtility.setProperties(keep_entries=20, ignored_exceptions=EXPECTED)
    provideUtility(globalErrorReportingUtility, IErrorReportingUtility)
    # As the environment variable CHAMELEON_EAGER does: compile the templates before there are
    # threads. By default each thread that needs a template first compiles it, all at once.
    chameleon.template.EAGER_PARSING = True
    configuration = appsetup.config(str(Path(__file__).with_name("site.zcml")))
    if settings.hardened:
        harden(configuration)
    return WSGIPublisherApplication(build_house())


def build_house():
    """Return a ZODB that contains only the root object; the data is in the larder."""
    database = DB(None, pool_size=CONNECTIONS)
    with database.transaction() as connection:
        house = connection.root()["Application"] = House()
        notify(grok.ObjectAddedEvent(house))
    return database


@grok.subscribe(StartRequestEvent)
def begin_request(event):
    """Begin a request in the larder."""
    getUtility(ILarder).begin_request()


@grok.subscribe(IAfterTraversalEvent)
def forbid_storing(event):
    """Set Cache-Control for a view that shows a session's own data."""
    if INotStored.providedBy(event.object):
        event.request.response.setHeader("Cache-Control", "no-store")


@grok.subscribe(IEndRequestEvent)
def add_headers(event):
    """Add the common headers to a reply."""
    response = event.request.response
    settings, usage = getUtility(ISettings), getUtility(ILarder).usage
    response.setHeader("Content-Security-Policy", settings.content_security_policy)
    response.setHeader("X-Content-Type-Options", "nosniff")
    response.setHeader("Referrer-Policy", "same-origin")
    if not response.getHeader("Cache-Control"):
        response.setHeader("Cache-Control", "private, no-cache")
    timing = f'db;dur={usage.milliseconds};desc="{usage.queries} queries"'
    response.setHeader("Server-Timing", timing)
