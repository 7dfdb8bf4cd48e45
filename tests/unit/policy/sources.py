"""The documents themselves, passage by passage, where they lie beside the project."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

SHARED = Path(__file__).resolve().parents[4] / "shared"
SEEDS, REGISTER = SHARED / "seeds", SHARED / "design" / "requirements.md"
_MARKS = re.compile(r"[\s,，。；;：:、.“”①②③()（）-]")
_PLACE = re.compile(r"(?:(\d{3}) )?L(\d+)-(\d+)")


def bare(text: str) -> str:
    """Return the text without blanks and punctuation: the copies differ in nothing else."""
    return _MARKS.sub("", text)


@lru_cache
def passage(code: str) -> str:
    """Return the bare text of one document, by the lines that the register gives."""
    register = REGISTER.read_text("utf-8")
    row = next(line for line in register.splitlines() if line.startswith(f"| {code} |"))
    found, file = [], ""
    for number, first, last in _PLACE.findall(row):
        file = number or file
        (path,) = SEEDS.glob(f"{file}_*.txt")
        found += path.read_text("utf-8").splitlines()[int(first) - 1 : int(last)]
    return bare("\n".join(found))


def clauses(text: str) -> list[str]:
    """Return the bare pieces of a quotation; a document may be quoted with something left out."""
    return [bare(piece) for piece in re.split("[。；，]", text) if bare(piece)]
