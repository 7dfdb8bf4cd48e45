"""The start page: what each person finds there, and what it costs."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from archive_app.core import clock
from archive_app.core.db import count_queries
from archive_app.loans import service as loans
from archive_app.records import service as records
from archive_app.web import dashboard


@pytest.fixture
def day(people, at):
    """One loan of the sales department overdue, one of the office's in time, one request waiting."""

    def folder(title: str, secrecy: str = "secret"):
        return records.register_folder(
            "HT", 2026, title, secrecy=secrecy, department_id=people.departments["XS"].id,
            actor=people.archivist, at=at - timedelta(hours=2),
        )  # fmt: skip

    def ask(who: str, title: str, when: datetime, secrecy: str = "secret"):
        return loans.request_loan(
            folder(title, secrecy).id, "loan", purpose="核对", undertaking=True,
            actor=people.by_name[who], at=when,
        )  # fmt: skip

    opening = at.replace(hour=8, minute=30)
    late = ask("manager", "华东区经销框架协议", opening)
    loans.decide_loan(late.id, "granted", actor=people.gm, at=opening)
    loans.hand_over(late.id, actor=people.archivist, at=opening)
    good = ask("director", "扬州远通货运代理合同", at, "open")
    loans.hand_over(good.id, actor=people.archivist, at=at)
    ask("colleague", "苏州瑞丰设备验收", at)
    folder("股权转让意向书", "top_secret")


@pytest.fixture
def afternoon(monkeypatch, at, app):
    """The office clock stands at 14:32: the secret folder lent at 8:30 was due at 12:30."""
    now = at.replace(hour=14, minute=32)
    monkeypatch.setattr(clock, "now", lambda: now)
    return now


def test_the_archivist_finds_what_is_away_due_first_and_what_waits(sign_in, day, afternoon):
    page = sign_in("archivist").get("/").text
    assert "17:30 闭馆，还有 2 小时 58 分" in page
    assert page.index("华东区经销框架协议") < page.index("扬州远通货运代理合同")
    assert "逾期" in page and "2:02" in page
    assert "孙丽 外借" in page and "总经理或分管副总经理批准" in page
    assert "1 份逾期，请催还：林志远" in page


def test_the_list_of_what_is_out_is_the_register_for_who_may_see_it(sign_in, day):
    assert 'href="/reports/outstanding"' in sign_in("archivist").get("/").get_data(as_text=True)
    assert 'href="/reports/outstanding"' not in sign_in("manager").get("/").get_data(as_text=True)


def test_a_department_manager_finds_the_own_departments_loans_only(sign_in, day, afternoon):
    page = sign_in("manager").get("/").text
    assert "华东区经销框架协议" in page
    assert "扬州远通货运代理合同" not in page and "孙丽 外借" not in page
    assert "股权转让意向书" not in page


def test_who_can_decide_finds_the_way_to_the_decision(sign_in, day, afternoon):
    page = sign_in("deputy_gm").get("/").text
    assert "1 份申请等你决定" in page and "/approvals/" in page


def test_a_borrower_starts_at_the_own_loans_and_an_administrator_at_the_people(sign_in, day):
    assert sign_in("borrower").get("/").location == "/loans/mine"
    assert sign_in("admin").get("/").location == "/people"


def test_an_empty_archive_has_a_start_page_too(sign_in):
    page = sign_in("archivist").get("/").text
    assert "没有档案在外" in page and "今年还没有登记档案" in page


def test_both_tracks_are_counted_by_category(people, day, at):
    (contracts,) = dashboard.matches(people.archivist, at, 2026)
    assert (contracts.name, contracts.total, contracts.both, contracts.paper) == ("HT 合同类", 4, 0, 100)
    (known,) = dashboard.matches(people.manager, at, 2026)
    assert known.total == 3  # the top secret one is not even counted


def test_loans_are_counted_in_the_week_in_which_they_were_handed_over(people, day, at, afternoon):
    loans.mark_overdue(afternoon)
    weeks = dashboard.weeks(afternoon)
    assert len(weeks) == 12
    assert (weeks[-1].n, weeks[-1].late) == (2, 1)
    next_week = dashboard.weeks(afternoon + timedelta(days=7))
    assert (next_week[-2].n, next_week[-1].n) == (2, 0)


def test_the_start_page_costs_the_same_number_of_queries_however_much_is_away(sign_in, people, day, at):
    client = sign_in("archivist")
    client.get("/")

    def cost() -> int:
        with count_queries() as count:
            assert client.get("/").status_code == 200
            return count()

    before = cost()
    for number in range(8):
        row = records.register_folder(
            "HT", 2026, f"合同 {number}", secrecy="open", actor=people.archivist, at=at
        )
        loan = loans.request_loan(
            row.id, "loan", purpose="核对", undertaking=True, actor=people.director, at=at
        )
        loans.hand_over(loan.id, actor=people.archivist, at=at)
    assert cost() == before <= 24


# Navigation


def test_the_navigation_shows_what_the_person_may_do_and_marks_where_one_is(sign_in):
    page = sign_in("archivist").get("/folders").text
    rail = page[page.index('<nav class="rail"') : page.index("</nav>")]
    for words in ("今日工作台", "扫码台", "检索", "借阅", "数字化", "制度", "人员", "委托"):
        assert words in rail
    assert "审计" not in rail
    assert rail.count('aria-current="page"') == 1
    assert 'href="/folders" aria-current="page"' in rail


def test_a_borrower_sees_only_what_borrowers_come_for(sign_in):
    page = sign_in("borrower").get("/loans/mine").text
    rail = page[page.index('<nav class="rail"') : page.index("</nav>")]
    assert "我的借阅" in rail and "借阅须知" in rail
    for words in ("今日工作台", "扫码台", "数字化", "人员", "审计"):
        assert words not in rail


@pytest.mark.parametrize("name", ["archivist", "borrower", "admin", "auditor", "gm", "manager"])
def test_every_entry_of_the_navigation_opens(sign_in, name):
    import re

    client = sign_in(name)
    page = client.get("/me").text
    rail = page[page.index('<nav class="rail"') : page.index("</nav>")]
    links = re.findall(r'<a class="n" href="([^"]+)"', rail)
    assert len(links) >= 3
    assert {link: client.get(link).status_code for link in links} == dict.fromkeys(links, 200)
