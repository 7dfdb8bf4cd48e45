"""Every profile really in force: lists by tier and customer, and one loan from the request to its return."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product

import pytest

from archive_app.core.errors import NotFound, Refused
from archive_app.loans import service
from archive_app.loans.models import Loan
from archive_app.people import rulebook
from archive_app.people.actor import system
from archive_app.people.models import User
from archive_app.people.service import actor_of
from archive_app.policy import load_profile, profiles
from archive_app.records.models import Folder
from archive_app.records.numbers import register_folder
from archive_app.records.queries import facts_of, person_of, readable, visible

KEEPERS = {
    "S09": "档案管理负责人",
    "S14": "档案管理人员",
    "S45": "客户档案管理员",
    "S63": "客务主管",
    "S64": "顾服主管医生",
}


@pytest.fixture
def company(people, at):
    """Put a profile in force, give the people its titles, and return them as actors by username."""

    def found(name, **titles):
        if rulebook.current(at).profile != name:
            rulebook.adopt(rulebook.profile_text(name), name, actor=system(), at=at)
        titled = {"archivist": KEEPERS.get(name, "档案管理员")} | titles
        actors = {}
        for username, user in vars(people.users).items():
            User.update(title=titled.get(username, "临时工")).where(User.id == user.id).execute()
            actors[username] = actor_of(User.get_by_id(user.id), at)
        return actors

    return found


def register(actor, at, **more):
    category = next(iter(rulebook.current(at).book.categories))
    return register_folder(category, 2026, "客户档案", actor=actor, at=at, **more)


@pytest.mark.requirement("SEC-16")
@pytest.mark.requirement("SEC-06")
@pytest.mark.requirement("SEC-10")
@pytest.mark.parametrize("name", profiles())
def test_every_list_shows_exactly_what_the_question_allows(name, company, people, at) -> None:
    book, archivist = load_profile(name), company(name)["archivist"]
    departments = [people.departments["XS"].id, people.departments["KF"].id, None]
    managers = [people.users.borrower.id, people.users.colleague.id, None]
    for level, tier, made, manager in product(book.levels, ["", *book.tiers], departments, managers):
        register(archivist, at, secrecy=level, tier=tier, department_id=made, manager_id=manager)
    folders = [*Folder.select()]
    facts = {folder.id: facts_of(folder) for folder in folders}
    for title in [*book.titles, "临时工"]:
        User.update(title=title).where(User.username == "borrower").execute()
        actor = actor_of(User.get(User.username == "borrower"), at)
        for action, condition in (("know", visible(actor, at)), ("read_content", readable(actor, at))):
            listed = {row.id for row in Folder.select(Folder.id).where(condition)}
            person = person_of(actor)
            allowed = {n for n, fact in facts.items() if book.ask(person, fact, action, at).allowed}
            assert listed == allowed, f"{title} {action}"
            scope = book.scope(person, action)
            assert listed == {n for n, fact in facts.items() if scope.shows(fact, person)}


@pytest.mark.parametrize("name", profiles())
def test_every_profile_has_a_title_for_staff_without_an_office(name):
    book = load_profile(name)
    assert any(roles <= book.everyone for roles in book.titles.values())


@dataclass(frozen=True)
class Story:
    """Who asks for what, who decides in this order, and where the paper goes.

    ``also`` could decide the first step as well; everybody else is refused at every step.
    """

    profile: str
    titles: dict[str, str]
    kind: str
    deciders: tuple[str, ...]
    state: str
    facts: dict[str, str] = field(default_factory=dict)
    made: str = "XS"
    manager: str = "colleague"
    also: frozenset[str] = frozenset()


STORIES = [
    Story("S08", {"borrower": "销售人员", "manager": "销售部经理", "director": "部门经理", "gm": "总经理"},
          "consult", ("manager", "gm"), "reading"),
    Story("S09", {"borrower": "销售人员", "manager": "业务部经理", "colleague": "营业部经理",
                  "deputy_gm": "营销副总经理", "director": "营销总监", "gm": "总经理"},
          "consult", ("manager", "deputy_gm", "colleague", "gm"), "reading", {"tier": "部门级"}, made="KF"),
    Story("S09", {"borrower": "销售人员", "manager": "业务部经理", "gm": "总经理"},
          "consult", (), "reading", {"tier": "个人级"}, manager="borrower"),
    Story("S11", {"borrower": "财务部经理", "manager": "销售部经理", "director": "客房部经理"},
          "consult", ("manager",), "reading", made="KF"),
    Story("S11", {"borrower": "客户经理", "manager": "销售部经理"},
          "consult", (), "reading", manager="borrower"),
    Story("S14", {"borrower": "客服专员", "director": "经营部经理", "gm": "销售经理"},
          "loan", ("archivist", "director"), "out", also=frozenset({"director"})),
    Story("S45", {"borrower": "技术人员", "back_office": "内勤部经理", "gm": "总经理"}, "loan", (), "out"),
    Story("S63", {"borrower": "客务员", "manager": "客务部经理", "director": "工程部经理"},
          "consult", ("manager",), "reading"),
    Story("S64", {"borrower": "满意代表", "gm": "总经理"}, "loan", (), "out", {"secrecy": "secret"},
          manager="borrower"),
    Story("S64", {"borrower": "满意代表", "manager": "销售经理",
                  "back_office": "客服部门经理", "gm": "总经理"},
          "consult", ("gm",), "reading", {"secrecy": "confidential"}, manager="borrower"),
]  # fmt: skip


@pytest.mark.requirement("SEC-07")
@pytest.mark.requirement("SEC-08")
@pytest.mark.requirement("SEC-09")
@pytest.mark.requirement("SEC-11")
@pytest.mark.requirement("SEC-13")
@pytest.mark.requirement("SEC-14")
@pytest.mark.requirement("SEC-15")
@pytest.mark.requirement("LOAN-08")
@pytest.mark.requirement("LOAN-18")
@pytest.mark.parametrize(
    "story", STORIES, ids=lambda s: f"{s.profile} {s.titles['borrower']} {s.kind} {len(s.deciders)} steps"
)
def test_a_loan_goes_its_way_under_every_profile(story, company, people, at) -> None:
    actors = company(story.profile, **story.titles)
    folder = register(
        actors["archivist"], at, department_id=people.departments[story.made].id,
        manager_id=people.by_name[story.manager].user_id, **story.facts,
    )  # fmt: skip
    loan = service.request_loan(
        folder.id, story.kind, purpose="回访", undertaking=True, actor=actors["borrower"], at=at
    )
    for decider in story.deciders:
        for username in actors.keys() - {decider} - story.also:
            with pytest.raises((Refused, NotFound)):
                service.decide_loan(loan.id, "granted", "", actor=actors[username], at=at)
        service.decide_loan(loan.id, "granted", "", actor=actors[decider], at=at)
    assert Loan.get_by_id(loan.id).state == "approved"
    if story.state == "reading":
        service.seat_reader(loan.id, None, actor=actors["archivist"], at=at)
    else:
        service.hand_over(loan.id, actor=actors["archivist"], at=at)
    row = Loan.get_by_id(loan.id)
    assert row.state == story.state
    book, who = load_profile(story.profile), person_of(actors["borrower"])
    assert row.due_at == book.due_at(who, folder.secrecy, story.kind, at, book.session_end(at)).at
    service.give_back(loan.id, actor=actors["archivist"], at=at)
    assert Loan.get_by_id(loan.id).state == "returned"


@pytest.mark.requirement("SEC-15")
@pytest.mark.requirement("SEC-14")
@pytest.mark.parametrize(
    ("profile", "title", "kind", "facts"),
    [
        ("S08", "总经理", "loan", {}),
        ("S09", "总经理", "loan", {"tier": "公司级"}),
        ("S11", "总经理", "loan", {}),
        ("S11", "客户经理", "consult", {}),
        ("S63", "客务部经理", "loan", {}),
        ("S64", "总经理", "loan", {"secrecy": "confidential"}),
    ],
)
def test_what_a_profile_refuses_cannot_even_be_asked_for(
    profile, title, kind, facts, company, people, at
) -> None:
    actors = company(profile, borrower=title)
    folder = register(actors["archivist"], at, department_id=people.departments["KF"].id, **facts)
    with pytest.raises((Refused, NotFound)):
        service.request_loan(
            folder.id, kind, purpose="回访", undertaking=True, actor=actors["borrower"], at=at
        )
    assert not Loan.select().exists()
