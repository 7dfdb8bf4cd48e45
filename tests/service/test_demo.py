"""The demo room: believable whenever it is started, made by the real verbs, and never over existing data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from types import SimpleNamespace

import pytest

from archive_app.core import audit, clock, db, jobs, migrate, storage
from archive_app.core.errors import Refused
from archive_app.demo import holdings, lending, seed
from archive_app.demo.diary import Diary
from archive_app.loans import queries as loans
from archive_app.loans.models import Loan
from archive_app.people import queries as people
from archive_app.people import rulebook, service
from archive_app.policy import load
from archive_app.prints.models import Print
from archive_app.records import queries as records
from archive_app.records.models import Folder
from archive_app.scans import queries as scans
from archive_app.scans.models import ElectronicFile
from archive_app.stacks import queries as stacks
from archive_app.volumes.models import Volume

SUNDAY = datetime(2026, 11, 22, 6, 0, tzinfo=clock.LOCAL)
THURSDAY = datetime(2026, 11, 19, 14, 32, tzinfo=clock.LOCAL)


def seeded(test: Callable) -> Callable:
    """Seeding takes long, so these tests run in one worker and share one room."""
    return pytest.mark.slow(pytest.mark.timeout(600)(pytest.mark.xdist_group("demo")(test)))


def sow(path, at: datetime) -> SimpleNamespace:
    real = db.connect(f"sqlite:///{path / 'archive.db'}")
    migrate.up()
    jobs.open_queue("memory:")
    storage.open_storage(str(path / "store"))
    said: list[str] = []
    room = seed.run(at=at, progress=said.append)
    return SimpleNamespace(db=real, at=at, room=room, said=said)


@pytest.fixture(scope="module")
def sunday_room(tmp_path_factory) -> Iterator[SimpleNamespace]:
    """The demo room as somebody sees it who starts it on a Sunday at six in the morning."""
    made = sow(tmp_path_factory.mktemp("demo"), SUNDAY)
    yield made
    made.db.close()


@pytest.fixture
def sunday(sunday_room) -> SimpleNamespace:
    """The same room for every test; none of them changes it."""
    db.db.initialize(sunday_room.db)
    return sunday_room


@pytest.fixture
def archivist(sunday):
    return service.actor_of(people.user_by_name_or_username("陈静宜"), sunday.at)


@seeded
def test_the_demo_room_has_folders_of_every_category_and_level_over_two_years(sunday):
    folders = list(Folder.select().where(Folder.state == "active"))
    assert 85 <= len(folders) <= 105
    assert {f.category for f in folders} == {"HT", "YW", "KH", "QT"}
    assert {f.secrecy for f in folders} == {"open", "secret", "confidential", "top_secret"}
    assert sum(f.secrecy == "top_secret" for f in folders) <= 2
    assert {f.year for f in folders} == {2025, 2026}
    assert all(f.title and f.place and "{" not in f.title for f in folders)


@seeded
def test_every_number_of_the_demo_room_is_explained(sunday, archivist):
    report = records.gap_report(archivist, sunday.at)
    assert sum(series.unexplained for series in report) == 0
    assert sum(series.count("void") for series in report) == 1
    assert sum(series.count("reserved") for series in report) == 10


@seeded
def test_on_a_sunday_one_loan_is_overdue_and_the_others_have_time(sunday):
    out = loans.out_list(sunday.at)
    assert [loan.shown for loan in out].count("overdue") == 1
    assert [loan.shown for loan in out].count("reading") == 1
    assert [loan.shown for loan in out].count("out") == 4
    assert rulebook.current(sunday.at).book.is_open(sunday.at)
    assert all(loan.handed_at <= sunday.at for loan in out)


@seeded
def test_requests_wait_for_the_people_the_rules_name(sunday):
    counts = loans.counts(sunday.at)
    assert (counts.requested, counts.approved) == (8, 3)
    from archive_app.approvals.queries import waiting_for

    deputy = service.actor_of(people.user_by_name_or_username("吴文清"), sunday.at)
    assert any(approval.subject.startswith("王静娟") for approval in waiting_for(deputy, sunday.at))
    papers = people.deputations_at(deputy.user_id, sunday.at)
    assert [paper.paper_reference for paper in papers] == ["WT-2026-07"]


@seeded
def test_twelve_weeks_of_returned_loans_stand_behind_the_charts(sunday):
    returned = list(Loan.select().where(Loan.state == "returned"))
    assert len(returned) >= 40
    assert any(loan.overdue_at for loan in returned)
    assert {loan.kind for loan in returned} == {"loan", "consult", "photocopy", "excerpt"}
    weeks = {clock.local_date(loan.handed_at).isocalendar().week for loan in returned}
    assert len(weeks) >= 9


@seeded
def test_ten_folders_have_scans_and_one_lacks_a_page(sunday):
    files = list(ElectronicFile.select())
    folders = {file.folder_id for file in files}
    assert len(folders) >= 10
    missing = {}
    for folder in folders:
        documents = {d.id: d.pages for d in records.documents_of(folder)}
        scanned = sum(file.page_count for file in files if file.folder_id == folder)
        missing[folder] = sum(documents.values()) - scanned
    assert sorted(missing.values())[-1] == 1
    assert sum(missing.values()) == 1
    assert scans.waiting_total() == len(files)  # the worker reads them after the start


@seeded
def test_the_demo_room_was_made_by_real_verbs_in_the_order_of_time(sunday):
    assert audit.verify() == []
    moments = [event.at for event in audit.AuditEvent.select().order_by(audit.AuditEvent.seq)]
    assert moments[-1] <= sunday.at
    backwards = [b for a, b in pairwise(moments) if b < a - timedelta(hours=2)]
    assert backwards == []
    assert sunday.said == ["上海恒远机械设备有限公司：18 人", "档案 95 份，扫描件 25 页"]


@seeded
def test_last_year_is_bound_in_one_category_and_under_way_in_another(sunday, archivist):
    volumes = {
        code: list(Volume.select().where(Volume.category == code).order_by(Volume.place_in_year))
        for code in ("YW", "HT")
    }
    assert {v.state for v in volumes["YW"]} == {"boxed"}
    assert all(v.number and v.digest and v.checked_by != v.arranged_by for v in volumes["YW"])
    assert {v.state for v in volumes["HT"]} >= {"checked", "open"}
    assert [v.apart for v in volumes["HT"]] == [False] * (len(volumes["HT"]) - 1) + [True]
    packs = [Print.get_by_id(v.pack) for v in volumes["YW"]]
    assert all(storage.storage().read(pack.file).startswith(b"%PDF") for pack in packs)


@seeded
def test_every_folder_of_the_room_stands_where_its_label_says(sunday, archivist):
    for folder in Folder.select().where(Folder.state == "active"):
        standing = stacks.standing_of("folder", folder.id)
        assert standing is not None
        assert standing.home.path == folder.place


@seeded
def test_an_archive_with_data_is_never_seeded_again(sunday):
    before = audit.head()
    with pytest.raises(Refused) as refused:
        seed.run(at=sunday.at, progress=lambda text: None)
    assert refused.value.code == "demo.not_empty"
    assert audit.head() == before


def test_a_seed_that_breaks_off_leaves_the_archive_empty(tmp_path, monkeypatch):
    def broken(here) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(lending, "plan", broken)
    with pytest.raises(KeyboardInterrupt):
        sow(tmp_path, THURSDAY)
    assert people.company() is None
    assert audit.head()[0] == 0
    db.db.close()


def test_the_open_all_day_rule_book_is_open_at_any_hour_of_any_day():
    book = load(seed.open_all_day(rulebook.profile_text("default")), "default")
    moments = (SUNDAY + timedelta(hours=7 * n) for n in range(1500))
    assert all(book.is_open(moment) for moment in moments)


def test_a_diary_is_lived_in_the_order_of_time_and_never_past_now():
    diary = Diary(load(rulebook.profile_text("default"), "default"), THURSDAY)
    lived: list[tuple[str, datetime]] = []
    diary.note(THURSDAY + timedelta(days=1), lambda at: lived.append(("tomorrow", at)))
    diary.note(THURSDAY - timedelta(hours=2), lambda at: lived.append(("second", at)))
    diary.note(THURSDAY - timedelta(hours=3), lambda at: lived.append(("first", at)))
    diary.live()
    assert [name for name, _at in lived] == ["first", "second", "tomorrow"]
    assert lived[-1][1] == THURSDAY


def test_the_diary_counts_opening_days_back_over_a_weekend():
    monday = datetime(2026, 11, 23, 9, 0, tzinfo=clock.LOCAL)
    diary = Diary(load(rulebook.profile_text("default"), "default"), monday)
    assert diary.day(1, 10).date().isoformat() == "2026-11-20"
    assert diary.in_hours(SUNDAY) == datetime(2026, 11, 23, 8, 55, tzinfo=clock.LOCAL)


def test_the_texts_of_the_room_name_only_people_and_folders_that_exist():
    from archive_app.demo.room import words

    texts = words()
    names = {person["name"] for person in texts["people"].values()}
    keys = {row["key"] for row in texts["folders"]["rows"] if "key" in row}
    assert {row["folder"] for row in texts["today"]["rows"]} <= keys
    assert {row["borrower"] for row in texts["today"]["rows"]} <= names
    assert {row.get("by", "王静娟") for row in texts["folders"]["rows"]} <= names
    assert {row["kind"] for row in texts["folders"]["rows"]} <= set(texts["kinds"])
    assert set(holdings.CABINETS) == {kind["category"] for kind in texts["kinds"].values()}


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_one_folder_lives_its_whole_life_without_a_browser(tmp_path, monkeypatch, capsys):
    from archive_app.demo import life

    monkeypatch.setattr(life, "OUT", tmp_path / "out")
    monkeypatch.setattr(life, "SHARED", tmp_path / "absent")  # as on a machine without the test pages
    life.main()
    made = {path.name for path in (tmp_path / "out").iterdir()}
    assert made == {
        "label-sheet.pdf", "label.png", "label.zpl", "loan-slip.pdf", "out-card.pdf", "summary.md",
    }  # fmt: skip
    told = (tmp_path / "out" / "summary.md").read_text("utf-8")
    assert "是绝密级档案。「绝密级档案禁止调阅。」（销售客户档案管理制度 七.3）" in told
    assert "可以改为：预约阅览室。" in told
    assert "【已借出】" in told
    assert "【已归还】" in told
    assert "逐条相符" in told
    assert told.strip() in capsys.readouterr().out
