"""Notices: told once, read by whom they are for, and leading only where the person may go."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from archive_app.core.errors import NotFound
from archive_app.core.work import work
from archive_app.notices import queries, service
from archive_app.notices.models import Notice


def tell(who, at, key="a", **more):
    return service.tell([who.user_id], "test.code", key, f"通知 {key}", at=at, **more)


def test_a_person_is_told_once_about_one_occasion(people, at):
    assert tell(people.borrower, at) == 1
    assert tell(people.borrower, at) == 0
    assert tell(people.colleague, at) == 1
    assert Notice.select().count() == 2


def test_a_notice_of_work_that_comes_to_nothing_is_not_told(people, at):
    with pytest.raises(RuntimeError), work(people.archivist, at):
        tell(people.borrower, at)
        raise RuntimeError
    assert Notice.select().count() == 0


@pytest.mark.usefixtures("both")
def test_telling_at_the_same_moment_in_many_threads_tells_once(both, at):
    from archive_app.people.models import User

    who = User.get(User.username == "borrower")

    def once(_n):
        told = service.tell([who.id], "test.code", "same", "一次", at=at)
        both.db.close()
        return told

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(once, range(12))) == 1


def test_the_list_is_newest_first_and_paged_by_key(people, at):
    for n in range(65):
        tell(people.borrower, at, f"n{n}")
    first = queries.page(people.borrower, at)
    second = queries.page(people.borrower, at, older=first.older)
    third = queries.page(people.borrower, at, older=second.older)
    titles = [line.notice.title for page in (first, second, third) for line in page.lines]
    assert titles == [f"通知 n{n}" for n in reversed(range(65))]
    assert third.older is None
    back = queries.page(people.borrower, at, newer=third.newer)
    assert [line.notice.id for line in back.lines] == [line.notice.id for line in second.lines]
    assert first.newer is None


def test_reading_marks_once_and_the_count_goes_down(people, at):
    tell(people.borrower, at, "a")
    tell(people.borrower, at, "b")
    assert queries.count_unread(people.borrower.user_id) == 2
    service.read(Notice.get(Notice.key == "a").id, actor=people.borrower, at=at)
    assert queries.count_unread(people.borrower.user_id) == 1
    assert [line.notice.key for line in queries.page(people.borrower, at, unread=True).lines] == ["b"]
    assert service.read_all(actor=people.borrower, at=at) == 1
    assert service.read_all(actor=people.borrower, at=at) == 0


def test_nobody_reads_the_notices_of_another(people, at):
    tell(people.borrower, at)
    with pytest.raises(NotFound):
        service.read(Notice.get().id, actor=people.colleague, at=at)
    assert queries.page(people.colleague, at).lines == []
    assert service.read_all(actor=people.colleague, at=at) == 0
    assert Notice.get().read_at is None


def test_the_bell_counts_to_a_hundred(people, at):
    for n in range(105):
        tell(people.borrower, at, f"n{n}")
    assert queries.count_unread(people.borrower.user_id) == 100


def test_a_notice_leads_nowhere_when_its_folder_may_not_be_known_any_more(people, at, monkeypatch):
    tell(people.borrower, at, "a", endpoint="records.folder_page", about={"folder_id": 7})
    monkeypatch.setitem(queries.may_know, "folder_id", lambda _actor, ids, _at: set())
    assert [line.target for line in queries.page(people.borrower, at).lines] == [None]
    monkeypatch.setitem(queries.may_know, "folder_id", lambda _actor, ids, _at: ids)
    assert [line.target for line in queries.page(people.borrower, at).lines] == [{"folder_id": 7}]


def test_long_texts_are_cut_to_what_a_notice_holds(people, at):
    service.tell([people.borrower.user_id], "c", "k" * 300, "题" * 300, "文" * 3000, at=at)
    row = Notice.get()
    assert (len(row.key), len(row.title), len(row.text)) == (120, 200, 1000)
    assert json.loads(row.about) == {}
