"""A throw-away PostgreSQL cluster for the tests: started once, fresh databases on demand."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psycopg

_FAST = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=60"


def binaries() -> Path | None:
    """The folder of initdb and pg_ctl of the newest PostgreSQL on this machine, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if found:
        return found[-1]
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else None


@dataclass
class Cluster:
    """A running cluster that listens on a socket in its own folder and on no network port."""

    folder: Path
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def url(self, name: str = "postgres") -> str:
        """The DATABASE_URL of one of its databases."""
        return f"postgresql://postgres@/{name}?host={quote(str(self.folder), safe='/')}"

    def fresh_database(self, template: str = "template0") -> str:
        """Create a database, empty or a copy of ``template`` (which nobody may be using); return its URL."""
        name = f"fresh_{next(self._numbers)}"
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(name)

    def drop(self, url: str) -> None:
        """Drop a database made by `fresh_database`, whoever is still connected."""
        name = url.split("@/", 1)[1].split("?", 1)[0]
        self._run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _run(self, statement: str) -> None:
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[arg-type]


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Start a cluster in a temporary folder, stop it and remove the folder at the end.

    PostgreSQL refuses to run as root, so root hands it to the account ``postgres``.
    Raises RuntimeError: PostgreSQL is not installed.
    """
    tools = binaries()
    if tools is None:
        raise RuntimeError("PostgreSQL is not installed: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # a short path: a socket's name has at most 107 bytes
    if os.geteuid() == 0:
        account = pwd.getpwnam("postgres")
        os.chown(folder, account.pw_uid, account.pw_gid)
    data = folder / "data"
    try:
        _as_postgres(
            folder, tools / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8",
            "--locale=C.UTF-8", "--no-sync",
        )  # fmt: skip
        options = f"-k {folder} -c listen_addresses='' {_FAST}"
        log = folder / "log"
        _as_postgres(folder, tools / "pg_ctl", "-D", data, "-w", "-l", log, "-o", options, "start")
        try:
            yield Cluster(folder)
        finally:
            _as_postgres(folder, tools / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _as_postgres(folder: Path, *command: str | Path) -> None:
    words = [str(word) for word in command]
    if os.geteuid() == 0:
        words = ["runuser", "-u", "postgres", "--", *words]
    quiet = subprocess.run(words, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if quiet.returncode:
        log = folder / "log"
        said = log.read_text(errors="replace") if log.exists() else ""
        raise RuntimeError(f"{' '.join(words)}\n{quiet.stdout}{quiet.stderr}{said}")
