"""What the desk answers to a printed sheet (type 7): still true, changed since, or not ours."""

from __future__ import annotations

from datetime import datetime

from archive_app.core.errors import NotFound
from archive_app.core.i18n import _
from archive_app.desk import answers
from archive_app.desk.answers import Answer
from archive_app.people.actor import Actor
from archive_app.printing.barcode import Barcode
from archive_app.prints import queries
from archive_app.prints.register import sheet_of

SHOWN = 2
"""So many changes stand on the band; the page of the print has all."""


def printed(code: Barcode, raw: str, actor: Actor, at: datetime) -> Answer:
    """Whether the scanned sheet is still true; nothing is changed by asking."""
    try:
        check = queries.check(code.id, code.file_number, actor, at)
    except NotFound:
        return _not_true(_("本室没有登记过这次打印。"), raw)
    if check.state == "forged":
        return _not_true(_("纸上的校验码与登记不符，不作数。"), raw)
    if check.state in ("gone", "void"):
        return _not_true(_("所印的对象已不在，或没有办成。"), raw, check)
    return _changed(check) if check.changes else _current(check)


def _current(check: queries.Check) -> Answer:
    later = check.newest > check.print.number
    newer = _("之后又打印过，最新的是第 %(n)s 次。", n=check.newest) if later else ""
    return Answer(
        "ok", _("现行有效"), str(sheet_of(check.print.form).name), _nth(check), answers.DONE,
        title=check.print.title, why=newer, unchanged=True, step=_page(check), icon="patch-check",
        chip=("ok", "patch-check", _("现行有效")),
    )  # fmt: skip


def _changed(check: queries.Check) -> Answer:
    count = len(check.changes)
    first = [_("%(where)s：%(old)s → %(new)s", where=d.where, old=d.old or "—", new=d.new or "—")
             for d in check.changes[:SHOWN]]  # fmt: skip
    return Answer(
        "ask", _("已有改动"), str(sheet_of(check.print.form).name),
        _("印出以后改了 %(n)s 处，以系统为准", n=count), answers.LOOK, title=check.print.title,
        why=_("；").join(first)[:300], unchanged=True, step=_page(check), icon="file-earmark-diff",
        chip=("wait", "file-earmark-diff", _("已有改动")),
    )  # fmt: skip


def _not_true(sentence: str, raw: str, check: queries.Check | None = None) -> Answer:
    return Answer(
        "no", _("不作数"), str(sheet_of(check.print.form).name) if check else answers.short(raw), sentence,
        answers.REFUSED, title=check.print.title if check else "", unchanged=True,
        why=_("请与出具的人核对，需要时重印一份。"), step=_page(check) if check else None,
        icon="patch-exclamation", chip=("stop", "patch-exclamation", _("不作数")),
    )  # fmt: skip


def _nth(check: queries.Check) -> str:
    return _("第 %(n)s 次打印，内容与印出时相同", n=check.print.number)


def _page(check: queries.Check) -> dict[str, object]:
    values = {"print_id": check.print.id}
    return {"endpoint": "prints.print_page", "values": values, "text": _("看这份打印"), "icon": "printer"}
