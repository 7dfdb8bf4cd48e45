"""From a row of the register to a PDF in the store: part by part, cancellable, once, whatever is killed."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from archive_app.core import audit
from archive_app.core.clock import local
from archive_app.core.errors import ArchiveError, NotFound
from archive_app.core.i18n import _
from archive_app.core.storage import storage
from archive_app.core.work import work
from archive_app.people import service as people
from archive_app.people.actor import Actor, system
from archive_app.people.models import User
from archive_app.printing import barcode
from archive_app.printing.press import PRESS
from archive_app.printing.render import check_fields
from archive_app.prints import queries, rules
from archive_app.prints.models import Print
from archive_app.prints.register import HASH_SHOWN, Part, Sheet, Stamp, sheet_of

log = logging.getLogger(__name__)


class _Lost(Exception):
    """The print was cancelled, or another worker has taken it over."""


@dataclass
class _Claim:
    """A print that this worker draws; every write says which try it belongs to."""

    row: Print
    now: Callable[[], datetime]

    def write(self, **values: Any) -> None:
        """Change the row if it is still ours. Raises _Lost."""
        ours = (Print.id == self.row.id) & (Print.tries == self.row.tries) & (Print.state == "drawing")
        if not Print.update(**values).where(ours).execute():
            raise _Lost
        for name, value in values.items():
            setattr(self.row, name, value)


def draw(print_id: int, at: datetime) -> Print:
    """Draw a waiting print, or one whose worker died, and return the row as it then is.

    Not to be called inside a work: drawing takes long. Raises NotFound. What goes wrong ends in the row:
    state "failed" and ``error``.
    """
    began = time.monotonic()
    claim = _claim(print_id, at, lambda: at + timedelta(seconds=time.monotonic() - began))
    if claim is not None:
        try:
            _draw(claim)
        except _Lost:
            log.info("print %s was cancelled or taken over", print_id)
        except Exception as error:
            log.warning("print %s, try %s: %r", print_id, claim.row.tries, error)
            _fail(claim, _why(error))
    return _get(print_id)


def waiting(at: datetime, limit: int) -> list[int]:
    """Ids of the prints that could be drawn now, oldest first."""
    rows = Print.select(Print.id).where(_open(at)).order_by(Print.id).limit(limit)
    return [row.id for row in rows]


def _open(at: datetime) -> Any:
    died = (Print.state == "drawing") & (Print.lease_until < at)
    return (Print.state == "queued") | died


def _get(print_id: int) -> Print:
    row = Print.get_or_none(Print.id == print_id)
    if row is None:
        raise NotFound(_("没有这次打印。"))
    return row


def _claim(print_id: int, at: datetime, now: Callable[[], datetime]) -> _Claim | None:
    """Take the print in one compare-and-swap; None if it is not open or somebody was faster."""
    row = _get(print_id)
    this = (Print.id == row.id) & (Print.tries == row.tries) & (Print.state == row.state) & _open(at)
    if row.state == "drawing" and rules.gives_up(row.tries):
        if Print.update(lease_until=at + rules.SLACK).where(this).execute():
            _fail(_Claim(row, now), _("画到这里程序中断了 %(n)s 次。内容还在，可以再试。", n=rules.MAX_TRIES))
        return None
    until = at + rules.lease(Part("", {}).timeout)
    taken = {"state": "drawing", "tries": row.tries + 1, "done": 0, "lease_until": until}
    if not Print.update(**taken).where(this).execute():
        return None
    row.state, row.tries, row.done = "drawing", row.tries + 1, 0
    return _Claim(row, now)


def _draw(claim: _Claim) -> None:
    """Draw the parts into files, join them, store the whole, and only then touch the register."""
    row = claim.row
    sheet = sheet_of(row.form)
    parts = sheet.parts_of(queries.content_of(row), _stamp(row))
    claim.write(total=len(parts))
    with TemporaryDirectory(prefix="print-") as folder:
        paths = [_draw_part(claim, part, Path(folder)) for part in parts]
        claim.write(lease_until=claim.now() + rules.lease(rules.JOIN_TIMEOUT))
        whole = Path(folder) / "whole.pdf"
        joined = {"parts": paths, "target": str(whole), "title": row.title}
        facts = json.loads(PRESS.run("join", joined, rules.JOIN_TIMEOUT))
        size, file = whole.stat().st_size, storage().put_file(whole)
    _finish(claim, sheet, {"file": file, "size": size, "pages": facts["pages"]})


def _draw_part(claim: _Claim, part: Part, folder: Path) -> str:
    """Draw one part into a file and write down how far we are; a cancelled print stops here."""
    claim.write(lease_until=claim.now() + rules.lease(part.timeout))
    if part.job == "form":
        check_fields(part.values["form"], part.values["data"])
    path = folder / f"{claim.row.done:06d}.pdf"
    with _originals(part) as values:
        path.write_bytes(PRESS.run(part.job, values, part.timeout))
    claim.write(done=claim.row.done + 1)
    return str(path)


@contextmanager
def _originals(part: Part) -> Iterator[dict[str, Any]]:
    """The values of a part with its stored originals, named by digest, as local paths (job "pages")."""
    if part.job != "pages":
        yield part.values
        return
    values = deepcopy(part.values)
    with ExitStack() as here:
        for page in (page for document in values["documents"] for page in document["pages"]):
            page["file"] = str(here.enter_context(storage().local_path(page["file"])))
        yield values


def _stamp(row: Print) -> Stamp:
    seq, digest = audit.head()
    payload, hash12 = barcode.payload(barcode.BarcodeType.PRINT, row.id), row.digest[:HASH_SHOWN]
    person = User.get_or_none(User.username == row.printed_by)
    return Stamp(
        print_id=row.id,
        number=row.number,
        payload=payload,
        qr=barcode.qr_text(hash12, payload),
        hash12=hash12,
        printed_at=f"{local(row.printed_at):%Y-%m-%d %H:%M}",
        printed_by=person.name if person else row.printed_by,
        audit_seq=str(seq),
        audit_digest=digest[:16],
    )


def _finish(claim: _Claim, sheet: Sheet, values: dict[str, Any]) -> None:
    """Put the PDF into the register in one work with what hangs on it (a volume is bound by its pack)."""
    row, at = claim.row, claim.now()
    actor = _actor(row, at)
    with work(actor, at) as w:
        claim.write(state="done", lease_until=None, error="", finished_at=at, **values)
        if sheet.done is not None:
            sheet.done(row, actor, at)
        w.note("print.finish", row, form=row.form, pages=row.pages, file=row.file)


def _actor(row: Print, at: datetime) -> Actor:
    """Who asked for the print, with today's permissions; the house if the account is gone."""
    user = User.get_or_none((User.username == row.printed_by) & User.active)
    return people.actor_of(user, at) if user else system()


def _why(error: Exception) -> str:
    if isinstance(error, ArchiveError):
        return str(error)
    return _("程序出错，没有画成。请再试。（%(kind)s）", kind=type(error).__name__)


def _fail(claim: _Claim, why: str) -> None:
    """End a drawing that did not work, with the reason for people; nothing if it is no longer ours."""
    row, at = claim.row, claim.now()
    try:
        with work(_actor(row, at), at) as w:
            claim.write(state="failed", error=why[:500], lease_until=None, finished_at=at)
            w.note("print.fail", row, form=row.form, why=why[:500])
    except _Lost:
        log.info("print %s was taken over before it failed", row.id)
