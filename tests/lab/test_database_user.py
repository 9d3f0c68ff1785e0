"""PostgreSQL's account under root, with the real setpriv."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from include.errors import LabError
from include.lab.database_user import account, switch, switch_script
from include.lab.postgres import binaries

as_root = pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("setpriv"), reason="needs root and setpriv")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every account may enter, unlike pytest's."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:  # its parents must be open to all
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture
def closed_folder(open_folder: Path) -> Path:
    """A folder inside one that only its owner may enter."""
    inner = open_folder / "closed" / "data"
    inner.mkdir(parents=True)
    inner.parent.chmod(0o700)
    return inner


def user() -> pwd.struct_passwd:
    found = account()
    assert found is not None
    return found


def whoami(prefix: tuple[str, ...]) -> int:
    return int(subprocess.run([*prefix, "id", "-u"], capture_output=True, text=True, check=True).stdout)


def test_without_root_nothing_changes() -> None:
    """The usual case: the lab's own user runs PostgreSQL."""
    assert switch(None, data=Path("/nowhere"), binaries=Path("/nowhere")) == ()


@as_root
def test_root_drops_to_another_account(open_folder: Path) -> None:
    """And gives up every capability where folders are open."""
    prefix = switch(user(), data=open_folder, binaries=_open_binaries(open_folder))
    assert whoami(prefix) == user().pw_uid
    assert not [word for word in prefix if "caps" in word]


@as_root
def test_a_closed_folder_is_passed_with_one_capability(closed_folder: Path) -> None:
    """A lab in a private folder works, and its PostgreSQL still is not root."""
    prefix = switch(user(), data=closed_folder, binaries=binaries())
    assert whoami(prefix) == user().pw_uid
    assert subprocess.run([*prefix, "stat", closed_folder], capture_output=True, check=False).returncode == 0


@as_root
def test_a_folder_out_of_reach_is_named_with_the_remedy(tmp_path: Path) -> None:
    """The error says which folder, and what to set."""
    with pytest.raises(LabError, match=r"missing.*CHAOS_CONTROL_LAB="):
        switch(user(), data=tmp_path / "missing", binaries=binaries())


@as_root
def test_where_root_lacks_the_capability_the_error_is_clear(closed_folder: Path) -> None:
    """In a container without CAP_DAC_OVERRIDE no account can be let through."""
    code = (
        "import sys; from pathlib import Path\n"
        "from include.errors import LabError; from include.lab.database_user import account, switch\n"
        "try: switch(account(), data=Path(sys.argv[1]), binaries=Path(sys.argv[2]))\n"
        "except LabError as error: print(error)"
    )
    without = ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override"]
    told = subprocess.run(
        [*without, sys.executable, "-c", code, closed_folder, binaries()],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert f"cannot enter {closed_folder}" in told


def test_the_wrapper_runs_its_arguments_in_its_own_process(tmp_path: Path) -> None:
    """The supervisor's pid stays the server's."""
    script = tmp_path / "as user"
    script.write_text(switch_script(("env", "A=b c")))
    program = subprocess.Popen(["/bin/sh", script, "sh", "-c", "echo $$ $A"], stdout=subprocess.PIPE, text=True)
    printed, _ = program.communicate(timeout=20)
    assert printed.split() == [str(program.pid), "b", "c"]


@pytest.mark.parametrize(("asked", "seen"), [({}, []), ({"LAUNCH_PRELOAD": "/a lib.so"}, ["/a", "lib.so"])])
def test_the_wrapper_preloads_what_the_launcher_asks_for(
    tmp_path: Path, asked: dict[str, str], seen: list[str]
) -> None:
    """In the server only, in its own process, and whatever the library's path holds."""
    script = tmp_path / "as user"
    script.write_text(switch_script(()))
    program = subprocess.Popen(
        ["/bin/sh", script, sys.executable, "-c", "import os; print(os.getpid(), os.environ.get('LD_PRELOAD', ''))"],
        env=os.environ | asked,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # where the dynamic linker says that there is no such library
        text=True,
    )
    printed, _ = program.communicate(timeout=20)
    assert printed.split() == [str(program.pid), *seen]


def _open_binaries(folder: Path) -> Path:
    """A stand-in for PostgreSQL's programs that every account may run."""
    program = folder / "bin" / "postgres"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    return program.parent
