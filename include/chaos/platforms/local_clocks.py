"""Sets the clocks of a lab's components wrong: by an order beside the hold file, which the lab's launcher follows.

The order carries a deadline. A process that is started later reads the right time, and one that runs is told by
libfaketime itself to go right then.
"""

from datetime import datetime, timedelta
from pathlib import Path

import psutil

from include.chaos.model import TargetInstance
from include.chaos.platforms.local_processes import END_SECONDS, LocalProcesses, await_condition
from include.errors import PlatformError
from include.settings import LAB_ID_VARIABLE

_LIBRARY = "libfaketimeMT.so.1"
_FOLDERS = ("/usr/lib", "/usr/lib64", "/usr/local/lib", "/opt/homebrew/lib")


def find_faketime() -> Path | None:
    """Find the library for programs with threads, where distributions put it."""
    for folder in map(Path, _FOLDERS):
        for pattern in (f"faketime/{_LIBRARY}", f"*/faketime/{_LIBRARY}"):
            if found := next(folder.glob(pattern), None):
                return found
    return None


class LocalClocks(LocalProcesses):
    """Orders wrong clocks, and tells who has one."""

    def order_skew(self, instance: TargetInstance, ahead: timedelta, until: datetime) -> None:
        """Write the order: deadline, offset in seconds, library."""
        library = find_faketime()
        if library is None:
            raise PlatformError(f"{_LIBRARY} is not on this machine: install libfaketime")
        file = self._order(instance)
        replacement = file.with_suffix(".new")
        replacement.write_text(f"{until.timestamp():.3f} {ahead.total_seconds():+.3f} {library}\n")
        replacement.replace(file)

    def cancel_skew(self, instance: TargetInstance) -> None:
        """Remove the order, if there is one."""
        self._order(instance).unlink(missing_ok=True)

    def await_loaded(self, instance: TargetInstance) -> None:
        """Return when the process that the instance has now has the library in its memory."""
        complaint = f"{instance.name}: it was restarted, and does not load {_LIBRARY}"
        await_condition(lambda: self._has_loaded(instance), END_SECONDS, complaint)

    def is_skewed(self, instance: TargetInstance) -> bool:
        """Tell whether the launcher told the process that the instance has now to read a wrong time."""
        seen: dict[str, str] = {}

        def has_environment() -> bool:
            seen.update(self._environment(instance))
            return LAB_ID_VARIABLE in seen

        await_condition(has_environment, END_SECONDS, f"{instance.name}: how it was started cannot be seen")
        return "FAKETIME" in seen

    def _environment(self, instance: TargetInstance) -> dict[str, str]:
        """Give the environment of the process that there is now; none of one that ends or becomes another program."""
        try:
            return psutil.Process(self.resolve_again(instance).pid).environ()
        except (PlatformError, psutil.Error):
            return {}

    def _has_loaded(self, instance: TargetInstance) -> bool:
        try:
            mapped = psutil.Process(self.resolve_again(instance).pid).memory_maps()
        except psutil.NoSuchProcess:
            return False
        except psutil.AccessDenied as error:
            raise PlatformError(f"{instance.name}: what it has loaded cannot be seen: {error}") from error
        return any(Path(one.path).name == _LIBRARY for one in mapped)

    def _order(self, instance: TargetInstance) -> Path:
        hold_file = self._component(instance).hold_file
        return hold_file.with_name(f"{hold_file.name}.clock")
