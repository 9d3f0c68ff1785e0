"""Recognise actions of the Chaos Toolkit that call a function, and rollbacks that call those which undo it."""

from collections.abc import Collection, Mapping, Sequence

from pydantic import JsonValue

from include.chaos.faults.python import Python, PythonCall
from include.chaos.interop.chaos_toolkit_experiment import Activity, PythonProvider, Step, is_known
from include.chaos.interop.no_equal import NoEqualError
from include.chaos.interop.probe_import import require_known_values


def find_calls(
    action: Activity,
    rollbacks: Sequence[Step],
    configuration: Mapping[str, JsonValue],
    runtime_names: Collection[str],
) -> Python | None:
    """Give the fault that calls what an action and its rollbacks call; None where none of that is a function.

    Raises `NoEqualError` when a call needs what only their run time knows.
    """
    calls = [_call_of(activity, configuration) for activity in (action, *rollbacks)]
    if len(calls) < 2 or not all(calls):  # noqa: PLR2004  # the act, and at least one that undoes it
        return None
    for activity in (action, *rollbacks):
        if isinstance(activity, Activity):
            require_known_values(activity, runtime_names)
    first, *others = [call for call in calls if call]
    return Python(inject_by=first, recover_by=tuple(others))


def _call_of(activity: Step, configuration: Mapping[str, JsonValue]) -> PythonCall | None:
    if not isinstance(activity, Activity) or not isinstance(activity.provider, PythonProvider):
        return None
    provider = activity.provider
    if provider.model_extra:
        raise NoEqualError(f"its provider says {', '.join(sorted(provider.model_extra))}")
    known = {name: value for name, value in configuration.items() if is_known(value)}
    return PythonCall(
        module=provider.module, func=provider.func, arguments=dict(provider.arguments), configuration=dict(known)
    )
