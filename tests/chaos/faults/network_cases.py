"""The scenes of faults in the network: a real PostgreSQL behind the lab's fault proxy, and clients of both."""

import socket
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import timedelta
from typing import Any

import psycopg

from include.chaos.faults.bandwidth import Bandwidth
from include.chaos.faults.base import FaultKind
from include.chaos.faults.blackhole import Blackhole
from include.chaos.faults.corrupt import Corrupt
from include.chaos.faults.latency import Latency
from include.chaos.faults.partition import Partition
from include.chaos.faults.reset import Reset
from include.chaos.faults.slow_close import SlowClose
from include.chaos.faults.truncate import Truncate
from include.chaos.model import Component
from include.chaos.platforms.fault_proxy import FaultProxy
from include.lab.lab import Lab
from tests.chaos.faults.process_cases import STOP_SECONDS
from tests.chaos.faults.scene import Case, Scene, SmallLab
from tests.waiting import await_

PROXY = "fault_proxy"
PATIENCE = 1
LONG = "SELECT string_agg(md5(i::text), '') FROM generate_series(1, 3000) AS i"
ASK_FOR_TLS = struct.pack("!ii", 8, 80877103)
"""How every client of PostgreSQL begins."""

Connection = psycopg.Connection[tuple[Any, ...]]


def connect(lab: Lab, *, directly: bool = False) -> Connection:
    """Connect as the pipeline does, or past the proxy."""
    plan = lab.plan()
    arguments = plan.warehouse().connect_arguments()
    if directly:
        arguments["port"] = plan.ports["warehouse"]
    return psycopg.connect(**arguments, connect_timeout=PATIENCE + 1, autocommit=True)  # type: ignore[arg-type]  # str | int is what libpq takes


def seconds_of(ask: Callable[[], object]) -> float:
    """Give the shortest of three times: what disturbs a measurement makes it longer."""
    times = []
    for _ in range(3):
        began = time.monotonic()
        ask()
        times.append(time.monotonic() - began)
    return min(times)


def answers(lab: Lab) -> bool:
    """Tell whether a long answer arrives as the server gave it."""
    try:
        with connect(lab) as proxied, connect(lab, directly=True) as direct:
            return proxied.execute(LONG).fetchall() == direct.execute(LONG).fetchall()
    except (psycopg.Error, UnicodeDecodeError):
        return False


def is_slower(lab: Lab, by: timedelta, query: str = "SELECT 1") -> bool:
    """Tell whether a query takes so much longer through the proxy than past it."""
    try:
        with connect(lab) as proxied, connect(lab, directly=True) as direct:
            more = seconds_of(lambda: proxied.execute(query)) - seconds_of(lambda: direct.execute(query))
    except psycopg.Error:
        return False
    return more >= by.total_seconds()


def is_silent(lab: Lab) -> bool:
    """Tell whether connections are accepted and nothing is answered."""
    try:
        connect(lab).close()
    except psycopg.errors.ConnectionTimeout:
        return True
    except psycopg.Error:
        return False
    return False


def breaks_with(lab: Lab, words: str) -> bool:
    """Tell whether a client of the proxy gets a certain error."""
    try:
        with connect(lab) as client:
            client.execute(LONG).fetchall()
    except psycopg.Error as error:
        return words in str(error)
    return False


def is_reset(lab: Lab) -> bool:
    """Tell whether a connection is reset when a client speaks; libpq calls that a close."""
    with socket.create_connection(("127.0.0.1", lab.plan().warehouse().port), PATIENCE) as client:
        try:
            client.sendall(ASK_FOR_TLS)
            client.recv(1)
        except ConnectionResetError:
            return True
    return False


def lingers(lab: Lab, delay: timedelta) -> bool:
    """Tell whether the end of a connection takes so much longer to come through the proxy than past it."""
    plan = lab.plan()
    more = _seconds_to_end(plan.warehouse().port) - _seconds_to_end(plan.ports["warehouse"])
    return more >= delay.total_seconds()


def _seconds_to_end(port: int) -> float:
    """Say to a server that no more comes, and wait until it says so too."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as client:
        client.settimeout(None)
        client.sendall(ASK_FOR_TLS)
        client.recv(1)
        began = time.monotonic()
        client.shutdown(socket.SHUT_WR)
        client.recv(1)
        return time.monotonic() - began


@contextmanager
def before_warehouse(fault: FaultKind[Any], lab: SmallLab, is_struck: Callable[[Lab], bool]) -> Iterator[Scene]:
    """Stand in the way to the warehouse."""
    supervisor = lab.lab.plan().supervisor()
    await_(lambda: answers(lab.lab), "the warehouse to answer through the proxy")
    try:
        yield Scene(
            fault=fault,
            instance=lab.only(Component.WAREHOUSE),
            ability=FaultProxy(lab.lab.plan().fault_proxy()),
            is_struck=lambda: is_struck(lab.lab),
            is_whole=lambda: answers(lab.lab) and not is_struck(lab.lab),
            remove=lambda: supervisor.stop([PROXY], within=STOP_SECONDS),
            restore=lambda: supervisor.start(PROXY),
            replace=lambda: _restart(lab.lab),
        )
    finally:
        with suppress(Exception):
            supervisor.start(PROXY)


def _restart(lab: Lab) -> None:
    """Replace the proxy's process."""
    supervisor = lab.plan().supervisor()
    supervisor.stop([PROXY], within=STOP_SECONDS)
    supervisor.start(PROXY)


def _case(fault: FaultKind[Any], is_struck: Callable[[Lab], bool]) -> Case:
    def case(lab: SmallLab) -> AbstractContextManager[Scene]:
        return before_warehouse(fault, lab, is_struck)

    return case


_DELAY = timedelta(milliseconds=300)

latency = _case(Latency(latency=_DELAY), lambda lab: is_slower(lab, 0.9 * _DELAY))
bandwidth = _case(Bandwidth(rate=200), lambda lab: is_slower(lab, _DELAY, LONG))
partition = _case(Partition(), lambda lab: breaks_with(lab, "refused"))
blackhole = _case(Blackhole(), is_silent)
reset = _case(Reset(), is_reset)
slow_close = _case(SlowClose(delay=_DELAY), lambda lab: lingers(lab, 0.9 * _DELAY))
truncate = _case(Truncate(after_bytes=20_000), lambda lab: breaks_with(lab, "closed the connection"))
corrupt = _case(Corrupt(share=1.0), lambda lab: not answers(lab))
