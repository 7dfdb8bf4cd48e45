"""Renditions: scans of a volume with page numbers and the 归档章, in their true size; masters untouched."""

from __future__ import annotations

import hashlib
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pypdfium2
import pytest
from PIL import Image, ImageDraw

from archive_app.core.errors import ArchiveError
from archive_app.printing import rendition
from archive_app.printing.press import PRESS
from tests.print.paper import pages, place_mm, read, sizes_mm, texts

SEAL = {
    "fonds": "A017",
    "year": "2025",
    "item": "0012",
    "department": "市场部",
    "retention": "30年",
    "pages": "6",
}
A4_AT_100 = (827, 1169)


def scan(folder: Path, name: str = "scan.jpg", size: tuple[int, int] = A4_AT_100, **saved: Any) -> Path:
    """A page with a black bar a tenth from its upper edge on, from the left to the middle."""
    image = Image.new("L", size, 235)
    ImageDraw.Draw(image).rectangle((size[0] // 10, size[1] // 10, size[0] // 2, size[1] // 10 + 20), fill=0)
    image.save(folder / name, **saved)
    return folder / name


def page(path: Path, number: int | None = 1, **changes: Any) -> dict[str, Any]:
    mime = {".jpg": "image/jpeg", ".tif": "image/tiff", ".png": "image/png", ".pdf": "application/pdf"}
    values = {
        "file": str(path),
        "index": 0,
        "mime": mime[path.suffix],
        "dpi": 100,
        "number": number,
        "back": False,
    }
    return values | changes


def drawn(
    *documents: list[dict[str, Any]], corner: str = "upper", seal: dict[str, Any] | None = SEAL
) -> bytes:
    values = {"title": "A017-HT·2025-0001", "corner": corner}
    values["documents"] = [{"seal": seal, "pages": pages} for pages in documents]  # type: ignore[assignment]
    return PRESS.run("pages", values)


def colours(pdf: bytes, dpi: int = 100, number: int = 0) -> np.ndarray:
    """A page as red, green, blue pixels."""
    with pypdfium2.PdfDocument(pdf) as document:
        found = document[number].render(scale=dpi / 72 * (1 - 1e-6)).to_pil()
    return np.asarray(found.convert("RGB")).astype(int)


def red_box_mm(pdf: bytes, number: int = 0) -> tuple[float, float, float, float]:
    """Left, top, right, bottom in mm of what is red on a page; all 0 when nothing is."""
    rgb = colours(pdf, 300, number)
    red = (rgb[..., 0] > 150) & (rgb[..., 1] < 90) & (rgb[..., 2] < 90)
    rows, columns = np.flatnonzero(red.any(axis=1)), np.flatnonzero(red.any(axis=0))
    if not len(rows):
        return 0.0, 0.0, 0.0, 0.0
    mm = 25.4 / 300
    return columns[0] * mm, rows[0] * mm, (columns[-1] + 1) * mm, (rows[-1] + 1) * mm


@pytest.mark.requirement("CAT-26")
def test_a_seal_of_45_by_16_mm_stands_at_the_top_centre_of_the_first_page_of_documents(
    tmp_path: Path,
) -> None:
    one = scan(tmp_path)
    pdf = drawn([page(one, 1), page(one, 2)], [page(one, 3)])
    for number in (0, 2):
        left, top, right, bottom = red_box_mm(pdf, number)
        assert abs(right - left - 45) < 0.6 and abs(bottom - top - 16) < 0.6
        assert abs((left + right) / 2 - 105) < 0.3 and 4 < top < 12
    assert red_box_mm(pdf, 1) == (0, 0, 0, 0)


@pytest.mark.requirement("CAT-26")
def test_the_six_cells_of_the_seal_are_filled_in_the_order_of_the_standard(tmp_path: Path) -> None:
    pdf = drawn([page(scan(tmp_path), None)])
    left, top, _right, _bottom = red_box_mm(pdf)
    for n, text in enumerate(SEAL.values()):
        box = place_mm(pdf, text)
        row, column = divmod(n, 3)
        assert left + 15 * column < box[0] and box[2] < left + 15 * (column + 1)
        assert top + 8 * row < box[1] and box[3] < top + 8 * (row + 1)


def test_a_long_name_in_the_seal_is_printed_smaller_and_whole(tmp_path: Path) -> None:
    name = "总经理办公室档案科"
    pdf = drawn([page(scan(tmp_path), None)], seal=SEAL | {"department": name})
    box = place_mm(pdf, name)
    assert box[2] - box[0] <= 14.2


def test_the_seal_moves_aside_where_the_head_of_the_page_is_written_on(tmp_path: Path) -> None:
    image = Image.new("L", A4_AT_100, 255)
    words = (340, 20, 640, 330)  # pixels of 100 dpi: the top centre down to 84 mm
    ImageDraw.Draw(image).rectangle(words, fill=0)
    image.save(tmp_path / "head.jpg")
    left, top, right, bottom = red_box_mm(drawn([page(tmp_path / "head.jpg")]))
    assert right - left > 44 and bottom - top > 15
    assert right * 100 / 25.4 < words[0] or left * 100 / 25.4 > words[2]
    assert left > 5 and right < 190


@pytest.mark.requirement("ARR-10")
@pytest.mark.parametrize("corner", ["upper", "lower"])
def test_page_numbers_stand_right_on_fronts_and_left_on_backs(tmp_path: Path, corner: str) -> None:
    one = scan(tmp_path)
    pages = [page(one, 171 + n, back=back) for n, back in enumerate(rendition.backs(4, 2))]
    pdf = drawn(pages, corner=corner, seal=None)
    for n, back in enumerate((False, True, False, True)):
        left, top, right, bottom = place_mm(pdf, str(171 + n), n)
        assert (left < 20) if back else (right > 190)
        assert (bottom < 20) if corner == "upper" else (top > 277)


def test_backs_are_every_second_page_of_sheets_written_on_both_sides() -> None:
    assert rendition.backs(3, 3) == [False] * 3
    assert rendition.backs(3, 2) == [False, True, False]
    assert rendition.backs(2, 0) == [False, False]


@pytest.mark.requirement("DUAL-01")
def test_the_masters_are_not_touched_and_a_jpeg_goes_in_byte_for_byte(tmp_path: Path) -> None:
    one = scan(tmp_path)
    before = hashlib.sha256(one.read_bytes()).hexdigest()
    pdf = drawn([page(one)])
    assert hashlib.sha256(one.read_bytes()).hexdigest() == before
    with pikepdf.open(BytesIO(pdf)) as opened:
        pictures = [item for item in opened.objects if isinstance(item, pikepdf.Stream)]
        assert one.read_bytes() in [picture.read_raw_bytes() for picture in pictures]


def test_a_page_has_the_size_of_its_paper_and_a4_when_that_is_not_known(tmp_path: Path) -> None:
    receipt = scan(tmp_path, "a.jpg", (600, 400))
    pages = [
        page(receipt, dpi=200),
        page(receipt, dpi=None),
        page(receipt, dpi=72),
        page(scan(tmp_path), dpi=None),
    ]
    assert sizes_mm(drawn(pages, seal=None)) == [(76.2, 50.8), (297.0, 210.0), (297.0, 210.0), (210.0, 297.0)]


@pytest.mark.parametrize("turn", range(1, 9))
def test_a_photograph_lies_upright_however_the_camera_was_held(tmp_path: Path, turn: int) -> None:
    back = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # Pillow's numbers of what undoes the turn
    upright = Image.open(scan(tmp_path))
    held = upright if turn == 1 else upright.transpose(Image.Transpose(back[turn]))
    exif = Image.Exif()
    exif[0x0112] = turn
    held.save(tmp_path / "held.jpg", exif=exif)
    pdf = drawn([page(tmp_path / "held.jpg", None)], seal=None)
    assert sizes_mm(pdf) == [(210.1, 296.9)]
    grey = colours(pdf)[..., 0]
    assert grey[125, 200] < 80 and grey[125, 600] > 200 and grey[1040, 200] > 200


def test_bilevel_tiffs_and_their_later_pages_and_pictures_with_transparency_are_shown(tmp_path: Path) -> None:
    first, second = (Image.new("1", A4_AT_100, shade) for shade in (1, 1))
    ImageDraw.Draw(second).rectangle((100, 600, 700, 700), fill=0)
    first.save(tmp_path / "a.tif", save_all=True, append_images=[second], compression="group4")
    Image.new("RGBA", A4_AT_100, (0, 0, 0, 0)).save(tmp_path / "b.png")
    pdf = drawn(
        [page(tmp_path / "a.tif", None, index=n) for n in (0, 1)] + [page(tmp_path / "b.png", None)],
        seal=None,
    )
    blank, bar, clear = (colours(pdf, 100, n)[..., 0] for n in range(3))
    assert blank.min() > 250 and clear.min() > 250
    assert bar[650, 400] < 5 and bar[500, 400] > 250


def test_a_page_of_a_pdf_is_upright_and_keeps_its_text_and_what_was_stamped_on_it(tmp_path: Path) -> None:
    whole = drawn([page(scan(tmp_path), 4711)], seal=None)
    with pikepdf.open(BytesIO(whole)) as opened:
        opened.pages[0].rotate(90, relative=False)
        look = pikepdf.Stream(opened, b"0 0 1 rg 0 0 100 100 re f")
        look.Type, look.Subtype, look.BBox = pikepdf.Name.XObject, pikepdf.Name.Form, [0, 0, 100, 100]
        mark = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Stamp, Rect=[100, 400, 200, 500]
        )
        mark.AP, mark.F = pikepdf.Dictionary(N=look), 4
        opened.pages[0].Annots = pikepdf.Array([opened.make_indirect(mark)])
        opened.save(tmp_path / "turned.pdf")
    pdf = drawn([page(tmp_path / "turned.pdf", 98, dpi=None)])
    assert sizes_mm(pdf) == [(296.9, 210.1)]
    assert "4711" in texts(pdf)[0] and "98" in texts(pdf)[0]
    rgb = colours(pdf)
    assert ((rgb[..., 2] > 200) & (rgb[..., 0] < 60)).sum() > 10_000  # the blue stamp
    left, _top, right, _bottom = place_mm(pdf, "98")
    assert left > 270 and right < 295


def test_a_long_rendition_is_cut_into_parts_that_lose_no_page_and_seal_once(tmp_path: Path) -> None:
    one = scan(tmp_path)
    documents = [{"seal": SEAL, "pages": [page(one, 10 * n + k) for k in range(7)]} for n in range(20)]
    parts = rendition.parts({"title": "t", "corner": "upper", "documents": documents}, 50)
    numbers = [[p["number"] for d in part["documents"] for p in d["pages"]] for part in parts]
    assert [len(part) for part in numbers] == [50, 50, 40]
    assert [n for part in numbers for n in part] == [p["number"] for d in documents for p in d["pages"]]
    assert sum(d["seal"] is not None for part in parts for d in part["documents"]) == 20
    pdf = PRESS.run("pages", parts[2])
    assert len(texts(pdf)) == 40


def test_large_originals_make_smaller_parts(tmp_path: Path) -> None:
    big = tmp_path / "big.jpg"
    big.write_bytes(bytes(rendition.PART_BYTES // 3))
    documents = [{"seal": None, "pages": [page(big, n) for n in range(10)]}]
    parts = rendition.parts({"title": "t", "corner": "upper", "documents": documents})
    assert [len(part["documents"][0]["pages"]) for part in parts] == [3, 3, 3, 1]


def test_an_original_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    with pytest.raises(ArchiveError):
        drawn([page(tmp_path / "broken.jpg")])


@pytest.mark.parametrize(("corner", "back"), [("upper", True), ("lower", False), ("lower", True)])
def test_every_page_carries_the_qr_of_its_print_clear_of_the_page_number(
    tmp_path: Path, corner: str, back: bool
) -> None:
    one = scan(tmp_path)
    qr = "DA1;0123456789ab;700000000741"
    values = {"title": "卷", "corner": corner, "mark": {"qr": qr, "words": "第 2 次打印\n0123456789ab"}}
    sheets = [page(one, 88, back=back), page(one, None)]
    pdf = PRESS.run("pages", values | {"documents": [{"seal": None, "pages": sheets}]})
    assert all(qr in [text for _kind, text in read(picture)] for picture in pages(pdf, 300))
    for n, words in enumerate(texts(pdf)):
        assert "第2次打印" in "".join(words.split())
        assert ("88" in words) == (n == 0)
