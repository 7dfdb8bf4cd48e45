"""The reading room: readers are signed in and out by card; what they read lies on their seat (LOAN-02)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from archive_app.core.clock import local
from archive_app.core.errors import Invalid, Refused
from archive_app.core.i18n import Lazy as L
from archive_app.core.i18n import _, source_language
from archive_app.core.work import Work, work
from archive_app.loans import room_rows, rows, rules
from archive_app.loans.flow import ACTIVE
from archive_app.loans.judge import audit_facts, check_person
from archive_app.loans.models import Loan, RoomSession
from archive_app.loans.overdue import mark
from archive_app.loans.room_rows import get_session, present, session_of
from archive_app.notices.service import tell
from archive_app.people import queries as people
from archive_app.people import rulebook
from archive_app.people.actor import Actor, system
from archive_app.people.models import ArchiveUnit, User
from archive_app.policy import RuleBook
from archive_app.policy.words import moment
from archive_app.records.service import move_custody

PERMISSION = "loan.desk"
# Who is told when a reader walks off with a folder: those who keep the desk, and those who look into alarms.
TOLD = (PERMISSION, "alarm.handle")
LEFT = "loan.left_room"
OVER = L("到时自动签退").text  # kept in the register, so it reads the same whoever looks


def sign_in(user_id: int, seat: str | None = None, *, actor: Actor, at: datetime) -> RoomSession:
    """Sign a reader in by card; ``seat`` None takes the first free one. Twice is once: the seat stays.

    The session ends by the rule book: at closing, after its longest time, or with the reader's authority.
    Raises NotFound; Refused: permission, loan.borrower_locked, room.closed, room.authority_ended,
    room.still_on_table (the last session ran out and folders lie there yet), loan.no_seat, loan.seat_taken.
    """
    actor.must(PERMISSION)
    reader = people.user(user_id)
    check_person(reader, at)
    book = rulebook.current(at, actor.unit_id).book
    with work(actor, at) as w:
        # Two desks must not give one seat to two readers: the unit's row makes them take turns.
        ArchiveUnit.update(id=ArchiveUnit.id).where(ArchiveUnit.id == actor.unit_id).execute()
        own = session_of(user_id)
        if own is not None and own.ends_at > at:
            return _same_seat(own, seat, book)
        if own is not None:
            _end(w, own, OVER, actor, own.ends_at)
        return _open(w, reader, seat, book, actor, at)


def sign_out(
    session_id: int, *, left: bool = False, reason: str = "", actor: Actor, at: datetime
) -> RoomSession:
    """Sign a reader out; nothing may lie on the table any more.

    ``left``: the reader is gone with the folders. Then ``reason`` says how it was noticed, the loans are due
    and overdue at once, the folders no longer in the room, and those who must know are told.
    Raises Invalid; NotFound; Refused: permission, wrong_state, room.still_on_table.
    """
    actor.must(PERMISSION)
    reason = rules.clean(reason)
    if left and (errors := rules.check_reason(reason)):
        raise Invalid(errors)
    with work(actor, at) as w:
        row = get_session(session_id)
        if row.signed_out_at is not None:
            message = _("%(who)s 已经签退，没有改动任何记录。", who=row.reader.name)
            raise Refused("wrong_state", message, next_step=_("请刷新后再看。"))
        if left:
            _walked_off(w, row, reason, actor, at)
        _end(w, row, reason, actor, at)
    return row


def end_sessions(at: datetime) -> int:
    """Close the sessions that have passed their end with an empty table; tell the desk of the others, once.

    Return how many were closed or told. Only the clock calls this.
    """
    done = 0
    for found in RoomSession.select().where(RoomSession.signed_out_at.is_null() & (RoomSession.ends_at < at)):
        row = get_session(found.id)
        actor = system()
        if rest := on_table(row.reader_id):
            done += _tell_over(row, rest, actor, at)
            continue
        with work(actor, at) as w:
            _end(w, row, OVER, actor, row.ends_at)
        done += 1
    return done


def on_table(reader_id: int) -> list[Loan]:
    """What a reader has on the seat now, in the order it was handed over."""
    held = rows.select().where((Loan.borrower == reader_id) & Loan.state.in_(ACTIVE) & (Loan.seat != ""))
    return list(held.order_by(Loan.handed_at, Loan.id))


def undo_seating(w: Work, loan: Loan) -> None:
    """Forget a session that was opened by the seating which is undone, when nothing else was read in it."""
    row = RoomSession.get_or_none(RoomSession.id == loan.session) if loan.session else None
    if row is None or row.signed_out_at is not None or row.signed_in_at != loan.handed_at:
        return
    if Loan.select().where((Loan.session == row.id) & (Loan.id != loan.id)).exists():
        return
    RoomSession.delete().where(RoomSession.id == row.id).execute()
    w.note("room.undo_sign_in", row, reader=loan.borrower.username, seat=row.seat)


def _open(w: Work, reader: User, seat: str | None, book: RuleBook, actor: Actor, at: datetime) -> RoomSession:
    ends = _ends(book, reader, at)
    row = RoomSession.create(
        reader=reader, seat=_free(book, reader.id, seat, actor, at), signed_in_at=at,
        signed_in_by=actor.username, ends_at=ends,
    )  # fmt: skip
    w.note("room.sign_in", row, reader=reader.username, seat=row.seat, ends=ends.isoformat())
    return row


def _ends(book: RuleBook, reader: User, at: datetime) -> datetime:
    """When the session ends. Raises Refused: room.closed, room.authority_ended."""
    ends = book.session_end(at)
    if ends is None:
        opens, rule = book.opens_next(at), book.week.rule
        step = _("下次开放：%(when)s。", when=moment(opens, at)) if opens else ""
        message = _("阅览室现在不开放，没有改动任何记录。")
        raise Refused("room.closed", message, rule.text, rule.clause, "", step)
    if reader.authority_ends is None:
        return ends
    if reader.authority_ends <= at:
        rule = book.authority_rule
        message = _("%(who)s 的权限已到期，不能入室。没有改动任何记录。", who=reader.name)
        step = _("请系统管理员核实并延长权限。")
        raise Refused("room.authority_ended", message, rule.text, rule.clause, "", step)
    return min(ends, reader.authority_ends)


def _same_seat(row: RoomSession, wanted: str | None, book: RuleBook) -> RoomSession:
    if wanted in (None, row.seat):
        return row
    rule = book.reading_room.rule
    message = _("%(who)s 已坐 %(seat)s，没有改动任何记录。", who=row.reader.name, seat=row.seat)
    raise Refused("loan.seat_taken", message, rule.text, rule.clause, "", _("先签退，再换座位。"))


def _free(book: RuleBook, reader_id: int, wanted: str | None, actor: Actor, at: datetime) -> str:
    """The seat for this reader: the wanted one, the one the folders lie on already, or the first free one."""
    here = _free_those_over(actor, at)
    seats, rule = book.reading_room.seats, book.reading_room.rule
    lying = rows.lying()
    own = next((name for name, reader in lying.items() if reader == reader_id), "")
    taken = {name for name, reader in lying.items() if reader != reader_id}
    taken |= {row.seat for row in here}
    if wanted and (wanted in taken or wanted not in seats):
        message = _("座位 %(seat)s 不能坐。没有改动任何记录。", seat=wanted)
        raise Refused("loan.seat_taken", message, rule.text, rule.clause, "", _("请选别的座位。"))
    if found := wanted or (own if own not in taken else "") or rules.free_seat(seats, taken):
        return found
    message = _("阅览室没有空座。没有改动任何记录。")
    raise Refused("loan.no_seat", message, rule.text, rule.clause, "", _("有人离座后再办。"))


def _free_those_over(actor: Actor, at: datetime) -> list[RoomSession]:
    """Sign out who forgot to: the session is over and the table empty; return who is still there."""
    here = present()
    over = [row for row in here if row.ends_at <= at and not on_table(row.reader_id)]
    with work(actor, at) as w:
        for row in over:
            _end(w, row, OVER, actor, row.ends_at)
    return [row for row in here if row not in over]


def _end(w: Work, row: RoomSession, remark: str, actor: Actor, at: datetime) -> None:
    """Close the session. Raises Refused: room.still_on_table, wrong_state."""
    if rest := on_table(row.reader_id):
        numbers = _("、").join(loan.folder.file_number for loan in rest)
        message = _("%(who)s 桌上还有 %(n)s 份：%(numbers)s。没有签退。", who=row.reader.name, n=len(rest),
                    numbers=numbers)  # fmt: skip
        rule = rulebook.current(at, actor.unit_id).book.reading_room.rule
        step = _("请逐份扫码归还；人已走、档案不在的，登记带离。")
        raise Refused("room.still_on_table", message, rule.text, rule.clause, "", step)
    when = max(at, row.signed_in_at)  # a clock that was set back does not end a session before it began
    open_ = (RoomSession.id == row.id) & RoomSession.signed_out_at.is_null()
    changed = RoomSession.update(signed_out_at=when, signed_out_by=actor.username, remark=remark[:300])
    if not changed.where(open_).execute():
        message = _("%(who)s 已经签退，没有改动任何记录。", who=row.reader.name)
        raise Refused("wrong_state", message, next_step=_("请刷新后再看。"))
    row.signed_out_at, row.signed_out_by, row.remark = when, actor.username, remark[:300]
    w.note("room.sign_out", row, reader=row.reader.username, seat=row.seat, remark=remark)


@source_language()  # what is kept reads the same whoever looks
def _walked_off(w: Work, row: RoomSession, reason: str, actor: Actor, at: datetime) -> None:
    """The reader is gone with what lay on the table: due at once, overdue at once, told and audited."""
    book = rulebook.current(at, actor.unit_id).book
    taken = on_table(row.reader_id)
    for loan in taken:
        due = min(loan.due_at or at, at)
        ended = {"due_at": due, "due_reason": "读者离开阅览室，没有交回", "seat": "",
                 "due_clause": book.reading_room.rule.clause}  # fmt: skip
        Loan.update(ended).where(Loan.id == loan.id).execute()
        for name, value in ended.items():
            setattr(loan, name, value)
        if loan.state in rules.RUNNING:
            mark(w, loan, at)
        if loan.takes_folder:
            move_custody(
                loan.folder_id, "lent", holder=loan.borrower.name, place="被带离阅览室",
                remark=reason[:250], loan=loan.id, sources=("reading_room",), actor=actor, at=at,
            )  # fmt: skip
        w.note(LEFT, loan, reader=row.reader.username, seat=row.seat, reason=reason, **audit_facts(loan))
    numbers = _("、").join(loan.folder.file_number for loan in taken)
    if taken:
        tell(
            holders(TOLD, book), LEFT, f"room:{row.id}:left",
            _("%(who)s 离开阅览室，没有交回 %(n)s 份", who=row.reader.name, n=len(taken)),
            _("%(seat)s：%(numbers)s。%(reason)s", seat=row.seat, numbers=numbers, reason=reason),
            endpoint="room.session_page", about={"session_id": row.id}, at=at, actor=actor,
        )  # fmt: skip


@source_language()
def _tell_over(row: RoomSession, rest: list[Loan], actor: Actor, at: datetime) -> int:
    """The session is over and folders lie there yet: the desk is told once."""
    book = rulebook.current(at, actor.unit_id).book
    with work(actor, at) as w:
        told = tell(
            holders((PERMISSION,), book), "room.over", f"room:{row.id}:over",
            _("%(who)s 的阅览已到时，桌上还有 %(n)s 份", who=row.reader.name, n=len(rest)),
            _("%(seat)s，%(when)s 到时。请收回并签退。", seat=row.seat, when=f"{local(row.ends_at):%H:%M}"),
            endpoint="room.session_page", about={"session_id": row.id}, at=at, actor=actor,
        )  # fmt: skip
        if told:
            w.note("room.over", row, reader=row.reader.username, seat=row.seat, folders=len(rest))
    return int(told > 0)


def holders(permissions: Iterable[str], book: RuleBook) -> list[int]:
    """The active people whose title gives any of these permissions."""
    titles = {title for name in permissions for title in people.titles_with(name, book)}
    rows_ = User.select(User.id).where(User.active & User.title.in_(sorted(titles))).order_by(User.id)
    return [user.id for user in rows_]


__all__ = [
    "LEFT", "end_sessions", "get_session", "on_table", "present", "room_rows", "session_of",
    "sign_in", "sign_out", "undo_seating",
]  # fmt: skip
