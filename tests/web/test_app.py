"""The application: headers, default deny, errors, sign-in with throttle and lock, session, language."""

from __future__ import annotations

import re
import stat
from datetime import timedelta

import pytest
from flask import Flask

from archive_app.core import clock
from archive_app.core.audit import AuditEvent
from archive_app.core.errors import Invalid, NotFound, Refused
from archive_app.people import rulebook, service
from archive_app.people.access import needs, public
from archive_app.people.models import User
from archive_app.people.views import limiter
from archive_app.web.app import CONTENT_SECURITY_POLICY, create_app
from tests.conftest import PASSWORD, TESTING, application


def token(client, path: str = "/sign-in") -> str:
    """The CSRF token of a page's form."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(path).text)
    assert found
    return found[1]


def enter(client, name: str = "archivist", password: str = PASSWORD, **more: str):
    form = {"csrf_token": token(client), "name": name, "password": password} | more
    return client.post("/sign-in", data=form)


def events(action: str) -> list[AuditEvent]:
    return list(AuditEvent.select().where(AuditEvent.action == action))


@pytest.fixture
def lab(archive, monkeypatch, at):
    """The app with a few routes of its own, each going wrong in its way."""
    monkeypatch.setattr(clock, "now", lambda: at)
    app = create_app(TESTING | {"PROPAGATE_EXCEPTIONS": False})

    def wrong(error):
        def view():
            raise error

        return view

    refusal = Refused("loan.never", "不能外借。", "绝密级档案禁止调阅。", "某制度 七.3", "", "改为不带出。")
    for name, mark, view in (
        ("unmarked", lambda view: view, lambda: "secret"),
        ("refused", needs("account.own"), wrong(refusal)),
        ("invalid", needs("account.own"), wrong(Invalid({"title": "请填写题名。"}))),
        ("lost", needs("account.own"), wrong(NotFound("x"))),
        ("crash", public, wrong(RuntimeError("boom"))),
        ("desk_only", needs("desk.use"), lambda: "desk"),
        ("either", needs("desk.use", "people.manage"), lambda: "either"),
    ):
        app.add_url_rule(f"/lab/{name}", f"lab.{name}", mark(view))
    return app


@pytest.fixture
def in_lab(lab, people):
    def sign(username: str):
        client = lab.test_client()
        user = User.get(User.username == username)
        with client.session_transaction() as session:
            session["_user_id"] = f"{user.id}.{user.session_key}"
        return client

    return sign


# Headers


def test_pages_carry_a_strict_policy_and_are_kept_by_nobody(client):
    headers = client.get("/sign-in").headers
    assert headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert "unsafe" not in CONTENT_SECURITY_POLICY and CONTENT_SECURITY_POLICY.startswith(
        "default-src 'none'"
    )
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


def test_the_session_cookie_is_closed_to_scripts_and_other_sites(client):
    cookie = enter(client).headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie


def test_the_secret_key_is_made_once_and_readable_by_the_owner_only(tmp_path):
    from archive_app.web.app import _kept_secret

    key = _kept_secret(tmp_path / "instance")
    assert len(key) == 64 and key == _kept_secret(tmp_path / "instance")
    assert stat.S_IMODE((tmp_path / "instance" / "secret_key").stat().st_mode) == 0o600


def test_the_health_check_needs_no_account(client):
    assert client.get("/healthz").json["status"] == "ok"


# Default deny


def test_a_route_that_names_no_permission_is_closed_to_everybody(lab, in_lab, people):
    assert lab.test_client().get("/lab/unmarked").status_code in (302, 303)
    for username in people.by_name:
        answer = in_lab(username).get("/lab/unmarked")
        assert answer.status_code == 403 and "secret" not in answer.text


def test_a_route_is_open_to_holders_of_one_of_its_permissions_only(in_lab, people):
    for username, actor in people.by_name.items():
        client = in_lab(username)
        assert client.get("/lab/desk_only").status_code == (200 if actor.can("desk.use") else 403)
        either = actor.can("desk.use") or actor.can("people.manage")
        assert client.get("/lab/either").status_code == (200 if either else 403)


def test_strangers_are_sent_to_the_sign_in_page_and_back_afterwards(client, people):
    answer = client.get("/people?q=陈")
    assert answer.status_code == 303
    assert answer.location.startswith("/sign-in?next=/people?q%3D")
    page = client.get(answer.location)
    assert 'name="next" value="/people?q=' in page.text


def test_scripts_get_401_instead_of_a_page(client):
    assert client.get("/people", headers={"Accept": "application/json"}).status_code == 401


# Errors


@pytest.mark.requirement("AUD-01")
def test_a_refusal_is_a_page_with_its_four_parts_and_is_audited(in_lab):
    answer = in_lab("borrower").get("/lab/refused")
    assert answer.status_code == 409
    for part in ("不能外借。", "绝密级档案禁止调阅。", "某制度 七.3", "改为不带出。", "没有人可以破例批准"):
        assert part in answer.text
    (event,) = events("refusal")
    assert (event.actor, '"code":"loan.never"' in event.data) == ("borrower", True)
    assert '"endpoint":"lab.refused"' in event.data


def test_a_refusal_is_json_for_scripts(in_lab):
    answer = in_lab("borrower").get("/lab/refused", headers={"Accept": "application/json"})
    assert answer.status_code == 409
    assert answer.json["code"] == "loan.never" and answer.json["clause"] == "某制度 七.3"


def test_a_missing_permission_is_refused_by_its_clause_and_audited(in_lab):
    answer = in_lab("borrower").get("/lab/desk_only")
    assert answer.status_code == 403 and "权限" in answer.text
    assert '"code":"permission"' in events("refusal")[0].data


def test_what_is_lost_and_what_never_was_look_the_same(in_lab):
    client = in_lab("borrower")
    hidden, never = client.get("/lab/lost"), client.get("/no/such/page")
    assert hidden.status_code == never.status_code == 404
    changing = re.compile(r"/lab/lost|/no/such/page|[\w-]{8,}\.[\w-]{6}\.[\w-]{27}")  # address, CSRF token
    assert changing.sub("", hidden.text) == changing.sub("", never.text)


def test_input_that_no_form_shows_is_told_with_422(in_lab):
    answer = in_lab("borrower").get("/lab/invalid")
    assert answer.status_code == 422 and "请填写题名。" in answer.text


def test_a_crash_shows_an_id_that_is_in_the_log_and_not_the_reason(in_lab, caplog):
    answer = in_lab("borrower").get("/lab/crash")
    assert answer.status_code == 500 and "boom" not in answer.text
    error_id = re.search(r"error ([0-9a-f]{8}) at /lab/crash", caplog.text)[1]
    assert error_id in answer.text


def test_a_form_without_its_token_changes_nothing_and_says_so(client, people):
    answer = client.post("/sign-in", data={"name": "archivist", "password": PASSWORD})
    assert answer.status_code == 400 and "没有改动任何记录" in answer.text
    assert events("people.sign_in") == []


def test_too_much_at_once_is_told_with_413(archive, people):
    app: Flask = create_app(TESTING | {"MAX_CONTENT_LENGTH": 1000})
    answer = app.test_client().post("/sign-in", data={"name": "x" * 5000})
    assert answer.status_code == 413


# Signing in


def test_signing_in_by_the_page_leads_to_where_one_wanted_to_go(client, people):
    answer = enter(client, next="/me")
    assert (answer.status_code, answer.location) == (303, "/me")
    assert client.get("/me").status_code == 200


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:x"]
)
def test_signing_in_never_leads_to_another_host(client, people, target):
    assert enter(client, next=target).location == "/"


def test_a_wrong_password_keeps_the_name_and_says_what_happens_next(client, people):
    answer = enter(client, password="wrong password")
    assert answer.status_code == 422
    assert 'value="archivist"' in answer.text and "姓名或密码不对" in answer.text
    assert "连续输错 5 次锁定 15 分钟" in answer.text
    assert "wrong password" not in answer.text


def test_a_locked_account_is_told_until_when_and_opens_by_itself(client, people, at, monkeypatch):
    setting = rulebook.current(at).book.sign_in
    for _n in range(setting.failures):
        answer = enter(client, password="wrong password")
    assert "已锁定到 10:15" in answer.text
    assert enter(client).status_code == 422
    monkeypatch.setattr(clock, "now", lambda: at + setting.lock + timedelta(seconds=1))
    assert enter(client).status_code == 303


def test_signing_in_is_throttled_for_each_address(archive, people, monkeypatch, at):
    monkeypatch.setattr(clock, "now", lambda: at)
    monkeypatch.setattr(limiter, "enabled", limiter.enabled)  # it is one for all applications
    client = create_app(TESTING | {"RATELIMIT_ENABLED": True, "SIGN_IN_RATE": "3 per minute"}).test_client()
    codes = [enter(client, name=f"somebody-{n}").status_code for n in range(5)]
    assert codes == [422, 422, 422, 429, 429]
    other = {"environ_base": {"REMOTE_ADDR": "192.0.2.7"}}
    form = {"csrf_token": token(client), "name": "archivist", "password": PASSWORD}
    assert client.post("/sign-in", data=form, **other).status_code == 303


def test_demo_people_are_offered_and_let_in_only_in_demo_mode(archive, people, monkeypatch, at):
    monkeypatch.setattr(clock, "now", lambda: at)
    User.update(demo=True).execute()
    plain = application().test_client()
    assert "陈静宜" not in plain.get("/sign-in").text
    form = {"csrf_token": token(plain), "username": "archivist"}
    assert plain.post("/sign-in/demo", data=form).status_code == 403
    demo = application(DEMO=True).test_client()
    assert "陈静宜" in demo.get("/sign-in").text
    form = {"csrf_token": token(demo), "username": "archivist"}
    assert demo.post("/sign-in/demo", data=form).status_code == 303
    assert demo.get("/me").status_code == 200


def test_signing_out_ends_the_session(sign_in):
    client = sign_in("archivist")
    assert client.post("/sign-out", data={"csrf_token": token(client, "/me")}).status_code == 303
    assert client.get("/me").status_code == 303


def test_a_new_password_ends_the_sessions_elsewhere_and_keeps_this_one(app, people):
    here, elsewhere = app.test_client(), app.test_client()
    enter(here), enter(elsewhere)
    new = "另一句足够长的密码"
    form = {"csrf_token": token(here, "/me"), "old": PASSWORD, "password": new, "again": new}
    assert here.post("/me/password", data=form).status_code == 303
    assert here.get("/me").status_code == 200
    assert elsewhere.get("/me").status_code == 303


def test_a_closed_account_is_signed_out_at_once(client, people, at):
    enter(client, "borrower")
    assert client.get("/me").status_code == 200
    service.deactivate(people.users.borrower.id, "离职", actor=people.admin, at=at)
    assert client.get("/me").status_code == 303


# Language


def test_a_person_reads_in_the_language_of_the_own_setting(sign_in, people):
    client = sign_in("borrower")
    assert '<html lang="zh-CN"' in client.get("/me", headers={"Accept-Language": "en"}).text
    form = {"csrf_token": token(client, "/me"), "locale": "en"}
    client.post("/me/preferences", data=form)
    assert '<html lang="en"' in client.get("/me", headers={"Accept-Language": "zh"}).text


def test_a_stranger_reads_in_the_language_of_the_browser(client):
    assert '<html lang="en"' in client.get("/sign-in", headers={"Accept-Language": "en-GB,en"}).text
    assert '<html lang="zh-CN"' in client.get("/sign-in", headers={"Accept-Language": "fr"}).text


def test_the_theme_is_remembered_on_the_server(app, sign_in, people):
    client = sign_in("borrower")
    client.post("/me/preferences", data={"csrf_token": token(client, "/me"), "theme": "dark"})
    assert 'data-bs-theme="dark"' in client.get("/me").text
    assert User.get(User.username == "borrower").theme == "dark"
