"""The behaviour probes' application in Django, with the settings that startproject writes."""

import json

from django.conf import settings as django_settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.http import Http404, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.template import engines
from django.urls import path, reverse
from django.utils.text import get_valid_filename
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

STARTPROJECT = {
    "INSTALLED_APPS": [
        "django.contrib.admin",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        "django.contrib.staticfiles",
    ],
    "MIDDLEWARE": [
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
    "TEMPLATES": [
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ],
            },
        }
    ],
    "DATABASES": {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            # In memory instead of a file: the probes need the sessions of one run only.
            "NAME": "file:defaults?mode=memory&cache=shared",
        }
    },
    "STATIC_URL": "static/",
    "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
}
closed = []


def create_app(settings):
    """Return the application; settings.debug is Django's DEBUG."""
    django_settings.configure(
        **STARTPROJECT,
        SECRET_KEY=settings.secret,
        DEBUG=settings.debug,
        # startproject leaves it empty, which allows these hosts with DEBUG, and else no host.
        ALLOWED_HOSTS=[".localhost", "127.0.0.1", "[::1]"],
        ROOT_URLCONF=__name__,
        STATICFILES_DIRS=[settings.static_dir],
    )
    application = get_wsgi_application()
    call_command("migrate", verbosity=0)
    return StaticFilesHandler(application)  # as runserver does


def hello(request):
    return HttpResponse("hello")


def slash(request):
    return HttpResponse("slash")


def noslash(request):
    return HttpResponse("noslash")


def item(request, number):
    return HttpResponse(f"item {number}")


def segment(request, name):
    return HttpResponse(name)


def query(request):
    return JsonResponse({"a": request.GET.get("a"), "all": request.GET.getlist("a")})


# Of the views with a body only the form keeps the CSRF check, which would answer all others too.
@csrf_exempt
@require_POST
def decode(request):
    return JsonResponse({"value": json.loads(request.body)})


@require_POST
def form(request):
    return JsonResponse({"a": request.POST.get("a"), "fields": len(request.POST)})


@csrf_exempt
@require_POST
def clash(request):
    return HttpResponse(request.POST["a"])


@csrf_exempt
@require_POST
def upload(request):
    file = request.FILES["file"]
    return JsonResponse(
        {
            "name": file.name,
            "safe": get_valid_filename(file.name),
            "bytes": file.size,
            "parts": len(request.FILES) + len(request.POST),
        }
    )


def set_cookie(request):
    response = HttpResponse("set")
    response.set_cookie("taste", "salt")
    return response


def cookie(request):
    return JsonResponse({"taste": request.COOKIES.get("taste")})


def session(request):
    request.session["visits"] = request.session.get("visits", 0) + 1
    return JsonResponse({"visits": request.session["visits"]})


def header(request):
    return HttpResponse("header", headers={"X-Echo": request.GET["value"]})


def lead_on(request):
    return redirect(request.GET["to"])


def url(request):
    return HttpResponse(request.build_absolute_uri(reverse("hello")))


def client(request):
    return HttpResponse(request.META["REMOTE_ADDR"])


def template(request):
    page = engines["django"].from_string("<p>{{ name }}</p>")
    return HttpResponse(page.render({"name": request.GET["name"]}, request))


def markup(request):
    return HttpResponse(f"<p>{request.GET['name']}</p>")


def abort(request):
    raise Http404(request.GET["why"])


def error(request):
    raise RuntimeError("secret 4711")


def stream(request):
    return StreamingHttpResponse(lines())


def stream_error(request):
    return StreamingHttpResponse(broken_lines())


def stream_close(request):
    return StreamingHttpResponse(Closing())


def count_closed(request):
    return HttpResponse(str(len(closed)))


def empty(request):
    return HttpResponse("body", status=204)


def nothing(request):
    return None


def lines():
    """Yield three lines."""
    yield from ("one\n", "two\n", "three\n")


def broken_lines():
    """Yield a line, then fail."""
    yield "one\n"
    raise RuntimeError("secret 4711")


class Closing:
    """An iterable that records when it is closed."""

    def __iter__(self):
        return lines()

    def close(self):
        """Record that the server called close(), as PEP 3333 requires."""
        closed.append(True)


urlpatterns = [
    path("hello", hello, name="hello"),
    path("slash/", slash),
    path("noslash", noslash),
    path("item/<int:number>", item),
    path("segment/<name>", segment),
    path("query", query),
    path("json", decode),
    path("form", form),
    path("clash", clash),
    path("upload", upload),
    path("cookie/set", set_cookie),
    path("cookie", cookie),
    path("session", session),
    path("header", header),
    path("redirect", lead_on),
    path("url", url),
    path("client", client),
    path("template", template),
    path("markup", markup),
    path("abort", abort),
    path("error", error),
    path("stream", stream),
    path("stream/error", stream_error),
    path("stream/close", stream_close),
    path("closed", count_closed),
    path("empty", empty),
    path("none", nothing),
]
