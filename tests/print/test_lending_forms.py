"""Forms of copies, losses and baskets: every text whole, and the bars of a copy read."""

from __future__ import annotations

from typing import Any

import pytest

from archive_app.printing.barcode import BarcodeType, parse, payload
from archive_app.printing.render import render_form
from tests.print.paper import pages, place_mm, read, sizes_mm, texts
from tests.print.test_forms import LONG, slip, stamp, together


def label(**changes: Any) -> dict[str, Any]:
    return {
        "unit": "总经理办公室档案室", "file_number": "HT-2026-0012", "name": "影印件 3", "serial": 3,
        "payload": payload(BarcodeType.COPY, 41), "title": "成都天府食品销售有限公司数控铣床购销合同",
        "secrecy": "秘密", "secrecy_rank": 1, "pages": "32 页", "extent": "全份", "made": "2026-11-19",
        "use": "备存", "stamp": stamp(),
    } | changes  # fmt: skip


def report(**changes: Any) -> dict[str, Any]:
    kinds = [{"name": name, "chosen": name == "缺页"} for name in ("丢失", "损坏", "缺页")]
    return {
        "unit": "总经理办公室档案室", "number": "DS-2026-0003", "kinds": kinds, "file_number": "HT-2026-0012",
        "title": "购销合同及往来文件", "secrecy": "秘密", "secrecy_rank": 1, "quantity": "6 件 32 页",
        "photocopy": "", "pages": "2 页", "person": "林志远 销售部经理", "department": "销售部",
        "slip": "JY-2026-0007", "handed_at": "2026-11-19 10:32", "due_at": "2026-11-19 14:32",
        "facts": "归还时清点少第 3、4 页。", "reported_by": "陈静宜", "reported_at": "2026-11-19 15:00",
        "penalty": "罚款 50—500 元",
        "penalty_rule": {"text": "当事人必须立即进行补充。", "clause": "《顾客档案表》管理 10"},
        "rule": {"text": "写明经过，报总经理办公室主任或总经理决定。", "clause": "本室设定"},
        "steps": [{"name": "审批", "roles": "总经理办公室主任或总经理", "said": ""}],
        "settlement": "", "settled_by": "", "settled_at": "", "state": "待审批", "stamp": stamp(),
    } | changes  # fmt: skip


def basket(count: int) -> dict[str, Any]:
    row = {"secrecy": "秘密", "secrecy_rank": 1, "quantity": "6 件 32 页", "photocopy": "", "kind": "外借",
           "handed_at": "2026-11-19 10:32", "due_at": "2026-11-19 14:32", "ended": ""}  # fmt: skip
    rows = [
        row | {"number": f"JY-2026-{n:04d}", "file_number": f"HT-2026-{n:04d}", "title": f"第 {n} 份合同"}
        for n in range(1, count + 1)
    ]
    one = slip()
    kept = {name: one[name] for name in (
        "unit", "number", "payload", "borrower", "department", "contact", "purpose", "wished", "handled_by",
        "rules", "secrecy_rank", "stamp")}  # fmt: skip
    return kept | {"rows": rows}


@pytest.mark.requirement("LOAN-11")
def test_the_label_of_a_copy_says_that_it_is_one_and_its_bars_keep_their_zeros() -> None:
    pdf = render_form("copy_label", label())
    assert sizes_mm(pdf) == [(50.0, 30.0)]
    (text,) = texts(pdf)
    for value in ("复印件", "HT-2026-0012", "影印件 3", "秘密", "32 页", "备存"):
        assert value in text
    (page,) = pages(pdf, 300)
    bars = dict(read(page))["bars"]
    assert bars == payload(BarcodeType.COPY, 41) and bars.startswith("00000000")
    assert (parse(bars).kind, parse(bars).id) == (BarcodeType.COPY, 41)


@pytest.mark.requirement("AUD-05")
def test_the_report_of_a_loss_is_one_page_to_sign_with_clause_and_table() -> None:
    pdf = render_form("incident_report", report())
    assert sizes_mm(pdf) == [(210.0, 297.0)]
    said = together(texts(pdf)[0])
    for value in ("档案丢失（损坏）报告", "DS-2026-0003", "HT-2026-0012", "缺页", "2页", "林志远销售部经理",
                  "归还时清点少第3、4页。", "罚款50—500元", "不由档案室收", "《顾客档案表》管理10", "签字",
                  "9f3a41c7d20b", "第1页共1页"):  # fmt: skip
        assert value in said, value
    assert ("qr", stamp()["qr"]) in read(next(pages(pdf, 300)))


def test_the_longest_report_is_still_whole_on_one_page() -> None:
    long = {"title": LONG, "facts": "经过" * 500, "settlement": "补齐" * 500, "person": "名" * 40}
    (text,) = texts(render_form("incident_report", report(**long)))
    said = together(text)
    for name in ("facts", "settlement"):
        assert together(long[name]) in said


def test_a_basket_has_one_slip_that_lists_every_folder() -> None:
    pdf = render_form("basket_slip", basket(22))
    found = texts(pdf)
    assert len(found) == 2 and "第 2 页 共 2 页" in found[1]
    listed = together("".join(found))
    assert all(f"HT-2026-{n:04d}" in listed for n in range(1, 23))
    assert "共22份" in listed and "拟用" in listed
    assert place_mm(pdf, "JY-2026-0007")[3] < 40
