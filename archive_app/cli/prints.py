"""Commands of the register of prints: print list, show, check, pdf, cancel, retry."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from archive_app.cli.frame import Run, archive, command
from archive_app.core import clock
from archive_app.core.errors import Invalid
from archive_app.core.i18n import _
from archive_app.printing import barcode
from archive_app.prints import queries, service, words
from archive_app.prints.models import Print


@archive.group("print")
def print_() -> None:
    """The register of prints: every sheet numbered, hashed, audited, and asked whether it is still true."""


@command(print_, "list", who="reads", needs="print.view")
@click.option("--form", default="", help="only this kind of sheet, e.g. volume_pack")
@click.option("--state", default="", type=click.Choice(["", *words.STATES]), help="only prints in this state")
@click.option("--limit", default=50, show_default=True)
def list_(run: Run, form: str, state: str, limit: int) -> None:
    """The newest prints."""
    for row in queries.list_prints(run.actor, run.at, queries.Filters(form, state=state), limit=limit).rows:
        _tell(run, row)


@command(print_, "show", who="reads", needs="print.view")
@click.argument("print_id", metavar="PRINT")
def show(run: Run, print_id: str) -> None:
    """One print: how far it is, its hash, its PDF."""
    row = queries.print_for(run.actor, _code(print_id)[0], run.at)
    _tell(run, row, done=row.done, total=row.total, digest=row.digest, file=row.file, size=row.size)


@command(print_, "check", who="reads", needs="print.view")
@click.argument("paper", metavar="PRINT|QR")
@click.option("--hash", "hash12", default="", help="the 12 hex digits that stand on the paper")
def check(run: Run, paper: str, hash12: str) -> None:
    """Whether a sheet of paper is still true: by its number, its bars or the text of its QR.

    Exit code 0: current; 1: changed since, forged, or of no account.
    """
    print_id, read = _code(paper)
    found = queries.check(print_id, hash12 or read, run.actor, run.at)
    run.line(
        "\n".join(_answer(found)), id=print_id, state=found.state, newest=found.newest,
        number=found.print.number, title=found.print.title, changes=[vars(each) for each in found.changes],
    )  # fmt: skip
    if found.state != "current":
        raise SystemExit(1)


def _answer(found: queries.Check) -> Iterator[str]:
    said = words.ANSWERS.get(found.state)
    yield (
        str(said[1])
        if said
        else _("印出以后改了 %(n)s 处。没装订的换新的，已装订的不拆。", n=len(found.changes))
    )
    for each in found.changes:
        yield f"  {each.where}  {each.old or '—'} → {each.new or '—'}"


@command(print_, "pdf")
@click.argument("print_id", metavar="PRINT")
@click.option("--to", type=click.Path(dir_okay=False, path_type=Path), help="default: print-ID.pdf")
def pdf(run: Run, print_id: str, to: Path | None) -> None:
    """Write the PDF of a print into a file; audited like every download."""
    row_id = _code(print_id)[0]
    target = to or Path(f"print-{row_id}.pdf")
    data = service.pdf(row_id, actor=run.actor, at=run.at)
    target.write_bytes(data)
    run.line(str(target), id=row_id, file=str(target), size=len(data))


@command(print_, "cancel")
@click.argument("print_id", metavar="PRINT")
def cancel(run: Run, print_id: str) -> None:
    """Stop a print that is not finished."""
    _tell(run, service.cancel(_code(print_id)[0], actor=run.actor, at=run.at))


@command(print_, "retry")
@click.argument("print_id", metavar="PRINT")
def retry(run: Run, print_id: str) -> None:
    """Draw a failed or cancelled print again, in this process."""
    row = service.retry(_code(print_id)[0], actor=run.actor, at=run.at)
    _tell(run, service.draw(row.id, clock.now()))


def _code(text: str) -> tuple[int, str]:
    """Print id and hash of a number, of the bars or of the QR's text. Raises Invalid."""
    if text.isascii() and text.isdigit() and len(text) < 12:
        return int(text), ""
    try:
        code = barcode.parse(text)
    except barcode.BadCode as bad:
        raise Invalid({"PRINT": str(bad)}) from None
    if code.kind is not barcode.BarcodeType.PRINT:
        raise Invalid({"PRINT": _("这不是打印件的二维码。")})
    return code.id, code.file_number


def _tell(run: Run, row: Print, **more: Any) -> None:
    state = str(words.STATES[row.state][2])
    parts = [str(row.id), row.title, _("第 %(n)s 次打印", n=row.number), state, row.digest[:12], row.error]
    run.line(
        "  ".join(part for part in parts if part), id=row.id, form=row.form, kind=row.kind, key=row.key,
        title=row.title, number=row.number, state=row.state, hash=row.digest[:12], pages=row.pages,
        printed_by=row.printed_by, printed_at=row.printed_at.isoformat(), error=row.error, **more,
    )  # fmt: skip
