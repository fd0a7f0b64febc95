"""Who may log in, and how often somebody may guess. Pure but for the hashing itself.

Argon2id with argon2-cffi's defaults (RFC 9106, second recommended option: 64 MiB, 3 passes). Guessing is
slowed down by name: after five failures within 15 minutes every further one doubles the wait, from 2 s up
to 15 minutes. A name that does not exist is treated, and takes as long, as one that does.
"""

import hashlib
import secrets
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

ADMINISTRATOR: Final = "admin"
MIN_PASSWORD: Final = 10
MAX_PASSWORD: Final = 200
"""Characters; the upper limit keeps a log-in from being used as a load."""
FREE_FAILURES: Final = 5
FAILURES_WITHIN_S: Final = 900
LONGEST_WAIT_S: Final = 900
SESSION_IDLE_S: Final = 12 * 3600
_HASHER: Final = PasswordHasher()
_COMMON: Final = frozenset(
    {"password12", "1234567890", "qwertyuiop", "administrator", "gatepost123"}
)


def password_problem(password: str) -> str | None:
    """Why this may not be a password; None: it may."""
    if len(password) < MIN_PASSWORD:
        return f"it needs at least {MIN_PASSWORD} characters"
    if len(password) > MAX_PASSWORD:
        return f"it may have at most {MAX_PASSWORD} characters"
    if len(set(password)) < 5 or password.lower() in _COMMON:
        return "it is too easy to guess"
    return None


def hash_password(password: str) -> str:
    """The Argon2id hash to store, with its parameters and salt in it."""
    return _HASHER.hash(password)


@cache
def _nobodys() -> str:
    return hash_password(secrets.token_hex(16))


def is_password(stored: str | None, password: str) -> bool:
    """Whether the password fits; takes some 50 ms either way, also where the name has none (None)."""
    try:
        return _HASHER.verify(stored or _nobodys(), password[: MAX_PASSWORD + 1])
    except (VerificationError, InvalidHashError):
        return False


def wait_s(failed_us: list[int], now_us: int) -> float:
    """How long this name must wait, given the times of its failures since its last success; 0: not at all."""
    recent = sorted(at for at in failed_us if now_us - at < FAILURES_WITHIN_S * 1_000_000)
    if len(recent) < FREE_FAILURES:
        return 0.0
    pause_s = min(2.0 ** (len(recent) - FREE_FAILURES + 1), LONGEST_WAIT_S)
    return max(0.0, pause_s - (now_us - recent[-1]) / 1_000_000)


def new_token() -> str:
    """256 random bits: the value of a session's cookie, or of its CSRF token."""
    return secrets.token_urlsafe(32)


def token_name(token: str) -> str:
    """What is stored of a session's token, so that the database lets nobody in: SHA-256 in hex."""
    return hashlib.sha256(token.encode()).hexdigest()
