"""The child of the press: reads jobs from standard input, draws, writes PDF or ZPL to standard output."""

from __future__ import annotations

import json
import os
import resource
import select
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from archive_app.printing.press import HEAD

IDLE_SECONDS = float(os.environ.get("PRESS_IDLE_SECONDS", "60"))
MEMORY_LIMIT = 3 << 30
"""Address space in bytes; fonts are mapped into it, so it is far above what is really used."""
LEAVE_ABOVE_KB = 370_000
"""Memory after which the child leaves, to give it back."""


def main() -> None:
    """Serve until there is nothing to do for a while, the parent is gone, or memory has grown."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a library that prints must not get between the answers
    _limit()
    questions = os.fdopen(0, "rb", buffering=0, closefd=False)
    while select.select([questions], [], [], IDLE_SECONDS)[0]:
        head = _read(questions, 8)
        if len(head) < 8:
            return
        _answer(answers, _read(questions, struct.unpack(">Q", head)[0]))
        if _own_kb() > LEAVE_ABOVE_KB:
            return


def _own_kb() -> int:
    """Memory of this process alone now: the mapped font files are everybody's and go when they must."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("RssAnon:")[2].split(maxsplit=1)[0])


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _read(source: Any, length: int) -> bytes:
    found = bytearray()
    while len(found) < length:
        part = source.read(length - len(found))
        if not part:
            break
        found += part
    return bytes(found)


def _answer(answers: BinaryIO, message: bytes) -> None:
    try:
        sign, body = b"+", do(**json.loads(message))
    except Exception as error:  # whatever went wrong, the parent must hear of it
        sign, body = b"-", f"{type(error).__name__}: {error}"[:2000].encode("utf-8", "replace")
    answers.write(HEAD.pack(sign, len(body)) + body)
    answers.flush()


def do(job: str, **values: Any) -> bytes:
    """Do one job of ``JOBS``."""
    return JOBS[job](**values)


def _form(form: str, data: dict[str, Any]) -> bytes:
    from archive_app.printing.form import draw

    return draw(form, data)


def _list(form: str, data: dict[str, Any]) -> bytes:
    from archive_app.printing.lists import draw_list

    return draw_list(form, data)


def _pages(**values: Any) -> bytes:
    from archive_app.printing.rendition import draw

    return draw(values)


def _join(parts: list[str], target: str, title: str = "") -> bytes:
    from archive_app.printing.pack import join

    return join(parts, target, title)


def _missing(text: str) -> bytes:
    from archive_app.printing.fonts import missing_glyphs

    return json.dumps(sorted(missing_glyphs(text))).encode()


def _labels(
    labels: list[dict[str, Any]], stock: str, start: int, offset_mm: list[float], scale: float
) -> bytes:
    from archive_app.printing import sheet
    from archive_app.printing.layout import Label
    from archive_app.printing.stock import load_stock

    drawn = [Label(**label) for label in labels]
    return sheet.draw(drawn, load_stock(stock), start, (offset_mm[0], offset_mm[1]), scale)


def _zpl(labels: list[dict[str, Any]], stock: str) -> bytes:
    from archive_app.printing import zpl
    from archive_app.printing.layout import Label
    from archive_app.printing.stock import load_stock

    return zpl.draw([Label(**label) for label in labels], load_stock(stock))


def _calibration(stock: str, words: list[str], offset_mm: list[float], scale: float) -> bytes:
    from archive_app.printing import calibration, sheet
    from archive_app.printing.stock import load_stock

    paper = load_stock(stock)
    strokes = calibration.sheet(paper, tuple(words))
    return sheet.draw_page(strokes, paper, (offset_mm[0], offset_mm[1]), scale)


# Each job imports what it draws with: a label must not wait for WeasyPrint.
JOBS: dict[str, Callable[..., bytes]] = {
    "form": _form,
    "list": _list,
    "pages": _pages,
    "join": _join,
    "missing": _missing,
    "labels": _labels,
    "zpl": _zpl,
    "calibration": _calibration,
}


if __name__ == "__main__":
    main()
    sys.exit(0)
