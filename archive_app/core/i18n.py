"""Chinese is the source language; the web room plugs the translator of the request in here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_translate: Callable[[str], str] = lambda text: text  # noqa: E731 - replaced at start by set_translator
_source: ContextVar[bool] = ContextVar("source_language", default=False)


@contextmanager
def source_language() -> Iterator[None]:
    """Leave texts in Chinese inside the block: what is printed and hashed must not hang on the reader."""
    token = _source.set(True)
    try:
        yield
    finally:
        _source.reset(token)


def set_translator(translate: Callable[[str], str]) -> None:
    """Use ``translate`` (for example flask_babel.gettext) for every later `_()`."""
    global _translate
    _translate = translate


def _(text: str, **values: Any) -> str:
    """The text in the reader's language, with ``%(name)s`` filled from ``values``."""
    translated = text if _source.get() else _translate(text)
    return translated % values if values else translated


class Lazy:
    """A translatable text that is looked up when shown, for module-level constants."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __str__(self) -> str:
        return self.text if _source.get() else _translate(self.text)

    def __mod__(self, values: Any) -> str:
        return str(self) % values

    def __html__(self) -> str:
        from markupsafe import escape

        return str(escape(str(self)))
