"""Who may call a route: everything is denied unless the route names its permission."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import flask_login
from flask import Flask, Response, abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from archive_app.core import clock
from archive_app.core.errors import Refused
from archive_app.core.work import work
from archive_app.people import rules, service, uses
from archive_app.people.actor import Actor, system
from archive_app.people.models import Department, User

F = TypeVar("F", bound=Callable[..., Any])
PUBLIC = ("public",)
login_manager = flask_login.LoginManager()


class Session(flask_login.UserMixin):
    """A signed-in person for flask-login; the id in the cookie carries the account's session key."""

    def __init__(self, user: User) -> None:
        self.user = user

    def get_id(self) -> str:
        return f"{self.user.id}.{self.user.session_key}"


def needs(*permissions: str) -> Callable[[F], F]:
    """Mark a view as open to holders of a permission of the rule book (of several: any of them)."""

    def mark(view: F) -> F:
        view.access = permissions  # type: ignore[attr-defined]
        return view

    return mark


def public(view: F) -> F:
    """Mark a view as open to everybody, signed in or not."""
    view.access = PUBLIC  # type: ignore[attr-defined]
    return view


def access_of(view: Callable[..., Any]) -> tuple[str, ...] | None:
    """What a view demands: any of these permissions, `PUBLIC`, or None when nobody marked it."""
    return getattr(view, "access", None)


def current_user() -> User | None:
    """The signed-in person's row, or None."""
    session = flask_login.current_user
    return session.user if session.is_authenticated else None


def current_actor() -> Actor:
    """The signed-in person as who acts; 401 when nobody is signed in. Built once a request."""
    if "actor" not in g:
        user = current_user()
        if user is None:
            abort(401)
        g.actor = service.actor_of(user, now())
    return g.actor


def now() -> datetime:
    """The moment of this request, the same for everything it does."""
    if "at" not in g:
        g.at = clock.now()
    return g.at


def guard() -> ResponseReturnValue | None:
    """Stop a request unless its view is public, or the person holds the permission it names.

    Raises Refused: permission. 403 for views that nobody marked.
    """
    if request.endpoint is None:
        return None  # no such address: the 404 page
    access = access_of(current_app.view_functions[request.endpoint])
    if access == PUBLIC:
        return None
    if current_user() is None:
        return login_manager.unauthorized()
    if access is None:
        abort(403)
    actor = current_actor()
    uses.note_use(actor, request.remote_addr or "", request.user_agent.string, now())
    if not any(actor.can(permission) for permission in access):
        actor.must(access[0])
    return None


@login_manager.user_loader
def load_session(identity: str) -> Session | None:
    """The person of a session cookie, unless the password changed, or the account was closed, since."""
    user_id, _dot, key = identity.partition(".")
    if not user_id.isdigit():
        return None
    rows = User.select(User, Department).left_outer_join(Department)
    user = rows.where((User.id == int(user_id)) & (User.session_key == key) & User.active).first()
    if user is None or rules.authority_ended(user.authority_ends, now()):
        return None
    return Session(user)


@login_manager.unauthorized_handler
def ask_to_sign_in() -> ResponseReturnValue:
    """Send people to the sign-in page and back afterwards; tell scripts 401."""
    if wants_json():
        return Response('{"code": "sign_in"}', 401, mimetype="application/json")
    here = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("people.sign_in_form", next=None if here == "/" else here), 303)


def note_refusal(error: Refused) -> None:
    """Put a refusal on the audit chain in a work of its own, because the verb's work was rolled back.

    The error page does it; views that catch a refusal to keep what was typed call it themselves.
    """
    actor = current_actor() if current_user() is not None else system()
    row = ("user_account", str(actor.user_id))
    with work(actor, now()) as w:
        w.note(
            "refusal", row, code=error.code, clause=error.clause, endpoint=request.endpoint or "",
            address=request.remote_addr or "", asked=_asked(),
        )  # fmt: skip


def _asked() -> str:
    """Which record a request was about, by the numbers in its address."""
    return " ".join(f"{name} {value}" for name, value in (request.view_args or {}).items())[:100]


def wants_json() -> bool:
    """Whether the caller is a script that asked for JSON."""
    accept = request.accept_mimetypes
    return accept.best_match(("text/html", "application/json")) == "application/json" or request.is_json


def can(permission: str) -> bool:
    """Whether the signed-in person holds a permission, for templates that show a button or not."""
    return current_user() is not None and current_actor().can(permission)


def install(app: Flask) -> None:
    """Guard every request of the app, except those for addresses that do not exist."""
    login_manager.init_app(app)
    app.before_request(guard)
    app.jinja_env.globals["can"] = can
