"""The two sets tied: notes both ways, reconciliation that leaks nothing, progress, the electronic catalog."""

from __future__ import annotations

import json
import random

import pytest

from archive_app.core import db as database
from archive_app.core.audit import AuditEvent
from archive_app.core.errors import NotFound, Refused
from archive_app.people import rulebook
from archive_app.prints import queries as printed
from archive_app.prints import service as prints
from archive_app.records.models import Document, Folder
from archive_app.records.service import set_place
from archive_app.scans import cross_reference, pipeline, queries, reconcile, rules, service, sheets
from archive_app.scans.models import ElectronicFile
from archive_app.scans.reconcile import Filters
from tests.conftest import AT
from tests.dual import folder, line, scan


def found(people, at, wrong="", who="archivist", **more):
    page = reconcile.folders(people.by_name[who], at, Filters(wrong=wrong, **more))
    return {row.folder.file_number: row for row in page.rows}


@pytest.fixture
def people_of():
    """The people of whichever archive is open."""
    from types import SimpleNamespace

    from archive_app.people import service as accounts
    from archive_app.people.models import User

    def people():
        actors = {user.username: accounts.actor_of(user, AT) for user in User.select()}
        return SimpleNamespace(by_name=actors, **actors)

    return people


# Notes, both ways


@pytest.mark.requirement("DUAL-03")
def test_the_paper_side_learns_code_address_pages_and_digest_in_bulk(people, at):
    first, second = folder(people, at), folder(people, at)
    own, shared = line(first, people, at), line(first, people, at)
    tied = scan(first, ("read", "blank", "waiting"), own)
    scan(first, ("read",))
    with database.count_queries() as count:
        by_folder = cross_reference.cross_references([first.id, second.id])
    assert count() <= 2
    assert set(by_folder) == {first.id}
    whole = by_folder[first.id]
    assert (whole.code, whole.pages, whole.files) == (f"DZ-{first.file_number}", 3, 2)
    assert whole.digest8 == tied.sha256[:8] and "电子库" in whole.address and "等 2 个文件" in whole.address
    by_document = cross_reference.cross_references(document_ids=[own.id, shared.id])
    assert (by_document[own.id].code, by_document[own.id].pages) == (tied.code, 2)
    # a document without a file of its own is in what was scanned onto the whole folder
    assert by_document[shared.id].code == f"DZ-{first.file_number}"
    assert by_document[shared.id].text.startswith(f"电子 DZ-{first.file_number}，电子库 ")


def test_a_withdrawn_file_is_noted_nowhere(people, at):
    one = folder(people, at)
    file = scan(one)
    service.withdraw_file(file.id, "传错了档案", actor=people.archivist, at=at)
    assert cross_reference.cross_references([one.id]) == {}


@pytest.mark.requirement("DUAL-04")
def test_the_electronic_side_names_number_place_and_the_bound_volume(people, at, monkeypatch):
    one = folder(people, at)
    first, second = line(one, people, at), line(one, people, at)
    tied, loose = scan(one, document=first), scan(one)
    assert cross_reference.remarks([tied]) == {tied.id: f"{one.file_number}，A03 柜 2 格"}
    bound = {first.id: "Z01-HT·2026-0001 第 1–3 页", second.id: "Z01-HT·2026-0001 第 4–6 页"}
    monkeypatch.setattr(cross_reference, "paper_notes", [lambda ids: {key: bound[key] for key in ids}])
    notes = cross_reference.remarks([tied, loose])
    assert notes[tied.id].endswith("A03 柜 2 格，Z01-HT·2026-0001 第 1–3 页")
    assert notes[loose.id].endswith("第 1–3 页，Z01-HT·2026-0001 第 4–6 页")


# Reconciliation


@pytest.mark.requirement("DUAL-01")
@pytest.mark.requirement("DUAL-07")
def test_every_folder_shows_both_sides_in_numbers_and_what_is_wrong(people, at):
    good, short, bare = folder(people, at), folder(people, at), folder(people, at)
    scan(good, ("read", "read", "read", "blank"), line(good, people, at))
    scan(short, ("read", "read"), line(short, people, at), sure=50.0)
    line(bare, people, at)
    rows = found(people, at)
    assert rows[good.file_number].words == ()
    facts = rows[good.file_number].facts
    assert (facts.paper, facts.scanned, facts.counted, facts.written) == (True, True, 3, 3)
    assert (facts.mean, facts.lowest) == (92.0, 92.0)
    assert rows[short.file_number].words == ("pages_differ", "low_confidence")
    assert rows[short.file_number].target.differs == Document.get(Document.folder == short).id
    assert rows[short.file_number].target.page_number == 1
    assert rows[bare.file_number].words == ("missing_scan",)
    assert rows[bare.file_number].facts.mean is None
    assert rows[bare.file_number].seen[0] == at  # registered: the paper was in somebody's hands


@pytest.mark.requirement("DUAL-05")
@pytest.mark.requirement("DUAL-06")
def test_an_important_electronic_document_without_hard_copy_is_listed_until_it_has_one(people, at):
    one = folder(people, at)
    document = line(one, people, at, medium="electronic")
    scan(one, document=document)
    row = found(people, at, "missing_paper")[one.file_number]
    assert row.target.electronic == document.id and not row.facts.paper
    Document.update(medium="both").where(Document.id == document.id).execute()
    assert found(people, at, "missing_paper") == {}
    assert found(people, at)[one.file_number].words == ()


@pytest.mark.requirement("DUAL-08")
def test_what_is_kept_for_a_short_time_may_stand_in_one_set(people, at):
    short, long = folder(people, at, category="YW"), folder(people, at, category="YW", retention="permanent")
    line(short, people, at)
    line(long, people, at)
    assert set(found(people, at, "missing_scan")) == {long.file_number}
    assert queries.electronic_side(short).difference.state == "paper_only"
    assert queries.electronic_side(long).difference.state == "unscanned"


def test_a_scan_that_fails_is_listed_and_tried_again_by_one_button(people, at):
    one = folder(people, at)
    document = line(one, people, at)
    scan(one, (), document, state="failed")
    scan(one, ("read", "failed"))
    assert found(people, at, "scan_failed")[one.file_number].words[0] == "scan_failed"
    assert service.retry_folder(one.id, actor=people.archivist, at=at) == 2
    assert found(people, at, "scan_failed") == {}
    assert "unread" in found(people, at)[one.file_number].words
    assert AuditEvent.select().where(AuditEvent.action == "scan.retry").count() == 1
    with pytest.raises(Refused) as refusal:
        service.retry_folder(one.id, actor=people.archivist, at=at)
    assert refusal.value.code == "scan.nothing_failed"


def test_a_page_that_really_breaks_shows_as_failed(people, at, tmp_path):
    from PIL import Image

    one = folder(people, at)
    path = tmp_path / "page.png"
    Image.new("L", (620, 877), 255).save(path, dpi=(75, 75))
    file = service.add_scan(one.id, None, path, "第1页.png", actor=people.archivist, at=at)
    (kept,) = [p for p in (tmp_path / "store").rglob("*") if p.is_file()]
    kept.chmod(0o644)
    kept.write_bytes(b"not a picture any more")
    pipeline.work_queue(5, at)
    assert ElectronicFile.get_by_id(file.id).state == "failed"
    assert set(found(people, at, "scan_failed")) == {one.file_number}


@pytest.mark.requirement("SEC-16")
def test_folders_that_may_not_be_known_are_neither_listed_nor_counted(people, at):
    open_one = folder(people, at)
    hidden = folder(people, at, "绝密合同", secrecy="top_secret")
    for one in (open_one, hidden):
        line(one, people, at)
    assert set(found(people, at, "missing_scan", who="borrower")) == {open_one.file_number}
    assert [t.words["missing_scan"] for t in reconcile.progress(people.borrower, at)] == [1]
    assert [t.words["missing_scan"] for t in reconcile.progress(people.archivist, at)] == [2]


def holdings(people, at, count=40):
    """Folders of all kinds, by dice that always fall the same."""
    dice = random.Random(7)
    good = folder(people, at)
    scan(good, document=line(good, people, at))
    media = ("paper", "both", "electronic")
    states = ("read", "read", "read", "blank", "waiting", "failed")
    for _number in range(count):
        one = folder(people, at, category=dice.choice(("HT", "YW", "KH")), year=dice.choice((2025, 2026)),
                     retention=dice.choice(("short", "permanent")))  # fmt: skip
        documents = [
            line(one, people, at, pages=dice.randrange(4), medium=dice.choice(media))
            for _n in range(dice.randrange(3))
        ]
        for _n in range(dice.randrange(3)):
            pages = [dice.choice(states) for _p in range(dice.randrange(1, 4))]
            state = dice.choice(("ready", "ready", "ready", "failed"))
            drawn = pages if state == "ready" else ()
            scan(one, drawn, dice.choice([None, *documents]), state, dice.uniform(50, 99))


def test_the_database_and_the_rules_judge_alike_and_the_progress_adds_up(both, people_of, at):
    people = people_of()
    holdings(people, at)
    rows = found(people, at)
    assert len(rows) == 41
    for word in (*rules.WORDS, "any", "ok"):
        listed = found(people, at, word)
        by_rules = {
            number
            for number, row in rows.items()
            if word in row.words
            or (word == "any" and set(row.words) & set(rules.MENDING))
            or (word == "ok" and rules.due(row.facts) and not set(row.words) & set(rules.MENDING))
        }
        assert set(listed) == by_rules, word
        assert by_rules, f"{word}: nothing to see"
    tallies = reconcile.progress(people.archivist, at)
    assert sum(t.folders for t in tallies) == 41
    assert sum(t.whole for t in tallies) == len(found(people, at, "ok"))
    assert sum(t.due for t in tallies) == sum(bool(rules.due(row.facts)) for row in rows.values())
    for word in rules.WORDS:
        assert sum(t.words[word] for t in tallies) == len(found(people, at, word))


def test_the_folder_page_and_the_reconciliation_compare_pages_alike(people, at):
    holdings(people, at)
    for row in found(people, at).values():
        side = queries.electronic_side(row.folder)
        assert side.progress.written == row.facts.written
        if not row.facts.files_failed:
            assert (side.difference.state == "differ") == ("pages_differ" in row.words), row


def test_the_list_pages_by_key_without_a_query_a_row(people, at, monkeypatch):
    monkeypatch.setattr(reconcile, "PAGE", 4)
    monkeypatch.setattr(reconcile, "WINDOWS", (3, 6))
    for _n in range(11):
        line(folder(people, at), people, at)
    for word in ("", "missing_scan"):
        seen, older = [], None
        while True:
            with database.count_queries() as count:
                page = reconcile.folders(people.archivist, at, Filters("HT", 2026, word), older)
            assert count() <= 14
            seen += [row.folder.id for row in page.rows]
            older = page.older
            if older is None:
                break
        assert seen == [row.id for row in Folder.select().order_by(Folder.id.desc())], word


def test_the_progress_is_computed_once_while_nothing_happens_and_anew_when_something_does(people, at):
    one = folder(people, at)
    line(one, people, at)
    assert [t.percent for t in reconcile.progress(people.archivist, at)] == [0]
    with database.count_queries() as count:
        reconcile.progress(people.archivist, at)
    assert count() == 1
    scan(one)
    line(folder(people, at, category="YW"), people, at)
    assert [(t.category, t.percent, t.due) for t in reconcile.progress(people.archivist, at)] == [
        ("HT", 100, 1), ("YW", 100, 0),
    ]  # fmt: skip


def test_the_work_list_is_narrowed_like_the_reconciliation(people, at):
    old, new = folder(people, at, year=2025), folder(people, at)
    for one in (old, new):
        scan(one, ("failed",))
    work = queries.work_list(people.archivist, at, failed=True, category="HT", year=2025)
    assert {page.folder_id for page in work.pages} == {old.id}
    assert len(queries.work_list(people.archivist, at, failed=True).pages) == 2


# The electronic catalog


@pytest.mark.requirement("DUAL-02")
@pytest.mark.requirement("DUAL-04")
def test_the_catalog_of_a_folder_says_where_the_paper_is_now(people, at):
    one = folder(people, at)
    file = scan(one, document=line(one, people, at))
    values = sheets.content(str(one.id), {}, at)
    (entry,) = values["lines"]
    assert entry["code"] == file.code and entry["digest16"] == file.sha256[:16]
    assert (entry["format"], entry["size"]) == ("PDF", "3 页 3.4MB")
    assert entry["remark"] == f"{one.file_number}，A03 柜 2 格"
    assert values["head"]["total"] == "共 1 件 3 页" and "compiled_at" not in values["head"]
    assert sheets.content(str(one.id), {}, at) == values


@pytest.mark.requirement("DUAL-04")
def test_a_printed_catalog_is_no_longer_true_once_the_paper_has_moved(people, at):
    one = folder(people, at)
    scan(one, document=line(one, people, at))
    row = prints.issue(sheets.FORM, "folder", str(one.id), title="目录", actor=people.archivist, at=at)
    assert printed.check(row.id, row.digest[:12], people.archivist, at).state in ("current", "void")
    set_place(one.id, "B01 柜 1 格", actor=people.archivist, at=at)
    changed = printed._compared(row, sheets.register.sheet_of(sheets.FORM), at)
    assert changed[0] == "changed"
    (difference,) = changed[1]
    assert "备注" in difference.where
    assert ("A03 柜 2 格" in difference.old, "B01 柜 1 格" in difference.new) == (True, True)


@pytest.mark.requirement("SEC-16")
def test_a_yearly_catalog_holds_no_more_than_its_readers_may_know(people, at):
    for level in ("open", "top_secret"):
        scan(folder(people, at, secrecy=level))
    full, narrow = (sheets.year_key(who, "HT", 2026, at) for who in (people.archivist, people.borrower))
    assert len(sheets.content(full, {}, at)["lines"]) == 2
    assert len(sheets.content(narrow, {}, at)["lines"]) == 1
    sheet = sheets.register.sheet_of(sheets.FORM)
    assert sheet.visible(full, people.archivist, at) and sheet.visible(narrow, people.archivist, at)
    assert sheet.visible(narrow, people.borrower, at) and not sheet.visible(full, people.borrower, at)
    assert sheet.classified(sheets.content(full, {}, at)) == ["HT-2026-0002"]


def test_a_long_catalog_is_drawn_in_parts_in_the_background(people, at, monkeypatch):
    monkeypatch.setattr(sheets, "CHUNK", 1)
    monkeypatch.setattr(sheets, "AT_ONCE", 3)
    for _n in range(11):
        scan(folder(people, at))
    row = sheets.print_year("HT", 2026, actor=people.archivist, at=at)
    assert row.state == "queued"
    values = json.loads(json.dumps(sheets.content(row.key, {}, at)))
    stamp = sheets.Stamp(1, 1, "7", "DA1;0;7", "0", "2026-11-19 10:00", "陈静宜", "1", "0")
    parts = list(sheets.register.sheet_of(sheets.FORM).draw(values, stamp))
    assert [len(part.values["data"]["lines"]) for part in parts] == [9, 2]
    assert [(part.values["data"]["before"], part.values["data"]["of"]) for part in parts] == [(0, 2), (1, 2)]
    assert parts[0].values["data"]["head"]["compiled_at"] == "2026-11-19"


def test_there_is_no_catalog_of_nothing_and_none_without_permission(people, at):
    one = folder(people, at)
    with pytest.raises(NotFound):
        sheets.print_folder(one.id, actor=people.archivist, at=at)
    with pytest.raises(NotFound):
        sheets.content("HT/2026/x", {}, at)
    scan(one)
    with pytest.raises(Refused):
        sheets.print_folder(one.id, actor=people.borrower, at=at)


@pytest.mark.requirement("DUAL-03")
def test_the_rules_of_both_notes_stand_in_the_rule_book_with_their_clause(people, at):
    rule = rulebook.current(at).book.arrangement.rules
    assert "备考表或卷内目录" in rule["dual_paper"].text and rule["dual_paper"].clause
    assert "电子文件归档目录" in rule["dual_electronic"].text and rule["dual_electronic"].clause
