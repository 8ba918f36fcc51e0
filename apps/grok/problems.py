"""Error replies: HTML pages, and problem+json under /api; each error has a view."""

import json

import grok
from zope.component import getUtility
from zope.formlib.interfaces import IInvalidCSRFTokenError
from zope.interface.common.interfaces import IException
from zope.publisher.interfaces import IBadRequest, INotFound, PublishingException
from zope.publisher.interfaces.http import IMethodNotAllowed

from interfaces import ISettings
from shared_db import errors

grok.templatedir("templates")

# Zope's error log ignores errors by name; these are expected and must not be logged.
EXPECTED = (
    *("Unauthorized", "NotFound", "MethodNotAllowed", "BadRequest", "InvalidCSRFTokenError"),
    *("NotJSON", "NoCondition", "NotFoundError", "InvalidInputError"),
    *("InvalidSearchError", "KeyReusedError", "SoldOutError", "WrongStepError"),
    *("StaleVersionError", "PhotoTooLargeError", "NotAPictureError", "UnknownTokenError"),
)


class NotJSON(PublishingException):
    """The content type of the body is not JSON."""


class NoCondition(PublishingException):
    """A change came without If-Match."""


class Layout(grok.Layout):
    """The layout of an error page, without data of the guest: the session may have failed."""

    grok.context(IException)

    def cart_count(self):
        return 0

    def framework(self):
        return getUtility(ISettings).framework

    def messages(self):
        return []


class Explain(grok.Page):
    """Show what went wrong."""

    grok.context(IException)
    grok.name("index")
    grok.template("problem")
    status = 500

    def __call__(self):
        self.response.setStatus(self.status)
        for_programs = self.request.environment["PATH_INFO"].startswith("/api/")
        return self.problem() if for_programs else super().__call__()

    @property
    def title(self):
        return getUtility(ISettings).phrase(self.status)

    def detail(self):
        return getUtility(ISettings).problems[self.status]

    def problem(self):
        """Return the problem document of RFC 9457."""
        document = {"type": "about:blank", "title": self.title, "status": self.status}
        document["detail"] = self.detail()
        if fields := getattr(self.context, "fields", None):
            document["errors"] = fields
        self.response.setHeader("Content-Type", "application/problem+json")
        return json.dumps(document).encode()


class NothingThere(Explain):
    grok.context(INotFound)
    status = 404


class NotInThatWay(Explain):
    grok.context(IMethodNotAllowed)
    status = 405


class Unreadable(Explain):
    grok.context(IBadRequest)
    status = 400


class Forged(Explain):
    grok.context(IInvalidCSRFTokenError)
    status = 403


class OtherContent(Explain):
    grok.context(NotJSON)
    status = 415


class Unconditional(Explain):
    grok.context(NoCondition)
    status = 428


class LarderProblem(Explain):
    """An error of the larder, with the larder's sentence."""

    grok.baseclass()

    def detail(self):
        return str(self.context)


class Missing(LarderProblem):
    grok.context(errors.NotFoundError)
    status = 404


class BadSearch(LarderProblem):
    grok.context(errors.InvalidSearchError)
    status = 400


class Invalid(LarderProblem):
    grok.context(errors.InvalidInputError)
    status = 422


class KeyReused(LarderProblem):
    grok.context(errors.KeyReusedError)
    status = 422


class SoldOut(LarderProblem):
    grok.context(errors.SoldOutError)
    status = 409


class WrongStep(LarderProblem):
    grok.context(errors.WrongStepError)
    status = 409


class StaleVersion(LarderProblem):
    grok.context(errors.StaleVersionError)
    status = 412


class TooLarge(LarderProblem):
    grok.context(errors.PhotoTooLargeError)
    status = 413


class NotAPicture(LarderProblem):
    grok.context(errors.NotAPictureError)
    status = 415


class BadToken(LarderProblem):
    grok.context(errors.UnknownTokenError)
    status = 401

    def __call__(self):
        self.response.setHeader("WWW-Authenticate", "Bearer")
        return super().__call__()
