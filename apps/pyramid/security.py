"""Permissions: a signed-in user is staff, and only staff may use the kitchen."""

from pyramid.csrf import new_csrf_token
from pyramid.security import Allowed, Denied


class StaffPolicy:
    """Pyramid's security policy, which identifies staff by the session."""

    def identity(self, request):
        return request.session.get("staff_id")

    def authenticated_userid(self, request):
        return self.identity(request)

    def permits(self, request, context, permission):
        """Give staff every permission."""
        if self.identity(request) is None:
            return Denied("Only staff may %s.", permission)
        return Allowed("Staff may %s.", permission)

    def remember(self, request, userid, **options):
        """Replace both tokens, so that a token planted before sign-in is worthless."""
        request.session["staff_id"] = userid
        request.session.rename()
        new_csrf_token(request)
        return []  # the session sets its own cookie

    def forget(self, request, **options):
        request.session.invalidate()
        return []
