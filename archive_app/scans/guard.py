"""Work on other people's files, done in a child process with limits of time and memory."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from archive_app.core.errors import ArchiveError, Misconfigured, Refused
from archive_app.core.i18n import Lazy
from archive_app.scans.intake_file import FileFacts, Limits
from archive_app.scans.ocr import OcrResult

ROOT = Path(__file__).resolve().parents[2]
CHILD = "archive_app.scans.guarded_work"
MEMORY_MB = 3000
"""Address space; a page of 100 megapixels needs about 1,900 MB, an ordinary one 700."""
INSPECT_S, DRAW_S, READ_S = 120.0, 300.0, 120.0
KEPT = ("PATH", "LANG", "LC_ALL", "TESSDATA_PREFIX", "FONTCONFIG_PATH", "FONTCONFIG_FILE", "HOME")
"""What the child sees of the environment: no database address, no secret key."""
NO_MEMORY = (
    "MemoryError",
    "bad_alloc",
    "Insufficient memory",
    "annot allocate memory",
    "malloc fail",
    "failed to map segment",
)
"""How Python, C++, OpenCV, Leptonica and the loader say that memory has run out."""

TIMED_OUT, OUT_OF_MEMORY, CRASHED, UNREADABLE = "timed_out", "out_of_memory", "crashed", "unreadable"
WORDS = {
    TIMED_OUT: Lazy("处理超过 %(seconds)s 秒，已停下。可以重试；仍不行就用 300 dpi 重扫。"),
    OUT_OF_MEMORY: Lazy("图像太大，内存不够，已停下。请用 300 dpi 重扫，大图纸分幅。"),
    CRASHED: Lazy("处理程序中途退出，原件没有变。可以重试；仍不行就补扫。"),
    UNREADABLE: Lazy("这个文件读不出来，原件没有变。请核对原件后补扫。"),
}


class WorkFailed(ArchiveError):
    """Guarded work that came to nothing: ``reason`` (one of the four above), ``detail`` for the log."""

    def __init__(self, reason: str, seconds: float, detail: str = "") -> None:
        super().__init__(str(WORDS[reason]) % {"seconds": round(seconds)})
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True)
class DrawnPage:
    """One page drawn into files: the image to be read (PNG), the view and the thumbnail (WebP)."""

    number: int
    width: int
    height: int
    dpi: int | None
    image: Path
    view: Path
    thumb: Path


def inspect_file(path: Path, limits: Limits | None = None) -> FileFacts:
    """Say what an uploaded file is. Raises Refused as `intake_file.inspect`; WorkFailed."""
    return FileFacts(**guarded("inspect", path, {"limits": asdict(limits or Limits())}, INSPECT_S))


def draw_pages(
    path: Path, folder: Path, first: int = 1, last: int | None = None, limits: Limits | None = None
) -> list[DrawnPage]:
    """Draw the pages of a file into ``folder``. Raises Refused as `intake_file.inspect`; WorkFailed."""
    options = {"folder": str(folder), "first": first, "last": last, "limits": asdict(limits or Limits())}
    pages = guarded("draw", path, options, DRAW_S)
    return [
        DrawnPage(**page | {name: folder / page[name] for name in ("image", "view", "thumb")})
        for page in pages
    ]


def read_page(path: Path, dpi: int | None, engine: str = "tesseract") -> OcrResult:
    """Read the page image in a file. Raises WorkFailed; Misconfigured if the engine is not installed."""
    return OcrResult.from_json(guarded("read", path, {"dpi": dpi, "engine": engine}, READ_S))


def guarded(
    kind: str, path: Path, options: dict[str, Any], timeout_s: float, memory_mb: int = MEMORY_MB
) -> Any:
    """Do one piece of work (``inspect``, ``draw``, ``read``) in a child and return its JSON-ready result.

    One fresh child a piece: starting it costs 0.2 s beside 4 s of reading, and all memory comes back.
    Whatever happens, the child and what it started are dead when this returns; its temporary files
    are gone. Raises Refused, Misconfigured, WorkFailed.
    """
    task = {"kind": kind, "path": str(path.resolve()), "options": options, "seconds": timeout_s,
            "memory_mb": memory_mb, "parent": os.getpid()}  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="archive_") as scratch:
        child = subprocess.Popen(
            [sys.executable, "-m", CHILD],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=_environment(scratch), cwd=ROOT, start_new_session=True,
        )  # fmt: skip
        try:
            answer, told = child.communicate(json.dumps(task).encode(), timeout=timeout_s)
        except subprocess.TimeoutExpired:
            raise WorkFailed(TIMED_OUT, timeout_s) from None
        finally:
            _end(child)
    return _result(answer, told.decode(errors="replace"), child.returncode, timeout_s)


def _environment(scratch: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    threads = dict.fromkeys(("OMP_THREAD_LIMIT", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    return kept | threads | {"TMPDIR": scratch, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}


def _end(child: subprocess.Popen[bytes]) -> None:
    """Kill the child's whole process group: Tesseract is its child, not ours."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    for pipe in (child.stdin, child.stdout, child.stderr):
        if pipe:
            pipe.close()


def _result(answer: bytes, told: str, code: int, seconds: float) -> Any:
    try:
        said = json.loads(answer)
    except ValueError:
        raise WorkFailed(_reason_of_death(code, told), seconds, f"exit {code}: {told[-2000:]}") from None
    if "refused" in said:
        raise Refused(**said["refused"])
    if "misconfigured" in said:
        raise Misconfigured(said["misconfigured"])
    if "error" in said:
        reason = UNREADABLE if said["unreadable"] else CRASHED
        raise WorkFailed(_or_memory(reason, said["error"]), seconds, said["error"])
    return said["result"]


def _reason_of_death(code: int, told: str) -> str:
    if code == -signal.SIGXCPU:
        return TIMED_OUT
    if code == -signal.SIGKILL:  # not ours, so the kernel's when memory runs out
        return OUT_OF_MEMORY
    return _or_memory(CRASHED, told)


def _or_memory(reason: str, told: str) -> str:
    return OUT_OF_MEMORY if any(word in told for word in NO_MEMORY) else reason
