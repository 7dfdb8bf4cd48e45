"""The furnished archive of the route tests: for each level a folder with all that can hang on it."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace

from PIL import Image

from archive_app.alarms.models import Alarm
from archive_app.approvals.models import Approval, ApprovalStep
from archive_app.core.storage import storage
from archive_app.loans import incidents
from archive_app.loans.models import Copy, Extension, Loan, RoomSession
from archive_app.notices.models import Notice
from archive_app.notices.service import tell
from archive_app.people import rulebook, service
from archive_app.people.models import Deputation, User
from archive_app.prints import service as printing
from archive_app.prints.register import canonical
from archive_app.records import service as filing
from archive_app.records.models import Folder
from archive_app.revisions import replaying
from archive_app.revisions import service as revising
from archive_app.scans.models import ElectronicFile, ScanPage
from archive_app.stacks import service as stacks
from archive_app.stacks.models import Printer
from archive_app.volumes import service as binding
from archive_app.volumes.content import live
from archive_app.volumes.models import Binding, Volume, VolumeItem
from tests.conftest import PASSWORD, PEOPLE, application

LEVELS = ("open", "secret", "confidential", "top_secret")
MARK = {level: f"封存语{number}号" for number, level in enumerate(LEVELS)}  # what must not show through
MORE_PEOPLE = {"liaison": ("兼职档案员", "KF"), "head": ("总监", "ZB")}  # roles that conftest has nobody for
EVERYBODY = (*PEOPLE, *MORE_PEOPLE)


@dataclass(frozen=True)
class Parameter:
    """How a parameter of a route is built for a level, and by which rule its record may be known.

    ``rule``: "know" and "read" as the rule book's scope says, "loan" as the loan register says,
    "print" as what was printed, for readers of the register, "incident" for who keeps or decides them; ""
    when no folder stands behind it. A route may still demand more than its parameter's rule.
    """

    build: Callable[[SimpleNamespace, str], object]
    rule: str = ""


PARAMETERS = {
    "folder_id": Parameter(lambda house, level: house.folders[level].id, "know"),
    "document_id": Parameter(lambda house, level: house.documents[level].id, "know"),
    "file_id": Parameter(lambda house, level: house.files[level].id, "read"),
    "page_id": Parameter(lambda house, level: house.pages[level].id, "read"),
    "loan_id": Parameter(lambda house, level: house.loans[level].id, "loan"),
    "approval_id": Parameter(lambda house, level: house.approvals[level].id, "loan"),
    "user_id": Parameter(lambda house, level: house.people["colleague"].id),
    "deputation_id": Parameter(lambda house, level: house.deputation.id),
    "volume_id": Parameter(lambda house, level: house.volumes[level].id, "know"),
    "item_id": Parameter(lambda house, level: house.items[level].id, "know"),
    "unbinding_id": Parameter(lambda house, level: house.unbindings[level].id, "know"),
    "print_id": Parameter(lambda house, level: house.prints[level].id, "print"),
    "notice_id": Parameter(lambda house, level: house.notice.id),
    "alarm_id": Parameter(lambda house, level: house.alarm.id),
    "basket_id": Parameter(lambda house, level: 1),
    "extension_id": Parameter(lambda house, level: house.extensions[level].id, "loan"),
    "revision_id": Parameter(lambda house, level: house.revision.id),
    "replay_id": Parameter(lambda house, level: house.replay.id),
    "version_id": Parameter(lambda house, level: 1),
    "department_id": Parameter(lambda house, level: 1),
    "place_id": Parameter(lambda house, level: house.place.id),
    "printer_id": Parameter(lambda house, level: house.printer.id),
    "copy_id": Parameter(lambda house, level: house.copies[level].id, "know"),
    "incident_id": Parameter(lambda house, level: house.incidents[level].id, "incident"),
    "category": Parameter(lambda house, level: "HT"),
    "year": Parameter(lambda house, level: 2026),
    "form": Parameter(lambda house, level: "volume_cover"),
    "paper": Parameter(lambda house, level: "folder_catalog"),
    "scan_id": Parameter(lambda house, level: 1),
    "session_id": Parameter(lambda house, level: house.session.id),
    "stamp": Parameter(lambda house, level: "0"),
    "name": Parameter(lambda house, level: "ui.css"),
    "report": Parameter(lambda house, level: "outstanding"),
}


def build(people: SimpleNamespace, at: datetime) -> SimpleNamespace:
    app = application(WTF_CSRF_ENABLED=False, PROPAGATE_EXCEPTIONS=False)
    for name, (title, code) in MORE_PEOPLE.items():
        service.create_user(
            name, name, title, PASSWORD, department=people.departments[code], actor=people.admin, at=at
        )
    rows = {user.username: user for user in User.select()}
    house = SimpleNamespace(
        app=app, people=rows, at=at, folders={}, documents={}, files={}, pages={}, loans={}, approvals={},
        volumes={}, items={}, unbindings={}, prints={}, copies={}, incidents={},
        extensions={},
    )  # fmt: skip
    house.actors = {name: service.actor_of(row, at) for name, row in rows.items()}
    house.deputation = Deputation.create(
        principal=rows["gm"], deputy=rows["director"], actions="loan", starts=at, ends=at,
        paper_reference="WT-1", created_by="gm", created_at=at,
    )  # fmt: skip
    house.printer = Printer.create(
        unit=people.unit, name="标签机", stock="L7160", created_by="archivist", created_at=at
    )
    tell([rows["borrower"].id], "loan.due", "a", "HT-2026-0001 到期了", at=at)
    text = rulebook.current(at).book.text.replace("failures = 5", "failures = 3")
    house.revision = revising.draft(text, "三次就锁定", actor=house.actors["admin"], at=at)
    house.replay = replaying.ask_replay(f"r{house.revision.id}", actor=house.actors["admin"], at=at)
    house.notice = Notice.get()
    house.alarm = Alarm.create(
        kind="refusals", subject="account:colleague", user=rows["colleague"], first_seq=1, last_seq=9,
        first_at=at, last_at=at, count=5, raised_at=at, state="open", rule_book=1,
    )  # fmt: skip
    keeper = house.actors["archivist"]
    room = stacks.add_place("room", "1", None, name="一号库房", actor=keeper, at=at)
    house.place = stacks.add_place("cabinet", "A03", room.id, actor=keeper, at=at)
    for level in LEVELS:
        furnish(house, level, people.departments["XS"].id)
        bind_up(house, level)
    house.session = RoomSession.create(
        reader=rows["borrower"], seat="1 号", signed_in_at=at, signed_in_by="archivist", ends_at=at
    )
    Loan.update(session=house.session.id).execute()
    return house


def furnish(house: SimpleNamespace, level: str, department: int) -> None:
    """A folder of the sales department with a document, a scanned page, and a loan that waits."""
    keeper, at = house.actors["archivist"], house.at
    folder = filing.register_folder(
        "HT", 2026, f"合同 {MARK[level]}", secrecy=level, party=f"客户 {MARK[level]}",
        department_id=department, actor=keeper, at=at,
    )  # fmt: skip
    document = filing.add_document(folder.id, title=f"正本 {MARK[level]}", actor=keeper, at=at)
    picture = io.BytesIO()
    Image.new("L", (200, 280), 255).save(picture, "PNG")
    digest = storage().put_bytes(picture.getvalue())
    file = ElectronicFile.create(
        folder=folder, document=document, serial=1, code=f"{folder.file_number}-E001",
        filename=f"{MARK[level]}.png", mime="image/png", size=1, sha256=digest, page_count=1,
        state="ready", uploaded_by="archivist", uploaded_at=at,
    )  # fmt: skip
    page = ScanPage.create(
        file=file, folder=folder, number=1, width=200, height=280, image=digest, view=digest,
        thumb=digest, state="read", text=f"正文 {MARK[level]}", read_at=at,
    )  # fmt: skip
    house.folders[level], house.documents[level] = folder, document
    house.copies[level] = Copy.create(
        folder=folder, serial=1, pages=1, state="kept", kept=True, made_by="archivist", made_at=at
    )
    house.incidents[level] = incidents.report(
        "damage", folder_id=folder.id, facts=f"撕破 {MARK[level]}", actor=keeper, at=at
    )
    house.files[level], house.pages[level] = file, page
    if rulebook.current(at).book.levels[level].retrieve:  # what is never retrieved is never lent
        lend(house, level, folder)


def lend(house: SimpleNamespace, level: str, folder: Folder) -> None:
    at = house.at
    approval = Approval.create(
        action="loan", kind="loan", key=0, subject=f"借 {MARK[level]}", requester=house.people["borrower"],
        rule_book=1, asked_at=at, basket=1,
    )  # fmt: skip
    ApprovalStep.create(approval=approval, position=1, mode="any", roles="general_manager")
    loan = Loan.create(
        folder=folder, borrower=house.people["borrower"], kind="consult", purpose="看", state="requested",
        approval=approval, rule_book=1, requested_by="borrower", requested_at=at, basket=1,
    )  # fmt: skip
    house.extensions[level] = Extension.create(
        loan=loan, state="requested", reason=f"没看完 {MARK[level]}", due_before=at, due_after=at,
        rule_book=1, clause="", asked_by="borrower", asked_at=at,
    )  # fmt: skip
    Approval.update(key=loan.id).where(Approval.id == approval.id).execute()
    house.loans[level], house.approvals[level] = loan, approval


def bind_up(house: SimpleNamespace, level: str) -> None:
    """The folder bound in a volume of its own, a print of its cover, a request to open it, a place for it."""
    keeper, at, folder = house.actors["archivist"], house.at, house.folders[level]
    volume = Volume.create(
        unit=folder.unit_id, category="HT", year=2026, place_in_year=folder.serial, serial=folder.serial,
        number=f"Z01-HT·2026-{folder.serial:04d}", title=f"案卷 {MARK[level]}", secrecy=level,
        retention="long", state="bound", items=1, rule_book=1, bound_by="archivist", bound_at=at,
        created_by="archivist", created_at=at,
    )  # fmt: skip
    item = VolumeItem.create(volume=volume, document=house.documents[level], folder=folder, position=1)
    content = canonical(live(volume))
    Binding.create(
        volume=volume, version=1, content=content, digest="0" * 64, pack=0, bound_by="archivist", bound_at=at,
        audit_seq=1, audit_digest="0" * 64,
    )  # fmt: skip
    stacks.shelve(
        house.place.id, [("folder", folder.id), ("volume", volume.id)], via="screen", actor=keeper, at=at
    )
    house.volumes[level], house.items[level] = volume, item
    house.unbindings[level] = binding.ask_unbinding(volume.id, "漏装一件", actor=keeper, at=at)
    house.prints[level] = printing.issue(
        "volume_cover", "volume", str(volume.id), title=f"封面 {MARK[level]}", actor=keeper, at=at
    )
