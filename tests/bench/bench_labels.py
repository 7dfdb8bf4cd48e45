"""1,000 labels on L7160 sheets, beside bare typst on the same content in the same run."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from typing import Any

from archive_app.printing import barcode
from archive_app.printing.labels import Label, labels_pdf, load_stock

COUNT = 1_000
_WORDS = (
    "兰州万象实业集团股份有限公司",
    "关于特别关注和收集的",
    "往来函件及会议纪要",
    "客户基本情况登记表",
    "年度服务合同",
)
# What a person would write in typst without this program: text, two pictures, a grid of three columns.
_BARE = """
#set page(width: 210mm, height: 297mm, margin: (x: 7.2mm, y: 15.15mm))
#set text(font: ("Noto Sans CJK SC", "BabelStone Han"), size: 8pt, lang: "zh")
#grid(columns: (63.5mm,) * 3, rows: 38.1mm, column-gutter: 2.54mm,
  ..json(bytes(sys.inputs.data)).map(l => pad(2mm, [
    #l.category #l.year #h(1fr) *#l.retention* *#l.secrecy* \\
    #text(size: 18pt, weight: "bold", l.file_number) \\
    #place(right, image(bytes(l.qr), format: "svg", width: 14.7mm))
    #box(width: 42mm, height: 9mm, clip: true, l.title) \\
    #image(bytes(l.bars), format: "svg", width: 25.654mm, height: 8.4mm, fit: "stretch")
    #l.payload #h(1fr) *#l.place*
  ])))
"""


def _labels() -> list[Label]:
    return [
        Label(
            file_number=f"HT-2026-{n:04d}",
            payload=barcode.payload(barcode.BarcodeType.FOLDER, n),
            title="".join(_WORDS[(n + k) % len(_WORDS)] for k in range(1 + n % 3)),
            secrecy="秘密",
            secrecy_rank=1,
            retention="30年",
            place=f"A-{n % 90:02d}-2",
            year="2026年",
            category="合同类",
        )
        for n in range(1, COUNT + 1)
    ]


def _svg(path: str, wide: int, high: int) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{high}" '
        f'viewBox="0 0 {wide} {high}" preserveAspectRatio="none"><path d="{path}"/></svg>'
    )


def _prepared(labels: list[Label]) -> str:
    rows: list[dict[str, Any]] = []
    for label in labels:
        path, side = barcode.qr_path(barcode.qr_text(label.file_number, label.payload))
        bars = _svg(barcode.bars_path(label.payload), barcode.MODULES, 1)
        rows.append(vars(label) | {"bars": bars, "qr": _svg(path, side, side)})
    return json.dumps(rows, ensure_ascii=False)


def _seconds(job: Callable[[], object]) -> float:
    began = time.perf_counter()
    job()
    return time.perf_counter() - began


def run() -> list[tuple[str, str]]:
    """Print and return the figures: medians of three warm runs, wall seconds for 1,000 labels."""
    import typst

    labels, stock = _labels(), load_stock("L7160")
    fonts, data = typst.Fonts(), _prepared(labels)

    def bare() -> object:
        compiler = typst.Compiler(_BARE.encode(), font_paths=fonts)
        return compiler.compile(format="pdf", sys_inputs={"data": data}, pdf_tags=False)

    labels_pdf(labels[:21], stock)  # the press is warm, as typst in this process is
    pairs = []
    for n in range(3):
        # new titles each time, so that neither side finds its own work again
        mine = [Label(**{**vars(label), "title": f"{label.title}{n}"}) for label in labels]
        data = data.replace('"title": "', '"title": " ')
        pairs.append((_seconds(lambda mine=mine: labels_pdf(mine, stock)), _seconds(bare)))  # type: ignore[misc]
    ours, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    rows = [
        (f"{COUNT} labels, codes and layout included", f"{ours:.2f} s"),
        (f"{COUNT} labels in bare typst, codes prepared", f"{theirs:.2f} s"),
        ("ratio, median of the pairs (must be <= 2)", f"{statistics.median(a / b for a, b in pairs):.2f}"),
    ]
    for name, figure in rows:
        print(f"{name:<45}{figure:>10}")
    return rows


if __name__ == "__main__":
    run()
