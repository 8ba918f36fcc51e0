"""TechEmpower's tests in Django."""

from django.conf import settings as django_settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path

from shared_db import open_larder

FORTUNES = """<!doctype html><html><head><title>Fortunes</title></head><body><table>\
<tr><th>id</th><th>message</th></tr>\
{% for fortune in fortunes %}<tr><td>{{ fortune.id }}</td><td>{{ fortune.message }}</td></tr>\
{% endfor %}</table></body></html>"""
LOADERS = [
    (
        "django.template.loaders.cached.Loader",
        [("django.template.loaders.locmem.Loader", {"fortunes.html": FORTUNES})],
    )
]


def create_app(settings):
    """Return the WSGI application that answers the six tests."""
    django_settings.configure(
        ALLOWED_HOSTS=["*"],
        # For Content-Length: without it, waitress closes the connection after each reply.
        MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
        ROOT_URLCONF=__name__,
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "OPTIONS": {"loaders": LOADERS},
            }
        ],
        LARDER=open_larder(settings.database_url, settings.photos_dir),
    )
    return get_wsgi_application()


def plaintext(request):
    return HttpResponse("Hello, World!", content_type="text/plain")


def message(request):
    return JsonResponse({"message": "Hello, World!"})


def one_world(request):
    return JsonResponse(django_settings.LARDER.worlds.random().as_dict())


def some_worlds(request):
    worlds = django_settings.LARDER.worlds.some(how_many(request))
    return JsonResponse([world.as_dict() for world in worlds], safe=False)


def updated_worlds(request):
    worlds = django_settings.LARDER.worlds.update(how_many(request))
    return JsonResponse([world.as_dict() for world in worlds], safe=False)


def fortunes(request):
    return render(request, "fortunes.html", {"fortunes": django_settings.LARDER.fortunes.all()})


def how_many(request):
    """Return the requested number of queries: 1 to 500, and 1 for an invalid number."""
    asked = request.GET.get("queries", "")
    return min(max(int(asked), 1), 500) if asked.isascii() and asked.isdigit() else 1


urlpatterns = [
    path("plaintext", plaintext),
    path("json", message),
    path("db", one_world),
    path("queries", some_worlds),
    path("updates", updated_worlds),
    path("fortunes", fortunes),
]
