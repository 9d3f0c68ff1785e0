"""The experiment runs that an agent holds: opened here, taken over after a crash, closed here."""

import logging
import os
import re
import threading
from collections.abc import Callable
from pathlib import Path

from include.chaos.agent.archive import Archive, is_closed_for_certain
from include.chaos.agent.at_once import all_at_once
from include.chaos.agent.campaign_shelf import CampaignShelf
from include.chaos.agent.experiment_run import ExperimentRun
from include.chaos.agent.guardrails import SiteGuardrails
from include.chaos.agent.halt import HaltState, HaltSwitch
from include.chaos.agent.opening import opening_entry
from include.chaos.agent.planning import Plan, plan_experiment
from include.chaos.agent.run_status import HeldLease, OpenRequest
from include.chaos.agent.services import Services
from include.chaos.events import AgentStarted, RunClosed, VerdictReached
from include.chaos.experiment import Experiment
from include.chaos.journal import JournalEntry, JournalWriter, Reading, read_journal
from include.errors import AgentError, ChaosControlError, GuardrailError

logger = logging.getLogger("chaos.registry")

_SAFE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:+-]{0,200}")


class Registry:
    """All experiment runs whose journals lie in one folder."""

    def __init__(self, *, journals: Path, services: Services, guardrails: SiteGuardrails | None = None) -> None:
        """Remember the folder, beside which halt, flags and campaigns lie; `take_over` reads it.

        The lab's rules are default.
        """
        self.campaigns = CampaignShelf(journals.parent / "campaigns")
        self._journals = journals
        self._services = services
        self._guardrails = guardrails or SiteGuardrails(flags=journals.parent / "flags")
        self._halt = HaltSwitch(journals.parent / "halt.json")
        self.archive = Archive(journals)
        self._runs: dict[str, ExperimentRun] = {}
        self._lock = threading.Lock()
        journals.mkdir(parents=True, exist_ok=True, mode=0o700)

    def take_over(self) -> list[str]:
        """Undo and go on with every run that a dead agent left open; give what could not be read, in words."""
        problems = []
        for path in sorted(self._journals.glob("*.jsonl")):
            if is_closed_for_certain(path):
                continue
            try:
                reading = read_journal(path)
                if _is_open(reading):
                    self._adopt(path, reading)
            except ChaosControlError as error:
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
            opening = opening_entry(request)
            path = self._path(request.experiment_run_id)
            if path.exists() and read_journal(path).entries:
                raise AgentError(f"experiment run {request.experiment_run_id} is closed; its journal is {path}")
            self._require_allowed(request.experiment)
            journal = JournalWriter(path, clock=self._services.clock)
            journal.append(opening)
            return self._start(request.experiment_run_id, journal)

    def plan(self, experiment: Experiment) -> Plan:
        """Say what an experiment would strike now, and what forbids it, if anything does; nothing is touched."""
        rules = (self._guardrails.require_allowed, self._require_strikes_allowed)
        return plan_experiment(experiment, self._services.platform, rules)

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

    def read(self, experiment_run_id: str, after: int = 0) -> str:
        """Give a journal's text, open or closed, without its first `after` lines; `AgentError` when there is none."""
        if after and (run := self._runs.get(experiment_run_id)):
            return "".join(entry.to_line() for entry in run.entries_since(after))
        if not _SAFE_ID.fullmatch(experiment_run_id) or not (path := self._path(experiment_run_id)).exists():
            raise AgentError(f"no experiment run {experiment_run_id!r} was ever opened here")
        return "\n".join(path.read_text(encoding="utf8").split("\n")[after:])

    def run_ids(self) -> list[str]:
        """List every run there ever was."""
        return [path.stem for path in sorted(self._journals.glob("*.jsonl"))]

    def entries_since(self, experiment_run_id: str, seq: int) -> tuple[tuple[JournalEntry, ...], bool]:
        """Give a run's entries after `seq`, and whether they are the last; raise `JournalError` when damaged."""
        run = self._runs.get(experiment_run_id)
        if run is None:
            if self.archive.index.count_entries(experiment_run_id) == seq:
                return (), True
            return read_journal(self._path(experiment_run_id)).entries[seq:], True
        closed = run.closed
        return run.entries_since(seq), closed

    def open_runs(self) -> list[ExperimentRun]:
        """List the runs that are not closed."""
        with self._lock:
            return [run for run in self._runs.values() if not run.closed]

    @property
    def halted(self) -> HaltState | None:
        """Why strikes are forbidden, or None when they are not."""
        return self._halt.state

    def halt(self, reason: str) -> bool:
        """Forbid every strike from now on and undo everything; tell whether the undo is confirmed."""
        try:
            self._halt.turn_on(reason, self._services.clock.now())
        finally:  # an undo does not wait for a disk that is full
            confirmed = self._for_each_open_run(lambda run: run.halt(reason))
        return confirmed

    def resume(self) -> None:
        """Lift the halt."""
        if self._halt.state:
            self._halt.turn_off()
            self._for_each_open_run(ExperimentRun.resume)

    def held_leases(self) -> list[HeldLease]:
        """List what may be struck now, or is."""
        return [held for run in self.open_runs() for held in run.held_leases()]

    def stop(self) -> None:
        """Undo everything and end all threads."""
        self._for_each_open_run(ExperimentRun.stop)
        self.archive.index.stop()

    def _for_each_open_run(self, act: Callable[[ExperimentRun], bool | None]) -> bool:
        """Do something with every open run, all at once; tell whether it was done with all of them."""

        def act_safely(run: ExperimentRun) -> bool:
            try:
                return act(run) is not False
            except Exception:
                logger.exception("experiment run %s", run.experiment_run_id)
                return False

        return all_at_once(act_safely, self.open_runs())

    def _require_allowed(self, experiment: Experiment) -> None:
        self._halt.require_off()
        self._guardrails.require_allowed(experiment)
        self._guardrails.require_calm(experiment)
        for run in self._runs.values():
            if not run.closed and run.experiment.pipeline == experiment.pipeline:
                raise GuardrailError(
                    f"experiment run {run.experiment_run_id} is open on pipeline {experiment.pipeline}; one at a time. "
                    f"If nobody conducts it any more, `chaos-control close {run.experiment_run_id}` ends it"
                )

    def _require_strikes_allowed(self, experiment: Experiment) -> None:
        self._halt.require_off()
        self._guardrails.require_calm(experiment)

    def _adopt(self, path: Path, reading: Reading) -> None:
        started = AgentStarted(pid=os.getpid(), torn_bytes=reading.torn_bytes)
        with self._lock:
            self._start(path.stem, JournalWriter(path, clock=self._services.clock), taken_over=started)

    def _start(
        self, experiment_run_id: str, journal: JournalWriter, taken_over: AgentStarted | None = None
    ) -> ExperimentRun:
        run = ExperimentRun(
            journal=journal, services=self._services, permit=self._require_strikes_allowed, taken_over=taken_over
        )
        run.start()
        self._runs[experiment_run_id] = run
        return run

    def _path(self, experiment_run_id: str) -> Path:
        return self._journals / f"{experiment_run_id}.jsonl"


def _is_open(reading: Reading) -> bool:
    return bool(reading.entries) and not any(isinstance(entry.body, RunClosed) for entry in reading.entries)
