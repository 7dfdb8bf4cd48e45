"""Nonsense in the parts about lending: clock, queue, losses, penalties, alarms, places, sights, tiers."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from archive_app.policy import RuleBookError, load
from archive_app.policy import words as say
from archive_app.policy.lending_parts import ALARMS, OFFENCES
from tests.unit.policy.cases import BOOK

LOSS = 'steps = [{ any = ["office_director", "general_manager"], verb = "审批" }]'
ADOPTION = 'steps = [{ any = ["general_manager"], verb = "批准" }]\nrule = "adoption"'
DIRECT = 'steps = [{ any = ["office_director", "general_manager"], verb = "同意" }]\nrule = "extension_open"'
TIERED = '[tiers]\n"部门级" = "部门级"\n\n[secrecy.open]'

# (what stands in the default book, what is written instead, key of the fault, part of what is allowed,
#  the header under which the fault stands)
FAULTS = [
    ('effects = ["解决问题"', 'effects = ["", "解决问题"', "uses.effects", "1 到 40", "[uses]"),
    ('effects = ["解决问题"', 'effects = ["解决", "解决"', "uses.effects", "列表", "[uses]"),
    ('effects = ["解决问题"', f'effects = ["{"长" * 41}"', "uses.effects", "1 到 40", "[uses]"),
    ('purposes = ["工作查考"', 'purposes = [3, "工作查考"', "uses.purposes", "列表", "[uses]"),
    ("before_minutes = [30]", "before_minutes = [-30]", "reminders.before_minutes", "0 到", "[reminders]"),
    ("before_minutes = [30]", "before_minutes = [30, 30]", "reminders.before_minutes", "不重复",
     "[reminders]"),
    ("before_minutes = [30]", "before_minutes = [true]", "reminders.before_minutes", "整数", "[reminders]"),
    ("before_minutes = [30]", "before_minutes = 30", "reminders.before_minutes", "列表", "[reminders]"),
    ("cap = 5", "cap = 0", "reminders.cap", "1 到 100", "[reminders]"),
    ('digest = "09:00"', 'digest = "25:00"', "reminders.digest", "09:00", "[reminders]"),
    ('digest = "09:00"', "", "reminders.digest", "文字", "[reminders]"),
    ('after_hours = 2, to = ["archivist"]', 'after_hours = 24, to = ["archivist"]',
     "reminders.escalate[2].after_hours", "每行不同", "[reminders]"),
    ('after_hours = 2, to = ["archivist"]', "after_hours = 2, to = []",
     "reminders.escalate[1].to", "archivist", "[reminders]"),
    ('after_hours = 2, to = ["archivist"]', 'after_hours = 2, by = "mail", to = ["archivist"]',
     "reminders.escalate[1].by", "after_hours", "[reminders]"),
    ("escalate_hours = 8", "escalate_hours = 3", "waiting.escalate_hours", "4 到", "[waiting]"),
    ("escalate_hours = 8", "escalate_hours = 8\nexpire_hours = 7", "waiting.expire_hours", "8 到",
     "[waiting]"),
    ('escalate_to = ["office_director", "general_manager"]', "escalate_to = []",
     "waiting.escalate_to", "archivist", "[waiting]"),
    ('escalate_to = ["office', 'escalate_to = ["boss", "office', "waiting.escalate_to", "general",
     "[waiting]"),
    ("hold_hours = 4", "hold_hours = 0", "queue.hold_hours", "1 到", "[queue]"),
    ("hold_hours = 4", "hold_hours = 4\nfair = true", "queue.fair", "hold_hours", "[queue]"),
    (LOSS, "steps = []", "loss.steps", "一步", "[loss]"),
    (LOSS, "", "loss.steps", "列表", "[loss]"),
    (LOSS, LOSS.replace("office_director", "archivist"), "loss.steps", "", "[loss]"),
    (ADOPTION, 'steps = []\nrule = "adoption"', "adoption.steps", "一步", "[adoption]"),
    (ADOPTION, ADOPTION.replace("general_manager", "auditor"), "adoption.steps", "", "[adoption]"),
    ('offence = "loss"', 'offence = "theft"', "penalties[5].offence", "unapproved_copy", "[[penalties]]"),
    ('offence = "damage"', 'offence = "loss"', "penalties[6].offence", "一行", "[[penalties]]"),
    ('offence = "damage"\nleast = 5000', 'offence = "damage"\nleast = 60000',
     "penalties[6].most", "60000 到", "[[penalties]]"),
    ('offence = "loss"\nleast = 50000', 'offence = "loss"\nleast = -1', "penalties[5].least", "0 到",
     "[[penalties]]"),
    ('offence = "loss"\nleast = 50000', 'offence = "loss"\nleast = 0',
     "penalties[5].least", "dismissal", "[[penalties]]"),
    ("propose_after = 5", "propose_after = 0", "copies.propose_after", "1 到", "[copies]"),
    ('kept_rule = "kept_copies"', 'kept_rule = "copies_kept"', "copies.kept_rule", "kept_copies", "[copies]"),
    ('tell = ["security", "office_director"]', "tell = []", "alarms.tell", "security", "[alarms]"),
    ('tell = ["security", "office_director"]', 'tell = ["archivist"]', "alarms.tell", "auditor", "[alarms]"),
    ('kind = "refusals"', 'kind = "boredom"', "alarms.rows[1].kind", "mass_views", "[[alarms.rows]]"),
    ('kind = "sign_in_failures"', 'kind = "refusals"', "alarms.rows[2].kind", "一行", "[[alarms.rows]]"),
    ('kind = "two_places"\ncount = 2', 'kind = "two_places"\ncount = 1',
     "alarms.rows[6].count", "2 到", "[[alarms.rows]]"),
    ('kind = "two_places"\n', 'kind = "two_places"\nlevels = ["secret"]\n',
     "alarms.rows[6].levels", "不写", "[[alarms.rows]]"),
    ("outstanding_day = 5", "outstanding_day = 31", "reports.outstanding_day", "1 到 28", "[reports]"),
    ('outstanding_to = ["general_manager"]', 'outstanding_to = ["employee"]',
     "reports.outstanding_to", "general_manager", "[reports]"),
    ("times = 1\ndays = 1\n", "times = 0\ndays = 1\n", "secrecy.open.use.loan.extension.times", "1 到 12",
     "[secrecy.open.use.loan.extension]"),
    ("times = 1\ndays = 1\n", "times = 1\n", "secrecy.open.use.loan.extension", "days",
     "[secrecy.open.use.loan.extension]"),
    (DIRECT, DIRECT.replace("office_director", "archivist"), "secrecy.open.use.loan.extension.steps", "",
     "[secrecy.open.use.loan.extension]"),
    ('where = "company"\nrule = "same_day"\n', 'rule = "same_day"\n', "secrecy.open.use.loan.where",
     "company",
     "[secrecy.open.use.loan]"),
    ('where = "reading_room"\nrule = "same_day"', 'where = "reading_room"\ndays = 2\nrule = "same_day"',
     "secrecy.open.use.consult.days", "不写", "[secrecy.open.use.consult]"),
    ('on_screen = false', "on_screen = false\ndownload = true", "secrecy.top_secret.download", "不写",
     "[secrecy.top_secret]"),
    ('[secrecy.confidential.read]\nroles = ["archivist"]',
     '[secrecy.confidential.read]\nroles = ["supervisor"]',
     "secrecy.confidential.read", "known", "[secrecy.confidential.read]"),
    ("[secrecy.open.known]", '[secrecy.open.known.tier."部门级"]\nroles = []\n\n[secrecy.open.known]',
     "secrecy.open.known.tier.部门级", "[tiers]", '[secrecy.open.known.tier."部门级"]'),
    ("[secrecy.open]", f'[tiers]\n"{"级" * 17}" = "长"\n\n[secrecy.open]', f"tiers.{'级' * 17}", "16",
     "[tiers]"),
    ('seats = ["1 号", "2 号", "3 号", "4 号"]', "seats = []", "reading_room.seats", "一个座位",
     "[reading_room]"),
    ('seats = ["1 号"', 'session_hours = 25\nseats = ["1 号"', "reading_room.session_hours", "1 到 24",
     "[reading_room]"),
    ('[[chains]]\nname = "影印"', '[[chains]]\nname = "影印，总监"\nactions = ["photocopy"]\n'
     'levels = ["open"]\nborrowers = ["back_office_manager"]\nsteps = []\nrule = "photocopy"\n\n'
     '[[chains]]\nname = "影印"',
     "chains[7]", "移到前面", "[[chains]]"),
    ("own_department = true, verb", "own_department = true, in_charge = true, verb", "chains[2].steps[1]",
     "folder_department", "[[chains]]"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "key", "allowed", "header"), FAULTS, ids=[f"{row[2]} {row[1]}"[:60] for row in FAULTS]
)
def test_nonsense_is_named_with_its_key_its_line_and_what_is_allowed(old, new, key, allowed, header) -> None:
    assert old in BOOK.text
    text = BOOK.text.replace(old, new, 1)
    with pytest.raises(RuleBookError) as caught:
        load(text, "mine.toml")
    found = {problem.key: problem for problem in caught.value.problems}
    assert key in found, caught.value
    assert allowed in found[key].allowed
    above = [line for line in text.splitlines()[: found[key].line] if line.startswith("[")]
    assert above[-1] == header, f"line {found[key].line}"


def test_one_fault_is_told_once() -> None:
    text = BOOK.text.replace('[secrecy.open.known]\nroles = ["employee"]\nrule = "need_to_know"',
                             '[secrecy.open.known]\nroles = ["employee"]\nrule = "need"')  # fmt: skip
    with pytest.raises(RuleBookError) as caught:
        load(text)
    assert [problem.key for problem in caught.value.problems] == ["secrecy.open.known.rule"]


def test_whoever_reads_a_tier_must_know_of_it() -> None:
    narrow = '[secrecy.open.known.tier."部门级"]\nroles = ["director"]\n\n[secrecy.open.read]'
    text = BOOK.text.replace("[secrecy.open]", TIERED).replace("[secrecy.open.read]", narrow)
    with pytest.raises(RuleBookError, match=r"archivist、.*可以看内容，却查不到条目"):
        load(text)


def test_a_tier_without_a_sight_of_its_own_has_that_of_the_level() -> None:
    book = load(BOOK.text.replace("[secrecy.open]", TIERED))
    known = book.level("open").known
    assert known.of("部门级") is known
    assert book.tiers == {"部门级": "部门级"}


def test_the_parts_about_lending_are_read_as_they_are_written() -> None:
    lending = BOOK.lending
    assert lending.reminders is not None
    assert lending.reminders.digest == time(9)
    assert lending.reminders.before == (timedelta(minutes=30),)
    assert [to for _after, to in lending.reminders.escalate] == [("archivist",), ("office_director",)]
    assert lending.waiting is not None
    assert (lending.waiting.remind, lending.waiting.escalate) == (timedelta(hours=4), timedelta(hours=8))
    assert lending.waiting.expire is None
    assert lending.queue is not None
    assert lending.queue.hold == timedelta(hours=4)
    assert lending.reports is not None
    assert (lending.reports.outstanding_day, lending.reports.outstanding_to) == (5, ("general_manager",))
    assert set(lending.penalties) == set(OFFENCES)
    assert lending.alarms is not None
    assert {row.kind for row in lending.alarms.rows} == set(ALARMS)


def test_a_book_from_before_these_parts_still_judges_loans() -> None:
    text = BOOK.text
    start, end = text.index("[uses]"), text.index("[desk]")
    old = load(text[:start] + text[end:])
    assert old.level("secret").lend
    assert old.lending.reminders is None
    assert old.lending.alarms is None
    assert dict(old.lending.penalties) == {}


def test_every_offence_and_alarm_has_a_word_for_people() -> None:
    assert set(say.OFFENCE) == set(OFFENCES)
    assert set(say.ALARM) == set(ALARMS)


def test_what_was_adopted_once_still_judges_though_a_later_release_would_not_take_it() -> None:
    text = BOOK.text.replace('where = "reading_room"\nrule = "same_day"', 'rule = "same_day"', 1)
    with pytest.raises(RuleBookError, match="where"):
        load(text)
    old = load(text, adopted=True)
    assert old.level("open").uses["consult"].where is None
    with pytest.raises(RuleBookError, match="TOML"):
        load("[meta", adopted=True)


BOMBS = {
    "one long line": "a = " + "[" * 100_000,
    "brackets in brackets": "a = " + "[" * 1_900,
    "brackets on many lines": "a = " + "[\n" * 50_000,
    "a file of two million": BOOK.text + "# 附注\n" * 400_000,
    "tables in tables": "\n".join("[" + ".".join([f"a{n}", *["a"] * 900]) + "]" for n in range(100)),
    "a number of many digits": BOOK.text.replace("count = 5", "count = 0x" + "f" * 1_900, 1),
    "faults without end": "\n".join(f"[rules.x{n}]\nfoo = 1" for n in range(5_000)),
    "nothing": "",
    "a byte that is no text": "a\x00b",
}


@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS)
def test_a_file_made_to_do_harm_is_refused_in_few_words(text: str) -> None:
    with pytest.raises(RuleBookError) as wrong:
        load(text, "bad.toml")
    assert len(str(wrong.value)) < 10_000
    assert "第 " in str(wrong.value)


def test_of_many_faults_the_first_fifty_are_named_and_the_rest_counted() -> None:
    with pytest.raises(RuleBookError) as wrong:
        load(BOOK.text + "\n".join(f"[rules.x{n}]" for n in range(100)))
    assert len(wrong.value.problems) == 200
    assert str(wrong.value).endswith("另有 150 处。")


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('clause = "客户档案管理制度 第32条"', f'clause = "{"长" * 201}"', "rules.adoption.clause"),
        ('text = "本制度呈报总经理审批', f'text = "{"长" * 500}', "rules.adoption.text"),
        ('seats = ["1 号"', f'seats = ["{"座" * 17}"', "reading_room.seats"),
    ],
)
def test_what_records_keep_of_a_book_fits_into_their_columns(old: str, new: str, key: str) -> None:
    assert old in BOOK.text
    with pytest.raises(RuleBookError) as wrong:
        load(BOOK.text.replace(old, new, 1))
    assert [problem.key for problem in wrong.value.problems] == [key]


def test_a_deputy_who_may_decide_nothing_himself_is_a_fault() -> None:
    text = BOOK.text.replace('deputies = ["deputy_general_manager",', 'deputies = ["director",', 1)
    with pytest.raises(RuleBookError, match=r"director 可以受托，却没有 loan\.decide 权限"):
        load(text)
