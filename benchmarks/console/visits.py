"""Each page, as its visitor waits for it.

One visitor who opens a page again and again; then four at once, who wait for each other as well, since the console of
one API server is one process. Times are from the request to the last byte, over connections that stay open. Airflow's
own part, which checks the login, is not in them.

The run is one of the planted; the long run has 3,000 looks of a probe. What changed is what the script of a run's page
asks for each second: everything anew, or nothing where nothing is new.
"""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus

import httpx

from benchmarks.console.servers import ConsoleServers
from benchmarks.lines import Line
from benchmarks.progress import tell

AT_ONCE = 4
BOUND_MS = 500.0
REPORT_BOUND_MS = 2000.0
"""A report is made whole, with its plots, for whoever opens it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitScope:
    """What is visited, how often, and runs that are there."""

    servers: ConsoleServers
    visits: int
    run_id: str
    long_run_id: str
    entries: int

    def pages(self) -> Iterator[tuple[str, str, float]]:
        """Give each page's name and address, and how quick it is to be."""
        yield "experiments, at a glance", "/", BOUND_MS
        yield "one experiment", "/experiments/straggler", BOUND_MS
        yield "runs, the newest", "/runs", BOUND_MS
        yield "runs, the oldest", "/runs?offset=9950", BOUND_MS
        yield "runs of one cell", "/runs?pipeline=scale&stage=publish&fault=crash&verdict=failed", BOUND_MS
        yield "coverage", "/coverage", BOUND_MS
        yield "leases and halt", "/leases", BOUND_MS
        yield "the agent", "/agent", BOUND_MS
        yield "a run", f"/runs/{self.run_id}", BOUND_MS
        yield "a long run", f"/runs/{self.long_run_id}", BOUND_MS
        yield "a run: what changed, all", f"/runs/{self.run_id}/live?seen=1", BOUND_MS
        yield "a run: what changed, nothing", f"/runs/{self.run_id}/live?seen={self.entries}", BOUND_MS
        yield "a run's report", f"/runs/{self.run_id}/report", REPORT_BOUND_MS
        yield "a long run's report", f"/runs/{self.long_run_id}/report", REPORT_BOUND_MS


def measure(scope: VisitScope) -> Iterator[Line]:
    """Visit each page, alone and with others."""
    for name, path, bound in scope.pages():
        tell(name)
        alone = _visit(scope, path, scope.visits)
        together = _visit_together(scope, path)
        yield Line(
            what=name,
            ours=_say(alone),
            theirs=_say(together),
            target=f"p95 < {bound:,.0f} ms",
            met=quantile(alone, 0.95) < bound,
        )


def _visit_together(scope: VisitScope, path: str) -> list[float]:
    with ThreadPoolExecutor(AT_ONCE) as visitors:
        visits = [visitors.submit(_visit, scope, path, scope.visits // AT_ONCE) for _ in range(AT_ONCE)]
    return [took for visit in visits for took in visit.result()]


def _visit(scope: VisitScope, path: str, count: int) -> list[float]:
    """Give the milliseconds that each visit took; the first of all is left out."""
    times = []
    with httpx.Client(headers={"who": "anna"}, timeout=60, trust_env=False) as browser:
        for _ in range(count + 1):
            began = time.perf_counter()
            answer = browser.get(scope.servers.url + path)
            times.append(1000 * (time.perf_counter() - began))
            if answer.status_code != HTTPStatus.OK:
                raise RuntimeError(f"{path}: {answer.status_code} {answer.text[-300:]}")
    return times[1:]


def quantile(times: list[float], share: float) -> float:
    """Give the time within which that share of visits was answered."""
    return sorted(times)[min(len(times) - 1, int(share * len(times)))]


def _say(times: list[float]) -> str:
    return f"p50 {quantile(times, 0.5):,.0f} ms, p95 {quantile(times, 0.95):,.0f} ms"
