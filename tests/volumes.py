"""What the tests of volumes share: folders with documents and scans, a year ready to be bound, its people."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace

import pytest

from archive_app.core.audit import AuditEvent
from archive_app.core.errors import Refused
from archive_app.people import service as people_service
from archive_app.people.models import User
from archive_app.records.models import Document, Folder
from archive_app.records.service import add_document, register_folder
from archive_app.scans.models import ElectronicFile, ScanPage
from archive_app.volumes import queries, service
from archive_app.volumes.models import Volume, VolumeItem
from tests.conftest import AT

YEAR = 2025


def actors() -> SimpleNamespace:
    """Everybody of the open archive as actors, by username; for tests that open it themselves."""
    return SimpleNamespace(**{u.username: people_service.actor_of(u, AT) for u in User.select()})


def folder(
    *titles: str | dict, actor, year=YEAR, category="HT", secrecy="open", pages=3, scanned=True, **more
) -> Folder:
    """Register a folder with documents, given by title or by their fields, and scans of the same pages."""
    made = register_folder(
        category, year, more.pop("title", "瑞丰设备购销合同"), secrecy=secrecy, actor=actor, at=AT, **more
    )
    for told in titles:
        fields = {"title": told} if isinstance(told, str) else told
        document = add_document(made.id, actor=actor, at=AT, **{"pages": pages} | fields)
        if scanned and document.medium == "paper":
            scan(document)
    return made


def scan(document: Document, pages: int | None = None, state: str = "read") -> ElectronicFile:
    """An electronic file of the document with that many pages, without drawing any."""
    home = Folder.get_by_id(document.folder_id)
    serial = ElectronicFile.select().where(ElectronicFile.folder == home.id).count() + 1
    count = document.pages if pages is None else pages
    sha256 = f"{document.id:032x}{serial:032x}"
    file = ElectronicFile.create(
        folder=home.id, document=document.id, serial=serial, code=f"DZ-{home.file_number}-{serial:02d}",
        filename="扫描.pdf", mime="application/pdf", size=1000, sha256=sha256, page_count=count,
        state="ready", uploaded_by="archivist", uploaded_at=AT,
    )  # fmt: skip
    for number in range(1, count + 1):
        ScanPage.create(
            file=file.id, folder=home.id, number=number, width=1, height=1, view="v", thumb="t", state=state
        )
    return file


def documents(of: Folder) -> list[Document]:
    return list(Document.select().where(Document.folder == of.id).order_by(Document.position))


def propose(people, category="HT", year=YEAR, at: datetime = AT, **more) -> list[Volume]:
    return service.propose(category, year, actor=people.archivist, at=at, **more)


def checked(people, category="HT", at: datetime = AT) -> list[Volume]:
    """The year proposed, arranged by the archivist and checked by the director of the office."""
    made = propose(people, category)
    for volume in made:
        service.arrange(volume.id, actor=people.archivist, at=at)
        service.check_volume(volume.id, actor=people.director, at=at)
    return [Volume.get_by_id(volume.id) for volume in made]


def bound_together(folders: list[Folder]) -> Volume:
    """A bound volume with these folders, without drawing its pack."""
    first = folders[0]
    volume = Volume.create(
        unit=first.unit_id, category=first.category, year=first.year, place_in_year=1, serial=1,
        number=f"Z01-{first.category}·{first.year}-{first.serial:04d}", title="合同", retention="long",
        secrecy=first.secrecy, state="bound", items=len(folders), rule_book=1, bound_by="archivist",
        bound_at=AT, created_by="archivist", created_at=AT,
    )  # fmt: skip
    lines = [line for each in folders for line in documents(each)]
    for position, line in enumerate(lines, start=1):
        VolumeItem.create(volume=volume, document=line, folder=line.folder_id, position=position)
    return volume


def titles(volume: Volume) -> list[str]:
    return [line.document.title for line in queries.contents(volume)]


def fresh(volume: Volume) -> Volume:
    return Volume.get_by_id(volume.id)


def plan(people, category="HT", year=YEAR, actor=None, **more):
    return queries.year_plan(actor or people.archivist, category, year, AT, **more)


def refused(code: str, verb, *args, **more) -> Refused:
    with pytest.raises(Refused) as caught:
        verb(*args, **more)
    assert caught.value.code == code, caught.value.message
    return caught.value


def last_event(action: str) -> AuditEvent:
    return AuditEvent.select().where(AuditEvent.action == action).order_by(AuditEvent.seq.desc()).first()
