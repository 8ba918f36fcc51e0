"""CSRF protection as a plugin, because Bottle has none."""

import hmac

from bottle import HTTPError, abort, request

# Bottle parses bodies of all other types as forms, too.
FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")


class CSRFPlugin:
    """Reject a POST without its session's token; a route opts out by skip="csrf"."""

    name = "csrf"
    api = 2

    def apply(self, callback, route):
        """Return the handler; a handler of forms is wrapped by the check."""
        if route.method != "POST":
            return callback

        def checked(*args, **kwargs):
            known, sent = request.session.get("csrf_token", ""), sent_token()
            if not known or not hmac.compare_digest(known.encode(), sent.encode()):
                abort(403)
            return callback(*args, **kwargs)

        return checked


def sent_token():
    """Return the token in the form, and reject an invalid form, which is first read here."""
    if request.content_type.partition(";")[0].strip() not in FORM_TYPES:
        return ""
    try:
        form = request.forms.decode()
        # A part may name its own charset, and utf-7 can produce texts that no page can show.
        "".join(form.values()).encode()
    except (ValueError, LookupError) as error:  # errors of Bottle's parser
        raise HTTPError(400, exception=error) from error
    return form.csrf_token
