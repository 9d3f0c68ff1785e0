"""An extension as the Chaos Toolkit knows them: plain functions, which a lamp obeys that is a file."""

from pathlib import Path


def turn_off(lamp: str) -> bool:
    """Turn a lamp off that is there."""
    Path(lamp).rename(f"{lamp}.off")
    return True


def turn_on(lamp: str) -> bool:
    """Turn it on, if it is off."""
    off = Path(f"{lamp}.off")
    if off.exists():
        off.rename(lamp)
    return True


def is_off(lamp: str) -> bool:
    """Tell whether it is off."""
    return Path(f"{lamp}.off").exists()
