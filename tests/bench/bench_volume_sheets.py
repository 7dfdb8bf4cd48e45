"""All sheets of a volume of 200 documents, beside a plain WeasyPrint document of the same texts and codes."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from markupsafe import Markup, escape

from archive_app.printing import form, volume_pages
from tests.bench import Figure
from tests.print import volume_data

COUNT = 200
RUNS = 3
# What a person would write without this program: headings, paragraphs, ordinary tables, a running stamp.
_STYLE = """
@page { size: A4; margin: 35mm 15mm 20mm 25mm; @top-right { content: element(stamp) }
        @bottom-left { content: element(words) } @bottom-right { content: "第 " counter(page) " 页" } }
.stamp { position: running(stamp) } .words { position: running(words) }
h1 { break-before: page; font-size: 18pt } table { border-collapse: collapse; width: 100% }
td, th { border: 0.25mm solid #000; height: 15mm; padding: 0 1mm; font-size: 10.5pt }
.low td { height: 7.4mm; font-size: 9pt } tr { break-inside: avoid }
"""


def _table(records: Iterable[Mapping[str, Any]], name: str, kind: str = "") -> Markup:
    columns = volume_pages.table(name).columns
    heading = Markup("").join(Markup("<th>{}</th>").format(column.title) for column in columns)
    body = Markup("").join(
        Markup("<tr>{}</tr>").format(_cells([record.get(column.name, "") for column in columns]))
        for record in records
    )
    return Markup('<table class="{}"><thead><tr>{}</tr></thead>{}</table>').format(kind, heading, body)


def _cells(values: Sequence[Any]) -> Markup:
    return Markup("").join(Markup("<td>{}</td>").format(value) for value in values)


def _facts(values: Mapping[str, Any]) -> Markup:
    return Markup("<table>{}</table>").format(
        Markup("").join(
            Markup("<tr><td>{}</td><td>{}</td></tr>").format(key, value) for key, value in values.items()
        )
    )


def _plain(data: dict[str, Any]) -> str:
    volume, remark, stamp = data["volume"], data["remark"], data["stamp"]
    code = form.qr(f"DA1;{volume['number']};{volume['payload']}", 15.7)
    parts = [
        Markup('<div class="stamp">{}</div>').format(form.qr(stamp["qr"], 15.7)),
        Markup('<p class="words">{} 打印 第 {} 次打印 {}</p>').format(
            stamp["printed_at"], stamp["number"], stamp["hash12"]
        ),
        Markup("<h1>案卷封面</h1>{}{}").format(_facts(volume), code + form.bars(volume["payload"], 10)),
        Markup("<h1>卷内文件目录</h1>{}").format(_table(data["lines"], "gbt9705")),
        Markup("<h1>材料放在这里</h1>{}").format(_table(data["folders"], "folders")),
        Markup("<h1>卷内备考表</h1>{}<p>{}</p>").format(
            _facts({fact["name"]: fact["text"] for fact in remark["facts"]}), remark["text"]
        ),
        _table([{}] * 4, "changes"),
        Markup("<h1>电子文件编码及存址</h1>{}").format(_table(remark["electronic"], "electronic", "low")),
        Markup("<h1>封底</h1><p>{}</p>").format(volume["number"]),
        Markup("<h1>脊背</h1>{}{}").format(_facts(volume), code),
        *(Markup("<h1>卷盒标签</h1>{}{}").format(_facts(box), code) for box in data["boxes"]),
        Markup("<h1>装订说明</h1>{}").format(_table(data["instructions"]["steps"], "steps")),
    ]
    return f'<html lang="zh-CN"><body>{"".join(map(escape, parts))}</body></html>'


@cache
def _styles() -> tuple[str, ...]:
    return ((form.FOLDER / "common.css").read_text("utf-8"), _STYLE)


def _draw_plain(data: dict[str, Any]) -> bytes:
    from weasyprint import CSS, HTML

    sheets = [CSS(string=text) for text in _styles()]
    return bytes(HTML(string=_plain(data)).write_pdf(stylesheets=sheets, pdf_variant="pdf/a-2u"))


def _seconds(job: Callable[[], object]) -> float:
    began = time.process_time()
    job()
    return time.process_time() - began


def _values(run: int) -> dict[str, Any]:
    """A pack whose titles nobody has set before."""
    titles = tuple(f"{title}{run}" for title in volume_data.TITLES)
    return volume_data.pack(COUNT, lines=volume_data.lines(COUNT, titles))


def run() -> list[Figure]:
    """CPU seconds in this process, warm, medians of pairs."""
    form.draw("volume_pack", volume_data.pack(5))
    _draw_plain(volume_data.pack(5))
    pairs = []
    for n in range(RUNS):
        values = _values(n)
        ours = _seconds(lambda values=values: form.draw("volume_pack", values))  # type: ignore[misc]
        plain = _seconds(lambda values=values: _draw_plain(values))  # type: ignore[misc]
        pairs.append((ours, plain))
    ours, plain = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(one / other for one, other in pairs)
    figures = [
        Figure("all sheets of a volume of 200 documents, CPU", "≤ 5 s", f"{ours:.2f} s", ours <= 5),
        Figure("the same texts in one plain WeasyPrint document", "", f"{plain:.2f} s"),
        Figure("sheets of a volume, times plain WeasyPrint", "≤ 1", f"{ratio:.2f}", ratio <= 1),
    ]
    for figure in figures:
        print(f"{figure.name:<52}{figure.measured:>10}")
    return figures


if __name__ == "__main__":
    run()
