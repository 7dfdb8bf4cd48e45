"""Routes of the yearly binding: years and categories, the wizard with its shelf, the verbs of a year."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from archive_app.core.errors import Refused
from archive_app.core.i18n import _
from archive_app.people import queries as people
from archive_app.people import rulebook
from archive_app.people.access import current_actor, needs, note_refusal, now
from archive_app.people.forms import whole
from archive_app.policy import RuleBook
from archive_app.prints import queries as prints
from archive_app.prints.models import Print
from archive_app.records.models import Document
from archive_app.records.words import PARTS
from archive_app.stacks import queries as stacks
from archive_app.volumes import queries, service, words
from archive_app.volumes.facts import STATES, VolumeFacts, YearPlan
from archive_app.volumes.models import Volume
from archive_app.volumes.shelf import books, called

blueprint = Blueprint("volumes", __name__)

STAGES = ("collect", "order", "volumes", "check", "bind", "box")
RUNNING = ("queued", "drawing")


@dataclass(frozen=True)
class Action:
    """The one main button of the wizard: which verb of the year comes next, and for which volumes."""

    url: str
    text: str
    icon: str
    volumes: tuple[int, ...] = ()


def book_of() -> RuleBook:
    """The rule book in force for this request."""
    return rulebook.current(now(), current_actor().unit_id).book


def show(template: str, status: int = 200, **values: Any) -> ResponseReturnValue:
    """Render a page of this room with the words that all of them use."""
    common = {
        "book": book_of(), "words": words, "parts": PARTS, "states": STATES, "called": called,
        "written": written, "me": current_actor().username,
    }  # fmt: skip
    return render_template(f"pages/volumes/{template}.html", **common | values), status


def written(document: Document) -> str:
    """The date of a document as far as it is known: 2025-09-04, 2025-09 or 1949."""
    if document.dated is None:
        return "—"
    return document.dated.isoformat()[: {"year": 4, "month": 7}.get(document.dated_known, 10)]


def asked(name: str) -> int | None:
    """A whole number of the address or the form, None for anything else."""
    return whole(request.values.get(name))


# Years and categories


@blueprint.get("/volumes")
@needs("volume.view")
def index() -> ResponseReturnValue:
    """Every category and year, and how far its binding is."""
    return show("index", rows=queries.years(current_actor(), now()))


# The wizard


def year_url(of: YearPlan | Volume, **values: Any) -> str:
    """The address of the wizard of a year (or of the year of a volume), for the same customer manager."""
    return url_for("volumes.year_page", category=of.category, year=of.year, manager=of.manager_id, **values)


@blueprint.get("/volumes/<category>/<int:year>")
@needs("volume.view")
def year_page(category: str, year: int) -> ResponseReturnValue:
    """The wizard: shelf, order list with reasons, what must be solved before binding, and the next step."""
    actor, at = current_actor(), now()
    plan = queries.year_plan(actor, category, year, at, asked("manager"))
    stage = _stage(plan)
    chosen = plan.volume(asked("volume"))
    standing = books(plan.volumes)
    ordered = packs([each.volume for each in plan.volumes])
    return show(
        "year", plan=plan, stage=stage, stages=[(each, _stage_url(plan, each.code)) for each in plan.stages],
        books=standing, chosen=next((b for b in standing if chosen and b.facts.id == chosen.id), None),
        links={each.id: year_url(plan, stage=_shown_with(stage), volume=each.id) for each in plan.volumes},
        lines=queries.contents(chosen.volume) if chosen and stage in ("order", "volumes") else [],
        points=queries.check_list(actor, chosen.volume, at) if chosen and stage == "check" else [],
        packs=ordered, action=_action(plan, ordered), names=people.names(),
        url=lambda **more: year_url(plan, **more), following=_following(plan, chosen), **_boxes(stage),
    )  # fmt: skip


def _stage(plan: YearPlan) -> str:
    wanted = request.args.get("stage", "")
    if wanted in STAGES:
        return wanted
    if "volume" in request.args:
        return "volumes"
    current = next((each.code for each in plan.stages if each.state == "current"), "box")
    return current if plan.volumes else "collect"


def _shown_with(stage: str) -> str:
    """The stage on which a volume taken from the shelf is looked at."""
    return stage if stage in ("order", "volumes", "check") else "volumes"


def _stage_url(plan: YearPlan, stage: str) -> str:
    return year_url(plan, stage=stage, volume=asked("volume"))


def _boxes(stage: str) -> dict[str, Any]:
    """For the last stage: the boxes that can be chosen, and the words of those that are taken."""
    if stage != "box":
        return {"boxes": [], "places": {}}
    choices = stacks.choices(current_actor(), ("box",))
    return {"boxes": choices, "places": dict(choices)}


def _following(plan: YearPlan, chosen: VolumeFacts | None) -> VolumeFacts | None:
    """The volume that the chosen one can be merged with: the next one that is still open."""
    if chosen is None:
        return None
    later = plan.volumes[plan.volumes.index(chosen) + 1 :]
    return next(
        (each for each in later[:1] if each.volume.state == "open" and chosen.volume.state == "open"), None
    )


def _action(plan: YearPlan, ordered: list[Print]) -> Action | None:
    """What the person can do next for the whole year, furthest first: bind, check, arrange, propose."""
    running = {row.id for row in ordered if row.state in RUNNING}
    bindable = [
        each.id
        for each in plan.volumes
        if "bind" in each.steps and not each.holding and each.volume.pack not in running
    ]
    checkable = [each.id for each in plan.volumes if "check" in each.steps]
    openly = [each.id for each in plan.volumes if "arrange" in each.steps]
    if bindable:
        return _of_year(plan, "bind", _("打印 %(n)s 卷装订包", n=len(bindable)), "printer", bindable)
    if checkable:
        return _of_year(plan, "check", _("检查 %(n)s 卷", n=len(checkable)), "check2", checkable)
    if openly:
        return _of_year(plan, "arrange", _("排定 %(n)s 卷并编页", n=len(openly)), "sort-down", openly)
    if any(each.why == "free" for each in plan.loose) and current_actor().can("volume.arrange"):
        return _of_year(plan, "propose", _("按制度组卷"), "collection", [])
    return None


def _of_year(plan: YearPlan, verb: str, text: str, icon: str, volumes: list[int]) -> Action:
    endpoint = "volumes.propose" if verb == "propose" else f"volumes.{verb}_year"
    url = url_for(endpoint, category=plan.category, year=plan.year, manager=plan.manager_id)
    return Action(url, text, icon, tuple(volumes))


def packs(volumes: list[Volume]) -> list[Print]:
    """The packs that were ordered last for these volumes, as far as the person may see them."""
    actor, at = current_actor(), now()
    wanted = [volume.pack for volume in volumes if volume.pack]
    rows = Print.select().where(Print.id.in_(wanted)).order_by(Print.id) if wanted else []
    return [row for row in rows if prints.may_see(actor, row, at)]


@blueprint.get("/volumes/<category>/<int:year>/progress")
@needs("volume.view")
def progress(category: str, year: int) -> ResponseReturnValue:
    """How far the packs are, as JSON for the page that waits for them."""
    manager = asked("manager")
    volumes = queries.listed(current_actor(), now(), category=category, year=year)
    ordered = packs([each for each in volumes if manager in (None, each.manager_id)])
    failed = sum(row.state == "failed" for row in ordered)
    said = _("%(n)s 卷没有画成，请看原因。", n=failed) if failed else _("装订包都画好了。")
    return {
        "html": render_template("pages/volumes/_packs.html", packs=ordered),
        "done": not any(row.state in RUNNING for row in ordered),
        "announce": said,
    }


# The verbs of a whole year


@blueprint.post("/volumes/<category>/<int:year>/propose")
@needs("volume.arrange")
def propose(category: str, year: int) -> ResponseReturnValue:
    """Propose the volumes of the year from all papers that stand in none."""
    made = service.propose(category, year, manager_id=asked("manager"), actor=current_actor(), at=now())
    flash(_("已组成 %(n)s 卷，都还可以调整。", n=len(made)), "ok")
    return _on(category, year, "volumes")


@blueprint.post("/volumes/<category>/<int:year>/arrange")
@needs("volume.arrange")
def arrange_year(category: str, year: int) -> ResponseReturnValue:
    """Order every open volume by rule and number its pages."""
    done = _each(lambda n: service.arrange(n, actor=current_actor(), at=now()))
    if done:
        flash(_("已排定 %(n)s 卷并编好页号。下一步由另一人检查。", n=done), "ok")
    return _on(category, year, "check")


@blueprint.post("/volumes/<category>/<int:year>/check")
@needs("volume.check")
def check_year(category: str, year: int) -> ResponseReturnValue:
    """Sign that the arranged volumes were checked against the paper."""
    done = _each(lambda n: service.check_volume(n, actor=current_actor(), at=now()))
    if done:
        flash(_("已检查 %(n)s 卷，可以打印装订。", n=done), "ok")
    return _on(category, year, "bind")


@blueprint.post("/volumes/<category>/<int:year>/bind")
@needs("volume.bind")
def bind_year(category: str, year: int) -> ResponseReturnValue:
    """Give the checked volumes their numbers and order their packs."""
    done = _each(lambda n: service.bind(n, actor=current_actor(), at=now()))
    if done:
        flash(_("%(n)s 卷的装订包正在画，画好即装订入册。", n=done), "ok")
    return _on(category, year, "bind")


def _each(verb: Callable[[int], Any]) -> int:
    """Do a verb for each volume that was on the button; a refused one does not stop the others."""
    refusals: list[Refused] = []
    done = 0
    for text in request.form.getlist("volume"):
        if (volume_id := whole(text)) is not None:
            try:
                verb(volume_id)
                done += 1
            except Refused as error:
                note_refusal(error)
                refusals.append(error)
    for said in {refusal.message: refusal for refusal in refusals}.values():
        flash(said.as_dict(), "refusal")  # type: ignore[arg-type]
    return done


def _on(category: str, year: int, stage: str) -> ResponseReturnValue:
    where = {"category": category, "year": year, "manager": asked("manager"), "stage": stage}
    return redirect(url_for("volumes.year_page", **where), 303)  # type: ignore[arg-type]
