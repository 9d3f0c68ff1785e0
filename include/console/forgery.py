"""Tokens in forms, so that no other site's page can act in a visitor's name.

A token is the time of its issue, signed for one visitor's name with a key derived from the server's secret. Nothing is
kept: any process of the server can check it.
"""

import hashlib
import hmac
import time

LIVES_SECONDS = 12 * 3600
"""A page that was opened before that has to be opened again."""

_PURPOSE = b"chaos control console: forms"


def issue_token(key: bytes, name: str, now: float | None = None) -> str:
    """Give a token for one visitor."""
    issued_at = str(int(time.time() if now is None else now))
    return f"{issued_at}.{_sign(key, name, issued_at)}"


def is_genuine(token: str, key: bytes, name: str, now: float | None = None) -> bool:
    """Tell whether a token was issued to this visitor, not long ago."""
    issued_at, _, signature = token.partition(".")
    if not hmac.compare_digest(signature.encode(), _sign(key, name, issued_at).encode()):
        return False
    age = (time.time() if now is None else now) - int(issued_at)
    return 0 <= age <= LIVES_SECONDS


def _sign(key: bytes, name: str, issued_at: str) -> str:
    own = hmac.new(key, _PURPOSE, hashlib.sha256).digest()
    return hmac.new(own, f"{issued_at}\n{name}".encode(), hashlib.sha256).hexdigest()
