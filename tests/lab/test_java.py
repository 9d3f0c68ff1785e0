"""Which Java is taken."""

from pathlib import Path

import pytest

from include.errors import LabError
from include.lab.java import find_java, java_version


def make_java(home: Path, version: str) -> Path:
    """Write a program that answers as `java -version` does."""
    program = home / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2026-01-20' >&2\n")
    program.chmod(0o755)
    return home


def no_network(folder: Path) -> Path:
    raise OSError("no network")


@pytest.mark.parametrize(("printed", "major"), [("17.0.15", 17), ("1.8.0_392", 8), ("25", 25), ("21-ea", 21)])
def test_versions_are_read(tmp_path: Path, printed: str, major: int) -> None:
    """Old and new ways of counting are told apart."""
    assert java_version(make_java(tmp_path / "java", printed)) == major


def test_java_home_comes_before_path(tmp_path: Path) -> None:
    """What the user names is taken first."""
    named, on_path = make_java(tmp_path / "named", "21.0.1"), make_java(tmp_path / "on_path", "17.0.1")
    environment = {"JAVA_HOME": str(named), "PATH": str(on_path / "bin")}
    assert find_java(tmp_path / "fetched", environment, no_network) == named


def test_an_old_java_is_passed_over(tmp_path: Path) -> None:
    """JAVA_HOME may be kept for something else."""
    old, new = make_java(tmp_path / "old", "11.0.2"), make_java(tmp_path / "new", "17.0.1")
    environment = {"JAVA_HOME": str(old), "PATH": str(new / "bin")}
    assert find_java(tmp_path / "fetched", environment, no_network) == new


def test_a_link_on_path_leads_to_the_real_home(tmp_path: Path) -> None:
    """/usr/bin/java is a link, and /usr is no Java home."""
    home = make_java(tmp_path / "jvm", "17.0.1")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "java").symlink_to(home / "bin" / "java")
    assert find_java(tmp_path / "fetched", {"PATH": str(tmp_path / "bin")}, no_network) == home


def test_a_java_fetched_earlier_is_taken_again(tmp_path: Path) -> None:
    """Nothing is downloaded twice."""
    fetched = make_java(tmp_path / "fetched" / "jdk-21-jre", "21.0.1")
    assert find_java(tmp_path / "fetched", {"PATH": ""}, no_network) == fetched


def test_without_java_one_is_fetched(tmp_path: Path) -> None:
    """The last resort, into the lab's own folder."""
    wanted = tmp_path / "fetched"
    assert find_java(wanted, {"PATH": ""}, lambda folder: make_java(folder / "new", "21")) == wanted / "new"


def test_no_java_at_all_is_a_clear_error(tmp_path: Path) -> None:
    """It says what was found, why none was fetched, and what to install."""
    old = make_java(tmp_path / "old", "11.0.2")
    with pytest.raises(LabError, match=r"version 11.*no network.*openjdk-17-jre-headless"):
        find_java(tmp_path / "fetched", {"JAVA_HOME": str(old), "PATH": ""}, no_network)
