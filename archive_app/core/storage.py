"""Content-addressed files: put bytes, get a SHA-256; never overwritten, never served by path.

``STORAGE_URL``: a local folder by default, any fsspec URL (``s3://bucket/prefix``) at scale.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from archive_app.core.db import ROOT

DEFAULT_URL = str(ROOT / "scans" / "store")
CHUNK = 1 << 20


class Storage:
    """A store of immutable files, each found by the SHA-256 of its bytes."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._fs: Any = None
        if "://" in url and not url.startswith("file://"):
            import fsspec

            self._fs, self._root = fsspec.core.url_to_fs(url)
        else:
            self.root = Path(url.removeprefix("file://"))

    def address(self, digest: str) -> str:
        """Where a file lies inside the store, e.g. ``ab/cd/abcd…`` (printed as storage address)."""
        return f"{digest[:2]}/{digest[2:4]}/{digest}"

    def put_file(self, source: Path) -> str:
        """Store a copy of a local file (temp + fsync + rename) and return its SHA-256."""
        digest = sha256_of(source)
        if not self.exists(digest):
            self._store(source, digest)
        return digest

    def put_bytes(self, data: bytes) -> str:
        """Store bytes and return their SHA-256."""
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / "data"
            source.write_bytes(data)
            return self.put_file(source)

    def _store(self, source: Path, digest: str) -> None:
        if self._fs is not None:
            self._fs.put_file(str(source), f"{self._root}/{self.address(digest)}")
            return
        target = self.root / self.address(digest)
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
        try:
            with source.open("rb") as src, temporary.open("wb") as dst:
                shutil.copyfileobj(src, dst, CHUNK)
                dst.flush()
                os.fsync(dst.fileno())
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)

    def exists(self, digest: str) -> bool:
        """Whether the file is in the store."""
        if self._fs is not None:
            return bool(self._fs.exists(f"{self._root}/{self.address(digest)}"))
        return (self.root / self.address(digest)).is_file()

    def open(self, digest: str) -> IO[bytes]:
        """The file, opened for reading. Raises FileNotFoundError."""
        if self._fs is not None:
            return self._fs.open(f"{self._root}/{self.address(digest)}", "rb")
        return (self.root / self.address(digest)).open("rb")

    def read(self, digest: str) -> bytes:
        """The whole file."""
        with self.open(digest) as stream:
            return stream.read()

    @contextmanager
    def local_path(self, digest: str) -> Iterator[Path]:
        """The file as a local path for programs that need one (a copy when the store is remote)."""
        if self._fs is None:
            yield self.root / self.address(digest)
            return
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / digest
            self._fs.get_file(f"{self._root}/{self.address(digest)}", str(path))
            yield path

    def intact(self, digest: str) -> bool:
        """Whether the bytes still have the digest they were stored under."""
        if not self.exists(digest):
            return False
        with self.local_path(digest) as path:
            return sha256_of(path) == digest


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


_store: Storage | None = None


def open_storage(url: str | None = None) -> Storage:
    """Bind the house to a store (``url``, else ``STORAGE_URL``, else scans/store)."""
    global _store
    _store = Storage(url or os.environ.get("STORAGE_URL") or DEFAULT_URL)
    return _store


def storage() -> Storage:
    """The open store; opens the default one if none was."""
    return _store if _store is not None else open_storage()
