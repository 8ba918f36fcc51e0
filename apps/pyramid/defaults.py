"""The behaviour probes' application in Pyramid, written as in its tutorial."""

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPFound, HTTPNotFound
from pyramid.response import Response
from pyramid.session import SignedCookieSessionFactory
from pyramid.view import view_config

ROUTES = {
    "hello": "/hello",
    "slash": "/slash/",
    "noslash": "/noslash",
    "item": r"/item/{number:\d+}",
    "segment": "/segment/{name}",
    "query": "/query",
    "json": "/json",
    "form": "/form",
    "clash": "/clash",
    "upload": "/upload",
    "cookie_set": "/cookie/set",
    "cookie": "/cookie",
    "session": "/session",
    "header": "/header",
    "redirect": "/redirect",
    "url": "/url",
    "client": "/client",
    "template": "/template",
    "markup": "/markup",
    "abort": "/abort",
    "error": "/error",
    "stream": "/stream",
    "stream_error": "/stream/error",
    "stream_close": "/stream/close",
    "closed": "/closed",
    "empty": "/empty",
    "none": "/none",
}
closed = []


def create_app(settings):
    """Return the application; settings.debug switches Pyramid's own debug messages on."""
    with Configurator(settings={"pyramid.debug_all": settings.debug}) as config:
        config.include("pyramid_jinja2")
        config.set_session_factory(SignedCookieSessionFactory(settings.secret))
        for name, pattern in ROUTES.items():
            config.add_route(name, pattern)
        config.add_static_view("static", str(settings.static_dir))
        config.scan("defaults")
    environment = config.get_jinja2_environment()
    config.registry["template"] = environment.from_string("<p>{{ name }}</p>")
    return config.make_wsgi_app()


@view_config(route_name="hello")
def hello(request):
    return Response("hello")


@view_config(route_name="slash")
def slash(request):
    return Response("slash")


@view_config(route_name="noslash")
def noslash(request):
    return Response("noslash")


@view_config(route_name="item")
def item(request):
    return Response(f"item {int(request.matchdict['number'])}")


@view_config(route_name="segment")
def segment(request):
    return Response(request.matchdict["name"])


@view_config(route_name="query", renderer="json")
def query(request):
    return {"a": request.GET.get("a"), "all": request.GET.getall("a")}


@view_config(route_name="json", request_method="POST", renderer="json")
def decode(request):
    return {"value": request.json_body}


@view_config(route_name="form", request_method="POST", renderer="json")
def form(request):
    return {"a": request.POST.get("a"), "fields": len(request.POST)}


@view_config(route_name="clash", request_method="POST")
def clash(request):
    return Response(request.params["a"])


@view_config(route_name="upload", request_method="POST", renderer="json")
def upload(request):
    file = request.POST["file"]
    return {
        "name": file.filename,
        "safe": None,
        "bytes": len(file.file.read()),
        "parts": len(request.POST),
    }


@view_config(route_name="cookie_set")
def set_cookie(request):
    response = Response("set")
    response.set_cookie("taste", "salt")
    return response


@view_config(route_name="cookie", renderer="json")
def cookie(request):
    return {"taste": request.cookies.get("taste")}


@view_config(route_name="session", renderer="json")
def count_visits(request):
    request.session["visits"] = request.session.get("visits", 0) + 1
    return {"visits": request.session["visits"]}


@view_config(route_name="header")
def header(request):
    response = Response("header")
    response.headers["X-Echo"] = request.GET["value"]
    return response


@view_config(route_name="redirect")
def send_on(request):
    return HTTPFound(request.GET["to"])


@view_config(route_name="url")
def url(request):
    return Response(request.route_url("hello"))


@view_config(route_name="client")
def client(request):
    return Response(request.remote_addr)


@view_config(route_name="template")
def template(request):
    return Response(request.registry["template"].render(name=request.GET["name"]))


@view_config(route_name="markup")
def markup(request):
    return Response(f"<p>{request.GET['name']}</p>")


@view_config(route_name="abort")
def stop(request):
    raise HTTPNotFound(request.GET["why"])


@view_config(route_name="error")
def error(request):
    raise RuntimeError("secret 4711")


@view_config(route_name="stream")
def stream(request):
    return Response(app_iter=lines())


@view_config(route_name="stream_error")
def stream_error(request):
    return Response(app_iter=broken_lines())


@view_config(route_name="stream_close")
def stream_close(request):
    return Response(app_iter=Closing())


@view_config(route_name="closed")
def count_closed(request):
    return Response(str(len(closed)))


@view_config(route_name="empty")
def empty(request):
    return Response("body", status=204)


@view_config(route_name="none")
def nothing(request):
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
