"""Column names written into SQL at once: peewee's own way, call by call, takes a quarter of a request.

A select of a loan with its folder and people names 70 columns, and a scan at the desk makes ten of them.
Nothing else is changed: what is not a plain column of a plain table is written by peewee, and a test
compares both ways on queries of many shapes.
"""

from __future__ import annotations

from typing import Any

import peewee as pw

_Table: Any = pw.Table
_plain_column, _plain_field = pw.Column.__sql__, pw.Field.__sql__


def _column(self: Any, ctx: Any) -> Any:
    return _written(self.source, self.name, ctx) or _plain_column(self, ctx)


def _field(self: Any, ctx: Any) -> Any:
    return _written(self.model._meta.table, self.column_name, ctx) or _plain_field(self, ctx)


def _written(table: Any, name: str, ctx: Any) -> Any:
    """The context with ``"t1"."name"`` written into it; None when that is not for us to write."""
    state = ctx.state
    if type(table) is not _Table or table._alias or state.scope == pw.SCOPE_VALUES:
        return None
    left, right = state.settings.get("quote") or '""'
    alias = ctx.alias_manager.mapping.get(table) or ctx.alias_manager[table]
    ctx._sql.append(f"{left}{alias}{right}.{left}{name}{right}")
    return ctx


def install() -> None:
    """Have every query of the process write its columns so."""
    pw.Column.__sql__, pw.Field.__sql__ = _column, _field  # type: ignore[method-assign]


def uninstall() -> None:
    """Leave it to peewee again, to compare."""
    pw.Column.__sql__, pw.Field.__sql__ = _plain_column, _plain_field  # type: ignore[method-assign]
