"""What the pages have in common, as CherryPy's tools: hooks that configuration switches on."""

import hmac
from urllib.parse import unquote_to_bytes

import cherrypy
from cherrypy._cptools import HandlerWrapperTool

from shared_db.errors import BadToken

BODY_LIMIT_BYTES = 2 * 1024 * 1024 + 64 * 1024
# What CherryPy's body parsers raise on a body that makes no sense.
UNREADABLE = (ValueError, LookupError, EOFError, RecursionError)


@cherrypy.tools.register("on_start_resource", priority=10)
def begin_request(larder):
    """Put the larder at the handlers' hand."""
    cherrypy.request.larder = larder
    larder.begin_request()


@cherrypy.tools.register("on_start_resource", priority=80)
def refuse_unreadable():
    """Refuse what cannot be read before reading any of it."""
    request = cherrypy.request
    # To CherryPy a query that is no UTF-8 is a page that is not there.
    with cherrypy.HTTPError.handle(UnicodeDecodeError, 400):
        unquote_to_bytes(request.query_string).decode()
    if request.body.length is None:
        request.body.length = 0  # CherryPy would read on until the guest hangs up
    if request.body.length > BODY_LIMIT_BYTES:
        raise cherrypy.HTTPError(413)


@cherrypy.tools.register("before_request_body", priority=15)
def bearer_only():
    """Let programs in that bring a token, before anything else of theirs is looked at."""
    scheme, _, token = cherrypy.request.headers.get("Authorization", "").partition(" ")
    token = token.strip() if scheme.lower() == "bearer" else ""
    # Translated here: what a tool raises CherryPy writes into the log, whatever it is.
    with cherrypy.HTTPError.handle(BadToken, 401):
        cherrypy.request.larder.staff.check_token(token)


@cherrypy.tools.register("before_request_body", priority=55)
def late_cookie():
    """Take back the cookie that tools.sessions sets on every reply, used session or not."""
    cherrypy.response.cookie.clear()


@cherrypy.tools.register("before_request_body", priority=95)
def read_body():
    """Read the body in CherryPy's place, to which one that makes no sense is a failure: 500."""
    request = cherrypy.request
    if request.process_request_body:
        request.process_request_body = False
        request.params.clear()  # what is in the query is no field of a form
        with cherrypy.HTTPError.handle(UNREADABLE, 400):
            request.body.process()


@cherrypy.tools.register("before_handler", priority=10)
def first_texts():
    """Give handlers one text a field, where CherryPy gives a list for one that comes twice."""
    params = cherrypy.request.params
    firsts = {name: v[0] if isinstance(v, list) else v for name, v in params.items()}
    firsts.pop("self", None)  # a handler has an argument of that name already
    texts = {name: text for name, text in firsts.items() if isinstance(text, str)}
    with cherrypy.HTTPError.handle(UnicodeEncodeError, 400):
        "".join(texts.values()).encode()  # utf-7, for one, makes texts that no page can show
    cherrypy.request.params = texts


@cherrypy.tools.register("before_handler", priority=20)
def check_csrf():
    """Refuse a form that does not carry its session's token."""
    request = cherrypy.request
    if request.method != "POST" or isinstance(request.handler, cherrypy.HTTPError):
        return
    known, sent = cherrypy.session.get("csrf_token", ""), request.params.get("csrf_token", "")
    if not known or not hmac.compare_digest(known.encode(), sent.encode()):
        raise cherrypy.HTTPError(403)


@cherrypy.tools.register("before_handler", priority=25)
def staff_only():
    """Let staff in, and send everybody else to the sign-in form."""
    if "staff_id" not in cherrypy.session:
        raise cherrypy.HTTPRedirect("/login?next=/kitchen")


def render(next_handler):
    """Make a page of the dict that a handler returns."""
    values = next_handler()
    if not isinstance(values, dict):
        return values
    config, session = cherrypy.request.config, cherrypy.session
    page = config["tools.template.pages"].get_template(config["tools.template.name"])
    count = sum(session.get("cart", {}).values())
    flash = session.pop("flash", [])
    cherrypy.response.headers["Content-Type"] = "text/html; charset=utf-8"
    return page.render(values, cart_count=count, flash=flash).encode()


def tell_time():
    """Tell how long the larder took, once the session is saved."""
    usage = cherrypy.request.larder.usage
    cherrypy.response.headers["Server-Timing"] = (
        f'db;dur={usage.milliseconds};desc="{usage.queries} queries"'
    )


class TimingTool(cherrypy.Tool):
    """Tell the time on every reply: CherryPy has one hook for good ones, another for failures."""

    def __init__(self):
        super().__init__("before_finalize", tell_time, priority=95)

    def _setup(self):
        super()._setup()
        cherrypy.request.hooks.attach("after_error_response", tell_time)


cherrypy.tools.template = HandlerWrapperTool(render)
cherrypy.tools.server_timing = TimingTool()
