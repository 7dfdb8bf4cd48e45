"""People: passwords, accounts, sign-in with lock, deputations, adopting a rule book."""

from __future__ import annotations

from datetime import timedelta

import pytest

from archive_app.core.audit import AuditEvent
from archive_app.core.errors import Invalid, Refused
from archive_app.people import queries, rulebook, service
from archive_app.people.models import User
from archive_app.people.sign_in import sign_in, sign_in_demo
from tests.conftest import PASSWORD

MONTH = timedelta(days=30)


def events(action: str) -> list[AuditEvent]:
    return list(AuditEvent.select().where(AuditEvent.action == action))


def refused(name: str, password: str, at) -> Refused:
    with pytest.raises(Refused) as error:
        sign_in(name, password, at)
    return error.value


def test_a_password_is_kept_only_as_a_salted_argon2id_hash(people):
    hashes = [row.password_hash for row in User.select()]
    assert all(value.startswith("$argon2id$") for value in hashes)
    assert len(set(hashes)) == len(hashes)  # the same password, never the same hash


def test_the_right_password_signs_in_by_account_or_by_name_and_is_audited(people, at):
    assert sign_in("archivist", PASSWORD, at).username == "archivist"
    assert sign_in(" 陈静宜 ", PASSWORD, at).username == "archivist"
    assert [event.key for event in events("people.sign_in")] == [str(people.users.archivist.id)] * 2


def test_an_unknown_name_and_a_wrong_password_are_answered_alike(people, at):
    wrong = refused("archivist", "not it at all", at)
    unknown = refused("nobody-here", "not it at all", at)
    assert wrong.as_dict() == unknown.as_dict()
    assert wrong.code == "sign_in.wrong"


def test_what_was_typed_as_an_unknown_name_is_not_kept_because_it_may_be_a_password(people, at):
    refused("my secret password", "x", at)
    assert "secret" not in "".join(event.data + event.key for event in events("people.sign_in_refused"))


@pytest.mark.parametrize("name", ["archivist", "nobody-at-all"])
def test_an_account_is_locked_after_repeated_failure_whether_it_exists_or_not(people, at, name):
    limit = rulebook.current(at).book.sign_in.failures
    answers = [refused(name, "wrong every time", at).code for _n in range(limit)]
    assert answers == ["sign_in.wrong"] * (limit - 1) + ["sign_in.locked"]
    assert refused(name, PASSWORD, at).code == "sign_in.locked"


def test_a_lock_ends_by_time_and_not_earlier(people, at):
    setting = rulebook.current(at).book.sign_in
    for _n in range(setting.failures):
        refused("archivist", "wrong every time", at)
    assert refused("archivist", PASSWORD, at + setting.lock - timedelta(seconds=1)).code == "sign_in.locked"
    assert sign_in("archivist", PASSWORD, at + setting.lock)


def test_signing_in_forgets_earlier_failures(people, at):
    limit = rulebook.current(at).book.sign_in.failures
    for _n in range(3):
        for _m in range(limit - 1):
            refused("archivist", "wrong every time", at)
        assert sign_in("archivist", PASSWORD, at)


def test_an_administrator_unlocks_before_the_time(people, at):
    for _n in range(rulebook.current(at).book.sign_in.failures):
        refused("archivist", "wrong every time", at)
    service.unlock(people.users.archivist.id, actor=people.admin, at=at)
    assert sign_in("archivist", PASSWORD, at)


def test_a_closed_account_and_an_ended_authority_cannot_sign_in(people, at):
    service.deactivate(people.users.colleague.id, "离职", actor=people.admin, at=at)
    service.edit_user(people.users.borrower.id, {"authority_ends": at}, actor=people.admin, at=at)
    assert refused("colleague", PASSWORD, at).code == "sign_in.closed"
    assert refused("borrower", PASSWORD, at).code == "sign_in.closed"
    service.reactivate(people.users.colleague.id, "返聘", actor=people.admin, at=at)
    assert sign_in("colleague", PASSWORD, at)


def test_a_demo_sign_in_lets_in_demo_people_only(people, at):
    with pytest.raises(Refused):
        sign_in_demo("archivist", at)
    User.update(demo=True).where(User.username == "archivist").execute()
    assert sign_in_demo("archivist", at).name == "陈静宜"


def test_changing_a_password_asks_for_the_old_one_and_renews_the_session_key(people, at):
    before = people.users.borrower
    with pytest.raises(Invalid, match="现在的密码不对"):
        service.change_password(before.id, "guess", "一句很长的新密码吧", actor=people.borrower, at=at)
    after = service.change_password(before.id, PASSWORD, "一句足够长的新密码", actor=people.borrower, at=at)
    assert after.session_key != before.session_key
    assert sign_in("borrower", "一句足够长的新密码", at)


@pytest.mark.parametrize("weak", ["short", "aaaaaaaaaaaaaaa", "borrower-2026", "长" * 200])
def test_a_weak_password_is_refused_with_what_to_do(people, at, weak):
    with pytest.raises(Invalid) as error:
        service.reset_password(people.users.borrower.id, weak, actor=people.admin, at=at)
    assert set(error.value.fields) == {"password"}


@pytest.mark.requirement("SEC-16")
def test_roles_and_permissions_follow_from_the_title_by_the_rule_book(people, at):
    assert people.archivist.can("loan.desk") and not people.borrower.can("loan.desk")
    assert people.gm.can("loan.decide") and not people.gm.can("people.manage")
    service.edit_user(people.users.borrower.id, {"title": "档案管理员"}, actor=people.admin, at=at)
    assert service.actor_of(queries.user(people.users.borrower.id), at).can("loan.desk")


def test_only_an_administrator_manages_accounts(people, at):
    for name, actor in people.by_name.items():
        if name == "admin":
            continue
        with pytest.raises(Refused) as error:
            service.create_user("new", "新人", "客户经理", "一句足够长的新密码", actor=actor, at=at)
        assert error.value.code == "permission"


def test_an_account_needs_a_free_name_and_a_title_of_the_rule_book(people, at):
    with pytest.raises(Invalid) as taken:
        service.create_user("gm", "某人", "总经理", "一句足够长的新密码", actor=people.admin, at=at)
    with pytest.raises(Invalid) as title:
        service.create_user("new", "某人", "国王", "一句足够长的新密码", actor=people.admin, at=at)
    assert (set(taken.value.fields), set(title.value.fields)) == ({"username"}, {"title"})


def test_an_edit_is_audited_with_old_and_new_values(people, at):
    service.edit_user(
        people.users.borrower.id, {"phone": "8123", "name": "王静娟"}, actor=people.admin, at=at
    )
    (event,) = events("people.edit_user")
    assert '"old":{"phone":""}' in event.data and '"new":{"phone":"8123"}' in event.data


def test_nobody_closes_the_own_account_so_an_administrator_always_remains(people, at):
    with pytest.raises(Refused) as error:
        service.deactivate(people.users.admin.id, "走了", actor=people.admin, at=at)
    assert error.value.code == "people.own_account"
    with pytest.raises(Refused) as error:
        service.edit_user(people.users.admin.id, {"title": "客户经理"}, actor=people.admin, at=at)
    assert error.value.code == "people.last_administrator"


def deputise(people, at, principal="gm", deputy="director", actions=("loan",), by="archivist", **changed):
    values = dict(starts=at, ends=at + MONTH, paper_reference="WT-2026-07") | changed
    users = people.users
    return service.deputise(
        getattr(users, principal).id,
        getattr(users, deputy).id,
        list(actions),
        actor=people.by_name[by],
        at=at,
        **values,
    )


@pytest.mark.requirement("SEC-05")
@pytest.mark.parametrize("deputy", ["director", "deputy_gm"])
def test_the_general_manager_is_stood_in_for_by_a_deputy_or_the_office_director(people, at, deputy):
    deputise(people, at, deputy=deputy)
    (row,) = queries.deputations_at(getattr(people.users, deputy).id, at)
    assert row.principal.username == "gm" and row.paper_reference == "WT-2026-07"


@pytest.mark.requirement("SEC-05")
@pytest.mark.parametrize(
    ("principal", "deputy"), [("gm", "borrower"), ("gm", "archivist"), ("borrower", "director")]
)
def test_nobody_else_may_be_a_deputy_and_the_refusal_quotes_the_clause(people, at, principal, deputy):
    with pytest.raises(Refused) as error:
        deputise(people, at, principal=principal, deputy=deputy)
    assert error.value.code == "people.may_not_stand_in"
    assert "七.3" in error.value.clause and "委托" in error.value.rule


@pytest.mark.requirement("SEC-05")
def test_a_deputation_counts_in_its_period_and_not_after_it_was_revoked(people, at):
    row = deputise(people, at, starts=at + timedelta(days=1), ends=at + timedelta(days=3))
    held = people.users.director.id
    counted = [len(queries.deputations_at(held, at + timedelta(days=n))) for n in (0, 1, 2, 3)]
    assert counted == [0, 1, 1, 0]
    service.revoke_deputation(row.id, "提前返回", actor=people.gm, at=at + timedelta(days=1))
    assert queries.deputations_at(held, at + timedelta(days=2)) == []
    with pytest.raises(Refused, match="已经撤销"):
        service.revoke_deputation(row.id, "再来", actor=people.gm, at=at + timedelta(days=1))


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"ends": timedelta(days=-1)}, "ends"),
        ({"paper_reference": " "}, "paper_reference"),
        ({"actions": ()}, "actions"),
        ({"deputy": "gm"}, "deputy"),
    ],
)
def test_a_deputation_without_period_paper_scope_or_second_person_is_not_taken(people, at, changed, field):
    if "ends" in changed:
        changed = {"ends": at + changed["ends"]}
    with pytest.raises(Invalid) as error:
        deputise(people, at, **changed)
    assert field in error.value.fields


def test_a_principal_registers_the_own_deputation_but_nobody_elses(people, at):
    assert deputise(people, at, by="gm")
    with pytest.raises(Refused) as error:
        deputise(people, at, by="deputy_gm")
    assert error.value.code == "permission"


@pytest.mark.requirement("AUD-19")
def test_a_changed_rule_book_becomes_the_next_version_and_the_old_one_stays(people, at):
    text = rulebook.profile_text("default").replace("failures = 5", "failures = 3")
    later = at + timedelta(hours=1)
    before = rulebook.current(at)
    rulebook.adopt(text, "default", actor=people.gm, at=at, effective_from=later)
    assert rulebook.current(at).version == before.version
    assert rulebook.current(later).version == before.version + 1
    assert rulebook.current(later).book.sign_in.failures == 3
    assert rulebook.by_id(before.id).book.sign_in.failures == 5
    assert len(events("policy.adopt")) == 2


@pytest.mark.requirement("AUD-19")
def test_a_rule_book_is_adopted_only_by_who_may_and_only_if_sound_and_new(people, at):
    text = rulebook.profile_text("default")
    with pytest.raises(Refused):
        rulebook.adopt(text + "\n", "default", actor=people.archivist, at=at)
    with pytest.raises(Invalid):
        rulebook.adopt("[meta]\nname = 3\n", "default", actor=people.gm, at=at)
    with pytest.raises(Invalid, match="完全相同"):
        rulebook.adopt(text, "default", actor=people.gm, at=at)


def test_people_are_found_by_role_and_department(people, at):
    assert [user.username for user in queries.users_in_role("general_manager", at)] == ["gm"]
    sales = people.departments["XS"].id
    names = [user.username for user in queries.users_in_role("department_manager", at, sales)]
    assert names == ["manager"]
    assert len(queries.users_in_role("employee", at)) == len(people.by_name)
