"""The life of a new rule book text, from draft to adopted version, and of a replay of past loans."""

from archive_app.core.flow import Flow, Step

REVISION = Flow(
    "revision",
    "draft",
    Step("propose", ("draft",), "proposed", "policy.propose"),
    Step("approve", ("proposed",), "adopted", "policy.decide"),
    Step("refuse", ("proposed",), "refused", "policy.decide"),
    # A rule book that names nobody who approves a new one: whoever may adopt does.
    Step("adopt", ("draft",), "adopted", "policy.adopt"),
    # The rule book in force has changed meanwhile: look again, then propose again.
    Step("refresh", ("draft", "proposed"), "draft", "policy.propose"),
    Step("withdraw", ("draft", "proposed"), "withdrawn", "policy.propose"),
    # Adopted for a later date, and taken back before it came.
    Step("call_off", ("adopted",), "withdrawn", "policy.adopt"),
)
OPEN = ("draft", "proposed")

REPLAY = Flow(
    "replay",
    "waiting",
    Step("start", ("waiting", "running"), "running", "system"),
    Step("finish", ("running",), "done", "system"),
    Step("fail", ("running",), "failed", "system"),
)
