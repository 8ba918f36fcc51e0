"""The page about the current request, the health check and the static files."""

import grok
from zope.component import getAdapter, getUtility
from zope.interface import Interface
from zope.publisher.interfaces import NotFound

from house import House
from interfaces import IGet, ILarder, ISettings
from refusals import WrongMethod
from reply import as_json


class ShowJourney(grok.Page):
    """Tell how a request travels."""

    grok.context(House)
    grok.name("about")
    grok.layer(IGet)
    title = "How a request travels"

    def update(self):
        larder = getUtility(ILarder)
        self.browser = self.request.getHeader("User-Agent", "")
        self.server = self.request.environment.get("SERVER_SOFTWARE", "")
        self.framework = getUtility(ISettings).framework
        self.dishes = larder.dishes.count()
        self.database = larder.database
        self.usage = larder.usage


class ReportHealth(grok.View):
    """Report health."""

    grok.context(House)
    grok.name("health")
    grok.layer(IGet)

    def render(self):
        try:
            getUtility(ILarder).check()
        except Exception:
            self.response.setStatus(503)
            return as_json(self.request, {"status": "down"})
        return as_json(self.request, {"status": "ok"})


class SendStatic(grok.View):
    """Serve a static file."""

    grok.context(House)
    grok.name("static")

    def publishTraverse(self, request, name):
        """Continue the traversal in the folder, whose own address would be /@@/static."""
        if not IGet.providedBy(request):
            raise WrongMethod(self.context, request, ["GET", "HEAD"])
        return getAdapter(request, Interface, "static").get(name)

    def render(self):
        raise NotFound(self.context, "static", self.request)
