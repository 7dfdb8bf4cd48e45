"""The verbs about people: setting up, accounts, passwords, deputations."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import peewee as pw

from archive_app.core.errors import Invalid, NotFound, Refused
from archive_app.core.i18n import _
from archive_app.core.work import work
from archive_app.people import passwords, queries, rulebook, rules
from archive_app.people.actor import Actor
from archive_app.people.models import ArchiveUnit, Department, Deputation, User
from archive_app.people.sign_in import sign_in

EDITABLE = ("name", "title", "department_id", "phone", "email", "authority_ends")


def actor_of(user: User, at: datetime) -> Actor:
    """The person as who acts: roles and permissions that the rule book in force gives to the title."""
    book = rulebook.current(at).book
    roles = book.roles_of(user.title)
    department = user.department
    return Actor(
        user_id=user.id,
        username=user.username,
        name=user.name,
        title=user.title,
        roles=roles,
        permissions=book.permissions_of(roles),
        unit_id=1,
        department_id=department.id if department else None,
        department=department.name if department else "",
        authority_ends=user.authority_ends,
    )


def create_unit(
    name: str, fonds_code: str, fonds_name: str, *, phone: str = "", actor: Actor, at: datetime
) -> ArchiveUnit:
    """Found an archive unit (保管单位) of a fonds. Raises Refused: permission. Raises Invalid."""
    _may_manage(actor)
    _require(name=name, fonds_code=fonds_code, fonds_name=fonds_name)
    with work(actor, at) as w:
        unit = ArchiveUnit.create(name=name, fonds_code=fonds_code, fonds_name=fonds_name, phone=phone)
        w.note("people.create_unit", unit, name=name, fonds_code=fonds_code)
    return unit


def create_department(code: str, name: str, *, actor: Actor, at: datetime) -> Department:
    """Add a department. Raises Refused: permission. Raises Invalid: code is empty or taken."""
    _may_manage(actor)
    _require(code=code, name=name)
    with work(actor, at) as w:
        department = _insert(Department, "code", code=code.strip(), name=name.strip())
        w.note("people.create_department", department, code=department.code, name=department.name)
    return department


def set_overseer(department_id: int, user_id: int | None, *, actor: Actor, at: datetime) -> Department:
    """Put an officer in charge of a department (分管), or nobody; some chains ask exactly this person.

    Raises Refused: permission. Raises NotFound. Raises Invalid: the account is closed.
    """
    _may_manage(actor)
    row = Department.get_or_none(Department.id == department_id)
    if row is None:
        raise NotFound(_("没有这个部门。"))
    if user_id is not None and not queries.user(user_id).active:
        raise Invalid({"overseer": _("账号已停用。请选在职人员。")})
    with work(actor, at) as w:
        if row.overseer != user_id:
            w.note("people.set_overseer", row, code=row.code, old=row.overseer, new=user_id)
            row.overseer = user_id
            Department.update(overseer=user_id).where(Department.id == department_id).execute()
    return row


def create_user(
    username: str,
    name: str,
    title: str,
    password: str,
    *,
    department: Department | int | None = None,
    phone: str = "",
    email: str = "",
    authority_ends: datetime | None = None,
    demo: bool = False,
    actor: Actor,
    at: datetime,
) -> User:
    """Open an account. Raises Refused: permission. Raises Invalid: a field is empty, taken or too weak."""
    _may_manage(actor)
    username, name, title = username.strip(), name.strip(), title.strip()
    _require(username=username, name=name, title=title)
    _title_known(title, at)
    _email_fits(email := email.strip())
    _password_fits(username, password)
    values = dict(name=name, title=title, department=department, phone=phone, email=email, demo=demo)
    secret = passwords.hash_password(password)  # slow: not inside the work
    with work(actor, at) as w:
        user = _insert(
            User,
            "username",
            username=username,
            password_hash=secret,
            session_key=secrets.token_hex(16),
            authority_ends=authority_ends,
            created_at=at,
            **values,
        )
        w.note("people.create_user", user, username=username, name=name, title=title)
    return user


def edit_user(user_id: int, changes: dict[str, Any], *, actor: Actor, at: datetime) -> User:
    """Change name, title, department, phone, e-mail or end of authority; old and new values are audited.

    Raises Refused: permission, people.last_administrator. Raises Invalid: empty name, unknown title,
    an e-mail address that cannot be one.
    """
    _may_manage(actor)
    changes = {key: value for key, value in changes.items() if key in EDITABLE}
    _require(**{key: changes[key] for key in ("name", "title") if key in changes})
    if "title" in changes:
        _title_known(changes["title"], at)
        _administrator_remains(user_id, changes["title"], at)
    if "email" in changes:
        changes["email"] = (changes["email"] or "").strip()
        _email_fits(changes["email"])
    with work(actor, at) as w:
        user = queries.user(user_id)
        old = {key: getattr(user, key) for key in changes}
        different = {key: value for key, value in changes.items() if old[key] != value}
        if different:
            User.update(different).where(User.id == user_id).execute()
            w.note("people.edit_user", user, old={k: old[k] for k in different}, new=different)
    return queries.user(user_id)


def change_password(user_id: int, old: str, new: str, *, actor: Actor, at: datetime) -> User:
    """Change one's own password; every other session of the account ends.

    Raises Refused: permission. Raises Invalid: the old one is wrong, or the new one is too weak.
    """
    actor.must("account.own")
    if actor.user_id != user_id:
        actor.must("people.manage")
    user = queries.user(user_id)
    if not passwords.verify(user.password_hash, old):
        raise Invalid({"old": _("现在的密码不对。没有改动任何记录。")})
    return _set_password(user, new, "people.change_password", actor, at)


def reset_password(user_id: int, new: str, *, actor: Actor, at: datetime) -> User:
    """Give a person a new password and unlock the account. Raises Refused: permission. Raises Invalid."""
    _may_manage(actor)
    return _set_password(queries.user(user_id), new, "people.reset_password", actor, at)


def _set_password(user: User, new: str, action: str, actor: Actor, at: datetime) -> User:
    _password_fits(user.username, new)
    values = {
        "password_hash": passwords.hash_password(new),
        "session_key": secrets.token_hex(16),
        "failures": 0,
        "locked_until": None,
    }
    with work(actor, at) as w:
        User.update(values).where(User.id == user.id).execute()
        w.note(action, user)
    return queries.user(user.id)


def set_preferences(user_id: int, *, theme: str, locale: str, actor: Actor, at: datetime) -> User:
    """Remember a person's theme and language. Raises Refused: permission. Raises Invalid."""
    actor.must("account.own")
    if actor.user_id != user_id:
        raise NotFound(str(user_id))
    if theme not in rules.THEMES or locale not in rules.LOCALES:
        raise Invalid({"theme": _("请选列出的外观和语言。")})
    with work(actor, at):  # a taste, not an event of the archive: no note
        User.update(theme=theme, locale=locale).where(User.id == user_id).execute()
    return queries.user(user_id)


def unlock(user_id: int, *, actor: Actor, at: datetime) -> User:
    """End the lock of an account before its time. Raises Refused: permission."""
    _may_manage(actor)
    with work(actor, at) as w:
        User.update(failures=0, locked_until=None).where(User.id == user_id).execute()
        user = queries.user(user_id)
        w.note("people.unlock", user)
    return user


def deactivate(user_id: int, reason: str, *, actor: Actor, at: datetime) -> User:
    """Close an account for good and end its sessions; the person's past deeds keep the name.

    Raises Refused: permission, people.own_account. Raises Invalid: no reason.
    """
    _may_manage(actor)
    _require(reason=reason)
    if actor.user_id == user_id:
        raise Refused(
            "people.own_account",
            _("不能停用自己的账号。没有改动任何记录。"),
            next_step=_("请另一位系统管理员办理。"),
        )
    with work(actor, at) as w:
        User.update(active=False, session_key=secrets.token_hex(16)).where(User.id == user_id).execute()
        user = queries.user(user_id)
        w.note("people.deactivate", user, reason=reason.strip())
    return user


def reactivate(user_id: int, reason: str, *, actor: Actor, at: datetime) -> User:
    """Open a closed account again. Raises Refused: permission. Raises Invalid: no reason."""
    _may_manage(actor)
    _require(reason=reason)
    with work(actor, at) as w:
        User.update(active=True, failures=0, locked_until=None).where(User.id == user_id).execute()
        user = queries.user(user_id)
        w.note("people.reactivate", user, reason=reason.strip())
    return user


def note_cards(people: Iterable[User], *, actor: Actor, at: datetime) -> None:
    """Audit that cards were printed, one event a person."""
    with work(actor, at) as w:
        for user in people:
            w.note("person_card.print", user, username=user.username)


def deputise(
    principal_id: int,
    deputy_id: int,
    actions: list[str],
    starts: datetime,
    ends: datetime,
    paper_reference: str,
    *,
    actor: Actor,
    at: datetime,
) -> Deputation:
    """Register a 委托书: the deputy decides for the principal in these actions during this period.

    Clause: the rule book's stand-ins (default: 档案管理制度, 总经理外出委托; SEC-05).
    Raises Refused: permission, people.may_not_stand_in. Raises Invalid: period, actions, reference.
    """
    _may_deputise(actor, principal_id)
    _require(paper_reference=paper_reference)
    principal, deputy = queries.user(principal_id), queries.user(deputy_id)
    _sound(principal, deputy, actions, rules.period_problems(starts, ends, at))
    _rule_allows(principal, deputy, actions, at)
    with work(actor, at) as w:
        row = Deputation.create(
            principal=principal,
            deputy=deputy,
            actions=" ".join(actions),
            starts=starts,
            ends=ends,
            paper_reference=paper_reference.strip(),
            created_by=actor.username,
            created_at=at,
        )
        w.note(
            "people.deputise",
            row,
            principal=principal.username,
            deputy=deputy.username,
            actions=row.actions,
            starts=starts.isoformat(),
            ends=ends.isoformat(),
            paper_reference=row.paper_reference,
        )
    return row


def revoke_deputation(deputation_id: int, reason: str, *, actor: Actor, at: datetime) -> Deputation:
    """End a deputation now; what was decided under it stands.

    Raises Refused: permission, wrong_state (revoked before). Raises Invalid: no reason. Raises NotFound.
    """
    row = Deputation.get_or_none(Deputation.id == deputation_id)
    if row is None:
        raise NotFound(str(deputation_id))
    _may_deputise(actor, row.principal_id)
    _require(reason=reason)
    with work(actor, at) as w:
        still = (Deputation.id == deputation_id) & Deputation.revoked_at.is_null()
        if not Deputation.update(revoked_at=at).where(still).execute():
            raise Refused("wrong_state", _("这份委托已经撤销过，没有改动任何记录。"))
        w.note("people.revoke_deputation", row, reason=reason.strip())
    return Deputation.get_by_id(deputation_id)


def _administrator_remains(user_id: int, title: str, at: datetime) -> None:
    titles = queries.titles_with("people.manage", rulebook.current(at).book)
    others = User.select().where(User.active & User.title.in_(titles) & (User.id != user_id))
    if title not in titles and not others.exists():
        raise Refused(
            "people.last_administrator",
            _("这是最后一位系统管理员，职务不能改。没有改动任何记录。"),
            next_step=_("先给另一个人这个职务。"),
        )


def _may_deputise(actor: Actor, principal_id: int) -> None:
    own = actor.user_id == principal_id and actor.can("deputation.own")
    if not own:
        actor.must("deputation.manage")


def _sound(principal: User, deputy: User, actions: list[str], faults: dict[str, str]) -> None:
    if not actions:
        faults["actions"] = _("请至少选一项。")
    if principal.id == deputy.id:
        faults["deputy"] = _("受托人不能是委托人自己。")
    if not (principal.active and deputy.active):
        faults["deputy"] = _("账号已停用。请选在职人员。")
    if faults:
        raise Invalid(faults)


def _rule_allows(principal: User, deputy: User, actions: list[str], at: datetime) -> None:
    book = rulebook.current(at).book
    roles = book.roles_of(principal.title), book.roles_of(deputy.title)
    if all(book.may_stand_in(*roles, action) for action in actions):
        return
    rule = book.stand_ins[0].rule if book.stand_ins else None
    raise Refused(
        "people.may_not_stand_in",
        _("%(deputy)s不能代%(principal)s审批这些事项。", deputy=deputy.name, principal=principal.name),
        rule=rule.text if rule else "",
        clause=rule.clause if rule else "",
        next_step=_("请按制度选受托人和事项。"),
    )


def _may_manage(actor: Actor) -> None:
    """The house itself may, because before the first person there is nobody else to set it up."""
    if not actor.is_system:
        actor.must("people.manage")


def _require(**values: str) -> None:
    missing = {key: _("请填写这一项。") for key, value in values.items() if not (value or "").strip()}
    if missing:
        raise Invalid(missing)


def _title_known(title: str, at: datetime) -> None:
    titles = rulebook.current(at).book.titles
    if title not in titles:
        raise Invalid({"title": _("制度里没有这个职务。请选列出的职务。")})


def _email_fits(email: str) -> None:
    if problem := rules.email_problem(email):
        raise Invalid({"email": problem})


def _password_fits(username: str, password: str) -> None:
    if problem := rules.password_problem(username, password):
        raise Invalid({"password": problem})


def _insert(model: Any, unique: str, **values: Any) -> Any:
    """Create a row, saying which field is taken when its unique value is."""
    if model.select().where(getattr(model, unique) == values[unique]).exists():
        raise Invalid({unique: _("已经有同样的记录。请换一个。")})
    try:
        return model.create(**values)
    except pw.IntegrityError as error:  # somebody took it in the same moment
        raise Invalid({unique: _("已经有同样的记录。请换一个。")}) from error


__all__ = [
    "actor_of", "change_password", "create_department", "create_unit", "create_user", "deactivate",
    "deputise", "edit_user", "note_cards", "reactivate", "reset_password", "revoke_deputation",
    "set_overseer", "set_preferences", "sign_in", "unlock",
]  # fmt: skip
