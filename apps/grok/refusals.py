"""The errors that zope.publisher does not have; each has a view in problems.py."""

from zope.publisher.interfaces import PublishingException
from zope.publisher.interfaces.http import MethodNotAllowed


class BodyTooLarge(PublishingException):
    """The body is larger than the limit."""


class NotJSON(PublishingException):
    """The content type of the body is not JSON."""


class NoCondition(PublishingException):
    """A change came without If-Match."""


class WrongMethod(MethodNotAllowed):
    """The address exists, but not for this method."""

    def __init__(self, object, request, allowed):
        super().__init__(object, request)
        self.allowed = allowed
