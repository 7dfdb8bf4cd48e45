"""Columns are written into SQL as peewee would write them, only sooner."""

from __future__ import annotations

import pytest

from archive_app.core import columns
from archive_app.loans import queries as loans
from archive_app.loans import rows
from archive_app.loans.models import Loan
from archive_app.people.models import User
from archive_app.records import queries as records
from archive_app.records.models import Folder
from tests.conftest import AT

Other = User.alias()
QUERIES = {
    "a whole row": lambda who: Folder.select().where(Folder.id == 1),
    "joined rows": lambda who: rows.select().where(Loan.state.in_(("out", "reading"))),
    "a table twice": lambda who: User.select(User, Other.name).join(Other, on=(User.id == Other.id)),
    "a named alias": lambda who: Loan.alias("l").select(),
    "what one may know": lambda who: records.with_names().where(records.visible(who, AT)),
    "what one may read": lambda who: Folder.select(Folder.id).where(records.readable(who, AT)),
    "a subquery": lambda who: loans.readable_by_loan(who, AT).select(Loan.id).where(Loan.folder == 3),
    "an insert": lambda who: Loan.insert(folder=1, borrower=2, kind="loan"),
    "an update": lambda who: Loan.update(state="out").where((Loan.id == 1) & (Loan.state == "approved")),
    "an update by another column": lambda who: Folder.update(revision=Folder.revision + 1),
    "a delete": lambda who: Loan.delete().where(Loan.folder == 1),
}


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_is_the_same_both_ways(both, name):
    from archive_app.people import service

    actor = service.actor_of(User.get(User.username == "borrower"), AT)
    ours = QUERIES[name](actor).sql()
    columns.uninstall()
    try:
        theirs = QUERIES[name](actor).sql()
    finally:
        columns.install()
    assert (ours[0], list(ours[1])) == (theirs[0], list(theirs[1]))
