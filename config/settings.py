"""Every setting of Twelvefold. What differs between deployments comes from the environment and from nowhere else."""

from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from environs import Env, validate

from apps.embedded.places import Places
from config import logs
from config.languages import languages_in

BASE_DIR = Path(__file__).resolve().parent.parent
env = Env()

# --- where this deployment lives ---------------------------------------------------------------------------------
_places = Places.from_environment()
DATA_DIR = _places.data
DATABASE_URL = env.str("DATABASE_URL", "")
REDIS_URL = env.str("REDIS_URL", "")
EMBEDDED = not DATABASE_URL

DEBUG = env.bool("DEBUG", False)
SECRET_KEY = _places.secret_key() if EMBEDDED and not env.str("SECRET_KEY", "") else env.str("SECRET_KEY")
# Seal tokens and secrets at rest, the first for new ones; without any, a key derived from SECRET_KEY does.
FIELD_KEYS: list[str] = env.list("FIELD_KEYS", [])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
HTTPS = env.bool("HTTPS", not EMBEDDED)
TRUST_PROXY = env.bool("TRUST_PROXY", False)
TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", 1, validate=validate.Range(min=1, max=9)) if TRUST_PROXY else 0
PUBLIC_READ = env.bool("PUBLIC_READ", False)
TIME_ZONE = env.str("TIME_ZONE", "UTC")

# --- the application ------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "apps.teams",
    "apps.adoption",
    "apps.repositories",
    "apps.scans",
    "apps.webhooks",
    "apps.reports",
    "apps.dashboard",
    "apps.embedded",
    "apps.operating",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "csp",
    "django_htmx",
]
MIDDLEWARE = [
    "config.requests.log_requests",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.caching.keep_private",
    "apps.teams.origin.OriginMiddleware",
    "apps.dashboard.permissions_policy.PermissionsPolicyMiddleware",
    "csp.middleware.CSPMiddleware",
    "config.believing.forget_impossible_sessions",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "config.probes.answer_probes",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "apps.teams.reading.SignInMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "apps.dashboard.context.frame",
            ],
            "builtins": ["django.templatetags.i18n"],
        },
    },
]
LANGUAGE_CODE = "en-gb"
# English is in the pages themselves; each catalogue in locale/ adds a language, and the browser chooses.
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGES = [(LANGUAGE_CODE, "English"), *languages_in(LOCALE_PATHS[0])]
USE_TZ = True

# --- who signs in ----------------------------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = LOGOUT_REDIRECT_URL = "account_login"
LOGIN_REDIRECT_URL = "overview"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]

ACCOUNT_ADAPTER = "apps.teams.sign_in.accounts.AccountAdapter"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_UNIQUE_EMAIL = False  # else an address at the provider would say whether somebody here has it
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/5m/key"}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ADAPTER = "apps.teams.sign_in.second_step.SecondStepAdapter"
MFA_FORMS = {
    "login_webauthn": "apps.teams.sign_in.keys.SignInByKey",
    "authenticate_webauthn": "apps.teams.sign_in.keys.AuthenticateByKey",
    "reauthenticate_webauthn": "apps.teams.sign_in.keys.ConfirmByKey",
    "add_webauthn": "apps.teams.sign_in.keys.AddKey",
}
MFA_TOTP_ISSUER = "Twelvefold"
MFA_TOTP_TOLERANCE = 1  # a code may change while it is typed, or on its way (RFC 6238, section 5.2)
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS  # browsers still ask for https, except on this machine

OIDC_ISSUER = env.str("OIDC_ISSUER", "").rstrip("/")
OIDC_LABEL = env.str("OIDC_LABEL", "Sign in with your organisation")
OIDC_GROUP_CLAIM = env.str("OIDC_GROUP_CLAIM", "groups")
OIDC_GROUPS = env.list("OIDC_GROUPS", [], subcast=str)
SOCIALACCOUNT_ADAPTER = "apps.teams.sign_in.sso.SingleSignOnAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = env.bool(
    "OIDC_LINK_BY_EMAIL", False
)
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "sso",
                "name": OIDC_LABEL,
                "client_id": env.str("OIDC_CLIENT_ID"),
                "secret": env.str("OIDC_CLIENT_SECRET"),
                "settings": {
                    "server_url": OIDC_ISSUER,
                    "scope": env.list("OIDC_SCOPES", ["openid", "profile", "email"]),
                },
            }
        ]
        if OIDC_ISSUER
        else [],
    }
}
MAIL = bool(env.str("EMAIL_URL", ""))
if MAIL:
    _mail = env.dj_email_url("EMAIL_URL")
    EMAIL_BACKEND, EMAIL_HOST, EMAIL_PORT = _mail["EMAIL_BACKEND"], _mail["EMAIL_HOST"], _mail["EMAIL_PORT"]
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_USER"], _mail["EMAIL_HOST_PASSWORD"]
    EMAIL_USE_TLS, EMAIL_USE_SSL = _mail["EMAIL_USE_TLS"], _mail["EMAIL_USE_SSL"]
EMAIL_TIMEOUT = 20  # seconds
DEFAULT_FROM_EMAIL = env.str("MAIL_FROM", "twelvefold@localhost")

# --- backing services ------------------------------------------------------------------------------------------------
DATABASES = {"default": env.dj_db_url("DATABASE_URL", _places.database_url)}
DATABASES["default"].setdefault("OPTIONS", {})["pool"] = {
    "min_size": 1,
    "max_size": env.int("DATABASE_POOL_SIZE", 8),
    "timeout": 10,
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
BROKER_URL = REDIS_URL or _places.redis_url
CACHES = {"default": {"BACKEND": "config.cache.PatientRedisCache", "LOCATION": BROKER_URL}}

SILENCED_SYSTEM_CHECKS: list[str] = env.list("SILENCED_SYSTEM_CHECKS", [])

# --- scans -----------------------------------------------------------------------------------------------------------
LOCAL_REPOSITORY_ROOTS = [Path(root).expanduser() for root in env.list("LOCAL_REPOSITORY_ROOTS", [], subcast=str)]
# Forges inside the company: their networks, ports, authority, and the proxy through which git must go.
ALLOWED_PRIVATE_NETWORKS = env.list("ALLOWED_PRIVATE_NETWORKS", [], subcast=ip_network)
ALLOWED_PORTS = env.list("ALLOWED_PORTS", [443], subcast=int)
FORGE_CA_FILE = env.str("FORGE_CA_FILE", "")
EGRESS_PROXY = env.str("EGRESS_PROXY", "", validate=validate.Regexp(r"|(?:https?|socks5h)://\S+"))
MIRROR_DIR = Path(env.str("MIRROR_DIR", str(DATA_DIR / "mirrors"))).absolute()
SCAN_INTERVAL = timedelta(hours=env.int("SCAN_INTERVAL_HOURS", 24, validate=validate.Range(min=1)))
SCAN_DEADLINE = timedelta(seconds=env.int("SCAN_DEADLINE_SECONDS", 600, validate=validate.Range(min=10)))
FETCH_MAX_MB = env.int("FETCH_MAX_MB", 256, validate=validate.Range(min=1))
SCAN_MEMORY_MB = env.int("SCAN_MEMORY_MB", 2048, validate=validate.Range(min=256))
SCAN_ATTEMPTS = 3
SCANS_PER_FORGE = env.int("SCANS_PER_FORGE", 16, validate=validate.Range(min=1))
SCAN_HISTORY = timedelta(days=env.int("SCAN_HISTORY_DAYS", 90, validate=validate.Range(min=1)))
MIRROR_CACHE_BYTES = env.int("MIRROR_CACHE_GB", 20, validate=validate.Range(min=1)) * 10**9
SCAN_LEASE = timedelta(seconds=20)  # renewed every 3 s: a worker that was killed is missed after 25 s at most
# How much of a project's past is judged when it is added: a commit a week, then one a month. Both 0: none.
BACKFILL_WEEKS = env.int("BACKFILL_WEEKS", 13, validate=validate.Range(min=0, max=104))
BACKFILL_MONTHS = env.int("BACKFILL_MONTHS", 12, validate=validate.Range(min=0, max=120))
BACKFILL_COMMITS = env.int("BACKFILL_COMMITS", 20_000, validate=validate.Range(min=1))
BACKFILL_MAX_MB = env.int("BACKFILL_MAX_MB", 512, validate=validate.Range(min=1))
BACKFILL_DEADLINE = timedelta(seconds=env.int("BACKFILL_DEADLINE_SECONDS", 1800, validate=validate.Range(min=10)))
BACKFILLS_AT_ONCE = env.int("BACKFILLS_AT_ONCE", 1, validate=validate.Range(min=1))

METRICS_TOKEN = env.str("METRICS_TOKEN", "")  # opens /metrics; empty: closed
ALIVE_FILE = env.str("ALIVE_FILE", "")  # touched by worker and beat while they work; empty: none

# --- webhooks --------------------------------------------------------------------------------------------------------
WEBHOOK_MOST_BYTES = 25 * 1024 * 1024  # what the largest forge sends at most
WEBHOOK_HISTORY = timedelta(days=env.int("WEBHOOK_HISTORY_DAYS", 30, validate=validate.Range(min=1)))

# --- Celery: a wake-up may be lost or doubled without harm, so acknowledging early is right -------------------------
CELERY_BROKER_URL = (
    f"redis+socket://{BROKER_URL.removeprefix('unix://')}" if BROKER_URL.startswith("unix:") else BROKER_URL
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a broker may be away for as long as it likes
# A broker that is away must not hold a web request up: sending fails at once, and the sweep sends again.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "socket_connect_timeout": 2,
    "socket_timeout": 4,
    "max_retries": 1,
    "interval_start": 0,
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.1}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_CONSUMER = "apps.scans.liveness:Consumer"
CELERY_BEAT_SCHEDULER = "apps.scans.liveness:Scheduler"  # keeps no file: slots of projects are in the database
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "scans.sweep", "schedule": 5.0},
    "schedule": {"task": "scans.schedule", "schedule": 60.0},
    "prune": {"task": "scans.prune", "schedule": 3600.0},
    "prune-deliveries": {"task": "webhooks.prune", "schedule": 3600.0},
}

# --- static files ---------------------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_MAX_AGE = 3600

# --- browser safety -------------------------------------------------------------------------------------------------
# A browser follows a form's redirect to the organisation's sign-in only when the policy names where it leads.
FORM_TARGETS = [
    f"{parts.scheme}://{parts.netloc}"
    for parts in map(urlsplit, filter(None, [OIDC_ISSUER, *env.list("OIDC_ORIGINS", [], subcast=str)]))
]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF, *FORM_TARGETS],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUST_PROXY else None
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = ("__Host-session", "__Host-csrf") if HTTPS else ("sessionid", "csrftoken")
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_000_000  # the longest list of addresses to import is a fraction of that
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
DATA_UPLOAD_MAX_NUMBER_FILES = 1
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
X_FRAME_OPTIONS = "DENY"
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [])

# --- logs: one stream, stdout -----------------------------------------------------------------------------------------
LOG_FORMAT = env.str("LOG_FORMAT", "text" if EMBEDDED else "json", validate=validate.OneOf(["json", "text"]))
LOGGING = logs.configured(level=env.str("LOG_LEVEL", "INFO"), form=LOG_FORMAT)
