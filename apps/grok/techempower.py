"""TechEmpower's tests in Grok."""

import json

import grok
from ZODB import DB
from zope.app.wsgi import WSGIPublisherApplication
from zope.component import getUtility, provideUtility
from zope.component.hooks import setHooks
from zope.configuration import xmlconfig
from zope.event import notify
from zope.interface import Interface
from zope.location.interfaces import IRoot

from shared_db import open_larder

ZCML = """
<configure xmlns="http://namespaces.zope.org/zope" xmlns:grok="http://namespaces.zope.org/grok">
  <include package="grok" />
  <unauthenticatedPrincipal id="zope.anybody" title="Unauthenticated User" />
  <grant permission="zope.View" principal="zope.anybody" />
  <grok:grok package="techempower" />
</configure>
"""


class ILarder(Interface):
    """The larder, a utility."""


class App(grok.Application, grok.Model):
    grok.implements(IRoot)


def create_app(settings):
    """Return the WSGI callable that answers the six tests."""
    provideUtility(open_larder(settings.database_url, settings.photos_dir), ILarder)
    setHooks()
    xmlconfig.string(ZCML)
    database = DB(None, pool_size=100)  # more than a server has threads
    with database.transaction() as connection:
        app = connection.root()["Application"] = App()
        notify(grok.ObjectAddedEvent(app))
    return WSGIPublisherApplication(database)


class Plaintext(grok.View):
    def render(self):
        self.response.setHeader("Content-Type", "text/plain")
        return b"Hello, World!"


class JSONView(grok.View):
    grok.baseclass()

    def render(self):
        self.response.setHeader("Content-Type", "application/json")
        return json.dumps(self.document(getUtility(ILarder).worlds))

    def how_many(self):
        """Return the requested number of queries: 1 to 500, and 1 for an invalid number."""
        asked = str(self.request.form.get("queries", ""))
        return min(max(int(asked), 1), 500) if asked.isascii() and asked.isdigit() else 1


class Message(JSONView):
    grok.name("json")

    def document(self, worlds):
        return {"message": "Hello, World!"}


class OneWorld(JSONView):
    grok.name("db")

    def document(self, worlds):
        return worlds.random().as_dict()


class SomeWorlds(JSONView):
    grok.name("queries")

    def document(self, worlds):
        return [world.as_dict() for world in worlds.some(self.how_many())]


class UpdatedWorlds(JSONView):
    grok.name("updates")

    def document(self, worlds):
        return [world.as_dict() for world in worlds.update(self.how_many())]


class Fortunes(grok.View):
    def __call__(self):
        self.fortunes = getUtility(ILarder).fortunes.all()
        self.response.setHeader("Content-Type", "text/html; charset=utf-8")
        return super().__call__().encode()


fortunes = grok.PageTemplate("""<!doctype html>
<html><head><title>Fortunes</title></head><body><table>
<tr><th>id</th><th>message</th></tr>
<tr tal:repeat="fortune view/fortunes"><td tal:content="fortune/id"></td>\
<td tal:content="fortune/message"></td></tr></table></body></html>""")
