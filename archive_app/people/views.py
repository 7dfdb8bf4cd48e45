"""Routes of people: signing in, one's own account, accounts of others, deputations."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import flask_login
from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from archive_app.core import clock
from archive_app.core.errors import Invalid, NotFound, Refused
from archive_app.core.i18n import _
from archive_app.people import forms, queries, rulebook, service, sheets, sign_in
from archive_app.people.access import (
    Session,
    access_of,
    current_actor,
    current_user,
    needs,
    now,
    public,
    wants_json,
)
from archive_app.people.models import User
from archive_app.printing import barcode
from archive_app.printing.render import render_form

__all__ = ["access_of", "blueprint", "current_actor", "current_user", "limiter", "needs", "now", "public"]
__all__ += ["wants_json"]

blueprint = Blueprint("people", __name__)
limiter = Limiter(get_remote_address)


# Signing in and out


@blueprint.get("/sign-in")
@public
def sign_in_form() -> ResponseReturnValue:
    """The sign-in page; the signed-in are sent on."""
    if current_user() is not None:
        return redirect(_safe(request.args.get("next")), 303)
    form = forms.SignInForm(request.args)
    return _sign_in_page(form, 200)


@blueprint.post("/sign-in")
@public
@limiter.limit(lambda: current_app.config["SIGN_IN_RATE"])
def sign_in_post() -> ResponseReturnValue:
    """Sign in with name and password; what was typed as a name stays on the page."""
    form = forms.SignInForm()
    if not form.validate():
        return _sign_in_page(form, 422)
    try:
        user = sign_in.sign_in(form.name.data, form.password.data, now(), address=_address())
    except Refused as refusal:
        return _sign_in_page(form, 422, refusal)
    return _enter(user, form.next.data)


@blueprint.post("/sign-in/demo")
@public
def sign_in_demo() -> ResponseReturnValue:
    """Sign in as a demo person by one click; only when the app runs in demo mode."""
    if not current_app.config["DEMO"]:
        return _sign_in_page(forms.SignInForm(formdata=None), 403)
    user = sign_in.sign_in_demo(request.form.get("username", ""), now(), address=_address())
    return _enter(user, request.form.get("next"))


@blueprint.post("/sign-out")
@needs("account.own")
def sign_out() -> ResponseReturnValue:
    """End the session."""
    flask_login.logout_user()
    session.clear()
    return redirect(url_for("people.sign_in_form"), 303)


def _sign_in_page(form: forms.SignInForm, status: int, refusal: Refused | None = None) -> ResponseReturnValue:
    # The names are those of templates/pages/account/sign_in.html.
    values = dict(
        form=form,
        refusal=refusal,
        demo=queries.demo_users() if current_app.config["DEMO"] else [],
        company=queries.company(),
        setting=rulebook.current(now()).book.sign_in,
    )
    return render_template("pages/account/sign_in.html", **values), status


def _enter(user: User, target: str | None) -> ResponseReturnValue:
    session.clear()  # nothing of the visitor before may stay
    flask_login.login_user(Session(user))
    return redirect(_safe(target), 303)


def _safe(target: str | None) -> str:
    """An address of ours to go to, or the start page; never another host."""
    good = target and target.startswith("/") and not target.startswith(("//", "/\\"))
    return target if good and target is not None else "/"


def _address() -> str:
    return request.remote_addr or ""


# One's own account


@blueprint.get("/me")
@needs("account.own")
def me() -> ResponseReturnValue:
    """One's own account: who decides for whom, card, theme, language, password."""
    return _me_page(forms.PasswordForm(formdata=None))


def _me_page(form: forms.PasswordForm) -> ResponseReturnValue:
    user, book = _me(), rulebook.current(now()).book
    values = dict(
        form=form,
        person=user,
        roles=[book.role_name(role) for role in sorted(current_actor().roles)],
        deputations=queries.deputations_at(user.id, now()),
        given=queries.deputies_of(user.id, now()),
        barcode=barcode.modules(sheets.payload_of(user)),
    )
    return render_template("pages/account/me.html", **values), 422 if form.errors else 200


@blueprint.post("/me/password")
@needs("account.own")
def password() -> ResponseReturnValue:
    """Change one's own password; this session stays, all others end."""
    form = forms.PasswordForm()
    if not form.validate():
        return _me_page(form)
    if form.password.data != form.again.data:
        forms.put_errors(form, {"again": _("两次输入不一样。")})
        return _me_page(form)
    try:
        user = service.change_password(
            _me().id, form.old.data, form.password.data, actor=current_actor(), at=now()
        )
    except Invalid as error:
        forms.put_errors(form, error.fields)
        return _me_page(form)
    flask_login.login_user(Session(user))
    flash(_("密码已改。别处的登录都已退出。"), "ok")
    return redirect(url_for("people.me"), 303)


@blueprint.post("/me/preferences")
@needs("account.own")
def preferences() -> ResponseReturnValue:
    """Remember theme and language; the language also for the sign-in page."""
    user = _me()
    theme, locale = request.form.get("theme", user.theme), request.form.get("locale", user.locale)
    service.set_preferences(user.id, theme=theme, locale=locale, actor=current_actor(), at=now())
    response = redirect(_safe(request.form.get("next") or url_for("people.me")), 303)
    response.set_cookie("lang", locale, max_age=31_536_000, samesite="Lax", httponly=True)
    return response


def _me() -> User:
    user = current_user()
    assert user is not None  # the guard let nobody else in
    return user


def _last(ends: datetime) -> date:
    """The last day of a period that ends at a midnight."""
    return clock.local_date(ends - timedelta(seconds=1))


# Accounts of others


@blueprint.get("/people")
@needs("people.view")
def index() -> ResponseReturnValue:
    """People by department, with title and roles."""
    text = request.args.get("q", "")
    closed = request.args.get("closed") == "1"
    rows = queries.users(text=text, with_inactive=closed)
    book = rulebook.current(now()).book
    return render_template("pages/people/index.html", rows=rows, book=book, q=text, closed=closed, at=now())


@blueprint.get("/people/cards.pdf")
@needs("people.manage", "label.print")
def cards() -> ResponseReturnValue:
    """Cards with barcodes for the scan desk, of the chosen people or of all; every print is audited."""
    wanted = {key for value in request.args.getlist("id") if (key := forms.whole(value)) is not None}
    chosen = [row for row in queries.users() if not wanted or row.id in wanted]
    if not chosen:
        raise NotFound(_("没有这个人。"))
    unit = queries.company(current_actor().unit_id)
    data = render_form("person_card", sheets.cards(chosen, unit))
    service.note_cards(chosen, actor=current_actor(), at=now())
    disposition = {"Content-Disposition": 'inline; filename="person-cards.pdf"'}
    return Response(data, mimetype="application/pdf", headers=disposition)


@blueprint.route("/people/new", methods=["GET", "POST"])
@needs("people.manage")
def new() -> ResponseReturnValue:
    """Open an account."""
    form = forms.NewUserForm()
    _offer(form)
    if request.method == "GET" or not form.validate():
        return _new_page(form)
    try:
        user = service.create_user(
            form.username.data,
            password=form.password.data,
            **_typed(form),
            department=form.department_id.data or None,
            actor=current_actor(),
            at=now(),
        )
    except Invalid as error:
        forms.put_errors(form, error.fields)
        return _new_page(form)
    flash(_("已为%(name)s开通账号。", name=user.name))
    return redirect(url_for("people.index"), 303)


def _new_page(form: forms.NewUserForm) -> ResponseReturnValue:
    return render_template("pages/people/new.html", form=form), 422 if form.errors else 200


@blueprint.route("/people/<int:user_id>", methods=["GET", "POST"])
@needs("people.manage")
def edit(user_id: int) -> ResponseReturnValue:
    """Change a person's details."""
    user = queries.user(user_id)
    form = forms.UserForm(
        obj=user, data={"authority_ends": _last(user.authority_ends) if user.authority_ends else None}
    )
    _offer(form)
    if request.method == "GET" or not form.validate():
        return _edit_page(form, user)
    changes = _typed(form) | {"department_id": form.department_id.data or None}
    try:
        service.edit_user(user_id, changes, actor=current_actor(), at=now())
    except Invalid as error:
        forms.put_errors(form, error.fields)
        return _edit_page(form, user)
    flash(_("已保存。"))
    return redirect(url_for("people.index"), 303)


def _edit_page(form: forms.UserForm, user: User) -> ResponseReturnValue:
    values = dict(form=form, person=user, at=now(), reason=forms.ReasonForm(formdata=None))
    return render_template("pages/people/edit.html", **values), 422 if form.errors else 200


def _offer(form: forms.UserForm) -> None:
    titles = rulebook.current(now()).book.titles
    form.title.choices = [("", _("请选择")), *((title, title) for title in titles)]
    form.department_id.choices = [(0, _("无")), *((row.id, row.name) for row in queries.departments())]


def _typed(form: forms.UserForm) -> dict[str, Any]:
    ends = form.authority_ends.data
    return {
        "name": form.name.data,
        "title": form.title.data,
        "phone": form.phone.data or "",
        "email": form.email.data or "",
        "authority_ends": forms.day_ends(ends) if ends else None,
    }


@blueprint.post("/people/<int:user_id>/unlock")
@needs("people.manage")
def unlock(user_id: int) -> ResponseReturnValue:
    """End the lock of an account."""
    user = service.unlock(user_id, actor=current_actor(), at=now())
    flash(_("%(name)s的账号已解锁。", name=user.name))
    return redirect(url_for("people.edit", user_id=user_id), 303)


@blueprint.post("/people/<int:user_id>/password")
@needs("people.manage")
def reset_password(user_id: int) -> ResponseReturnValue:
    """Give a person a new password."""
    try:
        service.reset_password(user_id, request.form.get("password", ""), actor=current_actor(), at=now())
        flash(_("新密码已设好。请当面告诉本人。"))
    except Invalid as error:
        flash(str(error), "stop")
    return redirect(url_for("people.edit", user_id=user_id), 303)


@blueprint.post("/people/<int:user_id>/close")
@needs("people.manage")
def close(user_id: int) -> ResponseReturnValue:
    """Close or open an account, with a reason."""
    verb = service.reactivate if request.form.get("open") else service.deactivate
    try:
        user = verb(user_id, request.form.get("reason", ""), actor=current_actor(), at=now())
        state = _("已启用") if user.active else _("已停用")
        flash(_("%(name)s的账号%(state)s。", name=user.name, state=state))
    except Invalid:
        flash(_("请写原因。没有改动任何记录。"), "stop")
    return redirect(url_for("people.edit", user_id=user_id), 303)
