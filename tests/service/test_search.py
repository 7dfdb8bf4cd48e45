"""Finding folders: the same hits in the same order on SQLite and on PostgreSQL."""

from __future__ import annotations

import random
from collections.abc import Iterator
from types import SimpleNamespace

import peewee as pw
import pytest
from playhouse.migrations import Migration

from archive_app import search
from archive_app.core.db import ROOT, Model, connect, db
from archive_app.core.errors import Invalid
from archive_app.search.models import SearchEntry
from archive_app.search.terms import parse
from archive_app.search.text import normalise
from tests.postgres import Cluster, binaries, cluster


class Shelved(Model):
    """Stands for the folders of the records room."""

    id = pw.BigIntegerField(primary_key=True)
    secrecy = pw.CharField(16)
    year = pw.IntegerField()


ALL = search.Scope(Shelved, SearchEntry.owner == Shelved.id, pw.SQL("1 = 1"), pw.SQL("1 = 1"))
CLERK = search.Scope(
    Shelved, SearchEntry.owner == Shelved.id, Shelved.secrecy != "top_secret", Shelved.secrecy == "open"
)
MIGRATION = next(m for m in Migration.load_directory(str(ROOT / "migrations")) if m.name == "0002_search")


@pytest.fixture(scope="module")
def running() -> Iterator[Cluster | None]:
    if binaries() is None:
        yield None
        return
    with cluster() as started:
        yield started


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, running: Cluster | None) -> Iterator[pw.Database]:
    if request.param == "postgresql" and running is None:
        pytest.skip("PostgreSQL is not installed")
    before = db.obj
    real = connect(
        running.fresh_database() if running and request.param == "postgresql" else "sqlite:///:memory:"
    )
    MIGRATION.load().up(None, real)
    db.create_tables([Shelved])
    yield real
    real.close()
    db.initialize(before)


@pytest.fixture
def shelf(engine: pw.Database) -> Iterator[None]:
    """An empty archive; what a test puts in is rolled back."""
    db.initialize(engine)
    with db.atomic() as transaction:
        yield
        transaction.rollback()


def shelve(owner: int, secrecy: str = "open", year: int = 2026, **texts: str | list[str]) -> None:
    """A folder with its title and pages; page ids are owner * 100 + n."""
    Shelved.insert(id=owner, secrecy=secrecy, year=year).execute()
    if "title" in texts:
        search.put("folder", owner, owner, str(texts["title"]))
    for number, text in enumerate(texts.get("pages", []), start=1):
        search.put("page", owner * 100 + number, owner, text)


def owners(query: str, scope: search.Scope = ALL, **options: object) -> list[int]:
    found = search.find(query, scope=scope, limit=1000, **options)  # type: ignore[arg-type]
    return [hit.owner for hit in found.hits]


@pytest.fixture
def golden(shelf: None) -> None:
    """Seven folders as an archivist would file them."""
    shelve(1, title=f"HT-2026-0001{search.BREAK}恒远贸易有限公司设备采购合同", pages=[
        "购 销 合 同\n甲方： 恒远贸易有限公司\n乙方：华盛机械厂\n型号ＸＫ７１３２Ａ 数控铣床，阀门YZ-40/16。",
        "验收面积１５㎡，第①条",
    ])  # fmt: skip
    shelve(2, title=f"HT-2026-0002{search.BREAK}瑞丰集团设备维修合同", pages=["维修记录：更换YZ-40/1６阀门"])
    shelve(3, title=f"KH-2025-0013{search.BREAK}客户信息登记表", pages=["联系人：𠮷野㛃，𬭎山路8号"])
    shelve(
        4, title=f"YW-2026-0007{search.BREAK}业务往来记录", pages=["Fax: ABC-102, café 会面", "合\n同济大学"]
    )
    shelve(5, title=f"QT-2024-0100{search.BREAK}会议纪要（合订本）", secrecy="secret", pages=["绝密合同清单"])
    shelve(6, title=f"HT-2024-0042{search.BREAK}绝密采购合同", secrecy="top_secret", pages=["采购铣床"])
    shelve(7, title=f"HT-2023-0026{search.BREAK}租赁协议", pages=["租金2026元"])


@pytest.mark.usefixtures("golden")
@pytest.mark.requirement("CAT-23")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        # one, two, three and more characters
        ("合", [5, 1, 6, 2, 4]),
        ("合同", [1, 6, 2, 5, 4]),
        ("采购", [6, 1]),
        ("购销合同", [1]),
        ("设备采购合同", [1]),
        ("有限公司设备", [1]),
        ("同甲方", [1]),
        ("合同济", [4]),
        # mixed with ASCII, either width, any case, numbers from their beginning
        ("XK7132A", [1]),
        ("xk7132a 数控", [1]),
        ("7132", [1]),
        ("ＹＺ－４０／１６", [2, 1]),
        ("yz-40/1", [2, 1]),
        ("型号XK", [1]),
        ("HT-2026-0001", [1]),
        ("ht-2026", [2, 1]),
        ("HT-202", [7, 6, 2, 1]),
        ("0001", [1]),
        ("2026", [4, 2, 1, 7]),
        ("026", []),
        ("abc-1", [4]),
        ("bc", []),
        ("CAFÉ", [4]),
        ("15m2", [1]),
        ("8号", [3]),
        ("8", [3]),
        # phrases
        ('"设备 采购"', [1]),
        ("“HT-2026”", [2, 1]),
        ('"HT-202"', []),
        ('"采购设备"', []),
        # rare characters, outside the basic plane too
        ("㛃", [3]),
        ("𠮷", [3]),
        ("𬭎山", [3]),
        ("𠮷野㛃", [3]),
        # several words: all in one folder, in whichever of its entries
        ("合同 设备", [1, 2]),
        ("采购 铣床", [6, 1]),
        ("恒远 华盛 15㎡", [1]),
        ("瑞丰 恒远", []),
        ("维修 阀门 HT", [2]),
        # punctuation and nothing
        ("（合订本）", [5]),
        ("，", []),
        ("", []),
        ("   ", []),
        ("没有这个词", []),
        ("%", []),
        ("_", []),
        ("' OR 1=1 --", []),
        ('AND "', []),
    ],
)
def test_golden_queries(query: str, found: list[int]) -> None:
    assert owners(query) == found
    assert search.find(query, scope=ALL).total == len(found)


@pytest.mark.usefixtures("golden")
def test_the_best_hit_comes_first_and_says_where_it_is() -> None:
    found = search.find("合同", scope=ALL)
    # titles before pages; the one with a page beside its title first; otherwise the newest first
    assert [hit.owner for hit in found.hits] == [1, 6, 2, 5, 4]
    first = found.hits[0]
    assert (first.owner, first.kind, first.ref, first.pages) == (1, "folder", 1, (101,))
    assert first.snippet_parts[-1] == ("合同", True)
    page = next(hit for hit in found.hits if hit.owner == 4)
    assert (page.kind, page.ref, page.pages) == ("page", 402, (402,))


@pytest.mark.usefixtures("golden")
def test_spans_count_in_the_text_that_was_put_in() -> None:
    hit = search.find("xk7132a", scope=ALL).hits[0]
    text = "购 销 合 同\n甲方： 恒远贸易有限公司\n乙方：华盛机械厂\n型号ＸＫ７１３２Ａ 数控铣床"
    assert [text[start:end] for start, end in hit.spans] == ["ＸＫ７１３２Ａ"]


@pytest.mark.usefixtures("golden")
@pytest.mark.requirement("LOAN-21")
def test_what_a_person_may_not_know_is_neither_found_nor_counted() -> None:
    # a secret folder is known by its title, but not by its pages; a top secret one is not known at all
    assert owners("绝密") == [6, 5]
    assert search.find("绝密", scope=CLERK).total == 0
    assert owners("合订本", CLERK) == [5]
    assert search.find("合同", scope=CLERK).total == 3
    assert owners("采购 铣床", CLERK) == [1]
    assert search.facets("合同", CLERK, [Shelved.secrecy]) == {"secrecy": {"open": 3}}


@pytest.mark.usefixtures("golden")
def test_a_word_on_a_forbidden_page_does_not_complete_a_query() -> None:
    assert owners("会议 清单", ALL) == [5]
    assert owners("会议 清单", CLERK) == []


@pytest.mark.usefixtures("golden")
def test_kinds_and_facets_narrow_the_search() -> None:
    assert owners("铣床", kinds=["folder", "document"]) == []
    assert owners("合同", kinds=["page"]) == [5, 4, 1]
    assert search.facets("合同", ALL, [Shelved.year, Shelved.secrecy]) == {
        "year": {2026: 5},
        "secrecy": {"open": 3, "secret": 1, "top_secret": 1},
    }


@pytest.mark.usefixtures("shelf")
def test_a_changed_text_leaves_no_ghost() -> None:
    shelve(1, title="设备采购合同 HT-2026-0001", pages=["旧文字 old text"])
    search.put("folder", 1, 1, "房屋租赁协议 HT-2026-0009")
    search.put("page", 101, 1, "新文字")
    for gone in ("采购", "合", "0001", "旧文", "old"):
        assert owners(gone) == []
    for there in ("租赁", "0009", "新文", "文字"):
        assert owners(there) == [1]


@pytest.mark.usefixtures("shelf")
def test_a_removed_entry_leaves_no_ghost_and_no_gap_for_others() -> None:
    shelve(1, title="设备合同", pages=["甲乙丙", "甲乙丁"])
    search.remove("page", 101)
    search.remove("page", 999)
    assert owners("丙") == []
    assert search.find("甲乙", scope=ALL).hits[0].pages == (102,)
    # a new entry under the old key must not inherit the old words
    search.put("page", 101, 1, "戊")
    assert owners("丙") == []
    assert owners("戊") == [1]


@pytest.mark.usefixtures("shelf")
def test_an_entry_may_move_to_another_folder() -> None:
    shelve(1, title="一号", pages=["甲乙丙"])
    shelve(2, title="二号")
    search.put("page", 101, 2, "甲乙丙")
    assert owners("甲乙") == [2]
    assert SearchEntry.select().where(SearchEntry.ref == 101).count() == 1


@pytest.mark.usefixtures("shelf")
def test_rebuilding_gives_the_same_answers() -> None:
    shelve(1, title="设备合同", pages=["ＸＫ７１３２Ａ", "甲乙"])
    shelve(2, title="租赁合同")
    # as if written by a tokeniser that folded differently
    SearchEntry.update(norm="stale", tok_version=0).where(SearchEntry.ref == 101).execute()
    seen: list[tuple[int, int]] = []
    assert search.rebuild(lambda done, total: seen.append((done, total))) == 4
    assert seen == [(4, 4)]
    assert owners("合同") == [2, 1]
    assert owners("xk7132") == [1]
    search.put("page", 101, 1, "别的")
    assert owners("xk7132") == []


@pytest.mark.usefixtures("shelf")
def test_a_rolled_back_change_is_not_findable() -> None:
    shelve(1, title="设备合同")
    with db.atomic() as savepoint:
        search.put("folder", 1, 1, "租赁协议")
        savepoint.rollback()
    assert owners("设备") == [1]
    assert owners("租赁") == []


@pytest.mark.usefixtures("shelf")
def test_hostile_texts_are_only_texts() -> None:
    shelve(
        1,
        title="a\x00b \ud800 'x' \"y\" AND * ( : & | ! <-> 合\x02同\ue000𓀀",
        pages=["z" * 5000 + " \U000f1234"],
    )
    assert owners("合同") == [1]
    assert owners("\ue000") == [1]
    assert owners("𓀀") == [1]
    assert owners("\U000f1234") == [1]
    assert owners("z" * 60) == [1]
    assert owners('"' + "z" * 60 + '"') == []
    assert owners("x' & y") == [1]
    assert owners("z' | y") == []


@pytest.fixture
def many(shelf: None) -> SimpleNamespace:
    """1,200 folders with a common word, every third with a page that has it twice over."""
    Shelved.insert_many([(n, "open" if n % 10 else "top_secret", 2026) for n in range(1, 1201)]).execute()
    search.put_many(("folder", n, n, f"设备合同 第{n}号" if n % 2 else "租赁协议") for n in range(1, 1201))
    search.put_many(("page", n, n, "合同 一页") for n in range(1, 1201) if n % 3 == 0 or n % 2 == 0)
    return SimpleNamespace(total=1200)


@pytest.mark.usefixtures("many")
def test_counting_stops_at_the_cap_and_the_newest_come_first() -> None:
    found = search.find("合同", scope=ALL, limit=5)
    assert (found.total, found.capped) == (search.CAP, True)
    assert [hit.owner for hit in found.hits] == [1200, 1199, 1198, 1197, 1196]
    below = search.find("协议", scope=ALL, limit=5)
    assert (below.total, below.capped) == (600, False)


@pytest.mark.usefixtures("many")
def test_the_cap_counts_only_what_may_be_known() -> None:
    found = search.find("合同", scope=CLERK, limit=1)
    assert (found.total, found.capped) == (1000, True)
    few = search.Scope(Shelved, SearchEntry.owner == Shelved.id, Shelved.id <= 900, Shelved.id <= 300)
    # 450 odd titles, and the pages of 150 even folders
    found = search.find("合同", scope=few, limit=1)
    assert (found.total, found.capped) == (600, False)


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize(
    ("query", "total"), [("合同", 1200), ("协议", 600), ("合同 设备", 600), ("一页", 800)]
)
def test_paging_neither_repeats_nor_skips(query: str, total: int) -> None:
    seen: list[int] = []
    after = None
    while True:
        found = search.find(query, scope=ALL, limit=97, after=after)
        seen += [hit.owner for hit in found.hits]
        after = found.next
        if after is None:
            break
    assert len(seen) == len(set(seen)) == total


@pytest.mark.usefixtures("golden")
def test_a_broken_cursor_is_refused_politely() -> None:
    for cursor in ("x", "1", "1.2.3"):
        with pytest.raises(Invalid):
            search.find("合同", scope=ALL, after=cursor)


LETTERS = "合同档案甲乙ab1２㛃𠮷 \n，-"


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize("seed", range(6))
def test_random_archives_answer_like_a_reader_of_every_text(seed: int) -> None:
    chance = random.Random(seed)
    texts: dict[tuple[str, int], tuple[int, str]] = {}
    Shelved.insert_many(
        [(n, chance.choice(("open", "secret", "top_secret")), 2026) for n in range(1, 13)]
    ).execute()
    for _ in range(120):
        kind, ref = chance.choice(("folder", "document", "page")), chance.randint(1, 12)
        owner = ref if kind == "folder" else chance.randint(1, 12)
        text = "".join(chance.choices(LETTERS, k=chance.randint(1, 25)))
        if chance.random() < 0.25:
            search.remove(kind, ref)
            texts.pop((kind, ref), None)
        else:
            search.put(kind, ref, owner, text)
            texts[kind, ref] = owner, text
    secrecy = dict(Shelved.select(Shelved.id, Shelved.secrecy).tuples())
    for _ in range(60):
        query = "".join(chance.choices(LETTERS, k=chance.randint(1, 5)))
        for scope, known in ((ALL, lambda *_: True), (CLERK, _clerk_knows)):
            expected = [
                {
                    owner
                    for (kind, _ref), (owner, text) in texts.items()
                    if known(kind, secrecy[owner]) and term.norm in normalise(text)
                }
                for term in parse(query)
            ]
            both = set.intersection(*expected) if expected else set()
            assert set(owners(query, scope)) == both, query


def _clerk_knows(kind: str, secrecy: str) -> bool:
    return secrecy == "open" or (secrecy == "secret" and kind != "page")


def test_the_migration_can_be_taken_back_and_repeated(engine: pw.Database) -> None:
    db.initialize(engine)
    with db.atomic() as transaction:
        migration = MIGRATION.load()
        migration.down(None, engine)
        assert not engine.table_exists("search_entry")
        migration.up(None, engine)
        assert engine.table_exists("search_entry")
        transaction.rollback()


def test_the_migration_makes_the_columns_of_the_model(engine: pw.Database) -> None:
    columns = {column.name: column.null for column in engine.get_columns("search_entry")}
    assert columns == {field.column_name: field.null for field in SearchEntry._meta.sorted_fields}
