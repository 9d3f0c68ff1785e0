"""A digest of a manifest, by which two readings of it are told apart, whatever their order. Pure."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime


def digest_manifest(listed: Iterable[Sequence[object]]) -> str:
    """Give the SHA-256 of all rows that a contract's statement gives, in the order of their texts."""
    lines = sorted(json.dumps([*row], default=_said) for row in listed)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _said(value: object) -> str:
    """Write a moment in one way, whatever the zone of the session that read it."""
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)
