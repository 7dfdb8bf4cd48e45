"""Every route × role × level of secrecy: who is let in, and that nothing hidden shows through.

The routes are read from the application, so a new one is tested without being written here. A route
with a parameter that is not in PARAMETERS makes these tests fail until they are told how to build it.
"""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image
from werkzeug.routing import Rule

from archive_app.alarms.models import Alarm
from archive_app.approvals.models import Approval, ApprovalStep
from archive_app.core import clock, db
from archive_app.core.storage import storage
from archive_app.loans import incidents
from archive_app.loans.models import Copy, Loan, RoomSession
from archive_app.notices.models import Notice
from archive_app.notices.service import tell
from archive_app.people import rulebook, service
from archive_app.people.access import PUBLIC, access_of
from archive_app.people.actor import Actor
from archive_app.people.models import Deputation, User
from archive_app.policy import PERMISSIONS, Scope
from archive_app.prints import service as printing
from archive_app.prints.register import canonical
from archive_app.records import queries as records
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
from tests.conftest import AT, PASSWORD, PEOPLE, application, opened_copy, people_there

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
    "extension_id": Parameter(lambda house, level: 1),
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


@pytest.fixture(scope="module")
def furnished(template_db, tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """The house, furnished once; every test gets a copy of what stands in its folder."""
    folder = tmp_path_factory.mktemp("house")
    with pytest.MonkeyPatch.context() as patch, opened_copy(template_db, folder):
        patch.setattr(clock, "now", lambda: AT)
        house = build(people_there(), AT)
        db.db.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    house.folder = folder
    return house


@pytest.fixture
def house(furnished: SimpleNamespace, tmp_path: Path, at, monkeypatch) -> Iterator[SimpleNamespace]:
    """The app without CSRF, everybody, and for each level a folder with all that can hang on it."""
    monkeypatch.setattr(clock, "now", lambda: at)
    shutil.copytree(furnished.folder / "store", tmp_path / "store")
    with opened_copy(furnished.folder / "archive.db", tmp_path):
        yield furnished


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
        rule_book=1, asked_at=at,
    )  # fmt: skip
    ApprovalStep.create(approval=approval, position=1, mode="any", roles="general_manager")
    loan = Loan.create(
        folder=folder, borrower=house.people["borrower"], kind="consult", purpose="看", state="requested",
        approval=approval, rule_book=1, requested_by="borrower", requested_at=at,
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


def client_of(house: SimpleNamespace, name: str):
    client = house.app.test_client()
    user = house.people[name]
    with client.session_transaction() as session:
        session["_user_id"] = f"{user.id}.{user.session_key}"
        session["_fresh"] = True
    return client


def rules(house: SimpleNamespace, method: str) -> Iterator[Rule]:
    """The routes that answer to a method, in a fixed order."""
    for rule in sorted(house.app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if method in rule.methods:
            yield rule


def address(house: SimpleNamespace, rule: Rule, level: str) -> str:
    unknown = rule.arguments - PARAMETERS.keys()
    assert not unknown, f"{rule}: tell PARAMETERS how to build {sorted(unknown)}"
    values = {name: PARAMETERS[name].build(house, level) for name in rule.arguments}
    with house.app.test_request_context():
        return house.app.url_map.bind("localhost").build(
            rule.endpoint, values, "GET" if "GET" in rule.methods else "POST"
        )


def demanded(house: SimpleNamespace, rule: Rule) -> tuple[str, ...]:
    return access_of(house.app.view_functions[rule.endpoint])


def may_enter(house: SimpleNamespace, actor: Actor, rule: Rule) -> bool:
    wanted = demanded(house, rule)
    return wanted == PUBLIC or any(actor.can(permission) for permission in wanted)


def knows(house: SimpleNamespace, actor: Actor, level: str, action: str = "know") -> bool:
    """Whether the rule book lets the person know of (or read) the sales department's folder of a level."""
    scope: Scope = rulebook.current(house.at).book.scope(records.person_of(actor), action)
    own = actor.department == "销售部" and level in scope.own_department_levels
    return level in scope.levels or own


def lets(house: SimpleNamespace, actor: Actor, rule: str, level: str) -> bool:
    if rule == "loan":
        keeps = actor.can("loan.view_all") or actor.can("loan.desk")
        return keeps or actor.username == "borrower"
    if rule == "incident" and not (actor.can("loan.view_all") or actor.can("incident.decide")):
        return False
    if rule == "print" and not actor.can("print.view") and not actor.can("volume.bind"):
        return False
    return not rule or knows(house, actor, level)


def rule_of(rule: Rule) -> str:
    return next((PARAMETERS[name].rule for name in sorted(rule.arguments) if PARAMETERS[name].rule), "")


# The tests


def test_every_route_names_a_permission_of_the_rule_book_or_is_public(house):
    for rule in house.app.url_map.iter_rules():
        wanted = demanded(house, rule)
        assert wanted, f"{rule} names no permission: it would be closed to everybody"
        assert wanted == PUBLIC or set(wanted) <= set(PERMISSIONS), f"{rule}: {wanted}"


def test_only_what_a_stranger_needs_is_public(house):
    open_to_all = {rule.rule for rule in house.app.url_map.iter_rules() if demanded(house, rule) == PUBLIC}
    assert open_to_all == {
        "/sign-in", "/sign-in/demo", "/healthz", "/favicon.ico", "/assets/<stamp>/<path:name>",
    }  # fmt: skip


def test_a_stranger_is_sent_to_sign_in_from_every_other_route(house):
    client = house.app.test_client()
    for method in ("GET", "POST"):
        for rule in rules(house, method):
            if demanded(house, rule) != PUBLIC:
                answer = client.open(address(house, rule, "open"), method=method)
                assert (answer.status_code, answer.location[:8]) == (303, "/sign-in"), f"{method} {rule}"


@pytest.mark.requirement("SEC-16")
@pytest.mark.parametrize("name", EVERYBODY)
def test_a_person_without_the_permission_is_refused_on_every_route(house, name):
    client, actor = client_of(house, name), house.actors[name]
    short = {"Accept": "application/json"}  # the guard is the same, and no page is drawn 1,500 times
    for method in ("GET", "POST"):
        for rule in rules(house, method):
            if not may_enter(house, actor, rule):
                answer = client.open(address(house, rule, "open"), method=method, headers=short)
                assert answer.status_code == 403, f"{name}: {method} {rule} gave {answer.status_code}"


@pytest.mark.requirement("SEC-01")
@pytest.mark.requirement("SEC-16")
@pytest.mark.parametrize("name", EVERYBODY)
def test_a_folder_is_there_for_who_may_know_of_it_and_nowhere_else(house, name):
    client, actor = client_of(house, name), house.actors[name]
    for rule in rules(house, "GET"):
        if rule_of(rule) and may_enter(house, actor, rule):
            for level in LEVELS if rule_of(rule) != "loan" else house.loans:
                check_answer(house, client, actor, rule, level)


def check_answer(house: SimpleNamespace, client, actor: Actor, rule: Rule, level: str) -> None:
    answer = client.get(address(house, rule, level), follow_redirects=True)
    told = f"{actor.username}: GET {rule} of {level} gave {answer.status_code}"
    assert answer.status_code < 500, told
    if not lets(house, actor, rule_of(rule), level):
        assert answer.status_code == 404, told
        assert MARK[level].encode() not in answer.data, told
    elif rule_of(rule) == "read" and not knows(house, actor, level, "read_content"):
        assert answer.status_code == 409, told  # known, but its content only with a loan: says the clause
    else:
        assert answer.status_code in (200, 409), told


@pytest.mark.requirement("SEC-16")
@pytest.mark.parametrize("name", EVERYBODY)
def test_a_folder_one_may_not_know_of_cannot_be_changed_either(house, name):
    client, actor = client_of(house, name), house.actors[name]
    hidden = [level for level in LEVELS if not knows(house, actor, level)]
    for rule in rules(house, "POST"):
        if rule_of(rule) in ("know", "read", "print", "incident") and may_enter(house, actor, rule):
            for level in hidden:
                answer = client.post(address(house, rule, level), data={"reason": "试一试"})
                assert answer.status_code == 404, f"{name}: POST {rule} of {level} gave {answer.status_code}"


def prying(house: SimpleNamespace, name: str, level: str) -> list[dict[str, object]]:
    """What one can put behind the address of a list or form to ask for a hidden folder."""
    folder, person = house.folders[level], house.people[name]
    by_id = {
        "folder": folder.id,
        "id": folder.id,
        "q": "合同",
        "show": "failed",
        "kind": "folder",
        "key": folder.id,
    }
    return [by_id, {"folder": folder.file_number, "person": person.id, "action": "consult"}]


@pytest.mark.requirement("SEC-16")
@pytest.mark.parametrize("name", EVERYBODY)
def test_lists_searches_and_forms_never_show_a_folder_one_may_not_know_of(house, name):
    client, actor = client_of(house, name), house.actors[name]
    hidden = [level for level in LEVELS if not knows(house, actor, level)]
    questions = [{"q": "封存语"}] + [question for level in hidden for question in prying(house, name, level)]
    for rule in rules(house, "GET"):
        if not rule_of(rule) and may_enter(house, actor, rule):
            once = not hidden or rule.rule.endswith(".pdf")  # what is printed takes a second
            for question in questions[:1] if once else questions:
                answer = client.get(address(house, rule, "open"), query_string=question)
                told = f"{name}: GET {rule} {question} gave {answer.status_code}"
                assert answer.status_code < 500, told
                shown = [level for level in hidden if MARK[level].encode() in answer.data]
                assert not shown, f"{told} and shows {shown}"


@pytest.mark.parametrize("name", ["archivist", "borrower"])
def test_what_does_not_exist_looks_like_what_is_hidden(house, name):
    client, actor = client_of(house, name), house.actors[name]
    for rule in rules(house, "GET"):
        if rule_of(rule) and may_enter(house, actor, rule):
            values = dict.fromkeys(rule.arguments, 999999)
            path = house.app.url_map.bind("localhost").build(rule.endpoint, values)
            assert client.get(path, follow_redirects=True).status_code == 404, f"{name}: {path}"
