"""Catalog lines and the condition of the paper, as the browser sees them."""

from __future__ import annotations

import pytest

from archive_app.records import service
from archive_app.records.models import Change, ConditionEvent, Document
from tests.web.test_records import post

LINE = {"title": "请示", "copies": "1", "medium": "paper", "text_form": "original", "part": "request"}


@pytest.fixture
def folder(people, at):
    return service.register_folder("YW", 2026, "销售部请示与批复", actor=people.archivist, at=at)


@pytest.fixture
def path(folder):
    return f"/folders/{folder.id}/documents/new"


def folds(page: str) -> list[bool]:
    """Which of the folded parts of the form stand open."""
    return ["open" in part.split(">")[0] for part in page.split("<details")[2:]]


@pytest.mark.parametrize(
    ("typed", "shown"),
    [("1949", "1949"), ("１９４９１０", "1949-10"), ("1949-10-01", "1949-10-01"), ("19491001", "1949-10-01")],
)
def test_a_partly_known_date_stays_as_it_is_known(app, sign_in, folder, path, typed, shown):
    client = sign_in("archivist")
    assert post(client, path, dated=typed, **LINE).status_code == 303
    assert f">{shown}</td>" in client.get(f"/folders/{folder.id}").get_data(as_text=True)
    edit = f"/documents/{Document.get().id}/edit"
    assert f'value="{shown}"' in client.get(edit).get_data(as_text=True)
    values = LINE | {"title": "批复", "dated": shown, "revision": "0", "reason": "题名写错"}
    assert post(client, edit, **values).status_code == 303
    assert [change.field for change in Change.select()] == ["title"], "the date was not touched"


def test_a_date_that_does_not_exist_is_named_and_everything_typed_stays(app, sign_in, path):
    answer = post(sign_in("archivist"), path, **LINE | {"dated": "20261331", "reference": "恒销〔2026〕7号"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "没有这个日期：20261331" in page
    assert 'value="20261331"' in page
    assert 'value="恒销〔2026〕7号"' in page
    assert Document.select().count() == 0


def test_the_everyday_line_is_short_and_the_rest_is_folded_away(app, sign_in, path):
    page = sign_in("archivist").get(path).get_data(as_text=True)
    assert folds(page) == [False, False]
    assert "跨年度的规划在针对的第一年立卷。" in page


def test_what_is_wrong_is_never_folded_away(app, sign_in, path):
    client = sign_in("archivist")
    answer = post(client, path, pages="3", sheets="7", **LINE)
    assert answer.status_code == 422
    assert folds(answer.get_data(as_text=True)) == [True, False]
    answer = post(client, path, pages="3", nature="plan", covers_from="2028", covers_to="2026", **LINE)
    page = answer.get_data(as_text=True)
    assert folds(page) == [False, True]
    assert "止年早于起年" in page
    assert Document.select().count() == 0


def test_leaves_and_years_are_kept_and_open_when_the_line_is_edited(app, sign_in, path):
    client = sign_in("archivist")
    crossing = {"nature": "plan", "covers_from": "２０２６", "covers_to": "2028"}
    assert post(client, path, pages="5", sheets="３", **crossing, **LINE).status_code == 303
    row = Document.get()
    assert (row.sheets, row.nature, row.covers_from, row.covers_to) == (3, "plan", 2026, 2028)
    assert folds(client.get(f"/documents/{row.id}/edit").get_data(as_text=True)) == [True, True]


@pytest.mark.requirement("ARR-14")
def test_a_damage_is_noted_on_a_page_and_stands_on_the_folder_until_mended(app, sign_in, people, at, folder):
    document = service.add_document(folder.id, title="请示", pages=4, actor=people.archivist, at=at)
    client = sign_in("archivist")
    path = f"/folders/{folder.id}/condition"
    assert path in client.get(f"/folders/{folder.id}").get_data(as_text=True)
    torn = {"kind": "damaged", "document": str(document.id), "pages": "２", "where": "第 3、4 页"}
    assert post(client, path, remark="右下角撕裂", **torn).status_code == 303
    page = client.get(f"/folders/{folder.id}").get_data(as_text=True)
    assert "右下角撕裂" in page
    assert "还没有修裱" in page
    assert post(client, path, kind="repaired", document="", remark="已托裱").status_code == 303
    page = client.get(f"/folders/{folder.id}").get_data(as_text=True)
    assert "已托裱" in page
    assert "还没有修裱" not in page


def test_a_note_without_words_stays_on_the_page(app, sign_in, folder):
    answer = post(sign_in("archivist"), f"/folders/{folder.id}/condition", kind="faded", where="第 1 页")
    assert answer.status_code == 422
    assert 'value="第 1 页"' in answer.get_data(as_text=True)
    assert ConditionEvent.select().count() == 0


def test_a_reader_sees_the_condition_but_no_button_for_it(app, sign_in, people, at, folder):
    service.note_condition(folder.id, None, "faded", remark="字迹洇开", actor=people.archivist, at=at)
    client = sign_in("borrower")
    page = client.get(f"/folders/{folder.id}").get_data(as_text=True)
    assert "字迹洇开" in page
    assert "/condition" not in page
    assert client.get(f"/folders/{folder.id}/condition").status_code == 403


def test_the_rules_of_arrangement_are_read_on_the_page_of_rules(app, sign_in):
    page = sign_in("borrower").get("/policy").get_data(as_text=True)
    for words in (
        "三孔一线封底打活结",
        "按签订先后",
        "同一门类、年度的装一卷",
        "总经理办公室主任或总经理批准",
    ):
        assert words in page
    assert "客户档案管理制度 第14条第2项·ARR-06" in page
