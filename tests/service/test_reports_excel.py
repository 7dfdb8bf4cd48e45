"""Registers as Excel: real dates, texts that stay texts, every row, also of 1, none and many."""

from __future__ import annotations

import json
from datetime import datetime

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from archive_app.cli import archive as commands
from archive_app.core import clock
from archive_app.loans.models import Loan
from archive_app.people.models import ArchiveUnit, User
from archive_app.records.models import Folder
from archive_app.reports import excel, queries, service
from archive_app.reports.filters import Filters, read
from tests.bench.loan_books import fill
from tests.lending import wall

pytest_plugins = ["tests.lending"]
EVIL = '=HYPERLINK("http://x","y")'
RARE = '㛃𬭎 😀 O\'Neil "引号" <b>&amp;'


@pytest.fixture
def book(people, tmp_path):
    """Export a register and read it back: the head and the rows as dictionaries, the sheet, the cells."""

    def export(name="loans", at=None, who=None, **args):
        path = tmp_path / f"{name}.xlsx"
        service.export_excel(name, read(args), path, actor=who or people.archivist, at=at or wall(18))
        sheet = load_workbook(path).active
        head = [cell.value for cell in sheet[excel.HEAD_ROWS]]
        rows = [dict(zip(head, (cell.value for cell in row), strict=True))
                for row in sheet.iter_rows(min_row=excel.HEAD_ROWS + 1)]  # fmt: skip
        return sheet, head, rows

    return export


def test_the_head_is_chinese_and_frozen_and_dates_are_dates_of_the_office(approved, desk, book):
    desk.back(desk.hand(approved(), wall(9)), wall(14, 30), pages=7)
    sheet, head, (row,) = book()
    assert head[:4] == ["借阅单号", "档号", "题名", "密级"] and len(head) == len(set(head))
    assert sheet.freeze_panes == "A4" and sheet.auto_filter.ref == f"A3:{sheet.cell(4, len(head)).coordinate}"
    assert sheet.title == sheet["A1"].value == "借阅登记簿" and "陈静宜导出" in sheet["A2"].value
    assert sheet.column_dimensions["C"].width == 40
    assert (row["借出时间"], row["归还（注销）时间"]) == (
        datetime(2026, 11, 19, 9),
        datetime(2026, 11, 19, 14, 30),
    )
    assert (row["份数"], row["清点页数"], row["逾期小时"]) == (1, 7, 1.5)
    cell = sheet.cell(4, head.index("借出时间") + 1)
    assert cell.is_date and cell.number_format == "yyyy-mm-dd hh:mm"


@pytest.mark.parametrize("text", [EVIL, "+1", "-1+2", "@SUM(A1)", RARE, "长" * 500, "换\n行", "a\x0b\x00b"])
def test_no_text_becomes_a_formula_or_is_lost(approved, desk, book, text):
    loan = desk.hand(approved(), wall(9))
    Folder.update(title=text).where(Folder.id == loan.folder_id).execute()
    Loan.update(purpose=text).execute()
    User.update(name='O\'Brien "欧"').where(User.id == loan.borrower_id).execute()
    sheet, head, (row,) = book()
    wanted = text.replace("\x0b", "").replace("\x00", "")
    assert (row["题名"], row["目的"], row["借阅人"]) == (wanted, wanted, 'O\'Brien "欧"')
    cell = sheet.cell(4, head.index("题名") + 1)
    assert cell.data_type == "s" and cell.quotePrefix is text.startswith(excel.FORMULA)


def test_what_excel_would_read_as_a_code_stays_as_it_was_written():
    assert excel._clean("_x0041_ a_b") == "_x005F_x0041_ a_b"


def test_an_empty_register_has_its_head(book):
    for register in queries.LISTED:
        _sheet, head, rows = book(register.name)
        assert head == [str(field.heading) for field in register.plain] and rows == []


def test_every_row_is_there_when_chunks_are_joined(archive, people, at, book, monkeypatch):
    fill(130, list(User.select()), ArchiveUnit.get().id, at)
    monkeypatch.setattr(queries, "CHUNK", 40)
    _sheet, _head, rows = book(at=at)
    assert len(rows) == 130 and len({row["借阅单号"] for row in rows}) == 130
    _sheet, _head, rows = book(at=at, state="away")
    assert {row["状态"] for row in rows} <= {"外借", "逾期", "阅览室"} and len(rows) == 30


def test_registers_on_the_command_line(terminal, approved, desk, monkeypatch, tmp_path):
    loan = desk.hand(approved(), wall(9))
    monkeypatch.setattr(clock, "now", lambda: wall(15))

    def run(*arguments, code=0):
        result = CliRunner().invoke(commands, ["report", *arguments, "--as", "archivist"])
        assert result.exit_code == code, result.output
        return result.stdout

    told = json.loads(run("loans", "--person", "王", "--json"))
    assert (told["file_number"], told["handed_at"], told["state"]) == (
        loan.folder.file_number,
        "2026-11-19 09:00",
        "逾期",
    )
    assert "逾期 2 小时" in run("overdue") and run("consults", "--json") == ""
    assert loan.folder.file_number in run("outstanding")
    assert "外借" in run("timeline", loan.folder.file_number)
    target = tmp_path / "use.xlsx"
    assert json.loads(run("use", "--xlsx", str(target), "--json"))["rows"] >= 4 and target.exists()
    assert run("loans", "--from", "2026-11-20") == ""
    run("loans", "--state", "nonsense", code=2)
    run("loans", "--from", "gestern", code=2)
    assert Filters() == read({})
