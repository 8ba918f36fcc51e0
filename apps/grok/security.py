"""Who may come in: cooks into the kitchen, and no form that was not handed out here."""

from hmac import compare_digest

import grok
from grokcore.view.interfaces import IAfterTraversalEvent
from zope.authentication.interfaces import IAuthentication
from zope.formlib.interfaces import InvalidCSRFTokenError
from zope.principalregistry.principalregistry import principalRegistry
from zope.security.interfaces import IGroupAwarePrincipal
from zope.session.interfaces import ISession

from interfaces import IPost


class Cook(grok.Permission):
    """May work in the kitchen."""

    grok.name("larder.Cook")


@grok.implementer(IGroupAwarePrincipal)
class SignedIn:
    """Whoever signed in. What one may do the group may, and site.zcml says what that is."""

    id = "larder.member_of_staff"
    title = "A member of staff"
    description = ""
    groups = ("larder.staff",)


class StaffAuthentication(grok.LocalUtility):
    """Knows a cook by the session."""

    grok.implements(IAuthentication)

    def authenticate(self, request):
        """Return who asks. Only the way to the kitchen does: others need no session for it."""
        to_the_kitchen = request.getTraversalStack()[-1:] == ["kitchen"]
        if to_the_kitchen and "staff_id" in ISession(request)["larder"]:
            return SignedIn()
        return None

    def unauthenticatedPrincipal(self):
        """Return nobody: site.zcml has the principal for guests."""

    def unauthorized(self, id, request):
        """Send a guest to the sign-in form; Zope's view of Unauthorized asks for this."""
        request.response.redirect("/login?next=/kitchen", 303)

    def getPrincipal(self, id):
        """Return a principal of site.zcml, such as the group."""
        return principalRegistry.getPrincipal(id)


@grok.subscribe(IAfterTraversalEvent)
def refuse_forgery(event):
    """Refuse a form that does not carry the session's token.

    zope.formlib's protection compares the form with a cookie of its own, and only for its own
    forms; its error is used here.
    """
    request = event.request
    if not IPost.providedBy(request) or request.for_programs:
        return
    known = ISession(request)["larder"].get("csrf_token", "")
    sent = request.form.get("csrf_token", "")
    if not known or not compare_digest(known.encode(), sent.encode()):
        raise InvalidCSRFTokenError
