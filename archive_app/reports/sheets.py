"""Registers on paper: one sheet for all of them, a long list by typst, A4 landscape, every row."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from archive_app.core.clock import local
from archive_app.core.errors import NotFound
from archive_app.core.i18n import Lazy as L
from archive_app.core.i18n import _
from archive_app.people import queries as people
from archive_app.people import rulebook
from archive_app.people.actor import Actor
from archive_app.prints.register import Content, Part, Sheet, Stamp, register
from archive_app.reports import filters, queries, sight
from archive_app.reports.shape import Ask, Register, Values

FORM, KIND = "register", "register"
TIMEOUT = 1800.0


def key_of(register: Register, ask: Ask) -> str:
    """What a print is about: the register, the archive unit, and whose eyes it is for."""
    return f"{register.name}:{ask.unit}:{ask.sight.text}"


def args_of(ask: Ask) -> Content:
    """The options of a print: what it is narrowed to, as of when."""
    return {"filters": ask.filters.as_args(), "at": ask.at.isoformat()}


def _ask(key: str, args: Content, at: datetime) -> tuple[Register, Ask]:
    name, _colon, rest = key.partition(":")
    unit, _colon, seen = rest.partition(":")
    moment = datetime.fromisoformat(args["at"]) if args.get("at") else at
    found = queries.register_of(name)
    return found, Ask(filters.read(args.get("filters", {})), sight.read(seen, at), int(unit), moment)


def content(key: str, args: Content, at: datetime) -> Content:
    """All rows of a register as of the moment of the order, with its figures. Raises NotFound."""
    register, ask = _ask(key, args, at)
    unit = people.company(ask.unit)
    if unit is None:
        raise NotFound(_("没有这份登记簿。"))
    rows = list(queries.every(register, ask))
    return {
        "fonds_name": unit.fonds_name, "fonds_code": unit.fonds_code, "title": title_of(register, ask),
        "scope": queries.narrowed_words(register, ask),
        "made": _("情况截至 %(at)s", at=f"{local(ask.at):%Y-%m-%d %H:%M}"), "clause": _clause(register, ask),
        "figures": [{"id": each.text, "name": each.text, "value": each.n} for each in register.figures(ask)],
        "columns": [
            {"title": str(each.heading), "width": each.width, "right": each.right}
            for each in register.columns
        ],
        "lines": [
            {"id": row["id"], "late": bool(row["late"]),
             "cells": [register.lines(row, column) for column in register.columns]}
            for row in rows
        ],
        "classified": classified(rows),
    }  # fmt: skip


def title_of(register: Register, ask: Ask) -> str:
    """The title: a folder's timeline names the folder."""
    if ask.filters.folder is None:
        return str(register.title)
    from archive_app.records.models import Folder

    number = Folder.select(Folder.file_number).where(Folder.id == ask.filters.folder).scalar() or ""
    return f"{register.title} {number}"


def classified(rows: list[Values]) -> list[str]:
    """File numbers of the classified folders in these rows, for the audit."""
    numbers = [row["file_number"] for row in rows if row.get("classified")]
    return list(dict.fromkeys([*numbers, *(n for row in rows for n in row.get("classified_numbers", ()))]))


def _clause(register: Register, ask: Ask) -> str:
    """The clause that asks for the list, where the rule book has it."""
    part = rulebook.current(ask.at, ask.unit).book.lending.reports
    return part.rule.clause if part and register.name == "outstanding" else ""


def draw(content: Content, stamp: Stamp) -> Iterator[Part]:
    """The list by typst."""
    yield Part("list", {"form": FORM, "data": content | {"stamp": stamp.as_dict()}}, TIMEOUT)


def seen(key: str, actor: Actor, at: datetime) -> bool:
    """Whether the person may see registers, and this one tells him nothing that he may not know."""
    name, unit, eyes = (*key.split(":", 2), "", "")[:3]
    mine = unit == str(actor.unit_id) and name in queries.REGISTERS
    return mine and actor.can("report.view") and sight.covers(eyes, actor, at)


def link(key: str) -> tuple[str, dict[str, Any]]:
    """The page of the register."""
    name = key.partition(":")[0]
    return ("reports.index", {}) if name == "timeline" else ("reports.register_page", {"report": name})


register(
    Sheet(
        form=FORM, name=L("登记簿和报表"), permission="report.view", content=content, draw=draw, visible=seen,
        classified=lambda content: list(content["classified"]),
        names={
            "title": L("名称"), "scope": L("范围"), "lines": L("内容"), "cells": L("一行"),
            "figures": L("合计"), "value": L("数"),
            "late": L("逾期"), "classified": None, "columns": None, "clause": None,
        },
        link=link,
    )
)  # fmt: skip
