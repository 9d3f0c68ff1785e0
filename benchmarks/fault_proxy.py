"""What the fault proxy costs while it does nothing: `python -m benchmarks.fault_proxy`.

Servers on this machine are asked directly and through the proxy, by turns. One does nothing but answer: many small
questions one after the other show the latency, large answers over several connections the throughput. Then the lab's
own servers are: PostgreSQL for one row after the other, and the S3 server for songs, many at a time as Scale fetches.
"""

import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import psycopg
from pydantic import SecretStr

from include.scale.object_store import fetch_objects, list_objects, open_bucket
from include.settings import (
    FaultProxySettings,
    ObjectStoreSettings,
    ProxiedServer,
    ProxiedServers,
    WarehouseSettings,
)
from tests.scale.servers import free_port, postgres_server, s3_server

_HOST = "127.0.0.1"
_QUESTIONS = 3000
_ANSWER_BYTES = 256 * 2**20
_CONNECTIONS = 4
_ANSWER_MEGABYTES = _CONNECTIONS * _ANSWER_BYTES // 10**6
_TURNS = 7
_BUCKET = "songs"
_SONGS = 1000
_SONG_BYTES = 20_000

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
    server = free_port()
    with _running([sys.executable, "-c", _SERVER, str(server)], server), _proxied(server) as proxied:
        _compare("round trip, µs", lambda port: _round_trip(port) * 1e6, server, proxied, _QUESTIONS)
        _compare("large answers, MB/s", lambda port: _throughput(port) / 1e6, server, proxied, _ANSWER_MEGABYTES)
    with postgres_server() as postgres:
        warehouse = postgres.create_database()
        with _proxied(warehouse.port) as proxied:
            _compare("SELECT 1, µs", lambda port: _select(warehouse, port) * 1e6, warehouse.port, proxied, _QUESTIONS)
    with tempfile.TemporaryDirectory() as folder:
        _write_songs(Path(folder) / _BUCKET)
        with s3_server(Path(folder)) as store:
            port = urlsplit(store.endpoint).port or 0
            with _proxied(port) as proxied:
                _compare("songs fetched a second", partial(_fetch, store), port, proxied, _SONGS)


def _compare(what: str, measure: Callable[[int], float], direct: int, proxied: "_Way", units: int) -> None:
    """Print the medians and, as it depends least on what else the machine does, the proxy's CPU for each unit."""
    before = proxied.cpu_seconds()
    turns = [(measure(direct), measure(proxied.port)) for _ in range(_TURNS)]
    cpu = (proxied.cpu_seconds() - before) / (_TURNS * units) * 1e6
    plain, through = (statistics.median(column) for column in zip(*turns, strict=True))
    ratio = statistics.median(b / a for a, b in turns)
    print(f"{what}: direct {plain:.0f}, proxied {through:.0f}, ratio {ratio:.2f}, CPU of the proxy {cpu:.0f} µs")


def _round_trip(port: int) -> float:
    with socket.create_connection((_HOST, port)) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        began = time.perf_counter()
        for _ in range(_QUESTIONS):
            client.sendall(b"1")
            client.recv(1)
        return (time.perf_counter() - began) / _QUESTIONS


def _select(warehouse: WarehouseSettings, port: int) -> float:
    arguments = warehouse.connect_arguments() | {"port": port}
    with psycopg.connect(**arguments, autocommit=True) as client:  # type: ignore[arg-type]  # str | int is what libpq takes
        began = time.perf_counter()
        for _ in range(_QUESTIONS):
            client.execute("SELECT 1")
        return (time.perf_counter() - began) / _QUESTIONS


def _write_songs(folder: Path) -> None:
    folder.mkdir()
    for number in range(_SONGS):
        (folder / f"{number}.mid").write_bytes(os.urandom(_SONG_BYTES))


def _fetch(store: ObjectStoreSettings, port: int) -> float:
    there = store.model_copy(update={"endpoint": f"http://{_HOST}:{port}"})
    bucket = open_bucket(there, _BUCKET, timedelta(seconds=30))
    listed = list(list_objects(bucket, ""))
    began = time.perf_counter()
    fetched = list(fetch_objects(bucket, listed, in_flight=64, object_bytes_limit=_SONG_BYTES))
    return len(fetched) / (time.perf_counter() - began)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    port: int
    process: psutil.Process

    def cpu_seconds(self) -> float:
        times = self.process.cpu_times()
        return float(times.user + times.system)


@contextmanager
def _proxied(server: int) -> Iterator[_Way]:
    """Put a proxy before a port of this machine; give the way through it."""
    api, proxied = free_port(), free_port()
    settings = FaultProxySettings(url=f"http://{_HOST}:{api}", token=SecretStr("benchmark"))
    behind = ProxiedServer(name="server", listen=f"{_HOST}:{proxied}", upstream=f"{_HOST}:{server}")
    environment = settings.to_environment() | ProxiedServers(proxies=(behind,)).to_environment()
    with _running([sys.executable, "-m", "include.fault_proxy"], proxied, environment) as pid:
        yield _Way(port=proxied, process=psutil.Process(pid))


@contextmanager
def _running(command: list[str], port: int, environment: dict[str, str] | None = None) -> Iterator[int]:
    with subprocess.Popen(command, env={**os.environ, **(environment or {})}) as process:
        try:
            while not _listens(port):
                time.sleep(0.05)
            yield process.pid
        finally:
            process.terminate()


def _listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex((_HOST, port)) == 0


if __name__ == "__main__":
    main()
