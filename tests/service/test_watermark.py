"""The reader's mark on a page, and what may be taken as a file: by level, for everybody (SEC-01, ELE-12)."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from PIL import Image

from archive_app.core.errors import Refused
from archive_app.loans import marks  # noqa: F401 - puts the numbers of loans on the pages
from archive_app.loans.sheets import number_of
from archive_app.people import rulebook
from archive_app.prints import queries as prints
from archive_app.prints import service as printing
from archive_app.records.models import Folder
from archive_app.records.service import add_document
from archive_app.scans import page_copies, reading
from archive_app.volumes import renditions  # noqa: F401 - puts its sheet into the register
from archive_app.volumes.models import Volume, VolumeItem
from tests.conftest import AT
from tests.reading import scanned

pytest_plugins = ["tests.lending"]
MARK = "王静娟 2026-11-19 10:00 JY-2026-0007"
BY_LEVEL = {"open": True, "secret": False, "confidential": False, "top_secret": False}


def levels(level: str, at):
    return rulebook.current(at).book.levels[level]


# What the mark says


@pytest.mark.requirement("ELE-12")
def test_the_mark_names_the_reader_the_office_time_and_the_loan_by_which_he_reads(people, at, approved, desk):
    loan = desk.hand(approved(), at)
    later = at + timedelta(minutes=65)
    said = reading.mark_for(people.borrower, loan.folder, later)
    assert said == f"王静娟 2026-11-19 11:05 {number_of(loan)}"


def test_a_keeper_without_a_loan_is_marked_with_name_and_time_alone(people, at, approved, desk):
    loan = desk.hand(approved(), at)
    assert reading.mark_for(people.archivist, loan.folder, at) == "陈静宜 2026-11-19 10:00"


def test_a_loan_that_is_over_or_late_stands_on_no_page(people, at, approved, desk):
    loan = desk.hand(approved(), at)
    assert "JY" not in reading.mark_for(people.borrower, loan.folder, loan.due_at + timedelta(seconds=1))
    desk.back(loan, at + timedelta(hours=1))
    assert "JY" not in reading.mark_for(people.borrower, loan.folder, at + timedelta(hours=1))


def test_the_number_of_another_folders_loan_stands_on_no_page_of_this_one(people, at, folder, approved, desk):
    desk.hand(approved(), at)
    assert "JY" not in reading.mark_for(people.borrower, folder("secret", title="另一份"), at)


@pytest.mark.parametrize("level", BY_LEVEL)
def test_the_rule_book_says_which_levels_are_marked_and_which_may_be_taken(people, at, folder, level):
    kept, rule = folder(level), levels(level, at)
    assert bool(reading.mark_for(people.archivist, kept, at)) == rule.watermark
    assert reading.may_download(kept, at) == rule.download == BY_LEVEL[level]


def test_a_level_that_todays_rule_book_does_not_know_is_marked_and_stays(people, at, folder):
    kept = folder("secret")
    kept.secrecy = "level of an older book"
    assert "陈静宜" in reading.mark_for(people.archivist, kept, at)
    with pytest.raises(Refused, match="不能下载") as refused:
        reading.require_download(kept, at)
    assert refused.value.next_step


# What the picture looks like


def ink(picture: bytes) -> Image.Image:
    return Image.open(io.BytesIO(picture)).convert("L")


def webp(colour: int, size=(600, 800)) -> bytes:
    out = io.BytesIO()
    Image.new("L", size, colour).save(out, "WEBP", quality=95)
    return out.getvalue()


@pytest.mark.parametrize(("paper", "least"), [(255, 20), (0, 10), (200, 12)])
def test_the_mark_is_seen_on_white_grey_and_black_and_hides_nothing(paper, least):
    found = ink(page_copies.watermark(webp(paper), MARK))
    assert found.size == (600, 800)
    low, high = found.getextrema()
    assert least <= max(abs(low - paper), abs(high - paper)) <= 60


def test_the_mark_covers_the_whole_page_so_that_no_cut_out_is_free_of_it():
    found = ink(page_copies.watermark(webp(255, (1000, 1414)), MARK))
    for top in range(0, 1414 - 300, 300):
        for left in (0, 500):
            assert found.crop((left, top, left + 500, top + 300)).getextrema()[0] < 240, (left, top)


def test_two_readers_and_two_minutes_make_four_pictures():
    all_of_them = [f"{who} 2026-11-19 10:0{n}" for who in ("王静娟", "许明") for n in (1, 2)]
    assert len({page_copies.watermark(webp(255), mark) for mark in all_of_them}) == 4


def test_a_small_picture_carries_the_whole_mark_line_by_line():
    found = [page_copies.watermark(webp(255, (141, 200)), mark) for mark in (MARK, MARK[:-1] + "8")]
    assert found[0] != found[1]  # the last digit of the number is on it


# What may be taken


@pytest.mark.requirement("SEC-01")
@pytest.mark.parametrize("level", [level for level, lets in BY_LEVEL.items() if not lets])
def test_what_is_read_on_the_screen_only_is_refused_as_a_file_with_the_rule_and_a_next_step(
    at, folder, level
):
    rule = levels(level, at)
    with pytest.raises(Refused, match=f"{rule.name}档案，扫描件不能下载") as refused:
        reading.require_download(folder(level), at)
    told = refused.value
    assert (told.rule, told.clause) == (rule.screen_rule.text, rule.screen_rule.clause)
    assert ("影印" in told.next_step) == ("photocopy" in rule.uses)


@pytest.fixture
def volume(people, at, folder):
    """A volume of one scanned folder, filled by hand: nothing is drawn here."""

    def make(level):
        kept = folder(level)
        page = scanned(kept, at)
        document = add_document(kept.id, title="合同", pages=1, actor=people.archivist, at=at)
        made = Volume.create(
            unit=kept.unit_id, category="HT", year=2026, place_in_year=1, title="案卷", secrecy=level,
            retention="long", state="arranged", items=1, rule_book=1, created_by="archivist", created_at=at,
        )  # fmt: skip
        VolumeItem.create(volume=made, document=document, folder=kept, position=1, pages=1)
        return made, kept, page

    return make


def issue(volume, people):
    return printing.issue(
        "rendition", "volume", str(volume.id), title="电子卷", actor=people.archivist, at=AT
    )


def test_an_electronic_volume_with_a_folder_for_the_screen_only_is_refused_with_the_clause(people, volume):
    made, _kept, _page = volume("secret")
    with pytest.raises(Refused) as refused:
        issue(made, people)
    assert (refused.value.code, refused.value.clause) == ("scan.no_download", "本室设定")
    assert not prints.may_take(people.archivist, "rendition", str(made.id), AT)


def test_an_electronic_volume_drawn_before_its_folder_became_secret_is_handed_out_no_more(people, at, volume):
    made, kept, _page = volume("open")
    row = issue(made, people)
    type(row).update(state="done", file="0" * 64).where(type(row).id == row.id).execute()
    assert printing.hand_out(row.id, actor=people.archivist, at=at).id == row.id
    Folder.update(secrecy="secret").where(Folder.id == kept.id).execute()
    with pytest.raises(Refused) as refused:
        printing.hand_out(row.id, actor=people.archivist, at=at)
    assert refused.value.code == "scan.no_download"
