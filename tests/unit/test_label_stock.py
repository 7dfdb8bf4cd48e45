"""Label stock is data: what is shipped fits its paper, and a wrong value names itself and what is allowed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from archive_app.core.errors import Misconfigured, NotFound
from archive_app.printing import stock as stock_room
from archive_app.printing.stock import load_stock, stocks


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(stock_room.FOLDER, tmp_path / "labels"))


def change(folder: Path, path: str, old: str, new: str) -> None:
    text = (folder / path).read_text("utf-8")
    assert old in text
    (folder / path).write_text(text.replace(old, new, 1), "utf-8")


def test_the_three_stocks_of_the_house_are_there() -> None:
    found = {stock.name: stock for stock in stocks()}
    assert {"L7160", "L7651", "roll-50x30"} <= set(found)
    assert [found[name].per_page for name in ("L7160", "L7651", "roll-50x30")] == [21, 65, 1]
    assert [found[name].zpl for name in ("L7160", "L7651", "roll-50x30")] == [False, False, True]


def test_the_narrowest_bar_is_whole_dots_of_its_printer() -> None:
    found = {stock.name: stock for stock in stocks()}
    assert found["L7160"].x_dimension == pytest.approx(0.254)
    assert found["L7651"].x_dimension == pytest.approx(0.254)
    assert found["roll-50x30"].x_dimension == pytest.approx(0.25)
    for stock in found.values():
        assert stock.x_dimension / stock.dot == pytest.approx(stock.bar_dots)


def test_no_two_labels_of_a_sheet_overlap() -> None:
    for stock in stocks():
        assert all(stock.pitch[axis] >= stock.label[axis] for axis in (0, 1))


@pytest.mark.parametrize("stock", stocks(), ids=lambda stock: stock.name)
def test_nothing_on_a_design_leaves_the_label_or_lies_on_another_part(stock: stock_room.Stock) -> None:
    design = stock.design
    bars, qr = design.bars, design.qr
    boxes = {f"text {n} {spot.show}": (spot.x, spot.y, spot.w, spot.h) for n, spot in enumerate(design.texts)}
    boxes["mark"] = design.mark
    boxes["bars"] = (bars[0], bars[1], 101 * stock.x_dimension, bars[2])
    boxes["qr"] = (qr[0], qr[1], qr[2], qr[2])
    for name, (x, y, w, h) in boxes.items():
        assert x >= 1 and y >= 1 and x + w <= design.size[0] - 1 and y + h <= design.size[1] - 0.3, name
    names = list(boxes)
    for n, one in enumerate(names):
        for other in names[n + 1 :]:
            assert not _overlap(boxes[one], boxes[other]), f"{one} lies on {other}"


def _overlap(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    slack = 0.05
    beside = a[0] + a[2] <= b[0] + slack or b[0] + b[2] <= a[0] + slack
    return not (beside or a[1] + a[3] <= b[1] + slack or b[1] + b[3] <= a[1] + slack)


@pytest.mark.parametrize("name", ["nothing", "../stock/L7160", "L7160.toml", "", "x" * 100])
def test_an_unknown_stock_is_not_found(name: str) -> None:
    with pytest.raises(NotFound):
        load_stock(name)


@pytest.mark.parametrize(
    ("path", "old", "new", "key", "allowed"),
    [
        ("stock/L7160.toml", "columns = 3", 'columns = "three"', "columns", "1 到 20"),
        ("stock/L7160.toml", "columns = 3", "columns = 4", "columns", "不超出 page"),
        ("stock/L7160.toml", "rows = 7", "rows = 0", "rows", "1 到 60"),
        ("stock/L7160.toml", "rows = 7", "rows = true", "rows", "整数"),
        ("stock/L7160.toml", "page = [210, 297]", "page = [210]", "page", "两个数"),
        ("stock/L7160.toml", "label = [63.5, 38.1]", "label = [-63.5, 38.1]", "label", "mm"),
        ("stock/L7160.toml", "bar_dots = 3", "bar_dots = 9", "bar_dots", "两侧各留"),
        ("stock/L7160.toml", "zpl = false", "zpl = 0", "zpl", "true / false"),
        ("stock/L7160.toml", 'title = "', 'titel = "', "title", "文字"),
        ("stock/L7160.toml", 'design = "folder"', 'design = "folder-small"', "design", "size"),
        ("stock/L7160.toml", 'place = "place"', 'place = "place-small"', "place", "size"),
        ("stock/L7160.toml", 'place = "place"', 'plaice = "place"', "place", "文字"),
        ("design/place.toml", "[bars]", "[bras]", "bars", "[bars]"),
        ("design/folder.toml", 'show = ["place"]', 'show = ["plaice"]', "show", "place"),
        ("design/folder.toml", 'align = "right"', 'align = "up"', "align", "left / center / right"),
        ("design/folder.toml", "sizes = [7, 6, 5]", "sizes = []", "sizes", "pt"),
        ("design/folder.toml", "[bars]", "[bras]", "bars", "[bars]"),
    ],
)
def test_a_wrong_value_names_its_file_its_key_and_what_is_allowed(
    folder: Path, path: str, old: str, new: str, key: str, allowed: str
) -> None:
    change(folder, path, old, new)
    with pytest.raises(Misconfigured) as caught:
        load_stock("L7160", folder)
    said = str(caught.value)
    assert path in said and key in said and allowed in said


def test_a_file_that_is_no_toml_says_where(folder: Path) -> None:
    change(folder, "stock/L7160.toml", "columns = 3", "columns = = 3")
    with pytest.raises(Misconfigured, match=r"L7160\.toml.*line"):
        load_stock("L7160", folder)


def test_a_missing_design_is_named(folder: Path) -> None:
    (folder / "design" / "folder.toml").unlink()
    with pytest.raises(Misconfigured, match=r"design/folder.toml"):
        load_stock("L7160", folder)
