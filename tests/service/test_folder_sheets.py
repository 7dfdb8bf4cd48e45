"""A folder's own catalog and remark sheet before anything is bound: by the rule, numbered, with facts."""

from __future__ import annotations

import pypdfium2
import pytest

from archive_app.core.errors import NotFound
from archive_app.prints import queries as prints
from archive_app.prints import service as printing
from archive_app.records.service import add_document, note_condition
from archive_app.volumes import service  # noqa: F401 - registers the sheets
from archive_app.volumes.folder_sheets import content_of
from tests.conftest import AT
from tests.volumes import documents, folder

pytestmark = pytest.mark.xdist_group("press")


@pytest.fixture
def contract(people):
    """Filed as it came in: the request before the reply."""
    return folder(
        {"title": "关于延长质保期的请示", "part": "request", "group": "质保", "pages": 3},
        {"title": "关于同意延长质保期的批复", "part": "reply", "group": "质保", "pages": 2},
        actor=people.archivist,
    )  # fmt: skip


def printed(contract, form, actor):
    row, data = printing.print_now(form, "folder", str(contract.id), title=form, actor=actor, at=AT)
    pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(data)]
    return row, "".join(pages).replace("\r\n", "").replace(" ", "")


@pytest.mark.requirement("ARR-22")
def test_the_catalog_of_a_folder_stands_in_the_order_of_binding_with_page_numbers(contract, people):
    lines = content_of(str(contract.id), AT)["lines"]
    assert [line["title"] for line in lines] == ["关于同意延长质保期的批复", "关于延长质保期的请示"]
    assert [line["start_page"] for line in lines] == ["1", "3-5"]
    row, text = printed(contract, "folder_catalog", people.archivist)
    assert row.number == 1
    assert contract.file_number in text
    assert "卷内文件目录" in text


@pytest.mark.requirement("ARR-12")
def test_the_remark_sheet_of_a_folder_tells_what_was_found_on_the_paper(contract, people):
    first = documents(contract)[0]
    note_condition(
        contract.id,
        first.id,
        "damaged",
        pages=1,
        where="第 2 页",
        remark="右下角破损",
        actor=people.archivist,
        at=AT,
    )
    _row, text = printed(contract, "folder_remark", people.archivist)
    assert "2件5页" in text
    assert "右下角破损" in text


def test_a_catalog_on_paper_says_when_a_document_was_added_since(contract, people):
    row, _text = printed(contract, "folder_catalog", people.archivist)
    assert prints.check(row.id, row.digest[:12], people.archivist, AT).state == "current"
    add_document(contract.id, title="验收单", pages=1, actor=people.archivist, at=AT)
    found = prints.check(row.id, row.digest[:12], people.archivist, AT)
    assert found.state == "changed"
    assert any("验收单" in change.new for change in found.changes)


def test_nobody_sees_the_catalog_of_a_folder_he_may_not_know(people):
    hidden = folder("重组方案", actor=people.archivist, secrecy="top_secret")
    row, _text = printed(hidden, "folder_catalog", people.archivist)
    assert not prints.may_see(people.borrower, row, AT)
    with pytest.raises(NotFound):
        prints.print_for(people.borrower, row.id, AT)
