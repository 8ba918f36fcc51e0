"""A Grok application with COOKOFF_ROUTES routes, found by traversal."""

import os

import grok
from ZODB import DB
from zope.app.wsgi import WSGIPublisherApplication
from zope.component.hooks import setHooks
from zope.configuration import xmlconfig
from zope.event import notify
from zope.interface import implementer
from zope.location.interfaces import IRoot

ZCML = """
<configure xmlns="http://namespaces.zope.org/zope" xmlns:grok="http://namespaces.zope.org/grok">
  <include package="grok" />
  <unauthenticatedPrincipal id="zope.anybody" title="Unauthenticated User" />
  <grant permission="zope.View" principal="zope.anybody" />
  <grok:grok package="many_routes" />
</configure>
"""


@implementer(IRoot)
class App(grok.Application, grok.Container):
    """The root, which contains the routes by name."""


def create_app(settings):
    """Return the WSGI callable."""
    setHooks()
    xmlconfig.string(ZCML)
    database = DB(None, pool_size=100)  # more than a server has threads
    with database.transaction() as connection:
        app = connection.root()["Application"] = App()
        notify(grok.ObjectAddedEvent(app))
        for number in range(int(os.environ["COOKOFF_ROUTES"])):
            app[f"route-{number}"] = Route()
    return WSGIPublisherApplication(database)


class Route(grok.Model):
    def traverse(self, name):
        return Number(int(name)) if name.isdecimal() else None


class Number(grok.Context):
    def __init__(self, number):
        self.number = number


class ShowNumber(grok.View):
    grok.context(Number)
    grok.name("index")

    def render(self):
        return str(self.context.number)
