"""Electronic volume: every scanned page in binding order, numbered in its corner, sealed; masters stay."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image, ImageDraw

from archive_app.core import db
from archive_app.core.errors import NotFound
from archive_app.core.storage import storage
from archive_app.prints import service as prints
from archive_app.scans import service as scans
from archive_app.scans.models import ElectronicFile
from archive_app.scans.pipeline import work_queue
from archive_app.volumes import service
from tests.conftest import AT, opened_copy, people_there
from tests.volumes import documents, folder, propose

pytestmark = pytest.mark.xdist_group("press")


def paper(path, words: str, size=(827, 1169)):
    """A page of A4 at 100 dpi with a line of writing in the middle."""
    page = Image.new("RGB", size, "white")
    ImageDraw.Draw(page).text((200, 600), words, fill="black", font_size=40)
    page.save(path, dpi=(100, 100))
    return path


@pytest.fixture(scope="module")
def scanned(template_db, tmp_path_factory) -> Path:
    """The folder of an archive with a contract (two sides) and its attachment, really scanned and read."""
    here = tmp_path_factory.mktemp("scanned")
    with opened_copy(template_db, here):
        keeper = people_there().archivist
        home = folder(
            {"title": "购销合同", "pages": 2, "sheets": 1},
            {"title": "附件 供货清单", "pages": 1, "part": "attachment"},
            actor=keeper, scanned=False,
        )  # fmt: skip
        contract, attachment = documents(home)
        for name, document in (("front", contract), ("back", contract), ("list", attachment)):
            path = paper(here / f"{name}.png", name)
            scans.add_scan(home.id, document.id, path, path.name, actor=keeper, at=AT)
        work_queue(50, AT)
        db.db.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return here


@pytest.fixture
def volume(scanned, tmp_path):
    """A volume of the two documents, arranged, in a copy of the scanned archive."""
    shutil.copytree(scanned / "store", tmp_path / "store")
    with opened_copy(scanned / "archive.db", tmp_path):
        people = people_there()
        (made,) = propose(people)
        yield service.arrange(made.id, actor=people.archivist, at=AT)


def printed(volume):
    keeper = people_there().archivist
    row, data = prints.print_now("rendition", "volume", str(volume.id), title="电子卷", actor=keeper, at=AT)
    return row, pypdfium2.PdfDocument(data)


def words(page, left, bottom, right, top) -> str:
    text = page.get_textpage()
    return text.get_text_bounded(left=left, bottom=bottom, right=right, top=top).split()


@pytest.mark.slow
@pytest.mark.requirement("DUAL-01")
def test_every_scanned_page_stands_in_binding_order_with_its_number_in_the_corner(volume):
    _row, pdf = printed(volume)
    assert len(pdf) == 3
    width, height = pdf[0].get_size()
    # fronts upper right, backs upper left; the attachment begins a new leaf
    assert "1" in words(pdf[0], width * 0.8, height * 0.9, width, height)
    assert "2" in words(pdf[1], 0, height * 0.9, width * 0.2, height)
    assert "3" in words(pdf[2], width * 0.8, height * 0.9, width, height)


@pytest.mark.slow
def test_the_first_page_of_each_document_carries_the_filing_stamp_and_the_master_stays(volume):
    masters = {file.sha256: storage().read(file.sha256) for file in ElectronicFile.select()}
    _row, pdf = printed(volume)
    texts = [page.get_textpage().get_text_range() for page in pdf]
    assert all(word in texts[0] for word in ("Z01", "2025", "0001"))
    assert "Z01" not in texts[1]
    assert "0002" in texts[2]
    assert all(storage().read(digest) == data for digest, data in masters.items())
    assert all(Image.open(io.BytesIO(data)).size == (827, 1169) for data in masters.values())


def test_what_was_not_scanned_has_no_electronic_volume(people):
    folder("购销合同", actor=people.archivist, scanned=False)
    (made,) = propose(people)
    with pytest.raises(NotFound, match="还没有扫描件"):
        prints.print_now("rendition", "volume", str(made.id), title="电子卷", actor=people.archivist, at=AT)


def test_who_may_not_take_a_copy_of_a_folder_in_it_gets_no_rendition(people):
    folder("底价表", actor=people.archivist, secrecy="confidential")
    (made,) = propose(people)
    with pytest.raises(NotFound):
        prints.print_now("rendition", "volume", str(made.id), title="电子卷", actor=people.director, at=AT)
