"""The stacks in the browser: shelves, a place, typed numbers, labels with a printer, calibration."""

from __future__ import annotations

import re

import pytest

from archive_app.core.audit import AuditEvent
from archive_app.printing.barcode import BarcodeType, payload
from archive_app.records import service as records
from archive_app.stacks import printers, queries, service
from archive_app.stacks.models import Place, Printer
from archive_app.stacks.sheets import payload_of

pytest_plugins = ["tests.stacks"]


@pytest.fixture
def browser(app, sign_in):
    """The archivist's browser, and a way to post a form with its token."""
    client = sign_in("archivist")

    def post(path, page=None, **values):
        found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(page or path).text)
        assert found, "the page has no form"
        return client.post(path, data={"csrf_token": found[1]} | values)

    client.form = post
    return client


def test_an_empty_house_says_what_to_build_first(browser):
    assert "建第一个库房" in browser.get("/places").text


def test_only_a_shelf_says_how_much_of_its_width_is_used(browser, stacks):
    box = stacks.boxes[0]
    Place.update(width_mm=900).where(Place.kind != "box").execute()
    Place.update(width_mm=40).where(Place.kind == "box").execute()
    assert " / 900 mm" in browser.get(f"/places/{box.parent_id}").text
    assert " / 900 mm" not in browser.get(f"/places/{box.parent.parent_id}").text


@pytest.mark.requirement("STO-14")
def test_the_shelves_are_drawn_with_their_boxes_and_counts(browser, stacks):
    service.shelve(stacks.boxes[0].id, [("folder", stacks.folder().id)], via="screen", **stacks.keeper)
    page = browser.get("/places").text
    assert "一号库房" in page and page.count('class="bx ') == 2 and "2 柜，1 份" in page
    assert 'class="bx b4"' in page  # 40 mm


def test_a_typed_code_leads_to_its_place(browser, stacks):
    answer = browser.get("/places?q=a01 柜 1 格")
    assert answer.status_code == 303 and answer.location.endswith(f"/places/{stacks.shelves[0][0].id}")
    assert "没有" in browser.get("/places?q=Z99").text


def test_eight_shelves_are_made_at_once(browser, stacks):
    cabinet = service.add_place("cabinet", "B01", stacks.room.id, **stacks.keeper)
    path = f"/places/new?parent={cabinet.id}"
    answer = browser.form(
        path, kind="shelf", parent=str(cabinet.id), code="1", count="8", name="", width_mm="900"
    )
    assert answer.status_code == 303
    made = Place.select().where(Place.parent == cabinet)
    assert [place.code for place in made.order_by(Place.id)] == list("12345678")
    assert {place.width_mm for place in made} == {900}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"code": "1", "count": "1"}, "这里已有 1"),
        ({"code": "甲", "count": "3"}, "以数字结尾"),
        ({"code": "1", "count": "99"}, "一次建"),
        ({"code": "1", "count": "x"}, "请填数字"),
        ({"code": "x" * 13, "count": "1"}, "最多 12"),
        ({"code": "9", "count": "1", "width_mm": "-3"}, "宽度"),
    ],
)
def test_what_cannot_be_built_is_named_and_what_was_typed_stays(browser, stacks, values, said):
    cabinet = stacks.cabinets[0]
    sent = {"kind": "shelf", "parent": str(cabinet.id), "name": "常用", "width_mm": ""} | values
    answer = browser.form(f"/places/new?parent={cabinet.id}", **sent)
    assert answer.status_code == 422 and said in answer.text and 'value="常用"' in answer.text
    assert Place.select().where(Place.parent == cabinet).count() == 3


@pytest.mark.requirement("STO-11")
def test_folders_are_put_into_a_place_by_their_typed_numbers(browser, stacks):
    one, two = stacks.folder(), stacks.folder()
    place = f"/places/{stacks.boxes[0].id}"
    answer = browser.form(f"{place}/put", place, numbers=f"{one.file_number}、ht20260002 HT-2026-9999")
    assert answer.status_code == 422 and "HT-2026-9999" in answer.text and stacks.words(one) == ""
    answer = browser.form(f"{place}/put", place, numbers=f"{one.file_number}，ht20260002")
    assert answer.status_code == 303
    assert stacks.words(one) == stacks.words(two) == "一号库房 A01 柜 1 格 盒 01"
    page = browser.get(place).text
    assert page.index(one.file_number) < page.index(two.file_number)


def test_a_box_moves_with_all_that_is_in_it(browser, stacks):
    kept = stacks.folder()
    service.shelve(stacks.boxes[0].id, [("folder", kept.id)], via="screen", **stacks.keeper)
    path = f"/places/{stacks.boxes[0].id}/move"
    assert (
        f'selected value="{stacks.shelves[1][0].id}"'
        in browser.get(f"{path}?to={stacks.shelves[1][0].id}").text
    )
    assert browser.form(path, parent=str(stacks.shelves[1][0].id)).status_code == 303
    assert stacks.words(kept) == "一号库房 A02 柜 1 格 盒 01"


def test_a_place_is_renamed_and_an_empty_one_closed(browser, stacks):
    shelf = f"/places/{stacks.shelves[1][2].id}"
    assert browser.form(f"{shelf}/rename", code="9", name="备用", width_mm="").status_code == 303
    assert "A02-9" in browser.get(shelf).text
    assert browser.form(f"{shelf}/close", shelf).status_code == 303
    assert "已停用" in browser.get(shelf).text
    assert (
        browser.form(f"/places/{stacks.room.id}/close", f"/places/{stacks.room.id}/rename").status_code == 409
    )


@pytest.mark.requirement("SEC-16")
def test_a_place_does_not_show_what_one_may_not_know_of(app, sign_in, stacks):
    hidden = stacks.folder("top_secret", title="封存语")
    service.shelve(stacks.boxes[0].id, [("folder", hidden.id)], via="screen", **stacks.keeper)
    client = sign_in("director")
    for path in ("/places", f"/places/{stacks.boxes[0].id}", f"/places/{stacks.shelves[0][0].id}"):
        page = client.get(path)
        seen = hidden.file_number in page.text or "封存语" in page.text
        assert page.status_code == 403 or not seen or _knows(client, hidden)


def _knows(client, folder):
    return client.get(f"/folders/{folder.id}").status_code == 200


def test_borrowers_have_no_stacks(app, sign_in, stacks):
    client = sign_in("borrower")
    for path in ("/places", f"/places/{stacks.boxes[0].id}", "/printers", "/places/labels"):
        assert client.get(path).status_code == 403


@pytest.mark.requirement("CAT-25")
def test_the_page_of_a_folder_says_where_it_stands_and_beside_what(browser, stacks):
    rows = [stacks.folder() for _n in range(3)]
    service.shelve(stacks.boxes[0].id, [("folder", row.id) for row in rows], via="screen", **stacks.keeper)
    page = browser.get(f"/folders/{rows[1].id}").text
    assert f'href="/places/{stacks.boxes[0].id}"' in page
    assert rows[0].file_number in page and rows[2].file_number in page
    service.shelve(stacks.boxes[1].id, [("folder", rows[1].id)], via="screen", **stacks.keeper)
    assert "换过的位置" in browser.get(f"/folders/{rows[1].id}").text


def test_a_typed_place_that_differs_from_the_scanned_one_is_pointed_out(browser, stacks):
    kept = stacks.folder()
    service.shelve(stacks.boxes[0].id, [("folder", kept.id)], via="screen", **stacks.keeper)
    records.set_place(kept.id, "窗台上", **stacks.keeper)
    assert "与扫码不同" in browser.get(f"/folders/{kept.id}").text


# Labels and printers


@pytest.mark.parametrize("stock", ["L7160", "L7651", "roll-50x30"])
def test_the_labels_of_a_whole_cabinet_are_printed_and_audited(browser, stacks, stock):
    page = browser.get(f"/places/labels?under={stacks.cabinets[0].id}").text
    ids = re.search(r'name="ids"[^>]*value="([^"]+)"', page)[1]
    assert len(ids.split(",")) == 6  # the cabinet, three shelves, two boxes on the first
    answer = browser.form(
        "/places/labels", f"/places/labels?under={stacks.cabinets[0].id}", ids=ids, stock=stock
    )
    assert answer.mimetype == "application/pdf" and answer.data.startswith(b"%PDF")
    printed = AuditEvent.select().where((AuditEvent.action == "label.print") & (AuditEvent.kind == "place"))
    assert printed.count() == 6


def test_labels_of_nothing_or_of_unknown_places_are_not_printed(browser, stacks):
    for ids in ("", "999999", "x,9999"):
        answer = browser.form("/places/labels", f"/places/labels?id={stacks.room.id}", ids=ids, stock="L7160")
        assert answer.status_code == 422


@pytest.mark.parametrize("which", ["folders", "places"])
def test_a_printer_gives_offset_and_start_and_keeps_the_next_free_label(browser, stacks, which):
    row = printers.add_printer("前台激光机", "L7160", **stacks.keeper)
    printers.set_printer(
        row.id,
        name=row.name,
        stock=row.stock,
        next_start=20,
        offset_mm=(1.0, 0.0),
        scale=1.0,
        **stacks.keeper,
    )
    rows = (
        [stacks.folder().id for _n in range(4)] if which == "folders" else [s.id for s in stacks.shelves[0]]
    )
    path = "/labels" if which == "folders" else "/places/labels"
    sent = {"ids": ",".join(map(str, rows)), "stock": f"#{row.id}", "start": ""}
    page = browser.get(f"{path}?id={rows[0]}").text
    assert "前台激光机·L7160·下一枚第 20" in page
    assert browser.form(path, f"{path}?id={rows[0]}", **sent).data.startswith(b"%PDF")
    left = (20 - 1 + len(rows)) % 21 + 1
    assert Printer.get_by_id(row.id).next_start == left
    assert browser.form(path, f"{path}?id={rows[0]}", **(sent | {"start": "22"})).status_code == 422
    assert Printer.get_by_id(row.id).next_start == left


def test_a_printer_is_added_calibrated_and_taken_away(browser, people):
    answer = browser.form("/printers", name="前台激光机", stock="L7160")
    assert answer.status_code == 303
    page = answer.location
    sheet = browser.get(f"{page}/calibration.pdf")
    assert sheet.mimetype == "application/pdf" and sheet.data.startswith(b"%PDF")
    measured = {"first_x": "２０，５", "first_y": "20", "last_x": "190.5", "last_y": "277"}
    assert browser.form(f"{page}/calibrate", page, **measured).status_code == 303
    row = Printer.get()
    assert (row.offset_x_mm, row.offset_y_mm, row.scale) == (-0.5, 0.0, 1.0)
    assert browser.get(f"{page}/calibration.pdf?check=1").data != sheet.data
    assert browser.form(f"{page}/close", page).status_code == 303
    assert browser.get(page).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "said"),
    [({"first_x": "abc"}, "请填数字"), ({"last_y": "27.7"}, "太远"), ({"first_x": ""}, "请填数字")],
)
def test_a_wrong_measure_is_named_and_nothing_is_kept(browser, people, at, wrong, said):
    row = printers.add_printer("前台", "L7160", actor=people.archivist, at=at)
    good = {"first_x": "20", "first_y": "20", "last_x": "190", "last_y": "277"}
    answer = browser.form(f"/printers/{row.id}/calibrate", f"/printers/{row.id}", **(good | wrong))
    assert answer.status_code == 422 and said in answer.text
    assert Printer.get_by_id(row.id).calibrated_at is None


def test_settings_of_a_printer_can_be_typed(browser, people, at):
    row = printers.add_printer("前台", "L7160", actor=people.archivist, at=at)
    page = f"/printers/{row.id}"
    values = {
        "name": "前台",
        "stock": "L7160",
        "next_start": "5",
        "offset_x": "-0.3",
        "offset_y": "0",
        "scale": "1",
    }
    assert browser.form(page, **values).status_code == 303
    assert Printer.get_by_id(row.id).next_start == 5
    answer = browser.form(page, **(values | {"offset_x": "99", "next_start": "1"}))
    assert answer.status_code == 422 and "偏移不超过" in answer.text


def test_shelving_at_the_desk_shows_the_place_in_hand(browser, stacks):
    kept = stacks.folder()
    page = browser.get("/desk").text
    token = re.search(r'name="csrf-token" content="([^"]+)"', page)[1]

    def scan(code, number):
        return browser.post(
            "/desk/scan", json={"code": code, "scan_id": number}, headers={"X-CSRFToken": token}
        ).json

    said = scan(payload_of(stacks.boxes[0]), "1")
    assert "上架到" in said["band_html"] and "A01-1-01" in said["side_html"]
    said = scan(payload(BarcodeType.FOLDER, kept.id), "2")
    assert "已上架" in said["band_html"] and said["undo"] and said["sound"] == "done"
    assert kept.file_number in said["side_html"]
    undone = browser.post(said["undo"]["url"], headers={"X-CSRFToken": token, "Accept": "application/json"})
    assert "已撤销" in undone.json["band_html"] and stacks.words(kept) == ""
    assert queries.standing_of("folder", kept.id) is None


def test_every_route_of_the_stacks_names_its_permission(app):
    from archive_app.people.access import access_of

    mine = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("stacks.")]
    assert len(mine) >= 12
    assert all(access_of(app.view_functions[rule.endpoint]) for rule in mine)
