"""Pure judgements about people: passwords, locked accounts, the period of a deputation."""

from __future__ import annotations

from datetime import datetime

from archive_app.core.i18n import _
from archive_app.core.mail import is_address

PASSWORD_LENGTH = (8, 128)
THEMES = ("auto", "light", "dark")
LOCALES = ("zh", "en")


def password_problem(username: str, password: str) -> str:
    """Say what is wrong with a new password, or "" (length as NIST SP 800-63B 5.1.1, no recipes)."""
    shortest, longest = PASSWORD_LENGTH
    if not shortest <= len(password) <= longest:
        return _("密码要 %(a)s 到 %(b)s 个字符。", a=shortest, b=longest)
    if username and username.casefold() in password.casefold():
        return _("密码里不要出现登录名。")
    if len(set(password)) < 4:
        return _("密码里至少要有 4 个不同的字符。")
    return ""


def email_problem(email: str) -> str:
    """Say what is wrong with an e-mail address, or ""; none at all is right too."""
    if not email or is_address(email):
        return ""
    return _("不像邮件地址。请照 name@example.com 的样子填，只用英文字符。")


def is_locked(locked_until: datetime | None, at: datetime) -> bool:
    """Say whether an account is still locked at a moment."""
    return locked_until is not None and at < locked_until


def authority_ended(authority_ends: datetime | None, at: datetime) -> bool:
    """Say whether a person's own authority is over at a moment."""
    return authority_ends is not None and at >= authority_ends


def period_problems(starts: datetime, ends: datetime, at: datetime) -> dict[str, str]:
    """Say what is wrong with the period of a deputation, by field."""
    if ends <= starts:
        return {"ends": _("结束时间要晚于开始时间。")}
    if ends <= at:
        return {"ends": _("这段时间已经过去。请改结束时间。")}
    return {}
