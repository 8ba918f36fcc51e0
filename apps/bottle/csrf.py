"""Protection against forged forms: a plugin, for Bottle brings none."""

import hmac

from bottle import HTTPError, abort, request

# Bottle reads a form in a body of any other type, too.
FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")


class CSRFPlugin:
    """Let a POST through only with its session's token; a route declines with skip="csrf"."""

    name = "csrf"
    api = 2

    def apply(self, callback, route):
        """Return the handler, with a check in front of it where it takes forms."""
        if route.method != "POST":
            return callback

        def checked(*args, **kwargs):
            known, sent = request.session.get("csrf_token", ""), sent_token()
            if not known or not hmac.compare_digest(known.encode(), sent.encode()):
                abort(403)
            return callback(*args, **kwargs)

        return checked


def sent_token():
    """Return the token in the form; the first to read the form, it refuses what is none."""
    if request.content_type.partition(";")[0].strip() not in FORM_TYPES:
        return ""
    try:
        form = request.forms.decode()
        # A part may name a charset of its own, and utf-7 makes texts that no page can show.
        "".join(form.values()).encode()
    except (ValueError, LookupError) as error:  # Bottle's parser lets these out
        raise HTTPError(400, exception=error) from error
    return form.csrf_token
