"""The interfaces of the site's components: utilities, layers, and marks of views."""

from grokcore.view import IGrokSecurityView
from zope.interface import Interface
from zope.publisher.interfaces.browser import IDefaultBrowserLayer


class ILarder(Interface):
    """The larder, a utility."""


class ISettings(Interface):
    """The settings of the application, a utility."""


class INotStored(Interface):
    """A view that shows a session's own data, which caches and browsers must not store."""


class IProgramView(IGrokSecurityView):
    """A view for programs, which have no session and send no CSRF token."""


class IPost(IDefaultBrowserLayer):
    """The layer of POST requests, for addresses where GET has a view as well."""


class IPatch(IDefaultBrowserLayer):
    """The layer of PATCH requests."""
