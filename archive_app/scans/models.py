"""Tables of the electronic set: files as received, their pages, and what was read on them."""

from __future__ import annotations

import peewee as pw

from archive_app.core.db import Model, UtcDateTimeField
from archive_app.records.models import Document, Folder


class ElectronicFile(Model):
    """One original as received, untouched, with its own code; the twin of a folder or document (互见号)."""

    folder_id: int
    document_id: int | None
    id = pw.BigAutoField()
    folder = pw.ForeignKeyField(Folder, backref="electronic_files")
    document = pw.ForeignKeyField(Document, null=True, backref="electronic_files")
    serial = pw.IntegerField()
    code = pw.CharField(80, unique=True)
    filename = pw.CharField(300)
    mime = pw.CharField(100)
    size = pw.BigIntegerField()
    sha256 = pw.CharField(64, index=True)
    page_count = pw.IntegerField(default=0)
    state = pw.CharField(16)
    error = pw.CharField(500, default="")
    tries = pw.IntegerField(default=0)
    lease_until = UtcDateTimeField(null=True)
    uploaded_by = pw.CharField(64)
    uploaded_at = UtcDateTimeField()
    checked_at = UtcDateTimeField(null=True)
    intact = pw.BooleanField(default=True)
    removed_at = UtcDateTimeField(null=True)
    removed_reason = pw.CharField(300, default="")

    class Meta:
        table_name = "electronic_file"
        indexes = ((("folder", "serial"), True), (("state", "lease_until"), False))


class ScanPage(Model):
    """One page and what was read on it: text, positions, confidence, engine and version.

    Boxes are in pixels of ``width`` × ``height``. Only copies for the screen (``view``, ``thumb``) are
    stored; the full picture is drawn from the original whenever the page is read.
    """

    file_id: int
    folder_id: int
    id = pw.BigAutoField()
    file = pw.ForeignKeyField(ElectronicFile, backref="pages")
    folder = pw.ForeignKeyField(Folder, backref="scan_pages")
    number = pw.IntegerField()
    width = pw.IntegerField()
    height = pw.IntegerField()
    dpi = pw.IntegerField(null=True)
    view = pw.CharField(64)
    thumb = pw.CharField(64)
    state = pw.CharField(16)
    error = pw.CharField(500, default="")
    tries = pw.IntegerField(default=0)
    lease_until = UtcDateTimeField(null=True)
    text = pw.TextField(default="")
    positions = pw.TextField(default="")
    confidence = pw.DoubleField(null=True)
    engine = pw.CharField(64, default="")
    read_at = UtcDateTimeField(null=True)

    class Meta:
        table_name = "scan_page"
        indexes = ((("file", "number"), True), (("folder", "id"), False), (("state", "lease_until"), False))


# The same bytes never stand twice under one folder, whatever two people upload at once.
ElectronicFile.add_index(
    ElectronicFile.index(
        ElectronicFile.folder,
        ElectronicFile.sha256,
        unique=True,
        where=ElectronicFile.removed_at.is_null(),
        name="electronic_file_once",
    )
)

# All that the reconciliation of both sets asks of the pages, so that it never opens the rows with the texts.
ScanPage.add_index(
    ScanPage.index(
        ScanPage.folder, ScanPage.file, ScanPage.state, ScanPage.confidence, name="scan_page_facts"
    )
)

TABLES = (ElectronicFile, ScanPage)
