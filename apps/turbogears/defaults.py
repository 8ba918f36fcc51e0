"""The behaviour probes' application in TurboGears, written as in its tutorial."""

import tg
from kajiki import XMLTemplate
from tg import (
    MinimalApplicationConfigurator,
    TGController,
    abort,
    expose,
    request,
    response,
    session,
    validate,
)
from tg.configurator.components.session import SessionConfigurationComponent
from tg.exceptions import HTTPNotFound
from tg.support.statics import StaticsMiddleware
from tg.util.files import safe_filename
from tg.validation import Convert

PAGE = XMLTemplate("<p>${name}</p>")
closed = []


def create_app(settings):
    """Return the application; settings.debug is TurboGears' own debug mode."""
    config = MinimalApplicationConfigurator()
    config.register(SessionConfigurationComponent)
    config.update_blueprint(
        {
            "root_controller": Root(),
            "debug": settings.debug,
            "session.type": "cookie",
            "session.data_serializer": "json",
            "session.validate_key": settings.secret,
        }
    )
    return with_static_files(config.make_wsgi_app(), str(settings.static_dir))


def with_static_files(app, folder):
    """Serve static files below /static; TurboGears' component would serve them at the root."""
    files = StaticsMiddleware(HTTPNotFound(), folder)

    def answer(environ, start_response):
        if not environ["PATH_INFO"].startswith("/static/"):
            return app(environ, start_response)
        environ["PATH_INFO"] = environ["PATH_INFO"].removeprefix("/static")
        return files(environ, start_response)

    return answer


class Cookie(TGController):
    """The pages of the cookie."""

    @expose("json")
    def index(self):
        return {"taste": request.cookies.get("taste")}

    @expose()
    def set(self):
        response.set_cookie("taste", "salt")
        return "set"


class Stream(TGController):
    """The streamed pages."""

    @expose()
    def index(self):
        return lines()

    @expose()
    def error(self):
        return broken_lines()

    @expose()
    def close(self):
        return Closing()


class Root(TGController):
    """The site's root."""

    cookie = Cookie()
    stream = Stream()

    @expose()
    def hello(self):
        return "hello"

    @expose()
    def slash(self):
        return "slash"

    @expose()
    def noslash(self):
        return "noslash"

    @expose()
    @validate({"number": Convert(int)}, error_handler=abort(404, error_handler=True))
    def item(self, number):
        return f"item {number}"

    @expose()
    def segment(self, name):
        return name

    @expose("json")
    def query(self, a=None):
        return {"a": a, "all": request.GET.getall("a")}

    @expose("json")
    def json(self):
        return {"value": request.json_body}

    @expose("json")
    def form(self, a=None):
        return {"a": a, "fields": len(request.POST)}

    @expose()
    def clash(self, a):
        return f"{a}"

    @expose("json")
    def upload(self, file):
        return {
            "name": file.filename,
            "safe": safe_filename(file.filename),
            "bytes": len(file.file.read()),
            "parts": len(request.POST),
        }

    @expose("json")
    def session(self):
        session["visits"] = session.get("visits", 0) + 1
        session.save()
        return {"visits": session["visits"]}

    @expose()
    def header(self, value):
        response.headers["X-Echo"] = value
        return "header"

    @expose()
    def redirect(self, to):
        tg.redirect(to)

    @expose()
    def url(self):
        return tg.url("/hello", qualified=True)

    @expose()
    def client(self):
        return request.remote_addr

    @expose()
    def template(self, name):
        return PAGE({"name": name}).render()

    @expose()
    def markup(self, name):
        return f"<p>{name}</p>"

    @expose()
    def abort(self, why):
        abort(404, why)

    @expose()
    def error(self):
        raise RuntimeError("secret 4711")

    @expose()
    def closed(self):
        return str(len(closed))

    @expose()
    def empty(self):
        response.status = 204
        return "body"

    @expose()
    def none(self):
        return None


def lines():
    """Yield three lines."""
    yield from (b"one\n", b"two\n", b"three\n")


def broken_lines():
    """Yield a line, then fail."""
    yield b"one\n"
    raise RuntimeError("secret 4711")


class Closing:
    """An iterable that records when it is closed."""

    def __iter__(self):
        return lines()

    def close(self):
        """Record that the server called close(), as PEP 3333 requires."""
        closed.append(True)
