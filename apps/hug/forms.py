"""Parsing of forms and JSON, and the requirements of the handlers.

hug parses a body after the requirements, and passes its fields as arguments of the handler, where
they replace arguments of the address. Here a requirement reads the body and keeps it whole.
"""

import cgi
import hmac

import falcon
import hug
from falcon.util.uri import parse_query_string


def own_form(request, context, **kwargs):
    """Require a form with its session's token; hug has no CSRF protection."""
    form = context["form"] = read_form(request)
    known = request.context["session"].get("csrf_token", "")
    sent = form.get("csrf_token", "")
    # surrogatepass: a form may contain invalid text. It is a wrong token, not an error.
    if not known or not hmac.compare_digest(known.encode(), sent.encode("utf-8", "surrogatepass")):
        raise falcon.HTTPForbidden


def not_stored(response, **kwargs):
    """Forbid caches and browsers to store a page that shows a session's own data."""
    response.cache_control = ("no-store",)


def staff_only(request, **kwargs):
    """Require staff, and redirect other guests to the sign-in form."""
    if "staff_id" not in request.context["session"]:
        hug.redirect.see_other("/login?next=/kitchen")


def staff_token(request, **kwargs):
    """Require an API token of the staff."""
    scheme, _, token = (request.auth or "").partition(" ")
    staff = request.context["larder"].staff
    staff.check_token(token.strip() if scheme.lower() == "bearer" else "")


@hug.directive()
def larder(request=None, **kwargs):
    """Return the larder, for the argument hug_larder."""
    return request.context["larder"]


@hug.directive()
def form(context=None, **kwargs):
    """Return the form that own_form accepted, for the argument hug_form."""
    return context["form"]


class Form(dict):
    """The texts of a form by name, with its files in an attribute."""

    def __init__(self, texts=(), files=()):
        super().__init__(texts)
        self.files = dict(files)


def media_type(request):
    """Return the media type of the body, and its parameters."""
    kind, parameters = hug.format.parse_content_type(request.content_type or "")
    return kind.strip().lower(), parameters


def read_form(request):
    """Return the form, empty for any other body; the last value of a repeated field counts."""
    kind, parameters = media_type(request)
    try:
        if kind == "multipart/form-data":
            return multipart(request, parameters.get("boundary", ""))
        if kind == "application/x-www-form-urlencoded":
            return urlencoded(request.bounded_stream)
    except (ValueError, LookupError, RecursionError, OSError) as error:
        raise falcon.HTTPBadRequest from error  # OSError: more parts than open files are allowed
    return Form()


def urlencoded(body):
    """Parse a form as hug does, but as UTF-8 and without splitting at commas."""
    fields = parse_query_string(hug.input_format.text(body), keep_blank=True, csv=False)
    return Form(
        (name, text[-1] if isinstance(text, list) else text) for name, text in fields.items()
    )


def multipart(request, boundary):
    """Parse a form with cgi, as hug does, but leave files on disk and reject a truncated form."""
    environ = {
        "REQUEST_METHOD": "POST",
        "CONTENT_TYPE": f'multipart/form-data; boundary="{boundary}"',
        "CONTENT_LENGTH": str(request.content_length or 0),
    }
    # Not the bounded stream, whose readline() counts every line as if it had the maximum length.
    sent = cgi.FieldStorage(request.stream, environ=environ, errors="replace", max_num_fields=1_000)
    parts = sent.list or []
    if parts and parts[-1].done != 1:
        raise ValueError("the last part has no end")
    texts = ((part.name, part.value) for part in parts if part.filename is None)
    # Keep the parts, because a deleted part closes its file.
    files = ((part.name, part) for part in parts if part.filename is not None)
    return Form(((name, text) for name, text in texts if isinstance(text, str)), files)


def read_json(request):
    """Return the decoded JSON body; reject the other types that hug decodes."""
    kind, _parameters = media_type(request)
    if kind != "application/json":
        raise falcon.HTTPUnsupportedMediaType
    try:
        return hug.input_format.json(request.bounded_stream)
    except (ValueError, RecursionError) as error:
        raise falcon.HTTPBadRequest from error
