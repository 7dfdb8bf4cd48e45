"""Label stock and designs: TOML in mm, checked when read, so that a wrong value names itself."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archive_app.core.errors import Misconfigured, NotFound
from archive_app.core.i18n import _
from archive_app.printing.barcode import MODULES, QUIET

FOLDER = Path(__file__).resolve().parents[2] / "labels"
FIELDS = ("file_number", "title", "secrecy", "retention", "place", "year", "category", "unit", "digits")


@dataclass(frozen=True)
class TextSpot:
    """Where a text of the label stands: a box in mm and the type sizes (pt) that are tried in turn."""

    show: tuple[str, ...]
    x: float
    y: float
    w: float
    h: float
    sizes: tuple[float, ...]
    lines: int = 1
    bold: bool = False
    align: str = "left"
    cut: bool = False
    write_in: bool = False


@dataclass(frozen=True)
class Design:
    """What goes on one label, in mm from its upper left corner."""

    name: str
    size: tuple[float, float]
    texts: tuple[TextSpot, ...]
    mark: tuple[float, float, float, float] | None
    mark_size: float
    bars: tuple[float, float, float]
    qr: tuple[float, float, float]


@dataclass(frozen=True)
class Stock:
    """A label sheet or roll in mm, and the printer dot its bars are made of."""

    name: str
    title: str
    page: tuple[float, float]
    label: tuple[float, float]
    origin: tuple[float, float]
    pitch: tuple[float, float]
    columns: int
    rows: int
    dpi: float
    bar_dots: int
    zpl: bool
    design: Design
    place: Design

    def design_of(self, kind: str) -> Design:
        """The design of a label's kind: a folder's, or that of a place in the stacks."""
        return self.place if kind == "place" else self.design

    @property
    def per_page(self) -> int:
        """Labels on a sheet; 1 on a roll."""
        return self.columns * self.rows

    @property
    def dot(self) -> float:
        """One printer dot in mm."""
        return 25.4 / self.dpi

    @property
    def x_dimension(self) -> float:
        """Width of the narrowest bar in mm: whole dots."""
        return self.bar_dots * self.dot


def stocks(folder: Path = FOLDER) -> list[Stock]:
    """Every stock there is, by name. Raises Misconfigured."""
    return [load_stock(path.stem, folder) for path in sorted((folder / "stock").glob("*.toml"))]


def load_stock(name: str, folder: Path = FOLDER) -> Stock:
    """Read ``labels/stock/<name>.toml`` and its design. Raises NotFound, Misconfigured (names the key)."""
    path = folder / "stock" / f"{name}.toml"
    if not re.fullmatch(r"[\w-]{1,40}", name) or not path.is_file():
        raise NotFound(_("没有 %(name)s 这种标签纸。", name=name[:40]))
    page = _Reader(path)
    stock = Stock(
        name=name,
        title=page.text("title"),
        page=page.pair("page"),
        label=page.pair("label"),
        origin=page.pair("origin"),
        pitch=page.pair("pitch"),
        columns=page.whole("columns", 1, 20),
        rows=page.whole("rows", 1, 60),
        dpi=page.number("dpi", 150, 2400),
        bar_dots=page.whole("bar_dots", 1, 40),
        zpl=page.yes_no("zpl"),
        design=load_design(page.text("design"), folder),
        place=load_design(page.text("place"), folder),
    )
    _check_fit(page, stock)
    return stock


def load_design(name: str, folder: Path = FOLDER) -> Design:
    """Read ``labels/design/<name>.toml``. Raises Misconfigured, naming the key and what is allowed."""
    read = _Reader(folder / "design" / f"{Path(name).name}.toml")
    bars, qr = read.table("bars"), read.table("qr")
    mark = read.table("mark") if "mark" in read.values else None  # a place has no secrecy
    return Design(
        name=name,
        size=read.pair("size"),
        texts=tuple(_spot(table) for table in read.tables("text")),
        mark=(mark.mm("x"), mark.mm("y"), mark.mm("w"), mark.mm("h")) if mark else None,
        mark_size=mark.number("size", 3, 40) if mark else 0,
        bars=(bars.mm("x"), bars.mm("y"), bars.mm("h")),
        qr=(qr.mm("x"), qr.mm("y"), qr.mm("size")),
    )


def _spot(read: _Reader) -> TextSpot:
    return TextSpot(
        show=read.words("show", FIELDS),
        x=read.mm("x"),
        y=read.mm("y"),
        w=read.mm("w"),
        h=read.mm("h"),
        sizes=read.sizes("sizes"),
        lines=read.whole("lines", 1, 9, 1),
        bold=read.yes_no("bold", False),
        align=read.one_of("align", ("left", "center", "right"), "left"),
        cut=read.yes_no("cut", False),
        write_in=read.yes_no("write_in", False),
    )


def _check_fit(read: _Reader, stock: Stock) -> None:
    """The bars need ten blank modules on each side, the labels must lie on the page."""
    quiet = QUIET * stock.x_dimension
    for key, design in (("design", stock.design), ("place", stock.place)):
        if design.size != stock.label:
            read.refuse(key, _("版式 %(name)s 的 size 与 label 相同", name=design.name))
        left = design.bars[0]
        if left < quiet - 0.005 or left + MODULES * stock.x_dimension + quiet > stock.label[0] + 0.005:
            read.refuse("bar_dots", _("条码两侧各留 %(mm)s mm 空白", mm=round(quiet, 2)))
    for axis, count, key in ((0, stock.columns, "columns"), (1, stock.rows, "rows")):
        end = stock.origin[axis] + (count - 1) * stock.pitch[axis] + stock.label[axis]
        if end > stock.page[axis] + 0.005:
            read.refuse(key, _("最后一张标签不超出 page"))


class _Reader:
    """One TOML table; every wrong value is refused with its key and what is allowed."""

    def __init__(self, path: Path, table: Mapping[str, Any] | None = None, at: str = "") -> None:
        self.path, self.at = path, at
        self.values = _toml(path) if table is None else table

    def refuse(self, key: str, allowed: str) -> None:
        """Raise Misconfigured for a key."""
        where = f"{self.path.parent.name}/{self.path.name}"
        message = _("标签设置 %(where)s 的 %(key)s 不能用。", where=where, key=self.at + key)
        raise Misconfigured(message + _("应为：%(allowed)s。", allowed=allowed))

    def _get(self, key: str, fits: Callable[[Any], bool], allowed: str, default: Any = None) -> Any:
        value = self.values.get(key, default)
        if value is None or not fits(value):
            self.refuse(key, allowed)
        return value

    def text(self, key: str) -> str:
        return str(self._get(key, lambda v: isinstance(v, str) and bool(v), _("一段文字")))

    def yes_no(self, key: str, default: bool | None = None) -> bool:
        return bool(self._get(key, lambda v: isinstance(v, bool), "true / false", default))

    def number(self, key: str, low: float, high: float) -> float:
        allowed = _("%(low)s 到 %(high)s 的数", low=low, high=high)
        return float(self._get(key, lambda v: _is_number(v) and low <= v <= high, allowed))

    def mm(self, key: str) -> float:
        return self.number(key, 0, 1000)

    def whole(self, key: str, low: int, high: int, default: int | None = None) -> int:
        allowed = _("%(low)s 到 %(high)s 的整数", low=low, high=high)
        return int(self._get(key, lambda v: type(v) is int and low <= v <= high, allowed, default))

    def one_of(self, key: str, choices: tuple[str, ...], default: str) -> str:
        return str(self._get(key, lambda v: v in choices, " / ".join(choices), default))

    def pair(self, key: str) -> tuple[float, float]:
        a, b = self._get(key, lambda v: _is_numbers(v, 2), _("两个数，单位 mm"))
        return float(a), float(b)

    def sizes(self, key: str) -> tuple[float, ...]:
        allowed = _("几个字号，单位 pt，不小于 3")
        return tuple(self._get(key, lambda v: _is_numbers(v) and min(v) >= 3, allowed))

    def words(self, key: str, choices: tuple[str, ...]) -> tuple[str, ...]:
        fits = lambda v: isinstance(v, list) and v != [] and all(word in choices for word in v)  # noqa: E731
        return tuple(self._get(key, fits, " / ".join(choices)))

    def table(self, key: str) -> _Reader:
        table = self._get(key, lambda v: isinstance(v, dict), _("一个表 [%(key)s]", key=key))
        return _Reader(self.path, table, f"{key}.")

    def tables(self, key: str) -> list[_Reader]:
        allowed = _("一个或几个表 [[%(key)s]]", key=key)
        found = self._get(key, lambda v: isinstance(v, list) and v != [] and isinstance(v[0], dict), allowed)
        return [_Reader(self.path, table, f"{key}[{n}].") for n, table in enumerate(found, 1)]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_numbers(value: object, count: int | None = None) -> bool:
    if not isinstance(value, list) or not value or len(value) != (count or len(value)):
        return False
    return all(_is_number(one) and one >= 0 for one in value)


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        where = f"{path.parent.name}/{path.name}"
        raise Misconfigured(_("读不了标签设置 %(where)s：%(why)s", where=where, why=error)) from error
