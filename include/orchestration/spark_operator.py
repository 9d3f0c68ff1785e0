"""Submitting the Spark jobs of Scale."""

from typing import Any

from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator
from airflow.sdk import Context

from include.orchestration.connections import object_store_settings, warehouse_settings
from include.settings import REPO_ROOT


class ScaleSparkOperator(SparkSubmitOperator):
    """Run `spark_jobs/<job>.py` with the warehouse and the bucket of Airflow's connections.

    Their secrets reach the driver as environment variables, added when the task runs: fields are rendered and stored
    before that. Only for client mode on standalone masters: for YARN and Kubernetes the provider would write the
    variables on the command line.
    """

    def __init__(self, *, job: str, manifest_id: str, **operator: Any) -> None:  # noqa: ANN401  # Airflow's own arguments, handed on
        """Submit `job` for one manifest; `manifest_id` is templated, the rest is any operator's."""
        super().__init__(
            application=str(REPO_ROOT / "spark_jobs" / f"{job}.py"),
            application_args=["--manifest-id", manifest_id],
            name=job,
            pool="spark",
            conf={"spark.task.maxFailures": "{{ params.spark_task_failures }}"},
            **operator,
        )

    def execute(self, context: Context) -> None:
        """Submit the job and wait for it."""
        self.env_vars = {
            "PYTHONPATH": str(REPO_ROOT),
            **warehouse_settings().to_environment(),
            **object_store_settings().to_environment(),
        }
        super().execute(context)
