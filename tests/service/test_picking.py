"""The pick list: a walk along the shelves, what carries a folder, progress by scanning, the printed list."""

from __future__ import annotations

import pytest

from archive_app.core.errors import ArchiveError, Refused
from archive_app.desk import service as scanning
from archive_app.desk.answers import Answer
from archive_app.loans import carriers, papers, picking, sheets
from archive_app.loans import service as lending
from archive_app.loans.models import Loan
from archive_app.loans.sheets import out_card
from archive_app.printing.barcode import BarcodeType, payload
from archive_app.prints.models import Print
from archive_app.records.models import Folder
from archive_app.stacks import service as shelving
from archive_app.volumes import service as binding
from tests.conftest import AT
from tests.lending import wall
from tests.print.paper import texts
from tests.volumes import checked
from tests.volumes import folder as filed

pytest_plugins = ["tests.stacks", "tests.lending"]


def shelve(stacks, place, folder):
    shelving.shelve(place.id, [("folder", folder.id)], via="desk", **stacks.keeper)


def numbers(found):
    return [[pick.loan.folder.file_number for pick in picks] for _name, picks in found.groups]


def scan(people, text, at=AT, mode="pick", request_id=None):
    row = scanning.scan(
        text, desk="1", request_id=request_id or f"{text}{at}", mode=mode, actor=people.archivist, at=at
    )
    return Answer.from_json(row.answer)


@pytest.fixture
def walk(people, stacks, approved):
    """Approved requests for folders in two cabinets, one with a place in words, one with none."""
    spots = (stacks.shelves[1][0], stacks.shelves[0][1], stacks.boxes[0], None, None)
    loans = []
    for number, place in enumerate(spots):
        kept = stacks.folder(place="旧柜 9 格" if number == 3 else "")
        if place is not None:
            shelve(stacks, place, kept)
        loans.append(approved("open", kept=kept))
    return loans


def test_the_list_is_a_walk_along_the_shelves_with_unknown_places_last(people, walk):
    found = picking.pick_list(people.archivist, AT)
    assert [name for name, _picks in found.groups] == [
        "一号库房、A01 柜", "一号库房、A02 柜", "没有定位，按登记的存址找", "存址未登记",
    ]  # fmt: skip
    order = [walk[place].folder.file_number for place in (2, 1, 0, 3, 4)]
    assert [number for group in numbers(found) for number in group] == order
    assert (found.total, found.picked, found.more) == (5, 0, 0)


def test_a_line_says_for_whom_how_and_where_it_goes(people, approved, stacks):
    approved("open", "consult", kept=stacks.folder())
    approved("open", "photocopy", kept=stacks.folder())
    approved("open", kept=stacks.folder())
    said = [
        (pick.loan.borrower.name, picking.how(pick))
        for pick in picking.pick_list(people.archivist, AT).groups[0][1]
    ]
    assert said == [("王静娟", "送阅览室"), ("王静娟", "原件影印"), ("王静娟", "柜台交接")]


def test_scanning_a_folder_or_its_slip_marks_it_as_fetched(people, walk):
    answer = scan(people, payload(BarcodeType.FOLDER, walk[0].folder_id))
    assert (answer.verb, answer.sentence) == ("取到了", "给王静娟")
    assert scan(people, payload(BarcodeType.LOAN, walk[1].id)).verb == "取到了"
    assert scan(people, walk[2].folder.file_number).verb == "取到了"
    assert scan(people, walk[2].folder.file_number, wall(11)).verb == "早已取到"
    assert picking.pick_list(people.archivist, AT).picked == 3
    picking.unpick(walk[0].id, actor=people.archivist, at=AT)
    assert picking.pick_list(people.archivist, AT).picked == 2


def test_a_folder_nobody_waits_for_goes_back_to_its_shelf(people, stacks):
    kept = stacks.folder(place="A01 柜")
    answer = scan(people, payload(BarcodeType.FOLDER, kept.id))
    assert (answer.kind, answer.verb, answer.unchanged) == ("no", "不用取", True)
    assert scan(people, "6901234567892").kind == "none"


def test_what_was_handed_over_or_withdrawn_is_off_the_list(people, walk):
    lending.hand_over(walk[0].id, actor=people.archivist, at=AT)
    lending.withdraw(walk[1].id, "不用了", actor=people.borrower, at=AT)
    assert picking.pick_list(people.archivist, AT).total == 3


def test_only_the_desk_sees_the_list(people):
    for actor in (people.borrower, people.gm, people.auditor):
        with pytest.raises(Refused):
            picking.pick_list(actor, AT)


def test_the_printed_list_has_all_that_is_needed_and_the_barcodes_of_the_slips(people, walk):
    picking.pick(walk[4].id, actor=people.archivist, at=AT)
    row, data = picking.print_list(actor=people.archivist, at=AT)
    text = "".join(texts(data))
    for loan in walk[:4]:
        assert loan.folder.file_number in text
        assert sheets.number_of(loan) in text
    assert walk[4].folder.file_number not in text
    assert "A02 柜" in text
    assert (row.form, row.number, row.state) == ("pick_list", 1, "done")
    assert picking.print_list(actor=people.archivist, at=AT)[0].number == 2


# 装订在案卷里的档案


@pytest.fixture
def bound(people, stacks):
    """Two folders bound in one volume of 2025 that stands in box 01 of shelf A01-1."""
    folders = [filed("合同", actor=people.archivist, title=f"合同 {n}") for n in range(2)]
    (volume,) = checked(people)
    binding.bind_now(volume.id, actor=people.archivist, at=AT)
    binding.box(volume.id, stacks.boxes[0].id, actor=people.archivist, at=AT)
    return [Folder.get_by_id(folder.id) for folder in folders]


def test_a_bound_folder_says_which_volume_and_box_must_be_pulled(people, approved, bound):
    loan = approved("open", kept=bound[0])
    (pick,) = picking.pick_list(people.archivist, AT).groups[0][1]
    number = carriers.carried(bound[0].id)[0].number
    assert number in pick.volume
    assert "盒 01" in pick.volume
    assert pick.spot == "A01-1-01"
    waiting = scan(people, payload(BarcodeType.FOLDER, bound[0].id), mode="")
    assert number in waiting.why
    assert "不能单独拿走" in waiting.why
    given = scan(people, payload(BarcodeType.PERSON, people.borrower.user_id), mode="")
    assert given.verb == "已借出"
    assert number in given.why
    assert out_card(Loan.get_by_id(loan.id), AT)["place"].endswith(f"案卷 {number} 整卷借出")
    assert Loan.get_by_id(loan.id).state == "out"


def test_while_the_volume_is_away_no_other_folder_of_it_goes_out(people, approved, bound):
    first, second = approved("open", kept=bound[0]), approved("open", who=people.gm, kept=bound[1])
    lending.hand_over(first.id, actor=people.archivist, at=AT)
    with pytest.raises(Refused) as no:
        lending.hand_over(second.id, actor=people.archivist, at=AT)
    assert no.value.code == "loan.already_out"
    assert "整卷在王静娟手里" in str(no.value)
    lending.give_back(first.id, actor=people.archivist, at=AT)
    assert lending.hand_over(second.id, actor=people.archivist, at=AT).state == "out"


# 单子


def test_slip_and_out_card_come_in_one_print_and_are_counted(people, approved):
    loan = lending.hand_over(approved("open").id, actor=people.archivist, at=AT)
    row, data = papers.print_papers(loan.id, actor=people.archivist, at=AT)
    shown = texts(data)
    assert len(shown) == 2
    assert sheets.number_of(loan) in shown[0]
    assert loan.folder.file_number in shown[1]
    assert (row.form, Loan.get_by_id(loan.id).slips_printed) == ("loan_papers", 1)
    assert out_card(loan, AT)["file_number"] == loan.folder.file_number


def test_a_print_that_fails_leaves_the_loan_as_it_is(people, approved, monkeypatch):
    loan = lending.hand_over(approved("open").id, actor=people.archivist, at=AT)
    monkeypatch.setattr("archive_app.prints.drawing.PRESS", None)  # the printer is off
    with pytest.raises(ArchiveError):
        papers.print_papers(loan.id, actor=people.archivist, at=AT)
    kept = Loan.get_by_id(loan.id)
    assert (kept.state, kept.slips_printed) == ("out", 0)
    assert (Print.get().form, Print.get().state) == ("loan_papers", "failed")
