"""CherryPy tools for all pages: hooks that the configuration switches on."""

import hmac

import cherrypy
from cherrypy._cptools import HandlerWrapperTool

from shared_db.errors import UnknownTokenError


@cherrypy.tools.register("on_start_resource", priority=10)
def begin_request(larder):
    """Make the larder available to the handlers."""
    cherrypy.request.larder = larder
    larder.begin_request()


@cherrypy.tools.register("before_request_body", priority=15)
def bearer_only():
    """Authenticate API clients by their token before any other check."""
    scheme, _, token = cherrypy.request.headers.get("Authorization", "").partition(" ")
    token = token.strip() if scheme.lower() == "bearer" else ""
    # Translated here, because CherryPy logs every exception of a tool.
    with cherrypy.HTTPError.handle(UnknownTokenError, 401):
        cherrypy.request.larder.staff.check_token(token)


@cherrypy.tools.register("before_request_body", priority=55)
def late_cookie():
    """Remove the cookie that tools.sessions sets on every reply, if the session is unused."""
    cherrypy.response.cookie.clear()


@cherrypy.tools.register("before_handler", priority=20)
def check_csrf():
    """Reject a form without its session's token."""
    request = cherrypy.request
    if request.method != "POST" or isinstance(request.handler, cherrypy.HTTPError):
        return
    known, sent = cherrypy.session.get("csrf_token", ""), request.params.get("csrf_token", "")
    if not known or not hmac.compare_digest(known.encode(), sent.encode()):
        raise cherrypy.HTTPError(403)


@cherrypy.tools.register("before_handler", priority=25)
def staff_only():
    """Allow staff only, and redirect other guests to the sign-in form."""
    if "staff_id" not in cherrypy.session:
        raise cherrypy.HTTPRedirect("/login?next=/kitchen", 303)


def render(next_handler):
    """Render the page from the dict that a handler returns."""
    values = next_handler()
    if not isinstance(values, dict):
        return values
    config, session = cherrypy.request.config, cherrypy.session
    page = config["tools.template.pages"].get_template(config["tools.template.name"])
    count = cherrypy.request.larder.carts.count(session.token)
    flash = session.pop("flash", [])
    cherrypy.response.headers["Content-Type"] = "text/html; charset=utf-8"
    return page.render(values, cart_count=count, flash=flash).encode()


def tell_time():
    """Set Server-Timing after the session is saved."""
    usage = cherrypy.request.larder.usage
    cherrypy.response.headers["Server-Timing"] = (
        f'db;dur={usage.milliseconds};desc="{usage.queries} queries"'
    )


class TimingTool(cherrypy.Tool):
    """Set Server-Timing on every reply: CherryPy has separate hooks for success and failure."""

    def __init__(self):
        super().__init__("before_finalize", tell_time, priority=95)

    def _setup(self):
        super()._setup()
        cherrypy.request.hooks.attach("after_error_response", tell_time)


cherrypy.tools.template = HandlerWrapperTool(render)
cherrypy.tools.server_timing = TimingTool()
