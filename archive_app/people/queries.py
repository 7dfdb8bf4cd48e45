"""Read-only selects about people: who has a role, who stands in for whom, the company."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from archive_app.core.errors import NotFound
from archive_app.people import rulebook
from archive_app.people.models import ArchiveUnit, Department, Deputation, User
from archive_app.policy import RuleBook


def company(unit_id: int = 1) -> ArchiveUnit | None:
    """The archive unit with its fonds, or None before the archive was set up."""
    return ArchiveUnit.get_or_none(ArchiveUnit.id == unit_id)


def user(user_id: int) -> User:
    """A person by id, with the department. Raises NotFound."""
    rows = User.select(User, Department).left_outer_join(Department)
    row = rows.where(User.id == user_id).first()
    if row is None:
        raise NotFound(str(user_id))
    return row


def user_by_name_or_username(text: str) -> User | None:
    """The person with this account name, else the only person with this name, else None."""
    text = text.strip()
    if row := User.get_or_none(User.username == text):
        return row
    rows = list(User.select().where(User.name == text).limit(2))
    return rows[0] if len(rows) == 1 else None


def users(*, text: str = "", department_id: int | None = None, with_inactive: bool = False) -> list[User]:
    """People by department and name; ``text`` is part of a name, account or title."""
    query = User.select(User, Department).left_outer_join(Department).order_by(Department.code, User.id)
    if not with_inactive:
        query = query.where(User.active)
    if department_id:
        query = query.where(User.department == department_id)
    if text := text.strip():
        query = query.where(
            User.name.contains(text) | User.username.contains(text) | User.title.contains(text)
        )
    return list(query)


def departments() -> list[Department]:
    """All departments by code."""
    return list(Department.select().order_by(Department.code))


def overseers() -> dict[int, int]:
    """Who is in charge of each department (分管), user ids by department id."""
    rows: Any = Department.select(Department.id, Department.overseer)
    return dict(rows.where(Department.overseer.is_null(False)).tuples())


def users_in_role(role: str, at: datetime, department_id: int | None = None) -> list[User]:
    """Active people whose title gives the role by the rule book in force, oldest account first."""
    book = rulebook.current(at).book
    query = User.select().where(User.active)
    if role not in book.everyone:
        titles = [title for title, roles in book.titles.items() if role in roles]
        query = query.where(User.title.in_(titles))
    query = query.where(User.authority_ends.is_null() | (User.authority_ends > at))
    if department_id is not None:
        query = query.where(User.department == department_id)
    return list(query.order_by(User.id))


def deputations_at(deputy_id: int, at: datetime) -> list[Deputation]:
    """The deputations a person holds at a moment, with their principals."""
    principal = User.alias()
    return list(
        Deputation.select(Deputation, principal)
        .join(principal, on=Deputation.principal)
        .where((Deputation.deputy == deputy_id) & in_force(at) & _serving(principal, at))
        .order_by(Deputation.id)
    )


def deputies_of(principal_id: int, at: datetime) -> list[Deputation]:
    """The deputations a person has given that are in force at a moment, with their deputies."""
    deputy = User.alias()
    return list(
        Deputation.select(Deputation, deputy)
        .join(deputy, on=Deputation.deputy)
        .where((Deputation.principal == principal_id) & in_force(at) & deputy.active)
        .order_by(Deputation.id)
    )


def deputations_in_force(at: datetime) -> list[Deputation]:
    """All deputations that count at a moment, with their deputies."""
    deputy = User.alias()
    return list(
        Deputation.select(Deputation, deputy)
        .join(deputy, on=Deputation.deputy)
        .where(in_force(at) & _serving(deputy, at))
        .order_by(Deputation.id)
    )


def deputations_held(deputy_id: int) -> list[Deputation]:
    """Every deputation a person was ever given, newest first, with the principals."""
    principal = User.alias()
    return list(
        Deputation.select(Deputation, principal)
        .join(principal, on=Deputation.principal)
        .where(Deputation.deputy == deputy_id)
        .order_by(Deputation.ends.desc(), Deputation.id.desc())
    )


def _serving(person: Any, at: datetime) -> Any:
    """The condition that an account is open and its own authority is not over."""
    return person.active & (person.authority_ends.is_null() | (person.authority_ends > at))


def in_force(at: datetime) -> Any:
    """The condition that a deputation counts at a moment."""
    return (Deputation.starts <= at) & (Deputation.ends > at) & Deputation.revoked_at.is_null()


def deputations(limit: int = 200) -> list[Deputation]:
    """All deputations, newest first, with both people."""
    principal, deputy = User.alias(), User.alias()
    return list(
        Deputation.select(Deputation, principal, deputy)
        .join(principal, on=Deputation.principal)
        .switch(Deputation)
        .join(deputy, on=Deputation.deputy)
        .order_by(Deputation.starts.desc(), Deputation.id.desc())
        .limit(limit)
    )


def demo_users() -> list[User]:
    """The people of the demo room, offered on the sign-in page in demo mode only."""
    return list(User.select(User, Department).left_outer_join(Department).where(User.demo & User.active))


def first_holder(permission: str, at: datetime) -> User | None:
    """The oldest active account whose title gives a permission."""
    titles = titles_with(permission, rulebook.current(at).book)
    return User.select().where(User.active & User.title.in_(titles)).order_by(User.id).first()


def titles_with(permission: str, book: RuleBook) -> list[str]:
    """The company titles that give a permission, in the order of the rule book."""
    return [t for t in book.titles if permission in book.permissions_of(book.roles_of(t))]


def names() -> dict[str, str]:
    """The name of every account, closed ones too, for lists that say who did something."""
    return {user.username: user.name for user in User.select(User.username, User.name)}
