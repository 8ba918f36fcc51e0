"""Access control: the methods of views, CSRF protection, and the kitchen for staff only."""

from hmac import compare_digest

import grok
from grokcore.view.interfaces import IAfterTraversalEvent
from zope.authentication.interfaces import IAuthentication
from zope.formlib.interfaces import InvalidCSRFTokenError
from zope.principalregistry.principalregistry import principalRegistry
from zope.publisher.interfaces.http import MethodNotAllowed
from zope.publisher.skinnable import applySkin
from zope.security.interfaces import IGroupAwarePrincipal
from zope.session.interfaces import ISession

from interfaces import IPatch, IPost, IProgramView

LAYERS = {"POST": IPost, "PATCH": IPatch}


@grok.subscribe(grok.IApplication, grok.IBeforeTraverseEvent)
def choose_layer(house, event):
    """Give the request the layer of its method, which selects a view of several at one address."""
    if layer := LAYERS.get(event.request.method):
        applySkin(event.request, layer)


@grok.subscribe(IAfterTraversalEvent)
def check_method(event):
    """Refuse a method that the view does not name, as zope.formlib's forms do."""
    method = "GET" if event.request.method == "HEAD" else event.request.method
    if method != getattr(event.object, "method", "GET"):
        raise MethodNotAllowed(event.object, event.request)


@grok.subscribe(IAfterTraversalEvent)
def refuse_forgery(event):
    """Refuse a form that does not carry the session's token.

    zope.formlib's protection compares the form with its own cookie, and only for its own forms;
    its error is used here.
    """
    request = event.request
    if request.method in ("GET", "HEAD") or IProgramView.providedBy(event.object):
        return
    known = ISession(request)["larder"].get("csrf_token", "")
    sent = request.form.get("csrf_token", "")
    if not known or not compare_digest(known.encode(), sent.encode()):
        raise InvalidCSRFTokenError


class Cook(grok.Permission):
    """The permission to use the kitchen."""

    grok.name("larder.Cook")


@grok.implementer(IGroupAwarePrincipal)
class SignedIn:
    """A signed-in member of staff. The group has the permissions, which site.zcml grants."""

    id = "larder.member_of_staff"
    title = "A member of staff"
    description = ""
    groups = ("larder.staff",)


class StaffAuthentication(grok.LocalUtility):
    """Authenticate staff by the session."""

    grok.implements(IAuthentication)

    def authenticate(self, request):
        """Return the principal from the session, or None."""
        return SignedIn() if "staff_id" in ISession(request)["larder"] else None

    def unauthenticatedPrincipal(self):
        """Return None: site.zcml defines the principal for guests."""

    def unauthorized(self, id, request):
        """Redirect a guest to the sign-in form; Zope's view of Unauthorized calls this."""
        request.response.redirect("/login?next=/kitchen", 303)

    def getPrincipal(self, id):
        """Return a principal of site.zcml, such as the group."""
        return principalRegistry.getPrincipal(id)
