"""The index over titles, numbers and OCR text: one tokeniser, two engines, the same hits on both."""

from archive_app.search.marks import highlight, snippet
from archive_app.search.queries import CAP, Found, Hit, Scope, facets, find
from archive_app.search.service import put, put_many, rebuild, remove
from archive_app.search.text import BREAK

__all__ = [
    "BREAK",
    "CAP",
    "Found",
    "Hit",
    "Scope",
    "facets",
    "find",
    "highlight",
    "put",
    "put_many",
    "rebuild",
    "remove",
    "snippet",
]
