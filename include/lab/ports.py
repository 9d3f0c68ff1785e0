"""Loopback ports: chosen free once, remembered, chosen again only when somebody else took one.

They lie below the range from which the kernel takes the near ends of outgoing connections. In that range a killed
server's port can be lost to any passing client, or to a client that retries until it connects to itself.
"""

import json
import random
import socket
from collections.abc import Callable, Sequence
from pathlib import Path

from include.errors import LabError
from include.lab.layout import write_whole

_BLOCK = 32
_STARTS = range(16_000, 32_000, _BLOCK)

Ports = dict[str, int]
IsFree = Callable[[int], bool]


def is_free(port: int) -> bool:
    """Tell whether a server could listen on the loopback port now."""
    with socket.socket() as listener:
        # As servers do: connections of an earlier server that linger in TIME_WAIT are no obstacle.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
            listener.listen(1)
        except OSError:
            return False
    return True


def remembered(path: Path) -> Ports:
    """Read the ports chosen earlier; none when the file is missing."""
    try:
        ports: object = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise LabError(f"{path}: not JSON. Delete the file, and the next `chaos-control up` chooses ports") from error
    if not isinstance(ports, dict) or not all(type(port) is int for port in ports.values()):
        raise LabError(f"{path}: expected names and port numbers. Delete the file, the next `up` chooses ports")
    return {str(name): port for name, port in ports.items()}


def settle(path: Path, names: Sequence[str], is_free: IsFree = is_free) -> Ports:
    """Keep the remembered ports of a stopped lab when all are still free, else choose all of them anew."""
    ports = remembered(path)
    if set(ports) != set(names) or not all(map(is_free, ports.values())):
        ports = _choose(names, is_free)
        write_whole(path, json.dumps(ports, indent=2), mode=0o644)
    return ports


def _choose(names: Sequence[str], is_free: IsFree) -> Ports:
    """Take a free block of ports, whole: two labs that start together meet in all ports or, mostly, in none."""
    if len(names) > _BLOCK:
        raise LabError(f"a lab may use {_BLOCK} ports, not {len(names)}")
    for start in random.SystemRandom().sample(_STARTS, k=len(_STARTS)):
        ports = dict(zip(names, range(start, start + len(names)), strict=True))
        if all(map(is_free, ports.values())):
            return ports
    raise LabError(f"no {len(names)} free loopback ports in a row from {_STARTS.start} to {_STARTS.stop}")
