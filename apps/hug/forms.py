"""Forms, JSON and the CSRF protection that hug lacks, and the requirements of the handlers."""

import hmac

import falcon
import hug

FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")


class Forms:
    """Pass the fields of each form as arguments; reject a form without its session's token.

    Every handler is protected, a new one as well; programs use the API without a session. hug
    itself reads the body after the requirements, and then finds no fields left.
    """

    def __init__(self, http):
        self._http = http

    def process_resource(self, request, response, resource, params):
        if request.method in ("GET", "HEAD", "OPTIONS") or request.path.startswith("/api/"):
            return
        form = self.read_form(request)
        known = request.context["session"].get("csrf_token", "")
        sent = form.pop("csrf_token", "")
        if not known or not hmac.compare_digest(known.encode(), str(sent).encode()):
            raise falcon.HTTPForbidden
        request.params.update(form)

    def read_form(self, request):
        """Return the form by hug's input format; any other body is no form."""
        kind, parameters = hug.format.parse_content_type(request.content_type)
        if kind not in FORM_TYPES:
            return {}
        body, read = request.bounded_stream, self._http.input_format(kind)
        return read(body, content_length=request.content_length, **parameters)


def read_json(request):
    """Return the decoded JSON body; hug decodes forms, too, and fails on malformed JSON."""
    kind, parameters = hug.format.parse_content_type(request.content_type)
    if kind != "application/json":
        raise falcon.HTTPUnsupportedMediaType
    try:
        return hug.input_format.json(request.bounded_stream, **parameters)
    except ValueError as error:
        raise falcon.HTTPBadRequest from error


def staff_only(request, **kwargs):
    """Require staff, and redirect other guests to the sign-in form."""
    if "staff_id" not in request.context["session"]:
        hug.redirect.see_other("/login?next=/kitchen")


@hug.authentication.token
def staff_token(authorization, context):
    """Return the staff of an API token; hug passes the whole header."""
    scheme, _, token = authorization.partition(" ")
    return context["larder"].staff.check_token(token if scheme.lower() == "bearer" else "")
