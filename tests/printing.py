"""What the tests of the register of prints share: a sheet about a notice board, drawn as person cards."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from archive_app.core.errors import NotFound
from archive_app.core.i18n import Lazy
from archive_app.printing.barcode import BarcodeType, payload
from archive_app.prints.register import SHEETS, Part, Sheet, register

FORM = "board"
# What hangs on the board, by key; a test pins things up and takes them off.
BOARD: dict[str, dict] = {}


def card(name: str) -> dict:
    return {
        "unit": "档案室", "name": name, "department": "销售部", "title": "客户经理", "staff_number": "",
        "payload": payload(BarcodeType.PERSON, 7),
    }  # fmt: skip


def content(key, args, at):
    if key not in BOARD:
        raise NotFound("这块板没有了。")
    return BOARD[key] | {"side": args.get("side", "前")}


def parts(content, stamp):
    """A part for each line, each said to be the n-th print."""
    for line in content["lines"]:
        data = {"cards": [card(f"{line['name']}{stamp.number}")]}
        yield Part("form", {"form": "person_card", "data": data})


SHEET = Sheet(
    form=FORM,
    name=Lazy("布告"),
    permission="slip.print",
    content=content,
    draw=parts,
    visible=lambda key, actor, at: key != "hidden" or actor.can("print.view"),
    classified=lambda content: [line["name"] for line in content["lines"] if line.get("secret")],
    names={"lines": Lazy("布告"), "name": Lazy("名字"), "title": Lazy("标题"), "rank": None},
)


def pin(key: str = "1", *names: str, title: str = "今日") -> None:
    BOARD[key] = {"title": title, "lines": [{"id": n, "name": name} for n, name in enumerate(names, 1)]}


@pytest.fixture
def board() -> Iterator[dict[str, dict]]:
    """The board with one notice of two lines; its sheet stands in the register."""
    BOARD.clear()
    pin("1", "王静娟", "许明")
    register(SHEET)
    yield BOARD
    SHEETS.pop(FORM, None)
