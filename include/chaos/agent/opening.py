"""The first entry of an experiment run's journal: all that the judge must know of the experiment."""

from include.chaos.agent.run_status import OpenRequest
from include.chaos.events import PlannedStrike, RunOpened
from include.chaos.pipeline import load_pipeline


def opening_entry(request: OpenRequest) -> RunOpened:
    """Write the first entry; raise `ConfigurationError` when the pipeline or a strike's stage does not exist."""
    experiment = request.experiment
    pipeline = load_pipeline(experiment.pipeline)
    for strike in experiment.strikes:
        pipeline.stage(strike.strike_point.stage)
    return RunOpened(
        experiment_run_id=request.experiment_run_id,
        experiment_id=request.experiment_id,
        title=experiment.title,
        pipeline=experiment.pipeline,
        dag_id=pipeline.dag_id,
        dag_run_id=request.dag_run_id,
        probes=tuple(probe.name for probe in experiment.hypothesis.steady_state.probes),
        strikes=tuple(
            PlannedStrike(
                name=s.name,
                fault=s.fault.kind,
                strike_point=s.strike_point,
                hold_for=s.hold_for,
                hinders_clients=s.fault.hinders_clients,
            )
            for s in experiment.strikes
        ),
        settle_for=experiment.hypothesis.steady_state.settle_for,
        freshness=pipeline.freshness,
        experiment=experiment.to_yaml(),
        expected_verdict=experiment.expected_verdict,
    )
