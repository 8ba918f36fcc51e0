"""The Larder in Django: its settings and its WSGI application."""

from django.conf import settings as django_settings
from django.core.wsgi import get_wsgi_application

import settings as own_settings
from hardening import harden


def create_app(settings):
    """Configure Django, which can be done once per process, and return the WSGI application."""
    own = {name: value for name, value in vars(own_settings).items() if name.isupper()}
    django_settings.configure(
        **own,
        SECRET_KEY=settings.secret,
        STATIC_ROOT=settings.static_dir,
        MEDIA_ROOT=settings.photos_dir,
        SITE=settings,
    )
    if settings.hardened:
        harden(django_settings)
    return get_wsgi_application()
