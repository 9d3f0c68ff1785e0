"""Thousands of journals in a moment: a few runs written by the models, copied with other ids, times and verdicts."""

import random
import re
import zlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from include.chaos import events as e
from include.chaos.agent.catalogue import Catalogue
from include.chaos.model import Measurement, VerdictValue
from include.chaos.run_overview import PlannedExperiment
from tests.chaos import journals

NEWEST = datetime(2026, 11, 24, 22, 0, tzinfo=journals.START.tzinfo)
"""When the last of them begins; the others lie before it, twelve minutes apart."""

_EVERY = timedelta(minutes=12)
_CHANCES = {
    VerdictValue.PASSED: 0.83,
    VerdictValue.FAILED: 0.07,
    VerdictValue.NOT_EXERCISED: 0.06,
    VerdictValue.INCONCLUSIVE: 0.04,
}
_REASONS = {
    VerdictValue.PASSED: "every row landed intact",
    VerdictValue.FAILED: "2 rows of filename_instrument are lost",
    VerdictValue.NOT_EXERCISED: "no probe saw an effect of strike kill",
    VerdictValue.INCONCLUSIVE: "the rows could not be compared: connection refused",
}
_BEGINS = f"{journals.START:%Y-%m-%dT%H:%M:}"
_LINE = re.compile(r',"crc":"[0-9a-f]{8}"}$')


def plant(folder: Path, count: int, seed: int = 7) -> list[str]:
    """Write so many closed runs of the shipped experiments; give their ids, oldest first.

    The last experiment of the catalogue is never run.
    """
    folder.mkdir(parents=True, exist_ok=True)
    chance = random.Random(seed)
    plans = Catalogue().planned()[:-1]
    templates: dict[tuple[str, VerdictValue], list[str]] = {}
    ids = []
    for number in range(count):
        plan = plans[number % len(plans)]
        verdict = _verdict(plan, chance)
        if (plan.experiment_id, verdict) not in templates:
            templates[plan.experiment_id, verdict] = _template(plan, verdict)
        begins = NEWEST - _EVERY * (count - 1 - number)
        ids.append(_write(folder, templates[plan.experiment_id, verdict], plan.experiment_id, begins))
    return ids


def _verdict(plan: PlannedExperiment, chance: random.Random) -> VerdictValue:
    if plan.expected_verdict and chance.random() < 0.9:
        return plan.expected_verdict
    [verdict] = chance.choices(list(_CHANCES), weights=list(_CHANCES.values()))
    return verdict


def _template(plan: PlannedExperiment, verdict: VerdictValue) -> list[str]:
    entries = journals.number([*_steps(plan, verdict), *_ending(verdict)])
    return [_LINE.sub("}", entry.to_line().rstrip("\n")) for entry in entries]


def _steps(plan: PlannedExperiment, verdict: VerdictValue) -> list[journals.Step]:
    """Give the passing run as one of that experiment, as far as its verdict lets it come."""
    changed = [(t, _of_experiment(body, plan, t)) for t, body in journals.passing_steps()]
    if verdict is VerdictValue.NOT_EXERCISED:
        acts = (e.Injected, e.InjectionPrepared, e.HoldStarted, e.RecoveryStarted, e.Recovered)
        return [step for step in changed if not isinstance(step[1], acts)]
    return changed


def _of_experiment(body: e.Event, plan: PlannedExperiment, t: float) -> e.Event:
    stage, fault = plan.points[0].stage, plan.points[0].fault
    match body:
        case e.RunOpened():
            [strike] = body.strikes
            point = strike.strike_point.model_copy(update={"stage": stage})
            told = {"experiment_id": plan.experiment_id, "title": plan.title, "pipeline": plan.pipeline}
            strikes = (strike.model_copy(update={"fault": fault, "strike_point": point}),)
            run = {"experiment_run_id": "RUN-ID", "dag_run_id": "chaos__RUN-ID", "dag_id": f"{plan.pipeline}_pipeline"}
            return body.model_copy(
                update={**told, **run, "strikes": strikes, "expected_verdict": plan.expected_verdict}
            )
        case e.StageObserved(stage="extract"):
            return body.model_copy(update={"stage": stage})
        case e.ProbeSampled(measurement=seen):
            return body.model_copy(update={"measurement": Measurement(value=seen.value, ok=seen.ok, latency=t / 1000)})
        case e.RowsVerified():
            return body.model_copy(update={"published_dag_run_id": "chaos__RUN-ID"})
        case _:
            return body


def _ending(verdict: VerdictValue) -> Sequence[journals.Step]:
    reached = e.VerdictReached(verdict=verdict, reasons=(_REASONS[verdict],), judged_until=90)
    return [(41.0, reached), (41.1, e.RunClosed())]


def _write(folder: Path, template: Sequence[str], experiment_id: str, begins: datetime) -> str:
    run_id = f"{experiment_id}__scheduled__{begins:%Y%m%dT%H%M%S}"
    text = []
    for line in template:
        payload = line.replace(_BEGINS, f"{begins:%Y-%m-%dT%H:%M:}").replace("RUN-ID", run_id)
        text.append(f'{payload[:-1]},"crc":"{zlib.crc32(payload.encode()):08x}"}}\n')
    (folder / f"{run_id}.jsonl").write_text("".join(text), encoding="utf8")
    return run_id
