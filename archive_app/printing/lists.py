"""Long lists by typst inside the press: 案卷目录, 全引目录, registers; any number of lines, a template each.

A list is drawn in chunks, for typst needs 60 kB of memory a line. Each chunk tells with which row its last
page begins; that page is dropped and the next chunk begins with that row, so that no joint is seen. How many
pages there are is known at last, and laid over every page.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import ExitStack
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

from archive_app.printing import barcode, fit, fonts

FOLDER = Path(__file__).resolve().parents[2] / "templates" / "print"
FONTS = ("Noto Serif CJK SC", "BabelStone Han")
CHUNK = 500
"""Rows laid out at a time; more cost memory, fewer repeat the fonts in the file."""
MODULE_MM = 25.4 / 60
"""Side of a QR module: 5 dots of 300 dpi, 10 of 600 dpi."""
STANDARD = "a-2u"
REMEMBERS = 10
"""So many compilations long typst keeps what it laid out."""

Data = dict[str, Any]


class Rows(NamedTuple):
    """A list as rows: how many, which of them begin a block, and the template's values for some of them."""

    total: int
    begins: Container[int]
    between: Callable[[int, int], Data]


def draw_list(form: str, data: Data) -> bytes:
    """The PDF of a list, declared PDF/A-2u; ``templates/print/<form>/form.toml`` says what ``data`` holds.

    Never scaled by the viewer. A character that no font has becomes 〓, as in lead type: PDF/A allows no
    empty box, and who prints was warned. Raises KeyError (no such list), RuntimeError (a value is missing).
    """
    import typst

    data = _changed(data, fit.clean)
    try:
        return _draw(form, data)
    except typst.TypstError:
        missing = str.maketrans(dict.fromkeys(fonts.missing_glyphs("".join(_texts(data))), "〓"))
        return _draw(form, _changed(data, lambda text: text.translate(missing)))


def _draw(form: str, data: Data) -> bytes:
    import pikepdf

    rows, frame = ROWS[form](data), _frame(form, data)
    with ExitStack() as parts:
        whole: Any = None
        firsts: list[int | None] = []
        for pdf, begun in _chunks(form, rows, frame):
            part = parts.enter_context(pikepdf.open(BytesIO(pdf)))
            del part.pages[len(begun) :]
            firsts += begun
            if whole is None:
                whole = part
            else:
                whole.pages.extend(part.pages)
        count = {"total": len(firsts), "first": 1}
        covers = _pdf(_compiler(form, frame | rows.between(0, 0) | count))
        _lay_over(whole, covers, [int(row is not None and row not in rows.begins) for row in firsts])
        whole.Root.ViewerPreferences = pikepdf.Dictionary(PrintScaling=pikepdf.Name("/None"))
        out = BytesIO()
        whole.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()


def _chunks(form: str, rows: Rows, frame: Data) -> Iterator[tuple[bytes, list[int | None]]]:
    """Each chunk as PDF, and with which row its pages begin.

    Fewer are told than there are, for rows of the last page are laid out again with the next chunk.
    """
    start, page = 0, 1
    while True:
        end = min(start + CHUNK, rows.total)
        compiler = _compiler(form, frame | rows.between(start, end) | {"first": page, "total": None})
        firsts = json.loads(compiler.query("<plan>", field="value", one=True))
        pdf = _pdf(compiler)
        _forget()
        if end == rows.total:
            yield pdf, firsts
            return
        yield pdf, firsts[:-1]
        start, page = firsts[-1], page + len(firsts) - 1


def _lay_over(whole: Any, pdf: bytes, chosen: Sequence[int]) -> None:
    """Draw a page of ``pdf`` over every page: the one that was chosen for it; pages share what is drawn."""
    import pikepdf

    with pikepdf.open(BytesIO(pdf)) as covers:
        drawn = [whole.copy_foreign(cover.as_form_xobject()) for cover in covers.pages]
        for page, cover in zip(whole.pages, chosen, strict=True):
            name = page.add_resource(drawn[cover], pikepdf.Name.XObject, pikepdf.Name.Cover)
            page.contents_add(f"q {name} Do Q".encode())


def _frame(form: str, data: Data) -> Data:
    """What stands on every page."""
    path, side = barcode.qr_path(data["stamp"]["qr"])
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{side}" height="{side}" '
        f'viewBox="0 0 {side} {side}"><path d="{path}"/></svg>'
    )
    named = {name: data[name] for name in ("fonds_name", "fonds_code", "scope", "stamp")}
    return named | {"title": title(form), "fonts": FONTS, "qr": {"svg": svg, "side_mm": side * MODULE_MM}}


def _volume_rows(data: Data) -> Rows:
    """案卷目录: a row is a volume; the 目录备考表 follows the last."""
    lines = data["lines"]

    def between(start: int, end: int) -> Data:
        remark = data["remark"] if end == len(lines) else None
        return {"start": start, "lines": lines[start:end], "remark": remark}

    return Rows(len(lines), range(len(lines)), between)


def _full_rows(data: Data) -> Rows:
    """全引目录: a row is a document under the head of its volume; an empty volume counts as one row."""
    owners = [(n, k) for n, volume in enumerate(data["volumes"]) for k in range(max(1, len(volume["lines"])))]
    totals = {
        "volumes": len(data["volumes"]),
        "items": sum(volume["items"] for volume in data["volumes"]),
        "pages": sum(volume["pages"] for volume in data["volumes"]),
    }

    def between(start: int, end: int) -> Data:
        blocks: list[Data] = []
        for row, (n, k) in enumerate(owners[start:end], start):
            volume = data["volumes"][n]
            if not blocks or k == 0:
                blocks.append(volume | {"row": row, "lines": []})
            blocks[-1]["lines"] += volume["lines"][k : k + 1]
        return {"blocks": blocks, "totals": totals if end == len(owners) else None}

    begins = frozenset(row for row, (_n, k) in enumerate(owners) if k == 0)
    return Rows(len(owners), begins, between)


def _register_rows(data: Data) -> Rows:
    """A register: its own title and columns; the figures follow the last row."""
    lines = data["lines"]
    named = {name: data[name] for name in ("title", "columns", "made", "clause")}

    def between(start: int, end: int) -> Data:
        figures = data["figures"] if end == len(lines) else None
        return named | {"start": start, "lines": lines[start:end], "figures": figures}

    return Rows(len(lines), range(len(lines)), between)


ROWS: dict[str, Callable[[Data], Rows]] = {
    "volume_list": _volume_rows, "full_list": _full_rows, "register": _register_rows,
}  # fmt: skip


def _changed(value: Any, change: Callable[[str], str]) -> Any:
    """The same values with every text changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {name: _changed(part, change) for name, part in value.items()}
    return [_changed(part, change) for part in value] if isinstance(value, list) else value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _texts(part)


@cache
def typst_fonts() -> Any:
    """The installed fonts, found once."""
    import typst

    return typst.Fonts()


def _compiler(form: str, values: Data) -> Any:
    """A compiler of the template; the values go in as JSON, so that no text can become markup."""
    import typst

    inputs = {"data": json.dumps(values, ensure_ascii=False)}
    template = str(FOLDER / form / "list.typ")
    return typst.Compiler(template, root=str(FOLDER), font_paths=typst_fonts(), sys_inputs=inputs)


def _pdf(compiler: Any) -> bytes:
    return bytes(compiler.compile(format="pdf", pdf_standards=STANDARD, pdf_tags=False))


def _forget() -> None:
    """Have typst drop what it laid out: compile nothing until it is too old to be kept (4 ms each)."""
    import typst

    for _ in range(REMEMBERS + 1):
        typst.Compiler(b"", font_paths=typst_fonts()).compile(format="svg")


@cache
def title(form: str) -> str:
    """What a list is called."""
    return str(tomllib.loads((FOLDER / form / "form.toml").read_text("utf-8"))["title"])
