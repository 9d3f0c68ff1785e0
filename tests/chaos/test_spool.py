"""Records that do not fit into memory come back as they went."""

from hypothesis import given
from hypothesis import strategies as st

from include.chaos.spool import Spool


@given(st.lists(st.tuples(st.integers(0, 2), st.binary(max_size=9000)), max_size=30))
def test_every_bin_gives_its_records_in_order(records: list[tuple[int, bytes]]) -> None:
    """However long they are, and whether they were written out already or not; twice the same."""
    spool = Spool(3)
    for number, record in records:
        spool.append(number, record)
    for number in range(3):
        expected = b"".join(record for bin_of, record in records if bin_of == number)
        assert spool.read(number) == spool.read(number) == expected
    spool.close()
