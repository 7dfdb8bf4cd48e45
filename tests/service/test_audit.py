"""The audit chain: whatever was done to it behind its back is found, on both engines."""

import pytest

from archive_app.core import audit
from archive_app.core.db import db, is_sqlite
from archive_app.core.work import work
from tests.conftest import AT


@pytest.fixture
def chain(both):
    """A chain with a dozen more events, and a way to get past its guards."""
    from archive_app.people.actor import system

    for n in range(12):
        with work(system(), AT) as w:
            w.note("test.event", ("thing", str(n)), n=n, text="合同")
    return both


def without_guards(*statements):
    """What somebody with the database's own password could do."""
    if is_sqlite():
        for trigger in ("audit_no_update", "audit_no_delete", "audit_next"):
            db.execute_sql(f"DROP TRIGGER {trigger}")
    else:
        db.execute_sql("ALTER TABLE audit_event DISABLE TRIGGER ALL")
    for statement in statements:
        db.execute_sql(statement)


def last():
    return audit.head()[0]


def test_an_untouched_chain_is_sound(chain):
    assert audit.verify() == []
    assert audit.head()[0] == audit.AuditEvent.select().count()


def test_an_edited_row_is_found(chain):
    without_guards(f"UPDATE audit_event SET actor = 'somebody' WHERE seq = {last() - 5}")
    assert [fault.seq for fault in audit.verify()] == [last() - 5]


@pytest.mark.parametrize("column", ["at", "action", "kind", "key", "data", "on_behalf_of"])
def test_no_column_can_be_edited_unseen(chain, column):
    value = "2020-01-01 00:00:00" if column == "at" else '{"n":99}'
    without_guards(f"UPDATE audit_event SET {column} = '{value}' WHERE seq = {last() - 3}")
    assert audit.verify()


def test_a_removed_row_is_found(chain):
    without_guards(f"DELETE FROM audit_event WHERE seq = {last() - 4}")
    assert any("missing" in fault.problem for fault in audit.verify())


def test_an_inserted_row_is_found(chain):
    columns = "at, actor, on_behalf_of, action, kind, key, data, prev, digest"
    without_guards(
        f"INSERT INTO audit_event (seq, {columns}) SELECT seq + 1, {columns} "
        f"FROM audit_event WHERE seq = {last()}"
    )
    assert audit.verify()


def test_reordered_rows_are_found(chain):
    a, b = last() - 6, last() - 5
    without_guards(
        f"UPDATE audit_event SET seq = -1 WHERE seq = {a}",
        f"UPDATE audit_event SET seq = {a} WHERE seq = {b}",
        f"UPDATE audit_event SET seq = {b} WHERE seq = -1",
    )
    assert audit.verify()


def test_a_truncated_chain_is_found(chain):
    without_guards(f"DELETE FROM audit_event WHERE seq > {last() - 3}")
    assert any("ends at" in fault.problem for fault in audit.verify())


def test_a_chain_rewritten_together_with_its_head_is_betrayed_by_the_printed_slip(chain):
    seq, digest = audit.head()
    anchor = (seq, digest[:16])
    assert audit.verify(anchor) == []
    without_guards("DELETE FROM audit_event", f"UPDATE audit_head SET seq = 0, digest = '{audit.GENESIS}'")
    from archive_app.people.actor import system

    for n in range(seq):  # a whole new chain, sound in itself
        with work(system(), AT) as w:
            w.note("test.forged", ("thing", str(n)))
    assert audit.verify() == []
    assert audit.verify(anchor)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET actor = 'x'",
        "DELETE FROM audit_event",
        "INSERT OR REPLACE INTO audit_event SELECT * FROM audit_event WHERE seq = 1",
    ],
)
def test_the_database_itself_refuses_changes(chain, statement):
    if "REPLACE" in statement and not is_sqlite():
        statement = "TRUNCATE audit_event"
    with pytest.raises(Exception, match="append-only"), db.atomic():
        db.execute_sql(statement)
    assert audit.verify() == []
