"""Two keepers copy one folder, two desks lose it, two readers want one copy: one after the other."""

from __future__ import annotations

import pytest

from archive_app.core.errors import Refused
from archive_app.loans import copies, incidents, service
from archive_app.loans.models import Copy, Incident, Loan
from archive_app.records.models import CustodyEvent, Folder
from tests.concurrency.test_loans import at_once, new_folder, person, won
from tests.conftest import AT


@pytest.mark.requirement("LOAN-09")
def test_serials_of_copies_are_neither_doubled_nor_skipped(both):
    keeper, folder = person("archivist"), new_folder()
    made = at_once(*(lambda: copies.make(folder.id, pages=1, actor=keeper, at=AT) for _ in range(5)))
    assert sorted(copy.serial for copy in made) == [1, 2, 3, 4, 5]


@pytest.mark.requirement("AUD-05")
def test_two_desks_report_one_loss_and_it_is_one(both):
    keeper, folder = person("archivist"), new_folder()
    answers = at_once(
        *(
            lambda facts=facts: incidents.report(
                "loss", folder_id=folder.id, facts=facts, actor=keeper, at=AT
            )
            for facts in ("清点不在架", "归还时没有", "清点不在架")
        )
    )
    first, *_rest = [each.id for each in won(answers)]
    assert {each.id for each in won(answers)} == {first}
    assert {no.code for no in answers if isinstance(no, Refused)} <= {"incident.already"}
    assert Incident.select().count() == 1
    assert CustodyEvent.select().where(CustodyEvent.custody == "missing").count() == 1
    assert Folder.get_by_id(folder.id).custody == "missing"


@pytest.mark.requirement("LOAN-09")
def test_one_kept_copy_goes_to_one_reader(both):
    keeper, folder = person("archivist"), new_folder()
    copy = copies.make(folder.id, pages=1, actor=keeper, at=AT)
    loans = [
        service.request_loan(
            folder.id,
            "photocopy",
            copy_id=copy.id,
            purpose="维修",
            undertaking=True,
            actor=person(name),
            at=AT,
        )
        for name in ("borrower", "manager")
    ]
    answers = at_once(*(lambda loan=loan: service.hand_over(loan.id, actor=keeper, at=AT) for loan in loans))
    assert len(won(answers)) == 1
    assert {no.code for no in answers if isinstance(no, Refused)} <= {
        "copy.away",
        "loan.not_first",
        "wrong_state",
    }
    assert Copy.get().state == "lent"
    assert Loan.select().where(Loan.state == "out").count() == 1
