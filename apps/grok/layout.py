"""The layout of all pages."""

import grok
from grokcore.message import receive
from zope.component import getUtility
from zope.interface import Interface
from zope.interface.common.interfaces import IException
from zope.session.interfaces import ISession

from interfaces import ILarder


class Layout(grok.Layout):
    """The layout of a page, with the guest's cart count and flash messages."""

    grok.context(Interface)

    def update(self):
        self.response.setHeader("Content-Type", "text/html; charset=utf-8")

    def cart_count(self):
        return getUtility(ILarder).carts.count(ISession(self.request)["larder"].token)

    def csrf_token(self):
        return ISession(self.request)["larder"].csrf_token

    def messages(self):
        """Return the flash messages; each is shown once."""
        return list(receive())


class PlainLayout(Layout):
    """The layout of an error page, without data of the guest."""

    grok.context(IException)
    grok.template("layout")

    def cart_count(self):
        return 0

    def messages(self):
        return []
