"""From the address to a view: Grok's publication, and a layer for each method of HTTP."""

import grok
from grokcore.view.interfaces import IGrokView
from grokcore.view.publication import GrokBrowserFactory, GrokBrowserPublication
from zope.component import getSiteManager
from zope.interface import Interface, providedBy
from zope.interface.interfaces import ComponentLookupError
from zope.publisher.http import DirectResult
from zope.publisher.interfaces import NotFound
from zope.publisher.skinnable import applySkin

from house import House
from interfaces import IGet, IPatch, IPost
from refusals import WrongMethod
from request import Request

LAYERS = {"GET": IGet, "HEAD": IGet, "POST": IPost, "PATCH": IPatch}


@grok.subscribe(House, grok.IBeforeTraverseEvent)
def choose_layer(house, event):
    """A view says by its layer which method it answers: give the request the layer of its own."""
    if layer := LAYERS.get(event.request.method):
        applySkin(event.request, layer)


class Publication(GrokBrowserPublication):
    """Grok's publication, which also tells an unknown address from a wrong method."""

    def traverseName(self, request, ob, name):
        try:
            return super().traverseName(request, ob, name)
        except NotFound as error:
            methods = methods_of(ob, name.removeprefix("@@"))
            if request.getTraversalStack() or not methods:
                raise
            raise WrongMethod(ob, request, methods) from error

    def getDefaultTraversal(self, request, ob):
        try:
            return super().getDefaultTraversal(request, ob)
        except ComponentLookupError as error:
            raise NotFound(ob, "", request) from error  # what has no default view is no page

    def callObject(self, request, ob):
        """Render the view. No page needs the <base> that Zope would put in for a default view."""
        request.response.setBase("")
        result = super().callObject(request, ob)
        return DirectResult(()) if request.response.getStatus() == 304 else result


class RequestFactory(GrokBrowserFactory):
    """Names the two classes to the publisher."""

    def __call__(self):
        return Request, Publication


def methods_of(context, name):
    """Return the methods for which a context has a view of this name."""
    find = getSiteManager().adapters.lookup
    found = {m: find((providedBy(context), layer), Interface, name) for m, layer in LAYERS.items()}
    return [method for method, view in found.items() if IGrokView.implementedBy(view)]
