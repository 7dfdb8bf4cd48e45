"""One folder's life through the screens, on SQLite and on PostgreSQL: the same code, the same answers."""

import pytest

from archive_app.core import audit, clock
from archive_app.loans.models import Loan
from archive_app.people.models import User
from archive_app.printing.barcode import BarcodeType, payload
from archive_app.records.models import Folder
from tests.conftest import AT, application
from tests.web.test_desk import scan
from tests.web.test_records import csrf, post


@pytest.fixture
def browse(both, monkeypatch):
    """``browse("archivist")``: a signed-in browser on the engine under test."""
    monkeypatch.setattr(clock, "now", lambda: AT)
    app = application()

    def sign_in(username):
        client = app.test_client()
        user = User.get(User.username == username)
        with client.session_transaction() as session:
            session["_user_id"], session["_fresh"] = f"{user.id}.{user.session_key}", True
        return client

    return sign_in


@pytest.mark.requirement("LOAN-10")
def test_register_find_ask_approve_hand_over_and_return(browse):
    archivist, borrower = browse("archivist"), browse("borrower")
    values = {"category": "KH", "year": "2026", "title": "南通海润实业客户资信档案", "secrecy": "secret"}
    page = post(archivist, "/folders/new", request_id="1", place="A05 柜", **values).location
    folder = Folder.get()
    post(archivist, f"{page}/documents/new", title="资信调查表", pages="4", copies="1", medium="paper",
         text_form="original", part="main")  # fmt: skip
    for query in ("资信", "海润", "润", "KH-2026-0001", "0001", "调查表"):
        found = borrower.get("/search", query_string={"q": query}).get_data(as_text=True)
        assert folder.file_number in found, query

    ask = f"/loans/new?folder={folder.id}"
    asked = post(borrower, ask, kind="loan", purpose="年度对账", undertaking="y", folder=str(folder.id))
    assert asked.status_code == 303, asked.get_data(as_text=True)
    loan = Loan.get()
    approver = browse("deputy_gm")
    assert str(loan.id) in approver.get("/approvals").get_data(as_text=True)
    decided = post(approver, f"/loans/{loan.id}/decision", verdict="granted", reason="")
    assert decided.status_code == 303
    assert Loan.get_by_id(loan.id).state == "approved"

    token = csrf(archivist, "/desk")
    scan(archivist, payload(BarcodeType.PERSON, loan.borrower_id), "a", token)
    assert "已借出" in scan(archivist, payload(BarcodeType.FOLDER, folder.id), "b", token)["band_html"]
    assert Loan.get_by_id(loan.id).state == "out"
    assert "4:00" in borrower.get("/loans/mine").get_data(as_text=True)
    assert "已归还" in scan(archivist, payload(BarcodeType.FOLDER, folder.id), "c", token)["band_html"]
    assert (Loan.get_by_id(loan.id).state, Folder.get().custody) == ("returned", "on_shelf")
    assert audit.verify() == []


@pytest.mark.parametrize("username", ["archivist", "borrower", "auditor", "admin"])
def test_every_list_opens(browse, username):
    client = browse(username)
    for path in ("/", "/folders", "/numbers", "/loans", "/loans/mine", "/approvals", "/scans", "/search?q=1",
                 "/desk", "/policy", "/people", "/deputations", "/audit", "/me"):  # fmt: skip
        assert client.get(path).status_code in (200, 303, 403), path
