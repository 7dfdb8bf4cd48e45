"""The verbs that give out, fill and void file numbers; a number is never doubled, lost or reissued."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import peewee as pw

from archive_app.core.errors import Invalid, NotFound, Refused, too_long
from archive_app.core.i18n import _
from archive_app.core.work import work
from archive_app.people import rulebook
from archive_app.people.actor import Actor
from archive_app.people.models import ArchiveUnit
from archive_app.policy import RuleBook
from archive_app.records import rules
from archive_app.records.flow import NUMBER
from archive_app.records.index import index_folder
from archive_app.records.models import Counter, CustodyEvent, Folder, NumberBlock

BLOCK_MAX = 1000


def register_folder(
    category: str,
    year: int,
    title: str,
    *,
    secrecy: str = "",
    retention: str = "",
    party: str = "",
    department_id: int | None = None,
    manager_id: int | None = None,
    tier: str = "",
    dated_from: date | None = None,
    dated_to: date | None = None,
    place: str = "",
    note: str = "",
    request_id: str | None = None,
    actor: Actor,
    at: datetime,
) -> Folder:
    """Give a folder the next number of its category and filing year and register its details.

    ``year`` is the filing year (归档年度), chosen here and fixed after. Empty ``secrecy`` and
    ``retention`` take the category's defaults. The same ``request_id`` again (double click, resend)
    returns the folder already registered. Raises Invalid; Refused: permission.
    """
    actor.must("folder.register")
    if request_id and (done := Folder.get_or_none(Folder.request_id == request_id)):
        return done
    adopted = rulebook.current(at, actor.unit_id)
    details = checked_details(
        adopted.book,
        category,
        dict(
            title=title, secrecy=secrecy, retention=retention, party=party, tier=tier,
            department=department_id, manager=manager_id, dated_from=dated_from, dated_to=dated_to,
            place=place, note=note,
        ),
        extra=rules.check_year(year, adopted.book.years(at)) | rules.check_tier(tier, adopted.book.tiers),
    )  # fmt: skip
    try:
        with work(actor, at) as w:
            last = _advance(adopted.book, actor.unit_id, category, year, 1)
            folder = _insert(
                adopted, actor, at, category, year, last, state="active", request_id=request_id,
                registered_by=actor.username, registered_at=at, **details,
            )  # fmt: skip
            _shelve_first(folder, actor, at)
            index_folder(folder)
            w.note("folder.register", folder, file_number=folder.file_number, title=folder.title)
    except pw.IntegrityError:
        # Two equal requests met: the first one has registered the folder, its number was not used twice.
        if request_id and (done := Folder.get_or_none(Folder.request_id == request_id)):
            return done
        raise
    return folder


def reserve_block(
    category: str, year: int, count: int, purpose: str, *, actor: Actor, at: datetime
) -> NumberBlock:
    """Reserve ``count`` (1–1000) consecutive numbers, so that labels can be printed before the details exist.

    Raises Invalid; Refused: permission.
    """
    actor.must("number.reserve")
    adopted = rulebook.current(at, actor.unit_id)
    purpose = rules.clean_line(purpose)
    errors = _category_error(adopted.book, category) | rules.check_year(year, adopted.book.years(at))
    if not 1 <= count <= BLOCK_MAX:
        errors["count"] = _("一次可预留 1 到 %(n)s 个号。", n=BLOCK_MAX)
    if not purpose:
        errors["purpose"] = _("请写明用途，缺号报告要说明每一个号。")
    errors |= too_long("purpose", purpose, 200)
    if errors:
        raise Invalid(errors)
    with work(actor, at) as w:
        last = _advance(adopted.book, actor.unit_id, category, year, count)
        block = NumberBlock.create(
            unit=actor.unit_id, category=category, year=year, first=last - count + 1, last=last,
            purpose=purpose, reserved_by=actor.username, reserved_at=at,
        )  # fmt: skip
        for serial in range(block.first, last + 1):
            _insert(adopted, actor, at, category, year, serial, state="reserved", block=block)
        w.note("number.reserve", block, category=category, year=year, first=block.first, last=last)
    return block


def fill_reserved(folder_id: int, *, actor: Actor, at: datetime, **details: Any) -> Folder:
    """Register the details of a number that was reserved (and perhaps labelled) before.

    ``details`` as in `register_folder`. Raises Invalid; NotFound; Refused: permission, wrong_state.
    """
    actor.must("folder.register")
    folder = get_folder(folder_id)
    adopted = rulebook.current(at, actor.unit_id)
    wrong = rules.check_tier(details.get("tier", ""), adopted.book.tiers)
    values = checked_details(adopted.book, folder.category, details, extra=wrong)
    with work(actor, at) as w:
        NUMBER.fire(folder, "fill", registered_by=actor.username, registered_at=at, **values)
        _shelve_first(folder, actor, at)
        index_folder(folder)
        w.note("folder.register", folder, file_number=folder.file_number, title=folder.title, reserved=True)
    return get_folder(folder_id)


def void_number(folder_id: int, reason: str, *, actor: Actor, at: datetime) -> Folder:
    """Void a number for ever; the tombstone keeps who, when and why, and the number is never reissued.

    Raises Invalid; NotFound; Refused: permission, wrong_state, folder.not_on_shelf.
    """
    actor.must("folder.void")
    folder = get_folder(folder_id)
    reason = rules.clean_line(reason)
    if errors := rules.check_reason(reason):
        raise Invalid(errors)
    with work(actor, at) as w:
        on_shelf = Folder.update(revision=Folder.revision + 1).where(
            (Folder.id == folder_id) & (Folder.custody == "on_shelf")
        )
        if not on_shelf.execute():
            raise Refused(
                "folder.not_on_shelf",
                _("%(number)s 还在外面，不能作废。没有改动任何记录。", number=folder.file_number),
                next_step=_("先办归还，再作废。"),
            )
        NUMBER.fire(folder, "void", void_reason=reason, voided_by=actor.username, voided_at=at)
        index_folder(folder)
        w.note("number.void", folder, file_number=folder.file_number, reason=reason)
    return folder


def get_folder(folder_id: int) -> Folder:
    """The folder row. Raises NotFound."""
    folder = Folder.get_or_none(Folder.id == folder_id)
    if folder is None:
        raise NotFound(_("没有这份档案。"))
    return folder


def checked_details(
    book: RuleBook, category: str, details: dict[str, Any], extra: dict[str, str] | None = None
) -> dict[str, Any]:
    """Clean and check the details of a folder against the rule book; defaults from the category.

    Raises Invalid with one message per field.
    """
    errors = dict(extra or {}) | _category_error(book, category)
    values = dict(details)
    for name, limit in rules.FOLDER_LIMITS.items():
        if name in values:
            clean = rules.clean_block if name == "note" else rules.clean_line
            values[name] = clean(values[name])
            errors |= too_long(name, values[name], limit)
    if not values.get("title"):
        errors["title"] = _("请写题名。")
    if "category" not in errors:
        default = book.category(category)
        values["secrecy"] = values.get("secrecy") or default.secrecy
        values["retention"] = values.get("retention") or default.retention
    if values.get("secrecy") and values["secrecy"] not in book.levels:
        errors["secrecy"] = _("制度里没有这个密级，请从列表中选。")
    if values.get("retention") and values["retention"] not in book.retentions:
        errors["retention"] = _("制度里没有这个保管期限，请从列表中选。")
    errors |= rules.check_period(values.get("dated_from"), values.get("dated_to"))
    if errors:
        raise Invalid(errors)
    return values


def _category_error(book: RuleBook, category: str) -> dict[str, str]:
    return {} if category in book.categories else {"category": _("制度里没有这个类别，请从列表中选。")}


def _advance(book: RuleBook, unit_id: int, category: str, year: int, count: int) -> int:
    """Move the counter row by ``count`` and return the last serial; rolled back with the work."""
    scope = book.scope_key(ArchiveUnit.get_by_id(unit_id).fonds_code, category, year)
    upsert = Counter.insert(scope=scope, last=count).on_conflict(
        conflict_target=[Counter.scope], update={Counter.last: Counter.last + count}
    )
    return int(next(iter(upsert.returning(Counter.last).tuples().execute()))[0])


def _insert(
    adopted: rulebook.Adopted,
    actor: Actor,
    at: datetime,
    category: str,
    year: int,
    serial: int,
    **values: Any,
) -> Folder:
    return Folder.create(
        unit=actor.unit_id, category=category, year=year, serial=serial,
        file_number=adopted.book.number(category, year, serial),
        rule_book=adopted.id, created_by=actor.username, created_at=at, **values,
    )  # fmt: skip


def _shelve_first(folder: Folder, actor: Actor, at: datetime) -> None:
    CustodyEvent.create(
        folder=folder, custody="on_shelf", place=folder.place, remark="register",
        handled_by=actor.name, at=at,
    )  # fmt: skip
