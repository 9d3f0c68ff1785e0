"""Ports are remembered while they are free."""

import socket
from pathlib import Path

import pytest

from include.errors import LabError
from include.lab import ports

NAMES = ("supervisor", "warehouse", "agent")


def test_ports_are_remembered(tmp_path: Path) -> None:
    """A second start gets the same ports."""
    first = ports.settle(tmp_path / "ports.json", NAMES)
    assert ports.settle(tmp_path / "ports.json", NAMES) == first


def test_ports_differ_and_lie_below_the_kernels_own(tmp_path: Path) -> None:
    """No two names share a port, and no outgoing connection can take one from a server that is down."""
    chosen = ports.settle(tmp_path / "ports.json", NAMES)
    assert len(set(chosen.values())) == len(NAMES)
    first_ephemeral = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert max(chosen.values()) < first_ephemeral


def test_a_port_that_was_taken_meanwhile_is_chosen_again(tmp_path: Path) -> None:
    """Somebody else's server on a remembered port moves the lab, and the new place is remembered."""
    first = ports.settle(tmp_path / "ports.json", NAMES)
    with socket.create_server(("127.0.0.1", first["warehouse"])):
        second = ports.settle(tmp_path / "ports.json", NAMES)
    assert second["warehouse"] != first["warehouse"]
    assert ports.remembered(tmp_path / "ports.json") == second


def test_a_new_name_gets_a_port(tmp_path: Path) -> None:
    """A lab of an older version learns of a component that it did not have."""
    ports.settle(tmp_path / "ports.json", NAMES)
    assert set(ports.settle(tmp_path / "ports.json", (*NAMES, "proxy"))) == {*NAMES, "proxy"}


def test_two_labs_do_not_meet(tmp_path: Path) -> None:
    """What one lab listens on, another does not choose."""
    first = ports.settle(tmp_path / "one.json", NAMES)
    taken = set(first.values())
    second = ports.settle(tmp_path / "two.json", NAMES, is_free=lambda port: port not in taken)
    assert taken.isdisjoint(second.values())


def test_no_free_ports_is_an_error(tmp_path: Path) -> None:
    """Nothing is chosen blindly."""
    with pytest.raises(LabError, match="no 3 free loopback ports"):
        ports.settle(tmp_path / "ports.json", NAMES, is_free=lambda port: False)


@pytest.mark.parametrize("content", ["{", "[1]", '{"agent": "80"}'])
def test_a_damaged_memory_is_named(tmp_path: Path, content: str) -> None:
    """The error says which file to delete."""
    (tmp_path / "ports.json").write_text(content)
    with pytest.raises(LabError, match=r"ports\.json"):
        ports.remembered(tmp_path / "ports.json")
