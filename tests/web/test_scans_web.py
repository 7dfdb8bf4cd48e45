"""Screens of the electronic set: who may upload, see and take; what the pages say."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image, ImageDraw

from archive_app.core.audit import AuditEvent
from archive_app.core.errors import Refused
from archive_app.records.service import add_document, register_folder
from archive_app.scans import pipeline, service
from archive_app.scans.models import ElectronicFile, ScanPage

SAYS = "DUAL TRACK 2026"


def picture(mark=SAYS, kind="PNG", size=(620, 877)):
    image = Image.new("L", size, 255)
    ImageDraw.Draw(image).text((60, 60), f"{mark} " * 6, fill=0)
    data = io.BytesIO()
    image.save(data, kind, dpi=(75, 75))
    return data.getvalue()


def csrf(client, url):
    page = client.get(url).get_data(as_text=True)
    return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page).group(1)


def send(client, folder, *files, document=0, accept="text/html"):
    url = f"/folders/{folder.id}/scans"
    data = {
        "csrf_token": csrf(client, url),
        "document": str(document),
        "files": [(io.BytesIO(data), name) for name, data in files],
    }
    return client.post(url, data=data, headers={"Accept": accept}, content_type="multipart/form-data")


@pytest.fixture
def folder(people, at):
    return register_folder("HT", 2026, "数控铣床购销合同", secrecy="open", place="A03 柜 2 格",
                           actor=people.archivist, at=at)  # fmt: skip


@pytest.fixture
def secret(people, at):
    return register_folder("HT", 2026, "机密合同", secrecy="confidential", actor=people.archivist, at=at)


def add(folder, people, at, tmp_path, mark=SAYS):
    path = tmp_path / "page.png"
    path.write_bytes(picture(mark))
    file = service.add_scan(folder.id, None, path, "第1页.png", actor=people.archivist, at=at)
    pipeline.work_queue(1, at)
    return file, ScanPage.get(ScanPage.file == file)


@pytest.mark.requirement("DUAL-04")
def test_an_upload_without_javascript_comes_back_to_the_electronic_catalog(sign_in, folder):
    client = sign_in("archivist")
    answer = send(client, folder, ("合同.png", picture()))
    assert answer.status_code == 303
    page = client.get(answer.location).get_data(as_text=True)
    assert f"DZ-{folder.file_number}-01" in page
    assert "合同.png" in page
    assert f"纸质 {folder.file_number}" in page and "A03 柜 2 格" in page


def test_several_files_at_once_and_one_bad_one(sign_in, folder):
    client = sign_in("archivist")
    answer = send(client, folder, ("1.png", picture("A")), ("坏.png", b"nothing"), ("2.png", picture("B")))
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "坏.png" in text and "已收下 2 个文件" in text
    assert ElectronicFile.select().count() == 2
    assert AuditEvent.select().where(AuditEvent.action == "refusal").count() == 1


def test_a_script_gets_one_answer_for_each_file(sign_in, folder):
    client = sign_in("archivist")
    answer = send(client, folder, ("1.png", picture()), ("2.png", picture()), accept="application/json")
    first, second = answer.get_json()["files"]
    assert first["ok"] and first["code"].endswith("-01")
    assert not second["ok"] and second["code"] == "scan.duplicate" and first["filename"] == "1.png"


def test_sending_nothing_says_so(sign_in, folder):
    answer = send(sign_in("archivist"), folder)
    assert answer.status_code == 422
    assert "没有选文件" in answer.get_data(as_text=True)


def test_a_scan_is_tied_to_the_document_that_was_chosen(sign_in, folder, people, at):
    document = add_document(folder.id, title="附件一 <b>技术规格</b>", pages=1, actor=people.archivist, at=at)
    answer = send(sign_in("archivist"), folder, ("1.png", picture()), document=document.id)
    assert answer.status_code == 303
    assert ElectronicFile.get().document_id == document.id
    assert "&lt;b&gt;" in sign_in("archivist").get(answer.location).get_data(as_text=True)


def test_nobody_uploads_without_the_permission(sign_in, folder):
    client = sign_in("borrower")
    answer = client.post(f"/folders/{folder.id}/scans", data={})
    assert answer.status_code in (400, 403)
    assert ElectronicFile.select().count() == 0


@pytest.mark.requirement("SEC-16")
def test_a_page_of_a_folder_that_may_not_be_known_does_not_exist(sign_in, people, at, tmp_path):
    hidden = register_folder("HT", 2026, "绝密合同", secrecy="top_secret", actor=people.archivist, at=at)
    file, page = add(hidden, people, at, tmp_path)
    client = sign_in("colleague")
    for url in (
        f"/pages/{page.id}", f"/pages/{page.id}/image", f"/pages/{page.id}/thumb",
        f"/files/{file.id}/original", f"/folders/{hidden.id}/scans", f"/folders/{hidden.id}/scans/progress",
    ):  # fmt: skip
        assert client.get(url).status_code == 404, url
    assert client.get("/pages/99999").status_code == 404


@pytest.mark.requirement("SEC-16")
def test_a_known_page_that_may_not_be_read_is_refused_with_the_clause(sign_in, secret, people, at, tmp_path):
    file, page = add(secret, people, at, tmp_path)
    from archive_app.records import queries as records

    assert records.folder_for(people.gm, secret.id, at) and not records.may_read(people.gm, secret, at)
    client = sign_in("gm")
    for url in (f"/pages/{page.id}/image", f"/pages/{page.id}/thumb", f"/files/{file.id}/original"):
        answer = client.get(url, headers={"Accept": "application/json"})
        assert answer.status_code == 409, url
        assert answer.get_json()["clause"], url
        assert b"PNG" not in answer.data
    assert AuditEvent.select().where(AuditEvent.action.in_(("scan.view", "scan.download"))).count() == 0


def test_the_original_comes_back_byte_for_byte_and_is_noted(sign_in, folder, people, at, tmp_path):
    file, _page = add(folder, people, at, tmp_path)
    answer = sign_in("archivist").get(f"/files/{file.id}/original")
    assert answer.data == picture()
    assert "attachment" in answer.headers["Content-Disposition"]
    (event,) = AuditEvent.select().where(AuditEvent.action == "scan.download")
    assert event.actor == "archivist" and file.code in event.data


def test_a_view_of_a_classified_page_is_noted_once_and_kept_by_no_browser(
    sign_in, secret, folder, people, at, tmp_path
):
    _file, page = add(secret, people, at, tmp_path)
    client = sign_in("archivist")
    assert client.get(f"/pages/{page.id}").status_code == 200
    answer = client.get(f"/pages/{page.id}/image")
    assert "no-store" in answer.headers["Cache-Control"] and "private" in answer.headers["Cache-Control"]
    (event,) = AuditEvent.select().where(AuditEvent.action == "scan.view")
    assert event.actor == "archivist" and secret.file_number in event.data


def test_the_picture_of_a_classified_page_carries_the_reader(sign_in, secret, folder, people, at, tmp_path):
    _file, page = add(secret, people, at, tmp_path)
    _other, plain = add(folder, people, at, tmp_path)
    client = sign_in("archivist")
    marked, clean = client.get(f"/pages/{page.id}/image").data, client.get(f"/pages/{plain.id}/image").data
    assert marked != clean
    assert Image.open(io.BytesIO(marked)).size == Image.open(io.BytesIO(clean)).size
    again = client.get(f"/pages/{plain.id}/image")
    assert "no-store" not in again.headers["Cache-Control"]
    assert AuditEvent.select().where(AuditEvent.action == "scan.view").count() == 1


def test_progress_tells_pages_done_and_waiting(sign_in, folder, people, at, tmp_path):
    add(folder, people, at, tmp_path)
    answer = sign_in("archivist").get(f"/folders/{folder.id}/scans/progress").get_json()
    assert (answer["pages"], answer["waiting"], answer["busy"]) == (1, 1, True)


def test_the_work_list_shows_what_waits_and_what_failed(sign_in, folder, people, at, tmp_path):
    client = sign_in("archivist")
    assert "都识别完了" in client.get("/scans").get_data(as_text=True)
    _file, page = add(folder, people, at, tmp_path)
    assert folder.file_number in client.get("/scans").get_data(as_text=True)
    ScanPage.update(state="failed", error="读到一半断了").execute()
    failed = client.get("/scans?show=failed").get_data(as_text=True)
    assert "读到一半断了" in failed and f"/pages/{page.id}/retry" in failed
    token = csrf(client, "/scans?show=failed")
    assert client.post(f"/pages/{page.id}/retry", data={"csrf_token": token}).status_code == 303
    assert ScanPage.get_by_id(page.id).state == "waiting"


def test_the_folder_page_shows_both_tracks_and_the_way_to_mend_a_difference(
    sign_in, folder, people, at, tmp_path
):
    add_document(folder.id, title="合同", pages=2, actor=people.archivist, at=at)
    client = sign_in("archivist")
    before = client.get(f"/folders/{folder.id}").get_data(as_text=True)
    assert "待扫描" in before and f"DZ-{folder.file_number}" in before
    add(folder, people, at, tmp_path)
    after = client.get(f"/folders/{folder.id}").get_data(as_text=True)
    assert "差 1 页" in after and "补扫" in after and "互见号" in after


def test_hits_are_marked_in_the_text_and_on_the_picture(sign_in, folder, people, at, tmp_path):
    from archive_app.scans.ocr import Line, OcrResult, Word

    _file, page = add(folder, people, at, tmp_path)
    line = Line("产品购销合同", (Word("产品购销合同", (100, 50, 120, 20), 91),))
    unsure = Line("数量 27", (Word("数量", (100, 90, 40, 20), 91), Word("27", (150, 90, 20, 20), 31, 3)))
    result = OcrResult((line, unsure), "test", "1", (620, 877), 75)
    ScanPage.update(
        state="read", text=result.text, positions=result.to_json(), confidence=result.confidence
    ).execute()
    client = sign_in("archivist")
    html = client.get(f"/pages/{page.id}?q=合同").get_data(as_text=True)
    assert re.search(r'<mark data-hit="1" class="cur">合同</mark>', html)
    assert re.search(r'<rect class="cur" data-hit="1" x="177" y="47" width="46" height="26"/>', html)
    assert '<span class="low">27</span>' in html and "1 处待核" in html
    assert "没有命中" in client.get(f"/pages/{page.id}?q=液压站").get_data(as_text=True)


@pytest.mark.requirement("ELE-12")
def test_a_reader_with_a_running_loan_reads_on_screen_but_takes_no_copy(sign_in, people, at, tmp_path):
    from archive_app.loans import service as loans

    kept = register_folder(
        "HT", 2026, "机密合同", secrecy="confidential", department_id=people.departments["XS"].id,
        actor=people.archivist, at=at,
    )  # fmt: skip
    file, page = add(kept, people, at, tmp_path)
    client = sign_in("borrower")
    assert client.get(f"/pages/{page.id}").status_code == 409
    loan = loans.request_loan(
        kept.id, "consult", purpose="续约谈判", undertaking=True, actor=people.borrower, at=at
    )
    for decider in (people.manager, people.back_office, people.director, people.deputy_gm, people.gm):
        try:
            loans.decide_loan(loan.id, "granted", actor=decider, at=at)
        except Refused:
            continue
    loans.seat_reader(loan.id, actor=people.archivist, at=at)
    assert client.get(f"/pages/{page.id}").status_code == 200
    assert client.get(f"/pages/{page.id}/image").status_code == 200
    answer = client.get(f"/files/{file.id}/original", headers={"Accept": "application/json"})
    assert answer.status_code == 409 and answer.get_json()["clause"]
    assert AuditEvent.select().where(AuditEvent.action == "scan.download").count() == 0


def test_hits_lead_from_page_to_page_through_the_folder(sign_in, folder, people, at, tmp_path):
    for number in range(3):
        add(folder, people, at, tmp_path, mark=f"page {number}")
    first, middle, last = [page.id for page in ScanPage.select().order_by(ScanPage.id)]
    ScanPage.update(state="read", text="甲方 甲方").where(ScanPage.id == first).execute()
    ScanPage.update(state="blank").where(ScanPage.id == middle).execute()
    ScanPage.update(state="read", text="乙方\n甲方").where(ScanPage.id == last).execute()
    client = sign_in("archivist")
    shown = {id: client.get(f"/pages/{id}?q=甲方").get_data(as_text=True) for id in (first, middle, last)}
    assert re.search(r"<b data-hit-now>1</b> / 3", shown[first])
    steps = {
        id: re.findall(r'data-hit-step="(-?1)" href="([^"]+)" data-url', page) for id, page in shown.items()
    }
    names = {"-1": "back", "1": "on"}
    links = {id: {names[by]: url.split("?")[0] for by, url in found} for id, found in steps.items()}
    assert links[first] == {"on": f"/pages/{last}"}
    assert links[middle] == {"back": f"/pages/{first}", "on": f"/pages/{last}"}
    assert links[last] == {"back": f"/pages/{first}"}
    assert "这一页没有字" in shown[middle]
