"""What the waiting tasks do before, while and after they wait; each may run twice, or begin again half-way."""

import logging
import time
from collections.abc import Callable
from datetime import timedelta

from airflow.sdk.exceptions import AirflowFailException

from include.chaos.agent.run_status import RunStatus, StrikeStatus
from include.chaos.model import StrikeOutcome
from include.orchestration.agent_access import connect_agent, patient
from include.orchestration.awaited import Awaited

logger = logging.getLogger(__name__)

POLL_SECONDS = 1.0


def begin(run_id: str, awaited: Awaited) -> None:
    """Let every strike wait for its moment; what else is awaited comes by itself."""
    if awaited is Awaited.STRIKES:
        for strike in look(run_id).strikes:
            _begin_strike(run_id, strike.name)


def look(run_id: str) -> RunStatus:
    """Ask where the experiment run stands."""
    return _status(run_id)


def poll(run_id: str, awaited: Awaited, patience: timedelta | None = None) -> RunStatus:
    """Look again and again, and keep unused leases alive, until it has come or patience ends; give the last look."""
    deadline = time.monotonic() + (awaited.patience if patience is None else patience).total_seconds()
    status = look(run_id)
    while not awaited.has_come(status) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
        keep_leases(run_id, awaited, status)
        status = look(run_id)
    return status


def keep_leases(run_id: str, awaited: Awaited, status: RunStatus) -> None:
    """Put off the end of the leases that strikes still wait under."""
    if awaited is Awaited.STRIKES:
        for strike in status.strikes:
            _renew(run_id, strike.name)


def end(run_id: str, awaited: Awaited, status: RunStatus) -> None:
    """Say what came of it; a strike that was none fails the task, the judge decides about everything else."""
    _ENDINGS[awaited](run_id, status)


def _end_strikes(_run_id: str, status: RunStatus) -> None:
    if problems := [problem for strike in status.strikes if (problem := _problem_of(strike))]:
        raise AirflowFailException(f"no strike as planned: {'; '.join(problems)}")


def _end_landing(_run_id: str, status: RunStatus) -> None:
    if status.pipeline_started:
        logger.info("the pipeline's run is %s", status.dag_run_state)
    else:
        logger.warning("the pipeline was not started, so nothing will land")


def _end_steady_state(run_id: str, status: RunStatus) -> None:
    """Have the agent read, too, who brought the steady state back."""
    if status.effect_seen:
        logger.info("steady again: %s", status.steady_again)
    else:
        logger.warning("no effect was seen, so there is nothing to recover from")
    for unread in _read_records(run_id):
        logger.warning("not read: %s", unread)


_ENDINGS: dict[Awaited, Callable[[str, RunStatus], None]] = {
    Awaited.STRIKES: _end_strikes,
    Awaited.LANDING: _end_landing,
    Awaited.STEADY_STATE: _end_steady_state,
}


def _problem_of(strike: StrikeStatus) -> str | None:
    if strike.ended is None:
        return f"{strike.name} never came to an end"
    return None if strike.ended.outcome is StrikeOutcome.STRUCK else f"{strike.name}: {strike.ended.reason}"


@patient
def _status(run_id: str) -> RunStatus:
    return connect_agent().status(run_id)


@patient
def _begin_strike(run_id: str, strike: str) -> None:
    connect_agent().begin_strike(run_id, strike)


@patient
def _renew(run_id: str, strike: str) -> None:
    connect_agent().renew(run_id, strike)


@patient
def _read_records(run_id: str) -> tuple[str, ...]:
    return connect_agent().read_records(run_id).unread
