"""What the activities of an exported journal call: nothing. A journal is a record of a run, not a way to run it again.

They are here for the Chaos Toolkit, which asks of an experiment that its functions can be imported and take the
arguments that are said; whoever runs an exported experiment with it is told so instead of being shown a green run.
"""

from typing import NoReturn

from include.errors import ConfigurationError


def look(kind: str, **_parameters: object) -> NoReturn:
    """Stand for a probe."""
    raise _only_a_record(f"probe {kind}")


def strike(kind: str, **_parameters: object) -> NoReturn:
    """Stand for a fault's injection."""
    raise _only_a_record(f"fault {kind}")


def undo(kind: str, **_parameters: object) -> NoReturn:
    """Stand for a fault's undo."""
    raise _only_a_record(f"undo of {kind}")


def judge(experiment_run_id: str) -> NoReturn:
    """Stand for the judgement."""
    raise _only_a_record(f"judgement of {experiment_run_id}")


def accept(**_parameters: object) -> NoReturn:
    """Stand for a tolerance."""
    raise _only_a_record("tolerance")


def _only_a_record(what: str) -> ConfigurationError:
    return ConfigurationError(
        f"{what}: this was exported from a journal of Chaos Control as a record; run the experiment itself with "
        "`chaos-control experiment run`"
    )
