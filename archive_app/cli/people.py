"""Commands of accounts: person add, list, password."""

from __future__ import annotations

import click

from archive_app.cli.frame import Run, archive, command, person_of
from archive_app.core.errors import Invalid
from archive_app.core.i18n import _
from archive_app.people import queries, service


@archive.group("person")
def person() -> None:
    """People with accounts."""


@command(person, "add")
@click.argument("username")
@click.argument("title")
@click.option("--name", help="default: the account")
@click.option("--department", default="", help="code or name")
@click.option("--password", required=True)
@click.option("--phone", default="")
@click.option("--email", default="", help="where notices are mailed to")
def add(
    run: Run, *, username: str, title: str, name: str | None, department: str, password: str, phone: str,
    email: str,
) -> None:  # fmt: skip
    """Open the account USERNAME for somebody with the company title TITLE."""
    user = service.create_user(
        username, name or username, title, password, department=department_of(department), phone=phone,
        email=email, actor=run.actor, at=run.at,
    )  # fmt: skip
    run.line(
        _("已为%(name)s开通账号。", name=user.name), id=user.id, username=user.username, title=user.title
    )


def department_of(text: str) -> int | None:
    """The id of a department by code or name; None for no text. Raises Invalid."""
    if not text:
        return None
    for row in queries.departments():
        if text in (row.code, row.name):
            return int(row.id)
    raise Invalid({"--department": _("没有部门 %(name)s。", name=text)})


@command(person, "list", who="reads", needs="people.view")
def show(run: Run) -> None:
    """List the people."""
    run.actor.must("people.view")
    for user in queries.users():
        department = user.department.name if user.department else ""
        run.line(
            f"{user.username}  {user.name}  {user.title}  {department}",
            id=user.id, username=user.username, name=user.name, title=user.title, department=department,
        )  # fmt: skip


@command(person, "password")
@click.argument("username")
@click.option("--password", prompt=True, hide_input=True, confirmation_prompt=True)
def password(run: Run, username: str, password: str) -> None:
    """Give a person a new password and unlock the account."""
    user = service.reset_password(person_of(username).id, password, actor=run.actor, at=run.at)
    run.line(_("%(name)s的新密码已设好。", name=user.name), id=user.id, username=user.username)


@command(person, "email")
@click.argument("username")
@click.argument("address")
def email(run: Run, username: str, address: str) -> None:
    """Set the address that notices are mailed to; "" for none."""
    changes = {"email": address}
    user = service.edit_user(person_of(username).id, changes, actor=run.actor, at=run.at)
    run.line(f"{user.username}  {user.email}", id=user.id, username=user.username, email=user.email)


@command(person, "department")
@click.argument("code")
@click.argument("name")
def department(run: Run, code: str, name: str) -> None:
    """Add a department."""
    row = service.create_department(code, name, actor=run.actor, at=run.at)
    run.line(f"{row.code}  {row.name}", id=row.id, code=row.code, name=row.name)


@command(person, "overseer")
@click.argument("department")
@click.argument("username", required=False)
def overseer(run: Run, department: str, username: str | None) -> None:
    """Put USERNAME in charge of a DEPARTMENT (分管); without a name, nobody is."""
    wanted = int(person_of(username).id) if username else None
    found = department_of(department)
    if found is None:
        raise Invalid({"DEPARTMENT": _("请写部门。")})
    row = service.set_overseer(found, wanted, actor=run.actor, at=run.at)
    run.line(f"{row.code}  {row.name}  {username or ''}", id=row.id, code=row.code, overseer=username)
