"""What the queries of the volumes answer, as plain frozen values for screens, sheets and scripts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from archive_app.core.i18n import Lazy as L
from archive_app.records.models import Document, Folder
from archive_app.volumes.models import Acceptance, Binding, Unbinding, Volume

PROBLEMS: Mapping[str, L] = {
    "lent": L("借出未还"),
    "pages_missing": L("缺页"),
    "pages_differ": L("页数不符"),
    "damaged": L("破损待裱糊"),
    "faded": L("字迹扩散"),
    "scan_failed": L("扫描件有误"),
    "electronic_only": L("只有电子"),
    "no_scan": L("没有扫描件"),
    "no_documents": L("没有文件"),
    "stale": L("整理后有改动"),
    "date_far": L("日期离年度远"),
    "too_thick": L("单份过厚"),
}
ALWAYS_HOLD = ("lent", "stale")
"""No reason can accept these: paper that is not here cannot be bound, nor an order that is no longer true."""
STATES: Mapping[str, L] = {
    "open": L("待整理"),
    "arranged": L("已排序"),
    "checked": L("已检查"),
    "bound": L("已装订"),
    "boxed": L("已入盒"),
    "dissolved": L("已撤销"),
}
STAGES: Mapping[str, L] = {
    "collect": L("收齐"),
    "order": L("排序"),
    "volumes": L("组卷"),
    "check": L("检查"),
    "bind": L("打印装订"),
    "box": L("入盒上架"),
}


@dataclass(frozen=True)
class YearRow:
    """One category and year: how much there is and how far its volumes are (only what the actor may know).

    ``documents`` stand in no volume or in one; ``loose`` of them in none. ``volumes`` counts by state.
    """

    category: str
    category_name: str
    year: int
    folders: int
    documents: int
    pages: int
    loose: int
    bound_documents: int
    volumes: Mapping[str, int]

    @property
    def total(self) -> int:
        """Volumes that were not dissolved."""
        return sum(self.volumes.values())

    @property
    def done(self) -> float:
        """Share of the documents that are bound, 0 to 1."""
        return self.bound_documents / self.documents if self.documents else 0.0


@dataclass(frozen=True)
class Mend:
    """Where a problem is mended: a route by name with its values, and the words of the link."""

    endpoint: str
    values: Mapping[str, Any]
    words: str


@dataclass(frozen=True)
class Problem:
    """Something about a folder that is said before binding; ``holds``: its volume cannot be bound yet.

    ``facts`` is what was found, in short; an acceptance counts only while they are the same.
    """

    code: str
    folder: Folder
    text: str
    holds: bool
    facts: str = ""
    mend: Mend | None = None
    volume_id: int | None = None
    accepted: Acceptance | None = None
    acceptable: bool = False

    @property
    def name(self) -> str:
        """页数不符"""
        return str(PROBLEMS[self.code])

    @property
    def open(self) -> bool:
        """Whether it still holds its volume back."""
        return self.holds and self.accepted is None


@dataclass(frozen=True)
class Line:
    """One document in a volume: its place, its page numbers, and which clause put it there.

    ``pages``: "1–2", empty without a page with writing. ``group`` is the same for documents that are never
    separated, empty for one that stands alone. ``moved`` says who moved it by hand and why. ``year_reason``
    is set when another rule than the filing year brought it into this year.
    """

    item_id: int
    position: int
    document: Document
    folder: Folder
    pages: str
    reason: str
    clause: str
    rule: str
    group: str = ""
    year_reason: str = ""
    year_clause: str = ""
    moved: str = ""
    moved_by: str = ""


@dataclass(frozen=True)
class VolumeFacts:
    """A volume as its spine shows it; numbers of the first and last folder, counts, lengths in mm.

    ``tail`` is the range of serials (0014–0029). ``holding`` counts open problems; ``steps`` are the verbs of
    `flow.VOLUME` that the actor may take now. ``name`` is short enough for a drawn spine.
    """

    volume: Volume
    name: str
    secrecy_name: str
    secrecy_rank: int
    folders: int
    first_number: str
    last_number: str
    tail: str
    holding: int
    shown_problems: int
    steps: tuple[str, ...]
    catalog_pages: int
    payload: str

    @property
    def id(self) -> int:
        return int(self.volume.id)

    @property
    def state_name(self) -> str:
        return str(STATES[self.volume.state])


@dataclass(frozen=True)
class Loose:
    """A folder (or some documents of it) that stands in no volume of this year, and why.

    ``why``: free (will be in the next proposal), no_documents, other_year (a rule or a ruling puts
    ``documents`` into ``year``), elsewhere (in a volume of another year), added (came after its volume was
    arranged or bound).
    """

    folder: Folder
    why: str
    text: str
    documents: tuple[Document, ...] = ()
    year: int | None = None
    clause: str = ""
    ruled: str = ""


@dataclass(frozen=True)
class Stage:
    """One step of the wizard: collect, order, volumes, check, bind, box; ``state``: done, current, later."""

    code: str
    state: str
    left: int = 0

    @property
    def name(self) -> str:
        return str(STAGES[self.code])


@dataclass(frozen=True)
class YearPlan:
    """All of the wizard for one category and year (and customer manager, when the rule book asks for it)."""

    category: str
    category_name: str
    year: int
    manager_id: int | None
    managers: tuple[tuple[int, str], ...]
    folders: int
    documents: int
    pages: int
    sheets: int
    volumes: tuple[VolumeFacts, ...]
    loose: tuple[Loose, ...]
    problems: tuple[Problem, ...]
    stages: tuple[Stage, ...]
    sheet_mm: float
    boxes_mm: tuple[int, ...]
    clauses: Mapping[str, str] = field(default_factory=dict)

    @property
    def holding(self) -> tuple[Problem, ...]:
        """The problems that keep volumes from being bound."""
        return tuple(problem for problem in self.problems if problem.open)

    def volume(self, volume_id: int | None) -> VolumeFacts | None:
        """The volume with this id, else the first."""
        found = next((each for each in self.volumes if each.id == volume_id), None)
        return found or (self.volumes[0] if self.volumes else None)


@dataclass(frozen=True)
class Point:
    """One line of the check list: what was looked at, whether it is right, and what to do if not."""

    name: str
    ok: bool
    text: str
    holds: bool = False
    clause: str = ""


@dataclass(frozen=True)
class ChangeLine:
    """One line of the change record (变动登记) of a bound volume; ``version`` is the remark sheet's."""

    id: str
    at: datetime
    kind: str
    text: str
    handled_by: str
    version: int


@dataclass(frozen=True)
class VolumePage:
    """All that the page of one volume shows."""

    facts: VolumeFacts
    lines: tuple[Line, ...]
    problems: tuple[Problem, ...]
    points: tuple[Point, ...]
    changes: tuple[ChangeLine, ...]
    bindings: tuple[Binding, ...]
    unbinding: Unbinding | None
    names: Mapping[str, str]
    place: str
    steps: tuple[str, ...]

    @property
    def volume(self) -> Volume:
        return self.facts.volume
