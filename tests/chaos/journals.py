"""Journals made by hand: a run in which everything went well, and ways to spoil it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from include.chaos import events as e
from include.chaos.journal import JournalEntry
from include.chaos.model import (
    Lease,
    ManifestAccount,
    Measurement,
    RecoveredBy,
    RelationAccount,
    StrikeOutcome,
    StrikePoint,
    TargetInstance,
    VerdictValue,
)

START = datetime(2026, 1, 1, tzinfo=UTC)
INSTANCE = TargetInstance(name="warehouse", component="warehouse", pid=7, started_at=1.0)
Step = tuple[float, e.Event]


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def opened(dag_run_id: str = "chaos__run") -> e.RunOpened:
    return e.RunOpened(
        experiment_run_id="run",
        experiment_id="warehouse_killed",
        title="The warehouse is killed",
        pipeline="scale",
        dag_id="scale_pipeline",
        dag_run_id=dag_run_id,
        probes=("answers",),
        strikes=(
            e.PlannedStrike(
                name="kill",
                fault="kill",
                strike_point=StrikePoint(stage="extract", staged_rows=0.5),
                hold_for=timedelta(seconds=5),
            ),
        ),
        settle_for=timedelta(seconds=1),
        experiment="",
    )


def look(ok: bool) -> e.ProbeSampled:  # noqa: FBT001
    return e.ProbeSampled(probe="answers", measurement=Measurement(value=1 if ok else None, ok=ok, latency=0.001))


def stage(state: str, started: float, ended: float | None = None, try_number: int = 1) -> e.StageObserved:
    return e.StageObserved(
        stage="extract",
        state=state,
        try_number=try_number,
        start_date=at(started),
        end_date=at(ended) if ended is not None else None,
    )


def rows(*relations: RelationAccount, lost: int = 0, published: str = "chaos__run") -> e.RowsVerified:
    return e.RowsVerified(
        relations=relations or (RelationAccount(relation="filename_instrument", expected=10, landed=10),),
        manifest=ManifestAccount(objects=5, landed=4 - lost, quarantined=1, lost=lost),
        manifest_digest="frozen",
        published_dag_run_id=published,
        published_at=at(30),
    )


def passing_steps() -> list[Step]:
    """A run as it should be: struck at 10 s, effect at 10.1 s, undone from 15 s, steady from 16 s, landed at 30 s."""
    lease = Lease(lease_id="L", strike="kill", instances=(INSTANCE,), expires_at=at(100))
    prepared = e.InjectionPrepared(
        injection_id="I",
        lease_id="L",
        strike="kill",
        instance=INSTANCE,
        hold_for=timedelta(seconds=5),
        hold_until=at(25),
    )
    looks: list[Step] = [(t, look(ok=not 10 < t < 16)) for t in (s / 2 + 0.1 for s in range(8, 80))]
    steps: list[Step] = [
        (0, opened()),
        (0.1, e.BaselineRowsVerified(dag_run_id="manual__1", relations=rows().relations)),
        (4, e.BaselineMeasured(unhealthy=())),
        (5, e.LeaseArmed(lease=lease)),
        (5.5, e.PipelineStarted(dag_run_id="chaos__run")),
        (6, e.StageObserved(stage="publish", state=None, try_number=0)),
        (7, stage("running", started=6.5)),
        (9.99, e.StrikePointReached(strike="kill", staged=3, expected=5)),
        (9.995, prepared),
        (10, e.Injected(injection_id="I", instance=INSTANCE)),
        (10.001, e.HoldStarted(strike="kill", until=at(15.001))),
        (15.002, e.RecoveryStarted(injection_id="I", by=RecoveredBy.HOLD_ENDED)),
        (15.4, e.Recovered(injection_id="I", by=RecoveredBy.HOLD_ENDED)),
        (15.41, e.StrikeEnded(strike="kill", outcome=StrikeOutcome.STRUCK)),
        (6.2, e.ManifestFrozen(stage="freeze_manifest", objects=5, digest="frozen")),
        (25, stage("success", started=6.5, ended=24.5)),
        (32, e.DagRunObserved(state="success", start_date=at(6), end_date=at(31))),
        (36, rows()),
    ]
    return sorted(steps + looks, key=lambda step: step[0])


def number(steps: list[Step]) -> list[JournalEntry]:
    """Turn timed events into numbered entries."""
    return [
        JournalEntry(seq=seq, at=at(seconds), mono=1000 + seconds, body=body)
        for seq, (seconds, body) in enumerate(steps, start=1)
    ]


def passing() -> list[JournalEntry]:
    return number(passing_steps())


def without(*kinds: type) -> list[JournalEntry]:
    """Give the passing run without some kinds of events."""
    return number([step for step in passing_steps() if not isinstance(step[1], kinds)])


def replacing(kind: type, replacement: e.Event) -> list[JournalEntry]:
    """Give the passing run with every event of a kind replaced."""
    return number([(t, replacement if isinstance(body, kind) else body) for t, body in passing_steps()])


def where(change: Callable[[float, e.Event], e.Event | None]) -> list[JournalEntry]:
    """Give the passing run with each event changed, or left out where `change` gives None."""
    changed = [(t, change(t, body)) for t, body in passing_steps()]
    return number([(t, body) for t, body in changed if body is not None])


def fresh_within(*, seconds: float, started: float | None = 6, published: float | None = 30) -> list[JournalEntry]:
    """The run that passed, with a limit to when it must have landed; it did so 24 s after its start."""

    def limited(_t: float, body: e.Event) -> e.Event:
        match body:
            case e.RunOpened():
                return body.model_copy(update={"freshness": timedelta(seconds=seconds)})
            case e.DagRunObserved():
                return body.model_copy(update={"start_date": at(started) if started is not None else None})
            case e.RowsVerified():
                return body.model_copy(update={"published_at": at(published) if published is not None else None})
            case _:
                return body

    return where(limited)


def reaching(verdict: VerdictValue, *, run: str) -> list[JournalEntry]:
    """Give a run of that id that the judge gives that verdict."""

    def change(t: float, body: e.Event) -> e.Event | None:
        match verdict, body:
            case _, e.RunOpened():
                return body.model_copy(update={"experiment_run_id": run})
            case VerdictValue.FAILED, e.ProbeSampled():
                return look(ok=t < 10)
            case (VerdictValue.INCONCLUSIVE, e.BaselineMeasured()) | (VerdictValue.NOT_EXERCISED, e.Injected()):
                return None
        return body

    return where(change)


def write(path: Path, entries: list[JournalEntry]) -> Path:
    path.write_text("".join(entry.to_line() for entry in entries))
    return path
