"""Django's settings that do not depend on the host."""

from pathlib import Path

DEBUG = False
# The names of this machine. A host adds its own names; Django rejects all others.
ALLOWED_HOSTS = [".localhost", "127.0.0.1", "[::1]"]
ROOT_URLCONF = "urls"
APPEND_SLASH = False  # no address of the site ends with a slash
USE_I18N = False

MIDDLEWARE = [
    "middleware.HouseMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "session.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "middleware.ProblemMiddleware",
    # No CsrfViewMiddleware: it loads the session for every request, even for static files, and
    # rejects a method before the view can answer 405. Every view that accepts a form has
    # @csrf_protect instead, and every page that shows a form has @requires_csrf_token.
    # No XFrameOptionsMiddleware: Content-Security-Policy controls framing.
]
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.contrib.messages.context_processors.messages",
                "context_processors.cart_count",
            ],
        },
    }
]

SESSION_ENGINE = "session"
SESSION_COOKIE_NAME = "larder_session"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
MESSAGE_STORAGE = "session.FlashStorage"
CSRF_USE_SESSIONS = True
CSRF_FAILURE_VIEW = "problems.refuse_forgery"

STATIC_URL = "/static/"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024 + 64 * 1024
# Django's default handler would keep every photo in memory.
DATA_UPLOAD_MAX_NUMBER_FILES = 10  # each is an open file, and no form of the site has two
FILE_UPLOAD_HANDLERS = ["uploads.NamelessFileUploadHandler"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    # By default Django logs a failure only with DEBUG or by mail.
    "loggers": {"django.request": {"handlers": ["console"], "level": "ERROR"}},
}
