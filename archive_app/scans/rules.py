"""Pure rules of the electronic set: codes, file names, leases, and whether both sets agree."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from archive_app.core.i18n import _

MAX_TRIES = 3
CHUNK = 20
"""Pages drawn by one child process."""
READ_LEASE = timedelta(minutes=10)
"""How long a reader may be silent before another takes over; longer than the child's time limits."""

LOW_CONFIDENCE = 60.0
"""Words read with less (0 to 100) are dotted in the viewer."""

NAME_LENGTH = 200


def folder_code(file_number: str) -> str:
    """The code of a folder's electronic set (电子文件编码), noted on the paper side (DUAL-03)."""
    return f"DZ-{file_number}"


def file_code(file_number: str, serial: int) -> str:
    """The code of one electronic file; ``serial`` counts from 1 inside the folder."""
    return f"{folder_code(file_number)}-{serial:02d}"


def clean_filename(name: str) -> str:
    """The name a file was sent with, without paths, control and direction characters, ≤ 200 characters."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(c for c in name if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn"))
    kept = " ".join(kept.split()).strip(". ")
    stem, dot, ending = kept.rpartition(".")
    if dot and len(ending) <= 10:
        return f"{stem[: NAME_LENGTH - len(ending) - 1]}.{ending}" if stem else ending
    return kept[:NAME_LENGTH] or _("未命名")


def draw_lease(pages: int) -> timedelta:
    """How long drawing a file of so many pages may take before another worker takes over."""
    return timedelta(minutes=6) * (1 + pages // CHUNK)


def gives_up(tries: int) -> bool:
    """Whether a piece of work that was begun ``tries`` times is not begun again."""
    return tries >= MAX_TRIES


@dataclass(frozen=True)
class Line:
    """One document of the catalog: its place in the folder, pages on paper and pages scanned."""

    position: int
    title: str
    paper: int
    scanned: int
    document_id: int | None = None

    @property
    def difference(self) -> int:
        """Pages missing from the electronic set (negative: more scanned than on paper)."""
        return self.paper - self.scanned


@dataclass(frozen=True)
class Difference:
    """Whether paper and electronic set agree (DUAL-01).

    ``state``: agree; differ by ``pages``; pending (still being drawn); unscanned; paper_only (the category
    does not ask for two sets, and there is one); uncounted (the catalog has no pages yet).
    ``document_id`` is where to scan more, if it is one document.
    """

    state: str
    pages: int = 0
    sentence: str = ""
    document_id: int | None = None

    @property
    def agrees(self) -> bool:
        return self.state == "agree"


def compare(lines: Sequence[Line], loose: int, *, pending: bool = False, required: bool = True) -> Difference:
    """Compare the two sets; ``loose`` pages were scanned onto the whole folder, not onto a document.

    ``pending``: some file has no pages yet; ``required``: the category is to be kept in both sets.

    Blank backs are not counted on paper, so they must not be counted as scanned either.
    """
    paper = sum(line.paper for line in lines)
    scanned = sum(line.scanned for line in lines) + loose
    if pending:
        return Difference("pending", 0, _("还在分页，分好后自动核对。"))
    if not scanned and not required:
        return Difference("paper_only", paper, _("这一类可以只存纸质。需要时再上传扫描件。"))
    if not scanned:
        return Difference("unscanned", paper, _("还没有扫描件。上传后，纸质和电子才能互见。"))
    if not paper:
        return Difference("uncounted", 0, _("卷内目录还没有页数。登记页数后才能核对。"))
    if loose:
        return _whole(paper, scanned)
    wrong = [line for line in lines if line.difference]
    return _by_document(wrong) if wrong else Difference("agree")


def _whole(paper: int, scanned: int) -> Difference:
    if paper == scanned:
        return Difference("agree")
    first = _("两套差 %(n)s 页：纸质 %(paper)s 页、扫描 %(scanned)s 页。",
              n=abs(paper - scanned), paper=paper, scanned=scanned)  # fmt: skip
    return Difference("differ", abs(paper - scanned), first + _mend(paper - scanned))


def _by_document(wrong: Sequence[Line]) -> Difference:
    pages, line = sum(abs(line.difference) for line in wrong), wrong[0]
    whole = _("两套差 %(n)s 页", n=pages)
    if len(wrong) > 1:
        whole = _("%(whole)s，共 %(count)s 件不符", whole=whole, count=len(wrong))
    first = _("第 %(n)s 件纸质 %(paper)s 页、扫描 %(scanned)s 页。",
              n=line.position, paper=line.paper, scanned=line.scanned)  # fmt: skip
    sentence = _("%(whole)s：%(first)s", whole=whole, first=first) + _mend(line.difference)
    return Difference("differ", pages, sentence, line.document_id)


def _mend(missing: int) -> str:
    return _("核对原件后补扫。") if missing > 0 else _("数一遍纸质，再改卷内目录的页数。")
