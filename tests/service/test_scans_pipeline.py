"""From an original to findable text: in the background, fairly, and safe against killed workers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from PIL import Image, ImageDraw

from archive_app import search
from archive_app.core import audit, jobs, storage
from archive_app.core.audit import AuditEvent
from archive_app.core.errors import Invalid, Refused
from archive_app.demo import pages as demo
from archive_app.records.models import Folder
from archive_app.records.service import register_folder
from archive_app.scans import pipeline, queries, rules, service, tasks
from archive_app.scans.models import ElectronicFile, ScanPage
from archive_app.search.models import SearchEntry
from tests.conftest import ROOT

SAYS = "CONTRACT 2026"


@pytest.fixture
def by(people, at):
    return {"actor": people.archivist, "at": at}


@pytest.fixture
def folder(by):
    return register_folder("HT", 2026, "数控铣床购销合同", secrecy="open", **by)


@pytest.fixture
def put(by, tmp_path, folder):
    """``put(text, pages=1, onto=folder)`` uploads a small TIFF with a line of ``text`` on every page."""

    def put(text=SAYS, pages=1, onto=None):
        sheets = []
        for number in range(pages):
            sheet = Image.new("L", (620, 160), 255)
            if text:
                small = Image.new("L", (220, 20), 255)
                ImageDraw.Draw(small).text((4, 4), f"{text} P{number + 1}", fill=0)
                sheet.paste(small.resize((560, 51), Image.Resampling.LANCZOS), (30, 50))
            sheets.append(sheet)
        path = tmp_path / "upload.tif"
        sheets[0].save(path, dpi=(75, 75), save_all=True, append_images=sheets[1:])
        return service.add_scan((onto or folder).id, None, path, "合同.tif", **by)

    return put


def found(word):
    """The pages that search finds, by a person who may read everything."""
    everything = search.Scope(Folder, SearchEntry.owner == Folder.id, Folder.id > 0, Folder.id > 0)
    hits = search.find(word, scope=everything, kinds=["page"]).hits
    return sorted(page for hit in hits for page in hit.pages)


def states():
    return [page.state for page in ScanPage.select().order_by(ScanPage.id)]


@pytest.mark.requirement("ELE-19")
@pytest.mark.slow
def test_an_uploaded_page_of_chinese_is_read_and_found(archive, people, folder, by, at, chinese_page):
    path, word = chinese_page
    service.add_scan(folder.id, None, path, path.name, **by)
    assert pipeline.work_queue(10, at) == 2
    page = ScanPage.get()
    assert page.state == "read" and page.engine.startswith("tesseract") and page.confidence > 60
    assert page.read_at == at and page.positions
    assert word in page.text.replace(" ", "")
    assert found(word) == [page.id]


def test_every_page_of_a_file_is_drawn_in_order(put, at):
    file = put(pages=3)
    assert pipeline.work_queue(1, at) == 1
    file = ElectronicFile.get_by_id(file.id)
    pages = list(ScanPage.select().order_by(ScanPage.number))
    assert (file.state, file.page_count) == ("ready", 3)
    assert [page.number for page in pages] == [1, 2, 3]
    for page in pages:
        assert storage.storage().intact(page.view) and storage.storage().intact(page.thumb)
        assert (page.width, page.height, page.dpi) == (620, 160, 75)


def test_the_background_worker_does_it_all_from_one_nudge(put, folder):
    put(pages=2)
    jobs.work_off()
    assert set(states()) == {"read"}
    assert queries.progress(folder.id).as_dict() | {"busy": False, "waiting": 0, "read": 2} == (
        queries.progress(folder.id).as_dict()
    )


def test_a_lost_nudge_is_sent_again_by_the_sweep(put):
    put()
    jobs.open_queue("memory:")  # whatever was queued is gone
    assert jobs.work_off() == 0
    assert tasks.nudge_waiting() == 1
    jobs.work_off()
    assert states() == ["read"]
    assert tasks.nudge_waiting() == 0


def test_a_blank_page_is_not_read_and_not_counted_as_paper(put, folder, at):
    put(text="")
    pipeline.work_queue(5, at)
    assert states() == ["blank"]
    progress = queries.progress(folder.id)
    assert (progress.pages, progress.written, progress.busy) == (1, 0, False)


def test_a_thick_file_does_not_hold_up_a_thin_one(put, by, at):
    thin = register_folder("HT", 2026, "薄的一份", secrecy="open", **by)
    put(pages=4)
    put("THIN", onto=thin)
    pipeline.work_queue(4, at)  # two files drawn, then the first page of each
    assert [page.state for page in ScanPage.select().where(ScanPage.folder == thin)] == ["read"]


def test_what_a_killed_worker_held_is_taken_over_when_its_lease_ends(put, at):
    put()
    pipeline.work_queue(1, at)
    ScanPage.update(state="reading", tries=1, lease_until=at + rules.READ_LEASE).execute()
    assert pipeline.waiting(at, 10) == 0
    assert pipeline.work_queue(5, at) == 0
    later = at + rules.READ_LEASE + timedelta(seconds=1)
    assert pipeline.waiting(later, 10) == 1
    assert pipeline.work_queue(5, later) == 1
    assert (states(), ScanPage.get().tries) == (["read"], 2)


def test_a_worker_that_was_overtaken_changes_nothing(put, at):
    put()
    slow = pipeline._claim(pipeline.DRAW, at)
    pipeline.work_queue(5, at + rules.draw_lease(9) + timedelta(seconds=1))
    events = AuditEvent.select().count()
    pipeline._guard(pipeline.DRAW, slow, at, pipeline._draw)
    assert ScanPage.select().count() == 1
    assert AuditEvent.select().count() == events


def test_work_that_kills_its_worker_three_times_ends_with_a_reason(put, by, at):
    file = put()
    for attempt in range(1, rules.MAX_TRIES + 1):
        at += rules.draw_lease(9) + timedelta(seconds=1)
        assert pipeline._claim(pipeline.DRAW, at).tries == attempt  # and then the process dies
    later = at + rules.draw_lease(9) + timedelta(seconds=1)
    assert pipeline.work_queue(5, later) == 0
    file = ElectronicFile.get_by_id(file.id)
    assert file.state == "failed" and "3" in file.error
    assert storage.storage().intact(file.sha256)


def test_a_page_that_cannot_be_read_fails_after_three_tries_and_can_be_tried_again(put, by, at, people):
    put()
    pipeline.work_queue(1, at)
    page = ScanPage.get()
    digest = page.file.sha256
    image = storage.storage().read(digest)
    path = storage.storage().root / storage.storage().address(digest)
    path.chmod(0o644)
    path.write_bytes(b"broken")
    pipeline.work_queue(10, at)
    page = ScanPage.get()
    assert page.state == "failed" and page.error and page.tries <= rules.MAX_TRIES
    path.write_bytes(image)
    with pytest.raises(Refused) as refusal:
        service.retry_page(page.id, actor=people.auditor, at=at)
    assert refusal.value.code == "permission"
    service.retry_page(page.id, **by)
    jobs.work_off()
    assert (states(), ScanPage.get().error) == (["read"], "")


def test_only_what_failed_is_drawn_again(put, by, at):
    file = put()
    pipeline.work_queue(5, at)
    with pytest.raises(Refused) as refusal:
        service.retry_file(file.id, **by)
    assert refusal.value.code == "wrong_state"


def test_reading_a_page_again_keeps_it_findable_once(put, by, at):
    put()
    pipeline.work_queue(5, at)
    page = ScanPage.get()
    service.retry_page(page.id, **by)
    assert found("2026") == [page.id]  # the old text stays until the new one is there
    pipeline.work_queue(5, at)
    assert found("2026") == [page.id]


@pytest.mark.slow
def test_a_worker_killed_in_the_middle_loses_nothing_and_doubles_nothing(archive, put, at, tmp_path):
    put(pages=3)
    code = (
        "from archive_app.core import db, jobs, storage\n"
        "from datetime import datetime\n"
        "from archive_app.scans import pipeline\n"
        f"db.connect({archive.url!r}); jobs.open_queue('memory:')\n"
        f"storage.open_storage({str(archive.store)!r})\n"
        f"pipeline.work_queue(100, datetime.fromisoformat({at.isoformat()!r}))\n"
    )
    for delay in (0.6, 1.6, 2.6):
        worker = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, start_new_session=True)
        time.sleep(delay)
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
        at += rules.draw_lease(9) + timedelta(seconds=1)
        code = code.replace((at - rules.draw_lease(9) - timedelta(seconds=1)).isoformat(), at.isoformat())
    pipeline.work_queue(100, at + rules.draw_lease(9) + timedelta(seconds=1))
    assert ScanPage.select().count() == 3
    assert set(states()) <= {"read", "failed"}
    assert ElectronicFile.get().state == "ready"
    read = [page.id for page in ScanPage.select().where(ScanPage.state == "read")]
    assert found("2026") == read
    assert audit.verify() == []


def test_a_wrong_upload_is_withdrawn_with_a_reason_and_found_no_more(put, folder, by, at):
    file = put(pages=2)
    pipeline.work_queue(9, at)
    assert found("contract")
    with pytest.raises(Invalid):
        service.withdraw_file(file.id, "  ", **by)
    service.withdraw_file(file.id, "传到了别的档案", **by)
    assert found("contract") == []
    assert queries.files_of(folder.id) == []
    assert storage.storage().intact(file.sha256)  # nothing is destroyed
    event = AuditEvent.select().where(AuditEvent.action == "scan.withdraw").get()
    assert "传到了别的档案" in event.data
    again = put(pages=2)  # the same bytes may come again, under a new code
    assert again.code != file.code


def test_a_page_withdrawn_while_it_is_read_does_not_come_back(put, by, at, monkeypatch):
    file = put()
    pipeline.work_queue(1, at)  # drawn, not read
    read = pipeline.read_page

    def withdrawn_meanwhile(*args):
        result = read(*args)
        service.withdraw_file(file.id, "传错", **by)
        return result

    monkeypatch.setattr(pipeline, "read_page", withdrawn_meanwhile)
    pipeline.work_queue(1, at)
    assert states() == ["withdrawn"]
    assert found("contract") == []


@pytest.fixture
def chinese_page(tmp_path):
    """A scanned page of Chinese with a word on it."""
    page = demo.contract_page("XS-2026-0001", "成都天府食品公司", "上海恒远公司", "2026-03-12")
    return demo.save(page, tmp_path), "合同"
