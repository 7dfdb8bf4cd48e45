"""Screens of photocopies: register, one copy, keeping, destroying, recalling, the original drawn for one."""

from __future__ import annotations

import pytest

from archive_app.loans import copies, copy_rows, service
from archive_app.loans.models import Copy, Loan
from archive_app.records.models import Folder
from archive_app.records.service import edit_folder, get_folder
from tests.lending import words

pytest_plugins = ["tests.lending"]


@pytest.fixture
def make(people, at):
    def copy(folder, **more):
        return copies.make(folder.id, actor=people.archivist, at=at, **{"pages": 6} | more)

    return copy


@pytest.mark.requirement("LOAN-09")
def test_a_copy_is_kept_from_the_folders_page_and_borrowers_see_it(sign_in, post, folder):
    thing = folder("open")
    client = sign_in("archivist")
    assert f"/copies/new?folder={thing.id}" in client.get(f"/folders/{thing.id}").text
    page = f"/copies/new?folder={thing.id}"
    assert post(page, pages="", extent="全份").status_code == 422
    answer = post(page, pages="6", extent="全份", remark="")
    assert answer.status_code == 303
    shown = words(client.get(answer.location))
    assert f"{thing.file_number} 影印件 1" in shown and "打印标签" in shown
    client = sign_in("borrower")
    for path in (f"/folders/{thing.id}", "/copies"):
        found = client.get(path)
        assert f"copy={Copy.get().id}" in found.text and "在架" in words(found), path
    assert "销毁" not in words(client.get(f"/copies/{Copy.get().id}")).replace("已销毁", "")


@pytest.mark.requirement("LOAN-09")
def test_a_level_that_refuses_photocopying_refuses_with_its_clause(sign_in, post, folder):
    thing = folder("confidential")
    sign_in("archivist")
    answer = post(f"/copies/new?folder={thing.id}", pages="3")
    assert answer.status_code == 409
    assert "不能影印" in words(answer) and "销售客户档案管理制度 七.3" in words(answer)


@pytest.mark.requirement("LOAN-11")
def test_a_returned_copy_asks_to_be_destroyed_or_kept(sign_in, post, people, at, approved):
    loan = approved("open", "photocopy")
    service.hand_over(loan.id, pages=4, actor=people.archivist, at=at)
    service.give_back(loan.id, pages=4, actor=people.archivist, at=at)
    copy = Copy.get()
    client = sign_in("archivist")
    assert "还回来的，销毁还是留存" in words(client.get("/copies"))
    page = f"/copies/{copy.id}"
    assert "留作常用" in words(client.get(page))
    answer = post(f"{page}/destroy", page, reason="")
    assert answer.status_code == 422 and "请写明原因" in answer.text
    assert post(f"{page}/keep", page).status_code == 303
    assert Copy.get().kept
    assert post(f"{page}/destroy", page, reason="换新的").status_code == 303
    shown = words(client.get(page))
    assert "已销毁" in shown and "换新的" in shown and "王静娟" in shown
    assert "还回来的，销毁还是留存" not in words(client.get("/copies"))


def test_a_raised_level_shows_what_must_come_back(sign_in, people, at, folder, make):
    copy = make(folder("open"))
    thing = get_folder(copy.folder_id)
    edit_folder(
        thing.id, {"secrecy": "confidential"}, "定密审查", thing.revision, actor=people.archivist, at=at
    )
    client = sign_in("archivist")
    for path in (f"/folders/{thing.id}", "/copies", f"/copies/{copy.id}"):
        assert "收回" in words(client.get(path)), path
    assert thing.file_number not in words(sign_in("manager").get("/copies"))  # nothing there to borrow
    page = words(sign_in("director").get(f"/folders/{thing.id}"))
    assert "要收回销毁" not in page  # only keepers are asked to


@pytest.mark.requirement("LOAN-11")
def test_the_original_is_drawn_and_put_back_from_the_loans_page(sign_in, post, people, at, approved):
    loan = approved("open", "photocopy")
    page = f"/loans/{loan.id}/put-back"
    client = sign_in("archivist")
    assert "登记影印，取原件" in words(client.get(f"/loans/{loan.id}"))
    assert post(f"/loans/{loan.id}/draw-original", page, pages="4").status_code == 303
    assert "归还原件，核对" in words(client.get(f"/loans/{loan.id}"))
    assert Folder.get_by_id(loan.folder_id).custody == "lent"
    copy = copy_rows.get_copy(Loan.get_by_id(loan.id).copy_id)
    assert copy.pages == 4
    answer = post(page, pages="0", condition="damage", facts="")
    assert answer.status_code == 422 and "请写明经过" in answer.text
    assert post(page, pages="0", condition="good", facts="").status_code == 303
    assert Folder.get_by_id(loan.folder_id).custody == "on_shelf"
    assert post(page, pages="0", condition="good").status_code == 409  # sent twice: nothing more is done


def test_the_label_of_a_copy_is_printed_and_registered(sign_in, folder, make):
    copy = make(folder("secret"))
    client = sign_in("archivist")
    answer = client.get(f"/copies/{copy.id}/label.pdf")
    assert answer.data.startswith(b"%PDF") and "copy-0000000001" in answer.headers["Content-Disposition"]
    assert "复印件标签" in words(client.get("/prints"))
    assert sign_in("borrower").get(f"/copies/{copy.id}/label.pdf").status_code == 403
