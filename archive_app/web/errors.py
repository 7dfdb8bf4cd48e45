"""Every error a person can meet, handled once: refusals with their clause, and pages that help."""

from __future__ import annotations

import logging
import secrets
from typing import Any

import peewee as pw
from flask import Flask, Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_limiter import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from archive_app.core.db import db
from archive_app.core.errors import Invalid, Misconfigured, NotFound, Refused
from archive_app.core.i18n import _
from archive_app.people import access

log = logging.getLogger(__name__)


def refused(error: Refused) -> ResponseReturnValue:
    """409 with the four parts of the refusal (403 for a missing permission); audited on its own."""
    access.note_refusal(error)
    status = 403 if error.code == "permission" else 409
    if access.wants_json():
        return jsonify(error.as_dict()), status
    return _page("refused", status, refusal=error)


def not_found(error: NotFound | HTTPException) -> ResponseReturnValue:
    """404; the same for what does not exist and for what the person may not know exists.

    Trying numbers leaves a trace, because five of them are an alarm (AUD-01).
    """
    if isinstance(error, NotFound) and access.current_user() is not None:
        access.note_refusal(Refused("not_found", ""))
    return _answer("not_found", 404, _("没有这一页，或者它不在你的范围内。"))


def forbidden(_error: HTTPException) -> ResponseReturnValue:
    """403 for a route that names no permission."""
    return _answer("forbidden", 403, _("这一页没有开放。"))


def invalid(error: Invalid) -> ResponseReturnValue:
    """422 for input that a view did not show beside its fields."""
    if access.wants_json():
        return jsonify(code="invalid", message=str(error), fields=error.fields), 422
    return _page("invalid", 422, fields=error.fields)


def expired(error: CSRFError) -> ResponseReturnValue:
    """400 when the form is older than the session."""
    return _answer(
        "expired", 400, _("页面放得太久，没有改动任何记录。请返回后重填。"), detail=error.description
    )


def too_large(_error: HTTPException) -> ResponseReturnValue:
    """413 with the limit in words."""
    return _answer("too_large", 413, _("文件太大，没有收下。请分成几份再传。"))


def throttled(error: RateLimitExceeded) -> ResponseReturnValue:
    """429 for too many sign-ins from one address."""
    response = _answer("throttled", 429, _("试得太快。请一分钟后再试。"), detail=str(error.description))
    return response


def misconfigured(error: Misconfigured) -> ResponseReturnValue:
    """503 naming the command that mends it."""
    log.error("misconfigured: %s", error)
    return _answer("misconfigured", 503, str(error))


def http(error: HTTPException) -> ResponseReturnValue:
    """Any other HTTP error, in our own page."""
    if error.response is not None:
        return error
    return _answer("http", error.code or 500, _("这一步没有办成。请返回后再试。"))


def crashed(error: Exception) -> ResponseReturnValue:
    """500 with an id that is in the log, so that a person can say which one it was."""
    error_id = secrets.token_hex(4)
    if isinstance(error, (pw.OperationalError, pw.InterfaceError)):
        db.close()  # each thread keeps its connection; after a broken one the next request gets a new one
    log.exception("error %s at %s", error_id, request.path, exc_info=error)
    return _answer("crashed", 500, _("程序出了差错，没有改动任何记录。"), error_id=error_id)


def _answer(page: str, status: int, message: str, **more: Any) -> ResponseReturnValue:
    if access.wants_json():
        return jsonify({"code": page, "message": message} | more), status
    return _page(page, status, message=message, **more)


def _page(page: str, status: int, **values: Any) -> ResponseReturnValue:
    return Response(render_template(f"pages/errors/{page}.html", **values), status)


def install(app: Flask) -> None:
    """Register the handlers."""
    for kind, handler in (
        (Refused, refused),
        (NotFound, not_found),
        (Invalid, invalid),
        (Misconfigured, misconfigured),
        (CSRFError, expired),
        (RateLimitExceeded, throttled),
        (404, not_found),
        (403, forbidden),
        (413, too_large),
        (HTTPException, http),
        (Exception, crashed),
    ):
        app.register_error_handler(kind, handler)  # type: ignore[arg-type]
