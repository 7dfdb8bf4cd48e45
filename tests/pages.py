"""Test pages: the shared set beside the project if it is there, else pages of the demo generator."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from archive_app.demo import pages

SHARED = Path(__file__).resolve().parents[2] / "shared" / "pages"


@dataclass(frozen=True)
class PageFile:
    """A page image in a file, its true text, its class (clean, skew, stamp, copy, …) and resolution."""

    path: Path
    truth: str
    condition: str
    dpi: int


@cache
def page_files() -> tuple[PageFile, ...]:
    """Every shared test page, or every generated one when there is no shared folder."""
    folder = SHARED
    if not (SHARED / "index.json").exists():
        folder = Path(tempfile.mkdtemp(prefix="pages_"))
        pages.write(folder)
    return tuple(
        PageFile(
            folder / entry["file"],
            (folder / entry["truth"]).read_text(encoding="utf-8"),
            entry["class"],
            entry["dpi"],
        )
        for entry in json.loads((folder / "index.json").read_text(encoding="utf-8"))
    )
