"""What the folder's page says about borrowing it: limits of its level, the buttons, what would happen."""

from __future__ import annotations

from datetime import datetime

from flask import render_template
from markupsafe import Markup

from archive_app.approvals.words import cards
from archive_app.loans import queries, words
from archive_app.people import rulebook
from archive_app.people.actor import Actor
from archive_app.records import views as records
from archive_app.records.models import Folder


def panels(folder: Folder, actor: Actor, at: datetime) -> dict[str, Markup]:
    """The parts of the folder's page for a person who may ask for it."""
    if folder.state != "active" or not actor.can("loan.request"):
        return {}
    known = {
        "folder": folder,
        "shown": queries.outcome(actor, folder, "loan", at),
        "level": rulebook.current(at, actor.unit_id).book.levels.get(folder.secrecy),
        "history": queries.history_of_folder(folder.id, at, 5) if actor.can("loan.view_all") else [],
        "words": words,
        "cards": cards,
    }
    places = {"chips": "chips", "actions": "action", "side": "side"}
    return {
        place: Markup(render_template(f"pages/loans/_{name}.html", **known))  # noqa: S704 - they escape
        for place, name in places.items()
    }


def install() -> None:
    """Put the parts before those of the other rooms."""
    if panels not in records.folder_panels:
        records.folder_panels.insert(0, panels)
