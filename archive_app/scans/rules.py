"""Pure rules of the electronic set: codes, file names, leases, and whether both sets agree."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from archive_app.core.i18n import _

MAX_TRIES = 3
CHUNK = 20
"""Pages drawn by one child process."""
READ_LEASE = timedelta(minutes=10)
"""How long a reader may be silent before another takes over; longer than the child's time limits."""

LOW_CONFIDENCE = 60.0
"""Words read with less (0 to 100) are dotted in the viewer."""

LOW_PAGE = 75.0
"""A page with a lower mean is worth a second look: clean pages reach 88 to 93, poor ones 60 to 70."""

LASTING_YEARS = 30
"""Papers kept so long or for ever (长期、永久) are important enough to stand in both sets (DUAL-06)."""

DRAWING = ("received", "rendering")
"""States of a file whose pages are not known yet."""

NAME_LENGTH = 200


def folder_code(file_number: str) -> str:
    """The code of a folder's electronic set (电子文件编码), noted on the paper side (DUAL-03)."""
    return f"DZ-{file_number}"


def file_code(file_number: str, serial: int) -> str:
    """The code of one electronic file; ``serial`` counts from 1 inside the folder."""
    return f"{folder_code(file_number)}-{serial:02d}"


def codes(one_by_one: Sequence[str]) -> str:
    """Several codes in the room of one: the first, and how many there are."""
    if len(one_by_one) == 1:
        return one_by_one[0]
    return _("%(first)s 等 %(n)s 个", first=one_by_one[0], n=len(one_by_one))


def paper_note(file_number: str, place: str, bound: Sequence[str] = ()) -> str:
    """Where the paper is, as the electronic catalog notes it: number, place, volume and pages (DUAL-04)."""
    return _("，").join(part for part in (file_number, place, *bound) if part)


FORMATS = {"application/pdf": "PDF", "image/jpeg": "JPEG", "image/png": "PNG", "image/tiff": "TIFF"}


def format_name(mime: str) -> str:
    """The format of a file as catalogs name it."""
    return FORMATS.get(mime, mime.rsplit("/", 1)[-1].upper())


def size_words(octets: int) -> str:
    """The size of a file as catalogs print it: 812 kB, 3.4 MB."""
    return f"{octets / 1e6:.1f} MB" if octets >= 1_000_000 else f"{max(octets // 1000, 1)} kB"


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


MENDING = ("scan_failed", "missing_scan", "missing_paper", "pages_differ", "uncounted", "unread")
"""What keeps a folder from being whole in both sets, gravest first."""
WORDS = (*MENDING, "low_confidence")
"""All that can be said of a folder besides ok; a page that is hard to read is no gap between the sets."""


def is_important(dual_track_required: bool, years: int | None) -> bool:
    """Whether papers must stand in both sets: their category says so, or they are kept long (DUAL-05/06).

    ``years`` of retention, None for ever.
    """
    return dual_track_required or years is None or years >= LASTING_YEARS


@dataclass(frozen=True)
class Facts:
    """What stands on both sides of one folder, in numbers.

    ``lines`` of the catalog, of which ``paper_lines`` on paper (``uncounted`` of them without pages) and
    ``only_electronic`` without a hard copy; ``counted`` pages of all lines, ``paper_pages`` of those on
    paper. ``files`` with ``files_failed`` and ``files_busy``; ``written`` scanned pages with writing,
    ``tied`` of them to a line; ``differing`` sums the differences line by line. ``lowest`` and ``mean``
    confidence of the pages read (0 to 100, None: none read).
    """

    important: bool
    lines: int = 0
    paper_lines: int = 0
    paper_pages: int = 0
    counted: int = 0
    uncounted: int = 0
    only_electronic: int = 0
    files: int = 0
    files_failed: int = 0
    files_busy: int = 0
    written: int = 0
    tied: int = 0
    differing: int = 0
    pages_failed: int = 0
    pages_unread: int = 0
    lowest: float | None = None
    mean: float | None = None

    @property
    def paper(self) -> bool:
        """Whether there are documents on paper whose pages were counted."""
        return self.paper_pages > 0

    @property
    def scanned(self) -> bool:
        return self.written > 0

    @property
    def words(self) -> tuple[str, ...]:
        """What is wrong, gravest first; empty is ok."""
        found = wrong(self)
        return tuple(word for word in WORDS if found[word])


def wrong(f: Any) -> dict[str, Any]:
    """Say of each word whether it holds; ``f`` is `Facts`, or the same names as columns of a select.

    One definition for a row and for the database: numbers and columns both know ``& | == >``.
    """
    compared = (f.files_busy == 0) & (f.files_failed == 0) & (f.counted > 0) & (f.written > 0)
    # Pages scanned onto the whole folder can only be compared as a whole (as `compare` does).
    loose = f.written != f.tied
    differ = (loose & (f.written != f.counted)) | ((f.written == f.tied) & (f.differing > 0))
    return {
        "scan_failed": (f.files_failed > 0) | (f.pages_failed > 0),
        "missing_scan": f.important & (f.files == 0),
        "missing_paper": f.important & (f.only_electronic > 0),
        "pages_differ": compared & differ,
        "uncounted": (f.important | (f.files > 0)) & ((f.lines == 0) | (f.uncounted > 0)),
        "unread": (f.files_busy > 0) | (f.pages_unread > 0),
        "low_confidence": _low(f.lowest),
    }


def _low(lowest: Any) -> Any:
    return False if lowest is None else lowest < LOW_PAGE


def due(f: Any) -> Any:
    """Whether a folder counts in the progress to 100 %: it must stand in both sets, or has begun to."""
    return f.important | ((f.files > 0) & (f.paper_pages > 0))


def percent(done: int, total: int) -> int:
    """Whole percent; 100 only when nothing is left."""
    return 100 if done >= total else min(99, done * 100 // total)
