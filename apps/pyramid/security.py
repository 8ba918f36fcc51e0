"""Sessions, CSRF tokens and permissions: a signed-in user is staff, and only staff may cook."""

from pyramid.csrf import SessionCSRFStoragePolicy
from pyramid.security import Allowed, Denied

from session import LarderSession


def includeme(config):
    """Configure the session, the CSRF checks and the security policy."""
    config.set_session_factory(LarderSession)
    config.set_csrf_storage_policy(SessionCSRFStoragePolicy(key="csrf_token"))
    config.set_default_csrf_options(require_csrf=True)
    config.set_security_policy(StaffPolicy())


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
        """Replace the session's token, so that a token planted before sign-in is worthless."""
        request.session.rename()
        request.session["staff_id"] = userid
        return []  # the session sets its own cookie

    def forget(self, request, **options):
        request.session.invalidate()
        return []
