"""Reports to be rendered: one as it should be, one of a hostile journal, one of very many looks."""

from datetime import timedelta

from include.chaos import events as e
from include.chaos.journal import JournalEntry
from include.chaos.model import RelationAccount, RowOutcome, StrikePoint, VerdictValue
from include.chaos.reports.content import Report, build_report
from include.chaos.reports.runs import SetReport, build_set_report
from tests.chaos import journals

HOSTILE = "</script><script>alert(1)</script><a href='http://evil.example/'>x</a> | `*_\" & \n# {{ 7 * 7 }}"
"""What a name could be, if somebody wished us ill."""


def hostile() -> list[JournalEntry]:
    """Give a run in which every text that a journal can hold is hostile."""
    account = RelationAccount(
        relation=HOSTILE, expected=3, landed=2, lost=1, duplicated=1, samples={RowOutcome.LOST: (HOSTILE,)}
    )
    strike = e.PlannedStrike(
        name=HOSTILE,
        fault=HOSTILE,
        strike_point=StrikePoint(stage=HOSTILE, staged_rows=0.5),
        hold_for=timedelta(seconds=5),
    )
    texts = {"name": HOSTILE, "strike": HOSTILE, "probe": HOSTILE, "stage": HOSTILE, "title": HOSTILE, "what": HOSTILE}
    opened = {
        "experiment_run_id": HOSTILE,
        "experiment_id": HOSTILE,
        "pipeline": HOSTILE,
        "dag_id": HOSTILE,
        "probes": (HOSTILE,),
        "strikes": (strike,),
    }

    def change(_t: float, body: e.Event) -> e.Event:
        if isinstance(body, e.RowsVerified):
            return journals.rows(account, published=HOSTILE)
        update: dict[str, object] = {name: text for name, text in texts.items() if name in type(body).model_fields}
        if isinstance(body, e.RunOpened):
            update |= opened
        if isinstance(body, e.PipelineStarted):
            update["conf"] = {HOSTILE: HOSTILE}
        if isinstance(body, e.InjectionPrepared | e.Injected):
            update["instance"] = body.instance.model_copy(update={"name": HOSTILE})
        if isinstance(body, e.LeaseArmed):
            update["lease"] = body.lease.model_copy(update={"strike": HOSTILE})
        if isinstance(body, e.ProbeSampled):
            update["measurement"] = body.measurement.model_copy(update={"error": HOSTILE})
        return body.model_copy(update=update)

    return journals.where(change)


def many_looks(count: int) -> list[JournalEntry]:
    """Give the passing run with so many looks in it; it dips twice."""
    others = [step for step in journals.passing_steps() if not isinstance(step[1], e.ProbeSampled)]
    step = 36 / count
    looks = [(4 + number * step, journals.look(ok=not 10 < 4 + number * step < 16)) for number in range(count)]
    return journals.number(sorted([*others, *looks], key=lambda timed: timed[0]))


def opened_only() -> list[JournalEntry]:
    """Give a run of which nothing is known but that it was opened."""
    return journals.number([(0, journals.opened())])


def several() -> SetReport:
    """Give three runs of one experiment, of which one never recovered."""
    values = (VerdictValue.PASSED, VerdictValue.FAILED, VerdictValue.NOT_EXERCISED)
    runs = [journals.reaching(value, run=f"run{number}") for number, value in enumerate(values)]
    return build_set_report([(run, build_report(run)) for run in runs])


def passing_report() -> Report:
    """Give the report of a run as it should be."""
    return build_report(journals.passing())
