"""One real lab for all end-to-end tests of a session, in a folder of its own."""

from collections.abc import Iterator

import pytest

from tests.e2e.site import Site, site_of_its_own

SONGS = 1000


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    """A lab that is up, with a corpus and one undisturbed run of Scale behind it."""
    with site_of_its_own(songs=SONGS, seed=11) as site:
        yield site
