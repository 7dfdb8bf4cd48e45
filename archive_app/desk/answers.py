"""What the desk answers to a scan: plain values that a page, a test or a script can show."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from archive_app.core.errors import Refused
from archive_app.core.i18n import Lazy as L
from archive_app.core.i18n import _

# sounds of the desk, each differs in count or direction (design: ui/style, Sound)
DONE, LOOK, REFUSED, UNKNOWN, LAST, LATE = "done", "look", "refused", "unknown", "last", "overdue"

# Kept in the records, so they read the same whoever stands at the desk.
AT_COUNTER, UNDONE, FOUND = L("柜台口述").text, L("扫码台撤销").text, L("扫码台找到").text


@dataclass(frozen=True)
class Answer:
    """One answer. ``kind``: ok (done), ask (one thing is missing), no (refused), none (not recognised).

    ``number`` is the big thing (a file number or a name); ``step`` offers the one next thing to do and
    ``more`` what else can be done (see `step`, `press`). ``waits`` marks a folder that waits for a person or
    a place; ``placed`` are the placements that an undo takes back.
    """

    kind: str
    verb: str
    number: str
    sentence: str
    sound: str
    title: str = ""
    level: str = ""
    folder: int | None = None
    why: str = ""
    clause: str = ""
    unchanged: bool = False
    step: dict[str, Any] | None = None
    icon: str = ""
    chip: tuple[str, str, str] = ("", "", "")
    undo: str = field(default="", compare=False)
    loan: int | None = None
    waits: bool = False
    placed: tuple[int, ...] = ()
    more: tuple[dict[str, Any], ...] = ()

    def to_json(self) -> str:
        """The answer as stored with the scan, so that a repeated send gets the same answer."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Answer:
        """The stored answer."""
        values = json.loads(text)
        tuples = {name: tuple(values.get(name, ())) for name in ("chip", "placed", "more")}
        return cls(**values | tuples)


def step(endpoint: str, text: str, icon: str, opens: bool = False, /, **values: Any) -> dict[str, Any]:
    """A next thing to do that is a page; ``opens``: in a page of its own, beside the desk."""
    return {"endpoint": endpoint, "values": values, "text": text, "icon": icon, "opens": opens}


def press(endpoint: str, text: str, icon: str, **values: Any) -> dict[str, Any]:
    """A next thing to do that is done by the button itself, answered like a scan."""
    return {"endpoint": endpoint, "values": values, "text": text, "icon": icon, "method": "post"}


def refusal(error: Refused, number: str, *, title: str = "", level: str = "", folder: int | None = None,
            step: dict[str, Any] | None = None) -> Answer:  # fmt: skip
    """A refusal as the desk says it: what, the rule in its own words, the clause, the next step."""
    who = _("可以决定的人：%(who)s", who=error.may_decide) if error.may_decide else ""
    # "不能外借：HT-2026-0012 是机密级档案": the verb goes on the band, the number stands there already.
    verb, colon, said = error.message.partition("：")
    if not colon or len(verb) > 8:
        verb, said = _("没有办"), error.message
    sentence = said.replace(number, "", 1).strip() if said.lstrip().startswith(number) else said.strip()
    source = "·".join(part for part in (error.clause, who) if part)
    return Answer(
        "no", verb, number, sentence, REFUSED, title=title, level=level, folder=folder,
        why=error.rule or error.next_step, clause=source, unchanged=True, step=step,
        chip=("stop", "x-lg", _("未办理")),
    )  # fmt: skip


def short(raw: str) -> str:
    """What was scanned, as far as it fits in big type."""
    return raw if len(raw) <= 14 else raw[:13] + "…"


def unknown(raw: str, sentence: str) -> Answer:
    """A code that is none of ours, or is damaged: nothing is done."""
    return Answer(
        "none", _("认不出"), short(raw), sentence, UNKNOWN, unchanged=True, chip=("", "upc", _("认不出"))
    )


def not_here(raw: str) -> Answer:
    """A sound code of ours that nothing here has."""
    return unknown(raw, _("条码没有坏，但本室没有登记它。"))
