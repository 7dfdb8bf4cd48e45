"""Every route × role × level of secrecy: who is let in, and that nothing hidden shows through.

The routes are read from the application, so a new one is tested without being written here. A route
with a parameter that is not in PARAMETERS makes these tests fail until they are told how to build it.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from werkzeug.routing import Rule

from archive_app.core import clock, db
from archive_app.people import rulebook
from archive_app.people.access import PUBLIC, access_of
from archive_app.people.actor import Actor
from archive_app.policy import PERMISSIONS, Scope
from archive_app.records import queries as records
from tests.conftest import AT, opened_copy, people_there
from tests.web.house import EVERYBODY, LEVELS, MARK, PARAMETERS, build


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
