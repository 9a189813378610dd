"""Django's settings, from the environment. Every variable is explained in `docs/settings.md`."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from onthaal.central.foundation.keys import derived_from
from onthaal.central.web import environment, logs
from onthaal.clock import CLOCK_FILE

FACES = Path(__file__).parents[1] / "lockers" / "faces"

PRODUCTION = environment.yes_or_no("ONTHAAL_PRODUCTION")
ONTHAAL_SECRET = environment.secret(
    environment.wanted("ONTHAAL_SECRET_KEY_FILE", "name the file that holds the installation's secret")
)
ONTHAAL_CLOCK_FILE = environment.optional(CLOCK_FILE)
ONTHAAL_PUBLIC_URL = environment.address("ONTHAAL_PUBLIC_URL", "http://127.0.0.1:8000")
ONTHAAL_STREAM_URL = environment.address("ONTHAAL_STREAM_URL") or None
ONTHAAL_MAIL = environment.mail(environment.optional("ONTHAAL_SMTP_URL", "smtp://127.0.0.1:25"))
ONTHAAL_IDENTITY_LOOPBACK = environment.yes_or_no("ONTHAAL_IDENTITY_LOOPBACK")
ONTHAAL_PROXIES = environment.whole_number("ONTHAAL_PROXIES", 1 if PRODUCTION else 0)

SECRET_KEY = derived_from(ONTHAAL_SECRET, "django").hex()
DEBUG = False
ALLOWED_HOSTS = ["*"]  # the host decides the municipality; an unknown one gets a page that says so

# -- the parts that hang on names ------------------------------------------------------------------------------

ONTHAAL_FOLLOWERS = "onthaal.central.followers.FOLLOWERS"
"""What follows from which journal entry."""
ONTHAAL_LINK_VIEW = "portal-request"
"""The page that a mail link's token shows."""
ONTHAAL_MINE_VIEW = "portal-mine"
"""The page on which somebody who signed in sees their own requests."""
ONTHAAL_ACCOUNT_CHANGED = "onthaal.central.lockers.access.badges.account_changed"
"""Called with the account, inside the transaction that changes or closes it."""
ONTHAAL_SIGNED_IN = environment.optional("ONTHAAL_SIGNED_IN", "onthaal.central.web.signed_in.follow")
"""Called with the request and what came of a sign-in with a provider; answers the page that follows."""

INSTALLED_APPS = [
    "onthaal.central.web.apps.WebConfig",
    "onthaal.central.lockers.apps.LockersConfig",
    "onthaal.central.foundation.apps.FoundationConfig",
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "procrastinate.contrib.django",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "onthaal.central.web.middleware.SafeHeaders",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "onthaal.central.web.middleware.SpokenLanguage",
    "onthaal.central.web.middleware.MunicipalityByHost",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "onthaal.central.web.middleware.SessionLimits",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "onthaal.central.web.middleware.Gates",
]

ROOT_URLCONF = "onthaal.central.web.urls"
WSGI_APPLICATION = "onthaal.central.web.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [FACES / "citizen" / "templates", FACES / "staff" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["onthaal.central.web.templatetags.onthaal"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "onthaal.central.web.context.shell",
            ],
        },
    }
]
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# -- the database ------------------------------------------------------------------------------------------------

_APPLICATION = environment.wanted("ONTHAAL_DATABASE_URL", "the application role's database, postgresql://…")
_OWNER = environment.optional("ONTHAAL_OWNER_DATABASE_URL")

DATABASES: dict[str, dict[str, object]] = {
    "default": environment.database(_APPLICATION, "ONTHAAL_DATABASE_URL")
    | {"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": True, "ATOMIC_REQUESTS": True}
}
# Statements are prepared on the server: a quarter to 40 % less of PostgreSQL's work for each fact heard.
DATABASES["default"]["OPTIONS"] = {
    **environment.database(_APPLICATION, "ONTHAAL_DATABASE_URL")["OPTIONS"],  # type: ignore[dict-item]
    "server_side_binding": True,
    "prepare_threshold": 3,
}
if _OWNER:
    DATABASES["owner"] = environment.database(_OWNER, "ONTHAAL_OWNER_DATABASE_URL")
DATABASE_ROUTERS = ["onthaal.central.foundation.roles.OnlyTheOwnerMigrates"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# -- people and sessions -----------------------------------------------------------------------------------------

AUTH_USER_MODEL = "foundation.Account"
AUTHENTICATION_BACKENDS = ["onthaal.central.foundation.people.backend.LocalAccounts"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "onthaal.central.foundation.people.passwords.LongEnough", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "/desk/"
SESSION_COOKIE_AGE = 8 * 3600
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
ONTHAAL_SESSION_IDLE_SECONDS = 30 * 60
CSRF_FAILURE_VIEW = "onthaal.central.web.views.csrf_failure"

# -- languages and time ------------------------------------------------------------------------------------------

LANGUAGE_CODE = "nl"
LANGUAGES = [("nl", "Nederlands"), ("fr", "Français"), ("en", "English")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
ONTHAAL_SHOWN_TIME_ZONE = "Europe/Brussels"

# -- files -------------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATICFILES_DIRS = [folder for face in ("citizen", "staff") if (folder := FACES / face / "static").is_dir()]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_000_000
FILE_UPLOAD_HANDLERS = ["onthaal.central.web.uploads.BoundedUpload"]

# -- the line ----------------------------------------------------------------------------------------------------

SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_TRUSTED_ORIGINS = [ONTHAAL_PUBLIC_URL] if urlsplit(ONTHAAL_PUBLIC_URL).scheme == "https" else []
if PRODUCTION:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"

SILENCED_SYSTEM_CHECKS = [
    "auth.E003",  # user names are unique within a municipality
    "auth.W004",
    "security.W005",  # which host names there are is a matter of each municipality
    "security.W021",
]

# -- jobs --------------------------------------------------------------------------------------------------------

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "procrastinate_tasks"
PROCRASTINATE_IMPORT_PATHS = ["onthaal.central.web.jobs"]

LOGGING_CONFIG = None
logs.begin()
