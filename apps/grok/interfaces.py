"""What components ask for: two utilities, and a layer for each method of HTTP."""

from zope.interface import Interface
from zope.publisher.interfaces.browser import IDefaultBrowserLayer


class ILarder(Interface):
    """The larder, a utility."""


class ISettings(Interface):
    """What the host told the application, a utility."""


class INotStored(Interface):
    """A view that shows a session's own data: a page for no cache, and not for Back."""


class IGet(IDefaultBrowserLayer):
    """The layer of requests that only look: GET and HEAD."""


class IPost(IDefaultBrowserLayer):
    """The layer of POST requests."""


class IPatch(IDefaultBrowserLayer):
    """The layer of PATCH requests."""
