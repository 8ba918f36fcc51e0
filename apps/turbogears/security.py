"""Security: CSRF protection of every form, and the kitchen for staff only."""

import hmac

from tg import abort, redirect, request, require, response, session
from tg.decorators import before_validate
from tg.exceptions import HTTPSeeOther
from tg.predicates import Predicate

READS = ("GET", "HEAD")
WRITERS = ("post", "put", "patch", "delete", "post_delete")


def csrf_protect(remainder, params):
    """Reject a form without its session's token, whichever controller it is for.

    TurboGears has no CSRF protection, and its tgext.utils (2020) protects method by method. This
    is a hook of the whole application. A token in the address does not count.
    """
    # The name of the method that is called counts, too, not the request's method alone.
    reads = request.method in READS and request.dispatch_state.action.__name__ not in WRITERS
    is_error_page = "original_response" in request.state
    if reads or is_error_page or request.path_info.startswith("/api/"):
        return
    known, sent = session.get("csrf_token", ""), request.POST.get("csrf_token", "")
    if not known or not hmac.compare_digest(known.encode(), sent.encode()):
        abort(403)


@before_validate
def not_stored(remainder, params):
    """Forbid caches and browsers to store a page that shows a session's own data."""
    response.cache_control = "no-store"


class IsStaff(Predicate):
    """The predicate of signed-in staff."""

    message = "Only staff may cook."

    def evaluate(self, environ, credentials):
        if "staff_id" not in session:
            self.unmet()


def ask_to_sign_in(reason):
    """Redirect guests who are not staff to the sign-in form."""
    redirect("/login?next=/kitchen", redirect_with=HTTPSeeOther)


staff_only = require(IsStaff(), denial_handler=ask_to_sign_in)
