"""The rules of a site that forbid experiments, whatever their files say.

Outside the lab everything is denied that is not listed. A flag is on while a file of its name lies in the agent's
folder `flags/`; whoever handles an incident, or starts a backfill, puts it there and takes it away.
"""

from dataclasses import dataclass
from pathlib import Path

from include.chaos.experiment import Experiment
from include.errors import GuardrailError

LAB = "local"
"""The platform of the lab, which exists to be broken."""

ALWAYS_FORBIDDING = frozenset({"incident", "backfill"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteGuardrails:
    """What this agent may touch, and when."""

    flags: Path
    platform: str = LAB
    allowed_platforms: frozenset[str] = frozenset()
    allowed_targets: frozenset[str] = frozenset()

    def require_allowed(self, experiment: Experiment) -> None:
        """Raise `GuardrailError` when the site allows the experiment at no time."""
        targets = {strike.target.component for strike in experiment.strikes}
        control_plane = sorted({s.target.component for s in experiment.strikes if s.target.reaches_control_plane})
        if control_plane and not experiment.guardrails.allow_control_plane:
            raise GuardrailError(f"{', '.join(control_plane)} conducts experiments and is no target")
        if self.platform == LAB:
            return
        if self.platform not in self.allowed_platforms:
            raise GuardrailError(
                f"the platform {self.platform} is not in CHAOS_GUARDRAIL_ALLOWED_PLATFORMS of this agent"
            )
        if denied := sorted(targets - self.allowed_targets):
            raise GuardrailError(f"{', '.join(denied)} is not in CHAOS_GUARDRAIL_ALLOWED_TARGETS of this agent")

    def require_calm(self, experiment: Experiment) -> None:
        """Raise `GuardrailError` while a flag is on that forbids the experiment."""
        forbidding = ALWAYS_FORBIDDING | set(experiment.guardrails.forbidden_while)
        if flags_on := sorted(name for name in forbidding if (self.flags / name).exists()):
            raise GuardrailError(f"forbidden while {', '.join(flags_on)} is on; the flags are files in {self.flags}")
