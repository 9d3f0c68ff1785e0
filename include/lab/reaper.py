"""Find and end the processes that a lab left behind, whoever their parent is now."""

import signal
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from include.errors import LabError
from include.settings import LAB_ID_VARIABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What identifies a process as a lab's."""

    pid: int
    name: str
    environment: Mapping[str, str]
    working_folder: str


def belongs(seen: Seen, *, lab_id: str, data: Path) -> bool:
    """Tell whether a process is this lab's.

    By the mark in its environment; PostgreSQL's children write their titles over theirs, so they are known by their
    working folder. Nothing else is: a shell or an editor that stands in the lab's folder is not the lab's.
    """
    if seen.environment.get(LAB_ID_VARIABLE) == lab_id:
        return True
    return seen.name == "postgres" and Path(seen.working_folder).is_relative_to(data)


def leftovers(lab_id: str, data: Path) -> list[psutil.Process]:
    """List the lab's living processes, without this one and its ancestors."""
    own = {process.pid for process in (psutil.Process(), *psutil.Process().parents())}
    return [p for p, seen in _processes() if seen.pid not in own and belongs(seen, lab_id=lab_id, data=data)]


def reap(find: Callable[[], list[psutil.Process]], *, grace: float = 3.0, rounds: int = 4) -> int:
    """End what `find` finds until it finds nothing, and return how many were ended; SIGKILL after `grace` seconds."""
    ended: set[int] = set()
    for _ in range(rounds):
        found = find()
        if not found:
            return len(ended)
        ended |= {process.pid for process in found}
        _send(found, lambda process: signal.SIGINT if process.name() == "postgres" else signal.SIGTERM)
        _, stubborn = psutil.wait_procs(found, timeout=grace)
        _send(stubborn, lambda _: signal.SIGKILL)
        psutil.wait_procs(stubborn, timeout=grace)
    if remaining := find():
        pids = ", ".join(f"{process.pid} ({process.name()})" for process in remaining)
        raise LabError(f"these processes of the lab do not end, even by SIGKILL: {pids}")
    return len(ended)


def _send(processes: Iterable[psutil.Process], choose: Callable[[psutil.Process], signal.Signals]) -> None:
    """Signal each process; SIGINT is how PostgreSQL stops fast, on SIGTERM it waits for its clients."""
    for process in processes:
        try:
            process.send_signal(choose(process))
        except psutil.NoSuchProcess:
            continue


def _processes() -> Iterator[tuple[psutil.Process, Seen]]:
    """Look at every process that may be looked at and is not already dead."""
    for process in psutil.process_iter():
        try:
            if process.status() != psutil.STATUS_ZOMBIE:
                yield process, _look(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue


def _look(process: psutil.Process) -> Seen:
    return Seen(
        pid=process.pid, name=process.name(), environment=process.environ(), working_folder=process.cwd() or "/"
    )
