"""A pipeline's run that is to do without Airflow's retries."""

from airflow.sdk import Context
from airflow.sdk.exceptions import AirflowFailException


def give_up_if_tried_before(context: Context) -> None:
    """Fail a second try before it does anything, where the run's parameter `task_retries` is off.

    Not even a task whose process was killed gets around this; what it had begun stays as it is.
    """
    if not context["params"]["task_retries"] and context["ti"].try_number > 1:
        raise AirflowFailException("this run does without retries: task_retries is off")
