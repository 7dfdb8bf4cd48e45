"""What may be taken in: told by content, never by name, and refused in words that say what to do next."""

from __future__ import annotations

import io
import re
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageDraw

from archive_app.core.errors import Refused
from archive_app.scans import guard
from archive_app.scans.intake_file import Limits, inspect, page_images


def picture(size=(620, 877), mode="L", text="档案 HT-2026-0001"):
    """A small page with a dark bar at the upper left."""
    image = Image.new("L", size, 255)
    ImageDraw.Draw(image).rectangle((20, 20, size[0] // 3, 40), fill=0)
    return image.convert(mode)


def saved(path, image, **options):
    image.save(path, **options)
    return path


def all_pages(path, **options):
    return list(page_images(path, inspect(path), **options))


def code_of(path, **limits):
    with pytest.raises(Refused) as refusal:
        inspect(path, Limits(**limits))
    assert refusal.value.next_step
    assert re.search("[\u4e00-\u9fff]", refusal.value.message)
    return refusal.value.code


def pdf(pages=1, *, cut=None, width=595, height=842):
    """The bytes of a small PDF with a black bar on each page."""
    body = b"0 0 0 rg 60 760 200 20 re f"
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(pages))
    objects = ["<</Type/Catalog/Pages 2 0 R>>", f"<</Type/Pages/Count {pages}/Kids[{kids}]>>", "<<>>"]
    for n in range(pages):
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {width} {height}]"
            f"/Contents {5 + 2 * n} 0 R/Resources 3 0 R>>"
        )
        objects.append(f"<</Length {len(body)}>>stream\n{body.decode()}\nendstream")
    out = io.BytesIO(b"")
    out.write(b"%PDF-1.4\n")
    places = []
    for n, text in enumerate(objects, start=1):
        places.append(out.tell())
        out.write(f"{n} 0 obj{text}endobj\n".encode())
    start = out.tell()
    out.write(f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode())
    out.write(b"".join(f"{place:010d} 00000 n \n".encode() for place in places))
    out.write(f"trailer<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF".encode())
    return out.getvalue()[:cut]


def encrypted_pdf():
    """A PDF whose user password is not empty (revision 2, all values made up, so no password opens it)."""
    plain = pdf().replace(
        b"/Root 1 0 R>>",
        b"/Root 1 0 R/ID[<00112233445566778899aabbccddeeff><00112233445566778899aabbccddeeff>]"
        b"/Encrypt<</Filter/Standard/V 1/R 2/P -44/O<" + b"ab" * 32 + b">/U<" + b"cd" * 32 + b">>>>>",
    )
    return plain


def bomb(width, height):
    """A PNG of a few bytes that says it has ``width`` × ``height`` pixels."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 99))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("form", "name", "mime", "extension"),
    [
        ("JPEG", "扫描.pdf", "image/jpeg", "jpg"),
        ("PNG", "扫描.jpg", "image/png", "png"),
        ("TIFF", "扫描", "image/tiff", "tif"),
    ],
)
def test_a_picture_is_known_by_its_content_whatever_its_name(tmp_path, form, name, mime, extension):
    path = saved(tmp_path / name, picture(), format=form)
    facts = inspect(path)
    assert (facts.mime, facts.extension, facts.pages, facts.size) == (mime, extension, 1, path.stat().st_size)


def test_every_page_of_a_pdf_is_drawn_at_300_dpi(tmp_path):
    path = tmp_path / "合同.pdf"
    path.write_bytes(pdf(3))
    found = all_pages(path)
    assert [page.number for page in found] == [1, 2, 3]
    assert all(page.dpi == 300 and page.image.size == (2480, 3509) for page in found)
    assert all(page.image.mode == "L" and page.image.getpixel((500, 300)) == 0 for page in found)


def test_a_wall_sized_pdf_page_is_drawn_smaller_instead_of_filling_the_memory(tmp_path):
    path = tmp_path / "图纸.pdf"
    path.write_bytes(pdf(width=2384, height=3370))
    (page,) = all_pages(path)
    assert page.dpi < 200
    assert 35_000_000 < page.image.width * page.image.height < 37_000_000


def test_every_frame_of_a_tiff_is_a_page(tmp_path):
    frames = [Image.new("L", (600 + n, 800), 200 + n) for n in range(4)]
    path = saved(tmp_path / "多页.tif", frames[0], save_all=True, append_images=frames[1:], dpi=(200, 200))
    found = all_pages(path)
    assert [page.image.size[0] for page in found] == [600, 601, 602, 603]
    assert [page.image.getpixel((5, 5)) for page in found] == [200, 201, 202, 203]
    assert {page.dpi for page in found} == {200}
    assert [page.number for page in all_pages(path, first=2, last=3)] == [2, 3]


def test_a_photo_taken_sideways_stands_upright(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # turn clockwise to see it upright
    path = saved(tmp_path / "手机.jpg", picture((800, 600)), exif=exif)
    (page,) = all_pages(path)
    assert page.image.size == (600, 800)
    assert page.image.getpixel((570, 100)) < 60 < page.image.getpixel((30, 30))


@pytest.mark.parametrize("most", [65535, 4095])
def test_sixteen_bits_become_eight_without_going_blank(tmp_path, most):
    values = np.full((900, 640), most, np.uint16)
    values[50:100, 50:300] = 0
    path = saved(tmp_path / "深.png", Image.fromarray(values))
    (page,) = all_pages(path)
    assert page.image.mode == "L"
    assert (page.image.getpixel((60, 60)), page.image.getpixel((400, 400))) == (0, 255)


@pytest.mark.parametrize(
    ("mode", "form"), [("CMYK", "JPEG"), ("P", "PNG"), ("RGBA", "PNG"), ("LA", "PNG"), ("1", "TIFF")]
)
def test_every_kind_of_colour_becomes_bilevel_grey_or_rgb(tmp_path, mode, form):
    path = saved(tmp_path / "x", picture(mode="RGB").convert(mode), format=form)
    (page,) = all_pages(path)
    assert page.image.mode in ("1", "L", "RGB")
    grey = page.image.convert("L")
    assert grey.getpixel((30, 30)) < 60 and grey.getpixel((400, 400)) > 240


def test_transparency_is_paper_not_ink(tmp_path):
    path = saved(tmp_path / "x.png", Image.new("RGBA", (300, 300), (0, 0, 0, 0)))
    (page,) = all_pages(path)
    assert page.image.getpixel((100, 100)) == (255, 255, 255)


def test_a_senseless_resolution_is_none(tmp_path):
    path = saved(tmp_path / "x.jpg", picture(), dpi=(1, 1))
    assert all_pages(path)[0].dpi is None


def test_an_empty_file_is_refused(tmp_path):
    path = tmp_path / "空.pdf"
    path.write_bytes(b"")
    assert code_of(path) == "scan.empty"


def test_a_program_named_pdf_is_refused_and_named(tmp_path):
    path = tmp_path / "合同.pdf"
    path.write_bytes(b"MZ\x90\0" + b"\0" * 60 + b"This program cannot be run in DOS mode" + b"\0" * 500)
    assert code_of(path) == "scan.not_a_scan"
    with pytest.raises(Refused, match="exe"):
        inspect(path)


@pytest.mark.parametrize(
    "content", [b"hello", "只是文字".encode(), b"PK\x03\x04" + b"\0" * 100, b"GIF89a" + b"\0" * 50]
)
def test_what_is_no_scan_is_refused(tmp_path, content):
    path = tmp_path / "x.jpg"
    path.write_bytes(content)
    assert code_of(path) == "scan.not_a_scan"


@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF"])
def test_a_truncated_picture_is_refused(tmp_path, form):
    whole = io.BytesIO()
    noise = np.random.default_rng(1).integers(0, 255, (800, 600), dtype=np.uint8)
    Image.fromarray(noise).save(whole, form)
    path = tmp_path / "断.jpg"
    path.write_bytes(whole.getvalue()[: len(whole.getvalue()) // 2])
    assert code_of(path) == "scan.damaged"


@pytest.mark.parametrize("head", [b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"II*\0", b"%PDF-1.7\n"])
def test_rubbish_behind_a_good_beginning_is_refused(tmp_path, head):
    path = tmp_path / "坏"
    path.write_bytes(head + bytes(range(256)) * 20)
    assert code_of(path) == "scan.damaged"


def test_a_pdf_with_a_password_is_refused_and_says_so(tmp_path):
    path = tmp_path / "密码.pdf"
    path.write_bytes(encrypted_pdf())
    assert code_of(path) == "scan.encrypted"


@pytest.mark.parametrize("size", [(12_000, 9_000), (30_000, 3_000)])
def test_a_decompression_bomb_is_refused_by_its_header(tmp_path, size):
    path = tmp_path / "炸弹.png"
    path.write_bytes(bomb(*size))
    assert path.stat().st_size < 200
    assert code_of(path) == "scan.too_many_pixels"


def test_what_is_too_small_or_too_long_for_a_page_is_refused(tmp_path):
    assert code_of(saved(tmp_path / "a.png", Image.new("L", (31, 200)))) == "scan.too_small"
    assert code_of(saved(tmp_path / "b.png", Image.new("L", (100, 1300)))) == "scan.too_long"


def test_too_many_pages_and_too_large_a_file_are_refused(tmp_path):
    path = tmp_path / "厚.pdf"
    path.write_bytes(pdf(4))
    assert code_of(path, pages=3) == "scan.too_many_pages"
    assert code_of(path, size=500) == "scan.too_large"


def test_the_child_process_passes_the_refusal_on(tmp_path):
    path = tmp_path / "空.png"
    path.write_bytes(b"")
    with pytest.raises(Refused) as refusal:
        guard.inspect_file(path)
    assert refusal.value.code == "scan.empty" and refusal.value.next_step


def test_pages_are_drawn_into_files_with_view_and_thumbnail(tmp_path):
    path = tmp_path / "合同.pdf"
    path.write_bytes(pdf(3))
    folder = tmp_path / "pages"
    folder.mkdir()
    drawn = guard.draw_pages(path, folder, first=2)
    assert [page.number for page in drawn] == [2, 3]
    with (
        Image.open(drawn[0].image) as image,
        Image.open(drawn[0].view) as view,
        Image.open(drawn[0].thumb) as thumb,
    ):
        assert image.size == (drawn[0].width, drawn[0].height) == (2480, 3509)
        assert (view.format, max(view.size), max(thumb.size)) == ("WEBP", 2000, 200)
