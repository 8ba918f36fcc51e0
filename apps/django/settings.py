"""Django's settings that do not depend on the host."""

from pathlib import Path

# Production: https://docs.djangoproject.com/en/5.2/howto/deployment/checklist/
DEBUG = False  # and then templates are compiled once: the cached loader is the default
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
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "middleware.ProblemMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.contrib.messages.context_processors.messages",
                "context_processors.cart_count",
                "context_processors.framework",
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
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024 + 64 * 1024  # a photo of 2 MiB, and its form

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    # By default Django logs a failure only with DEBUG or by mail.
    "loggers": {"django.request": {"handlers": ["console"], "level": "ERROR"}},
}
