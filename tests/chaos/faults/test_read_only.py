"""A setting that does not reach the pipeline's role is no strike."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from include.chaos.events import InjectionPrepared
from include.chaos.faults.read_only import ReadOnly
from include.chaos.model import Component, TargetInstance
from include.errors import PlatformError

WAREHOUSE = TargetInstance(name="warehouse", component=Component.WAREHOUSE)


@dataclass
class Settings:
    """A server's configuration, and whether the pipeline's role goes by it."""

    reaches_role: bool = True
    value: str | None = None
    cuts: int = 0

    def configured(self, instance: TargetInstance, name: str) -> str | None:
        return self.value

    def configure(self, instance: TargetInstance, name: str, value: str) -> None:
        self.value = value

    def restore(self, instance: TargetInstance, name: str, former: str | None) -> None:
        self.value = former

    def seen_by_pipeline(self, instance: TargetInstance, name: str) -> str:
        return self.value or "off" if self.reaches_role else "off"

    def cut_transactions(self, instance: TargetInstance) -> None:
        self.cuts += 1


def prepared(fault: ReadOnly, settings: Settings) -> InjectionPrepared:
    return InjectionPrepared(
        injection_id="1",
        lease_id="lease",
        strike="strike",
        instance=WAREHOUSE,
        hold_for=timedelta(seconds=5),
        hold_until=datetime.now(UTC),
        saved=fault.prepare(WAREHOUSE, settings),
    )


@pytest.mark.parametrize("former", [None, "off", "on"])
def test_the_former_setting_comes_back(former: str | None) -> None:
    """Whatever it was, and from what the journal keeps alone."""
    fault, settings = ReadOnly(), Settings(value=former)
    injection = InjectionPrepared.model_validate_json(prepared(fault, settings).model_dump_json())
    fault.inject(injection, settings)
    assert (settings.value, settings.cuts) == ("on", 1)
    fault.recover(injection, settings)
    assert settings.value == former


def test_a_role_that_is_not_reached_is_not_struck() -> None:
    """Nobody is cut off, and the undo takes the setting back."""
    fault, settings = ReadOnly(), Settings(reaches_role=False)
    injection = prepared(fault, settings)
    with pytest.raises(PlatformError, match="of its own"):
        fault.inject(injection, settings)
    fault.recover(injection, settings)
    assert (settings.value, settings.cuts) == (None, 0)
