"""What the fault proxy costs while it does nothing: `python -m benchmarks.fault_proxy`.

A server on this machine is asked directly and through the proxy, by turns: many small questions one after the other,
for the latency, and large answers over several connections, for the throughput. Server, proxy and client are processes
of their own.
"""

import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from pydantic import SecretStr

from include.settings import FaultProxySettings, ProxiedServer, ProxiedServers

_HOST = "127.0.0.1"
_QUESTIONS = 3000
_ANSWER_BYTES = 256 * 2**20
_CONNECTIONS = 4
_TURNS = 7

_SERVER = """
import socket, sys, threading
def serve(client):
    while asked := client.recv(16):
        left = int(asked)
        while left > 0:
            left -= client.send(filler[:min(left, len(filler))])
filler = b"x" * 2**20
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    client = listener.accept()[0]
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    threading.Thread(target=serve, args=(client,), daemon=True).start()
"""


def main() -> None:
    """Print both ratios."""
    api, server, proxied = (_free_port() for _ in range(3))
    with _running([sys.executable, "-c", _SERVER, str(server)], server), _proxy(api, server, proxied):
        _compare("round trip, µs", lambda port: _round_trip(port) * 1e6, server, proxied)
        _compare("large answers, MB/s", lambda port: _throughput(port) / 1e6, server, proxied)


def _compare(what: str, measure: Callable[[int], float], direct: int, proxied: int) -> None:
    turns = [(measure(direct), measure(proxied)) for _ in range(_TURNS)]
    plain, through = (statistics.median(column) for column in zip(*turns, strict=True))
    ratio = statistics.median(b / a for a, b in turns)
    print(f"{what}: direct {plain:.0f}, proxied {through:.0f}, ratio {ratio:.2f}")


def _round_trip(port: int) -> float:
    with socket.create_connection((_HOST, port)) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        began = time.perf_counter()
        for _ in range(_QUESTIONS):
            client.sendall(b"1")
            client.recv(1)
        return (time.perf_counter() - began) / _QUESTIONS


def _throughput(port: int) -> float:
    began = time.perf_counter()
    with ThreadPoolExecutor(_CONNECTIONS) as pool:
        list(pool.map(_read_all, [port] * _CONNECTIONS))
    return _CONNECTIONS * _ANSWER_BYTES / (time.perf_counter() - began)


def _read_all(port: int) -> None:
    room = memoryview(bytearray(2**20))
    with socket.create_connection((_HOST, port)) as client:
        client.sendall(str(_ANSWER_BYTES).encode())
        left = _ANSWER_BYTES
        while left > 0:
            left -= client.recv_into(room)


@contextmanager
def _proxy(api: int, server: int, proxied: int) -> Iterator[None]:
    settings = FaultProxySettings(url=f"http://{_HOST}:{api}", token=SecretStr("benchmark"))
    behind = ProxiedServer(name="server", listen=f"{_HOST}:{proxied}", upstream=f"{_HOST}:{server}")
    environment = settings.to_environment() | ProxiedServers(proxies=(behind,)).to_environment()
    with _running([sys.executable, "-m", "include.fault_proxy"], proxied, environment):
        yield


@contextmanager
def _running(command: list[str], port: int, environment: dict[str, str] | None = None) -> Iterator[None]:
    with subprocess.Popen(command, env={**os.environ, **(environment or {})}) as process:
        try:
            while not _listens(port):
                time.sleep(0.05)
            yield
        finally:
            process.terminate()


def _listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex((_HOST, port)) == 0


def _free_port() -> int:
    with socket.create_server((_HOST, 0)) as listener:
        return int(listener.getsockname()[1])


if __name__ == "__main__":
    main()
