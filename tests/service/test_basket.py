"""The basket: what one may know of, put aside for oneself, by button or by numbers typed and pasted."""

from __future__ import annotations

import pytest

from archive_app.core.errors import Invalid, NotFound, Refused
from archive_app.loans import basket
from archive_app.loans.models import BasketItem
from archive_app.printing import barcode
from archive_app.records.models import Folder
from archive_app.records.service import edit_folder

pytest_plugins = ["tests.lending"]


def test_a_folder_is_in_the_basket_once_and_stays_until_it_is_taken_out(people, folder, at):
    one, two = folder("open"), folder("secret")
    assert basket.add([two.id, one.id, two.id], actor=people.borrower, at=at) == 2
    assert basket.add([one.id], actor=people.borrower, at=at) == 0
    assert [each.id for each in basket.of(people.borrower, at)] == [two.id, one.id]
    assert basket.count(people.borrower, at) == 2
    assert basket.remove([two.id], actor=people.borrower, at=at) == 1
    assert basket.clear(actor=people.borrower, at=at) == 1
    assert basket.of(people.borrower, at) == []


def test_each_person_has_a_basket_of_his_own(people, folder, at):
    one = folder("open")
    basket.add([one.id], actor=people.borrower, at=at)
    basket.add([one.id], actor=people.colleague, at=at)
    assert basket.clear(actor=people.colleague, at=at) == 1
    assert basket.count(people.borrower, at) == 1


@pytest.mark.requirement("SEC-16")
def test_what_one_may_not_know_of_cannot_be_put_in_and_vanishes_when_it_is_raised(people, folder, at):
    hidden, shown = folder("top_secret"), folder("open")
    with pytest.raises(NotFound):
        basket.add([shown.id, hidden.id], actor=people.borrower, at=at)
    assert BasketItem.select().count() == 0
    basket.add([shown.id], actor=people.borrower, at=at)
    edit_folder(shown.id, {"secrecy": "top_secret"}, "定密", shown.revision, actor=people.archivist, at=at)
    assert basket.of(people.borrower, at) == []


def test_the_basket_holds_fifty(people, folder, at):
    ids = [folder("open").id for _n in range(51)]
    basket.add(ids[:50], actor=people.borrower, at=at)
    with pytest.raises(Refused) as no:
        basket.add(ids[50:], actor=people.borrower, at=at)
    assert no.value.code == "basket.full"
    assert basket.count(people.borrower, at) == 50
    assert basket.add(ids[:3], actor=people.borrower, at=at) == 0  # what is in it is no new one


def test_numbers_are_taken_in_any_form_and_what_is_wrong_is_said(people, folder, at):
    one, two, three = folder("open"), folder("open"), folder("secret")
    code = barcode.payload(barcode.BarcodeType.FOLDER, three.id)
    typed = basket.add_numbers(
        f"ＨＴ－２０２６－０００１，ht20260002\n{code}　0001、HT-2026-9999；𠮷🙂",
        actor=people.borrower,
        at=at,
    )
    assert [each.id for each in typed.added] == [one.id, two.id, three.id]
    assert [each.id for each in typed.known] == [one.id]
    assert list(typed.wrong) == ["HT-2026-9999", "𠮷🙂"]


@pytest.mark.requirement("SEC-16")
def test_a_number_one_may_not_know_of_reads_like_one_that_is_not_there(people, folder, at):
    hidden = folder("top_secret")
    code = barcode.payload(barcode.BarcodeType.FOLDER, hidden.id)
    typed = basket.add_numbers(f"{hidden.file_number} {code} HT-2026-8888", actor=people.borrower, at=at)
    assert typed.added == []
    assert set(typed.wrong.values()) == {"没有找到"}


def test_a_tail_that_fits_several_numbers_names_them(people, folder, at):
    first = folder("open")
    Folder.insert(
        Folder.select().where(Folder.id == first.id).dicts().get()
        | {"id": 9000, "category": "KH", "file_number": "KH-2026-0001"}
    ).execute()
    typed = basket.add_numbers("0001", actor=people.borrower, at=at)
    assert typed.added == []
    assert "HT-2026-0001" in typed.wrong["0001"]
    assert "KH-2026-0001" in typed.wrong["0001"]


@pytest.mark.parametrize("text", ["", "  ，、 ", "1 " * 10_000, " ".join(str(n) for n in range(1, 60))])
def test_nothing_and_too_much_are_refused(people, at, text):
    with pytest.raises((Invalid, Refused)):
        basket.add_numbers(text, actor=people.borrower, at=at)
