"""What the tests of the two sets share: folders, their lines, and files as the pipeline leaves them."""

from __future__ import annotations

from archive_app.records.service import add_document, register_folder
from archive_app.scans import rules
from archive_app.scans.models import ElectronicFile, ScanPage


def folder(people, at, title="购销合同", category="HT", year=2026, **more):
    more = {"secrecy": "open", "place": "A03 柜 2 格"} | more
    return register_folder(category, year, title, actor=people.archivist, at=at, **more)


def line(parent, people, at, pages=3, **more):
    return add_document(parent.id, title="合同正本", pages=pages, actor=people.archivist, at=at, **more)


def scan(parent, pages=("read",) * 3, document=None, state="ready", sure=92.0):
    """A file as the pipeline leaves it: one state for each page."""
    serial = ElectronicFile.select().where(ElectronicFile.folder == parent).count() + 1
    code = rules.file_code(parent.file_number, serial)
    file = ElectronicFile.create(
        folder=parent, document=document, serial=serial, code=code, filename="合同.pdf",
        mime="application/pdf", size=3_400_000, sha256=f"{parent.id:032x}{serial:032x}"[::-1],
        page_count=len(pages), state=state, uploaded_by="archivist", uploaded_at=parent.created_at,
    )  # fmt: skip
    for number, each in enumerate(pages, start=1):
        ScanPage.create(
            file=file, folder=parent, number=number, width=10, height=10, view="", thumb="", state=each,
            confidence=sure if each == "read" else None,
        )  # fmt: skip
    return file
