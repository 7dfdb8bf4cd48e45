"""Forms of people: signing in, one's own account, accounts of others, deputations."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    HiddenField,
    PasswordField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import InputRequired, Length, Optional

from archive_app.core import clock
from archive_app.core.errors import Invalid, Refused
from archive_app.core.i18n import Lazy as L
from archive_app.people import rules
from archive_app.people.access import note_refusal

REQUIRED = InputRequired(L("请填写这一项。"))
LINE = Length(max=100, message=L("太长。请写在 100 字以内。"))


class SignInForm(FlaskForm):
    """Account name (or unique name) and password; ``next`` is where to go afterwards."""

    name = StringField(L("工号或姓名"), [REQUIRED, LINE])
    password = PasswordField(L("密码"), [REQUIRED, Length(max=rules.PASSWORD_LENGTH[1])])
    next = HiddenField()


class PasswordForm(FlaskForm):
    """One's own new password."""

    old = PasswordField(L("现在的密码"), [REQUIRED])
    password = PasswordField(L("新密码"), [REQUIRED])
    again = PasswordField(L("再输一次新密码"), [REQUIRED])


class UserForm(FlaskForm):
    """What is known of a person; choices of title and department are given by the view."""

    name = StringField(L("姓名"), [REQUIRED, LINE])
    title = SelectField(L("职务"), [REQUIRED])
    department_id = SelectField(L("部门"), coerce=int)
    phone = StringField(L("电话"), [Optional(), Length(max=40, message=L("太长。请写在 40 字以内。"))])
    email = StringField(L("邮件地址"), [Optional(), Length(max=254)])
    authority_ends = DateField(L("权限到期日"), [Optional()])


class NewUserForm(UserForm):
    """A new account with its first password."""

    username = StringField(L("登录名或工号"), [REQUIRED, Length(max=64)])
    password = PasswordField(L("初始密码"), [REQUIRED])


class ReasonForm(FlaskForm):
    """Why something is done."""

    reason = StringField(L("原因"), [REQUIRED, Length(max=300)])


class NewPasswordForm(FlaskForm):
    """A new password given by an administrator."""

    password = PasswordField(L("新密码"), [REQUIRED])


class DeputationForm(FlaskForm):
    """A 委托书; the period is whole days on the office calendar."""

    principal = SelectField(L("委托人"), [REQUIRED], coerce=int)
    deputy = SelectField(L("受托人"), [REQUIRED], coerce=int, validate_choice=False)  # the verb says why
    actions = SelectMultipleField(L("委托事项"), [InputRequired(L("请至少选一项。"))])
    starts = DateField(L("开始日期"), [REQUIRED])
    ends = DateField(L("结束日期"), [REQUIRED])
    paper_reference = StringField(L("委托书编号"), [REQUIRED, LINE])


def day_begins(day: date) -> datetime:
    """The first moment of an office day, in UTC."""
    return datetime.combine(day, time(), tzinfo=clock.LOCAL).astimezone(UTC)


def day_ends(day: date) -> datetime:
    """The end of an office day (the first moment of the next), in UTC."""
    return day_begins(day + timedelta(days=1))


def submit(
    form: FlaskForm,
    save: Callable[[], ResponseReturnValue],
    shown: Callable[[int, Refused | None], ResponseReturnValue],
) -> ResponseReturnValue:
    """Show a form, or save it; what was typed stays whenever something is wrong or refused.

    ``shown(status, refusal)`` draws the page: 200 at first, 422 with errors, 409 when refused.
    """
    refusal: Refused | None = None
    if form.validate_on_submit():
        try:
            return save()
        except Invalid as error:
            put_errors(form, error.fields)
        except Refused as error:
            note_refusal(refusal := error)
    return shown(409 if refusal else 422 if form.is_submitted() else 200, refusal)


def whole(text: str | None) -> int | None:
    """A whole number as it stands in an address or a hidden field; None for anything that is none.

    At most 15 digits: more than that is no key of ours, and no database takes it.
    """
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 16 else None


def put_errors(form: FlaskForm, fields: dict[str, str]) -> None:
    """Show what a verb found wrong beside its field; what has no field goes to the form as a whole."""
    for name, message in fields.items():
        if name in form:
            form[name].errors = [*form[name].errors, message]
        else:
            form.form_errors.append(message)
