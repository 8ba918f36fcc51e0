"""CSRF protection as a plugin, because Bottle has none."""

import hmac

from bottle import abort, request


class CSRFPlugin:
    """Reject a change without its session's token; a route opts out by skip="csrf"."""

    name = "csrf"
    api = 2

    def apply(self, callback, route):
        """Return the handler; a handler that changes something is wrapped by the check."""
        if route.method == "GET":
            return callback

        def checked(*args, **kwargs):
            known, sent = request.session.get("csrf_token", ""), request.forms.csrf_token
            if not known or not hmac.compare_digest(known.encode(), sent.encode()):
                abort(403)
            return callback(*args, **kwargs)

        return checked
