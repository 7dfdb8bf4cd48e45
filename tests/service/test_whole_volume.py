"""A folder bound in a volume leaves with the whole volume, and so by the highest level in it."""

from __future__ import annotations

import pytest

from archive_app.core.db import count_queries
from archive_app.core.errors import Refused
from archive_app.loans import deciding, originals, rows
from archive_app.loans import service as lending
from archive_app.loans.models import Loan
from archive_app.loans.outcome import Wanted, outcome, outcomes
from archive_app.records.models import Folder
from tests.conftest import AT
from tests.lending import wall
from tests.volumes import bound_together
from tests.volumes import folder as filed

pytest_plugins = ["tests.lending"]

TITLE = "不该让人看到的题名"


@pytest.fixture
def together(people):
    """Folders of these levels, each made by a department, bound in one volume of 2025."""

    def bind(*levels, department="XS"):
        folders = [
            filed(
                f"文件 {n}", actor=people.archivist, secrecy=level, title=TITLE if n else "瑞丰设备购销合同",
                department_id=people.departments["XS" if n == 0 else department].id,
            )
            for n, level in enumerate(levels)
        ]  # fmt: skip
        bound_together(folders)
        return [Folder.get_by_id(each.id) for each in folders]

    return bind


def hand(loan, people):
    return lending.hand_over(loan.id, actor=people.archivist, at=AT)


@pytest.mark.requirement("SEC-03")
def test_an_open_folder_bound_with_a_secret_one_goes_by_the_chain_and_the_hours_of_the_secret_one(
    people, together, ask, approved
):
    plain, secret = together("open", "secret")
    said, own = outcome(people.borrower, plain, "loan", AT), outcome(people.borrower, secret, "loan", AT)
    assert said.verdict == "chain"
    assert [step.verb for step in said.chain] == [step.verb for step in own.chain]
    assert said.clauses == own.clauses
    assert "装订在案卷" in said.text
    assert "同卷有秘密级，按秘密级办" in said.text
    assert "装订在" not in own.text
    loan = approved(kept=plain)
    assert len(loan.approval.steps) == len(own.chain) > 0
    assert hand(loan, people).due_at == own.answer.due_at


def test_a_decider_reads_why_an_open_folder_has_a_chain(people, together, ask):
    plain, _secret = together("open", "secret")
    page = deciding.decision_page(people.director, ask(plain, people.borrower).id, AT)
    assert "按秘密级办" in page.outcome.text


@pytest.mark.requirement("LOAN-02")
def test_a_level_that_is_not_lent_is_not_lent_by_the_folder_beside_it(people, together, ask):
    plain, _confidential = together("open", "confidential")
    with pytest.raises(Refused) as no:
        ask(plain, people.borrower)
    assert (no.value.code, bool(no.value.clause)) == ("loan.volume_level", True)
    assert "同卷有机密级档案" in str(no.value)
    assert outcome(people.borrower, plain, "consult", AT).answer.where == "reading_room"


@pytest.mark.requirement("SEC-16")
def test_what_one_may_not_know_is_withheld_without_number_title_or_level(people, together):
    plain, hidden = together("open", "confidential", department="KF")
    said = outcome(people.borrower, plain, "loan", AT)
    assert said.refused
    assert "同卷有不在本人权限范围内的档案" in said.text
    shown = f"{said.text}{said.refusal}{said.refusal.next_step}"
    for secret in (hidden.file_number, TITLE, "机密", "案卷"):
        assert secret not in shown
    assert said.alternatives == ("photocopy",)
    assert not outcome(people.borrower, plain, "photocopy", AT).refused


def test_a_photocopy_made_where_the_volume_stands_is_asked_for_as_ever(people, together):
    plain, _confidential = together("open", "confidential")
    said = outcome(people.borrower, plain, "photocopy", AT)
    assert (said.refused, "装订在" in said.text) == (False, False)


def test_the_original_is_not_drawn_for_copying_with_what_may_not_leave(people, together, ask, approved):
    plain, _confidential = together("open", "confidential")
    loan = approved(kind="photocopy", kept=plain)
    with pytest.raises(Refused) as no:
        originals.draw_original(loan.id, 3, actor=people.archivist, at=AT)
    assert no.value.code == "loan.volume_level"
    assert Folder.get_by_id(plain.id).custody == "on_shelf"
    assert hand(loan, people).state == "out"  # copied in the stacks, the copy goes


def test_while_one_folder_of_a_volume_is_being_copied_no_other_goes_out(people, together, approved):
    first, second = together("open", "open")
    drawn, other = approved(kind="photocopy", kept=first), approved(kept=second)
    originals.draw_original(drawn.id, 3, actor=people.archivist, at=AT)
    with pytest.raises(Refused, match="整卷现在不在架上"):
        hand(other, people)
    originals.put_back_original(drawn.id, pages=3, actor=people.archivist, at=wall(10))
    assert hand(other, people).state == "out"
    with pytest.raises(Refused) as no:
        originals.draw_original(
            approved(kind="photocopy", kept=first, who=people.gm).id, 3, actor=people.archivist, at=wall(11)
        )
    assert no.value.code == "loan.already_out"


def test_bound_together_after_the_approval_it_is_asked_again_at_the_hand_over(people, approved):
    folders = [
        filed("甲", actor=people.archivist, secrecy=level, department_id=people.departments["XS"].id)
        for level in ("open", "secret")
    ]
    plain, secret = folders
    loan = approved(kept=Folder.get_by_id(plain.id))
    bound_together(folders)
    with pytest.raises(Refused) as no:
        hand(loan, people)
    assert no.value.code == "loan.rule_changed"
    assert Loan.get_by_id(loan.id).state == "approved"
    lending.withdraw(loan.id, actor=people.borrower, at=AT)
    assert hand(approved(kept=Folder.get_by_id(plain.id)), people).state == "out"
    assert Folder.get_by_id(secret.id).custody == "on_shelf"


def test_a_basket_of_bound_folders_asks_no_more_often_than_one_of_them(people, together):
    folders = together("open", *["secret"] * 6)
    known = rows.known_folders(people.borrower, [each.id for each in folders], AT)
    asked = [Wanted(each, "loan") for each in known]
    with count_queries() as many:
        outcomes(people.borrower, asked, AT)
    with count_queries() as one:
        outcomes(people.borrower, asked[:1], AT)
    assert many() <= one() + 1
