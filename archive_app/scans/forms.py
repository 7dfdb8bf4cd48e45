"""The form that takes in scans: several files at once, onto the folder or onto one document of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask_wtf import FlaskForm
from werkzeug.datastructures import FileStorage
from wtforms import MultipleFileField, SelectField

from archive_app.core.i18n import Lazy as L
from archive_app.core.i18n import _
from archive_app.records.models import Document

ACCEPT = ".jpg,.jpeg,.png,.tif,.tiff,.pdf"


class UploadForm(FlaskForm):
    """Files and where they belong; 0 stands for the whole folder."""

    document = SelectField(L("挂在"), coerce=int, default=0)
    files = MultipleFileField(L("扫描件"))

    def offer(self, documents: Iterable[Document]) -> None:
        """Offer the folder itself and each line of its catalog."""
        lines = [
            (document.id, _("第 %(n)s 件 %(title)s", n=place, title=_cut(document.title)))
            for place, document in enumerate(documents, start=1)
        ]
        self.document.choices = [(0, _("整份档案")), *lines]

    @property
    def sent(self) -> list[FileStorage]:
        """The files that really came; browsers send one empty part when none was chosen."""
        return [file for file in self.files.data or [] if isinstance(file, FileStorage) and file.filename]


@contextmanager
def on_disk(files: Iterable[FileStorage]) -> Iterator[list[tuple[Path, str]]]:
    """Local copies of uploaded files with the names they were sent under, gone afterwards."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="upload-")))
        copies = []
        for number, file in enumerate(files):
            path = folder / str(number)  # never the sent name: it may be a path
            file.save(path, buffer_size=1 << 20)
            copies.append((path, file.filename or ""))
        yield copies


def _cut(title: Any) -> str:
    text = str(title)
    return text if len(text) <= 40 else text[:39] + "…"
