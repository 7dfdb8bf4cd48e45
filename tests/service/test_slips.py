"""The slip (借阅单): what was wished, what was given out, and one slip for all that went out together."""

from __future__ import annotations

from datetime import timedelta

import pytest

from archive_app.core.errors import NotFound, Refused
from archive_app.loans import copies, sheets, slips
from archive_app.loans import service as lending
from archive_app.loans.models import Loan
from archive_app.prints.queries import content_of
from tests.lending import wall

pytest_plugins = ["tests.lending"]


@pytest.fixture
def basket(people, at, folder):
    """Two folders asked for together by the director, who needs nobody's approval."""

    def ask(*levels):
        items = [(folder(level, title=f"{level} 合同").id, "loan") for level in levels]
        return lending.request_loans(
            items, purpose="续约谈判", purpose_class="合同履行", wished_from=wall(14), wished_until=wall(16),
            undertaking=True, actor=people.director, at=at,
        )  # fmt: skip

    return ask


@pytest.mark.requirement("LOAN-06")
def test_one_slip_lists_all_that_went_out_together(people, at, basket):
    first, second = basket("open", "open")
    for loan in (first, second):
        lending.hand_over(loan.id, actor=people.archivist, at=at)
    row, pdf = slips.print_basket(second.id, actor=people.archivist, at=at)
    said = content_of(row)
    assert pdf.startswith(b"%PDF")
    assert [each["number"] for each in said["rows"]] == [sheets.number_of(first), sheets.number_of(second)]
    assert (said["purpose"], said["wished"]) == ("合同履行：续约谈判", "2026-11-19 14:00–16:00")
    assert all(each["due_at"] == "2026-11-19 17:30" for each in said["rows"])
    assert [loan.slips_printed for loan in Loan.select()] == [1, 1]
    again, _pdf = slips.print_basket(first.id, actor=people.archivist, at=at + timedelta(minutes=1))
    assert again.number == 2 and again.digest == row.digest


def test_what_is_not_approved_is_not_on_the_slip_and_nothing_approved_has_none(people, at, basket):
    first, second = basket("open", "secret")
    assert Loan.get_by_id(second.id).state == "requested"
    row, _pdf = slips.print_basket(first.id, actor=people.archivist, at=at)
    assert len(content_of(row)["rows"]) == 1
    (alone,) = basket("secret")
    with pytest.raises(Refused) as no:
        slips.print_basket(alone.id, actor=people.archivist, at=at)
    assert no.value.code == "wrong_state"
    with pytest.raises(NotFound):
        slips.print_basket(999, actor=people.archivist, at=at)
    with pytest.raises(Refused) as no:
        slips.print_basket(first.id, actor=people.borrower, at=at)
    assert no.value.code == "permission"


@pytest.mark.requirement("LOAN-11")
def test_the_slip_of_a_photocopy_names_the_copy_and_its_pages(people, at, approved):
    loan = approved("open", "photocopy")
    lending.hand_over(loan.id, pages=4, actor=people.archivist, at=at)
    row, _pdf = slips.print_slip(loan.id, "loan_slip", actor=people.archivist, at=at)
    said = content_of(row)
    assert said["photocopy"] == f"{loan.folder.file_number} 影印件 1"
    assert said["quantity"] == "影印件 4 页"
    assert copies.is_kept(Loan.get_by_id(loan.id)) is False
