"""OCR: line error rate and CPU seconds a page of the recipe, beside plain pytesseract in the same run."""

from __future__ import annotations

import os
import resource
from collections import defaultdict
from collections.abc import Callable
from statistics import fmean

from PIL import Image

from archive_app.scans.ocr import engine
from tests.bench.line_error import line_error_rate
from tests.pages import SHARED, PageFile, page_files

TARGET = 0.06


def run(conditions: tuple[str, ...] = ()) -> float:
    """Read every test page (or those of some classes) both ways, print by class, return the recipe's mean."""
    found = [page for page in page_files() if not conditions or page.condition in conditions]
    figures: dict[str, list[tuple[float, float, float, float]]] = defaultdict(list)
    for page in found:
        figures[page.condition].append((*_measured(page, _recipe), *_measured(page, _plain)))
    where = "shared" if SHARED.exists() else "generated"
    print(f"ocr: {len(found)} {where} pages; line error rate and CPU s a page, recipe | plain pytesseract")
    for condition, rows in sorted(figures.items()):
        _print(condition, rows)
    everything = [row for rows in figures.values() for row in rows]
    _print("all", everything)
    mean = fmean(row[0] for row in everything)
    print(f"ocr: target {TARGET:.0%} {'reached' if mean <= TARGET else 'MISSED'}")
    return mean


def _print(name: str, rows: list[tuple[float, float, float, float]]) -> None:
    error, seconds, plain_error, plain_seconds = (fmean(column) for column in zip(*rows, strict=True))
    both = f"{error:6.1%} {seconds:5.1f} s | {plain_error:6.1%} {plain_seconds:5.1f} s"
    print(f"  {name:8} {len(rows):3} pages  {both}", flush=True)


def _measured(page: PageFile, read: Callable[[PageFile], str]) -> tuple[float, float]:
    before = _cpu()
    text = read(page)
    return line_error_rate(page.truth, text), _cpu() - before


def _recipe(page: PageFile) -> str:
    with Image.open(page.path) as image:
        return engine().read(image, page.dpi).text


def _plain(page: PageFile) -> str:
    """As a first script would do it; one thread too, or its CPU seconds would be several times more."""
    import pytesseract

    os.environ["OMP_THREAD_LIMIT"] = "1"
    with Image.open(page.path) as image:
        return str(pytesseract.image_to_string(image, lang="chi_sim+eng"))


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


if __name__ == "__main__":
    run()
