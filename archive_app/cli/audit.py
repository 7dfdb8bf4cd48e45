"""The command that proves the audit chain."""

from __future__ import annotations

import sys

import click

from archive_app.cli.frame import REFUSED, Run, archive, command
from archive_app.core import audit
from archive_app.core.errors import Invalid
from archive_app.core.i18n import _
from archive_app.web.audit_views import parse_anchor


@command(archive, "verify-audit", who="house")
@click.option(
    "--anchor", metavar="SEQ:DIGEST", help="a head printed on paper: proves that nobody rewrote the chain"
)
def verify_audit(run: Run, anchor: str | None) -> None:
    """Walk the audit chain; exit 1 when a row was edited, removed, inserted, reordered or truncated."""
    faults = audit.verify(_anchor(anchor) if anchor else None)
    for fault in faults:
        run.line(
            _("第 %(n)s 条：%(what)s", n=fault.seq, what=fault.problem), seq=fault.seq, problem=fault.problem
        )
    seq, digest = audit.head()
    words = (
        _("%(n)s 条首尾相接，没有改动、缺失或插入。", n=seq)
        if not faults
        else _("共 %(n)s 处不对。", n=len(faults))
    )
    run.line(f"{words} {seq}:{digest[:16]}", events=seq, head=digest, faults=len(faults))
    if faults:
        sys.exit(REFUSED)


def _anchor(text: str) -> tuple[int, str]:
    if (found := parse_anchor(text)) is None:
        raise Invalid({"--anchor": _("请照纸上写：序号:摘要。")})
    return found
