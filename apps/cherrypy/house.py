"""What the pages have in common, as CherryPy's tools: hooks that configuration switches on."""

import hmac
from urllib.parse import unquote_to_bytes

import cherrypy
from cherrypy import Tool

BODY_LIMIT_BYTES = 2 * 1024 * 1024 + 64 * 1024
# What CherryPy's body parsers raise on a body that makes no sense.
UNREADABLE = (ValueError, LookupError, EOFError, RecursionError)


class WholeAddress(cherrypy.dispatch.MethodDispatcher):
    """CherryPy's dispatch by method, where an address with something to spare leads nowhere.

    CherryPy hands what is left over to the last handler found, and overlooks doubled slashes.
    """

    def find_handler(self, path):
        resource, rest = super().find_handler(path)
        spare = rest or "//" in path or (path.endswith("/") and path != "/")
        return (None, []) if spare else (resource, rest)


def begin_request(larder):
    """Put the larder at the handlers' hand."""
    cherrypy.request.larder = larder
    larder.begin_request()


def refuse_unreadable():
    """Refuse what cannot be read before reading any of it."""
    request = cherrypy.request
    try:
        unquote_to_bytes(request.query_string).decode()
    except UnicodeDecodeError as error:  # to CherryPy that is a page that is not there
        raise cherrypy.HTTPError(400) from error
    if request.body.length is None:
        request.body.length = 0  # CherryPy would read on until the guest hangs up
    if request.body.length > BODY_LIMIT_BYTES:
        raise cherrypy.HTTPError(413)


def compare_weakly():
    """Let tools.etags find a tag marked as weak: If-None-Match may name one."""
    headers = cherrypy.request.headers
    if "If-None-Match" in headers:
        headers["If-None-Match"] = headers["If-None-Match"].replace("W/", "")


def read_body():
    """Read the body in CherryPy's place, to which one that makes no sense is a failure: 500."""
    request = cherrypy.request
    if request.process_request_body:
        request.process_request_body = False
        request.body.content_type.value = request.body.content_type.value.lower()
        with cherrypy.HTTPError.handle(UNREADABLE, 400):
            request.body.process()


def check_csrf():
    """Refuse a form that does not carry its session's token."""
    request = cherrypy.request
    if request.method != "POST" or isinstance(request.handler, cherrypy.HTTPError):
        return
    known = cherrypy.session.get("csrf_token", "")
    sent = form().get("csrf_token", "")
    if not known or not hmac.compare_digest(known.encode(), sent.encode()):
        raise cherrypy.HTTPError(403)


def staff_only():
    """Let staff in, and send everybody else to the sign-in form."""
    if "staff_id" not in cherrypy.session:
        raise cherrypy.HTTPRedirect("/login?next=/kitchen", 303)


def render(pages, name=None):
    """Make a page of the dict that the handler returns."""
    handler = cherrypy.request.handler
    if name is None or isinstance(handler, cherrypy.HTTPError):
        return

    def rendered():
        values = handler()
        if not isinstance(values, dict):
            return values
        session = cherrypy.session
        count = sum(session.get("cart", {}).values())
        flash = session.pop("flash", [])
        page = pages.get_template(name)
        cherrypy.response.headers["Content-Type"] = "text/html; charset=utf-8"
        return page.render(values, cart_count=count, flash=flash).encode()

    cherrypy.request.handler = rendered


def tell_time():
    """Tell how long the larder took, once the session is saved; and leave redirects empty.

    CherryPy writes the Host header, whoever sent it, into a redirect's body.
    """
    response = cherrypy.response
    if str(response.status).startswith("303"):
        response.body = b""
        response.headers.pop("Content-Length", None)
    usage = cherrypy.request.larder.usage
    response.headers["Server-Timing"] = (
        f'db;dur={usage.milliseconds};desc="{usage.queries} queries"'
    )


def check_token():
    """Let programs in that bring a token, before anything else of theirs is looked at."""
    scheme, _, token = cherrypy.request.headers.get("Authorization", "").partition(" ")
    cherrypy.request.larder.staff.check_token(token.strip() if scheme.lower() == "bearer" else "")


class TimingTool(Tool):
    """Tell the time on every reply: CherryPy has one hook for good ones, another for bad ones."""

    def __init__(self):
        super().__init__("before_finalize", tell_time, priority=95)

    def _setup(self):
        super()._setup()
        cherrypy.request.hooks.attach("after_error_response", tell_time)


def first_texts(params):
    """Return each field's first text, where CherryPy makes a list of a field that comes twice."""
    firsts = {name: v[0] if isinstance(v, list) else v for name, v in params.items()}
    return {name: value for name, value in firsts.items() if isinstance(value, str)}


def form():
    """Return the fields of the form that was sent; a handler's own arguments mix in the query's."""
    return first_texts(cherrypy.request.body.params)


cherrypy.tools.larder = Tool("on_start_resource", begin_request, priority=10)
cherrypy.tools.refuse_unreadable = Tool("on_start_resource", refuse_unreadable, priority=80)
cherrypy.tools.weak_tags = Tool("on_start_resource", compare_weakly)
cherrypy.tools.read_body = Tool("before_request_body", read_body, priority=95)
cherrypy.tools.bearer = Tool("before_request_body", check_token, priority=15)
cherrypy.tools.timing = TimingTool()
cherrypy.tools.csrf = Tool("before_handler", check_csrf, priority=20)
cherrypy.tools.staff_only = Tool("before_handler", staff_only, priority=25)
cherrypy.tools.template = Tool("before_handler", render, priority=60)
