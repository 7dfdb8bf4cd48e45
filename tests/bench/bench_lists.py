"""Long prints: a list of 10,000 lines beside bare typst, a year as one pack, a rendition of 1,000 pages."""

from __future__ import annotations

import json
import os
import resource
import statistics
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from archive_app.printing import rendition
from archive_app.printing.press import PRESS
from tests.bench import Figure, timed
from tests.bench.volume_content import full_list, packs

LINES, FOLDERS, PAGES = 10_000, 1_000, 1_000
MEMORY_MB = 400
TIMEOUT = 600.0
# What a person would write in typst without this program: one table, a row a volume, a row a document.
# (reportlab is as fast by measured.md; it is not among our packages, so it does not run here.)
_BARE = """
#let data = json(bytes(sys.inputs.data))
#set page(paper: "a4", margin: (top: 20mm, right: 15mm, bottom: 15mm, left: 25mm), numbering: "1 / 1")
#set text(font: ("Noto Serif CJK SC", "BabelStone Han"), size: 9pt, lang: "zh")
#table(
  columns: (12mm, 26mm, 30mm, 60mm, 20mm, 12mm, 10mm),
  table.header[顺序号][文号][责任者][题名][日期][页号][备注],
  ..data.volumes.map(v => (
    table.cell(colspan: 7)[#v.serial #v.title #v.retention #v.pages \\ #v.number #v.dated #v.items #v.place],
    ..v.lines.map(l => (l.serial, l.reference, l.author, l.title, l.dated, l.start_page, l.remark)).flatten(),
  )).flatten(),
)
"""


def run() -> list[Figure]:
    """Each in a fresh child of the press; memory is the highest of the child, in MB."""
    return [*_full_list(), *_year(), *_rendition()]


def _full_list() -> Iterator[Figure]:
    """Pairs in one run; new titles each time, so that neither side finds its own work again."""
    import typst

    fonts = typst.Fonts()
    pairs = []
    high = 0.0
    for n in range(3):
        data = full_list(LINES)
        for volume in data["volumes"]:
            volume["title"] += f"（{n}）"
            volume["lines"] = [line | {"title": f"{line['title']}{n}"} for line in volume["lines"]]
        inputs = {"data": json.dumps(data, ensure_ascii=False)}
        PRESS.close()
        ours = timed(lambda data=data: _run("list", {"form": "full_list", "data": data}))  # type: ignore[misc]
        high = max(high, _child_mb())
        bare = typst.Compiler(_BARE.encode(), font_paths=fonts, sys_inputs=inputs)
        pairs.append((ours, timed(lambda bare=bare: bare.compile(format="pdf", pdf_tags=False))))  # type: ignore[misc]
    ratio = statistics.median(a / b for a, b in pairs)
    ours, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    name = f"full list of {LINES:,} lines"
    yield Figure(f"{name}, cold child", "", f"{ours:.1f} s")
    yield Figure(f"{name} in bare typst (reportlab not installed)", "", f"{theirs:.1f} s")
    yield Figure(f"{name}, times bare typst", "≤ 5", f"{ratio:.2f}", ratio <= 5)
    yield Figure(f"{name}, memory", f"≤ {MEMORY_MB} MB", f"{high:.0f} MB", high <= MEMORY_MB)


def _year() -> Iterator[Figure]:
    """A year of 100 and of 1,000 folders with 5 documents each, volume by volume, joined to one PDF."""
    _pack(FOLDERS // 50)  # the press is warm
    (short, _), (long, high) = (_pack(count) for count in (FOLDERS // 10, FOLDERS))
    name = f"year pack of {FOLDERS:,} folders, {FOLDERS * 5:,} documents"
    yield Figure(f"{name}, CPU", "", f"{long:.0f} s")
    yield Figure(f"{name}, memory", f"≤ {MEMORY_MB} MB", f"{high:.0f} MB", high <= MEMORY_MB)
    yield Figure(f"{name}, times a tenth of it", "≤ 12", f"{long / short:.1f}", long <= 12 * short)


def _pack(folders: int) -> tuple[float, float]:
    """CPU seconds of drawing and joining, and the most memory of the press meanwhile."""
    jobs = ({"form": "volume_pack", "data": data} for data in packs(folders))
    with TemporaryDirectory(prefix="pack_") as folder:
        before = _press_cpu()
        high = _drawn("form", jobs, Path(folder))
    return _press_cpu() - before, high


def _rendition() -> Iterator[Figure]:
    """The same scan 1,000 times under 1,000 page numbers, then a tenth of it: memory is the same."""
    with TemporaryDirectory(prefix="rendition_") as folder:
        scan = _scan(Path(folder))
        found = []
        for count in (PAGES // 10, PAGES):
            PRESS.close()
            jobs = rendition.parts(_documents(scan, count))
            high: list[float] = []
            seconds = timed(lambda jobs=jobs, high=high: high.append(_drawn("pages", jobs, Path(folder))))  # type: ignore[misc]
            found.append((seconds, high[0]))
    (_, low), (seconds, high_mb) = found
    name = f"rendition of {PAGES:,} scanned pages"
    yield Figure(name, "", f"{seconds:.1f} s")
    flat = high_mb <= low + 60 and high_mb <= MEMORY_MB
    yield Figure(f"{name}, memory beside a tenth of it", "flat", f"{high_mb:.0f}, {low:.0f} MB", flat)


def _drawn(job: str, jobs: Any, folder: Path) -> float:
    """Draw parts and join them, as the register of prints does; return the most memory of the press in MB."""
    parts, high = [], 0.0
    for n, values in enumerate(jobs):
        parts.append(folder / f"{n}.pdf")
        parts[-1].write_bytes(_run(job, values))
        high = max(high, _child_mb())
    _run("join", {"parts": [str(part) for part in parts], "target": str(folder / "whole.pdf")})
    return max(high, _child_mb())


def _run(job: str, values: dict[str, Any]) -> bytes:
    return PRESS.run(job, values, TIMEOUT)


def _press_cpu() -> float:
    """CPU seconds of every child of the press so far, those that have left included."""
    child = PRESS._child
    left = child is None or child.poll() is not None
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    past = used.ru_utime + used.ru_stime
    if left or child is None:
        return past
    fields = Path(f"/proc/{child.pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return past + (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _child_mb() -> float:
    """The most memory the child of the press ever had; 0 when it has left."""
    child = PRESS._child
    try:
        status = Path(f"/proc/{child.pid if child else 0}/status").read_text("ascii")
    except OSError:
        return 0.0
    found = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
    return int(found[0]) / 1024 if found else 0.0


def _scan(folder: Path) -> Path:
    """A grey A4 page of 200 dpi with lines of writing and noise, as large as scans are."""
    import numpy as np
    from PIL import Image

    dice = np.random.default_rng(1)
    paper = np.clip(dice.normal(235, 2, (2339, 1654)), 0, 255).astype(np.uint8)
    for top in range(400, 2100, 60):
        paper[top : top + 26, 200:1450:40] = 30
    Image.fromarray(paper).save(folder / "scan.jpg", quality=85, dpi=(200, 200))
    return folder / "scan.jpg"


def _documents(scan: Path, count: int) -> dict[str, Any]:
    seal = {"fonds": "A017", "year": "2025", "department": "市场部", "retention": "30年", "pages": "10"}
    found = []
    for first in range(0, count, 10):
        numbers = range(first + 1, min(first + 10, count) + 1)
        pages = [
            {"file": str(scan), "index": 0, "mime": "image/jpeg", "dpi": 200, "number": n, "back": n % 2 == 0}
            for n in numbers
        ]
        found.append({"seal": seal | {"item": f"{first // 10 + 1:04d}"}, "pages": pages})
    return {"title": "A017-HT·2025-0001", "corner": "upper", "documents": found}
