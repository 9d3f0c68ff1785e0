"""The experiment runs that an agent holds: opened here, taken over after a crash, closed here."""

import os
import re
import threading
from pathlib import Path

from include.chaos.agent.experiment_run import ExperimentRun, OpenRequest
from include.chaos.agent.services import Services
from include.chaos.events import RunClosed, VerdictReached
from include.chaos.journal import JournalEntry, JournalWriter, Reading, read_journal
from include.errors import AgentError, JournalError

_SAFE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:+-]{0,200}")


class Registry:
    """All experiment runs whose journals lie in one folder."""

    def __init__(self, *, journals: Path, services: Services) -> None:
        """Remember the folder; `take_over` looks into it."""
        self._journals = journals
        self._services = services
        self._runs: dict[str, ExperimentRun] = {}
        self._lock = threading.Lock()
        journals.mkdir(parents=True, exist_ok=True, mode=0o700)

    def take_over(self) -> list[str]:
        """Undo and go on with every run that a dead agent left open; give what could not be read, in words."""
        problems = []
        for path in sorted(self._journals.glob("*.jsonl")):
            try:
                if _is_open(read_journal(path)):
                    self._adopt(path)
            except (JournalError, AgentError) as error:
                problems.append(str(error))
        return problems

    def open(self, request: OpenRequest) -> ExperimentRun:
        """Open a run; one of that id that is open already is given back."""
        if not _SAFE_ID.fullmatch(request.experiment_run_id):
            raise AgentError(
                f"experiment_run_id {request.experiment_run_id!r}: expected letters, digits and _.:+- only"
            )
        with self._lock:
            if run := self._runs.get(request.experiment_run_id):
                return run
            opening = ExperimentRun.opening(request)
            path = self._path(request.experiment_run_id)
            if path.exists():
                raise AgentError(f"experiment run {request.experiment_run_id} is closed; its journal is {path}")
            journal = JournalWriter(path, clock=self._services.clock)
            journal.append(opening)
            return self._start(request.experiment_run_id, journal)

    def close(self, experiment_run_id: str, verdict: VerdictReached) -> None:
        """End a run with its verdict; one that is closed already stays as it is."""
        run = self._runs.get(experiment_run_id)
        if run is None and self._path(experiment_run_id).exists():
            return
        self.get(experiment_run_id).close(verdict)

    def get(self, experiment_run_id: str) -> ExperimentRun:
        """Find a run of this agent's life; raise `AgentError` when there is none."""
        if run := self._runs.get(experiment_run_id):
            return run
        raise AgentError(f"no experiment run {experiment_run_id!r} is open on this agent")

    def read(self, experiment_run_id: str) -> str:
        """Give the text of a run's journal, open or closed; raise `AgentError` when there is none."""
        if not _SAFE_ID.fullmatch(experiment_run_id) or not (path := self._path(experiment_run_id)).exists():
            raise AgentError(f"no experiment run {experiment_run_id!r} was ever opened here")
        return path.read_text(encoding="utf8")

    def run_ids(self) -> list[str]:
        """List every run there ever was."""
        return [path.stem for path in sorted(self._journals.glob("*.jsonl"))]

    def entries_since(self, experiment_run_id: str, seq: int) -> tuple[tuple[JournalEntry, ...], bool]:
        """Give a run's entries after `seq`, and whether they are the last; raise `JournalError` when damaged."""
        run = self._runs.get(experiment_run_id)
        if run is None:
            return read_journal(self._path(experiment_run_id)).entries[seq:], True
        closed = run.closed
        return run.entries_since(seq), closed

    def open_runs(self) -> list[ExperimentRun]:
        """List the runs that are not closed."""
        with self._lock:
            return [run for run in self._runs.values() if not run.closed]

    def stop(self) -> None:
        """Undo everything and end all threads."""
        for run in self.open_runs():
            run.stop()

    def _adopt(self, path: Path) -> None:
        with self._lock:
            self._start(path.stem, JournalWriter(path, clock=self._services.clock))

    def _start(self, experiment_run_id: str, journal: JournalWriter) -> ExperimentRun:
        run = ExperimentRun(journal=journal, services=self._services, pid=os.getpid())
        run.start()
        self._runs[experiment_run_id] = run
        return run

    def _path(self, experiment_run_id: str) -> Path:
        return self._journals / f"{experiment_run_id}.jsonl"


def _is_open(reading: Reading) -> bool:
    return bool(reading.entries) and not any(isinstance(entry.body, RunClosed) for entry in reading.entries)
