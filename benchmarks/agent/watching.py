"""Being watched: what it costs the pipeline.

Watched means that an experiment run is open with the probes, the strike point and the hold of the shipped experiment
`warehouse_killed_while_landing`, at their own clocks (10 looks a second, unless the file says otherwise), and with
`noop` for its fault. Runs watched and not watched take turns, in alternating order, on the same objects; ratios are of
pairs. Both are started and awaited through the same API, once in 2 s; the DAG that conducts an experiment, whose tasks
only wait, is not part of either.

CPU is that of all processes of the lab, children that have ended included, from the run's start to its end as seen;
the probes' share is that of the warehouse's backends that serve `chaos agent: ...`. The pipeline's own is that of the
runs not watched, less what the lab uses idle in the same time. Airflow's API server and its database (which holds the
journal's mirror too) serve the run and the agent in the same processes: what the agent costs them is the difference of
the pairs, which is mostly the watcher's question each half second what the tasks do.

What bounds it is time and not work: the agent uses about as much of a core for as long as it watches, a quarter each
for asking Airflow, for the looks, and for writing them down, the rest for the mirror and its own server. So the share
is larger where a run takes long for its CPU, as on a machine that others use too.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from time import monotonic

from benchmarks.agent.conduct import Ran, run_alone, run_watched
from benchmarks.agent.experiments import watching
from benchmarks.agent.meter import Meter, Usage
from benchmarks.agent.pairs import PairedRatio
from benchmarks.agent.punctuality import told_quantiles
from benchmarks.agent.scope import AgentScope
from benchmarks.agent.timing import seen_running_after, spread
from benchmarks.lines import Line
from benchmarks.progress import tell
from include.chaos.events import ProbeSampled
from tests.e2e.site import Site

_MOST = 0.02
"""The share of the pipeline's CPU that watching it may cost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A run watched and one not, one right after the other."""

    watched: Ran
    alone: Ran

    def more(self, used: Callable[[Usage], float]) -> float:
        """Give how much more the watched run used of something."""
        return used(self.watched.usage) - used(self.alone.usage)


def measure(scope: AgentScope) -> Iterator[Line]:
    """Run the pairs."""
    tell("the lab, idle")
    idle = _idle(scope.site, scope.idle_for)
    yield from report_pairs([_run_pair(scope.site, turn) for turn in range(1, scope.pairs + 1)], idle)


def report_pairs(pairs: Sequence[Pair], idle: float) -> Iterator[Line]:
    """Say what the pairs show, on a lab that uses `idle` CPU seconds a second with nothing to do."""
    own = [_own_cpu(pair.alone.usage, idle) for pair in pairs]
    yield _cost(pairs, own)
    yield _share("of it, the agent's process", pairs, own, lambda usage: usage.agent)
    yield _share("of it, the warehouse's backends that serve it", pairs, own, lambda usage: usage.probes)
    yield _asking_airflow(pairs, own)
    yield from _slow_down(pairs)
    yield from _looks(pairs)


def _run_pair(site: Site, turn: int) -> Pair:
    tell(f"pair {turn}")
    if turn % 2:
        alone = run_alone(site)
        pair = Pair(watched=run_watched(site, watching()), alone=alone)
    else:
        pair = Pair(watched=run_watched(site, watching()), alone=run_alone(site))
    for who, ran in (("watched", pair.watched), ("not watched", pair.alone)):
        used = ran.usage
        tell(f"{who}: {ran.took.total_seconds():.1f} s; CPU of all {used.lab:.1f} s, of the agent {used.agent:.2f} s")
    return pair


def _idle(site: Site, idle_for: timedelta) -> float:
    """Give what the lab uses a second with nothing to do, without the agent."""
    until = monotonic() + idle_for.total_seconds()
    usage = Meter(site).measure_until(lambda: monotonic() >= until)
    return usage.others / usage.seconds


def _own_cpu(usage: Usage, idle: float) -> float:
    return usage.others - idle * usage.seconds


def _cost(pairs: Sequence[Pair], own: Sequence[float]) -> Line:
    shares = _shares(pairs, own, lambda usage: usage.agent + usage.probes)
    return Line(
        what="CPU of the agent and of what serves its probes / CPU of the pipeline",
        ours=f"{median(pair.watched.usage.agent + pair.watched.usage.probes for pair in pairs):.2f} s",
        theirs=f"{median(own):.1f} s",
        cpu_ratio=_percent(shares),
        target=f"< {_MOST:.0%}",
        met=median(shares) < _MOST,
        note=f"{_rate(pairs):.1%} of a core while it watches; median of {len(pairs)} runs, and half the range",
    )


def _rate(pairs: Sequence[Pair]) -> float:
    usages = [pair.watched.usage for pair in pairs]
    return median((usage.agent + usage.probes) / usage.seconds for usage in usages)


def _share(what: str, pairs: Sequence[Pair], own: Sequence[float], used: Callable[[Usage], float]) -> Line:
    return Line(
        what=what,
        ours=f"{median(used(pair.watched.usage) for pair in pairs):.2f} s",
        cpu_ratio=_percent(_shares(pairs, own, used)),
    )


def _asking_airflow(pairs: Sequence[Pair], own: Sequence[float]) -> Line:
    extra = [pair.more(lambda usage: usage.api_server + usage.control_db) for pair in pairs]
    return Line(
        what="beyond it, Airflow's API server and database: more than in the run not watched",
        ours=f"{median(extra):.2f} s",
        cpu_ratio=_percent([more / cpu for more, cpu in zip(extra, own, strict=True)]),
        note=f"of which the API server {median(pair.more(lambda usage: usage.api_server) for pair in pairs):.2f} s",
    )


def _slow_down(pairs: Sequence[Pair]) -> Iterator[Line]:
    seconds = [(pair.watched.took.total_seconds(), pair.alone.took.total_seconds()) for pair in pairs]
    cpu = [(pair.watched.usage.lab, pair.alone.usage.lab) for pair in pairs]
    for what, values in (("time of a run", seconds), ("CPU of the whole lab during a run", cpu)):
        watched, alone = [one for one, _ in values], [other for _, other in values]
        ratio = PairedRatio.of(watched, alone)
        yield Line(
            what=f"{what}, watched / not watched",
            ours=f"{median(watched):.1f} s",
            theirs=f"{median(alone):.1f} s",
            ratio=str(ratio) if values is seconds else "",
            cpu_ratio=str(ratio) if values is cpu else "",
            note=ratio.told(),
        )


def _looks(pairs: Sequence[Pair]) -> Iterator[Line]:
    samples = [entry.body for pair in pairs for entry in pair.watched.entries if isinstance(entry.body, ProbeSampled)]
    missed = sum(sample.missed for sample in samples)
    yield Line(
        what="looks that a probe's clock owed and could not take",
        ours=f"{missed / (missed + len(samples)):.1%}",
        note=f"{missed:,} of {missed + len(samples):,}; of those taken, {sum(not s.measurement.ok for s in samples)} "
        "found something out of tolerance",
    )
    lags = [lag for pair in pairs for lag in seen_running_after(pair.watched.entries)]
    yield Line(
        what="from a stage's own start until it is seen to run",
        ours=told_quantiles(spread(lags)),
        note=f"{len(lags)} stages of {len(pairs)} runs",
    )


def _shares(pairs: Sequence[Pair], own: Sequence[float], used: Callable[[Usage], float]) -> list[float]:
    return [used(pair.watched.usage) / cpu for pair, cpu in zip(pairs, own, strict=True)]


def _percent(shares: Sequence[float]) -> str:
    return f"{median(shares):.1%} ±{(max(shares) - min(shares)) / 2:.1%}"
