"""Screens of the register of prints: list, progress and truth of one, cancel, retry, PDF; and the desk."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace

import pytest

from archive_app.core import jobs
from archive_app.core.audit import AuditEvent
from archive_app.core.errors import Refused
from archive_app.desk import queries as desk_queries
from archive_app.desk import service as desk
from archive_app.loans import service as lending
from archive_app.loans import slips
from archive_app.loans.models import Loan
from archive_app.printing.barcode import BarcodeType, payload, qr_text
from archive_app.prints import drawing, service
from archive_app.prints.models import Print
from archive_app.prints.register import register
from archive_app.records.models import Folder
from tests.lending import asked, words
from tests.print.paper import pages, read, texts
from tests.printing import BOARD, FORM, SHEET, board, pin  # noqa: F401 - a fixture

pytest_plugins = ["tests.lending"]
pytestmark = pytest.mark.usefixtures("board")
JSON = {"Accept": "application/json"}


@pytest.fixture
def issue(people, at):
    def make(key="1"):
        return service.issue(FORM, "board", key, title="今日布告", actor=people.archivist, at=at)

    return make


def test_the_register_lists_prints_and_is_narrowed_by_form_and_state(sign_in, issue, at):
    first, second = issue(), issue()
    drawing.draw(first.id, at)
    page = sign_in("archivist").get("/prints")
    assert words(page).count("今日布告") == 2
    assert "第 2 次" in words(page) and first.digest[:12] in page.text and "陈静宜" in words(page)
    done = words(sign_in("archivist").get("/prints?state=done&form=board"))
    assert done.count("今日布告") == 1 and "画好了" in done
    assert "没有符合的打印" in words(sign_in("archivist").get("/prints?form=out_card"))
    assert second.id == Print.select().count()


def test_a_waiting_print_shows_its_progress_and_can_be_cancelled(sign_in, issue, post):
    row = issue()
    client = sign_in("archivist")
    Print.update(state="drawing", done=1, total=2).where(Print.id == row.id).execute()
    page = client.get(f"/prints/{row.id}")
    assert "画好 1 / 2" in words(page) and f'data-progress-url="/prints/{row.id}"' in page.text
    told = client.get(f"/prints/{row.id}", headers=JSON).json
    assert (told["state"], told["parts_done"], told["parts"], told["done"]) == ("drawing", 1, 2, False)
    answer = post(f"/prints/{row.id}/cancel", page=f"/prints/{row.id}")
    assert answer.status_code == 303
    assert "已取消" in words(client.get(f"/prints/{row.id}"))
    assert client.get(f"/prints/{row.id}", headers=JSON).json["done"] is True
    assert client.get(f"/prints/{row.id}/pdf").status_code == 409


def test_a_failed_print_says_why_and_can_be_drawn_again(sign_in, issue, post, at):
    def broken(content, stamp):
        raise KeyError("cards")

    register(replace(SHEET, draw=broken))
    row = drawing.draw(issue().id, at)
    page = sign_in("archivist").get(f"/prints/{row.id}")
    assert "程序出错，没有画成。请再试。（KeyError）" in words(page)
    register(SHEET)
    assert post(f"/prints/{row.id}/retry", page=f"/prints/{row.id}").status_code == 303
    jobs.work_off()
    assert Print.get_by_id(row.id).state == "done"


def test_a_finished_print_is_downloaded_and_every_time_audited(sign_in, issue, at):
    row = drawing.draw(issue().id, at)
    client = sign_in("archivist")
    for address in (f"/prints/{row.id}/pdf", f"/prints/{row.id}/pdf?download=1"):
        answer = client.get(address)
        assert (answer.mimetype, answer.data[:5]) == ("application/pdf", b"%PDF-")
        assert answer.headers["Cache-Control"] == "private, no-store"
        answer.close()
    assert "attachment" in answer.headers["Content-Disposition"]
    assert AuditEvent.select().where(AuditEvent.action == "print.download").count() == 2


def test_the_page_of_a_print_says_whether_the_paper_is_still_true(sign_in, issue, at):
    row = drawing.draw(issue().id, at)
    client = sign_in("director")
    assert "现行有效" in words(client.get(f"/prints/{row.id}"))
    BOARD["1"]["title"] = "<b>明日</b>"
    page = client.get(f"/prints/{row.id}")
    assert "印出以后改了 1 处" in words(page)
    assert "&lt;b&gt;明日&lt;/b&gt;" in page.text
    BOARD.clear()
    assert "所印的对象已不在" in words(client.get(f"/prints/{row.id}"))


def test_who_may_not_know_of_a_print_finds_nothing(sign_in, people, issue, at):
    pin("hidden", "密")
    row = service.issue(FORM, "board", "hidden", title="密布告", actor=people.archivist, at=at)
    register(replace(SHEET, visible=lambda key, actor, at: False))
    client = sign_in("archivist")
    assert "密布告" not in client.get("/prints").text
    for path in (f"/prints/{row.id}", f"/prints/{row.id}/pdf", "/prints/999"):
        assert client.get(path).status_code == 404
    assert sign_in("borrower").get("/prints").status_code == 403


def test_who_may_see_but_not_print_has_no_buttons_and_a_sent_form_changes_nothing(sign_in, issue, post):
    row = issue()
    page = sign_in("director").get(f"/prints/{row.id}")
    assert "取消打印" not in page.text
    assert post(f"/prints/{row.id}/cancel", page="/prints").status_code in (403, 409)
    assert Print.get_by_id(row.id).state == "queued"


# At the desk


@pytest.fixture
def scan(people, at):
    number = itertools.count()

    def send(code):
        row = desk.scan(code, desk="1", request_id=f"r{next(number)}", actor=people.archivist, at=at)
        return desk_queries.shown(row).answer

    return send


@pytest.fixture
def lent(people, folder, at):
    """A loan that is handed over."""
    loan = asked(folder("secret"), people.borrower, at)
    for approver in ("manager", "back_office", "director", "deputy_gm"):
        if Loan.get_by_id(loan.id).state == "requested":
            try:
                lending.decide_loan(loan.id, "granted", actor=people.by_name[approver], at=at)
            except Refused:
                continue
    return lending.hand_over(loan.id, actor=people.archivist, at=at)


def test_the_qr_of_a_printed_slip_answers_at_the_desk_whether_it_is_true(lent, people, scan, at):
    row, pdf = slips.print_slip(lent.id, "loan_slip", actor=people.archivist, at=at)
    (page,) = pages(pdf, 300)
    (text,) = {text for kind, text in read(page) if kind == "qr"}
    assert text == qr_text(row.digest[:12], payload(BarcodeType.PRINT, row.id))
    said = scan(text)
    assert (said.kind, said.verb, said.unchanged) == ("ok", "现行有效", True)
    assert "第 1 次打印" in said.sentence
    Folder.update(place="B 柜 1 格").where(Folder.id == lent.folder_id).execute()
    said = scan(text)
    assert (said.kind, said.verb) == ("ask", "已有改动")
    assert "1 处" in said.sentence and "归位：A 柜 3 格 → B 柜 1 格" in said.why
    assert said.step["values"] == {"print_id": row.id}


def test_a_forged_or_unknown_print_is_of_no_account(lent, people, scan, at):
    row, _pdf = slips.print_slip(lent.id, "loan_slip", actor=people.archivist, at=at)
    forged = scan(qr_text("0" * 12, payload(BarcodeType.PRINT, row.id)))
    assert (forged.kind, forged.verb, "校验码" in forged.sentence) == ("no", "不作数", True)
    unknown = scan(payload(BarcodeType.PRINT, 999))
    assert (unknown.kind, unknown.verb, "没有登记" in unknown.sentence) == ("no", "不作数", True)


def test_the_out_card_of_a_returned_loan_says_that_it_ended(lent, people, scan, at):
    row, _pdf = slips.print_slip(lent.id, "out_card", actor=people.archivist, at=at)
    lending.give_back(lent.id, actor=people.archivist, at=at)
    said = scan(payload(BarcodeType.PRINT, row.id))
    assert said.verb == "已有改动"
    assert "归还" in said.why


def test_a_reprint_of_the_slip_is_marked_and_both_stay_in_the_register(lent, people, at):
    for number in (1, 2):
        _row, pdf = slips.print_slip(lent.id, "loan_slip", actor=people.archivist, at=at)
        assert f"第 {number} 次打印" in texts(pdf)[0]
    assert Loan.get_by_id(lent.id).slips_printed == 2
    events = AuditEvent.select().where(AuditEvent.action == "print.issue")
    assert [json.loads(event.data)["classified"] for event in events] == [[lent.folder.file_number]] * 2
