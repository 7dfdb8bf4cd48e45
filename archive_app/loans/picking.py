"""The pick list (取档单): what is approved and not fetched, in the order of a walk along the shelves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from archive_app.core.clock import local
from archive_app.core.i18n import Lazy as L
from archive_app.core.i18n import _
from archive_app.core.work import work
from archive_app.loans import carriers, copies, queue, rows, sheets, words
from archive_app.loans.carriers import Carrier
from archive_app.loans.models import Loan
from archive_app.loans.rules import verb_for
from archive_app.people import rulebook
from archive_app.people.actor import Actor, system
from archive_app.people.models import ArchiveUnit
from archive_app.policy import RuleBook
from archive_app.prints import service as prints
from archive_app.prints.models import Print
from archive_app.prints.register import Sheet, one_form, register
from archive_app.records import queries as records
from archive_app.stacks.models import Place, Standing
from archive_app.stacks.rules import natural, shelf_order, short_code

FORM = "pick_list"
MOST = 300
"""So many lines stand on one list; a person does not carry more, and the next list begins with the rest."""


@dataclass(frozen=True)
class Pick:
    """One folder to fetch: where it stands, for whom, how it is used, and what carries it.

    ``where``: seat (reading room), hand_over, or copy. ``first``: whose turn it is, when others wait too.
    ``group`` names room and cabinet, ``spot`` the rest of the way.
    """

    loan: Loan
    group: str
    spot: str
    where: str
    original: bool
    volume: str
    order: tuple[Any, ...] = field(repr=False)
    ahead: str = ""

    @property
    def picked(self) -> bool:
        """It lies ready at the desk already."""
        return self.loan.picked_at is not None


@dataclass(frozen=True)
class PickList:
    """All that is to be fetched, grouped by room and cabinet along the walk; ``more`` lines wait beyond."""

    groups: list[tuple[str, list[Pick]]]
    total: int
    picked: int
    more: int


def pick_list(actor: Actor, at: datetime) -> PickList:
    """What waits to be fetched, in walking order; unknown places last. Raises Refused: permission."""
    actor.must("loan.desk")
    known = records.visible(actor, at)
    wanted = rows.select().where((Loan.state == "approved") & known)
    loans = list(wanted.order_by(Loan.requested_at, Loan.id).limit(MOST + 1))
    picks = sorted(_picks(loans[:MOST], actor, at), key=lambda pick: pick.order)
    groups = [(name, list(each)) for name, each in groupby(picks, key=lambda pick: pick.group)]
    more = int(wanted.count()) - MOST if len(loans) > MOST else 0
    return PickList(groups, len(picks), sum(pick.picked for pick in picks), more)


def of_folder(folder_id: int) -> Loan | None:
    """The approved request for which a folder is fetched: the first that was not fetched yet, if any."""
    wanted = (Loan.folder == folder_id) & (Loan.state == "approved")
    found = list(rows.select().where(wanted).order_by(Loan.requested_at, Loan.id))
    return next((loan for loan in found if loan.picked_at is None), next(iter(found), None))


def pick(loan_id: int, *, actor: Actor, at: datetime) -> Loan:
    """Mark that the folder was taken from its shelf and lies ready at the desk; twice is once.

    Raises NotFound; Refused: permission.
    """
    actor.must("loan.desk")
    loan = rows.get_loan(loan_id)
    with work(actor, at) as w:
        open_ = (Loan.id == loan_id) & (Loan.state == "approved") & Loan.picked_at.is_null()
        if Loan.update(picked_at=at).where(open_).execute():
            loan.picked_at = at
            w.note("loan.pick", loan, folder=loan.folder.file_number)
    return loan


def unpick(loan_id: int, *, actor: Actor, at: datetime) -> None:
    """Put it back on its shelf: it was taken by mistake, or nobody wants it any more. Raises as `pick`."""
    actor.must("loan.desk")
    loan = rows.get_loan(loan_id)
    with work(actor, at) as w:
        if Loan.update(picked_at=None).where((Loan.id == loan_id) & Loan.picked_at.is_null(False)).execute():
            w.note("loan.unpick", loan, folder=loan.folder.file_number)


def print_list(*, actor: Actor, at: datetime) -> tuple[Print, bytes]:
    """Print the list as it is now, with the barcodes of the slips. Raises Refused: permission."""
    title = _("取档单 %(at)s", at=f"{local(at):%Y-%m-%d %H:%M}")
    return prints.print_now(FORM, "unit", str(actor.unit_id), title=title, actor=actor, at=at)


def _picks(loans: list[Loan], actor: Actor, at: datetime) -> Iterable[Pick]:
    book = rulebook.current(at, actor.unit_id).book
    ids = list({loan.folder_id for loan in loans})
    bound = carriers.carriers_of(ids)
    homes = _homes(ids, bound)
    ways = _ways(set(homes.values()))
    first = _first(loans, book, at)
    for loan in loans:
        carried = bound.get(loan.folder_id, [])
        way = ways.get(homes.get(loan.folder_id, 0), [])
        ahead = first.get(loan.folder_id)
        other = ahead is not None and ahead.borrower_id != loan.borrower_id
        yield Pick(
            loan, _group(way, loan), _spot(way, loan), _where(book, loan), not copies.is_kept(loan),
            carriers.words(carried), _order(way, loan), ahead.borrower.name if ahead and other else "",
        )  # fmt: skip


def _first(loans: list[Loan], book: RuleBook, at: datetime) -> dict[int, Loan]:
    """Whose turn it is for each folder that several wait for."""
    found: dict[int, Loan] = {}
    for loan in loans:
        if queue.takes_folder(book, loan) and not queue.missed(book, loan, at):
            found.setdefault(loan.folder_id, loan)
    return found


def _where(book: RuleBook, loan: Loan) -> str:
    use = book.use(loan.folder.secrecy, loan.kind)
    return "copy" if use is None or use.where is None else verb_for(use.where)


def _homes(folder_ids: list[int], bound: dict[int, list[Carrier]]) -> dict[int, int]:
    """The place to walk to for each folder: the box of the volume that carries it, else its own home."""
    wanted = Standing.key.in_(folder_ids) & (Standing.kind == "folder") & Standing.home.is_null(False)
    known: Any = Standing.select(Standing.key, Standing.home).where(wanted).tuples()
    homes: dict[int, int] = dict(known)
    boxes = {folder: each[0].place for folder, each in bound.items() if each and each[0].place}
    return homes | boxes


def _ways(place_ids: set[int]) -> dict[int, list[Place]]:
    """From the room down to each place; one query a storey of the tree."""
    known: dict[int, Place] = {}
    wanted = set(place_ids)
    while wanted:
        found = {place.id: place for place in Place.select().where(Place.id.in_(sorted(wanted)))}
        known |= found
        wanted = {place.parent_id for place in found.values() if place.parent_id} - known.keys()
    return {key: _way(known, key) for key in place_ids}


def _way(known: dict[int, Place], key: int | None) -> list[Place]:
    way: list[Place] = []
    while key and key in known:
        way.insert(0, known[key])
        key = known[key].parent_id
    return way


def _group(way: list[Place], loan: Loan) -> str:
    if way:
        return _("、").join(_called(place) for place in way[:2])
    return _("没有定位，按登记的存址找") if loan.folder.place else _("存址未登记")


def _called(place: Place) -> str:
    if place.kind == "room":
        return str(place.name or place.code)
    return _("%(code)s 柜", code=place.code) if place.kind == "cabinet" else str(place.code)


def _spot(way: list[Place], loan: Loan) -> str:
    return short_code([(place.kind, place.code) for place in way]) if way else loan.folder.place


def _order(way: list[Place], loan: Loan) -> tuple[Any, ...]:
    """Along the shelves, then class and number; a place in words only comes after, none at all last."""
    folder = loan.folder
    shelf = (*shelf_order(folder.category, folder.year, folder.serial), loan.id)
    if way:
        return (0, tuple((place.sort, natural(place.code)) for place in way), shelf)
    return (1, (natural(folder.place),), shelf) if folder.place else (2, (), shelf)


# The printed list


def _content(key: str, args: dict[str, Any], at: datetime) -> dict[str, Any]:
    unit = ArchiveUnit.get_by_id(int(key))
    book = rulebook.current(at, unit.id).book
    found = list(
        rows.select().where((Loan.state == "approved") & Loan.picked_at.is_null()).order_by(
            Loan.requested_at, Loan.id).limit(MOST)
    )  # fmt: skip
    picks = sorted(_picks(found, system(unit.id), at), key=lambda pick: pick.order)
    groups = [
        {"name": name, "rows": [_row(pick, book) for pick in each]}
        for name, each in groupby(picks, key=lambda pick: pick.group)
    ]
    return {"unit": unit.name, "total": len(picks), "groups": groups}


def _row(pick: Pick, book: RuleBook) -> dict[str, Any]:
    loan, level = pick.loan, book.levels[pick.loan.folder.secrecy]
    return {
        "spot": pick.spot, "file_number": loan.folder.file_number, "title": loan.folder.title,
        "secrecy": level.name, "secrecy_rank": level.rank, "volume": pick.volume,
        "borrower": loan.borrower.name, "kind": str(words.KINDS[loan.kind]), "how": how(pick),
        "wished": wished(loan), "number": sheets.number_of(loan), "payload": sheets.payload_of(loan),
        "ahead": pick.ahead,
    }  # fmt: skip


def how(pick: Pick) -> str:
    """Whether it goes to a seat or over the counter, the original or a copy kept for lending."""
    if not pick.original:
        return _("复印件")
    return {"seat": _("送阅览室"), "hand_over": _("柜台交接"), "copy": _("原件影印")}[pick.where]


def wished(loan: Loan) -> str:
    """When the borrower wished to use it, as short as it can be said."""
    if loan.wished_from is None:
        return ""
    return f"{local(loan.wished_from):%m-%d %H:%M}"


def _visible(key: str, actor: Actor, at: datetime) -> bool:
    return actor.can("loan.desk") and str(actor.unit_id) == key


def _classified(content: dict[str, Any]) -> list[str]:
    rows_ = [row for group in content["groups"] for row in group["rows"]]
    return [row["file_number"] for row in rows_ if row["secrecy_rank"] > 0]


def _link(key: str) -> tuple[str, dict[str, Any]]:
    return "desk.picks", {}


NAMES = {
    "unit": L("档案室"), "total": L("份数"), "groups": L("位置"), "rows": L("档案"), "name": L("位置"),
    "spot": L("位置"), "file_number": L("档号"), "title": L("题名"), "secrecy": L("密级"),
    "secrecy_rank": None, "volume": L("案卷"), "borrower": L("借阅人"), "kind": L("方式"), "how": L("去处"),
    "wished": L("拟用"), "number": L("借阅单号"), "payload": None, "ahead": L("先留给"),
}  # fmt: skip
_draw = one_form(FORM)
register(Sheet(FORM, L("取档单"), "loan.desk", _content, _draw, _visible, _classified, NAMES, None, _link))

__all__ = [
    "Pick", "PickList", "how", "of_folder", "pick", "pick_list", "print_list", "unpick", "wished",
]  # fmt: skip
