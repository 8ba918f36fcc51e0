"""CherryPy tools for all pages: hooks that the configuration switches on."""

import hmac

import cherrypy

from shared_db.errors import UnknownTokenError


@cherrypy.tools.register("on_start_resource", priority=10)
def begin_request():
    """Make the larder available to the handlers."""
    cherrypy.request.larder = cherrypy.request.app.config["site"]["larder"]
    cherrypy.request.larder.begin_request()


@cherrypy.tools.register("before_request_body", priority=15)
def bearer_only():
    """Authenticate API clients by their token before any other check."""
    scheme, _, token = cherrypy.request.headers.get("Authorization", "").partition(" ")
    with cherrypy.HTTPError.handle(UnknownTokenError, 401):
        cherrypy.request.larder.staff.check_token(token if scheme.lower() == "bearer" else "")


@cherrypy.tools.register("before_request_body", priority=60)
def protect_cookie():
    """Keep the session's cookie from other sites, for which CherryPy has no option."""
    cookie = cherrypy.response.cookie[cherrypy.request.config["tools.sessions.name"]]
    cookie["samesite"] = "Lax"
    cookie["secure"] = cherrypy.request.scheme == "https"


@cherrypy.tools.register("before_handler", priority=20)
def check_csrf():
    """Reject a form without its session's token, which is no argument of a handler."""
    if cherrypy.request.method == "POST":
        known = cherrypy.session.get("csrf_token", "")
        sent = cherrypy.request.body.params.get("csrf_token", "")
        cherrypy.request.params.pop("csrf_token", None)
        if not known or not hmac.compare_digest(known.encode(), sent.encode()):
            raise cherrypy.HTTPError(403)


@cherrypy.tools.register("before_handler", priority=25)
def staff_only():
    """Allow staff only, and redirect other guests to the sign-in form."""
    if "staff_id" not in cherrypy.session:
        raise cherrypy.HTTPRedirect("/login?next=/kitchen")


@cherrypy.tools.register("before_handler", priority=30)
def template(name):
    """Render the page from the dict that a handler returns."""
    handler, session = cherrypy.request.handler, cherrypy.session

    def render():
        values = handler()
        if not isinstance(values, dict):
            return values
        page = cherrypy.request.app.config["site"]["pages"].get_template(name)
        return page.render(
            values,
            cart_count=cherrypy.request.larder.carts.count(session.id),
            csrf_token=session.csrf_token,
            flash=session.pop("flash", []),
        )

    cherrypy.request.handler = render


def tell_time():
    """Set the Server-Timing header, on successful and on failed requests."""
    usage = cherrypy.request.larder.usage
    cherrypy.response.headers["Server-Timing"] = (
        f'db;dur={usage.milliseconds};desc="{usage.queries} queries"'
    )


tell_time.priority = 95  # after the session is saved
