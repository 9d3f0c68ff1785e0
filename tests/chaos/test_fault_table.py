"""The table of fault kinds says what the code does."""

from include.chaos.fault_table import TABLE_FILE, render


def test_the_published_table_is_that_of_the_code() -> None:
    """`python -m include.chaos.fault_table` writes it anew."""
    assert TABLE_FILE.read_text(encoding="utf8") == render()
