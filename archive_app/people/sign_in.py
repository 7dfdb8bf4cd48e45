"""Signing in: the same answer and cost for unknown names, and a lock after repeated failure."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from archive_app.core import clock
from archive_app.core.errors import Refused
from archive_app.core.i18n import _
from archive_app.core.work import work
from archive_app.people import passwords, queries, rulebook, rules
from archive_app.people.actor import system
from archive_app.people.models import User
from archive_app.policy.parts import SignIn


@dataclass
class _Stranger:
    failures: int = 0
    locked_until: datetime | None = None


class _Strangers:
    """Failures of names that do not exist, so that a lock does not tell which names do.

    They are kept in memory only: what people type into the wrong field may be a password.
    """

    def __init__(self, size: int = 10_000) -> None:
        self._size, self._lock = size, Lock()
        self._rows: OrderedDict[str, _Stranger] = OrderedDict()

    def fail(self, name: str, setting: SignIn, at: datetime) -> datetime | None:
        """Count a failure; return until when the name is locked, if it is."""
        with self._lock:
            row = self._rows.setdefault(name, _Stranger())
            self._rows.move_to_end(name)
            if len(self._rows) > self._size:
                self._rows.popitem(last=False)
            if rules.is_locked(row.locked_until, at):
                return row.locked_until
            row.failures, row.locked_until = row.failures + 1, None
            if row.failures >= setting.failures:
                row.failures, row.locked_until = 0, at + setting.lock
            return row.locked_until


_strangers = _Strangers()


def sign_in(name: str, password: str, at: datetime, *, address: str = "") -> User:
    """Check an account name (or unique name) and password and return the person.

    ``address`` is where the attempt came from, for the audit. Settings: the rule book's sign-in part.
    Raises Refused: sign_in.wrong, sign_in.locked, sign_in.closed (right password, account not usable).
    """
    setting = rulebook.current(at).book.sign_in
    user = queries.user_by_name_or_username(name)
    if user is None:
        passwords.verify_nobody(password)
        locked_until = _strangers.fail(name.strip(), setting, at)
        _note_refusal(("user_account", "0"), "unknown", address, at)
        raise _locked(locked_until) if locked_until else _wrong(setting)
    right = passwords.verify(user.password_hash, password)  # also when locked: the same cost
    if rules.is_locked(user.locked_until, at):
        _note_refusal(user, "locked", address, at)
        raise _locked(user.locked_until)
    if not right:
        raise _count_failure(user, setting, address, at)
    if not user.active or rules.authority_ended(user.authority_ends, at):
        _note_refusal(user, "closed", address, at)
        raise _closed()
    return _welcome(user, password, address, at)


def sign_in_demo(username: str, at: datetime, *, address: str = "") -> User:
    """Let a demo person in without a password; the web room offers it in demo mode only.

    Raises Refused: sign_in.closed — no such demo person.
    """
    user = User.get_or_none((User.username == username) & User.demo & User.active)
    if user is None:
        raise _closed()
    with work(user, at) as w:
        w.note("people.sign_in", user, address=address, demo=True)
    return user


def _welcome(user: User, password: str, address: str, at: datetime) -> User:
    values: dict[str, object] = {"failures": 0, "locked_until": None}
    if passwords.is_outdated(user.password_hash):
        values["password_hash"] = passwords.hash_password(password)
    with work(user, at) as w:
        User.update(values).where(User.id == user.id).execute()
        w.note("people.sign_in", user, address=address)
    return user


def _count_failure(user: User, setting: SignIn, address: str, at: datetime) -> Refused:
    """Count in the row itself, so that parallel guesses cannot share one failure."""
    with work(system(), at) as w:
        User.update(failures=User.failures + 1).where(User.id == user.id).execute()
        until = at + setting.lock
        full = (User.id == user.id) & (User.failures >= setting.failures)
        locked = User.update(failures=0, locked_until=until).where(full).execute()
        w.note("people.sign_in_refused", user, why="locked" if locked else "wrong", address=address)
    return _locked(until) if locked else _wrong(setting)


def _note_refusal(row: User | tuple[str, str], why: str, address: str, at: datetime) -> None:
    with work(system(), at) as w:
        w.note("people.sign_in_refused", row, why=why, address=address)


def _wrong(setting: SignIn) -> Refused:
    minutes = int(setting.lock.total_seconds() // 60)
    return Refused(
        "sign_in.wrong",
        _("姓名或密码不对。"),
        next_step=_("连续输错 %(n)s 次锁定 %(m)s 分钟。", n=setting.failures, m=minutes),
    )


def _locked(until: datetime | None) -> Refused:
    assert until is not None
    return Refused(
        "sign_in.locked",
        _("连续输错，已锁定到 %(time)s。", time=f"{clock.local(until):%H:%M}"),
        next_step=_("到时再试，或请系统管理员解锁。"),
    )


def _closed() -> Refused:
    return Refused("sign_in.closed", _("这个账号现在不能登录。"), next_step=_("请找系统管理员。"))
