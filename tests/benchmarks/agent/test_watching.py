"""What is said of runs watched and not watched."""

from dataclasses import replace
from datetime import timedelta

from benchmarks.agent.conduct import Ran
from benchmarks.agent.meter import Usage
from benchmarks.agent.watching import Pair, report_pairs
from benchmarks.lines import Line
from tests.chaos.journals import passing

IDLE = 0.05
ALONE = Ran(
    took=timedelta(seconds=40),
    usage=Usage(
        seconds=40.0,
        lab=42.1,
        agent=0.1,
        probes=0.0,
        api_server=1.0,
        control_db=1.0,
        agent_resident=80 * 2**20,
        agent_proportional=60 * 2**20,
    ),
)
WATCHED = Ran(
    took=timedelta(seconds=41),
    usage=replace(ALONE.usage, lab=44.0, agent=0.4, probes=0.2, api_server=1.6, control_db=1.2),
    entries=tuple(passing()),
)


def lines(*pairs: Pair) -> dict[str, Line]:
    return {line.what: line for line in report_pairs(pairs, IDLE)}


def test_the_pipelines_cpu_is_without_the_agent_and_without_what_the_lab_uses_idle() -> None:
    """42.1 s, less 0.1 s of the agent and 40 s of idling at 0.05: else a busy lab would make the agent look cheap."""
    cost, *_ = report_pairs([Pair(watched=WATCHED, alone=ALONE)], IDLE)
    assert (cost.ours, cost.theirs, cost.cpu_ratio) == ("0.60 s", "40.0 s", "1.5% ±0.0%")
    assert cost.met


def test_the_median_decides_and_the_target_can_be_missed() -> None:
    """Two of three are above 2 %."""
    dear = Pair(watched=replace(WATCHED, usage=replace(WATCHED.usage, agent=0.9)), alone=ALONE)
    cost, *_ = report_pairs([dear, Pair(watched=WATCHED, alone=ALONE), dear], IDLE)
    assert cost.met is False


def test_what_airflow_spends_on_the_agent_is_the_difference_of_a_pair() -> None:
    """Its processes serve the run too, so that nothing else can be told."""
    airflow = next(line for what, line in lines(Pair(watched=WATCHED, alone=ALONE)).items() if "Airflow" in what)
    assert (airflow.ours, airflow.cpu_ratio) == ("0.80 s", "2.0% ±0.0%")


def test_slower_is_above_one() -> None:
    """A ratio is watched by not watched."""
    told = lines(Pair(watched=WATCHED, alone=ALONE))
    assert told["time of a run, watched / not watched"].ratio.startswith("1.025x")
    assert told["CPU of the whole lab during a run, watched / not watched"].cpu_ratio.startswith("1.045x")
