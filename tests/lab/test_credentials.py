"""Secrets: generated once, private, and never shown by accident."""

import json
import stat
from pathlib import Path

import pytest

from include.errors import LabError
from include.lab.credentials import Credentials


def test_credentials_are_generated_once(tmp_path: Path) -> None:
    """A second start has the same passwords."""
    first = Credentials.read_or_generate(tmp_path / "secrets.json")
    assert Credentials.read_or_generate(tmp_path / "secrets.json") == first


def test_the_file_is_private(tmp_path: Path) -> None:
    """Only its owner reads it."""
    Credentials.read_or_generate(tmp_path / "secrets.json")
    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600


def test_labs_share_no_secret() -> None:
    """Each lab has an identity and passwords of its own."""
    one, other = Credentials().model_dump().values(), Credentials().model_dump().values()
    assert set(one).isdisjoint(other)
    assert len(set(one)) == len(one)


def test_a_field_that_an_older_lab_lacks_is_added_and_kept(tmp_path: Path) -> None:
    """An upgrade keeps all other passwords."""
    path = tmp_path / "secrets.json"
    old = Credentials.read_or_generate(path).model_dump(exclude={"spark"})
    path.write_text(json.dumps(old))
    upgraded = Credentials.read_or_generate(path)
    assert old.items() <= upgraded.model_dump().items()
    assert Credentials.read(path) == upgraded


def test_a_damaged_file_is_named_and_not_quoted(tmp_path: Path) -> None:
    """The error helps without showing what is in the file."""
    path = tmp_path / "secrets.json"
    path.write_text(json.dumps({"warehouse": "hunter2", "colour": "hunter2"}))
    with pytest.raises(LabError, match=r"secrets\.json.*colour") as caught:
        Credentials.read(path)
    assert "hunter2" not in str(caught.value)


def test_secrets_do_not_show_in_a_representation() -> None:
    """A traceback or a log line may hold the object."""
    credentials = Credentials()
    shown = repr(credentials)
    assert not [secret for secret in credentials.model_dump(exclude={"lab_id"}).values() if secret in shown]
