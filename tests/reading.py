"""What the tests of on-screen reading share: a cheap scanned page, and the mark it must carry."""

from __future__ import annotations

import io
from datetime import datetime

from PIL import Image

from archive_app.core.storage import storage
from archive_app.records.models import Folder
from archive_app.scans import page_copies
from archive_app.scans.models import ElectronicFile, ScanPage


def scanned(folder: Folder, at: datetime, size: tuple[int, int] = (300, 420)) -> ScanPage:
    """A white page of a folder, as if it had been uploaded, drawn and read."""
    white = io.BytesIO()
    Image.new("L", size, 255).save(white, "PNG")
    original, copies = storage().put_bytes(white.getvalue()), page_copies.derive(Image.new("L", size, 255))
    view, thumb = storage().put_bytes(copies.view), storage().put_bytes(copies.thumb)
    file = ElectronicFile.create(
        folder=folder, serial=1, code=f"DZ-{folder.file_number}-01", filename="合同.png", mime="image/png",
        size=len(white.getvalue()), sha256=original, page_count=1, state="ready", uploaded_by="archivist",
        uploaded_at=at,
    )  # fmt: skip
    return ScanPage.create(
        file=file, folder=folder, number=1, width=size[0], height=size[1], view=view, thumb=thumb,
        state="read", text="正文", read_at=at,
    )  # fmt: skip


def marked(digest: str, mark: str) -> bytes:
    """A stored picture with a mark, as the reader must get it."""
    return page_copies.watermark(storage().read(digest), mark)
