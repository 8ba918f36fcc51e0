"""Forms, and hooks for the responders of forms, because Falcon has no CSRF protection."""

import hmac

import falcon
from falcon.media import URLEncodedFormHandler

from shared_db.errors import InvalidInputError


def ask_for_token(req, resp, resource, params):
    """Read the form into the context; reject a form without its session's token."""
    req.context.form = read_form(req)
    check_token(req, req.context.form)


def check_token(req, form):
    """Reject a form that was not created for this session."""
    known = req.context.session.get("csrf_token", "")
    sent = form.get("csrf_token", "")
    # surrogatepass: a form may contain invalid text. It is a wrong token, not an error.
    if not known or not hmac.compare_digest(known.encode(), sent.encode("utf-8", "surrogatepass")):
        raise falcon.HTTPForbidden


def staff_only(req, resp, resource, params):
    """Allow staff only, and redirect other guests to the sign-in form."""
    if "staff_id" not in req.context.session:
        raise falcon.HTTPSeeOther("/login?next=/kitchen")


def not_stored(req, resp, resource, params):
    """Forbid caches and browsers to store a page that shows a session's own data."""
    resp.cache_control = ("no-store",)


def media_type(req):
    """Return the media type of the body; without a Content-Type Falcon assumes JSON."""
    return falcon.parse_header(req.content_type)[0]


def read_json(req):
    """Return the decoded JSON body; reject the other media types that Falcon decodes."""
    if media_type(req) != falcon.MEDIA_JSON:
        raise falcon.HTTPUnsupportedMediaType
    return req.get_media()


def read_form(req):
    """Return the form's fields; the last value of a repeated field counts."""
    if media_type(req) == falcon.MEDIA_MULTIPART:
        return {name: text_of(part) for name, file_name, part in parts(req) if file_name is None}
    if media_type(req) == falcon.MEDIA_URLENCODED:
        return last_values(req.get_media())
    return {}


class FormHandler(URLEncodedFormHandler):
    """Falcon's form handler, extended for raw UTF-8."""

    def deserialize(self, stream, content_type, content_length):
        try:
            return falcon.uri.parse_query_string(stream.read().decode(), keep_blank=True)
        except UnicodeDecodeError as error:
            raise falcon.MediaMalformedError("URL-encoded") from error


def last_values(params):
    """Return one value per name; Falcon returns a list for a repeated name."""
    return {name: text[-1] if isinstance(text, list) else text for name, text in params.items()}


def parts(req):
    """Yield the names, file names and parts of a multipart form while it is read."""
    if not req.content_length:
        raise falcon.HTTPBadRequest  # Falcon's reader fails without a length
    try:
        for part in req.get_media():
            yield part.name or "", part.filename, part
    except (UnicodeError, LookupError) as error:
        raise falcon.HTTPBadRequest from error


def text_of(part):
    """Return the text of a part, decoded by the charset that the part names."""
    try:
        return part.text or ""
    except (UnicodeError, LookupError) as error:
        raise falcon.HTTPBadRequest from error


def open_upload(req, name):
    """Return a file's stream without reading the file; the token must come before the file."""
    if media_type(req) != falcon.MEDIA_MULTIPART:
        check_token(req, read_form(req))
        raise InvalidInputError({name: "Choose a photo first."})
    form, fields = parts(req), {}
    for sent, file_name, part in form:
        if sent == name and file_name is not None:
            check_token(req, fields)
            return WholePart(part.stream, form)
        if file_name is None:
            fields[sent] = text_of(part)
    check_token(req, fields)
    raise InvalidInputError({name: "Choose a photo first."})


class WholePart:
    """A part's stream that must end at a boundary; Falcon's stream may end anywhere."""

    def __init__(self, stream, form):
        self._stream = stream
        self._form = form

    def read(self, size):
        """Return at most `size` bytes, and no bytes at the end, where a boundary must follow."""
        piece = self._stream.read(size)
        if not piece:
            next(self._form, None)
        return piece
