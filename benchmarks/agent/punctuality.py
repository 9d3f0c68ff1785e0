"""Strikes: when they were asked for, and when they were done.

From the journal alone. Each series is one experiment on one run of Scale; the agent waits for all its strikes at once,
and each strikes at its own time after the stage's start was seen, while no other holds. The error of a start is the
time from `strike_point_reached` to `injected`, less the `after` that was asked for; that of a hold is the time from
`hold_started` to `recovery_started`, less `hold_for`. Both are sizes: early is as wrong as late. `noop` does nothing,
so that its errors are the engine's own; another fault adds what it takes to do it and to see it done. Before a strike
is due, its stage must be seen to run: that lag is the interval at which Airflow is asked, and what Airflow takes.

What bounds a start is the thread's waking, one write to disk for `strike_point_reached` and one for
`injection_prepared`, all strikes of a series behind each other for the first; what bounds a hold is the waking alone.
The agent's CPU and memory are those of its process and its children, from the run's start to the last strike's end.
"""

from collections.abc import Iterator
from datetime import timedelta

from benchmarks.agent.conduct import Ran, run_struck
from benchmarks.agent.experiments import striking
from benchmarks.agent.scope import AgentScope, Series
from benchmarks.agent.timing import read_timings, spread
from benchmarks.lines import Line
from benchmarks.measured import number
from benchmarks.progress import tell
from include.chaos.statistics import DurationStatistics


def measure(scope: AgentScope) -> Iterator[Line]:
    """Carry out every series."""
    for series in scope.series:
        what = f"{series.strikes} x `{series.fault.kind}` of {series.component}, {_seconds(series.hold_for)} each"
        tell(what)
        ran = run_struck(
            scope.site,
            striking(
                series.fault,
                series.component,
                strikes=series.strikes,
                every=series.every,
                hold_for=series.hold_for,
            ),
        )
        yield from _lines(what, series, ran)


def _lines(what: str, series: Series, ran: Ran) -> Iterator[Line]:
    timings = read_timings(ran.entries)
    struck = len(timings)
    yield Line(
        what=f"{what}: start, error",
        ours=told_quantiles(spread(timing.start_error for timing in timings)),
        target="all strike",
        met=struck == series.strikes,
        note=f"{struck} of {series.strikes} struck and were held, {_seconds(series.every)} apart",
    )
    yield Line(what=f"{what}: hold, error", ours=told_quantiles(spread(timing.hold_error for timing in timings)))
    yield Line(
        what=f"{what}: from the stage's own start to `strike_point_reached`",
        ours=told_quantiles(spread(timing.lag for timing in timings)),
        note="one start of the stage for all strikes",
    )
    usage = ran.usage
    yield Line(
        what=f"{what}: CPU of the agent",
        ours=f"{usage.agent / usage.seconds:.1%} of a core",
        note=f"{number(usage.agent)} s in {number(usage.seconds)} s",
    )
    yield Line(
        what=f"{what}: memory of the agent",
        ours=f"{usage.agent_proportional / 2**20:.0f} MiB",
        note=f"peak PSS; RSS {usage.agent_resident / 2**20:.0f} MiB",
    )


def told_quantiles(statistics: DurationStatistics) -> str:
    """Spell quantiles out, in milliseconds."""
    quantiles = {"p50": statistics.p50, "p95": statistics.p95, "max": statistics.max}
    return ", ".join(f"{name} {_milliseconds(value)}" for name, value in quantiles.items())


def _milliseconds(duration: timedelta | None) -> str:
    return "not seen" if duration is None else f"{number(duration.total_seconds() * 1000)} ms"


def _seconds(duration: timedelta) -> str:
    return f"{duration.total_seconds():g} s"
