"""The behaviour probes' application in Grok, written as in its tutorial."""

import json

import grok
from grokcore.view.components import DirectoryResourceFactory
from grokcore.view.meta.directoryresource import allowed_resourcedir_names
from ZODB import DB
from zope.app.wsgi import WSGIPublisherApplication
from zope.component import getAdapter, provideAdapter, provideUtility
from zope.component.hooks import setHooks
from zope.configuration import config, xmlconfig
from zope.error.error import globalErrorReportingUtility
from zope.error.interfaces import IErrorReportingUtility
from zope.event import notify
from zope.interface import Interface, implementer
from zope.location.interfaces import IRoot
from zope.publisher.http import DirectResult
from zope.publisher.interfaces import NotFound
from zope.publisher.interfaces.browser import IDefaultBrowserLayer
from zope.publisher.interfaces.http import IResult
from zope.security.checker import NamesChecker
from zope.session.interfaces import ISession

ZCML = """
<configure xmlns="http://namespaces.zope.org/zope" xmlns:grok="http://namespaces.zope.org/grok">
  <include package="grok" />
  <include package="zope.session" />
  <utility factory="zope.session.http.CookieClientIdManager"
           provides="zope.session.interfaces.IClientIdManager" />
  <utility factory="zope.session.session.RAMSessionDataContainer"
           provides="zope.session.interfaces.ISessionDataContainer" />
  <unauthenticatedPrincipal id="zope.anybody" title="Unauthenticated User" />
  <grant permission="zope.View" principal="zope.anybody" />
  <grok:grok package="defaults" />
</configure>
"""


class Item(grok.Context):
    def __init__(self, name):
        self.name = name


class Items(grok.Context):
    def traverse(self, name):
        return Item(name)


class Segment(grok.Context):
    def __init__(self, name):
        self.name = name


class Segments(grok.Context):
    def traverse(self, name):
        return Segment(name)


class Taste(grok.Context):
    """The context of the cookie's views."""


class Lines(grok.Context):
    """The context of the streams' views."""


class App(grok.Application, grok.Model):
    grok.implements(IRoot)
    grok.traversable("item")
    grok.traversable("segment")
    grok.traversable("cookie")
    grok.traversable("stream")
    item = Items
    segment = Segments
    cookie = Taste
    stream = Lines


grok.context(App)  # the context of every view below that names no other


def create_app(settings):
    """Return the WSGI callable; settings.debug switches Zope's developer mode on."""
    checker = NamesChecker(allowed_resourcedir_names)
    static = DirectoryResourceFactory(str(settings.static_dir), checker, "static")
    provideAdapter(static, (IDefaultBrowserLayer,), Interface, "static")
    provideUtility(globalErrorReportingUtility, IErrorReportingUtility)
    setHooks()
    machine = config.ConfigurationMachine()
    xmlconfig.registerCommonDirectives(machine)
    if settings.debug:
        machine.provideFeature("devmode")
    xmlconfig.string(ZCML, machine)
    database = DB(None)
    with database.transaction() as connection:
        app = connection.root()["Application"] = App()
        notify(grok.ObjectAddedEvent(app))
    return WSGIPublisherApplication(database, handle_errors=not settings.debug)


class Hello(grok.View):
    def render(self):
        return "hello"


class Slash(grok.View):
    def render(self):
        return "slash"


class NoSlash(grok.View):
    def render(self):
        return "noslash"


class ShowItem(grok.View):
    grok.context(Item)
    grok.name("index")

    def render(self):
        return f"item {int(self.context.name)}"


class ShowSegment(grok.View):
    grok.context(Segment)
    grok.name("index")

    def render(self):
        return self.context.name


class Query(grok.View):
    def render(self):
        found = self.request.form.get("a")
        values = found if isinstance(found, list) else [] if found is None else [found]
        self.response.setHeader("Content-Type", "application/json")
        return json.dumps({"a": found, "all": values})


class Decode(grok.View):
    grok.name("json")

    def render(self):
        self.response.setHeader("Content-Type", "application/json")
        return json.dumps({"value": json.loads(self.body)})


class Form(grok.View):
    def render(self):
        form = self.request.form
        self.response.setHeader("Content-Type", "application/json")
        return json.dumps({"a": form.get("a"), "fields": len(form)})


class Clash(grok.View):
    def render(self):
        return self.request["a"]


class Upload(grok.View):
    def render(self):
        sent = self.request.form["file"]
        facts = {"name": sent.filename, "safe": None, "bytes": len(sent.read())}
        self.response.setHeader("Content-Type", "application/json")
        return json.dumps({**facts, "parts": len(self.request.form)})


class SetCookie(grok.View):
    grok.context(Taste)
    grok.name("set")

    def render(self):
        self.response.setCookie("taste", "salt")
        return "set"


class Cookie(grok.View):
    grok.context(Taste)
    grok.name("index")

    def render(self):
        self.response.setHeader("Content-Type", "application/json")
        return json.dumps({"taste": self.request.getCookies().get("taste")})


class Session(grok.View):
    def render(self):
        session = ISession(self.request)["defaults"]
        session["visits"] = session.get("visits", 0) + 1
        self.response.setHeader("Content-Type", "application/json")
        return json.dumps({"visits": session["visits"]})


class Header(grok.View):
    def render(self):
        self.response.setHeader("X-Echo", self.request.form["value"])
        return "header"


class Redirect(grok.View):
    def render(self):
        self.redirect(self.request.form["to"])


class URL(grok.View):
    def render(self):
        return self.application_url("hello")


class Client(grok.View):
    def render(self):
        return self.request["REMOTE_ADDR"]


class Template(grok.View):
    pass


template = grok.PageTemplate('<p tal:content="request/form/name">A name</p>')


class Markup(grok.View):
    def render(self):
        return f"<p>{self.request.form['name']}</p>"


class Abort(grok.View):
    def render(self):
        raise NotFound(self.context, self.request.form["why"], self.request)


class Error(grok.View):
    def render(self):
        raise RuntimeError("secret 4711")


class Stream(grok.View):
    grok.context(Lines)
    grok.name("index")

    def render(self):
        return DirectResult(lines())


class StreamError(grok.View):
    grok.context(Lines)
    grok.name("error")

    def render(self):
        return DirectResult(broken_lines())


class StreamClose(grok.View):
    grok.context(Lines)
    grok.name("close")

    def render(self):
        return Closing()


class Closed(grok.View):
    def render(self):
        return str(Closing.count)


class Empty(grok.View):
    def render(self):
        self.response.setStatus(204)
        return "body"


class Nothing(grok.View):
    grok.name("none")

    def render(self):
        return None


class Static(grok.View):
    """The static folder, which grok.DirectoryResource would put at /@@/static."""

    def publishTraverse(self, request, name):
        return getAdapter(request, Interface, "static").publishTraverse(request, name)

    def render(self):
        return ""


def lines():
    """Yield three lines."""
    yield from (b"one\n", b"two\n", b"three\n")


def broken_lines():
    """Yield a line, then fail."""
    yield b"one\n"
    raise RuntimeError("secret 4711")


@implementer(IResult)
class Closing:
    """An iterable that records when it is closed."""

    count = 0

    def __iter__(self):
        return lines()

    def close(self):
        """Record that the server called close(), as PEP 3333 requires."""
        Closing.count += 1
