"""What the print tests share: sample labels, and eyes to read a PDF or a thermal label with."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pypdfium2
import zxingcpp

from archive_app.printing.barcode import MODULES, BarcodeType, modules, payload
from archive_app.printing.labels import Label

LEVELS = (("绝密", 3), ("机密", 2), ("秘密", 1), ("非密", 0))
TITLES = (
    "兰州万象实业集团股份有限公司关于要特别关注和收集的往来函件",
    "客户基本情况登记表",
    "Acme Ltd. <script>alert(1)</script> & “Co.” 保密协议",
    "周堃喆、朱镕、〇先生授权委托书",
)


def label(id: int, **changes: object) -> Label:
    """A folder's label; ``changes`` replace its values."""
    level, rank = LEVELS[id % 4]
    values: dict[str, object] = {
        "file_number": f"HT-2026-{id:04d}",
        "payload": payload(BarcodeType.FOLDER, id),
        "title": TITLES[id % len(TITLES)],
        "secrecy": level,
        "secrecy_rank": rank,
        "retention": "30年",
        "place": f"A-{id % 9}-2-05",
        "year": "2026年",
        "category": "合同类",
    }
    return Label(**(values | changes))  # type: ignore[arg-type]


def pages(pdf: bytes, dpi: float) -> Iterator[np.ndarray]:
    """Each page as grey pixels at a resolution."""
    document = pypdfium2.PdfDocument(pdf)
    for page in document:
        # a hair less, or 400.0001 pixels become 401 and every bar is stretched
        yield page.render(scale=dpi / 72 * (1 - 1e-6), grayscale=True).to_numpy().copy()
        page.close()
    document.close()


def texts(pdf: bytes) -> list[str]:
    """The text of each page."""
    document = pypdfium2.PdfDocument(pdf)
    found = []
    for page in document:
        words = page.get_textpage()
        found.append(words.get_text_range())
        words.close()
        page.close()
    document.close()
    return found


def sizes_mm(pdf: bytes) -> list[tuple[float, float]]:
    """Width and height of each page in mm."""
    document = pypdfium2.PdfDocument(pdf)
    found = [
        tuple(round(pt * 25.4 / 72, 1) for pt in document.get_page_size(n)) for n in range(len(document))
    ]
    document.close()
    return found  # type: ignore[return-value]


def place_mm(pdf: bytes, text: str, page_number: int = 0) -> tuple[float, float, float, float]:
    """Left, top, right, bottom in mm of a text on a page, from the upper left corner."""
    document = pypdfium2.PdfDocument(pdf)
    page = document[page_number]
    words = page.get_textpage()
    hits = words.search(text)
    at = hits.get_next()
    assert at, f"{text} is not on the page"
    boxes = [words.get_charbox(at[0] + n) for n in range(at[1])]
    height = page.get_height()
    left, bottom, right, top = (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )
    hits.close()
    words.close()
    page.close()
    document.close()
    mm = 25.4 / 72
    return left * mm, (height - top) * mm, right * mm, (height - bottom) * mm


def read(picture: np.ndarray) -> list[tuple[str, str]]:
    """Every code on a picture: its symbology and its text."""
    return [
        ("qr" if code.format == zxingcpp.BarcodeFormat.QRCode else "bars", code.text)
        for code in zxingcpp.read_barcodes(picture)
    ]


def thermal(zpl: str) -> Iterator[np.ndarray]:
    """What a thermal printer would burn, one pixel a dot: native bars and run-length graphics."""
    for block in zpl.split("^XA")[1:]:
        wide, high = (int(re.search(rf"\^{key}(\d+)", block)[1]) for key in ("PW", "LL"))  # type: ignore[index]
        paper = np.full((high, wide), 255, np.uint8)
        graphic = re.search(r"\^GFA,(\d+),\d+,(\d+),([^^]*)", block)
        assert graphic
        rows = _unpacked(graphic[3], int(graphic[2]) * 2)
        dots = np.frombuffer(bytes.fromhex("".join(rows)), np.uint8).reshape(len(rows), -1)
        bits = np.unpackbits(dots, axis=1)
        assert len(rows) * int(graphic[2]) == int(graphic[1])
        paper[bits[:high, :wide] == 1] = 0
        bars = re.search(r"\^FO(\d+),(\d+)\^BY(\d),3,(\d+)\^BCN,\d+,N,N,N,N\^FD>;(\d{12})\^FS", block)
        assert bars
        x, y, module, tall = (int(bars[n]) for n in (1, 2, 3, 4))
        line = np.repeat([int(m) for m in modules(bars[5])], module)
        assert len(line) == MODULES * module
        paper[y : y + tall, x : x + len(line)][:, line == 1] = 0
        yield paper


def _unpacked(data: str, digits: int) -> list[str]:
    rows: list[str] = []
    row, count = "", 0
    for char in data:
        if char == ":":
            rows.append(rows[-1])
        elif char == ",":
            rows.append(row.ljust(digits, "0"))
            row = ""
        elif "G" <= char <= "Y":
            count += ord(char) - ord("F")
        elif "g" <= char <= "z":
            count += 20 * (ord(char) - ord("f"))
        else:
            row, count = row + char * (count or 1), 0
        if len(row) == digits:
            rows.append(row)
            row = ""
    return rows
