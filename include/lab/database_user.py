"""PostgreSQL refuses to run as root: under root, it runs as another account."""

import os
import pwd
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from include.errors import LabError
from include.lab.layout import HOME_VARIABLE

_ACCOUNTS = ("postgres", "nobody")
_PASS_ANY_FOLDER = ("--inh-caps=+dac_override", "--ambient-caps=+dac_override")


def account() -> pwd.struct_passwd | None:
    """Choose the account for PostgreSQL; None when this is not root and no change is needed."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    for name in _ACCOUNTS:
        if name in known:
            return known[name]
    raise LabError(f"PostgreSQL does not run as root, and none of the accounts {', '.join(_ACCOUNTS)} exists")


def switch(user: pwd.struct_passwd | None, *, data: Path, binaries: Path) -> tuple[str, ...]:
    """Return the command prefix under which `user` can enter the data and run the binaries."""
    if user is None:
        return ()
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise LabError("PostgreSQL does not run as root, and setpriv (of util-linux) is missing to run it as another")
    drop = (setpriv, f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups")
    # A checkout in /root, or a lab in a private folder, is closed to the account unless it may pass any folder.
    for prefix in (drop, (*drop, *_PASS_ANY_FOLDER)):
        if _reaches(prefix, data=data, binaries=binaries):
            return prefix
    raise LabError(
        f"PostgreSQL does not run as root, and the account {user.pw_name} cannot enter {data} or {binaries}. "
        f"Put the lab where all may enter, e.g. {HOME_VARIABLE}=/var/tmp/chaos-lab, or do not run it as root"
    )


def switch_script(prefix: Sequence[str]) -> str:
    """Render a script that runs its arguments under `prefix`, in the same process.

    A library that the launcher wants preloaded is loaded after the switch: libfaketime opens a semaphore that has the
    process's number, and what one account has made the other may not open.
    """
    preload = '${LAUNCH_PRELOAD:+env "LD_PRELOAD=$LAUNCH_PRELOAD"}'
    return "\n".join(["#!/bin/sh", " ".join(filter(None, ["exec", shlex.join(prefix), preload, '"$@"'])), ""])


def _reaches(prefix: Sequence[str], *, data: Path, binaries: Path) -> bool:
    attempts = ([binaries / "postgres", "--version"], ["stat", f"{data}/."])
    return all(_succeeds([*prefix, *attempt]) for attempt in attempts)


def _succeeds(command: Sequence[str | Path]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0
