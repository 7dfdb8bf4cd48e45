"""Pure rules of a print's life: how long a worker may be silent, when trying again ends."""

from __future__ import annotations

from datetime import timedelta

MAX_TRIES = 3
"""So often a drawing that was broken off is taken up again by itself."""
SLACK = timedelta(seconds=60)
JOIN_TIMEOUT = 900.0
"""Seconds for joining all parts."""


def lease(timeout: float) -> timedelta:
    """How long a worker may be silent over a step that ends after ``timeout`` seconds at the latest."""
    return timedelta(seconds=timeout) + SLACK


def gives_up(tries: int) -> bool:
    """Whether a drawing that broke off in its ``tries``-th try is not begun again."""
    return tries > 0 and tries % MAX_TRIES == 0


def tries_after_retry(tries: int) -> int:
    """The count from which a person's retry goes on: never lower, because it also tells workers apart."""
    return -(-tries // MAX_TRIES) * MAX_TRIES
