"""Categories, file numbers, retention and people as the default rule book gives them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive_app.policy import RuleBook, load
from tests.unit.policy.cases import BOOK, at


@pytest.mark.requirement("CAT-01")
@pytest.mark.parametrize(
    ("code", "name", "contents", "clause"),
    [
        ("HT", "合同类", ("合同", "协议", "授权书"), "第四条（一）"),
        ("YW", "业务记录类", ("往来信函", "报告", "会议记录"), "第四条（二）"),
        ("KH", "客户信息类", ("基本信息", "信用记录", "交易记录"), "第四条（三）"),
        ("QT", "其他类", ("录音录像", "电子文档"), "第四条（四）"),
    ],
)
def test_the_four_categories_hold_what_the_rule_says(code, name, contents, clause) -> None:
    category = BOOK.category(code)
    assert category.name == name
    assert all(word in category.contents for word in contents)
    assert category.rule.clause == f"客户业务档案管理制度 {clause}"
    assert category.retention in BOOK.retentions
    assert category.secrecy in BOOK.levels


def test_there_are_no_other_categories() -> None:
    assert tuple(BOOK.categories) == ("HT", "YW", "KH", "QT")


@pytest.mark.requirement("CAT-02")
def test_a_number_is_category_year_and_serial() -> None:
    assert BOOK.number("HT", 2026, 1) == "HT-2026-0001"
    assert BOOK.number("KH", 2026, 12345) == "KH-2026-12345"
    assert BOOK.scope_key("Z01", "HT", 2026) == "Z01/HT/2026"


@pytest.mark.requirement("CAT-02")
@given(st.sampled_from(["HT", "YW", "KH", "QT"]), st.integers(1900, 2200), st.integers(1, 10**8))
def test_a_number_reads_back_to_what_it_was_made_of(category: str, year: int, serial: int) -> None:
    assert BOOK.parse_number(BOOK.number(category, year, serial)) == (category, year, serial)


@given(st.text(alphabet="HTYWKQ-0123456789 ０", max_size=16))
def test_whatever_reads_as_a_number_is_written_in_exactly_that_way(text: str) -> None:
    found = BOOK.parse_number(text)
    assert found is None or BOOK.number(*found) == text


@pytest.mark.parametrize(
    "text", ["HT-2026-001", "HT-2026-00012", "XX-2026-0001", "ht-2026-0001", "HT-26-0001", ""]
)
def test_what_is_not_canonical_is_no_number(text: str) -> None:
    assert BOOK.parse_number(text) is None


def test_the_presets_of_the_standards_are_usable_templates() -> None:
    for template in BOOK.numbering.presets.values():
        book = with_template(template)
        number = book.number("HT", 2026, 7, fonds="Z109", retention="D30", department="BGS")
        assert book.parse_number(number) == ("HT", 2026, 7)
    assert BOOK.numbering.presets["DA/T 22-2015"].format(
        fonds="Z109", category="WS", year=2011, retention="Y", department="BGS", serial=1
    ) == "Z109-WS·2011-Y-BGS-0001"  # fmt: skip


def with_template(template: str) -> RuleBook:
    return load(BOOK.text.replace('template = "{category}-{year}-{serial:04d}"', f'template = "{template}"'))


def test_the_year_may_be_next_year_but_not_the_year_after() -> None:
    years = BOOK.years(at("2026-11-19 14:32"))
    assert 2027 in years
    assert 2028 not in years
    assert 1980 in years
    assert at("2027-01-01 00:00").year == 2026, "still last year in UTC"
    assert 2028 in BOOK.years(at("2027-01-01 00:00"))


@pytest.mark.parametrize(
    ("code", "end"), [("permanent", None), ("long", date(2057, 1, 1)), ("short", date(2037, 1, 1))]
)
def test_retention_counts_from_the_year_after_filing(code: str, end: date | None) -> None:
    assert BOOK.retention_end(code, 2026) == end


def test_retention_classes_have_the_letters_of_the_standard() -> None:
    assert [(r.label, r.mark) for r in BOOK.retentions.values()] == [
        ("永久", "Y"),
        ("30年", "D30"),
        ("10年", "D10"),
    ]


def test_levels_are_ranked_and_only_classified_ones_are_marked_on_labels() -> None:
    levels = list(BOOK.levels.values())
    assert [level.code for level in levels] == ["open", "secret", "confidential", "top_secret"]
    assert [level.label for level in levels] == ["", "秘密", "机密", "绝密"]
    assert [level.classified for level in levels] == [False, True, True, True]
    assert [level.lend for level in levels] == [True, True, False, False]
    assert [level.room_only for level in levels] == [False, False, True, False]
    assert [level.retrieve for level in levels] == [True, True, True, False]


@pytest.mark.parametrize(
    ("title", "role"),
    [
        ("总经理", "general_manager"),
        ("分管副总经理", "deputy_general_manager"),
        ("营销总监", "director"),
        ("总经理办公室主任", "office_director"),
        ("销售部经理", "department_manager"),
        ("内勤部经理", "back_office_manager"),
        ("文书档案员", "archivist"),
        ("兼职档案员", "records_liaison"),
        ("监销人", "supervisor"),
        (" 客户经理 ", "customer_manager"),
    ],
)
def test_a_company_title_has_its_role(title: str, role: str) -> None:
    assert role in BOOK.roles_of(title)


def test_an_unknown_title_is_an_employee_and_no_more() -> None:
    assert BOOK.roles_of("首席幸福官") == {"employee"}


@pytest.mark.requirement("SEC-17")
def test_viewing_and_changing_are_separate_permissions() -> None:
    reader = BOOK.permissions_of({"employee"})
    assert {"folder.view", "loan.request"} <= reader
    assert not reader & {"folder.edit", "document.edit", "folder.register", "folder.void", "loan.desk"}


@pytest.mark.requirement("SEC-17")
def test_the_keeper_of_the_archives_never_audits_them() -> None:
    rule = BOOK.conflict({"archivist", "auditor", "employee"})
    assert rule is not None
    assert "审计" in rule.text
    assert BOOK.conflict({"archivist", "employee"}) is None
    assert not BOOK.permissions_of({"archivist"}) & {"audit.view", "audit.verify"}


@pytest.mark.requirement("SEC-16")
def test_the_system_administrator_manages_people_but_reads_nothing_classified() -> None:
    may = BOOK.permissions_of({"system_admin"})
    assert "people.manage" in may
    assert not may & {"folder.edit", "loan.desk", "loan.decide", "policy.adopt", "scan.view"}
    for level in BOOK.levels.values():
        assert not level.classified or "system_admin" not in level.read.roles | level.read.own_department


def test_roles_that_the_book_does_not_know_may_do_nothing() -> None:
    assert BOOK.permissions_of({"emperor"}) == frozenset()
    assert BOOK.role_name("emperor") == "emperor"
    assert BOOK.role_name("archivist") == "档案管理员"


def test_desk_sign_in_and_reading_room_have_their_settings() -> None:
    assert BOOK.desk.undo == timedelta(seconds=10)
    assert (BOOK.sign_in.failures, BOOK.sign_in.lock) == (5, timedelta(minutes=15))
    assert len(BOOK.reading_room.seats) == 4
