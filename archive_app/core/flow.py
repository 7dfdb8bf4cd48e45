"""State machines as tables: one step is one compare-and-swap on the state column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from archive_app.core.errors import Refused
from archive_app.core.i18n import _


@dataclass(frozen=True)
class Step:
    """One arrow: ``verb`` takes a row from any of ``sources`` to ``target``; ``permission`` is who may."""

    verb: str
    sources: tuple[str, ...]
    target: str
    permission: str


class Flow:
    """The life of one kind of record, e.g. a loan, as a table of steps."""

    def __init__(self, name: str, initial: str, *steps: Step) -> None:
        self.name, self.initial = name, initial
        self.steps = {step.verb: step for step in steps}
        self.states = tuple(
            dict.fromkeys([initial, *(s for step in steps for s in (*step.sources, step.target))])
        )

    def open_to(self, state: str) -> list[Step]:
        """The steps that can be taken from ``state``: the buttons a person may see."""
        return [step for step in self.steps.values() if state in step.sources]

    def fire(self, row: Any, verb: str, **values: object) -> str:
        """Move ``row`` by ``verb``, setting ``values`` in the same UPDATE; return the state it left.

        Raises Refused: wrong_state — somebody else was first, or the step is not open from here.
        """
        step = self.steps[verb]
        model, before = type(row), row.state
        changed = (
            model.update(state=step.target, **values)
            .where((model.id == row.id) & (model.state.in_(step.sources)) & (model.state == before))
            .execute()
        )
        if not changed:
            raise Refused(
                "wrong_state",
                _("这一步现在办不了，记录没有改动。"),
                next_step=_("状态已被改变，请刷新后再看。"),
            )
        row.state = step.target
        for name, value in values.items():
            setattr(row, name, value)
        return before

    def diagram(self) -> str:
        """The flow as a Mermaid state diagram for docs/."""
        lines = ["stateDiagram-v2", f"    [*] --> {self.initial}"]
        for step in self.steps.values():
            lines += [f"    {source} --> {step.target}: {step.verb}" for source in step.sources]
        return "\n".join(lines)
