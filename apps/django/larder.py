"""The larder, used instead of the ORM: opened once, with a connection for each thread."""

from django.conf import settings

from shared_db import open_larder

larder = open_larder(settings.SITE.database_url, settings.MEDIA_ROOT)
