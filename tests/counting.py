"""How many statements a piece of work sends to the database."""

from contextlib import contextmanager

from archive_app.core.db import db


@contextmanager
def counted():
    """The statements that the database is sent meanwhile."""
    sent = []
    real = db.obj
    execute = real.execute_sql

    def listen(sql, params=None, *more):
        sent.append(sql)
        return execute(sql, params, *more)

    real.execute_sql = listen
    try:
        yield sent
    finally:
        del real.execute_sql
