"""S63 物业中心客户档案管理制度 7: the supervisor lends, the manager approves, read in the office only."""

from __future__ import annotations

import pytest

from tests.unit.policy.cases import THURSDAY, at
from tests.unit.scenarios.walk import REFUSED, Case, Company, case, check

CENTRE = Company("S63", "open")
MANAGER = {"客务部经理"}

WALK = [
    case("7", "SEC-14", "客务员", "consult", [MANAGER]),
    case("7", "SEC-14", "部门经理", "consult", [MANAGER], other=True),
    case("7", "SEC-14", "工程部经理", "consult", [MANAGER], own=True),
    case("7", "SEC-14", "客务主管", "consult", [MANAGER]),
    case("7", "SEC-14", "临时工", "consult", [MANAGER]),
    case("7", "SEC-14", "客务部经理", "consult", "allowed"),
    case("7", "SEC-14", "客务部经理", "loan", REFUSED),
    case("7", "SEC-14", "客务主管", "loan", REFUSED),
    case("7", "SEC-14", "工程部经理", "loan", REFUSED, other=True),
    case("本室设定", "SEC-14", "客务员", "excerpt", [MANAGER]),
    case("本室设定", "SEC-14", "客务部经理", "photocopy", REFUSED),
    case("本室设定", "SEC-14", "客务员", "read_content", [MANAGER]),
    case("本室设定", "SEC-14", "客务主管", "read_content", "allowed"),
]


@pytest.mark.parametrize("row", WALK)
def test_walk_through_the_document(row: Case) -> None:
    check(CENTRE, row)


@pytest.mark.requirement("SEC-14")
def test_the_supervisor_hands_it_over_and_does_not_decide() -> None:
    may = CENTRE.book.permissions_of(CENTRE.book.roles_of("客务主管"))
    assert "loan.desk" in may
    assert "loan.decide" not in may
    assert CENTRE.ask("客务员", "consult").may_decide == "客务部经理批准"
    assert CENTRE.nobody_stands_in()


@pytest.mark.requirement("SEC-14")
def test_it_is_read_on_a_seat_of_the_office_until_it_closes() -> None:
    answer = CENTRE.ask("客务员", "consult")
    assert answer.where == "reading_room"
    assert answer.due_at == at("2026-11-19 17:30")
    assert all(seat.startswith("客务部办公室") for seat in CENTRE.book.reading_room.seats)
    refused = CENTRE.ask("客务员", "loan")
    assert refused.alternatives == ("consult",)
    assert "在客务部办公室阅览" in refused.rule.text


@pytest.mark.requirement("SEC-14")
def test_a_session_in_the_office_ends_it_earlier() -> None:
    reader, ends = CENTRE.person("客务员"), at("2026-11-19 15:00")
    due = CENTRE.book.due_at(reader, "open", "consult", THURSDAY, ends)
    assert (due.at, due.reason) == (ends, "session")


@pytest.mark.requirement("ARR-19")
def test_the_newest_paper_lies_on_top() -> None:
    assert CENTRE.book.category("KH").sort == "dated_descending"
    assert CENTRE.penalties() == {}
