"""Search at 100,000 folder titles and 10,000 OCR pages, beside LIKE on the same rows with the same hits."""

from __future__ import annotations

import random
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import peewee as pw
from playhouse.migrations import Migration

from archive_app import search
from archive_app.core.db import Model, connect, db
from archive_app.search.models import SearchEntry
from archive_app.search.queries import _Search
from archive_app.search.terms import parse

ROOT = Path(__file__).resolve().parents[2]
FOLDERS, PAGES, PAGE_CHARS = 100_000, 10_000, 875
WORDS = {
    "1 character": ("档", "销", "税", "窗", "鹏", "㛃"),
    "2 characters": ("合同", "客户", "销毁", "保险", "税务", "铣床", "监销", "瑞丰", "借阅", "𬭎山"),
    "3+ characters": ("档案室", "购销合同", "保管期限", "有限责任公司", "恒远贸易", "客户档案管理"),
    "ASCII": ("HT-2026-0041", "XK7132A", "2025", "YZ-40/16"),
    "two words": ("恒远 销毁", "客户 合同", "监销 2026"),
}
_PARTS = (
    ("恒远", "瑞丰", "金鹏", "华盛", "东昌", "𬭎山", "明达", "新安", "宏图", "长青"),
    ("贸易", "机械", "置业", "电子", "印刷", "食品", "物流", "服装"),
    ("有限公司", "有限责任公司", "集团", "商行", "经营部"),
    (
        "购销合同",
        "设备采购合同",
        "客户信息登记表",
        "业务往来记录",
        "铣床XK7132A维修合同",
        "阀门YZ-40/16订货单",
    ),
    ("及附件", "补充协议", "（副本）", "", "", ""),
)


class BenchFolder(Model):
    """Stands for the folders of the records room: something to join and to guard."""

    id = pw.BigIntegerField(primary_key=True)
    secrecy = pw.CharField(16)


SCOPE = search.Scope(
    BenchFolder,
    SearchEntry.owner == BenchFolder.id,
    BenchFolder.secrecy != "top_secret",
    BenchFolder.secrecy.in_(("open", "secret")),
)


def run() -> dict[str, tuple[float, float]]:
    """Build the archive in a temporary folder; print and return p95 (ms) and times LIKE by kind of word."""
    with tempfile.TemporaryDirectory() as folder:
        connect(f"sqlite:///{folder}/bench.db")
        began = time.perf_counter()
        build()
        size = Path(folder, "bench.db").stat().st_size / 1e6
        seconds = time.perf_counter() - began
        print(f"search: {FOLDERS:,} titles + {PAGES:,} pages indexed in {seconds:.0f} s, {size:.0f} MB")
        figures = {kind: measure(kind, words) for kind, words in WORDS.items()}
        db.close()
    return figures


def build() -> None:
    """Fill the index inside one transaction."""
    chance = random.Random(7)
    up = next(m for m in Migration.load_directory(str(ROOT / "migrations")) if m.name == "0002_search")
    with db.atomic():
        up.load().up(None, db.obj)
        db.create_tables([BenchFolder])
        levels = ("open",) * 8 + ("secret", "confidential", "top_secret")
        folders = [(n, chance.choice(levels)) for n in range(1, FOLDERS + 1)]
        for start in range(0, FOLDERS, 1000):
            BenchFolder.insert_many(
                folders[start : start + 1000], [BenchFolder.id, BenchFolder.secrecy]
            ).execute()
        search.put_many(("folder", n, n, _title(chance, n)) for n in range(1, FOLDERS + 1))
        search.put_many(
            ("page", n, 1 + n * FOLDERS // PAGES % FOLDERS, page)
            for n, page in enumerate(_pages(chance), start=1)
        )
    db.execute_sql("ANALYZE")
    db.execute_sql(
        "PRAGMA wal_checkpoint(TRUNCATE)"
    )  # as after a quiet minute; the rows would stay in the log


def _title(chance: random.Random, number: int) -> str:
    year, serial = 2021 + number // 20_000, number % 20_000
    return f"HT-{year}-{serial:04d}{search.BREAK}" + "".join(chance.choice(parts) for parts in _PARTS)


def _pages(chance: random.Random) -> Iterator[str]:
    seeds = sorted((ROOT.parent / "shared" / "seeds").glob("*.txt"))
    text = "".join(path.read_text(encoding="utf-8") for path in seeds)
    lines = [line for line in re.split(r"[\n。;；]+", text) if len(line) > 4]
    lines = lines or [
        f"{a}{b}{c}的{d}" for a in _PARTS[0] for b in _PARTS[1] for c in _PARTS[2] for d in _PARTS[3]
    ]
    for _ in range(PAGES):
        page: list[str] = []
        while sum(map(len, page)) < PAGE_CHARS:
            page.append(chance.choice(lines))
        yield "\n".join(page)[:PAGE_CHARS]


def measure(kind: str, words: tuple[str, ...]) -> tuple[float, float]:
    """Print one line and return p95 (ms) and times LIKE; raises AssertionError when index and LIKE disagree.

    The whole answer has count, ranking and marked snippets. The ratio compares what LIKE does too: naming
    the folders, newest first.
    """
    whole: list[float] = []
    folders: list[float] = []
    likes: list[float] = []
    for word in words:
        question = _Search(parse(word), SCOPE, None)
        seconds, expected = _timed(lambda question=question: _like(question.terms))
        assert question.owners(FOLDERS + 1) == expected, word
        likes.append(seconds)
        for _ in range(5):
            seconds, found = _timed(lambda word=word: search.find(word, scope=SCOPE))
            assert found.total == min(len(expected), search.CAP), word
            whole.append(seconds)
            folders.append(_timed(lambda question=question: question.owners(search.CAP + 1))[0])
    ms = sorted(second * 1000 for second in whole)
    p95 = ms[int(len(ms) * 0.95) - 1]
    named, like = statistics.median(folders) * 1000, statistics.median(likes) * 1000
    print(
        f"  {kind:14} whole answer p50 {statistics.median(ms):5.1f} ms  p95 {p95:5.1f} ms"
        f"   folders alone {named:5.1f} ms  by LIKE {like:5.0f} ms: {like / named:.0f}× faster, same hits"
    )
    return p95, like / named


def _like(terms: list[Any]) -> list[int]:
    """The folders by LIKE '%…%', newest first, under the same permission."""
    found: list[set[int]] = []
    for term in terms:
        select = SCOPE.apply(SearchEntry.select(SearchEntry.owner).distinct())
        like = SearchEntry.norm ** f"%{term.norm}%"  # peewee's ** is LIKE on SQLite, its % is GLOB
        found.append({owner for (owner,) in select.where(like).tuples()})
    return sorted(set.intersection(*found), reverse=True)


def _timed(question: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    answer = question()
    return time.perf_counter() - began, answer


if __name__ == "__main__":
    run()
