"""Forms and JSON as the site takes them, and the requirements that handlers stand behind.

hug parses a body after the requirements, and spreads its fields over a handler's arguments, where
they outrank the address; so here a body is read by a requirement, and stays in one piece.
"""

import cgi
import hmac

import falcon
import hug
from falcon.util.uri import parse_query_string


def own_form(request, context, **kwargs):
    """A form with its session's token; hug brings no protection against forged ones."""
    form = context["form"] = read_form(request)
    known = request.context["session"].get("csrf_token", "")
    sent = form.get("csrf_token", "")
    # surrogatepass: a form may hold anything; such a token is wrong, no error.
    if not known or not hmac.compare_digest(known.encode(), sent.encode("utf-8", "surrogatepass")):
        raise falcon.HTTPForbidden


def not_stored(response, **kwargs):
    """A page that shows a session's own data: no cache keeps it, and Back does not show it."""
    response.cache_control = ("no-store",)


def staff_only(request, **kwargs):
    """A member of staff; everybody else is sent to the sign-in form."""
    if "staff_id" not in request.context["session"]:
        hug.redirect.see_other("/login?next=/kitchen")


def staff_token(request, **kwargs):
    """An API token of the staff's."""
    scheme, _, token = (request.auth or "").partition(" ")
    staff = request.context["larder"].staff
    staff.check_token(token.strip() if scheme.lower() == "bearer" else "")


@hug.directive()
def larder(request=None, **kwargs):
    """Give the larder, as hug_larder."""
    return request.context["larder"]


@hug.directive()
def form(context=None, **kwargs):
    """Give the form that own_form let through, as hug_form."""
    return context["form"]


class Form(dict):
    """A form's texts by name; its files are kept apart."""

    def __init__(self, texts=(), files=()):
        super().__init__(texts)
        self.files = dict(files)


def media_type(request):
    """Return what the body is said to be, and the parameters."""
    kind, parameters = hug.format.parse_content_type(request.content_type or "")
    return kind.strip().lower(), parameters


def read_form(request):
    """Return the form that was sent, empty for any other body; of a repeated field, the last."""
    kind, parameters = media_type(request)
    try:
        if kind == "multipart/form-data":
            return multipart(request, parameters.get("boundary", ""))
        if kind == "application/x-www-form-urlencoded":
            return urlencoded(request.bounded_stream)
    except (ValueError, LookupError, RecursionError, OSError) as error:
        raise falcon.HTTPBadRequest from error  # OSError: more parts than files may be open
    return Form()


def urlencoded(body):
    """Read a form as hug does, but in UTF-8 and without taking commas for lists."""
    fields = parse_query_string(hug.input_format.text(body), keep_blank=True, csv=False)
    return Form(
        (name, text[-1] if isinstance(text, list) else text) for name, text in fields.items()
    )


def multipart(request, boundary):
    """Read a form with hug's own parser, cgi, but leave files on disk and refuse half a form."""
    environ = {
        "REQUEST_METHOD": "POST",
        "CONTENT_TYPE": f'multipart/form-data; boundary="{boundary}"',
        "CONTENT_LENGTH": str(request.content_length or 0),
    }
    # Not the bounded stream: to Falcon's a line of ten bytes is as long as a line may be.
    sent = cgi.FieldStorage(request.stream, environ=environ, errors="replace", max_num_fields=1_000)
    parts = sent.list or []
    if parts and parts[-1].done != 1:
        raise ValueError("the last part has no end")
    texts = ((part.name, part.value) for part in parts if part.filename is None)
    # As parts, for one that is let go of closes its file.
    files = ((part.name, part) for part in parts if part.filename is not None)
    return Form(((name, text) for name, text in texts if isinstance(text, str)), files)


def read_json(request):
    """Return the decoded JSON body, and no other of the bodies that hug decodes."""
    kind, _parameters = media_type(request)
    if kind != "application/json":
        raise falcon.HTTPUnsupportedMediaType
    try:
        return hug.input_format.json(request.bounded_stream)
    except (ValueError, RecursionError) as error:
        raise falcon.HTTPBadRequest from error
