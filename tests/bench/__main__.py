"""``python -m tests.bench [name …]``: run the benches, print the table of figures, write out/bench.md."""

from __future__ import annotations

import os
import platform
import sqlite3
import sys
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

from tests.bench import Figure
from tests.conftest import ROOT

NAMES = (
    "registration", "lookup", "search", "labels", "volume_sheets", "lists", "ocr", "dual",
    "binding", "registers", "memory", "replay", "desk", "basket",
)  # fmt: skip
OUT = ROOT / "out" / "bench.md"
COLUMNS = ("figure", "target", "measured", "verdict")


def main(names: list[str]) -> int:
    """Run the named benches (all by default); return 1 when a figure was missed."""
    if unknown := set(names) - set(NAMES):
        print(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
        return 2
    figures: list[Figure] = []
    for name in names or NAMES:
        began = time.perf_counter()
        found = import_module(f"tests.bench.bench_{name}").run()
        figures += FIGURES.get(name, list)(found)
        print(f"{name}: {time.perf_counter() - began:.0f} s\n", flush=True)
    table = _table(figures)
    print("\n".join(table))
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text("\n".join(_head() + table) + "\n", "utf-8")
    return int(any(figure.reached is False for figure in figures))


def _search(found: dict[str, tuple[float, float]]) -> list[Figure]:
    """By kind of word: p95 in ms of the whole answer, and how many times faster than LIKE."""
    high, times = found["2 characters"]
    return [
        Figure("search, two-character words, p95", "≤ 100 ms", f"{high:.1f} ms", high <= 100),
        Figure("search, faster than LIKE on the same hits", "≥ 20×", f"{times:.0f}×", times >= 20),
    ]


def _labels(found: list[tuple[str, str]]) -> list[Figure]:
    rows = [Figure(name, "", figure) for name, figure in found[:-1]]
    ratio = float(found[-1][1])
    return [*rows, Figure("1,000 labels, times bare typst", "≤ 2", f"{ratio:.2f}", ratio <= 2)]


def _ocr(found: float) -> list[Figure]:
    return [Figure("OCR line error rate with the recipe", "≤ 6 %", f"{found:.1%}", found <= 0.06)]


FIGURES: dict[str, Callable[[Any], list[Figure]]] = {"search": _search, "labels": _labels, "ocr": _ocr}


def _head() -> list[str]:
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    load = ", ".join(f"{n:.1f}" for n in os.getloadavg())
    return ["# Bench", "", f"{machine}; load of the machine while measuring {load}. Medians unless said.", ""]


def _table(figures: list[Figure]) -> list[str]:
    rows = [COLUMNS, *((f.name, f.target, f.measured, f.verdict) for f in figures)]
    widths = [max(len(row[n]) for row in rows) for n in range(len(COLUMNS))]
    rows.insert(1, tuple("-" * width for width in widths))
    padded = ([text.ljust(width) for text, width in zip(row, widths, strict=True)] for row in rows)
    return [f"| {' | '.join(row)} |" for row in padded]


if __name__ == "__main__":
    sys.exit(main([name for name in sys.argv[1:] if not name.startswith("-")]))
