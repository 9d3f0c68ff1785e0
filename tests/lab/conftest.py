"""A lab on paper: a plan for a folder, with nothing started."""

from pathlib import Path

import pytest

from include.lab.credentials import Credentials
from include.lab.layout import LabHome
from include.lab.plan import PORT_NAMES, Plan


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    """A plan whose folder has a name that shells and INI files would choke on."""
    home = LabHome(path=tmp_path / "100% of ;a #lab's $HOME")
    home.create()
    ports = {name: 16_000 + number for number, name in enumerate(PORT_NAMES)}
    return Plan(home=home, ports=ports, credentials=Credentials())
