"""The language of the reader: setting, else cookie, else browser; Chinese is the source."""

from __future__ import annotations

from flask import Flask, current_app, g, has_request_context, request
from flask_babel import Babel, get_domain, get_locale

from archive_app.core import db as database
from archive_app.core import i18n
from archive_app.people import access, rules

COOKIE = "lang"


def choose() -> str:
    """The code of the reader's language, one of the rule's list."""
    user = access.current_user() if _may_ask_session() else None
    if user is not None and user.locale in rules.LOCALES:
        return str(user.locale)
    cookie = request.cookies.get(COOKIE)
    if cookie in rules.LOCALES:
        return str(cookie)
    return request.accept_languages.best_match(rules.LOCALES) or rules.LOCALES[0]


def _may_ask_session() -> bool:
    """Loading the session may itself fail and need a translated error; never ask twice."""
    return "_login_user" in g


def translate(text: str) -> str:
    """The text in the reader's language; outside of a request as it is written.

    A page asks some hundred times, so the catalog is looked up once a request.
    """
    if not has_request_context() or "babel" not in current_app.extensions:
        return text
    if (say := g.get("say")) is None:
        say = g.say = get_domain().get_translations().ugettext
    return str(say(text))


def code() -> str:
    """The language of this request: zh or en."""
    return "en" if str(get_locale()).startswith("en") else "zh"


def install(app: Flask) -> None:
    """Give the app its languages, and every room and template the same `_`."""
    folder = str(database.ROOT / "translations")
    Babel(
        app,
        default_locale="zh",
        default_timezone="Asia/Shanghai",
        default_translation_directories=folder,
        locale_selector=choose,
    )
    i18n.set_translator(translate)
    # The same `_` as in Python: a lone % in a text without values stays a %.
    app.jinja_env.globals.update(_=i18n._, gettext=i18n._)
