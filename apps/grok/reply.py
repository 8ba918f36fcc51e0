"""Replies: JSON, texts and streams, and the common headers."""

import json

import grok
from grokcore.view.interfaces import IAfterTraversalEvent
from zope.component import getUtility
from zope.interface import Interface
from zope.publisher.http import DirectResult
from zope.publisher.interfaces import IEndRequestEvent
from zope.publisher.interfaces.http import IResult

from interfaces import ILarder, INotStored, ISettings


def as_json(request, document):
    """Return a document as the reply's JSON."""
    request.response.setHeader("Content-Type", "application/json")
    return json.dumps(document).encode()


@grok.adapter(str, Interface)
@grok.implementer(IResult)
def encode(text, request):
    """Return a view's text as bytes, so that Zope does not change the view's Content-Type."""
    return text.encode()


@grok.implementer(IResult)
class Texts:
    """Streamed texts that are closed with the reply; Zope's DirectResult does not close them."""

    def __init__(self, texts):
        self.texts = texts

    def __iter__(self):
        return (text.encode() for text in self.texts)

    def close(self):
        self.texts.close()


@grok.subscribe(IAfterTraversalEvent)
def forbid_storing(event):
    """Set Cache-Control for a view that shows a session's own data."""
    if INotStored.providedBy(event.object):
        event.request.response.setHeader("Cache-Control", "no-store")


@grok.subscribe(IEndRequestEvent)
def finish(event):
    """Add the common headers to the reply, and remove the body of a HEAD reply."""
    response = event.request.response
    settings, usage = getUtility(ISettings), getUtility(ILarder).usage
    response.setHeader("Content-Security-Policy", settings.content_security_policy)
    response.setHeader("X-Content-Type-Options", "nosniff")
    response.setHeader("Referrer-Policy", "same-origin")
    if not response.getHeader("Cache-Control"):
        response.setHeader("Cache-Control", "private, no-cache")
    timing = f'db;dur={usage.milliseconds};desc="{usage.queries} queries"'
    response.setHeader("Server-Timing", timing)
    if event.request.environment["REQUEST_METHOD"] == "HEAD":
        if close := getattr(response.consumeBodyIter(), "close", None):
            close()
        response.setResult(DirectResult(()))
