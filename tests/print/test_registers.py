"""A register on paper: every row, page x of y, title and figures; nothing is cut off."""

from __future__ import annotations

import re

import pytest

from archive_app.printing.press import PRESS
from tests.print.paper import sizes_mm, texts
from tests.print.test_lists import HEAD, RARE


def line(n: int, title: str = "年度对账单") -> dict[str, object]:
    return {
        "id": n,
        "late": n == 1,
        "cells": [[f"JY-2026-{n:04d}", "外借"], [f"始{n:04d}", title, f"终{n:04d}"]],
    }


@pytest.mark.requirement("LOAN-06")
def test_a_register_prints_every_row_on_numbered_pages():
    columns = [
        {"title": "单号", "width": 47, "right": False},
        {"title": "档案", "width": 200, "right": False},
    ]
    long = f'{RARE}=1+1 <b>#let x</b> "引号" ' + "长" * 480 + "尾"
    data = HEAD | {
        "title": "借阅登记簿", "scope": "2026-11-01 至 2026-11-19", "made": "情况截至 2026-11-19 18:00",
        "clause": "规范 三.6", "figures": [{"id": "x", "name": "份次", "value": 620}], "columns": columns,
        "lines": [line(1, long), *(line(n) for n in range(2, 621))],
    }  # fmt: skip
    pdf = PRESS.run("list", {"form": "register", "data": data})
    pages = [re.sub(r"\s", "", page) for page in texts(pdf)]
    whole = "".join(pages)
    assert all(f"始{n:04d}" in whole and f"终{n:04d}" in whole for n in range(1, 621))
    assert "尾终0001" in whole and "份次620" in whole and "三.6" in whole
    assert set(sizes_mm(pdf)) == {(297, 210)}
    for n, page in enumerate(pages, 1):
        assert "借阅登记簿" in page and f"第{n}页" in page and f"共{len(pages)}页" in page
