"""Password hashes by argon2-cffi (argon2id), with the settings of OWASP's cheat sheet."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# 19 MiB, two passes, one lane: the smallest setting OWASP recommends; a room has few people and
# small machines, and eight sign-ins at once must not need half a gigabyte.
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


def hash_password(password: str) -> str:
    """Return the salted argon2id hash of a password."""
    return _hasher.hash(password)


def verify(password_hash: str, password: str) -> bool:
    """Say whether the password belongs to the hash."""
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def verify_nobody(password: str) -> bool:
    """Spend the time of a verification on a name that does not exist; always False."""
    verify(_nobody(), password)
    return False


def is_outdated(password_hash: str) -> bool:
    """Say whether the hash was made with other settings than today's."""
    return _hasher.check_needs_rehash(password_hash)


@cache
def _nobody() -> str:
    return hash_password("nobody has this password")
