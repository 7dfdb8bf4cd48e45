"""Taking in originals: stored untouched, coded after the paper folder, never doubled, never half done."""

from __future__ import annotations

import hashlib
import threading
from types import SimpleNamespace

import pytest
from PIL import Image, ImageDraw

from archive_app.core import storage
from archive_app.core.audit import AuditEvent
from archive_app.core.db import db
from archive_app.core.errors import NotFound, Refused
from archive_app.records.models import Folder
from archive_app.records.service import add_document, register_folder, void_number
from archive_app.scans import pipeline, queries, rules, service
from archive_app.scans.models import ElectronicFile, ScanPage


@pytest.fixture
def house(people, at, tmp_path):
    """An open folder, the people, and a maker of scans: ``scan(name, pages=1, mark="…")`` gives a path."""
    by = {"actor": people.archivist, "at": at}
    folder = register_folder("HT", 2026, "数控铣床购销合同", secrecy="open", **by)

    def scan(name="第1页.png", pages=1, mark="a", blank=False):
        path = tmp_path / f"{hashlib.sha1(name.encode()).hexdigest()}.{name.rsplit('.', 1)[-1][:8]}"
        sheets = [Image.new("L", (620, 877), 255) for _ in range(pages)]
        for number, sheet in enumerate(sheets):
            if not blank:
                ImageDraw.Draw(sheet).text((80, 80), f"{mark} {number} " * 12, fill=0)
        more = {"save_all": True, "append_images": sheets[1:]} if pages > 1 else {}
        sheets[0].save(path, dpi=(75, 75), **more)
        return path

    return SimpleNamespace(folder=folder, by=by, scan=scan, people=people, at=at)


@pytest.fixture
def encrypted_pdf(tmp_path):
    """A PDF whose every password is wrong: its check values are arbitrary."""
    secret = "<" + "A5" * 32 + ">"
    objects = (
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Count 1/Kids[3 0 R]>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>",
        f"<</Filter/Standard/V 1/R 2/Length 40/P -4/O{secret}/U{secret}>>",
    )
    body, places = b"%PDF-1.4\n", []
    for number, text in enumerate(objects, start=1):
        places.append(len(body))
        body += f"{number} 0 obj{text}endobj\n".encode()
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    ident = "<" + "00" * 16 + ">"
    trailer = f"<</Size 5/Root 1 0 R/Encrypt 4 0 R/ID[{ident}{ident}]>>"
    tail = f"xref\n0 5\n0000000000 65535 f \n{table}trailer{trailer}\nstartxref\n{len(body)}\n%%EOF"
    path = tmp_path / "encrypted.pdf"
    path.write_bytes(body + tail.encode())
    return path


def stored(archive):
    return [path for path in archive.store.rglob("*") if path.is_file()]


def events(action):
    return [event for event in AuditEvent.select().order_by(AuditEvent.seq) if event.action == action]


@pytest.mark.requirement("DUAL-03")
@pytest.mark.requirement("ELE-15")
def test_an_original_is_kept_byte_for_byte_under_a_code_of_the_folder(archive, house):
    path = house.scan()
    file = service.add_scan(house.folder.id, None, path, "合同 第1页.png", **house.by)
    assert file.code == f"DZ-{house.folder.file_number}-01"
    assert file.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert storage.storage().read(file.sha256) == path.read_bytes()
    assert (file.mime, file.page_count, file.state) == ("image/png", 1, "received")
    (event,) = events("scan.add")
    assert event.actor == "archivist" and file.sha256 in event.data and file.code in event.data


def test_codes_count_on_inside_the_folder(house):
    second = register_folder("HT", 2026, "另一份合同", secrecy="open", **house.by)
    files = [
        service.add_scan(house.folder.id, None, house.scan("1.png", mark="x"), "1.png", **house.by),
        service.add_scan(house.folder.id, None, house.scan("2.png", mark="y"), "2.png", **house.by),
        service.add_scan(second.id, None, house.scan("3.png", mark="z"), "3.png", **house.by),
    ]
    assert [file.code[-3:] for file in files] == ["-01", "-02", "-01"]
    assert files[2].code.startswith(f"DZ-{second.file_number}")


def test_the_same_bytes_twice_on_one_folder_name_the_file_that_is_there(house):
    first = service.add_scan(house.folder.id, None, house.scan(), "第1页.png", **house.by)
    with pytest.raises(Refused) as refusal:
        service.add_scan(house.folder.id, None, house.scan(), "换了名字.png", **house.by)
    assert refusal.value.code == "scan.duplicate"
    assert first.code in refusal.value.message
    assert ElectronicFile.select().count() == 1
    assert len(events("scan.add")) == 1


def test_the_same_bytes_may_stand_in_two_folders_and_are_stored_once(archive, house):
    second = register_folder("HT", 2026, "另一份合同", secrecy="open", **house.by)
    service.add_scan(house.folder.id, None, house.scan(), "第1页.png", **house.by)
    service.add_scan(second.id, None, house.scan(), "第1页.png", **house.by)
    assert ElectronicFile.select().count() == 2
    assert len(stored(archive)) == 1


def test_two_uploads_at_once_get_two_codes(archive, house):
    paths = [house.scan(f"{n}.png", mark=str(n)) for n in range(6)]
    codes, errors = [], []
    start = threading.Barrier(len(paths))

    def upload(path):
        try:
            start.wait()
            codes.append(service.add_scan(house.folder.id, None, path, path.name, **house.by).code)
        except Exception as error:  # pragma: no cover - shown by the assert
            errors.append(error)
        finally:
            db.close()

    threads = [threading.Thread(target=upload, args=(path,)) for path in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert sorted(codes) == [rules.file_code(house.folder.file_number, n) for n in range(1, 7)]


@pytest.mark.parametrize(
    "name", ["长" * 10_000 + ".png", "../../etc/passwd.png", "😀.png", "发票\u202egnp.exe", "a\x00b.png", ""]
)
def test_odd_file_names_do_no_harm(archive, house, name):
    file = service.add_scan(house.folder.id, None, house.scan(), name, **house.by)
    file = ElectronicFile.get_by_id(file.id)
    assert 0 < len(file.filename) <= 200
    assert not set(file.filename) & set("/\\\x00\u202e")
    assert all(archive.store in path.parents for path in stored(archive))


def bad_files(tmp_path):
    secret = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>"
    yield "空.png", b""
    yield "假.png", b"this is not an image"
    yield "脚本.jpg", b"<html><script>alert(1)</script></html>"
    yield "程序.pdf", b"MZ" + b"\0" * 500
    yield "半个.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 40
    yield "坏.pdf", secret
    yield "表.docx", b"PK\x03\x04" + b"\0" * 100


def test_files_that_cannot_be_scans_are_refused_and_leave_nothing(archive, house, tmp_path):
    for name, data in bad_files(tmp_path):
        path = tmp_path / "bad"
        path.write_bytes(data)
        with pytest.raises(Refused) as refusal:
            service.add_scan(house.folder.id, None, path, name, **house.by)
        assert refusal.value.message and refusal.value.next_step, name
    assert ElectronicFile.select().count() == 0
    assert stored(archive) == []
    assert events("scan.add") == []


def test_an_encrypted_pdf_says_that_it_needs_a_password(archive, house, encrypted_pdf):
    with pytest.raises(Refused) as refusal:
        service.add_scan(house.folder.id, None, encrypted_pdf, "合同.pdf", **house.by)
    assert "密码" in refusal.value.message + refusal.value.next_step
    assert stored(archive) == []


def test_one_bad_file_of_several_does_not_stop_the_others(house, tmp_path):
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"no image")
    sent = [
        (house.scan("1.png", mark="x"), "1.png"),
        (bad, "坏.png"),
        (house.scan("2.png", mark="y"), "2.png"),
        (house.scan("1.png", mark="x"), "又是1.png"),
    ]
    outcomes = service.add_scans(house.folder.id, None, sent, **house.by)
    assert [outcome.error is None for outcome in outcomes] == [True, False, True, False]
    assert [outcome.filename for outcome in outcomes] == ["1.png", "坏.png", "2.png", "又是1.png"]
    assert ElectronicFile.select().count() == 2


def test_a_void_number_takes_no_scans(archive, house):
    void_number(house.folder.id, "登记错了", **house.by)
    with pytest.raises((Refused, NotFound)):
        service.add_scan(house.folder.id, None, house.scan(), "第1页.png", **house.by)
    assert stored(archive) == []


def test_a_scan_goes_only_onto_a_document_of_its_own_folder(archive, house):
    other = register_folder("HT", 2026, "另一份合同", secrecy="open", **house.by)
    document = add_document(other.id, title="附件", pages=1, **house.by)
    with pytest.raises(NotFound):
        service.add_scan(house.folder.id, document.id, house.scan(), "第1页.png", **house.by)
    with pytest.raises(NotFound):
        service.add_scan(house.folder.id, 999, house.scan(), "第1页.png", **house.by)
    assert stored(archive) == []


def test_who_may_not_upload_is_refused_and_who_may_not_know_finds_nothing(archive, house):
    with pytest.raises(Refused) as refusal:
        service.add_scan(
            house.folder.id, None, house.scan(), "1.png", actor=house.people.auditor, at=house.at
        )
    assert refusal.value.code == "permission"
    with pytest.raises(NotFound):
        service.add_scan(99_999, None, house.scan(), "1.png", **house.by)
    assert stored(archive) == []


def test_a_file_left_by_a_crash_before_its_row_was_written_is_taken_up_again(archive, house):
    path = house.scan()
    storage.storage().put_file(path)
    file = service.add_scan(house.folder.id, None, path, "第1页.png", **house.by)
    assert len(stored(archive)) == 1
    assert storage.storage().intact(file.sha256)


def test_a_changed_original_is_found_and_noted(archive, house):
    file = service.add_scan(house.folder.id, None, house.scan(), "第1页.png", **house.by)
    assert service.verify_original(file.id, **house.by) is True
    side = queries.electronic_side(house.folder)
    assert side.intact and side.checked_at == house.at
    (kept,) = stored(archive)
    kept.chmod(0o644)
    kept.write_bytes(kept.read_bytes() + b"x")
    assert service.verify_original(file.id, **house.by) is False
    assert not queries.electronic_side(house.folder).intact
    assert [('"intact":true' in e.data) for e in events("scan.verify")] == [True, False]


@pytest.mark.requirement("DUAL-01")
@pytest.mark.requirement("DUAL-07")
def test_the_electronic_side_shows_code_address_and_what_is_missing(house):
    side = queries.electronic_side(house.folder)
    assert (side.code, side.address, side.exists) == (f"DZ-{house.folder.file_number}", "", False)
    assert side.difference.state == "unscanned"
    contract = add_document(house.folder.id, title="合同", pages=3, **house.by)
    annex = add_document(house.folder.id, title="附件", pages=1, **house.by)
    thick = house.scan("合同.tif", pages=2, mark="甲")
    service.add_scan(house.folder.id, contract.id, thick, "合同.tif", **house.by)
    service.add_scan(house.folder.id, annex.id, house.scan("附件.png", mark="乙"), "附件.png", **house.by)
    pipeline.work_queue(2, house.at)
    side = queries.electronic_side(Folder.get_by_id(house.folder.id))
    assert side.difference.state == "differ" and side.difference.document_id == contract.id
    assert "第 1 件纸质 3 页、扫描 2 页" in side.difference.sentence
    assert side.address.startswith("电子库 ") and "等 2 个文件" in side.address
    assert side.progress.pages == 3 and side.progress.waiting == 3
    assert ScanPage.select().count() == 3
