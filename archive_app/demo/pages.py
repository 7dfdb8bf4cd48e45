"""Believable scanned pages with their true text, for the demo room and for tests: contracts and policies."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from archive_app.demo.page_texts import CONTRACT_CLAUSES, GOODS, POLICIES

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFont import FreeTypeFont

DPI = 300
A4 = (2480, 3508)
MARGIN = 300
BODY, TITLE, SMALL = 50, 84, 42
"""Pixels: 12, 20 and 10 pt."""
LEADING = 1.7
RED = (205, 35, 45)
CONDITIONS = ("clean", "skew", "stamp", "copy")

Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Placed:
    """A piece of text and its box (x, y, width, height) on the page image."""

    text: str
    box: Box


@dataclass(frozen=True)
class DemoPage:
    """A page image (RGB, grey or bilevel, 300 dpi) and what stands on it, line by line."""

    name: str
    image: Image
    placed: tuple[Placed, ...]
    condition: str = "clean"
    dpi: int = DPI

    @property
    def truth(self) -> str:
        """The true text, one placed piece a line."""
        return "\n".join(piece.text for piece in self.placed)


@dataclass
class _Sheet:
    """A white A4 page that is being written from top to bottom."""

    y: int = MARGIN
    placed: list[Placed] = field(default_factory=list)

    def __post_init__(self) -> None:
        from PIL import Image, ImageDraw

        self.image = Image.new("L", A4, 255)
        self.draw = ImageDraw.Draw(self.image)

    def put(self, text: str, x: int, y: int, size: int) -> Placed:
        """Write one piece at a place."""
        face = serif(size)
        self.draw.text((x, y), text, fill=25, font=face)
        left, top, right, bottom = (round(side) for side in self.draw.textbbox((x, y), text, font=face))
        self.placed.append(Placed(text, (left, top, right - left, bottom - top)))
        return self.placed[-1]

    def title(self, text: str) -> None:
        """Write a centred title."""
        self.put(text, round((A4[0] - serif(TITLE).getlength(text)) / 2), self.y, TITLE)
        self.y += TITLE * 2

    def line(self, text: str, x: int = MARGIN) -> None:
        """Write one line of the body."""
        self.put(text, x, self.y, BODY)
        self.y += round(BODY * LEADING)

    def paragraph(self, text: str) -> None:
        """Write a paragraph, its first line indented by two characters, broken anywhere."""
        room, rest, indent = A4[0] - 2 * MARGIN, text, 2 * BODY
        while rest:
            count = len(rest)
            while serif(BODY).getlength(rest[:count]) > room - indent:
                count -= 1
            self.line(rest[:count], MARGIN + indent)
            rest, indent = rest[count:], 0

    def table(self, rows: Sequence[Sequence[str]], widths: Sequence[int]) -> None:
        """Write a table with ruling lines."""
        height = round(SMALL * 2)
        for row in rows:
            x = MARGIN
            for text, width in zip(row, widths, strict=True):
                self.draw.rectangle((x, self.y, x + width, self.y + height), outline=25, width=3)
                if text:
                    self.put(text, x + 16, self.y + 12, SMALL)
                x += width
            self.y += height
        self.y += BODY


def serif(size: int) -> FreeTypeFont:
    """Noto Serif CJK SC in pixels. Raises Misconfigured if no Chinese font is installed."""
    from PIL import ImageFont

    from archive_app.scans.page_copies import font_file

    path, index = font_file("Noto Serif CJK SC")
    return ImageFont.truetype(path, size, index=index)


def contract_page(
    number: str, buyer: str, seller: str, signed: str, *, title: str = "产品购销合同", pick: int = 0
) -> DemoPage:
    """The first page of a sales contract; ``pick`` varies goods and clauses, ``signed`` is a date."""
    sheet = _Sheet()
    sheet.title(title)
    for text in (
        f"合同编号：{number}",
        f"甲方（买方）：{buyer}",
        f"乙方（卖方）：{seller}",
        f"签订日期：{signed}",
    ):
        sheet.line(text)
    goods = [GOODS[(pick + n) % len(GOODS)] for n in range(4)]
    rows = [("品名", "规格型号", "单位", "数量", "单价（元）", "金额（元）")]
    total = 0
    for n, (name, model, unit, cents) in enumerate(goods):
        count = 2 + (pick * 7 + n * 3) % 18
        total += count * cents
        rows.append((name, model, unit, str(count), _yuan(cents), _yuan(count * cents)))
    rows.append(("合计", "", "", "", "", _yuan(total)))
    sheet.y += BODY // 2
    sheet.table(rows, (380, 420, 150, 150, 370, 410))
    for n in range(6):
        clause = CONTRACT_CLAUSES[(pick + n) % len(CONTRACT_CLAUSES)]
        sheet.paragraph(f"第{'一二三四五六'[n]}条　{clause}")
    sheet.y += BODY
    sheet.line("甲方（盖章）：")
    sheet.y -= round(BODY * LEADING)
    sheet.line("乙方（盖章）：", A4[0] // 2 + 100)
    return DemoPage(f"contract-{number}", sheet.image, tuple(sheet.placed))


def policy_page(pick: int = 0) -> DemoPage:
    """A page of one of the built-in policies."""
    title, paragraphs = POLICIES[pick % len(POLICIES)]
    sheet = _Sheet()
    sheet.title(title)
    for text in paragraphs:
        sheet.paragraph(text)
    return DemoPage(f"policy-{pick % len(POLICIES)}", sheet.image, tuple(sheet.placed))


def _yuan(cents: int) -> str:
    return f"{cents / 100:,.2f}"


def worn(page: DemoPage, condition: str, seed: int = 1) -> DemoPage:
    """The page as it comes from the scanner: clean, skew, stamp (red seal over the text), or copy."""
    wear: dict[str, Callable[[DemoPage, int], DemoPage]] = {
        "clean": lambda page, _seed: page,
        "skew": _skewed,
        "stamp": _stamped,
        "copy": _copied,
    }
    done = wear[condition](page, seed)
    return replace(done, name=f"{page.name}__{condition}", condition=condition)


def turned(page: DemoPage, degrees: float) -> DemoPage:
    """The page turned counter-clockwise about its middle, the places with it."""
    from PIL.Image import Resampling

    image = page.image.rotate(degrees, Resampling.BICUBIC, fillcolor="white")
    middle = (image.width / 2, image.height / 2)
    placed = tuple(Placed(piece.text, _turned_box(piece.box, degrees, middle)) for piece in page.placed)
    return replace(page, image=image, placed=placed)


def _turned_box(box: Box, degrees: float, middle: tuple[float, float]) -> Box:
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    x, y, w, h = box
    corners = [(a - middle[0], b - middle[1]) for a in (x, x + w) for b in (y, y + h)]
    across = [middle[0] + a * cos + b * sin for a, b in corners]
    down = [middle[1] - a * sin + b * cos for a, b in corners]
    left, top = round(min(across)), round(min(down))
    return (left, top, round(max(across)) - left, round(max(down)) - top)


def _skewed(page: DemoPage, seed: int) -> DemoPage:
    import numpy as np
    from PIL import Image, ImageFilter

    random = np.random.default_rng(seed)
    page = turned(page, float(random.choice([-1, 1]) * random.uniform(0.8, 2.0)))
    soft = np.asarray(page.image.filter(ImageFilter.GaussianBlur(1)), dtype=np.float32)
    noisy = soft * 0.96 + random.normal(0, 4, soft.shape)
    return replace(page, image=Image.fromarray(noisy.clip(0, 255).astype(np.uint8)))


def _copied(page: DemoPage, seed: int) -> DemoPage:
    import numpy as np
    from PIL import Image, ImageFilter

    random = np.random.default_rng(seed)
    page = turned(page, float(random.uniform(-0.8, 0.8)))
    grey = np.asarray(page.image.filter(ImageFilter.GaussianBlur(1.5)), dtype=np.float32)
    black = grey + random.normal(0, 18, grey.shape) < 165
    for y, x in random.integers((0, 0), black.shape, (4000, 2)):
        black[y : y + random.integers(1, 4), x : x + random.integers(1, 4)] = True
    black[:, : int(random.integers(10, 40))] = True
    return replace(page, image=Image.fromarray(~black))


def _stamped(page: DemoPage, seed: int) -> DemoPage:
    import numpy as np
    from PIL import Image

    random = np.random.default_rng(seed)
    paper = np.asarray(page.image.convert("RGB"), dtype=np.float32)
    seal = np.asarray(_seal("上海恒远机械设备有限公司", "合同专用章").rotate(float(random.uniform(-20, 20))))
    x, y = int(random.integers(700, 1500)), int(random.integers(1400, 2600))
    part = paper[y : y + seal.shape[0], x : x + seal.shape[1]]
    strength = seal[:, :, None].astype(np.float32) / 255 * 0.85
    part *= 1 - strength * (1 - np.array(RED, dtype=np.float32) / 255)
    return replace(page, image=Image.fromarray(paper.astype(np.uint8)))


def _seal(around: str, below: str) -> Image:
    """The mask of a round company seal of 42 mm: rim, name on the arc, star, a line below."""
    from PIL import Image, ImageDraw

    side = round(42 / 25.4 * DPI)
    middle = side / 2
    seal = Image.new("L", (side, side))
    draw = ImageDraw.Draw(seal)
    draw.ellipse((4, 4, side - 4, side - 4), outline=255, width=14)
    points = [(0.17 if n % 2 == 0 else 0.07, math.radians(36 * n - 90)) for n in range(10)]
    draw.polygon(
        [(middle + r * side * math.cos(a), middle + r * side * math.sin(a)) for r, a in points], fill=255
    )
    for n, char in enumerate(around):
        angle = 230 / (len(around) - 1) * n - 115
        letter = Image.new("L", (side, side))
        ImageDraw.Draw(letter).text((middle, side * 0.09), char, 255, serif(52), anchor="mt")
        seal.paste(255, mask=letter.rotate(-angle))
    draw.text((middle, side * 0.74), below, 255, serif(44), anchor="mt")
    return seal


def pages(conditions: Sequence[str] = CONDITIONS) -> Iterator[DemoPage]:
    """A contract and a policy in each condition, always the same ones."""
    for n, condition in enumerate(conditions):
        contract = contract_page(
            f"XS-2026-{n + 101:04d}",
            "成都天府食品销售有限公司",
            "上海恒远机械设备有限公司",
            "2026-03-12",
            pick=n,
        )
        yield worn(contract, condition, n)
        yield worn(policy_page(n), condition, n)


def save(page: DemoPage, folder: Path) -> Path:
    """Write a page as a scanner would, PNG or (skew, stamp) JPEG; return the path."""
    path = folder / f"{page.name}.{'jpg' if page.condition in ('skew', 'stamp') else 'png'}"
    page.image.save(path, dpi=(page.dpi, page.dpi), quality=80)
    return path


def write(folder: Path, conditions: Sequence[str] = CONDITIONS) -> list[dict[str, object]]:
    """Write `pages` with truth and ``index.json`` (file, truth, class, dpi, chars); return the index."""
    (folder / "truth").mkdir(parents=True, exist_ok=True)
    index: list[dict[str, object]] = []
    for page in pages(conditions):
        truth = folder / "truth" / f"{page.name}.txt"
        truth.write_text(page.truth, encoding="utf-8")
        chars = sum(map(len, page.truth.split()))
        index.append({"file": save(page, folder).name, "truth": f"truth/{truth.name}",
                      "class": page.condition, "dpi": page.dpi, "chars": chars})  # fmt: skip
    (folder / "index.json").write_text(json.dumps(index, ensure_ascii=False, indent=1), encoding="utf-8")
    return index
