"""The CPU and memory of a lab, by who uses them, over a stretch of time."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

import psycopg

from benchmarks.agent.processes import CpuLedger, Seen, below, look_at, memory_of
from include.settings import WarehouseSettings
from tests.e2e.site import Site

LOOK_SECONDS = 2.0
"""How often processes are looked at, and Airflow is asked whether a run has ended: the same, watched or not."""

_PROBE_BACKENDS = "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'chaos agent: %'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """CPU seconds over `seconds` of wall time, and the agent's peak memory in bytes.

    `lab` holds all processes of the lab; the others are parts of it: `probes` the warehouse's backends that serve the
    agent, `control_db` Airflow's database, which is also the journal's mirror.
    """

    seconds: float
    lab: float
    agent: float
    probes: float
    api_server: float
    control_db: float
    agent_resident: int
    agent_proportional: int

    @property
    def others(self) -> float:
        """CPU seconds of all that is neither the agent nor serves its probes."""
        return self.lab - self.agent - self.probes


class Meter:
    """Looks at a lab's processes until it is told to stop."""

    def __init__(self, site: Site) -> None:
        """Find the components; they must not be restarted while they are measured."""
        self._site = site
        self._warehouse = psycopg.connect(
            **WarehouseSettings.from_environment().connect_arguments(),  # type: ignore[arg-type]  # str | int is what libpq takes
            application_name="benchmark",
            autocommit=True,
        )
        self._roots = {name: site.pid(name) for name in ("agent", "airflow_api_server", "control_db")}
        self._ledgers = {name: CpuLedger() for name in ("lab", "probes", *self._roots)}
        self._memory: list[tuple[int, int]] = []
        self._began = monotonic()
        self._look()

    def measure_until(self, done: Callable[[], bool]) -> Usage:
        """Look again and again until something is so; give what was used since this meter was made."""
        waiting = threading.Event()
        while not done():
            waiting.wait(LOOK_SECONDS)
            self._look()
        return self._usage()

    def _look(self) -> None:
        seen = list(look_at(self._site.processes()))
        self._ledgers["lab"].note(seen)
        self._ledgers["probes"].note(self._probe_backends(seen))
        trees = {name: below(seen, root) for name, root in self._roots.items()}
        for name, tree in trees.items():
            self._ledgers[name].note(tree)
        self._memory.append(memory_of(process.pid for process in trees["agent"]))

    def _probe_backends(self, seen: list[Seen]) -> list[Seen]:
        pids = {pid for (pid,) in self._warehouse.execute(_PROBE_BACKENDS).fetchall()}
        return [process for process in seen if process.pid in pids]

    def _usage(self) -> Usage:
        self._warehouse.close()
        return Usage(
            seconds=monotonic() - self._began,
            lab=self._ledgers["lab"].spent,
            agent=self._ledgers["agent"].spent,
            probes=self._ledgers["probes"].spent,
            api_server=self._ledgers["airflow_api_server"].spent,
            control_db=self._ledgers["control_db"].spent,
            agent_resident=max(resident for resident, _ in self._memory),
            agent_proportional=max(proportional for _, proportional in self._memory),
        )
