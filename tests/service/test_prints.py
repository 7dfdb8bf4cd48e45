"""The register of prints: issuing, drawing, cancelling, handing out, and asking paper whether it is true."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from click.testing import CliRunner

from archive_app.cli import archive as commands
from archive_app.core import jobs
from archive_app.core.audit import AuditEvent
from archive_app.core.errors import ArchiveError, NotFound, Refused
from archive_app.core.i18n import _, set_translator
from archive_app.core.storage import storage
from archive_app.core.work import work
from archive_app.printing.barcode import BarcodeType, payload, qr_text
from archive_app.prints import drawing, queries, service, tasks
from archive_app.prints.models import Print
from archive_app.prints.queries import Filters
from archive_app.prints.register import Part, digest_of, register
from tests.lending import last_event
from tests.print.paper import texts
from tests.printing import BOARD, FORM, SHEET, board, pin  # noqa: F401 - a fixture

pytestmark = pytest.mark.usefixtures("board")


@pytest.fixture
def issue(people, at):
    def make(key="1", actor=None, **more):
        who = actor or people.archivist
        return service.issue(FORM, "board", key, title="今日布告", actor=who, at=at, **more)

    return make


def data_of(action):
    return json.loads(last_event(action).data)


def test_a_print_is_issued_drawn_by_the_worker_and_downloaded(issue, people, at):
    row = issue()
    assert (row.state, row.number, row.file) == ("queued", 1, "")
    jobs.work_off()
    row = Print.get_by_id(row.id)
    assert (row.state, row.done, row.total, row.pages, row.error) == ("done", 2, 2, 2, "")
    pdf = service.pdf(row.id, actor=people.archivist, at=at)
    assert [name in page for name, page in zip(("王静娟1", "许明1"), texts(pdf), strict=True)] == [True] * 2
    assert (len(pdf), row.finished_at >= row.printed_at) == (row.size, True)
    assert data_of("print.finish")["file"] == row.file


def test_the_second_print_of_the_same_thing_says_it_is_the_second(issue, people, at):
    first, second, other = issue(), issue(), issue(args={"side": "后"})
    pin("2", "吴文清")
    assert [first.number, second.number, other.number, issue("2").number] == [1, 2, 3, 1]
    assert first.digest == second.digest != other.digest
    drawing.draw(second.id, at)
    assert "王静娟2" in texts(service.pdf(second.id, actor=people.archivist, at=at))[0]


def test_a_short_form_is_printed_at_once(people, at):
    row, pdf = service.print_now(FORM, "board", "1", title="布告", actor=people.archivist, at=at)
    assert (row.state, len(texts(pdf))) == ("done", 2)
    jobs.work_off()
    assert Print.select().count() == 1


def test_every_issue_and_every_download_is_audited_with_the_classified_numbers(issue, people, at):
    BOARD["1"]["lines"][1]["secret"] = True
    row = issue()
    assert data_of("print.issue")["classified"] == ["许明"]
    drawing.draw(row.id, at)
    for reader in (people.archivist, people.archivist, people.director):
        service.pdf(row.id, actor=reader, at=at)
    events = AuditEvent.select().where(AuditEvent.action == "print.download").order_by(AuditEvent.seq)
    assert [(e.actor, e.key) for e in events] == [
        (name, str(row.id)) for name in ("archivist", "archivist", "director")
    ]
    assert all(json.loads(event.data)["classified"] == ["许明"] for event in events)


# Who may


def test_who_holds_neither_permission_can_neither_print_nor_see(issue, people, at):
    row = issue()
    drawing.draw(row.id, at)
    with pytest.raises(Refused):
        issue(actor=people.borrower)
    for ask in (service.pdf, service.cancel, queries_check):
        with pytest.raises(NotFound):
            ask(row.id, actor=people.borrower, at=at)
    assert queries.list_prints(people.borrower, at).rows == []


def queries_check(print_id, actor, at):
    return queries.check(print_id, "", actor, at)


def test_a_print_of_what_one_may_not_know_is_as_if_it_were_not(people, issue, at):
    pin("hidden", "密")
    register(replace(SHEET, visible=lambda key, actor, at: key != "hidden" or actor.username == "archivist"))
    row, open_one = issue("hidden"), issue()
    seen = [each.id for each in queries.list_prints(people.director, at).rows]
    assert seen == [open_one.id]
    with pytest.raises(NotFound) as hidden:
        queries.print_for(people.director, row.id, at)
    with pytest.raises(NotFound) as nothing:
        queries.print_for(people.director, 999, at)
    assert str(hidden.value) == str(nothing.value)


def test_the_register_is_paged_by_key_and_narrowed_by_form_and_thing(issue, people, at):
    rows = [issue() for _n in range(5)]
    first = queries.list_prints(people.archivist, at, Filters(FORM, "board", "1"), limit=3)
    second = queries.list_prints(people.archivist, at, Filters(FORM), first.older, limit=3)
    assert [row.id for row in first.rows + second.rows] == [row.id for row in rows[::-1]]
    assert second.older is None
    assert queries.list_prints(people.archivist, at, Filters("loan_slip")).rows == []
    assert queries.list_prints(people.archivist, at, Filters(state="done")).rows == []


# Stopping, failing, trying again


def test_a_cancelled_print_is_never_drawn_and_may_be_taken_up_again(issue, people, at):
    row = issue()
    service.cancel(row.id, actor=people.archivist, at=at)
    jobs.work_off()
    assert Print.get_by_id(row.id).state == "cancelled"
    with pytest.raises(Refused, match="还没有画好"):
        service.pdf(row.id, actor=people.archivist, at=at)
    service.retry(row.id, actor=people.archivist, at=at)
    jobs.work_off()
    row = Print.get_by_id(row.id)
    assert (row.state, row.number) == ("done", 1)
    with pytest.raises(Refused):
        service.cancel(row.id, actor=people.archivist, at=at)


def test_what_cannot_be_drawn_is_told_and_can_be_tried_again(issue, people, at):
    def broken(content, stamp):
        yield Part("form", {"form": "person_card", "data": {}})

    register(replace(SHEET, draw=broken))
    row = drawing.draw(issue().id, at)
    assert (row.state, row.file) == ("failed", "")
    assert "还缺：cards" in row.error
    assert data_of("print.fail")["why"] == row.error
    with pytest.raises(ArchiveError, match="还缺"):
        service.print_now(FORM, "board", "1", title="布告", actor=people.archivist, at=at)
    register(SHEET)
    service.retry(row.id, actor=people.archivist, at=at)
    jobs.work_off()
    row = Print.get_by_id(row.id)
    assert (row.state, row.error) == ("done", "")


def test_a_print_whose_worker_died_is_drawn_after_its_lease_and_once(issue, at):
    row = issue()
    Print.update(state="drawing", tries=1, lease_until=at + timedelta(minutes=3)).execute()
    assert drawing.draw(row.id, at).state == "drawing"
    assert drawing.waiting(at, 9) == []
    later = at + timedelta(minutes=4)
    assert drawing.waiting(later, 9) == [row.id]
    done = drawing.draw(row.id, later)
    assert (done.state, done.tries) == ("done", 2)
    again = drawing.draw(row.id, later + timedelta(hours=1))
    assert (again.file, again.tries) == (done.file, 2)
    assert AuditEvent.select().where(AuditEvent.action == "print.finish").count() == 1


def test_a_print_that_kills_its_worker_again_and_again_is_given_up(issue, people, at):
    row = issue()
    for tries in (1, 2, 3):
        Print.update(state="drawing", tries=tries, lease_until=at - timedelta(1)).execute()
    row = drawing.draw(row.id, at)
    assert (row.state, "中断了 3 次" in row.error) == ("failed", True)
    service.retry(row.id, actor=people.archivist, at=at)
    assert drawing.draw(row.id, at).state == "done"


def test_a_lost_nudge_is_sent_again_by_the_sweep(issue, at):
    row = issue()
    jobs.open_queue("memory:")
    assert tasks.nudge_waiting() == 1
    jobs.work_off()
    assert Print.get_by_id(row.id).state == "done"
    assert tasks.nudge_waiting() == 0


# What hangs on a print


def test_what_hangs_on_a_print_happens_in_the_same_work(issue, people, at):
    told = []

    def bind(row, actor, when):
        told.append((row.id, row.state, row.pages, actor.username))

    register(replace(SHEET, done=bind))
    row = drawing.draw(issue().id, at)
    assert told == [(row.id, "done", 2, "archivist")]


def test_when_it_is_refused_the_print_fails_and_nothing_stays(issue, at):
    def bind(row, actor, when):
        with work(actor, when) as w:
            w.note("board.bind", ("board", "1"))
        raise Refused("board.changed", "布告已改，没有装订。")

    register(replace(SHEET, done=bind))
    row = drawing.draw(issue().id, at)
    assert (row.state, row.error, row.file, row.pages) == ("failed", "布告已改，没有装订。", "", 0)
    assert last_event("board.bind") is None and last_event("print.finish") is None


# Is this print still true?


def asked(row, people, at, hash12=None):
    return queries.check(row.id, row.digest[:12] if hash12 is None else hash12, people.archivist, at)


@pytest.fixture
def printed(issue, at):
    return lambda key="1": drawing.draw(issue(key).id, at)


def test_an_untouched_sheet_is_current(printed, people, at):
    row = printed()
    for hash12 in (None, "", row.digest[:12].upper()):
        assert (asked(row, people, at, hash12).state, asked(row, people, at).changes) == ("current", [])
    assert printed().number == 2
    assert asked(row, people, at).newest == 2


def test_the_readers_language_does_not_make_a_sheet_untrue(printed, people, at):
    register(replace(SHEET, content=lambda key, args, at: BOARD[key] | {"heading": _("布告")}))
    row = printed()
    set_translator(lambda text: f"English {text}")
    try:
        assert asked(row, people, at).state == "current"
    finally:
        set_translator(lambda text: text)


def test_a_changed_thing_says_what_changed(printed, people, at):
    row = printed()
    BOARD["1"]["title"] = "明日"
    BOARD["1"]["lines"] = [{"id": 2, "name": "许明"}, {"id": 3, "name": "孙丽"}]
    found = asked(row, people, at)
    assert found.state == "changed"
    assert [(c.where, c.old, c.new) for c in found.changes] == [
        ("标题", "今日", "明日"), ("布告·王静娟", "王静娟", ""), ("布告·孙丽", "", "孙丽"),
    ]  # fmt: skip


def test_a_hash_that_is_not_of_this_print_is_forged(printed, people, at):
    assert asked(printed(), people, at, "0123456789ab").state == "forged"
    with pytest.raises(NotFound):
        queries.check(999, "0123456789ab", people.archivist, at)


def test_a_sheet_about_what_is_no_more_or_was_never_finished_is_told_apart(printed, issue, people, at):
    row = printed()
    waiting = issue()
    assert asked(waiting, people, at).state == "void"
    BOARD.clear()
    assert asked(row, people, at).state == "gone"


def test_the_hash_on_paper_is_the_one_of_the_stored_values(issue):
    row = issue()
    stored = json.loads(storage().read(row.content))
    assert digest_of(stored) == row.digest


# On the command line


@pytest.fixture
def run(terminal, people):
    def call(*arguments):
        return CliRunner().invoke(commands, ["print", *map(str, arguments)])

    return call


def answers(result, code=0):
    assert result.exit_code == code, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_the_command_line_lists_shows_and_writes_prints(run, printed, tmp_path):
    row = printed()
    (listed,) = answers(run("list", "--form", FORM, "--json"))
    assert (listed["id"], listed["number"], listed["state"]) == (row.id, 1, "done")
    (shown,) = answers(run("show", row.id, "--json"))
    assert (shown["file"], shown["done"], shown["total"]) == (row.file, 2, 2)
    target = tmp_path / "布告.pdf"
    assert run("pdf", row.id, "--to", target, "--as", "archivist").exit_code == 0
    assert target.read_bytes() == storage().read(row.file)
    assert data_of("print.download")["form"] == FORM


def test_the_command_line_says_whether_paper_is_still_true(run, printed):
    row = printed()
    paper = qr_text(row.digest[:12], payload(BarcodeType.PRINT, row.id))
    for asked_for in (row.id, paper, paper.lower(), payload(BarcodeType.PRINT, row.id)):
        assert answers(run("check", asked_for, "--json"))[0]["state"] == "current"
    assert answers(run("check", row.id, "--hash", "0" * 12, "--json"), 1)[0]["state"] == "forged"
    BOARD["1"]["title"] = "明日"
    (changed,) = answers(run("check", paper, "--json"), 1)
    assert changed["changes"] == [{"where": "标题", "old": "今日", "new": "明日"}]
    said = run("check", paper)
    assert "改了 1 处" in said.output and "今日 → 明日" in said.output
    assert run("check", "不是条码").exit_code == 2
    assert run("check", payload(BarcodeType.FOLDER, 1)).exit_code == 2
    assert run("check", 999).exit_code == 1


def test_the_command_line_cancels_and_draws_again(run, issue):
    row = issue()
    assert answers(run("cancel", row.id, "--as", "archivist", "--json"))[0]["state"] == "cancelled"
    assert run("cancel", row.id, "--as", "archivist").exit_code == 1
    assert answers(run("retry", row.id, "--as", "archivist", "--json"))[0]["state"] == "done"
