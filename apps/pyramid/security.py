"""Who may do what: whoever has signed in is staff, and staff may cook."""

from pyramid.csrf import new_csrf_token
from pyramid.security import Allowed, Denied


class StaffPolicy:
    """Pyramid's security policy, which knows staff by their session."""

    def identity(self, request):
        return request.session.get("staff_id")

    def authenticated_userid(self, request):
        return self.identity(request)

    def permits(self, request, context, permission):
        """Let staff do everything."""
        if self.identity(request) is None:
            return Denied("Only staff may %s.", permission)
        return Allowed("Staff may %s.", permission)

    def remember(self, request, userid, **options):
        """Replace both tokens, so that one planted before sign-in is worth nothing."""
        request.session["staff_id"] = userid
        request.session.rename()
        new_csrf_token(request)
        return []  # the session sets its own cookie

    def forget(self, request, **options):
        request.session.invalidate()
        return []
