"""The supervisor: the file it reads, the scripts it runs, and the calls it answers.

Every path in its file is relative to the lab's home, in which it runs, and every command is a script of ours: so no
character in a path or a secret can mean something to it.
"""

import contextlib
import http.client
import os
import shlex
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import psutil

from include.errors import LabError
from include.lab.component import Component
from include.lab.layout import PRIVATE, PRIVATE_PROGRAM, PROGRAM, LabHome, write_whole
from include.settings import LAB_ID_VARIABLE

USER = "lab"
STOPPED_STATES = frozenset({"STOPPED", "EXITED", "FATAL"})
_AT_ONCE = False  # the argument `wait` of the supervisor's calls
_INHERITED = ("PATH", "HOME", "USER", "LANG", "LC_ALL", "TZ", "TMPDIR")

_SUPERVISOR = """\
[supervisord]
identifier={lab_id}
logfile=logs/supervisord.log
logfile_maxbytes=5MB
logfile_backups=1
pidfile=run/supervisord.pid
childlogdir=logs
umask=077
{user}
[inet_http_server]
port=127.0.0.1:{port}
username={username}
password={password}

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
"""

# startsecs: what lived for a second is restarted at once, what dies sooner after 1 s, 2 s, 3 s, ... as a kubelet does.
_PROGRAM = """
[program:{name}]
command=/bin/sh {script}
autostart=false
autorestart=true
startsecs=1
startretries=1000000
stopsignal={stop_signal}
stopwaitsecs=10
stopasgroup=false
killasgroup=true
redirect_stderr=true
stdout_logfile=logs/{name}.log
stdout_logfile_maxbytes=20MB
stdout_logfile_backups=2
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What the supervisor says of one program."""

    name: str
    state: str
    pid: int | None
    started_at: datetime


class _Transport(xmlrpc.client.Transport):
    """XML-RPC that does not wait for a stopped supervisor for ever."""

    def make_connection(self, host: object) -> http.client.HTTPConnection:
        connection = super().make_connection(host)  # type: ignore[arg-type]  # a private alias in typeshed
        connection.timeout = 10
        return connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Supervisor:
    """A client of one lab's supervisor."""

    lab_id: str
    port: int
    password: str

    @property
    def url(self) -> str:
        """Its XML-RPC address, without the password."""
        return f"http://127.0.0.1:{self.port}/RPC2"

    def is_running(self) -> bool:
        """Tell whether this lab's supervisor answers; another lab's, or another server, does not count."""
        try:
            return self._call("getIdentification") == self.lab_id
        except LabError:
            return False

    def programs(self) -> dict[str, Program]:
        """Ask for the state of every program."""
        told = cast("list[dict[str, object]]", self._call("getAllProcessInfo"))
        return {program.name: program for program in map(_program, told)}

    def start(self, name: str) -> None:
        """Start a stopped program, without waiting for it."""
        self._call("startProcess", name, _AT_ONCE)

    def stop(self, names: Iterable[str], within: float) -> None:
        """Stop programs all at once, and return when all have stopped or the time is over."""
        wanted = set(names)
        for name, program in self.programs().items():
            if name in wanted and program.state not in STOPPED_STATES:
                with contextlib.suppress(LabError):  # it died meanwhile; the wait below sees what is true
                    self._call("stopProcess", name, _AT_ONCE)
        _wait_until(lambda: self._have_stopped(wanted), within)

    def shutdown(self, within: float) -> None:
        """Ask the supervisor to end, and return when it has or the time is over."""
        pid = cast("int", self._call("getPID"))
        self._call("shutdown")
        _wait_until(lambda: not psutil.pid_exists(pid), within)

    def _have_stopped(self, names: set[str]) -> bool:
        return all(program.state in STOPPED_STATES for name, program in self.programs().items() if name in names)

    def _call(self, method: str, *arguments: object) -> object:
        address = f"http://{USER}:{self.password}@127.0.0.1:{self.port}/RPC2"
        try:
            with xmlrpc.client.ServerProxy(address, transport=_Transport()) as proxy:
                return cast("object", getattr(proxy.supervisor, method)(*arguments))
        except xmlrpc.client.Fault as error:
            raise LabError(f"the supervisor refused {method}{arguments}: {error.faultString}") from error
        except (OSError, http.client.HTTPException, xmlrpc.client.Error) as error:
            # Not `from error`: a protocol error quotes the address with the password.
            raise LabError(f"no supervisor of this lab on port {self.port}: {type(error).__name__}") from None


def _program(told: Mapping[str, object]) -> Program:
    pid, start = cast("int", told["pid"]), cast("int", told["start"])
    return Program(
        name=cast("str", told["name"]),
        state=cast("str", told["statename"]),
        pid=pid or None,
        started_at=datetime.fromtimestamp(start, UTC),
    )


def render_conf(components: Iterable[Component], *, lab_id: str, port: int, password: str) -> str:
    """Render the supervisor's file."""
    user = "user=root\n" if os.geteuid() == 0 else ""
    head = _SUPERVISOR.format(lab_id=lab_id, port=port, username=USER, password=password, user=user)
    return head + "".join(
        _PROGRAM.format(name=c.name, script=script_of(c.name), stop_signal=c.stop_signal) for c in components
    )


def script_of(name: str) -> str:
    """Name a program's script as the supervisor starts it, in the lab's home."""
    return f"run/programs/{name}"


def render_script(home: LabHome, component: Component) -> str:
    """Render a program's script: its environment, then, through the launcher, its command in the same process."""
    launcher = ("/bin/sh", str(home.launcher), str(home.hold_of(component.name)))
    command = shlex.join([*launcher, *component.command])
    return "\n".join(["#!/bin/sh", *_exports(component.environment), f"exec {command}", ""])


def _exports(environment: Mapping[str, str]) -> Iterator[str]:
    return (f"export {name}={shlex.quote(value)}" for name, value in sorted(environment.items()))


def base_environment(lab_id: str, inherited: Mapping[str, str]) -> dict[str, str]:
    """Give the environment in which a lab's processes start: no more of the caller's than they need."""
    return {name: inherited[name] for name in _INHERITED if name in inherited} | {LAB_ID_VARIABLE: lab_id}


def write_files(home: LabHome, components: Iterable[Component], supervisor: Supervisor) -> None:
    """Write what the supervisor reads and runs."""
    for component in components:
        write_whole(home.programs / component.name, render_script(home, component), mode=PRIVATE_PROGRAM)
    # A copy: a running lab must not change with the checkout that started it.
    launcher = Path(__file__).with_name("launch.sh").read_text()
    write_whole(home.launcher, launcher, mode=PROGRAM)
    conf = render_conf(components, lab_id=supervisor.lab_id, port=supervisor.port, password=supervisor.password)
    write_whole(home.supervisor_conf, conf, mode=PRIVATE)


def start_daemon(home: LabHome, supervisor: Supervisor, environment: Mapping[str, str]) -> None:
    """Start the supervisor so that it outlives this process, and wait until it answers."""
    with (home.logs / "supervisord.out").open("wb") as output:
        subprocess.run(
            [sys.executable, "-m", "supervisor.supervisord", "-c", home.supervisor_conf.name],
            cwd=home.path,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            check=False,
        )
    if not _wait_until(supervisor.is_running, 15):
        said = (home.logs / "supervisord.out").read_text(errors="replace")[-2000:]
        raise LabError(f"the supervisor does not answer on port {supervisor.port}. It said: {said or 'nothing'}")


def _wait_until(holds: Callable[[], bool], within: float) -> bool:
    deadline = time.monotonic() + within
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True
