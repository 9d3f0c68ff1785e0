"""What the tasks of an experiment's DAG do beside waiting: ask the agent, verify, judge.

Every function may run twice, or again after the task before it died half-way: the agent's calls are idempotent.
"""

import logging
import os
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, datetime

from airflow.sdk.exceptions import AirflowFailException

from include.chaos.agent.planning import Plan
from include.chaos.agent.run_status import OpenRequest, RunStatus
from include.chaos.dry_run import StrikePlan
from include.chaos.events import BaselineRowsVerified, TwinFound, VerdictReached, VerificationFailed
from include.chaos.experiment import Experiment, load_experiment
from include.chaos.journal import parse_journal
from include.chaos.kept_twins import RunUnderTest
from include.chaos.layers import Layer
from include.chaos.model import VerdictValue
from include.chaos.oracle_check import check_oracle, read_agreement
from include.chaos.oracles import OracleWorld, expected_lines
from include.chaos.overrides import change_experiment
from include.chaos.pipeline import Pipeline, load_pipeline
from include.chaos.platforms.airflow import Parameters
from include.chaos.platforms.landed_rows import LandedRows
from include.chaos.platforms.source_rows import SourceRows
from include.chaos.verdict import judge
from include.chaos.verification import verify_landing
from include.errors import ConfigurationError, PlatformError
from include.orchestration.agent_access import connect_agent as _agent
from include.orchestration.agent_access import patient as _patient
from include.orchestration.connections import connection_environment, warehouse_settings
from include.orchestration.names import pipeline_dag_run_id
from include.orchestration.trigger_form import DRY_RUN, PIPELINE_CONF, read_changes
from include.orchestration.window_moments import why_not
from include.orchestration.windows import load_window
from include.settings import TwinSettings

logger = logging.getLogger(__name__)

ORACLE_CHECK_SECONDS = 60
"""An oracle that takes longer is not held against an undisturbed run before each experiment; a note says so."""

VERIFICATION_STATEMENT_SECONDS = 1800
"""A relation is digested whole, and may be large; probes are bounded more tightly."""


def may_begin(experiment_id: str, scheduled_for: datetime | None) -> bool:
    """Tell whether a run may begin now; a scheduled one may not when its moment or its window has passed."""
    if scheduled_for is None:
        return True
    window = load_window(load_experiment(experiment_id).pipeline)
    reason = why_not(window, scheduled_for, datetime.now(UTC)) if window else "the pipeline has no window any more"
    if reason:
        logger.warning("nothing is struck, and there is no verdict: %s", reason)
    return reason is None


def plan(experiment_id: str, answers: Mapping[str, object]) -> bool:
    """Log what the run will strike as its form says; tell whether it is to go on, which a dry run is not.

    What speaks against it fails the task, before anything was touched.
    """
    plan = _ask_for_plan(_as_answered(experiment_id, answers))
    for strike in plan.strikes:
        logger.info("%s", "\n".join(f"{field}: {said}" for field, said in asdict(strike).items()))
    if plan.objections:
        raise AirflowFailException(f"refused, nothing was struck: {'; '.join(plan.objections)}")
    if answers.get(DRY_RUN):
        logger.info("a dry run: nothing is struck, nothing is recorded, and there is no verdict")
    return not answers.get(DRY_RUN)


def describe_plan(experiment_id: str, answers: Mapping[str, object]) -> str:
    """Put what the run would strike now into Markdown, for a person who is to approve it; nothing is touched."""
    experiment = _as_answered(experiment_id, answers)
    plan = _ask_for_plan(experiment)
    strikes = (
        "\n".join([f"### Strike `{strike.name}`", "", *(f"- **{part}**: {said}" for part, said in _parts(strike))])
        for strike in plan.strikes
    )
    objections = [f"**Would be refused now**: {'; '.join(plan.objections)}"] if plan.objections else []
    return "\n\n".join([f"**Hypothesis**: {experiment.hypothesis.title}", *objections, *strikes])


def _parts(strike: StrikePlan) -> list[tuple[str, str]]:
    return [(part, said) for part, said in asdict(strike).items() if part != "name"]


@_patient
def measure(run_id: str, experiment_id: str, answers: Mapping[str, object]) -> None:
    """Open the experiment run as its form says and measure its steady state; an unhealthy start fails the task."""
    agent = _agent()
    request = OpenRequest(
        experiment_run_id=run_id,
        experiment_id=experiment_id,
        experiment=_as_answered(experiment_id, answers),
        dag_run_id=pipeline_dag_run_id(run_id),
    )
    agent.open(request)
    _require_sound_oracle(run_id, experiment_id, _asked_conf(answers))
    unhealthy = agent.measure_baseline(run_id).unhealthy
    if unhealthy:
        raise AirflowFailException(
            f"unhealthy before anything was done: {', '.join(unhealthy)}; nothing will be broken"
        )


@_patient
def arm_strikes(run_id: str, experiment_id: str) -> list[str]:
    """Get a lease for every strike, before the pipeline starts; give their ids."""
    agent = _agent()
    return [agent.arm(run_id, strike).lease_id for strike in _strikes(experiment_id)]


@_patient
def start(run_id: str, experiment_id: str, conf: Parameters, ablate: Sequence[str] = ()) -> None:
    """Have the pipeline's run started, without some layers."""
    pipeline = load_pipeline(load_experiment(experiment_id).pipeline)
    _agent().start_pipeline(run_id, {**pipeline.conf, **conf}, map(Layer, ablate))


@_patient
def undo(run_id: str, experiment_id: str) -> None:
    """Have every strike undone, whatever came before; fail while that is not confirmed."""
    agent = _agent()
    confirmed = [agent.recover(run_id, strike) for strike in _strikes(experiment_id)]
    if not all(confirmed):
        raise RuntimeError("the undo is not confirmed yet; the agent goes on trying, and so does this task")


def verify(run_id: str, experiment_id: str, conf: Parameters) -> None:
    """Account for every row; what keeps that from being done is recorded, for then nothing is known of the rows."""
    if not _status(run_id).pipeline_started:
        logger.warning("the pipeline was not started, so there are no rows to verify")
        return
    pipeline = load_pipeline(load_experiment(experiment_id).pipeline)
    run = RunUnderTest(dag_run_id=pipeline_dag_run_id(run_id), conf={**pipeline.conf, **conf})
    reader = LandedRows(
        warehouse_settings(pipeline.warehouse),
        application_name="chaos: verify_landing",
        statement_seconds=VERIFICATION_STATEMENT_SECONDS,
    )
    try:
        with closing(expected_lines(pipeline, run, _oracle_world(pipeline))) as oracle_lines:
            rows = verify_landing(pipeline, run.dag_run_id, oracle_lines, reader)
    except Exception as error:
        _note_failure(run_id, error)
        raise
    finally:
        reader.close()
    _agent().note(run_id, rows)
    for told in [*rows.relations, *rows.comparisons]:
        logger.info("%s", told.model_dump_json())


@_patient
def reach_verdict(run_id: str) -> dict[str, object]:
    """Judge the run by its journal; give the `verdict_reached` event as JSON-ready data."""
    entries = parse_journal(_agent().journal(run_id), source=run_id).entries
    verdict = judge(entries)
    reached = VerdictReached(
        verdict=verdict.value, reasons=verdict.reasons, notes=verdict.notes, judged_until=len(entries)
    )
    return reached.model_dump(mode="json")


@_patient
def publish(run_id: str, verdict: Mapping[str, object]) -> None:
    """Record the verdict and close the run; anything but `passed` fails the task."""
    reached = VerdictReached.model_validate(verdict)
    _agent().close(run_id, reached)
    said = "\n".join([f"verdict: {reached.verdict}", *reached.reasons, *(f"note: {note}" for note in reached.notes)])
    logger.info("%s", said)
    if reached.verdict is not VerdictValue.PASSED:
        raise AirflowFailException(said)


def _asked_conf(answers: Mapping[str, object]) -> Parameters:
    asked = answers.get(PIPELINE_CONF)
    return dict(asked) if isinstance(asked, Mapping) else {}


def _require_sound_oracle(run_id: str, experiment_id: str, conf: Parameters) -> None:
    """Have the oracle held against an undisturbed run, where one stands; what it contradicts fails the task."""
    pipeline = load_pipeline(load_experiment(experiment_id).pipeline)
    parameters = {**pipeline.conf, **conf}
    try:
        checked = _check_oracle(pipeline, parameters, _agent().find_twin(run_id, parameters))
    except (PlatformError, ConfigurationError) as error:
        logger.warning("the oracle was not held against an undisturbed run: %s", error)
        return
    if checked is None:
        logger.warning("the oracle was not held against an undisturbed run: the rows of none stand")
        return
    _agent().note(run_id, checked)
    if not checked.intact:
        raise AirflowFailException(f"the oracle contradicts {checked.dag_run_id}, which nothing disturbed")


def _check_oracle(pipeline: Pipeline, conf: Parameters, twin: TwinFound | None) -> BaselineRowsVerified | None:
    home = TwinSettings.from_environment().home
    if twin is None:
        return read_agreement(pipeline, conf, home)
    world = _oracle_world(pipeline, ORACLE_CHECK_SECONDS)
    reader = LandedRows(
        warehouse_settings(pipeline.warehouse),
        application_name="chaos: oracle check",
        statement_seconds=ORACLE_CHECK_SECONDS,
    )
    with closing(reader):
        run = RunUnderTest(dag_run_id=twin.dag_run_id, conf=conf)
        return check_oracle(pipeline, run, lambda asked: expected_lines(pipeline, asked, world), reader, home)


def _oracle_world(pipeline: Pipeline, seconds: int = VERIFICATION_STATEMENT_SECONDS) -> OracleWorld:
    """Give what an oracle is asked with: connections of its own, a command's environment, and how long it may take."""
    named = (pipeline.warehouse, *pipeline.oracle.connections) if pipeline.oracle.command else ()
    variables = [connection_environment(conn_id) for conn_id in named]
    return OracleWorld(
        environment={**os.environ, **{name: value for found in variables for name, value in found.items()}},
        open_reader=lambda: SourceRows(
            warehouse_settings(pipeline.warehouse),
            application_name="chaos: oracle",
            statement_seconds=seconds,
        ),
        twins=TwinSettings.from_environment().home,
        seconds=seconds,
    )


def _as_answered(experiment_id: str, answers: Mapping[str, object]) -> Experiment:
    experiment = load_experiment(experiment_id)
    try:
        return change_experiment(experiment, read_changes(experiment, answers))
    except ConfigurationError as error:
        raise AirflowFailException(f"the form was refused, nothing was struck: {error}") from error


@_patient
def _ask_for_plan(experiment: Experiment) -> Plan:
    return _agent().plan(experiment)


def _strikes(experiment_id: str) -> list[str]:
    return [strike.name for strike in load_experiment(experiment_id).strikes]


@_patient
def _status(run_id: str) -> RunStatus:
    return _agent().status(run_id)


@_patient
def _note_failure(run_id: str, error: Exception) -> None:
    _agent().note(run_id, VerificationFailed(error=str(error) or repr(error)))
