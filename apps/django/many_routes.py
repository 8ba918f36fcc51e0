"""A Django application with COOKOFF_ROUTES routes."""

import os

from django.conf import settings as django_settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import path


def create_app(settings):
    """Return the WSGI application."""
    django_settings.configure(
        ALLOWED_HOSTS=["*"],
        # For Content-Length: without it, waitress closes the connection after each reply.
        MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
        ROOT_URLCONF=__name__,
    )
    return get_wsgi_application()


def show_number(request, number):
    return HttpResponse(str(number))


urlpatterns = [
    path(f"route-{number}/<int:number>", show_number)
    for number in range(int(os.environ["COOKOFF_ROUTES"]))
]
