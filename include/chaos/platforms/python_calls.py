"""Call functions of allowed modules, each in a process of its own, by the interpreter that the agent runs on."""

import json
import sys
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from pydantic import JsonValue

from include.chaos.faults.python import PythonCall
from include.chaos.interop import call_python
from include.chaos.platforms.commands import ProgramRunner
from include.errors import PlatformError

_LIMIT = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowedPython:
    """Calls what lies in one of these modules, or below; nothing else."""

    allowed: Collection[str]

    def call(self, call: PythonCall, timeout: timedelta) -> JsonValue:
        """Give what the function gives; raise `PlatformError` when it is not allowed, raises, hangs or is not there."""
        self._require_allowed(call)
        asked = json.dumps(call.model_dump(mode="json"))
        command = (sys.executable, "-m", call_python.__name__, asked)
        end = ProgramRunner().run(command, variables=(), timeout=timeout.total_seconds(), limit=_LIMIT)
        if end.exit_code:
            raise PlatformError(f"{call.module}.{call.func}: failed with exit code {end.exit_code}")
        value: JsonValue = json.loads(end.stdout)["value"]
        return value

    def _require_allowed(self, call: PythonCall) -> None:
        if not any(call.module == allowed or call.module.startswith(f"{allowed}.") for allowed in self.allowed):
            raise PlatformError(
                f"{call.module}.{call.func}: the module is not in CHAOS_GUARDRAIL_ALLOWED_MODULES of this agent"
            )
