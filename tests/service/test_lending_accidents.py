"""What goes wrong on a folder's way: bound with a secret, drawn to be copied, lost, raised while away."""

from __future__ import annotations

import pytest

from archive_app.core.errors import Refused
from archive_app.desk import queries
from archive_app.desk import service as scanning
from archive_app.loans import copies, extending, incidents, originals, room
from archive_app.loans import service as lending
from archive_app.loans.models import Copy, Incident, Loan, RoomSession
from archive_app.people import rulebook
from archive_app.people.actor import system
from archive_app.people.models import User
from archive_app.people.service import actor_of
from archive_app.printing.barcode import BarcodeType, payload
from archive_app.records.models import CustodyEvent, Folder
from archive_app.records.numbers import register_folder
from archive_app.records.service import edit_folder
from archive_app.reports import queries as reports
from archive_app.reports.filters import Filters
from archive_app.volumes import service as binding
from tests.conftest import AT
from tests.lending import custody, wall
from tests.volumes import checked
from tests.volumes import folder as filed

pytest_plugins = ["tests.lending"]


@pytest.fixture
def scan(people):
    done = []

    def send(kind, key, at=AT, mode=""):
        done.append(key)
        row = scanning.scan(
            payload(kind, key), desk="1", request_id=f"a{len(done)}", mode=mode, actor=people.archivist, at=at
        )
        return queries.shown(row).answer

    return send


@pytest.fixture
def bound(people):
    """Folders of these levels bound in one volume."""

    def make(*levels):
        more = {"department_id": people.departments["XS"].id}
        made = [filed("合同", actor=people.archivist, secrecy=level, **more) for level in levels]
        (volume,) = checked(people)
        binding.bind_now(volume.id, actor=people.archivist, at=AT)
        return [Folder.get_by_id(each.id) for each in made]

    return make


def raised(folder, level, people):
    revision = Folder.get_by_id(folder.id).revision
    edit_folder(folder.id, {"secrecy": level}, "定密审查", revision, actor=people.archivist, at=AT)


def blind(people):
    """A rule book by which the keeper of the desk may not know of what is top secret."""
    text, known = rulebook.profile_text("default"), "[secrecy.top_secret.known]\nroles = ["
    assert known + '"archivist", ' in text
    text = text.replace(known + '"archivist", ', known)
    rulebook.adopt(text, "default", actor=people.director, at=AT)


# Bound in a volume


@pytest.mark.requirement("LOAN-02")
@pytest.mark.requirement("LOAN-11")
def test_an_original_bound_with_a_confidential_one_is_not_drawn_to_be_copied(people, approved, bound):
    kept, _secret = bound("open", "confidential")
    loan = approved("open", "photocopy", kept=kept)
    with pytest.raises(Refused) as no:
        originals.draw_original(loan.id, actor=people.archivist, at=AT)
    assert (no.value.code, custody(loan)) == ("loan.volume_level", ("on_shelf", ""))
    assert not Copy.select().exists()


def test_while_a_bound_original_is_being_copied_the_rest_of_its_volume_is_away(people, approved, bound, desk):
    first, second = bound("open", "open")
    drawn = approved("open", "photocopy", kept=first)
    other = approved("open", kept=second, who=people.gm)
    originals.draw_original(drawn.id, actor=people.archivist, at=AT)
    with pytest.raises(Refused) as no:
        desk.hand(other, AT)
    assert no.value.code == "loan.already_out"
    originals.put_back_original(drawn.id, actor=people.archivist, at=AT)
    assert desk.hand(other, AT).state == "out"


@pytest.mark.requirement("AUD-05")
def test_when_a_bound_folder_is_lost_the_rest_of_its_volume_goes_to_nobody(people, approved, bound, desk):
    first, second = bound("open", "open")
    lost = desk.hand(approved("open", kept=first), AT)
    lending.give_back_lost(lost.id, "整卷遗失在出租车上", actor=people.archivist, at=AT)
    other = approved("open", kept=second, who=people.gm)
    with pytest.raises(Refused) as no:
        desk.hand(other, AT)
    assert no.value.code == "loan.already_out" and "丢失" in str(no.value)
    incidents.found(first.id, actor=people.archivist, at=AT)
    assert desk.hand(other, AT).state == "out"


@pytest.mark.requirement("LOAN-01")
def test_a_folder_bound_with_a_secret_one_is_not_prolonged_beyond_its_volume(people, approved, bound, desk):
    kept, _secret = bound("open", "secret")
    loan = desk.hand(approved("open", kept=kept), wall(9))
    assert loan.due_at == wall(13)
    with pytest.raises(Refused) as no:
        extending.ask_extension(loan.id, "没有看完", actor=people.borrower, at=wall(10))
    assert no.value.code == "loan.no_extension"


# Drawn to be copied, or copied, and raised meanwhile


@pytest.mark.requirement("SEC-01")
def test_an_original_raised_to_top_secret_while_it_is_copied_comes_back_by_its_label(people, approved, scan):
    loan = approved("open", "photocopy")
    originals.draw_original(loan.id, actor=people.archivist, at=AT)
    blind(people)
    raised(loan.folder, "top_secret", people)
    answer = scan(BarcodeType.FOLDER, loan.folder_id)
    assert (answer.verb, answer.title) == ("原件已归还", "")
    assert custody(loan) == ("on_shelf", "")


@pytest.mark.requirement("SEC-01")
def test_a_copy_of_what_became_top_secret_comes_back_by_its_label(people, approved, scan, desk):
    loan = desk.hand(approved("open", "photocopy"), AT)
    blind(people)
    raised(loan.folder, "top_secret", people)
    answer = scan(BarcodeType.COPY, loan.copy_id)
    assert (answer.verb, answer.title, Loan.get_by_id(loan.id).state) == ("已归还", "", "returned")


def test_a_card_after_a_folder_that_nobody_may_know_any_more_is_only_a_card(people, scan, folder):
    kept = folder("open")
    blind(people)
    assert scan(BarcodeType.FOLDER, kept.id).verb == "请扫借阅人"
    raised(kept, "top_secret", people)
    assert scan(BarcodeType.PERSON, people.borrower.user_id).verb == "借阅人"


@pytest.mark.requirement("SEC-14")
def test_where_nothing_leaves_the_room_the_keeper_copies_and_not_the_borrower(people, at):
    rulebook.adopt(rulebook.profile_text("S08"), "S08", actor=system(), at=at)
    for username, title in (("borrower", "销售人员"), ("manager", "销售部经理"), ("gm", "总经理")):
        User.update(title=title).where(User.username == username).execute()
    archivist, borrower = (
        actor_of(User.get(User.username == name), at) for name in ("archivist", "borrower")
    )
    category = next(iter(rulebook.current(at).book.categories))
    kept = register_folder(
        category, 2026, "客户档案", department_id=borrower.department_id, actor=archivist, at=at
    )
    loan = lending.request_loan(kept.id, "photocopy", purpose="投标", undertaking=True, actor=borrower, at=at)
    for username in ("manager", "gm"):
        decider = actor_of(User.get(User.username == username), at)
        if Loan.get_by_id(loan.id).state == "requested":
            lending.decide_loan(loan.id, "granted", actor=decider, at=at)
    originals.draw_original(loan.id, actor=archivist, at=at)
    assert custody(loan) == ("lent", archivist.name)


# Returned


@pytest.mark.requirement("AUD-05")
def test_a_return_whose_damage_was_reported_is_not_undone(people, approved, desk):
    loan = desk.hand(approved("open"), wall(9))
    desk.back(loan, wall(10), condition="damage", remark="封面撕破")
    with pytest.raises(Refused) as no:
        lending.undo_give_back(loan.id, actor=people.archivist, at=wall(10))
    assert (no.value.code, Loan.get_by_id(loan.id).state) == ("wrong_state", "returned")
    assert Incident.select().count() == 1


def test_what_a_reader_walked_off_with_stands_in_the_register_of_the_room(people, approved, desk):
    loan = desk.seat(approved("confidential", "consult", people.gm), wall(9))
    room.sign_out(loan.session, left=True, reason="窗口叫号时离开", actor=people.archivist, at=wall(10))
    (row,) = reports.every(reports.register_of("sessions"), reports.ask_of(people.gm, Filters(), wall(11)))
    assert (row["count"], row["read"]) == (1, loan.folder.file_number)


@pytest.mark.requirement("LOAN-06")
def test_the_register_quotes_the_clause_by_which_it_was_lent_not_the_one_of_its_due_time(
    people, approved, desk
):
    loan = desk.hand(approved("secret"), wall(16))  # closing comes first
    assert loan.due_clause != loan.clause
    (row,) = reports.every(reports.register_of("loans"), reports.ask_of(people.gm, Filters(), wall(17)))
    assert row["clause"] == loan.clause


def test_who_forgot_to_sign_out_left_when_his_time_was_over(people, approved):
    session = room.sign_in(people.gm.user_id, actor=people.archivist, at=wall(9))
    assert room.end_sessions(wall(8, day=23)) == 1
    assert room.get_session(session.id).signed_out_at == session.ends_at


def test_what_is_kept_reads_the_same_whoever_stands_at_the_desk(people, scan, folder, monkeypatch):
    monkeypatch.setattr("archive_app.core.i18n._translate", lambda text: "in English")
    scan(BarcodeType.FOLDER, folder("open").id)
    scan(BarcodeType.PERSON, people.gm.user_id)
    loan = Loan.get()
    assert (loan.state, loan.purpose) == ("out", "柜台口述")
    room.sign_in(people.gm.user_id, actor=people.archivist, at=wall(11))
    room.end_sessions(wall(8, day=20))
    kept = [loan.due_reason, RoomSession.get().remark, *(each.remark for each in CustodyEvent.select())]
    assert not [text for text in kept if "English" in text]


@pytest.mark.parametrize("mode", ["", "room"])
def test_the_card_of_a_closed_account_is_refused_at_once(people, scan, folder, mode):
    User.update(active=False).where(User.username == "colleague").execute()
    answer = scan(BarcodeType.PERSON, people.colleague.user_id, mode=mode)
    assert answer.kind == "no" and "停用" in answer.sentence
    assert scan(BarcodeType.FOLDER, folder("open").id).verb == "请扫借阅人", "nobody is in hand"


@pytest.mark.requirement("SEC-06")
def test_who_may_read_without_asking_is_seated_with_folder_and_card_alone(people, at, scan):
    rulebook.adopt(rulebook.profile_text("S09"), "S09", actor=system(), at=at)
    User.update(title="档案管理负责人").where(User.username == "archivist").execute()
    User.update(title="营销总监").where(User.username == "director").execute()
    kept = register_folder("JXS", 2026, "经销商甲", tier="公司级", actor=people.archivist, at=at)
    scan(BarcodeType.FOLDER, kept.id)
    assert scan(BarcodeType.PERSON, people.director.user_id).verb == "已入座"


def test_a_kept_copy_is_not_left_hanging_when_another_serves(people, at, folder, scan):
    kept = folder("open")
    one, two = (copies.make(kept.id, pages=3, actor=people.archivist, at=at) for _ in range(2))
    scan(BarcodeType.COPY, two.id)
    scan(BarcodeType.PERSON, people.back_office.user_id)
    assert {row.id: row.state for row in Copy.select()}.keys() == {one.id, two.id}
