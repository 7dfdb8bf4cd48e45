"""The application factory: settings, database, guards, language, headers and the rooms' routes."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import peewee as pw
from flask import Blueprint, Flask, Response
from flask_wtf import CSRFProtect

from archive_app import __version__
from archive_app.core import db as database
from archive_app.core import jobs, storage
from archive_app.people import access
from archive_app.people.views import limiter
from archive_app.web import assets, errors, language, marks, shell, templates

ROOMS = (
    "people", "notices", "alarms", "approvals", "prints", "records", "stacks", "scans", "volumes", "loans",
    "desk", "reports", "revisions", "web",
)  # fmt: skip

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
csrf = CSRFProtect()


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """Build the web application; ``config`` wins over the environment.

    Reads DATABASE_URL, QUEUE_URL, STORAGE_URL, DEMO, SECRET_KEY, RATELIMIT_STORAGE_URI, PROXIES.
    With ``DATABASE_URL`` None the database that is already bound stays (tests).
    """
    app = Flask("archive_app", root_path=str(database.ROOT), template_folder="templates", static_folder=None)
    app.config.from_mapping(settings() | dict(config or {}))
    app.config["SECRET_KEY"] = app.config["SECRET_KEY"] or _kept_secret(database.ROOT / "instance")
    _bind(app)
    _behind_proxies(app)
    csrf.init_app(app)
    access.install(app)
    limiter.init_app(app)
    templates.install(app)
    language.install(app)
    marks.install(app)
    assets.install(app)
    shell.install(app)
    errors.install(app)
    _register_rooms(app)
    _open_to_all(app)
    app.after_request(_headers)
    return app


def settings() -> dict[str, Any]:
    """The settings as the environment gives them."""
    env = os.environ.get
    return {
        "DATABASE_URL": env("DATABASE_URL") or database.DEFAULT_URL,
        "QUEUE_URL": env("QUEUE_URL") or jobs.DEFAULT_URL,
        "STORAGE_URL": env("STORAGE_URL") or storage.DEFAULT_URL,
        "DEMO": env("DEMO", "0") not in ("", "0", "no", "false"),
        "SECRET_KEY": env("SECRET_KEY"),
        "PROXIES": int(env("PROXIES", "0")),
        "RATELIMIT_STORAGE_URI": env("RATELIMIT_STORAGE_URI", "memory://"),
        "RATELIMIT_HEADERS_ENABLED": False,
        "SIGN_IN_RATE": "30 per minute",
        "MAX_CONTENT_LENGTH": 256 * 1024 * 1024,  # a scanned folder as one PDF
        "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
        "SESSION_COOKIE_NAME": "archive",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": env("HTTPS", "0") == "1",
        "WTF_CSRF_TIME_LIMIT": 12 * 3600,
    }


def _kept_secret(folder: Path) -> str:
    """The key that signs cookies, made once and readable by the owner only."""
    path = folder / "secret_key"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text()
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_hex(32))
    return path.read_text()


def _bind(app: Flask) -> None:
    """Bind database, queue and storage; a setting of None leaves what is bound already."""
    if app.config["DATABASE_URL"]:
        database.connect(app.config["DATABASE_URL"])
    if app.config["QUEUE_URL"]:
        jobs.open_queue(app.config["QUEUE_URL"])
    if app.config["STORAGE_URL"]:
        storage.open_storage(app.config["STORAGE_URL"])


def _behind_proxies(app: Flask) -> None:
    """Trust as many proxies as were named, so that throttling sees the caller's own address."""
    if count := app.config["PROXIES"]:
        from werkzeug.middleware.proxy_fix import ProxyFix

        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]


def _register_rooms(app: Flask) -> None:
    """Register the blueprints of every ``views`` and ``*_views`` module of every room."""
    for room in ROOMS:
        package = import_module(f"archive_app.{room}")
        names = [info.name for info in iter_modules(package.__path__) if f"_{info.name}".endswith("_views")]
        modules = [import_module(f"archive_app.{room}.{name}") for name in names]  # all routes, then register
        for value in (value for module in modules for value in vars(module).values()):
            if isinstance(value, Blueprint) and value.name not in app.blueprints:
                app.register_blueprint(value)


def _open_to_all(app: Flask) -> None:
    for endpoint in ("assets.serve", "assets.favicon"):
        access.public(app.view_functions[endpoint])


def _headers(response: Response) -> Response:
    headers = response.headers
    headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    if "Cache-Control" not in headers:  # pages and images of classified folders are kept by nobody
        headers["Cache-Control"] = "no-store"
    return response


def versions() -> dict[str, str]:
    """Versions and driver for the log line at start: peewee takes pysqlite3 when that is installed."""
    engine = vars(pw)["sqlite3"] if database.is_sqlite() else None
    driver = f"{engine.__name__} {engine.sqlite_version}" if engine else "psycopg"
    return {"archive": __version__, "peewee": version("peewee"), "driver": driver}
