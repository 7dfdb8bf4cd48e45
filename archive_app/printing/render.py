"""Signed forms: a folder of templates/print and plain values become a PDF/A-2u."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from archive_app.core.errors import Invalid, NotFound
from archive_app.core.i18n import _
from archive_app.printing.press import PRESS

FOLDER = Path(__file__).resolve().parents[2] / "templates" / "print"
TIMEOUT = 60.0


def render_form(form: str, data: dict[str, Any], timeout: float = TIMEOUT) -> bytes:
    """The PDF (declared PDF/A-2u) of a form; ``templates/print/<form>/form.toml`` says what ``data`` holds.

    Raises NotFound (no such form), Invalid (a value is missing), ArchiveError (failed, not done in time).
    """
    check_fields(form, data)
    return PRESS.run("form", {"form": form, "data": data}, timeout)


def check_fields(form: str, data: dict[str, Any]) -> None:
    """Raises NotFound (no such form), Invalid: the values that are missing."""
    missing = [name for name in fields(form) if name not in data]
    if missing:
        raise Invalid({name: _("打印 %(form)s 还缺：%(name)s。", form=form, name=name) for name in missing})


def forms() -> list[str]:
    """Names of the forms there are."""
    return sorted(path.parent.name for path in FOLDER.glob("*/form.toml"))


@cache
def fields(form: str) -> dict[str, str]:
    """What a form needs: each name in ``data`` and what it holds. Raises NotFound."""
    if form not in forms():
        raise NotFound(_("没有 %(form)s 这种表单。", form=form[:40]))
    settings = tomllib.loads((FOLDER / form / "form.toml").read_text("utf-8"))
    return dict(settings["fields"])
