"""A list of ids is looked up by the ids, however many folders there are and whoever asks."""

from __future__ import annotations

from archive_app.records import queries as records
from archive_app.records.models import Folder
from tests.conftest import AT


def plan(query) -> str:
    sql, values = query.sql()
    steps = Folder._meta.database.execute_sql(f"EXPLAIN QUERY PLAN {sql}", values).fetchall()
    return " / ".join(step[3] for step in steps)


def test_fifty_folders_of_a_borrower_are_found_without_walking_all_the_others(people):
    for actor in (people.borrower, people.archivist):
        query = records.with_names().where(records.among(list(range(1, 51)), actor, AT))
        assert "USING INTEGER PRIMARY KEY" in plan(query).split(" / ")[0]


def test_what_one_may_not_know_of_is_not_among_them(people, at):
    from archive_app.records.service import register_folder

    keeper = people.archivist
    ids = [
        register_folder("HT", 2026, level, secrecy=level, actor=keeper, at=at).id
        for level in ("open", "top_secret")
    ]
    known = [row.title for row in Folder.select().where(records.among(ids, people.borrower, at))]
    assert known == ["open"]
