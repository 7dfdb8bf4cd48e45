"""Serves our own css, js and icons, and the few Bootstrap files we use from their installed package."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from flask import Blueprint, Flask, Response, abort, current_app, send_file, url_for

blueprint = Blueprint("assets", __name__)

_OWN = Path(__file__).parent / "static"
_VENDOR = {
    "vendor/bootstrap.min.css": "css/bootstrap.min.css",
    "vendor/bootstrap-icons.min.css": "css/font/bootstrap-icons.min.css",
    "vendor/fonts/bootstrap-icons.woff2": "css/font/fonts/bootstrap-icons.woff2",
    "vendor/fonts/bootstrap-icons.woff": "css/font/fonts/bootstrap-icons.woff",
}


@cache
def _vendor_root() -> Path:
    """The folder of Bootstrap 5 inside the installed Bootstrap-Flask package."""
    spec = find_spec("flask_bootstrap")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("Bootstrap-Flask")
    return Path(spec.submodule_search_locations[0]) / "static" / "bootstrap5"


@cache
def _files() -> dict[str, Path]:
    """Every file that may be served, by the name it is asked for."""
    own = {f.relative_to(_OWN).as_posix(): f for f in sorted(_OWN.rglob("*")) if f.is_file()}
    return own | {name: _vendor_root() / inside for name, inside in _VENDOR.items()}


@cache
def version() -> str:
    """A short hash over all served files; part of every address, so relative imports carry it too."""
    digest = hashlib.sha256()
    for name, path in sorted(_files().items()):
        digest.update(name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:10]


def asset(name: str) -> str:
    """The address of a file of ours or of Bootstrap, e.g. ``asset("ui.css")``."""
    return url_for("assets.serve", stamp=version(), name=name)


@blueprint.get("/assets/<stamp>/<path:name>")
def serve(stamp: str, name: str) -> Response:
    """Send one listed file; kept for a year when the address carries the present hash."""
    path = _files().get(name)
    if path is None:
        abort(404)
    response = send_file(path, conditional=True)
    response.cache_control.public = True
    if stamp == version() and not current_app.debug:
        response.cache_control.no_cache = None
        response.cache_control.max_age = 31_536_000
        response.cache_control.immutable = True
    return response


@blueprint.get("/favicon.ico")
def favicon() -> Response:
    """Browsers ask for it by themselves."""
    return send_file(_files()["ico/fav.svg"], mimetype="image/svg+xml", max_age=86_400)


def install(app: Flask) -> None:
    """Register the addresses and give every template ``asset(name)``."""
    app.register_blueprint(blueprint)
    app.jinja_env.globals["asset"] = asset
