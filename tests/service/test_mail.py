"""E-mail: what SMTP_URL may say, what a letter looks like, and that each goes out once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive_app.core import mail
from archive_app.core.errors import Invalid, Misconfigured
from archive_app.notices import mailing, service
from archive_app.notices.models import Notice
from archive_app.people import service as people_service
from archive_app.people.models import User
from tests.catcher import catcher

TITLE = "HT-2026-0012 11-19 13:00 到期"


@pytest.fixture
def post(monkeypatch):
    """A mail server that listens; SMTP_URL names it."""
    with catcher() as server:
        monkeypatch.setenv("SMTP_URL", server.url)
        yield server


@pytest.fixture
def reachable(people):
    """The borrower and the keeper have an address."""
    for who in (people.borrower, people.archivist):
        address = f"{who.username}@example.com"
        User.update(email=address).where(User.id == who.user_id).execute()
    return people


def tell(who, at, key="loan:1:due", title=TITLE, text="到时请送回档案室。", **more):
    service.tell([who.user_id], "loan.due_soon", key, title, text, at=at, **more)


def states():
    return [row.mail for row in Notice.select().order_by(Notice.id)]


# SMTP_URL


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://mail.example.com?from=a@example.com", ("mail.example.com", 25, "", "", "")),
        ("smtp://u:p%40s@mx.example.com?from=a@b.cn&tls=1", ("mx.example.com", 587, "u", "p@s", "start")),
        ("smtps://u:p@mail.example.com:1465?from=a@example.com", ("mail.example.com", 1465, "u", "p", "all")),
    ],
)  # fmt: skip
def test_the_url_says_where_mail_goes_out(url, expected):
    found = mail.server(url)
    assert (found.host, found.port, found.user, found.password, found.tls) == expected
    assert found.sender in ("a@example.com", "a@b.cn")


def test_without_a_url_there_is_no_mail(monkeypatch):
    monkeypatch.delenv("SMTP_URL", raising=False)
    assert mail.server() is None
    assert mail.server("") is None


@pytest.mark.parametrize(
    "url",
    [
        "http://mail.example.com?from=a@example.com",
        "smtp://?from=a@example.com",
        "smtp://mail.example.com",
        "smtp://mail.example.com?from=nobody",
        "smtp://mail.example.com:nine?from=a@example.com",
        "smtp://mail.example.com?from=a@example.com&tls=yes",
        "smtp://mail.example.com?from=a@example.com&starttls=1",
        "smtp://[mail?from=a@example.com",
    ],
)
def test_a_wrong_url_says_what_is_allowed_and_never_the_password(url):
    with pytest.raises(Misconfigured) as error:
        mail.server(url.replace("://", "://me:geheim@", 1))
    assert "smtp://user:password@host:port" in str(error.value)
    assert "geheim" not in str(error.value)


# 地址


@pytest.mark.parametrize("good", ["a@b", "wang.jj@xs.example.com", "o'neill+archive@example.com"])
def test_an_address_is_taken(people, at, good):
    user = people_service.edit_user(
        people.borrower.user_id, {"email": f" {good} "}, actor=people.admin, at=at
    )
    assert user.email == good


@pytest.mark.parametrize(
    "bad",
    [
        "wang",
        "@example.com",
        "a@",
        "a b@example.com",
        "a@b\nBcc: c@d",
        "王@例子.中国",
        "a@b@c",
        "a..b@c",
        "<a@b>",
    ],
)
def test_what_is_no_address_is_refused_and_nothing_is_kept(people, at, bad):
    with pytest.raises(Invalid) as error:
        people_service.edit_user(people.borrower.user_id, {"email": bad}, actor=people.admin, at=at)
    assert "email" in error.value.fields
    assert User.get_by_id(people.borrower.user_id).email == ""


@given(st.text(max_size=60), st.text(max_size=200))
def test_no_text_makes_a_second_header_or_a_second_addressee(subject, text):
    from datetime import UTC, datetime

    at = datetime(2026, 11, 19, tzinfo=UTC)
    letter = mail.Letter("wang@example.com", subject.replace("\ud800", ""), text, "1@example.com")
    message = mail.compose(letter, "archive@example.com", at)
    assert sorted(message.keys()) == sorted(
        ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Type",
         "Content-Transfer-Encoding", "MIME-Version"]
    )  # fmt: skip
    assert message["To"] == "wang@example.com"
    assert "\n" not in message["Subject"] and "\r" not in message["Subject"]


# 发信


@pytest.mark.requirement("LOAN-01")
def test_a_notice_goes_out_as_a_letter_in_chinese(reachable, post, at):
    tell(reachable.borrower, at)
    assert mailing.send_waiting(at).sent == 1
    [letter] = post.letters
    assert letter["To"] == "borrower@example.com"
    assert letter["From"] == "archive@example.com"
    assert letter["Subject"] == TITLE
    text = letter.get_content()
    assert text.startswith("王静娟：\n")
    assert "到时请送回档案室。" in text
    assert "总经理办公室档案室" in text
    assert letter.get_content_type() == "text/plain"
    assert states() == ["sent"]


def test_a_letter_goes_out_once(reachable, post, at):
    tell(reachable.borrower, at)
    mailing.send_waiting(at)
    mailing.send_waiting(at + timedelta(days=1))
    tell(reachable.borrower, at)
    mailing.send_waiting(at)
    assert len(post.letters) == 1


def test_who_has_no_address_or_no_account_any_more_gets_no_letter(people, post, at):
    tell(people.borrower, at)
    User.update(email="colleague@example.com", active=False).where(
        User.id == people.colleague.user_id
    ).execute()
    tell(people.colleague, at)
    mailing.send_waiting(at)
    assert post.letters == []
    assert states() == ["skipped", "skipped"]


def test_what_is_told_without_mail_stays_in_the_program(reachable, post, at):
    tell(reachable.borrower, at, mail=False)
    mailing.send_waiting(at)
    assert post.letters == [] and states() == ["none"]


def test_a_title_with_a_line_break_stays_one_subject(reachable, post, at):
    tell(reachable.borrower, at, title="到期\r\nBcc: boss@example.com")
    mailing.send_waiting(at)
    [letter] = post.letters
    assert letter["Subject"] == "到期 Bcc: boss@example.com"
    assert letter["Bcc"] is None


def test_without_a_server_letters_wait_and_old_ones_are_left_out_later(reachable, monkeypatch, at):
    monkeypatch.delenv("SMTP_URL", raising=False)
    tell(reachable.borrower, at)
    tell(reachable.archivist, at + timedelta(days=4))
    assert mailing.send_waiting(at + timedelta(days=4)).sent == 0
    assert states() == ["pending", "pending"]
    with catcher() as server:
        monkeypatch.setenv("SMTP_URL", server.url)
        mailing.send_waiting(at + timedelta(days=4))
        assert [letter["To"] for letter in server.letters] == ["archivist@example.com"]
    assert states() == ["skipped", "sent"]


# 出错


def test_a_server_that_is_down_costs_no_try_and_is_asked_again_after_a_minute(reachable, monkeypatch, at):
    tell(reachable.borrower, at)
    with catcher() as server:
        url = server.url
    monkeypatch.setenv("SMTP_URL", url)
    assert mailing.send_waiting(at).why
    assert mailing.waiting(at + timedelta(seconds=30)) == 0
    assert Notice.get().tries == 0
    with catcher() as server:
        monkeypatch.setenv("SMTP_URL", server.url)
        assert mailing.send_waiting(at + timedelta(minutes=1)).sent == 1


def test_an_address_the_server_does_not_know_fails_for_good_and_holds_up_nobody(reachable, post, at):
    post.answer = lambda to: "550 no such user" if "borrower" in to else "250 ok"
    tell(reachable.borrower, at)
    tell(reachable.archivist, at)
    done = mailing.send_waiting(at)
    assert (done.sent, done.failed) == (1, 1)
    row = Notice.get(Notice.user == reachable.borrower.user_id)
    assert row.mail == "failed" and "no such user" in row.fault


def test_a_letter_put_off_is_tried_again_later_and_less_and_less_often(reachable, post, at):
    post.answer = lambda to: "451 try later"
    tell(reachable.borrower, at)
    moment, gaps = at, []
    while Notice.get().mail == "pending":
        before = moment
        while not mailing.waiting(moment):
            moment += timedelta(minutes=1)
        gaps.append(moment - before)
        mailing.send_waiting(moment)
    assert gaps == [timedelta(0), *mailing.BACKOFF]
    assert Notice.get().mail == "failed"


@pytest.mark.requirement("LOAN-01")
def test_a_worker_killed_between_sending_and_marking_repeats_the_letter_at_most_once_under_one_id(
    reachable, post, at, monkeypatch
):
    tell(reachable.borrower, at)

    def killed(*args, **values):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(mailing, "_mark", killed)
        with pytest.raises(KeyboardInterrupt):
            mailing.send_waiting(at)
    assert states() == ["sending"]
    mailing.send_waiting(at + mailing.LEASE - timedelta(seconds=1))
    assert len(post.letters) == 1
    mailing.send_waiting(at + mailing.LEASE)
    mailing.send_waiting(at + 2 * mailing.LEASE)
    assert len(post.letters) == 2
    assert len({letter["Message-ID"] for letter in post.letters}) == 1
    assert states() == ["sent"]


def test_a_worker_killed_before_sending_loses_no_letter(reachable, post, at, monkeypatch):
    tell(reachable.borrower, at)

    def killed(*args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(mailing, "_send", killed)
        with pytest.raises(KeyboardInterrupt):
            mailing.send_waiting(at)
    assert post.letters == []
    mailing.send_waiting(at + mailing.LEASE)
    assert len(post.letters) == 1


def test_a_server_that_dies_after_the_letter_makes_it_go_out_again_under_the_same_id(reachable, post, at):
    post.after_data = ""
    tell(reachable.borrower, at)
    assert mailing.send_waiting(at).why
    assert states() == ["pending"]
    post.after_data = "250 ok"
    mailing.send_waiting(at + timedelta(minutes=1))
    assert states() == ["sent"] and len(post.letters) == 2
    assert len({letter["Message-ID"] for letter in post.letters}) == 1


def test_two_workers_send_a_letter_once(reachable, post, at):
    tell(reachable.borrower, at)
    first = mailing._claim(Notice.get().id, at)
    assert first is not None
    assert mailing._claim(first.id, at) is None


def test_a_clock_put_back_does_not_hold_letters_for_an_hour(reachable, post, at):
    tell(reachable.borrower, at)
    Notice.update(lease_until=at + timedelta(days=2)).execute()  # claimed under a clock far ahead
    assert mailing.send_waiting(at).sent == 1


def test_different_notices_have_different_ids(reachable, post, at):
    for key in ("a", "b"):
        tell(reachable.borrower, at, key=key)
    tell(reachable.archivist, at, key="a")
    mailing.send_waiting(at)
    assert len({letter["Message-ID"] for letter in post.letters}) == 3
