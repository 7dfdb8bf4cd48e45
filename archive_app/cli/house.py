"""Commands that set the archive up: init and seed."""

from __future__ import annotations

import click

from archive_app.cli.frame import Run, archive, command
from archive_app.core import db as database
from archive_app.core import jobs, migrate, storage
from archive_app.core.errors import Invalid
from archive_app.core.i18n import _
from archive_app.core.work import work
from archive_app.people import queries, rulebook, service
from archive_app.people.models import User
from archive_app.policy import load_profile


@command(archive, "init", who="bare")
@click.option("--yes", is_flag=True, help="ask nothing: needs --admin and --password, once")
@click.option("--admin", metavar="NAME", help="account of the first administrator")
@click.option("--password", metavar="PASSWORD", help="password of the first administrator")
@click.option("--name", help="the administrator's name; default: the account")
@click.option("--title", help="the administrator's title; default: the first that may manage people")
@click.option("--company", help="name of the fonds (全宗); default: the rule book's")
@click.option("--fonds", help="code of the fonds; default: the rule book's")
@click.option("--unit", help="name of the archive unit (保管单位); default: the rule book's")
@click.option("--profile", default="default", show_default=True, help="rule book to adopt")
def init(run: Run, yes: bool, profile: str, **told: str | None) -> None:
    """Create or upgrade the archive: database, archive unit, rule book, first administrator."""
    set_up(run, yes, profile, told)


def set_up(run: Run, yes: bool, profile: str, told: dict[str, str | None]) -> None:
    """Do what is still missing of the set-up, asking for what was not told."""
    applied = prepare()
    made = []
    if queries.company() is None:
        made += _found_unit(run, yes, profile, told)
    if not User.select().exists():
        made += _first_administrator(run, yes, told)
    run.line(
        _("已就绪：升级 %(n)s 项。%(made)s", n=len(applied), made="；".join(made) or _("没有别的改动。")),
        migrations=applied,
        made=made,
    )


def prepare() -> list[str]:
    """Create database, queue and storage where the environment says, and apply migrations."""
    database.connect()
    applied = migrate.up()
    jobs.open_queue()
    storage.open_storage()
    return applied


def _found_unit(run: Run, yes: bool, profile: str, told: dict[str, str | None]) -> list[str]:
    text = rulebook.profile_text(profile)
    meta = load_profile(profile).meta
    company = _told("company", told, yes, _("公司（全宗）名称"), meta.fonds_name)
    fonds = _told("fonds", told, yes, _("全宗号"), meta.fonds_code)
    name = _told("unit", told, yes, _("档案室名称"), meta.archive_unit)
    with work(run.actor, run.at):  # unit and rule book are there together or not at all
        unit = service.create_unit(name, fonds, company, phone=meta.phone, actor=run.actor, at=run.at)
        rulebook.adopt(text, profile, actor=run.actor, at=run.at, unit=unit)
    return [_("设立%(name)s", name=name), _("启用制度 %(profile)s", profile=profile)]


def _first_administrator(run: Run, yes: bool, told: dict[str, str | None]) -> list[str]:
    title = told.get("title") or queries.titles_with("people.manage", rulebook.current(run.at).book)[0]
    username = _told("admin", told, yes, _("系统管理员的登录名"), "admin" if not yes else None)
    password = told.get("password") or _ask_password(yes)
    service.create_user(username, told.get("name") or username, title, password, actor=run.actor, at=run.at)
    return [_("开通系统管理员 %(name)s", name=username)]


def _told(key: str, told: dict[str, str | None], yes: bool, question: str, default: str | None) -> str:
    if value := told.get(key):
        return value
    if yes:
        if default is None:
            raise Invalid({f"--{key}": _("请写明 --%(key)s。", key=key)})
        return default
    return str(click.prompt(question, default=default))


def _ask_password(yes: bool) -> str:
    if yes:
        raise Invalid({"--password": _("请写明 --password。")})
    return str(click.prompt(_("密码（至少 8 个字符）"), hide_input=True, confirmation_prompt=True))


@command(archive, "seed", who="bare")
@click.option("--if-empty", is_flag=True, help="do nothing when there are people already")
def seed(run: Run, if_empty: bool) -> None:
    """Fill an empty archive with the believable demo room."""
    prepare()
    if User.select().exists():
        if if_empty:
            run.line(_("已有人员，没有改动任何记录。"), seeded=False)
            return
        raise Invalid({"seed": _("档案室里已有人员。演示数据只装进空的档案室。")})
    fill(run)
    run.line(_("演示档案室已装好。"), seeded=True)


def fill(run: Run) -> None:
    """Live the demo room's two years up to now; what happens is told on stderr."""
    from archive_app.demo import seed as demo

    demo.run(at=run.at, progress=lambda text: click.echo(text, err=True))
