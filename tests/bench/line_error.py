"""The line error rate: how much of each true line is missing or wrong anywhere in what was read."""

from __future__ import annotations

import re
import unicodedata

import numpy as np

# NFKC folds full-width forms; these are the marks it leaves apart though a reader takes them for one.
_FOLD = str.maketrans({
    "。": ".", "、": ",", "《": "<", "》": ">", "「": "[", "」": "]", "『": "[", "』": "]", "【": "[",
    "】": "]", "〔": "[", "〕": "]", "“": '"', "”": '"', "‘": "'", "’": "'",
    "—": "-", "–": "-", "―": "-", "−": "-",
    "‐": "-", "‑": "-", "·": ".", "・": ".", "•": ".",
})  # fmt: skip


def fold(text: str) -> str:
    """The text after NFKC, with punctuation folded to ASCII and white space removed."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text).translate(_FOLD))


def distance_anywhere(line: str, text: str) -> int:
    """The fewest edits that turn ``line`` into some part of ``text`` (0 if it stands there)."""
    found = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)
    columns = np.arange(len(found) + 1)
    row = np.zeros(len(found) + 1, dtype=np.int64)
    for count, char in enumerate(line, start=1):
        step = np.empty_like(row)
        step[0] = count
        step[1:] = np.minimum(row[:-1] + (found != ord(char)), row[1:] + 1)
        row = np.minimum.accumulate(step - columns) + columns
    return int(row.min())


def line_error_rate(truth: str, read: str) -> float:
    """Edits over true characters, each true line aligned anywhere in ``read``; 0.0 is perfect."""
    lines = [folded for line in truth.splitlines() if (folded := fold(line))]
    if not lines:
        return 0.0
    text = fold(read)
    return sum(distance_anywhere(line, text) for line in lines) / sum(map(len, lines))
