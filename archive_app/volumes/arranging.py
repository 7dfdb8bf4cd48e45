"""The order inside a volume: by rule, by hand with a reason, and the signature of the one who checked it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from archive_app.core.errors import Invalid, NotFound, Refused, too_long
from archive_app.core.i18n import _
from archive_app.core.work import work
from archive_app.people import rulebook
from archive_app.people.actor import Actor
from archive_app.policy import RuleBook
from archive_app.records import queries as records
from archive_app.records.models import Folder
from archive_app.records.rules import clean_block, clean_line
from archive_app.volumes import layout, rules
from archive_app.volumes.facts import ALWAYS_HOLD, PROBLEMS, Problem
from archive_app.volumes.flow import VOLUME
from archive_app.volumes.models import Acceptance, Volume, VolumeItem
from archive_app.volumes.papers import Holdings, holdings, items_of, papers_of
from archive_app.volumes.plan import problems_in
from archive_app.volumes.problems import Finder
from archive_app.volumes.proposing import in_order, in_rule_order, refresh
from archive_app.volumes.sight import volume_for

BY_HAND = rules.REASONS["by_hand"].text
TITLE_MAX, REMARK_MAX = 1000, 5000
MOVABLE = ("open", "arranged")


def arrange(volume_id: int, *, actor: Actor, at: datetime) -> Volume:
    """Put the documents in the rule book's order, number the pages; the volume is arranged (ARR-09, ARR-10).

    Takes in what was added to its folders and lets go what was removed. An order made by hand stays;
    `restore_order` undoes it. Raises NotFound; Refused: permission, wrong_state, volumes.empty.
    """
    actor.must(VOLUME.steps["arrange"].permission)
    volume = volume_for(actor, volume_id, at)
    adopted = rulebook.current(at, actor.unit_id)
    with work(actor, at) as w:
        layout.lock_year(actor.unit_id)
        VOLUME.fire(
            volume, "arrange", arranged_by=actor.username, arranged_at=at, checked_by="", checked_at=None
        )
        items = refresh(volume, actor, at, _holdings(adopted.book, actor, volume, at))
        if not items:
            raise _empty()
        by_hand = any(item.moved_by for item in items)
        ordered = in_order(items, adopted.book, volume.category)
        layout.lay(volume, ordered, adopted.book, revision=volume.revision + 1, rule_book=adopted.id)
        w.note("volume.arrange", volume, documents=volume.items, pages=volume.pages, by_hand=by_hand,
               clause=adopted.book.arrangement.rules["page_numbers"].clause)  # fmt: skip
    return Volume.get_by_id(volume_id)


def _holdings(book: RuleBook, actor: Actor, volume: Volume, at: datetime) -> Holdings:
    known = (Folder.unit == actor.unit_id) & records.visible(actor, at)
    return holdings(book, known, volume.category, volume.year)


def _empty() -> Refused:
    return Refused(
        "volumes.empty",
        _("这一卷里没有文件，没有改动任何记录。"),
        next_step=_("撤销这一卷，或重新提出组卷方案。"),
    )


def restore_order(volume_id: int, revision: int, *, actor: Actor, at: datetime) -> Volume:
    """Put an open or arranged volume back into the rule book's order (恢复按制度排列).

    Raises NotFound; Refused: permission, arrange.stale, volumes.not_open.
    """
    book = rulebook.current(at, actor.unit_id).book
    with work(actor, at) as w:
        volume = layout.taken(actor, volume_id, revision, at, MOVABLE)
        layout.lay(volume, in_rule_order(items_of(volume.id), book, volume.category), book)
        w.note("volume.restore", volume)
    return Volume.get_by_id(volume_id)


def move_item(
    item_id: int,
    before_item_id: int | None,
    reason: str,
    revision: int,
    *,
    whole: bool = False,
    actor: Actor,
    at: datetime,
) -> Volume:
    """Move a document (``whole``: with its group) before another, or to the end of its folder, by hand.

    ``before_item_id`` None: behind the last document of its folder. ``revision`` is the volume's as the
    person saw it. Raises Invalid: reason; NotFound; Refused: permission, arrange.stale, arrange.separates
    (with the clause), volumes.not_open.
    """
    row = VolumeItem.get_or_none((VolumeItem.id == item_id) & VolumeItem.released_at.is_null())
    if row is None:
        raise NotFound(_("这一件不在这一卷里了。"))
    book = rulebook.current(at, actor.unit_id).book
    with work(actor, at) as w:
        volume = layout.taken(actor, row.volume_id, revision, at, MOVABLE)
        reason = layout.checked_reason(reason)
        items = items_of(volume.id)
        moving = _moving(items, item_id, book, whole)
        ordered = _moved(items, moving, before_item_id)
        if torn := rules.torn(papers_of(ordered, book)):
            raise _separates(book, torn, {item.document_id: item for item in items})
        for item in moving:
            item.rule, item.reason, item.touched = "by_hand", BY_HAND, True
            item.moved_by, item.moved_at, item.moved_reason = actor.username, at, reason
        layout.lay(volume, ordered, book)
        w.note(
            "volume.move", volume, documents=[item.document_id for item in moving], reason=reason,
            position=[ordered.index(item) + 1 for item in moving],
            clause=book.arrangement.rules["by_hand"].clause,
        )  # fmt: skip
    return Volume.get_by_id(volume.id)


def _moving(items: Sequence[VolumeItem], item_id: int, book: RuleBook, whole: bool) -> list[VolumeItem]:
    item = next(each for each in items if each.id == item_id)
    if not whole:
        return [item]
    groups = rules.groups(papers_of(items, book))
    mine = next({p.id for p in group} for group in groups if item.document_id in {p.id for p in group})
    return [each for each in items if each.document_id in mine]


def _moved(items: list[VolumeItem], moving: list[VolumeItem], before: int | None) -> list[VolumeItem]:
    """The order with the moved rows in front of ``before``, or behind the others of their folder."""
    rest = [item for item in items if item not in moving]
    if before is not None:
        place = next((n for n, item in enumerate(rest) if item.id == before), None)
        if place is None:
            raise NotFound(_("要移到的位置不在这一卷里。"))
    else:
        same = [n for n, item in enumerate(rest) if item.folder_id == moving[0].folder_id]
        place = same[-1] + 1 if same else items.index(moving[0])
    return rest[:place] + moving + rest[place:]


def _separates(book: RuleBook, torn: rules.Torn, items: dict[int, VolumeItem]) -> Refused:
    named = _("、").join(
        _("《%(title)s》", title=items[each].document.title[:40]) for each in torn.papers[:3]
    )
    if torn.rule == "groups":
        message = _("不能移到这里：%(named)s 是一组，不能分开。没有改动任何记录。", named=named)
        step = _("可以整组移动。")
    else:
        number = items[torn.papers[0]].folder.file_number
        message = _("不能移到这里：%(number)s 的文件要放在一起。没有改动任何记录。", number=number)
        step = _("只在本份档案之内移动；换卷请移动整份档案。")
    return layout.refusal("arrange.separates", message, book.arrangement.rules[torn.rule], step)


def rename(volume_id: int, title: str, remark: str, revision: int, *, actor: Actor, at: datetime) -> Volume:
    """Give a volume that is not bound its 案卷题名 and the free words of its remark sheet.

    Raises Invalid: title, remark; NotFound; Refused: permission, arrange.stale, volumes.not_open.
    """
    title, remark = clean_line(title), clean_block(remark)
    errors = too_long("title", title, TITLE_MAX) | too_long("remark", remark, REMARK_MAX)
    if not title:
        errors["title"] = _("请写案卷题名。")
    if errors:
        raise Invalid(errors)
    with work(actor, at) as w:
        volume = layout.taken(actor, volume_id, revision, at, MOVABLE)
        old = volume.title
        named = volume.named or title != old
        kept = {"named": named, "adjusted": volume.adjusted or named or bool(remark)}
        layout.write(volume, {"title": title, "remark": remark} | kept)
        w.note("volume.rename", volume, old=old, new=title, remark=remark)
    return Volume.get_by_id(volume_id)


def accept(folder_id: int, problem: str, reason: str, *, actor: Actor, at: datetime) -> Acceptance:
    """Accept a difference that was looked into; it then no longer holds the volume back.

    It counts only while the facts stay as they were. Raises Invalid: problem, reason; NotFound;
    Refused: permission, volumes.no_problem, volumes.not_acceptable (what is lent must come back).
    """
    actor.must("volume.arrange")
    reason = layout.checked_reason(reason)
    if problem not in PROBLEMS:
        raise Invalid({"problem": _("请从列表中选。")})
    folder = records.folder_for(actor, folder_id, at)
    if problem in ALWAYS_HOLD:
        raise Refused(
            "volumes.not_acceptable",
            _("%(what)s不能用理由接受，没有改动任何记录。", what=str(PROBLEMS[problem])),
            next_step=_("还回后再装订。") if problem == "lent" else _("先退回调整，再排定。"),
        )
    found = next(
        (each for each in _problems(actor, folder, at) if each.code == problem and each.acceptable), None
    )
    if found is None:
        raise Refused(
            "volumes.no_problem",
            _("%(number)s 现在没有这个问题，没有改动任何记录。", number=folder.file_number),
            next_step=_("请刷新后再看。"),
        )
    with work(actor, at) as w:
        row = Acceptance.create(folder=folder.id, problem=problem, facts=found.facts, reason=reason,
                                accepted_by=actor.username, accepted_at=at)  # fmt: skip
        w.note(
            "volume.accept",
            folder,
            file_number=folder.file_number,
            problem=problem,
            facts=found.facts,
            reason=reason,
        )
    return row


def _problems(actor: Actor, folder: Folder, at: datetime) -> list[Problem]:
    lines = records.documents_of(folder.id)
    for line in lines:
        line.folder = folder
    book = rulebook.current(at, actor.unit_id).book
    return Finder(book, lines, {}, names=records.sees_holders(actor)).find()


def check_volume(
    volume_id: int, revision: int | None = None, *, actor: Actor, at: datetime
) -> Volume:  # fmt: skip
    """Sign that an arranged volume was checked against the paper; the checker is not the arranger.

    Who moved a document by hand counts as an arranger too. ``revision`` is the volume's as the checker saw
    it. Raises NotFound; Refused: permission, wrong_state, arrange.stale, volumes.own_check, volumes.held —
    it changed since it was arranged.
    """
    actor.must(VOLUME.steps["check"].permission)
    volume = volume_for(actor, volume_id, at)
    book = rulebook.current(at, actor.unit_id).book
    items = items_of(volume.id)
    if (
        actor.username in {volume.arranged_by, *(item.moved_by for item in items)}
        and volume.state == "arranged"
    ):
        raise own_check(book)
    changed = [each for each in problems_in(actor, volume, items, book) if each.code == "stale"]
    if changed:
        raise held(changed)
    with work(actor, at) as w:
        VOLUME.fire(volume, "check", checked_by=actor.username, checked_at=at)
        layout.require_seen(volume, volume.revision if revision is None else revision)
        layout.write(volume, {"revision": volume.revision + 1})
        w.note(
            "volume.check", volume, documents=volume.items, pages=volume.pages, arranged_by=volume.arranged_by
        )
    return Volume.get_by_id(volume_id)


def own_check(book: RuleBook) -> Refused:
    """The refusal to check one's own arrangement."""
    return layout.refusal(
        "volumes.own_check",
        _("立卷人不能检查自己排的卷，没有改动任何记录。"),
        book.arrangement.rules["checker"],
        _("请另一位有检查权限的同事检查。"),
        _("另一位检查人"),
    )


def held(problems: Sequence[Problem]) -> Refused:
    """The refusal to go on while problems hold the volume back; names the first ones."""
    named = _("；").join(f"{each.folder.file_number} {each.text}" for each in problems[:3])
    more = _("等 %(n)s 处", n=len(problems)) if len(problems) > 3 else ""
    return Refused(
        "volumes.held",
        _("还不能装订：%(named)s%(more)s。没有改动任何记录。", named=named, more=more),
        next_step=_("先解决，或写明理由接受差异，再办。"),
    )


def reopen(volume_id: int, reason: str = "", *, actor: Actor, at: datetime) -> Volume:
    """Open an arranged or checked volume again. Raises NotFound; Refused: permission, wrong_state."""
    actor.must(VOLUME.steps["reopen"].permission)
    volume = volume_for(actor, volume_id, at)
    with work(actor, at) as w:
        VOLUME.fire(volume, "reopen", checked_by="", checked_at=None)
        # It was looked at by people: the next proposal leaves it alone.
        layout.write(volume, {"revision": volume.revision + 1, "adjusted": True})
        w.note("volume.reopen", volume, reason=clean_line(reason))
    return Volume.get_by_id(volume_id)
