"""Claims about `chaos-control corpus`, against a real S3 server."""

import json
from pathlib import Path

import pytest
from typer import Typer
from typer.testing import CliRunner

from include.scale.commands import app, instruments
from include.scale.corpus import generate_corpus
from include.scale.object_store import list_objects
from tests.scale.conftest import Bucket


@pytest.fixture(autouse=True)
def environment(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the environment describe the bucket's server, for the project and for AWS clients."""
    for variable, value in bucket.settings.to_environment().items():
        monkeypatch.setenv(variable, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", bucket.settings.endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", bucket.settings.access_key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", bucket.settings.secret_access_key.get_secret_value())
    monkeypatch.setenv("AWS_REGION", bucket.settings.region)


def run(*arguments: str) -> None:
    """Run the command and expect it to succeed."""
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output


def listing(bucket: Bucket) -> dict[str, str]:
    """Give the ETag of every key."""
    return {listed.key: listed.etag for listed in list_objects(bucket.store, "")}


def test_generating_again_leaves_the_bucket_equal(bucket: Bucket) -> None:
    """The same seed and number give the same objects, and fewer songs take the rest away."""
    run("generate", "--songs", "40", "--seed", "7", "--bucket", bucket.name)
    first = listing(bucket)
    assert len(first) == 40
    assert all(key.startswith("synthetic/7/") for key in first)
    run("generate", "--songs", "40", "--seed", "7", "--bucket", bucket.name)
    assert listing(bucket) == first
    run("generate", "--songs", "15", "--seed", "7", "--bucket", bucket.name)
    assert listing(bucket).items() < first.items()
    assert len(listing(bucket)) == 15


def test_generating_leaves_other_prefixes_alone(bucket: Bucket) -> None:
    """Only what is under the generated folder is replaced."""
    bucket.fill({"other/a.mid": b"1", "synthetic/7/old.mid": b"2"})
    run("generate", "--songs", "3", "--seed", "7", "--bucket", bucket.name)
    assert "other/a.mid" in listing(bucket)
    assert "synthetic/7/old.mid" not in listing(bucket)


def test_a_folder_is_loaded_by_relative_paths(bucket: Bucket, tmp_path: Path) -> None:
    """Songs keep their paths, odd names and all; other files stay out."""
    for name in ("a.mid", "deep/er/it's b.MIDI", "c.kar", "README.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(name.encode())
    run("load", str(tmp_path), "--bucket", bucket.name, "--prefix", "real")
    assert set(listing(bucket)) == {"real/a.mid", "real/deep/er/it's b.MIDI", "real/c.kar"}


def test_another_bucket_is_loaded(bucket: Bucket) -> None:
    """`s3://bucket/prefix` gives its songs by the paths under the prefix."""
    bucket.fill({"from/x/a.mid": b"1", "elsewhere/b.mid": b"2"})
    run("load", f"s3://{bucket.name}/from", "--bucket", bucket.name, "--prefix", "to")
    assert listing(bucket)["to/x/a.mid"] == listing(bucket)["from/x/a.mid"]
    assert "to/b.mid" not in listing(bucket)


def test_a_source_without_songs_is_an_error(bucket: Bucket, tmp_path: Path) -> None:
    """Nothing to load is said, not passed over."""
    (tmp_path / "README.md").write_text("no songs")
    result = CliRunner().invoke(app, ["load", str(tmp_path), "--bucket", bucket.name])
    assert "no songs among 1 files" in str(result.exception)


def test_instruments_tells_programs_or_the_reason_of_each_file(tmp_path: Path) -> None:
    """A song gives its programs, anything else why it is not one, in the order of the paths."""
    song, broken = generate_corpus(1, seed=1), b"not a song"
    (tmp_path / "a.mid").write_bytes(next(iter(song)).content)
    (tmp_path / "b.mid").write_bytes(broken)
    command = Typer()
    command.command()(instruments)
    printed = CliRunner().invoke(command, [str(tmp_path)])
    first, second = map(json.loads, printed.stdout.splitlines())
    assert set(first) in ({"file", "programs"}, {"file", "rejected"})
    assert second == {"file": str(tmp_path / "b.mid"), "rejected": "it does not begin with an MThd chunk"}
