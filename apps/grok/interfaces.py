"""Interfaces of the components: two utilities, and a layer for each HTTP method."""

from zope.interface import Interface
from zope.publisher.interfaces.browser import IDefaultBrowserLayer


class ILarder(Interface):
    """The larder, a utility."""


class ISettings(Interface):
    """The settings of the application, a utility."""


class INotStored(Interface):
    """A view that shows a session's own data, which caches and browsers must not store."""


class IGet(IDefaultBrowserLayer):
    """The layer of GET and HEAD requests."""


class IPost(IDefaultBrowserLayer):
    """The layer of POST requests."""


class IPatch(IDefaultBrowserLayer):
    """The layer of PATCH requests."""
