"""One real lab for all end-to-end tests of a session, in a folder of its own."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from include.lab.lab import Lab
from tests.e2e.site import Site

SONGS = 1000


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    """A lab that is up, with a corpus and one undisturbed run of Scale behind it."""
    home = Path(tempfile.mkdtemp(prefix="chaos-control-e2e-"))
    home.chmod(0o755)
    lab = Lab.open(home)
    before = dict(os.environ)
    try:
        lab.up()
        os.environ.update(lab.environment())
        site = Site(lab)
        site.generate_corpus(songs=SONGS, seed=11)
        site.run_undisturbed()
        yield site
    finally:
        lab.down()
        os.environ.clear()
        os.environ.update(before)
        shutil.rmtree(home, ignore_errors=True)
