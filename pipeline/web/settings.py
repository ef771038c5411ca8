"""Settings of the office. Two knobs from outside: LUOSHI_HOME (folder of all that is kept) and DATABASE_URL (PostgreSQL instead of SQLite).

LUOSHI_HTTPS=1 says that a reverse proxy speaks HTTPS for us; LUOSHI_HOSTS lists the names the office answers to, `*` where it is not set.
"""

import os
import secrets
from pathlib import Path
from urllib.parse import unquote, urlsplit

HOME = Path(os.environ.get("LUOSHI_HOME", "outputs/office")).resolve()
FILE_LIMIT = 50 * 1024 * 1024  # bytes of one plan; the largest real plan seen had 12 MB
ZIP_LIMIT = 200 * 1024 * 1024  # bytes of one zip of plans
FILES_LIMIT = 60  # files in one upload
DECISION_DELAY = 60  # seconds from a decision to new reports: a person who reviews makes several
JOB_SECONDS = 1800  # a check of a whole campaign; a first check of forty plans takes two minutes
JOB_MEMORY = 4 * 1024**3  # address space of one child, bytes


def _kept_secret(name: str) -> str:
    """A random word made on the first start, readable by its owner only."""
    path = HOME / name
    HOME.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    return path.read_text()


def _database(url: str | None) -> dict:
    if not url:
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": HOME / "office.sqlite3",
                "OPTIONS": {"init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;", "transaction_mode": "IMMEDIATE", "timeout": 20}}
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql"):
        raise ValueError("DATABASE_URL：只支持 postgresql://用户:口令@主机:端口/库名；不设则用内置 SQLite")
    return {"ENGINE": "django.db.backends.postgresql", "NAME": parts.path.lstrip("/"), "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""), "HOST": parts.hostname or "", "PORT": str(parts.port or "")}


SECRET_KEY = _kept_secret("secret")
DEBUG = False
ALLOWED_HOSTS = os.environ.get("LUOSHI_HOSTS", "*").split(",")
DATABASES = {"default": _database(os.environ.get("DATABASE_URL"))}
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "django.contrib.messages", "django.contrib.staticfiles", "pipeline.web"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "pipeline.web.rights.strict_headers",
    "pipeline.web.journal.requests",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
CSRF_FAILURE_VIEW = "pipeline.web.views.refused"
ROOT_URLCONF = "pipeline.web.urls"
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True, "OPTIONS": {"context_processors": [
    "django.template.context_processors.request", "django.contrib.auth.context_processors.auth", "django.contrib.messages.context_processors.messages",
    "pipeline.web.rights.in_templates"]}}]
WSGI_APPLICATION = "pipeline.web.server.application"
AUTH_USER_MODEL = "web.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL, LOGIN_REDIRECT_URL, LOGOUT_REDIRECT_URL = "login", "home", "login"
LANGUAGE_CODE, TIME_ZONE, USE_TZ = "zh-hans", "Asia/Shanghai", True
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True  # the assets come from the package: nothing to collect
DATA_UPLOAD_MAX_NUMBER_FILES = FILES_LIMIT
SESSION_COOKIE_AGE, SESSION_SAVE_EVERY_REQUEST, SESSION_EXPIRE_AT_BROWSER_CLOSE = 30 * 60, True, True
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Strict"
LOGGING = {  # who asked for what and how it ended; never a document's text, a file's name or what an exception says of them
    "version": 1, "disable_existing_loggers": False,
    "formatters": {"plain": {"()": "pipeline.web.journal.Plain"}},
    "handlers": {"office": {"class": "logging.handlers.RotatingFileHandler", "filename": HOME / os.environ.get("LUOSHI_LOG", "office.log"), "maxBytes": 10_000_000, "backupCount": 5, "encoding": "utf-8",
                            "delay": True, "formatter": "plain"}},
    "loggers": {"luoshi": {"handlers": ["office"], "level": "INFO", "propagate": False},
                "django.request": {"handlers": ["office"], "level": "ERROR", "propagate": False},
                "django.security": {"handlers": ["office"], "level": "ERROR", "propagate": False}}}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
if os.environ.get("LUOSHI_HTTPS") == "1":
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS, SECURE_HSTS_INCLUDE_SUBDOMAINS, SECURE_HSTS_PRELOAD = 31536000, True, True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
