"""The command that checks the machine and names the one command that mends each fault."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import peewee as pw

from archive_app.cli.frame import REFUSED, Run, archive, command
from archive_app.core import clock, jobs, mail, migrate, storage
from archive_app.core import db as database
from archive_app.core.i18n import _

FREE_GB = 2
INIT = "python -m archive_app init"
WRITTEN = datetime(2026, 1, 1, tzinfo=UTC)  # before this program: the clock is surely wrong


@dataclass(frozen=True)
class Finding:
    """What one check found; ``mend`` is the command that mends a fault."""

    name: str
    ok: bool
    found: str
    mend: str = ""


@command(archive, "doctor", who="bare")
def doctor(run: Run) -> None:
    """Check languages, fonts, disk, clock, database, queue and storage; exit 1 when one is amiss."""
    findings = list(examine(run.at))
    for each in findings:
        mark, mend = ("✓", "") if each.ok else ("✗", f"\n  → {each.mend}")
        text = f"{mark} {each.name}: {each.found}{mend}"
        run.line(text, name=each.name, ok=each.ok, found=each.found, mend=each.mend)
    if not all(each.ok for each in findings):
        sys.exit(REFUSED)


def examine(at: datetime) -> Iterator[Finding]:
    """Run every check; one that breaks is itself a fault, never the end of the examination."""
    checks: tuple[tuple[str, Callable[[], Finding], str], ...] = (
        ("ocr", languages, "apt-get install tesseract-ocr tesseract-ocr-chi-sim"),
        ("fonts", fonts, "apt-get install fonts-noto-cjk fonts-babelstone-han"),
        ("harfbuzz-subset", subsetter, "apt-get install libharfbuzz-subset0"),
        ("disk", disk, _("腾出磁盘空间")),
        ("clock", lambda: wall_clock(at), "timedatectl set-ntp true"),
        ("database", reachable, INIT),
        ("queue", queue, INIT),
        ("storage", store, _("把 STORAGE_URL 指到可写的位置")),
        ("mail", post, f"SMTP_URL={mail.ALLOWED}"),
    )
    for name, check, mend in checks:
        try:
            yield check()
        except Exception as error:
            yield Finding(name, False, f"{type(error).__name__}: {error}", mend)


def languages() -> Finding:
    """Tesseract with the data for Chinese and English."""
    mend = "apt-get install tesseract-ocr tesseract-ocr-chi-sim"
    if shutil.which("tesseract") is None:
        return Finding("ocr", False, _("没有 tesseract"), mend)
    shown = subprocess.run(
        ["tesseract", "--list-langs"], capture_output=True, text=True, timeout=30, check=True
    )
    missing = {"chi_sim", "eng"} - set(shown.stdout.split())
    if missing:
        return Finding("ocr", False, _("缺语言 %(names)s", names=" ".join(sorted(missing))), mend)
    return Finding("ocr", True, "chi_sim eng")


def fonts() -> Finding:
    """The families that forms and labels name."""
    mend = "apt-get install fonts-noto-cjk fonts-babelstone-han"
    wanted = {"Noto Serif CJK SC", "Noto Sans CJK SC", "BabelStone Han"}
    shown = subprocess.run(["fc-list", ":", "family"], capture_output=True, text=True, timeout=30, check=True)
    missing = {family for family in wanted if family not in shown.stdout}
    if missing:
        return Finding("fonts", False, _("缺字体 %(names)s", names="、".join(sorted(missing))), mend)
    return Finding("fonts", True, "、".join(sorted(wanted)))


def subsetter() -> Finding:
    """HarfBuzz's subsetter: without it a PDF with Chinese fonts takes 5 to 50 times as long."""
    from weasyprint.text import ffi

    if ffi.harfbuzz_subset:
        return Finding("harfbuzz-subset", True, "libharfbuzz-subset")
    return Finding("harfbuzz-subset", False, _("没有装上，打印很慢"), "apt-get install libharfbuzz-subset0")


def disk() -> Finding:
    """Room for scans where the store and the database lie."""
    places = {database.ROOT, *(path for path in _folders() if path.exists())}
    free, where = min((shutil.disk_usage(path).free / 1e9, str(path)) for path in places)
    found = _("%(where)s 还有 %(n)s GB", where=where, n=f"{free:.1f}")
    return Finding("disk", free >= FREE_GB, found, _("在 %(where)s 腾出 %(n)s GB", where=where, n=FREE_GB))


def _folders() -> Iterator[Path]:
    url = os.environ.get("STORAGE_URL") or storage.DEFAULT_URL
    if "://" not in url or url.startswith("file://"):
        yield Path(url.removeprefix("file://"))
    url = os.environ.get("DATABASE_URL") or database.DEFAULT_URL
    if url.startswith("sqlite:///"):
        yield Path(url.removeprefix("sqlite:///")).parent


def wall_clock(at: datetime) -> Finding:
    """A clock that does not stand before this program or before the newest audit event."""
    last = _last_event()
    sound = at >= WRITTEN and (last is None or at >= last)
    found = f"{clock.local(at):%Y-%m-%d %H:%M} {clock.LOCAL}"
    if last is not None and at < last:
        found = _("%(now)s，早于最近一条审计 %(last)s", now=found, last=f"{clock.local(last):%Y-%m-%d %H:%M}")
    return Finding("clock", sound, found, "timedatectl set-ntp true")


def _last_event() -> datetime | None:
    from archive_app.core.audit import AuditEvent

    if not _database_exists():
        return None
    try:
        database.connect()
        row = AuditEvent.select(AuditEvent.at).order_by(AuditEvent.seq.desc()).first()
    except pw.DatabaseError:
        return None  # the check of the database says what is wrong
    return row.at if row else None


def _database_exists() -> bool:
    """Connecting would create an empty SQLite file, and looking must not change anything."""
    url = os.environ.get("DATABASE_URL") or database.DEFAULT_URL
    return not url.startswith("sqlite:///") or Path(url.removeprefix("sqlite:///")).exists()


def reachable() -> Finding:
    """The database answers and has every migration."""
    if not _database_exists():
        return Finding("database", False, _("还没有建立"), INIT)
    database.connect()
    database.db.execute_sql("SELECT 1")
    if pending := migrate.pending():
        return Finding("database", False, _("还缺 %(n)s 项升级", n=len(pending)), INIT)
    return Finding("database", True, "SQLite" if database.is_sqlite() else "PostgreSQL")


def queue() -> Finding:
    """The queue opens and tells how much waits."""
    waiting = jobs.open_queue().pending_count()
    return Finding("queue", True, _("等待 %(n)s 项", n=waiting))


def store() -> Finding:
    """The store takes a file and gives it back."""
    house = storage.open_storage()
    with tempfile.NamedTemporaryFile() as file:
        file.write(b"doctor")
        file.flush()
        digest = house.put_file(Path(file.name))
    return Finding("storage", house.intact(digest), house.url, _("把 STORAGE_URL 指到可写的位置"))


def post() -> Finding:
    """The mail server answers and lets us in; without SMTP_URL there are no mails, which is no fault."""
    server = mail.server()
    if server is None:
        return Finding("mail", True, _("没有设 SMTP_URL，不发邮件"))
    with mail.line(server):
        return Finding("mail", True, f"{server.host}:{server.port}")
