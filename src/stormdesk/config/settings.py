"""Django's settings, all derived from the environment (see environment.py)."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONCE, NONE, SELF
from django.core.management.utils import get_random_secret_key

from stormdesk.config.environment import Environment
from stormdesk.config.logs import logging_config
from stormdesk.core.vault import Vault, create_private

PACKAGE = Path(__file__).resolve().parent.parent
STORMDESK = Environment()
DATA = STORMDESK.data
VAULT = Vault.at(DATA / "vault.key")


def _secret_key() -> str:
    if STORMDESK.secret_key:
        return STORMDESK.secret_key
    create_private(DATA / "secret.key", get_random_secret_key())
    return (DATA / "secret.key").read_text().strip()


SECRET_KEY = _secret_key()
DEBUG = STORMDESK.debug
SITE_URL = STORMDESK.url
ALLOWED_HOSTS = sorted(
    {"127.0.0.1", "localhost", "[::1]", STORMDESK.host, urlsplit(SITE_URL).hostname or "localhost"}
    | {name.strip() for name in STORMDESK.allowed_hosts.split(",") if name.strip()}
)
CSRF_TRUSTED_ORIGINS = [SITE_URL]

STAGES = [
    "people", "journal", "notify", "accounts", "policy", "listen", "detect", "declare", "secure",
    "pause", "coordinate", "publish", "reply", "watch", "learn",
]  # fmt: skip

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_cotton",
    "django_htmx",
    "template_partials",
    *(f"stormdesk.{stage}" for stage in STAGES),
    "stormdesk.web",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "stormdesk.people.middleware.person",
    "stormdesk.people.middleware.errors",
]

ROOT_URLCONF = "stormdesk.config.urls"
WSGI_APPLICATION = "stormdesk.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # allauth's pages are overridden by people/templates, which must be found before allauth's own.
        "DIRS": [PACKAGE / "people" / "templates", PACKAGE / "web" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "stormdesk.web.context.shell",
            ],
        },
    }
]

FORM_RENDERER = "stormdesk.web.forms.Renderer"

DATABASES = {"default": STORMDESK.database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Rate limits and lockouts must hold across processes, so the cache is a table.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "people_cache"}}

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "stormdesk.people.sign_in.Adapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/5m/key"}
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_REQUIRED = False
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Stormdesk"
# Keeping the time of each visit would make every page a write, queueing behind ingest in a storm (G10).
USERSESSIONS_TRACK_ACTIVITY = False
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SITE_URL.startswith("https://")
SESSION_COOKIE_NAME = "stormdesk_session"
CSRF_COOKIE_HTTPONLY = False

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Nothing is ever loaded from elsewhere by the reader's browser (G9). Style attributes carry meter widths.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "style-src-attr": ["'unsafe-inline'"],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
    }
}

LANGUAGES = [("en", "English"), ("ru", "Русский")]
# Rooms that are no Django apps bring their own strings too.
LOCALE_PATHS = [
    PACKAGE / room / "locale" for room in ("api", "core", "flows", "jobs", "networks", "understand")
]
LANGUAGE_CODE = STORMDESK.language
USE_I18N = USE_TZ = True
TIME_ZONE = "UTC"
USE_THOUSAND_SEPARATOR = False
FORMAT_MODULE_PATH = ["stormdesk.config.formats"]

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 0 if DEBUG else 3600
MEDIA_ROOT = DATA / "media"
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024

DEFAULT_FROM_EMAIL = SERVER_EMAIL = STORMDESK.mail_from
globals().update(STORMDESK.mail())

LOGGING = logging_config(STORMDESK.log_level, STORMDESK.log_format)
