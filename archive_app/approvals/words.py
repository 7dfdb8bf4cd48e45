"""How a chain of approval is shown: each step as the boxes that screens draw."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archive_app.approvals.models import Decision
from archive_app.approvals.queries import Candidate, StepView
from archive_app.core.i18n import Lazy, _

ENDED = {
    "granted": Lazy("已批准"),
    "refused": Lazy("没有批准"),
    "withdrawn": Lazy("已撤回"),
    "expired": Lazy("过期未决，已作废"),
}


def cards(steps: Sequence[StepView], requester: str = "") -> list[dict[str, Any]]:
    """The steps for the macro ``chain``: who decides or has decided, with role and how it went."""
    return [{"who": _who(step, requester), "mode": step.mode} for step in steps]


def deciders(candidates: Sequence[Candidate]) -> str:
    """Who can decide: 周建国 总经理、吴文清 代总经理."""
    return _("、").join(dict.fromkeys(f"{each.user.name} {each.words}" for each in candidates))


def _who(step: StepView, requester: str) -> list[dict[str, str]]:
    if step.state == "applied":
        title = f"{step.role_names[0]} {step.verb}"
        return [{"name": requester, "title": title, "state": "done"}]
    said = [_decided(decision, step) for decision in step.decisions]
    if step.state in ("granted", "refused"):
        return said
    missing = [{"name": _("无人"), "title": name, "state": "no"} for name in step.vacant]
    verb = f" {step.verb}" if len(step.candidates) == 1 else ""  # of several, one decides: said once behind
    waiting = {
        each.user.id: {"name": each.user.name, "title": f"{each.words}{verb}", "state": ""}
        for each in reversed(step.candidates)
    }
    return said + list(reversed(waiting.values())) + missing


def _decided(decision: Decision, step: StepView) -> dict[str, str]:
    if decision.principal:
        title = _("代 %(name)s %(verb)s", name=decision.principal, verb=step.verb)
    else:
        title = f"{decision.user.title} {step.verb}"
    return {
        "name": decision.user.name,
        "title": title,
        "state": "done" if decision.verdict == "granted" else "no",
    }
