"""Grok's publication, with a layer for each HTTP method."""

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
    """Give the request the layer of its method; a view's layer selects the method it answers."""
    if layer := LAYERS.get(event.request.method):
        applySkin(event.request, layer)


class Publication(GrokBrowserPublication):
    """Grok's publication, which also distinguishes 404 from 405."""

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
            raise NotFound(ob, "", request) from error  # without a default view

    def callObject(self, request, ob):
        """Render the view, without the <base> that Zope would add to a default view."""
        request.response.setBase("")
        result = super().callObject(request, ob)
        return DirectResult(()) if request.response.getStatus() == 304 else result


class RequestFactory(GrokBrowserFactory):
    """The factory that gives the publisher the request and publication classes."""

    def __call__(self):
        return Request, Publication


def methods_of(context, name):
    """Return the methods for which a context has a view with this name."""
    find = getSiteManager().adapters.lookup
    found = {m: find((providedBy(context), layer), Interface, name) for m, layer in LAYERS.items()}
    return [method for method, view in found.items() if IGrokView.implementedBy(view)]
