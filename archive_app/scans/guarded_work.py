"""The child of `guard`: takes one task from standard input, answers in JSON on standard output."""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from archive_app.core.errors import Misconfigured, Refused
from archive_app.core.i18n import _

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Do the task and leave; what libraries print goes to standard error."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    task = json.load(sys.stdin)
    die_with(task["parent"])
    limit(task["seconds"], task["memory_mb"])
    answers.write(json.dumps(answer(task), ensure_ascii=False))
    answers.flush()


def die_with(parent: int) -> None:
    """End this process and all it started as soon as the parent is gone."""
    signal.signal(signal.SIGTERM, lambda *_: os.killpg(0, signal.SIGKILL))
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it died before we asked
        os.killpg(0, signal.SIGKILL)


def limit(seconds: float, memory_mb: int) -> None:
    """Limit memory and CPU time, of this process and of each one it starts; let the web go first."""
    for what, most in (
        (resource.RLIMIT_AS, memory_mb << 20),
        (resource.RLIMIT_CPU, int(seconds) + 1),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    os.nice(5)


def answer(task: dict[str, Any]) -> dict[str, Any]:
    """The result of a task, or why there is none."""
    try:
        return {"result": WORK[task["kind"]](Path(task["path"]), **task["options"])}
    except Refused as refusal:
        return {"refused": refusal.as_dict()}
    except Misconfigured as fault:
        return {"misconfigured": str(fault)}
    except Exception as error:  # whatever it was, the parent must hear of it
        unreadable = isinstance(error, OSError)  # Pillow's word for a picture that is none
        return {"error": f"{type(error).__name__}: {error}"[:2000], "unreadable": unreadable}


def inspect(path: Path, limits: dict[str, Any]) -> dict[str, Any]:
    """The facts of a file as a dictionary."""
    from archive_app.scans import intake_file

    return intake_file.inspect(path, intake_file.Limits(**limits)).as_dict()


def draw(
    path: Path, folder: str, first: int, last: int | None, limits: dict[str, Any]
) -> list[dict[str, Any]]:
    """Write each page's image, view and thumbnail into ``folder``; a list of their names and sizes."""
    from archive_app.scans import intake_file, page_copies

    bounds = intake_file.Limits(**limits)
    facts = intake_file.facts_of(path, bounds)
    pages = []
    for page in intake_file.page_images(path, facts, first, last, bounds):
        copies = page_copies.derive(page.image)
        names = {part: f"{page.number:05d}-{part}" for part in ("image", "view", "thumb")}
        page.image.save(Path(folder) / names["image"], "PNG", compress_level=1)
        (Path(folder) / names["view"]).write_bytes(copies.view)
        (Path(folder) / names["thumb"]).write_bytes(copies.thumb)
        width, height = page.image.size
        pages.append({"number": page.number, "width": width, "height": height, "dpi": page.dpi, **names})
    return pages


def read(path: Path, dpi: int | None, engine: str) -> str:
    """The OCR result of a page image as JSON. Raises Misconfigured if Tesseract or a language is missing."""
    import cv2
    import pytesseract
    from PIL import Image

    from archive_app.scans.intake_file import eight_bit
    from archive_app.scans.ocr import engine as engine_of

    Image.MAX_IMAGE_PIXELS = None  # `inspect` measured it, and memory is limited here
    cv2.setNumThreads(1)
    with Image.open(path) as image:
        page = eight_bit(image)
    try:
        return engine_of(engine).read(page, dpi).to_json()
    except pytesseract.TesseractNotFoundError:
        raise _missing("tesseract-ocr") from None
    except pytesseract.TesseractError as error:
        if "traineddata" in str(error):
            raise _missing("tesseract-ocr-chi-sim tesseract-ocr-eng") from error
        raise


def _missing(packages: str) -> Misconfigured:
    return Misconfigured(_("缺文字识别程序。请运行 apt-get install %(packages)s。", packages=packages))


WORK: dict[str, Callable[..., Any]] = {"inspect": inspect, "draw": draw, "read": read}

if __name__ == "__main__":
    main()
