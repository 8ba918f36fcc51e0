"""Access control: CSRF protection, and staff only in the kitchen."""

import hmac

from tg import abort, redirect, request, require, response, session
from tg.decorators import before_validate
from tg.predicates import Predicate

from rest import SeeOther


@before_validate
def csrf_protect(remainder, params):
    """Reject a form without its session's token; a token in the address does not count.

    TurboGears has no CSRF protection; this decorator follows its tgext.utils (2020).
    """
    known, sent = session.get("csrf_token"), request.POST.get("csrf_token")
    # A token that is sent as a file is not a text.
    if not known or not isinstance(sent, str):
        abort(403)
    if not hmac.compare_digest(known.encode(), sent.encode("utf-8", "surrogatepass")):
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
    redirect("/login?next=/kitchen", redirect_with=SeeOther)


staff_only = require(IsStaff(), denial_handler=ask_to_sign_in)
