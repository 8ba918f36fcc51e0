"""Forms and JSON documents, their CSRF protection, which Falcon lacks, and the resources' hooks."""

import hmac
import io

import falcon


class Forms:
    """Read each form into the context; reject a form without its session's token.

    Every resource is protected, a new one as well; programs use the API without a session.
    """

    def process_resource(self, req, resp, resource, params):
        if req.method in ("GET", "HEAD", "OPTIONS") or req.path.startswith("/api/"):
            return
        req.context.form, req.context.files = read_form(req)
        known = req.context.session.get("csrf_token", "")
        sent = req.context.form.get("csrf_token", "")
        if not known or not hmac.compare_digest(known.encode(), sent.encode()):
            raise falcon.HTTPForbidden


def read_form(req):
    """Return a form's fields and files; only a form in parts has files."""
    form = req.get_media(default_when_empty={})
    if isinstance(form, dict):
        return form, {}
    fields, files = {}, {}
    for part in form:
        if part.filename is None:
            fields[part.name] = part.text
        else:
            files[part.name] = io.BytesIO(part.data)
    return fields, files


def read_json(req):
    """Return the decoded JSON body; reject the forms, which Falcon decodes, too."""
    if falcon.parse_header(req.content_type or "")[0] != falcon.MEDIA_JSON:
        raise falcon.HTTPUnsupportedMediaType
    return req.get_media()


def staff_only(req, resp, resource, params):
    """Allow staff only, and redirect other guests to the sign-in form."""
    if "staff_id" not in req.context.session:
        raise falcon.HTTPSeeOther("/login?next=/kitchen")


def not_stored(req, resp, resource, params):
    """Forbid caches and browsers to store a page that shows a session's own data."""
    resp.cache_control = ("no-store",)
