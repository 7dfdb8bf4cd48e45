"""The life of a volume from open to boxed, and of a request to open a bound one again."""

from archive_app.core.flow import Flow, Step

VOLUME = Flow(
    "volume",
    "open",
    Step("arrange", ("open",), "arranged", "volume.arrange"),
    Step("check", ("arranged",), "checked", "volume.check"),
    Step("reopen", ("arranged", "checked"), "open", "volume.arrange"),
    Step("bind", ("checked",), "bound", "volume.bind"),
    Step("box", ("bound",), "boxed", "volume.bind"),
    Step("unbind", ("bound", "boxed"), "open", "volume.decide"),
    Step("dissolve", ("open",), "dissolved", "volume.arrange"),
)

UNBINDING = Flow(
    "unbinding",
    "requested",
    Step("grant", ("requested",), "granted", "volume.decide"),
    Step("refuse", ("requested",), "refused", "volume.decide"),
    Step("withdraw", ("requested",), "withdrawn", "volume.bind"),
)
