"""Changes the limit of open files of a lab's running processes.

It is done by prlimit(1) as the process's own account: one's own processes need no right for that, and root of a
container may lack the one that it would need for another account's, such as PostgreSQL's.
"""

import os
import re
import subprocess
from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path

import psutil

from include.chaos.model import TargetInstance
from include.chaos.platforms.local_processes import LocalProcesses
from include.chaos.platforms.local_supervisor import same_process
from include.errors import PlatformError

_LIMIT = re.compile(r"^Max open files\s+(\d+)", re.MULTILINE)
_SECONDS = 10


class LocalLimits(LocalProcesses):
    """Reads and sets soft limits; the hard one stays, so that what is lowered can be raised again."""

    def descriptor_limit(self, instance: TargetInstance) -> int:
        """Give the limit that holds for that very process; raise `PlatformError` when it has ended."""
        try:
            found = _LIMIT.search(Path(f"/proc/{same_process(instance).pid}/limits").read_text())
        except OSError as error:
            raise PlatformError(f"{instance.name}: its limit of open files cannot be read: {error}") from error
        if found is None:
            raise PlatformError(f"{instance.name}: the kernel tells no limit of open files")
        return int(found[1])

    def lowest_free_descriptors(self, instance: TargetInstance, count: int) -> int:
        """Give the limit under which it can open that many more, and no further one."""
        try:
            return next(islice(_free(same_process(instance).pid), count, None))
        except OSError as error:
            raise PlatformError(f"{instance.name}: its open files cannot be seen: {error}") from error

    def set_descriptor_limit(self, instance: TargetInstance, limit: int) -> None:
        """Set the limit and see it set; raise `PlatformError` when that is not allowed, or the process has ended."""
        _prlimit(same_process(instance), limit)
        if self.descriptor_limit(instance) != limit:
            raise PlatformError(f"{instance.name}: its limit of open files was not set")


def _prlimit(process: psutil.Process, limit: int) -> None:
    try:
        uid, gid = process.uids().real, process.gids().real
        as_its_account = {"user": uid, "group": gid, "extra_groups": []} if os.geteuid() == 0 else {}
        subprocess.run(
            ["prlimit", f"--pid={process.pid}", f"--nofile={limit}:"],
            check=True,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            **as_its_account,  # type: ignore[call-overload]  # a dict of arguments is beyond the overloads
        )
    except subprocess.CalledProcessError as error:
        raise PlatformError(f"pid {process.pid}: {error.stderr.strip() or error}") from error
    except (OSError, subprocess.TimeoutExpired, psutil.Error) as error:
        raise PlatformError(f"pid {process.pid}: prlimit, of util-linux, cannot be run: {error}") from error


def _free(pid: int) -> Iterator[int]:
    """Give the numbers that are not in use, lowest first: the kernel hands them out in that order."""
    used = {int(entry.name) for entry in Path(f"/proc/{pid}/fd").iterdir()}
    return (number for number in count() if number not in used)
