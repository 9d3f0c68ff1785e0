"""Find a Java that Spark runs on, or fetch one."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from include.errors import LabError

OLDEST = 17
_FETCHED = "21"

Fetch = Callable[[Path], Path]
"""Put a Java into a folder and return its home; raise `OSError` when it cannot be had."""


def find_java(folder: Path, environment: Mapping[str, str], fetch: Fetch | None = None) -> Path:
    """Return the home of a Java of at least version 17: JAVA_HOME's, PATH's, one fetched earlier, one fetched now."""
    candidates = list(_candidates(folder, environment))
    for home in candidates:
        if (java_version(home) or 0) >= OLDEST:
            return home
    seen = ", ".join(f"{home} (version {java_version(home) or 'unknown'})" for home in candidates) or "none"
    try:
        return (fetch or fetch_java)(folder)
    except OSError as error:
        raise LabError(
            f"Spark needs Java {OLDEST} or newer on JAVA_HOME or PATH. Found: {seen}. Fetching one failed: {error}. "
            "Install one (Debian: apt-get install openjdk-17-jre-headless) and run this again"
        ) from error


def java_version(home: Path) -> int | None:
    """Ask a Java for its major version; None when it does not answer like one."""
    try:
        answer = subprocess.run(
            [home / "bin" / "java", "-version"], capture_output=True, text=True, timeout=30, check=True
        ).stderr
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r'version "(?:1\.)?(\d+)', answer)
    return int(found[1]) if found else None


def fetch_java(folder: Path) -> Path:
    """Download a Java runtime into `folder` with the install-jdk package."""
    import jdk  # loads its download clients, so only when needed

    folder.mkdir(parents=True, exist_ok=True)
    try:
        return Path(jdk.install(_FETCHED, jre=True, path=str(folder)))
    except jdk.JdkError as error:
        raise OSError(str(error)) from error


def _candidates(folder: Path, environment: Mapping[str, str]) -> Iterator[Path]:
    if named := environment.get("JAVA_HOME"):
        yield Path(named)
    if found := shutil.which("java", path=environment.get("PATH", os.defpath)):
        yield Path(found).resolve().parent.parent
    yield from sorted(java.parent.parent for java in folder.glob("*/bin/java"))
