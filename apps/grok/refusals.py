"""What this site refuses beyond what zope.publisher knows; each has a view in problems.py."""

from zope.publisher.interfaces import PublishingException
from zope.publisher.interfaces.http import MethodNotAllowed


class BodyTooLarge(PublishingException):
    """The body is larger than any form of this site."""


class NotJSON(PublishingException):
    """The body is of another type than JSON."""


class NoCondition(PublishingException):
    """A change came without If-Match."""


class WrongMethod(MethodNotAllowed):
    """There is something at the address, but for other methods."""

    def __init__(self, object, request, allowed):
        super().__init__(object, request)
        self.allowed = allowed
