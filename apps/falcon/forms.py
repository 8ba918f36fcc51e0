"""Forms, and the hooks that responders for them stand behind: Falcon brings no CSRF protection."""

import hmac

import falcon
from falcon.media import URLEncodedFormHandler

from shared_db.errors import Invalid


def ask_for_token(req, resp, resource, params):
    """Read the form into the context; refuse one that does not carry its session's token."""
    req.context.form = read_form(req)
    check_token(req, req.context.form)


def check_token(req, form):
    """Refuse a form that was not made for this guest."""
    known = req.context.session.get("csrf_token", "")
    sent = form.get("csrf_token", "")
    # surrogatepass: a form may hold anything; such a token is wrong, no error.
    if not known or not hmac.compare_digest(known.encode(), sent.encode("utf-8", "surrogatepass")):
        raise falcon.HTTPForbidden


def staff_only(req, resp, resource, params):
    """Let staff in, and send everybody else to the sign-in form."""
    if "staff_id" not in req.context.session:
        raise falcon.HTTPSeeOther("/login?next=/kitchen")


def not_stored(req, resp, resource, params):
    """Keep a page that shows a session's own data out of every cache, and of Back."""
    resp.cache_control = ("no-store",)


def media_type(req):
    """Return what the body is said to be; Falcon takes a silent one for JSON."""
    return falcon.parse_header(req.content_type)[0]


def read_json(req):
    """Return the decoded JSON body, and no other of the bodies that Falcon decodes."""
    if media_type(req) != falcon.MEDIA_JSON:
        raise falcon.HTTPUnsupportedMediaType
    return req.get_media()


def read_form(req):
    """Return the form's fields; of a repeated one, the last."""
    if media_type(req) == falcon.MEDIA_MULTIPART:
        return {name: text_of(part) for name, file_name, part in parts(req) if file_name is None}
    if media_type(req) == falcon.MEDIA_URLENCODED:
        return last_values(req.get_media())
    return {}


class FormHandler(URLEncodedFormHandler):
    """Falcon's own for forms, which also reads letters that came as plain UTF-8."""

    def deserialize(self, stream, content_type, content_length):
        try:
            return falcon.uri.parse_query_string(stream.read().decode(), keep_blank=True)
        except UnicodeDecodeError as error:
            raise falcon.MediaMalformedError("URL-encoded") from error


def last_values(params):
    """Return one value a name, where Falcon gives a list for a repeated one."""
    return {name: text[-1] if isinstance(text, list) else text for name, text in params.items()}


def parts(req):
    """Yield names, file names and parts of a multipart form, as they come in."""
    if not req.content_length:
        raise falcon.HTTPBadRequest  # Falcon's reader fails without a length
    try:
        for part in req.get_media():
            yield part.name or "", part.filename, part
    except (UnicodeError, LookupError) as error:
        raise falcon.HTTPBadRequest from error


def text_of(part):
    """Return the text of a part; the part itself says in which charset it is."""
    try:
        return part.text or ""
    except (UnicodeError, LookupError) as error:
        raise falcon.HTTPBadRequest from error


def open_upload(req, name):
    """Return a file's stream without reading the file; the token has to stand before it."""
    if media_type(req) != falcon.MEDIA_MULTIPART:
        check_token(req, read_form(req))
        raise Invalid({name: "Choose a photo first."})
    form, fields = parts(req), {}
    for sent, file_name, part in form:
        if sent == name and file_name is not None:
            check_token(req, fields)
            return WholePart(part.stream, form)
        if file_name is None:
            fields[sent] = text_of(part)
    check_token(req, fields)
    raise Invalid({name: "Choose a photo first."})


class WholePart:
    """A part's stream that ends only where a boundary follows; Falcon's ends anywhere."""

    def __init__(self, stream, form):
        self._stream = stream
        self._form = form

    def read(self, size):
        """Return at most size bytes; none at the end, past which the form must go on."""
        piece = self._stream.read(size)
        if not piece:
            next(self._form, None)
        return piece
