"""Where a lab keeps what: one folder, known names, private files written whole or not at all."""

import contextlib
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from include.errors import LabError
from include.settings import REPO_ROOT

HOME_VARIABLE = "CHAOS_CONTROL_LAB"
PRIVATE = 0o600
PRIVATE_PROGRAM = 0o700
PROGRAM = 0o755


@dataclass(frozen=True, slots=True, kw_only=True)
class LabHome:
    """The folder under which everything of one lab lives."""

    path: Path

    @classmethod
    def find(cls, path: Path | None, environment: Mapping[str, str]) -> "LabHome":
        """Take the folder given, else that of `CHAOS_CONTROL_LAB`, else `.lab` in the repository."""
        named = path or environment.get(HOME_VARIABLE) or REPO_ROOT / ".lab"
        home = Path(named).expanduser().resolve()
        if ":" in str(home) or "\n" in str(home):
            raise LabError(f"{home}: a lab folder's name may hold no colon and no line break, it is part of a PATH")
        return cls(path=home)

    @property
    def data(self) -> Path:
        """What outlives a `down`: databases, objects, Airflow's home."""
        return self.path / "data"

    @property
    def logs(self) -> Path:
        """One file per program, and Airflow's folder of task logs."""
        return self.path / "logs"

    @property
    def run(self) -> Path:
        """What every start writes again."""
        return self.path / "run"

    @property
    def bin(self) -> Path:
        """Wrappers that come first on the PATH of Airflow."""
        return self.run / "bin"

    @property
    def programs(self) -> Path:
        """One private script per supervised program: its environment, secrets included, and its command."""
        return self.run / "programs"

    @property
    def launcher(self) -> Path:
        """The script through which every program is started."""
        return self.run / "launch.sh"

    @property
    def holds(self) -> Path:
        """The files that keep a component down."""
        return self.path / "holds"

    @property
    def failpoints(self) -> Path:
        """The orders for processes of pipelines that reach failpoints."""
        return self.run / "failpoints"

    @property
    def twins(self) -> Path:
        """The rows that undisturbed runs have landed, as oracles of disturbed ones."""
        return self.data / "twins"

    @property
    def agent(self) -> Path:
        """The agent's own folder: its journals."""
        return self.path / "agent"

    @property
    def fetched_java(self) -> Path:
        """Where a Java is put that had to be downloaded."""
        return self.path / "java"

    @property
    def java(self) -> Path:
        """A link to the Java in use, so that it can be named before it is found."""
        return self.run / "java"

    @property
    def site_file(self) -> Path:
        """What the local platform must know; no secrets."""
        return self.path / "site.json"

    @property
    def ports_file(self) -> Path:
        """The ports in use, by name."""
        return self.path / "ports.json"

    @property
    def credentials_file(self) -> Path:
        """Identity and secrets; private."""
        return self.path / "secrets.json"

    @property
    def supervisor_conf(self) -> Path:
        """What the supervisor reads; private, for its password."""
        return self.path / "supervisord.conf"

    @property
    def lock(self) -> Path:
        """Held by a running `up` or `down`."""
        return self.path / "lab.lock"

    def create(self) -> None:
        """Make the folders that are missing."""
        for folder in (self.data, self.logs, self.bin, self.programs, self.holds, self.agent):
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise LabError(
                    f"{folder}: {error.strerror}. Name a folder that can be written: --lab DIR or {HOME_VARIABLE}"
                ) from error

    def delete(self) -> None:
        """Delete what a lab makes, and the folder if it holds nothing else."""
        for folder in (self.data, self.logs, self.run, self.holds, self.agent, self.fetched_java):
            shutil.rmtree(folder, ignore_errors=True)
        for file in (self.site_file, self.ports_file, self.credentials_file, self.supervisor_conf, self.lock):
            file.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # not empty: somebody else's files stay
            self.path.rmdir()

    def log_of(self, name: str) -> Path:
        """Name the file that holds what a program printed."""
        return self.logs / f"{name}.log"

    def hold_of(self, name: str) -> Path:
        """Name the file that, while it holds a deadline in the future, keeps a program from starting."""
        return self.holds / name


def write_whole(path: Path, text: str, *, mode: int) -> None:
    """Replace `path` in one step by a file that had `mode` from its first byte on."""
    partial = path.with_name(f"{path.name}.partial")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as file:
        file.write(text)
        os.fchmod(file.fileno(), mode)
    partial.replace(path)


def last_lines(path: Path, lines: int) -> str:
    """Read the last `lines` lines of a text file; empty when there is no such file."""
    if not path.exists():
        return ""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 400 * lines))
        return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])
