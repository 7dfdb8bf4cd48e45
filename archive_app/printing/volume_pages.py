"""The pages of the volume forms: what stands on which sheet, before anything is drawn."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context

from archive_app.printing import fit, rows, upright
from archive_app.printing.rows import PT, Page, Table

FOLDER = Path(__file__).resolve().parents[2] / "templates" / "print" / "volume_parts"
PRESETS = ("gbt9705", "practice", "gbt11822")
STRIP_MARGIN = 4.0
"""A strip is narrower than its box by this, mm."""
STRIP_LEFT, STRIP_RIGHT = 9.0, 201.0
"""Strips stand edge to edge: twelve of 16 mm on a sheet."""

Values = Mapping[str, Any]
Made = list[dict[str, Any]]


@cache
def table(name: str) -> Table:
    """A table of ``tables.toml``; ``like`` takes over what is not said. Raises KeyError."""
    known = tomllib.loads((FOLDER / "tables.toml").read_text("utf-8"))
    own = known[name]
    if "like" in own:
        own = known[own["like"]] | own
    columns = tuple(rows.Column(**column) for column in own["columns"])
    lengths = {key: float(own[key]) for key in ("left", "top", "heading", "row", "room")}
    return Table(
        columns,
        **lengths,
        step=float(own.get("step", own["row"])),
        padded=own.get("padded", True),
        sizes=tuple(map(float, own.get("sizes", rows.SIZES))),
    )


def on_pages(name: str, records: Iterable[Values], first: str = "") -> Made:
    """The pages of a table: ``{table, page, edges, sides}``; ``first`` names the narrower table of page 1."""
    frame = table(first or name)
    set_rows = [rows.lay_out(record, frame) for record in records]
    pages = rows.paginate(set_rows, frame)
    if first and len(pages) > 1:
        rest = [row for page in pages[1:] for row in page.rows]
        further = rows.paginate(rest, table(name))
        return [_tabled(pages[0], frame), *(_tabled(page, table(name)) for page in further)]
    return [_tabled(page, frame) for page in pages]


def _tabled(page: Page, frame: Table) -> dict[str, Any]:
    sides = [0.0, *accumulate(column.width for column in frame.columns)]
    width, left = max((column.width, side) for side, column in zip(sides, frame.columns, strict=False))
    below = frame.heading + sum(row.height for row in page.rows)
    return {
        "table": frame,
        "page": page,
        "edges": rows.edges(page, frame),
        "sides": sides,
        "below": below,
        "widest": (left, width),
    }


def cover(data: Values) -> Made:
    """案卷封面: one page."""
    return [{}]


def catalog(data: Values) -> Made:
    """卷内文件目录: 15 rows of 15 mm a page, one page at least."""
    preset = data["preset"] if data["preset"] in PRESETS else PRESETS[0]
    return on_pages(preset, data["lines"])


def material(data: Values) -> Made:
    """The sheet that holds the place of the documents: which pages, which folders."""
    numbered = ({**folder, "serial": str(n)} for n, folder in enumerate(data["folders"], 1))
    return on_pages("folders_more", numbered, first="folders")


REMARK_TOP, REMARK_ROOM, REMARK_WIDTH = 56.0, 133.0, 162.0
"""Room of the notes on the remark sheet, mm."""
MORE_ROOM = 230.0
NOTE_SIZES = ((14.0, 8.0), (12.0, 7.0), (10.5, 6.0))
"""Type in pt and distance of lines in mm that the notes try in turn."""
CODES_GAP = 4.0


def remark(data: Values) -> Made:
    """卷内备考表: the sheet that is signed, then what did not fit: notes, changes, electronic codes."""
    content = data["remark"]
    notes, pt, pitch = _notes(content)
    opening, rest = notes[: int(REMARK_ROOM / pitch)], notes[int(REMARK_ROOM / pitch) :]
    free = REMARK_ROOM - len(opening) * pitch - CODES_GAP - 6
    codes = [] if rest else _codes_inside(content["electronic"], free)
    changes = _changes_inside(content["changes"])
    first = {
        "notes": opening,
        "pt": pt,
        "pitch": pitch,
        "codes": codes,
        "codes_top": REMARK_TOP + len(opening) * pitch + CODES_GAP,
        "codes_elsewhere": bool(content["electronic"]) and not codes,
        "notes_elsewhere": bool(rest),
        "changes": changes,
    }
    more: Made = [
        {"kind": "notes", "notes": part, "pt": pt, "pitch": pitch}
        for part in _cut(rest, int(MORE_ROOM / pitch))
    ]
    if content["electronic"] and not codes:
        more += [{"kind": "electronic", **page} for page in on_pages("electronic", content["electronic"])]
    if _too_many(content["changes"]):
        listed = on_pages("changes_more", _changes(content["changes"]))
        more += [{"kind": "changes", **page} for page in listed]
    return [first, *({"part": "remark_more", **page} for page in more)]


def _notes(content: Values) -> tuple[list[dict[str, Any]], float, float]:
    """Facts and free words as lines in the largest type that has room, else in the smallest."""
    for pt, pitch in NOTE_SIZES:
        lines = list(_note_lines(content, REMARK_WIDTH / (pt * PT)))
        if len(lines) * pitch <= REMARK_ROOM:
            break
    return lines, pt, pitch


def _note_lines(content: Values, em: float) -> Iterator[dict[str, Any]]:
    facts = [(fit.clean(str(fact["name"])), fit.clean(str(fact["text"]))) for fact in content["facts"]]
    indent = max([5.0, *(rows.serif(name, True) + 1 for name, _text in facts)])
    for name, text in facts:
        for n, line in enumerate(rows.wrap(text, max(em - indent, em / 2)) or [""]):
            yield {"name": "" if n else name, "text": line, "indent": indent}
    for paragraph in str(content["text"]).splitlines():
        for line in rows.wrap(fit.clean(paragraph), em - 0.2):
            yield {"name": "", "text": line, "indent": 0}


def _codes_inside(electronic: Sequence[Values], free: float) -> Made:
    """The table of electronic codes when all of it has room under the notes, else nothing."""
    frame = table("electronic")
    if not electronic or len(electronic) * frame.row > free - frame.heading:
        return []
    pages = on_pages("electronic", electronic)
    return pages if pages[0]["edges"][-1] <= free and len(pages) == 1 else []


def _changes(changes: Sequence[Values]) -> list[dict[str, Any]]:
    return [{**change, "words": f"{change['kind']}：{change['text']}"} for change in changes]


def _too_many(changes: Sequence[Values]) -> bool:
    return len(on_pages("changes", _changes(changes))) > 1


def _changes_inside(changes: Sequence[Values]) -> dict[str, Any]:
    """The four lines of changes on the sheet itself; empty ones are filled in by hand."""
    if _too_many(changes):
        return on_pages("changes", [{"words": f"共 {len(changes)} 项变动，见续页。"}])[0]
    return on_pages("changes", _changes(changes))[0]


def change_record(data: Values) -> Made:
    """案卷变动登记表, filled up with empty lines."""
    return on_pages("change_record", data["record"]["changes"])


def back(data: Values) -> Made:
    """封底: one page."""
    return [{}]


def instructions(data: Values) -> Made:
    """装订说明: what to mind, then the steps with their clauses."""
    content = data["instructions"]
    warnings = [{"serial": "注意", "text": text} for text in content["warnings"]]
    steps = [{**step, "serial": str(n)} for n, step in enumerate(content["steps"], 1)]
    return on_pages("steps_more", [*warnings, *steps], first="steps")


def spine(data: Values) -> Made:
    """脊背: strips side by side, as many on a sheet as their widths allow."""
    pages: Made = []
    x = STRIP_RIGHT
    for volume in data.get("volumes") or [data["volume"]]:
        width = float(volume["box_mm"]) - STRIP_MARGIN
        if x + width > STRIP_RIGHT or not pages:
            pages.append({"strips": []})
            x = STRIP_LEFT
        pages[-1]["strips"].append({"x": x, "width": width, "volume": volume})
        x += width
    return pages


def box(data: Values) -> Made:
    """卷盒标签: one sheet a box."""
    return [{"box": label} for label in data["boxes"]]


def item_list(data: Values) -> Made:
    """归档文件目录 with its cover sheet."""
    return [{"part": "list_cover"}, *on_pages("item_list", data["lines"])]


def electronic_catalog(data: Values) -> Made:
    """电子文件归档目录; a stretch of a long one says how many pages stand ``before`` it, ``of`` how many."""
    made = on_pages("electronic_catalog", data["lines"])
    before, of = data.get("before", 0), data.get("of", len(made))
    return [
        {**page, "n": n, "m": of, "page": replace(page["page"], last=n == of)}
        for n, page in enumerate(made, before + 1)
    ]


def _cut(lines: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    for start in range(0, len(lines), size):
        yield lines[start : start + size]


PARTS: dict[str, Callable[[Values], Made]] = {
    part.__name__: part
    for part in (
        cover,
        catalog,
        material,
        remark,
        back,
        spine,
        box,
        instructions,
        change_record,
        item_list,
        electronic_catalog,
    )
}


def pages(parts: Iterable[str], data: Values) -> Made:
    """Every page of the named parts in order: ``part`` (its template), ``n`` of ``m`` in its part, values."""
    found: Made = []
    for name in parts:
        made = PARTS[name](data)
        found += [{"part": name, "n": n, "m": len(made), **page} for n, page in enumerate(made, 1)]
    return found


@pass_context
def _sheets(context: Context, parts: Sequence[str]) -> Made:
    return pages(parts, context.get_all())


def set_in(
    text: str, width: float, height: float, pt: float, leading: float = 1.25, bold: bool = False
) -> Values:
    """Set a text in the largest type up to ``pt`` that fits ``width`` × ``height`` mm; nothing is cut."""
    words = fit.clean(str(text))
    while True:
        lines = rows.wrap(words, width / (pt * PT), bold)
        if len(lines) * pt * leading * PT <= height + 1e-6 or pt < 0.5:
            return {"pt": round(pt, 2), "lines": _balanced(words, lines, width / (pt * PT), bold)}
        pt *= 0.96


def shortened(text: str, width: float, pt: float) -> str:
    """A running title: one line of ``width`` mm, cut with an ellipsis; the whole title is on the cover."""
    words, em = fit.clean(str(text)), width / (pt * PT)
    if rows.serif(words, False) <= em:
        return words
    return rows.wrap(words, em - 1)[0] + "…"


def _balanced(words: str, lines: list[str], em: float, bold: bool) -> list[str]:
    """The same number of lines, as even as they can be: no single character is left for the last."""
    best = lines
    while len(lines) > 1 and em > 2:
        em -= 0.5
        narrower = rows.wrap(words, em, bold)
        if len(narrower) > len(lines):
            break
        best = narrower
    return best


FILTERS: dict[str, Callable[..., Any]] = {
    "sheets": _sheets,
    "set_in": set_in,
    "shortened": shortened,
    "upright_columns": upright.columns,
}
"""What the templates of the volume forms ask for."""
