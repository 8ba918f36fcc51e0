"""Who may do what: forms must carry their session's token, and only staff may cook."""

import hmac

from tg import abort, redirect, request, require, response, session
from tg.decorators import before_validate
from tg.predicates import Predicate

from rest import SeeOther


@before_validate
def csrf_protect(remainder, params):
    """Refuse a form that does not carry its session's token, in the form and not in the address.

    TurboGears brings no protection; this decorator is written as its tgext.utils (2020) does.
    """
    known, sent = session.get("csrf_token"), request.POST.get("csrf_token")
    # A token that comes as a file is no text.
    if not known or not isinstance(sent, str):
        abort(403)
    if not hmac.compare_digest(known.encode(), sent.encode("utf-8", "surrogatepass")):
        abort(403)


@before_validate
def not_stored(remainder, params):
    """Keep a page that shows a session's own data out of every cache, and of Back."""
    response.cache_control = "no-store"


class IsStaff(Predicate):
    """Met by whoever has signed in."""

    message = "Only staff may cook."

    def evaluate(self, environ, credentials):
        if "staff_id" not in session:
            self.unmet()


def ask_to_sign_in(reason):
    """Send whoever is not staff to the sign-in form."""
    redirect("/login?next=/kitchen", redirect_with=SeeOther)


staff_only = require(IsStaff(), denial_handler=ask_to_sign_in)
