"""Acts on Airflow through its REST API: clears tasks, starts and removes runs, sizes pools."""

from collections.abc import Callable

from include.chaos.model import Component, Target, TargetInstance
from include.chaos.platforms.airflow import AirflowClient, PoolState, TaskState
from include.chaos.platforms.waiting import await_condition
from include.chaos.run_place import RunPlace
from include.errors import PlatformError

TAKES_SECONDS = 10.0
END_SECONDS = 60.0
"""How long a run that is marked failed may take to end its processes; its supervisors hear of it at a heartbeat."""

_POLL_SECONDS = 0.1


class AirflowControl:
    """One Airflow; `lives` tells whether a process that it names is still there."""

    def __init__(self, airflow: AirflowClient, lives: Callable[[int], bool]) -> None:
        """Remember where Airflow is; nothing is asked yet."""
        self._airflow = airflow
        self._lives = lives

    def find_pools(self, target: Target) -> tuple[TargetInstance, ...]:
        """Find the pools that a target names; raise `PlatformError` when there are none."""
        known = self._airflow.pools()
        chosen = [pool for pool in known if not target.instances or pool.name in target.instances]
        if not chosen:
            there = ", ".join(pool.name for pool in known) or "none"
            raise PlatformError(f"target {target.component}: Airflow has no such pool; there are: {there}")
        return tuple(TargetInstance(name=pool.name, component=Component.AIRFLOW_POOL) for pool in chosen)

    def slots(self, instance: TargetInstance) -> int | None:
        """Give the pool's slots, -1 for any number, or None when it is not there."""
        pool = self._pool(instance)
        return pool.slots if pool else None

    def resize(self, instance: TargetInstance, slots: int) -> None:
        """Give it so many, and see that it has them."""
        if (pool := self._pool(instance)) is None:
            raise PlatformError(f"pool {instance.name}: Airflow does not have it any more")
        self._airflow.resize(pool, slots)
        if (there := self.slots(instance)) != slots:
            raise PlatformError(f"pool {instance.name}: expected {slots} slots after the change, Airflow says {there}")

    def running_try(self, instance: TargetInstance) -> int | None:
        """Give the number of the try that runs, or None when none does."""
        task = self._task(_place_of(instance))
        return task.try_number if task and task.state == "running" else None

    def clear(self, instance: TargetInstance) -> None:
        """Clear the task, and return when Airflow has taken that try for ended."""
        place, running = _place_of(instance), self.running_try(instance)
        if running is None or place.task_id is None:
            raise PlatformError(f"{instance.name}: no try of it runs, so there is nothing to clear")
        self._airflow.clear(place.dag_id, place.dag_run_id, place.task_id)
        complaint = f"{instance.name}: cleared, but Airflow still has try {running} running"
        await_condition(
            lambda: self.running_try(instance) != running,
            within=TAKES_SECONDS,
            every=_POLL_SECONDS,
            complaint=complaint,
        )

    def start_like(self, instance: TargetInstance, name: str) -> None:
        """Start a run of the same DAG with the same parameters."""
        place = _place_of(instance)
        first = self._airflow.dag_run(place.dag_id, place.dag_run_id)
        if first is None or first.ended:
            raise PlatformError(f"{instance.name}: the run is {first.state if first else 'not there'}, not active")
        self._airflow.trigger(place.dag_id, name, first.conf or {})
        if not self.is_active(instance, name):
            raise PlatformError(f"{place.dag_id}/{name}: started, but Airflow does not have it queued or running")

    def is_active(self, instance: TargetInstance, name: str) -> bool:
        """Tell whether the started run is there and has not ended."""
        run = self._airflow.dag_run(_place_of(instance).dag_id, name)
        return run is not None and not run.ended

    def remove(self, instance: TargetInstance, name: str) -> None:
        """End the started run with all its processes, and delete it.

        Marking it failed ends its tasks for Airflow at once, and their processes only some seconds later.
        """
        dag_id = _place_of(instance).dag_id
        if self._airflow.dag_run(dag_id, name) is None:
            return
        self._airflow.fail(dag_id, name)
        pids = {task.pid for task in self._airflow.tasks(dag_id, name) if task.pid}
        complaint = f"{dag_id}/{name}: marked failed, but processes of its tasks live on"
        await_condition(
            lambda: not any(map(self._lives, pids)), within=END_SECONDS, every=_POLL_SECONDS, complaint=complaint
        )
        self._airflow.delete(dag_id, name)

    def _pool(self, instance: TargetInstance) -> PoolState | None:
        return next((pool for pool in self._airflow.pools() if pool.name == instance.name), None)

    def _task(self, place: RunPlace) -> TaskState | None:
        tasks = self._airflow.tasks(place.dag_id, place.dag_run_id)
        return next((task for task in tasks if task.task_id == place.task_id), None)


def _place_of(instance: TargetInstance) -> RunPlace:
    try:
        return RunPlace.parse(instance.name)
    except ValueError as error:
        raise PlatformError(f"target {instance.name}: not a place in Airflow: {error}") from error
