"""How templates write numbers and times."""

from datetime import datetime, timedelta

from include.chaos.reports.section import say, say_share

_DIGITS = 4


def moment(at: datetime) -> str:
    """Write a time in full, as `2026-01-31 12:00:00 UTC`."""
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def clock(at: datetime) -> str:
    """Write a time of day, to the millisecond."""
    return at.strftime("%H:%M:%S.") + f"{at.microsecond // 1000:03d}"


def fine(duration: timedelta) -> str:
    """Write a duration of which milliseconds matter."""
    seconds = duration.total_seconds()
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else say(duration)


def signed(duration: timedelta) -> str:
    """Write a duration that may lie before its origin."""
    return f"{duration.total_seconds():+.2f} s"


def figure(number: float) -> str:
    """Write a measured number: to four digits, whole where it is."""
    return f"{number:,.0f}" if number == int(number) else f"{number:,.{_DIGITS}g}"


def count(number: int) -> str:
    """Write a count with its thousands apart."""
    return f"{number:,}"


FILTERS = {
    "moment": moment,
    "clock": clock,
    "fine": fine,
    "signed": signed,
    "figure": figure,
    "share": say_share,
    "count": count,
    "say": say,
}
"""What templates may use."""
